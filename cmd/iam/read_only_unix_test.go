//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/store/storetest"
)

// TestCommands_ReadOnlyStore checks that an auditor can read and verify a copy that cannot be written.
func TestCommands_ReadOnlyStore(t *testing.T) {
	if !storetest.AsOrdinaryUser(t) {
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "iam.db")
	call := func(args ...string) (status int, out, errs string) {
		var stdout, stderr bytes.Buffer
		status = run(append([]string{"--store", path}, args...), strings.NewReader(""), &stdout, &stderr)
		return status, stdout.String(), stderr.String()
	}
	if status, _, errs := call("api", "CreateUser", "UserName=alice"); status != exitOK {
		t.Fatal(errs)
	}
	if err := errors.Join(os.Chmod(path, 0o400), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })

	note := "iam: " + path + " cannot be written, so the audit trail does not record this command\n"
	for _, test := range []struct{ args, want string }{
		{"audit verify", "2 records verified: nothing wrong\nThe account (3 objects) is as the audit trail says.\n"},
		{"audit list", "iam:CreateUser"},
		{"audit export -o jsonl", `"eventName":"CreateUser"`},
		{"api ListUsers", `"UserName": "alice"`},
		{"whoami", "OperatingSystemUser"},
		{"account export", `"UserName": "alice"`},
		{"limits", "users "},
		{"simulate --principal alice --action s3:GetObject", "s3:GetObject"},
	} {
		status, out, errs := call(strings.Fields(test.args)...)
		if status == exitBad || errs != note || !strings.Contains(out, test.want) {
			t.Errorf("iam %s returned status %d\n%s%s", test.args, status, out, errs)
		}
	}
	if status, _, errs := call("api", "CreateUser", "UserName=bob"); status != exitNo ||
		!strings.Contains(errs, "(ReadOnlyStore) when calling the CreateUser operation") {
		t.Errorf("creating a user returned status %d\n%s", status, errs)
	}
}
