//go:build unix

package engine

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/store/storetest"
)

// protectStore makes a store and its directory read-only until the test ends.
func protectStore(t *testing.T, path string) {
	t.Helper()
	dir := filepath.Dir(path)
	if err := errors.Join(os.Chmod(path, 0o400), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
}

func TestEngine_ReadOnlyStore(t *testing.T) {
	if !storetest.AsOrdinaryUser(t) {
		return
	}
	ctx := t.Context()
	path := copyStore(t, newVerifiedAccount(t))
	e := must(Open(ctx, Options{Path: path, Existing: true}))
	must(operator(e).PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: aws.String("mallory"), PolicyName: aws.String("read"), PolicyDocument: aws.String(allow("iam:Get*")),
	}))
	key := must(operator(e).CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("mallory")})).AccessKey
	checkpoint := must(operator(e).CreateAuditCheckpoint(ctx, nil)).Checkpoint
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	protectStore(t, path)
	before := must(os.ReadFile(path))

	e = must(Open(ctx, Options{Path: path, Existing: true}))
	if !e.ReadOnly() {
		t.Fatal("the engine can write to the store")
	}
	c := operator(e)
	for op := range Operations() {
		_, err := op.Do(ctx, c, op.NewInput())
		var api smithy.APIError
		switch {
		case !op.Writes() && errors.As(err, &api) && api.ErrorFault() == smithy.FaultServer:
			t.Errorf("%s reads and returned %v", op.Model().Name, err)
		case op.Writes() && err == nil:
			t.Errorf("%s writes and returned no error", op.Model().Name)
		case op.Writes() && !IsReadOnlyStore(err) && !hasErrorCode(err, "ValidationError") &&
			!hasErrorCode(err, "MissingAuthenticationToken"):
			t.Errorf("%s writes and returned %v", op.Model().Name, err)
		}
	}
	wantOutcome(t, errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")})),
		`ReadOnlyStore: The account in "`+path+`" cannot be written by this process…`)
	report := must(c.VerifyAuditTrail(ctx, &VerifyAuditTrailInput{Checkpoint: checkpoint})).Report
	if !report.OK() || !report.TailProven || report.Uncovered != 0 {
		t.Errorf("got %+v", report)
	}
	if csv := string(must(c.GetCredentialReport(ctx, nil)).Content); !strings.Contains(csv, "\nann,") {
		t.Errorf("got the report %q", csv)
	}
	mallory := must(authenticate(t, e, *key.AccessKeyId, *key.SecretAccessKey, ""))
	must(mallory.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")}))
	wantOutcome(t, errorOf(mallory.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("none")})), "NoSuchEntity: …")
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(must(os.ReadFile(path)), before) || len(must(os.ReadDir(filepath.Dir(path)))) != 2 {
		t.Error("reading changed the files of the store")
	}
}

// TestVerifyAuditTrail_UncoveredStore checks that objects without digests do not count as changed.
func TestVerifyAuditTrail_UncoveredStore(t *testing.T) {
	if !storetest.AsOrdinaryUser(t) {
		return
	}
	path := newEarlierStore(t)
	protectStore(t, path)
	report := verifyAccount(t, openTestEngine(t, Options{Path: path, Existing: true}))
	if !report.OK() || report.Uncovered != 3 ||
		!strings.HasPrefix(report.Account, "No record covers the account (3 objects) yet") {
		t.Errorf("got %+v", report)
	}
}
