//go:build unix

package provider

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/iam-as-code/terraform-provider-iam/internal/store/storetest"
)

// protectAccount makes the account's file read-only until the test ends.
func protectAccount(a *testAccount) {
	dir := filepath.Dir(a.path)
	requireNoError(errors.Join(os.Chmod(a.path, 0o400), os.Chmod(dir, 0o500)))
	a.t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
}

// TestDataSources_ReadOnlyAccount checks that Terraform reads an account that it cannot write.
func TestDataSources_ReadOnlyAccount(t *testing.T) {
	if !storetest.AsOrdinaryUser(t) {
		return
	}
	a := newTestAccount(t)
	a.populate()
	protectAccount(a)
	a.run(
		expectOutput(`data "iam_credential_report" "c" {}`,
			`[for u in data.iam_credential_report.c.users : u.user if u.access_key_1_active == "true"]`,
			stringTuple("alice"), nil),
		planFails(`data "iam_user" "u" { user_name = "nobody" }`, `Not found: user "nobody"`),
	)
}

// TestDataSources_WarnOnceAboutReadOnlyAccount reads two data sources, and expects a warning from the first.
func TestDataSources_WarnOnceAboutReadOnlyAccount(t *testing.T) {
	if !storetest.AsOrdinaryUser(t) {
		return
	}
	a := newTestAccount(t)
	a.populate()
	protectAccount(a)
	s := newRPCServer(a)
	for i, name := range []string{"iam_credential_report", "iam_audit_events"} {
		resp := require(s.rpc.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: name, Config: s.object(s.schemas.DataSourceSchemas[name].ValueType(), nil),
		}))
		s.requireNoErrors(resp.Diagnostics)
		if len(resp.Diagnostics) != 1-i {
			t.Errorf("%s returned the diagnostics %v", name, resp.Diagnostics)
		}
	}
}
