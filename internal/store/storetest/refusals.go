package storetest

import (
	"errors"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// testRefusals checks that a refused write changes nothing, whether or not its function returns the error.
func testRefusals(t *testing.T, newDatabase NewDatabase) {
	anna, ben, admins := user("anna"), user("ben"), group("admins")
	full, edge := policy("Full"), policy("Edge")
	guarded := user("guarded")
	guarded.Boundary = edge.ID
	for name, test := range map[string]struct {
		do   func(tx store.Tx) error
		want error
	}{
		"user name in another case": {
			func(tx store.Tx) error { u := user("ANNA"); u.ID = "AIDA9"; return tx.InsertIdentity(u) }, store.ErrExists},
		"existing id": {
			func(tx store.Tx) error { u := group("new"); u.ID = anna.ID; return tx.InsertIdentity(u) }, store.ErrExists},
		"user with a missing boundary": {
			func(tx store.Tx) error { u := user("new"); u.Boundary = "ANPA0"; return tx.InsertIdentity(u) }, store.ErrNotFound},
		"user update to an existing name": {
			func(tx store.Tx) error { u := anna; u.Name = "Ben"; return tx.UpdateIdentity(u) }, store.ErrExists},
		"update of a missing user": {func(tx store.Tx) error { return tx.UpdateIdentity(user("nobody")) }, store.ErrNotFound},
		"update to a missing boundary": {func(tx store.Tx) error {
			u := ben
			u.Boundary = "ANPA0"
			return tx.UpdateIdentity(u)
		}, store.ErrNotFound},
		"deletion of a missing user": {func(tx store.Tx) error { return tx.DeleteIdentity("AIDA0") },
			store.ErrNotFound},
		"password use of a missing user": {func(tx store.Tx) error { return tx.SetPasswordLastUsed("AIDA0", noon) },
			store.ErrNotFound},
		"role use of a user": {func(tx store.Tx) error { return tx.SetRoleLastUsed(anna.ID, noon, "") },
			store.ErrNotFound},
		"policy name in another case": {
			func(tx store.Tx) error { p := policy("full"); p.ID = "ANPA9"; return tx.InsertPolicy(p) }, store.ErrExists},
		"policy update to an existing name": {
			func(tx store.Tx) error { p := full; p.Name = "EDGE"; return tx.UpdatePolicy(p) }, store.ErrExists},
		"update of a missing policy": {func(tx store.Tx) error { return tx.UpdatePolicy(policy("none")) },
			store.ErrNotFound},
		"deletion of a missing policy":   {func(tx store.Tx) error { return tx.DeletePolicy("ANPA0") }, store.ErrNotFound},
		"deletion of an attached policy": {func(tx store.Tx) error { return tx.DeletePolicy(full.ID) }, store.ErrInUse},
		"deletion of a boundary":         {func(tx store.Tx) error { return tx.DeletePolicy(edge.ID) }, store.ErrInUse},
		"existing version number": {func(tx store.Tx) error {
			return tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: full.ID, Number: 1, Document: "", Created: noon})
		}, store.ErrExists},
		"version of a missing policy": {func(tx store.Tx) error {
			return tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: "ANPA0", Number: 1, Document: "", Created: noon})
		}, store.ErrNotFound},
		"deletion of the default version": {func(tx store.Tx) error { return tx.DeletePolicyVersion(full.ID, 1) },
			store.ErrInUse},
		"deletion of a missing version": {func(tx store.Tx) error { return tx.DeletePolicyVersion(full.ID, 7) },
			store.ErrNotFound},
		"inline policy of a missing user": {func(tx store.Tx) error {
			return tx.PutInlinePolicy(store.InlinePolicy{IdentityID: "AIDA0", Name: "x", Document: "{}"})
		}, store.ErrNotFound},
		"deletion of a missing inline policy": {func(tx store.Tx) error { return tx.DeleteInlinePolicy(anna.ID, "x") },
			store.ErrNotFound},
		"attachment to a missing user": {func(tx store.Tx) error { return tx.Attach("AIDA0", full.ID) },
			store.ErrNotFound},
		"attachment of a missing policy": {func(tx store.Tx) error { return tx.Attach(ben.ID, "ANPA0") },
			store.ErrNotFound},
		"detachment of an unattached policy": {func(tx store.Tx) error { return tx.Detach(ben.ID, full.ID) },
			store.ErrNotFound},
		"member of a missing group": {func(tx store.Tx) error { return tx.AddMember("AGPA0", anna.ID) },
			store.ErrNotFound},
		"membership of a missing user": {func(tx store.Tx) error { return tx.AddMember(admins.ID, "AIDA0") },
			store.ErrNotFound},
		"removal of a user who is not a member": {func(tx store.Tx) error { return tx.RemoveMember(admins.ID, ben.ID) },
			store.ErrNotFound},
		"existing access key id": {
			func(tx store.Tx) error { return tx.InsertAccessKey(store.AccessKey{ID: "AKIA1", UserID: ben.ID}) },
			store.ErrExists},
		"access key of a missing user": {
			func(tx store.Tx) error { return tx.InsertAccessKey(store.AccessKey{ID: "AKIA2", UserID: "AIDA0"}) },
			store.ErrNotFound},
		"update of a missing access key": {
			func(tx store.Tx) error { return tx.UpdateAccessKey(store.AccessKey{ID: "AKIA0"}) }, store.ErrNotFound},
		"deletion of a missing access key": {func(tx store.Tx) error { return tx.DeleteAccessKey("AKIA0") },
			store.ErrNotFound},
		"second login profile": {
			func(tx store.Tx) error { return tx.InsertLoginProfile(store.LoginProfile{UserID: anna.ID}) }, store.ErrExists},
		"login profile of a missing user": {
			func(tx store.Tx) error { return tx.InsertLoginProfile(store.LoginProfile{UserID: "AIDA0"}) }, store.ErrNotFound},
		"update of a missing login profile": {
			func(tx store.Tx) error { return tx.UpdateLoginProfile(store.LoginProfile{UserID: ben.ID}) }, store.ErrNotFound},
		"deletion of a missing login profile": {func(tx store.Tx) error { return tx.DeleteLoginProfile(ben.ID) },
			store.ErrNotFound},
		"existing MFA device name": {
			func(tx store.Tx) error { return tx.InsertMFADevice(store.MFADevice{Name: "PHONE"}) }, store.ErrExists},
		"MFA device of a missing user": {func(tx store.Tx) error {
			return tx.InsertMFADevice(store.MFADevice{Name: "x",
				UserID: "AIDA0"})
		}, store.ErrNotFound},
		"MFA device update to a missing user": {
			func(tx store.Tx) error { return tx.UpdateMFADevice(store.MFADevice{Name: "phone", UserID: "AIDA0"}) },
			store.ErrNotFound},
		"update of a missing MFA device": {
			func(tx store.Tx) error { return tx.UpdateMFADevice(store.MFADevice{Name: "x"}) }, store.ErrNotFound},
		"deletion of a missing MFA device": {func(tx store.Tx) error { return tx.DeleteMFADevice("x") }, store.ErrNotFound},
		"existing access assertion name": {func(tx store.Tx) error {
			return tx.InsertAccessAssertion(store.AccessAssertion{ID: "ASRT0", Name: "PAYROLL"})
		}, store.ErrExists},
		"existing access assertion id": {func(tx store.Tx) error {
			return tx.InsertAccessAssertion(store.AccessAssertion{ID: "ASRT1", Name: "x"})
		}, store.ErrExists},
		"update of a missing access assertion": {
			func(tx store.Tx) error {
				return tx.UpdateAccessAssertion(store.AccessAssertion{ID: "ASRT0"})
			},
			store.ErrNotFound},
		"deletion of a missing access assertion": {
			func(tx store.Tx) error { return tx.DeleteAccessAssertion("ASRT0") }, store.ErrNotFound},
		"deletion of a missing setting": {func(tx store.Tx) error { return tx.DeleteSetting("x") }, store.ErrNotFound},
		"existing audit sequence number": {func(tx store.Tx) error {
			_, err := tx.AppendAudit(store.AuditEntry{Chain: "c", Seq: 1, Body: []byte("b"), MAC: []byte("m")})
			return err
		}, store.ErrExists},
		"deletion of a user with an inline policy": {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAinline") },
			store.ErrInUse},
		"deletion of a user with an attached policy": {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAattached") },
			store.ErrInUse},
		"deletion of a group with a member": {func(tx store.Tx) error { return tx.DeleteIdentity(admins.ID) },
			store.ErrInUse},
		"deletion of a group member": {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAmember") },
			store.ErrInUse},
		"deletion of a user with an access key": {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAkeyed") },
			store.ErrInUse},
		"deletion of a user with a login profile": {func(tx store.Tx) error { return tx.DeleteIdentity(anna.ID) },
			store.ErrInUse},
		"deletion of a user with an MFA device": {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAphoned") },
			store.ErrInUse},
	} {
		t.Run(name, func(t *testing.T) {
			s := newDatabase(t)()
			Insert(t, s, full, edge, store.PolicyVersion{PolicyID: full.ID, Number: 1, Document: "{}", Created: noon},
				store.PolicyVersion{PolicyID: full.ID, Number: 2, Document: "{}", Created: noon},
				anna, ben, admins, guarded, user("inline"), user("attached"), user("member"), user("keyed"), user("phoned"),
				store.InlinePolicy{IdentityID: "AIDAinline", Name: "p", Document: "{}"},
				store.AccessKey{ID: "AKIA1", UserID: "AIDAkeyed"},
				store.LoginProfile{UserID: anna.ID, Hash: "h"}, store.MFADevice{Name: "Phone", UserID: "AIDAphoned"},
				store.AccessAssertion{ID: "ASRT1", Name: "payroll"})
			write(t, s, func(tx store.Tx) error {
				_, err := tx.AppendAudit(store.AuditEntry{Chain: "c", Seq: 1, Body: []byte("b"), MAC: []byte("m")})
				return errors.Join(err, tx.Attach("AIDAattached", full.ID), tx.AddMember(admins.ID, "AIDAmember"))
			})
			before := contents(t, s)

			assertError(t, s.Write(t.Context(), test.do), test.want)
			assertEqual(t, contents(t, s), before)

			// The function may handle the error and return nil.
			write(t, s, func(tx store.Tx) error {
				assertError(t, test.do(tx), test.want)
				return nil
			})
			assertEqual(t, contents(t, s), before)
		})
	}
}
