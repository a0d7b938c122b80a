package engine

import (
	"encoding/csv"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// newEngineWithClock creates an account whose engine takes the time from now.
func newEngineWithClock(t *testing.T, now *time.Time) *Engine {
	t.Helper()
	return openTestEngine(t, Options{
		Path: filepath.Join(t.TempDir(), "iam.db"), Now: func() time.Time { return *now },
	})
}

func TestGetCredentialReport_Columns(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := newEngineWithClock(t, &now)
	c, ctx := operator(e), t.Context()

	_, err := c.GetCredentialReport(ctx, nil)
	wantOutcome(t, err, "ReportNotPresent: …")

	for _, name := range []string{"ann", "bob", "cleo"} {
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name)}))
	}
	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: aws.Int32(30)}))
	writeStore(t, e, func(tx store.Tx) error {
		ann, err := tx.Identity(store.User, "ann")
		if err != nil {
			return err
		}
		bob, err := tx.Identity(store.User, "bob")
		if err != nil {
			return err
		}
		used := now.Add(-time.Hour)
		for _, err := range []error{
			tx.InsertLoginProfile(store.LoginProfile{UserID: ann.ID, Created: now, Hash: "hash", Changed: now}),
			tx.SetPasswordLastUsed(ann.ID, used),
			tx.InsertMFADevice(store.MFADevice{Name: "d", Path: "/", Created: now, Seed: "sealed", UserID: ann.ID,
				Enabled: now}),
			tx.InsertAccessKey(store.AccessKey{ID: "AKIA2", UserID: ann.ID, Created: now.Add(time.Second), Secret: "sealed"}),
			tx.InsertAccessKey(store.AccessKey{ID: "AKIA1", UserID: ann.ID, Active: true, Created: now, Secret: "sealed",
				LastUsed: used, LastUsedService: "iam", LastUsedRegion: "us-east-1"}),
			tx.InsertLoginProfile(store.LoginProfile{UserID: bob.ID, Created: now, Hash: "hash", Changed: now}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})

	generated := must(c.GenerateCredentialReport(ctx, nil))
	if generated.State != iamtypes.ReportStateTypeStarted || aws.ToString(generated.Description) == "" {
		t.Errorf("the first GenerateCredentialReport returned %+v", generated)
	}
	report := must(c.GetCredentialReport(ctx, nil))
	if report.ReportFormat != iamtypes.ReportFormatTypeTextCsv || !report.GeneratedTime.Equal(now) {
		t.Errorf("got a report in format %s from %s", report.ReportFormat, report.GeneratedTime)
	}
	const created = "2026-03-01T12:00:00+00:00"
	want := strings.Join([]string{
		"user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation," +
			"mfa_active," +
			"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region," +
			"access_key_1_last_used_service," +
			"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region," +
			"access_key_2_last_used_service," +
			"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated",
		"<root_account>,arn:aws:iam::000000000000:root," + created +
			",not_supported,N/A,not_supported,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A," +
			"false,N/A",
		"ann,arn:aws:iam::000000000000:user/ann," + created + ",true,2026-03-01T11:00:00+00:00," + created +
			",2026-03-31T12:00:00+00:00,true,true," + created +
			",2026-03-01T11:00:00+00:00,us-east-1,iam,false,2026-03-01T12:00:01+00:00,N/A,N/A,N/A,false,N/A,false,N/A",
		"bob,arn:aws:iam::000000000000:user/bob," + created + ",true,no_information," + created +
			",2026-03-31T12:00:00+00:00,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
		"cleo,arn:aws:iam::000000000000:user/cleo," + created +
			",false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
	}, "\n")
	if string(report.Content) != want {
		t.Errorf("got report\n%s\nwant\n%s", report.Content, want)
	}

	now = now.Add(4*time.Hour - time.Second)
	if second := must(c.GenerateCredentialReport(ctx, nil)); second.State != iamtypes.ReportStateTypeComplete {
		t.Errorf("within four hours, GenerateCredentialReport returned the state %s", second.State)
	}
	must(c.GetCredentialReport(ctx, nil))
	now = now.Add(time.Second)
	_, err = c.GetCredentialReport(ctx, nil)
	wantOutcome(t, err, "ReportExpired: …")
	if third := must(c.GenerateCredentialReport(ctx, nil)); third.State != iamtypes.ReportStateTypeStarted {
		t.Errorf("after four hours, GenerateCredentialReport returned the state %s", third.State)
	}
}

func TestGetCredentialReport_MoreThanTwoKeys(t *testing.T) {
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	for _, name := range []string{"ann", "bob"} {
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name)}))
	}
	for range 4 {
		clientOf(t, e, "ann")
	}
	must(c.GenerateCredentialReport(ctx, nil))
	lines := must(csv.NewReader(strings.NewReader(string(must(c.GetCredentialReport(ctx, nil)).Content))).ReadAll())
	var lastColumn []string
	for _, line := range lines {
		lastColumn = append(lastColumn, line[len(line)-1])
	}
	if want := []string{"additional_credentials_info", "N/A", "2 more access keys: use ListAccessKeys",
		"N/A"}; !slices.Equal(lastColumn, want) {
		t.Errorf("got last column %q, want %q", lastColumn, want)
	}
}
