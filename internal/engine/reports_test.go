package engine

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func TestGetAccountSummary_CountsAndQuotas(t *testing.T) {
	e := newPopulatedEngine(t)
	storeLimits(t, e, `{"users":7,"policies":100,"versions_per_policy":3}`)
	write(t, e, func(tx store.Tx) error {
		user, err := tx.Identity(store.User, "ann")
		if err != nil {
			return err
		}
		for i, owner := range []string{"", user.ID} {
			if err := tx.InsertMFADevice(store.MFADevice{Name: fmt.Sprint("d", i), Path: "/", Created: e.now(), Seed: "sealed", UserID: owner}); err != nil {
				return err
			}
		}
		return nil
	})
	got := must(operator(e).GetAccountSummary(t.Context(), &iam.GetAccountSummaryInput{})).SummaryMap
	for name, want := range map[string]int32{
		"Users": 1, "UsersQuota": 7, "Groups": 1, "GroupsQuota": 300, "Roles": 1, "Policies": 1, "PoliciesQuota": 100,
		"PolicyVersionsInUse": 1, "PolicyVersionsInUseQuota": 10_000, "VersionsPerPolicyQuota": 3, "AttachedPoliciesPerUserQuota": 10,
		"MFADevices": 2, "MFADevicesInUse": 1, "AccountMFAEnabled": 0, "GlobalEndpointTokenVersion": 2,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %d, want %d", name, value, want)
		}
	}
	for _, name := range iamtypes.SummaryKeyType("").Values() {
		if _, ok := got[string(name)]; !ok {
			t.Errorf("the summary lacks %s", name)
		}
	}
}

// newEngineWithClock creates an account whose engine takes the time from now.
func newEngineWithClock(t *testing.T, now *time.Time) *Engine {
	t.Helper()
	e := newTestEngine(t)
	e.clock = func() time.Time { return *now }
	return e
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
	write(t, e, func(tx store.Tx) error {
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
			tx.InsertMFADevice(store.MFADevice{Name: "d", Path: "/", Created: now, Seed: "sealed", UserID: ann.ID, Enabled: now}),
			tx.InsertAccessKey(store.AccessKey{ID: "AKIA2", UserID: ann.ID, Created: now.Add(time.Second), Secret: "sealed"}),
			tx.InsertAccessKey(store.AccessKey{ID: "AKIA1", UserID: ann.ID, Active: true, Created: now, Secret: "sealed", LastUsed: used, LastUsedService: "iam", LastUsedRegion: "us-east-1"}),
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
		"user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
			"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
			"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
			"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated",
		"<root_account>,arn:aws:iam::000000000000:root," + created + ",not_supported,N/A,not_supported,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
		"ann,arn:aws:iam::000000000000:user/ann," + created + ",true,2026-03-01T11:00:00+00:00," + created + ",2026-03-31T12:00:00+00:00,true,true," + created + ",2026-03-01T11:00:00+00:00,us-east-1,iam,false,2026-03-01T12:00:01+00:00,N/A,N/A,N/A,false,N/A,false,N/A",
		"bob,arn:aws:iam::000000000000:user/bob," + created + ",true,no_information," + created + ",2026-03-31T12:00:00+00:00,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
		"cleo,arn:aws:iam::000000000000:user/cleo," + created + ",false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
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
	if want := []string{"additional_credentials_info", "N/A", "2 more access keys: use ListAccessKeys", "N/A"}; !slices.Equal(lastColumn, want) {
		t.Errorf("got last column %q, want %q", lastColumn, want)
	}
}

func TestGetAccountAuthorizationDetails_Contents(t *testing.T) {
	e := newPopulatedEngine(t)
	all := must(operator(e).GetAccountAuthorizationDetails(t.Context(), nil))
	user, group, role := all.UserDetailList[0], all.GroupDetailList[0], all.RoleDetailList[0]
	if *user.UserName != "ann" || *user.Path != "/team/" || !slices.Equal(user.GroupList, []string{"g"}) || *user.Tags[0].Value != "red" ||
		*user.UserPolicyList[0].PolicyName != "own" || *user.AttachedManagedPolicies[0].PolicyName != "Shared" || user.PermissionsBoundary != nil {
		t.Errorf("got user %+v", user)
	}
	if !strings.HasPrefix(*user.UserPolicyList[0].PolicyDocument, "%7B%22Version%22%3A%222012-10-17%22") {
		t.Errorf("got inline policy %s, want percent-encoded JSON", *user.UserPolicyList[0].PolicyDocument)
	}
	if *group.GroupPolicyList[0].PolicyName != "no-delete" || len(group.AttachedManagedPolicies) != 1 {
		t.Errorf("got group %+v", group)
	}
	if *role.PermissionsBoundary.PermissionsBoundaryArn != e.iamARN("policy/Shared") || !strings.Contains(*role.AssumeRolePolicyDocument, "user%2Fteam%2Fann") ||
		role.InstanceProfileList == nil || role.RoleLastUsed == nil || role.RolePolicyList == nil {
		t.Errorf("got role %+v", role)
	}
	var policies []string
	for _, p := range all.Policies {
		policies = append(policies, fmt.Sprintf("%s %d %d %s %d", *p.Arn, *p.AttachmentCount, *p.PermissionsBoundaryUsageCount, *p.DefaultVersionId, len(p.PolicyVersionList)))
	}
	if want := []string{e.iamARN("policy/Shared") + " 2 1 v1 1", "arn:aws:iam::aws:policy/AdministratorAccess 1 0 v1 1"}; !slices.Equal(policies, want) {
		t.Errorf("got policies %q, want %q", policies, want)
	}

	for _, test := range []struct {
		filter []iamtypes.EntityType
		want   string
	}{
		{[]iamtypes.EntityType{"User"}, "ann"},
		{[]iamtypes.EntityType{"Role", "Group"}, "g r"},
		{[]iamtypes.EntityType{"LocalManagedPolicy"}, "Shared"},
		{[]iamtypes.EntityType{"AWSManagedPolicy"}, "AdministratorAccess"},
		{nil, "ann g r Shared AdministratorAccess"},
	} {
		for _, size := range []int32{1, 2, 5, 1000} {
			var got []string
			pages := iam.NewGetAccountAuthorizationDetailsPaginator(operator(e), &iam.GetAccountAuthorizationDetailsInput{Filter: test.filter, MaxItems: aws.Int32(size)})
			for pages.HasMorePages() {
				page := must(pages.NextPage(t.Context()))
				before := len(got)
				for _, u := range page.UserDetailList {
					got = append(got, *u.UserName)
				}
				for _, g := range page.GroupDetailList {
					got = append(got, *g.GroupName)
				}
				for _, r := range page.RoleDetailList {
					got = append(got, *r.RoleName)
				}
				for _, p := range page.Policies {
					got = append(got, *p.PolicyName)
				}
				if len(got)-before > int(size) {
					t.Errorf("got a page of %d entities, want at most %d", len(got)-before, size)
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("with filter %v and pages of %d, got %q, want %q", test.filter, size, got, test.want)
			}
		}
	}
	for _, marker := range []string{"x", "OS9h"} { // invalid base64; "9/a" of a section that does not exist
		_, err := operator(e).GetAccountAuthorizationDetails(t.Context(), &iam.GetAccountAuthorizationDetailsInput{Marker: &marker})
		wantOutcome(t, err, "ValidationError: Invalid Marker…")
	}
}

func TestReportsAndSimulations_RequirePermission(t *testing.T) {
	e := newPopulatedEngine(t)
	ann := e.iamARN("user/team/ann")
	for action, call := range map[string]func(*Client) error{
		"GetAccountSummary": func(c *Client) error { return errorOf(c.GetAccountSummary(t.Context(), nil)) },
		"GetAccountAuthorizationDetails": func(c *Client) error {
			return errorOf(c.GetAccountAuthorizationDetails(t.Context(), nil))
		},
		"GenerateCredentialReport": func(c *Client) error { return errorOf(c.GenerateCredentialReport(t.Context(), nil)) },
		"GetContextKeysForCustomPolicy": func(c *Client) error {
			return errorOf(c.GetContextKeysForCustomPolicy(t.Context(), &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{allowAll}}))
		},
		"GetContextKeysForPrincipalPolicy": func(c *Client) error {
			return errorOf(c.GetContextKeysForPrincipalPolicy(t.Context(), &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &ann}))
		},
		"SimulateCustomPolicy": func(c *Client) error {
			return errorOf(c.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{ActionNames: []string{"s3:GetObject"}, PolicyInputList: []string{allowAll}}))
		},
		"SimulatePrincipalPolicy": func(c *Client) error {
			return errorOf(c.SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{ActionNames: []string{"s3:GetObject"}, PolicySourceArn: &ann}))
		},
	} {
		resource := "*"
		if strings.Contains(action, "Principal") {
			resource = ann
		}
		name := strings.ToLower(action)
		must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}))
		client := clientOf(t, e, name)
		wantOutcome(t, call(client), fmt.Sprintf("AccessDenied: User: %s is not authorized to perform: iam:%s on resource: %s …", e.iamARN("user/"+name), action, resource))
		must(operator(e).PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
			UserName: &name, PolicyName: aws.String("p"), PolicyDocument: aws.String(statement("Allow", "iam:"+action, resource, "")),
		}))
		wantOutcome(t, call(client), "")
	}
}
