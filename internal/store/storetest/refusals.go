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
		"a name in other case": {func(tx store.Tx) error { u := user("ANNA"); u.ID = "AIDA9"; return tx.InsertIdentity(u) }, store.ErrExists},
		"an id":                {func(tx store.Tx) error { u := group("new"); u.ID = anna.ID; return tx.InsertIdentity(u) }, store.ErrExists},
		"a missing boundary":   {func(tx store.Tx) error { u := user("new"); u.Boundary = "ANPA0"; return tx.InsertIdentity(u) }, store.ErrNotFound},
		"another's name":       {func(tx store.Tx) error { u := anna; u.Name = "Ben"; return tx.UpdateIdentity(u) }, store.ErrExists},
		"an update of nobody":  {func(tx store.Tx) error { return tx.UpdateIdentity(user("nobody")) }, store.ErrNotFound},
		"an update to a missing boundary": {func(tx store.Tx) error {
			u := ben
			u.Boundary = "ANPA0"
			return tx.UpdateIdentity(u)
		}, store.ErrNotFound},
		"a deletion of nobody":          {func(tx store.Tx) error { return tx.DeleteIdentity("AIDA0") }, store.ErrNotFound},
		"a last use of nobody":          {func(tx store.Tx) error { return tx.SetPasswordLastUsed("AIDA0", noon) }, store.ErrNotFound},
		"a role's last use of a user":   {func(tx store.Tx) error { return tx.SetRoleLastUsed(anna.ID, noon, "") }, store.ErrNotFound},
		"a policy's name in other case": {func(tx store.Tx) error { p := policy("full"); p.ID = "ANPA9"; return tx.InsertPolicy(p) }, store.ErrExists},
		"a policy's name by update":     {func(tx store.Tx) error { p := full; p.Name = "EDGE"; return tx.UpdatePolicy(p) }, store.ErrExists},
		"an update of no policy":        {func(tx store.Tx) error { return tx.UpdatePolicy(policy("none")) }, store.ErrNotFound},
		"a deletion of no policy":       {func(tx store.Tx) error { return tx.DeletePolicy("ANPA0") }, store.ErrNotFound},
		"an attached policy":            {func(tx store.Tx) error { return tx.DeletePolicy(full.ID) }, store.ErrInUse},
		"a policy that is a boundary":   {func(tx store.Tx) error { return tx.DeletePolicy(edge.ID) }, store.ErrInUse},
		"a version's number": {func(tx store.Tx) error {
			return tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: full.ID, Number: 1, Document: "", Created: noon})
		}, store.ErrExists},
		"a version of no policy": {func(tx store.Tx) error {
			return tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: "ANPA0", Number: 1, Document: "", Created: noon})
		}, store.ErrNotFound},
		"the default version": {func(tx store.Tx) error { return tx.DeletePolicyVersion(full.ID, 1) }, store.ErrInUse},
		"a missing version":   {func(tx store.Tx) error { return tx.DeletePolicyVersion(full.ID, 7) }, store.ErrNotFound},
		"an inline policy of nobody": {func(tx store.Tx) error {
			return tx.PutInlinePolicy(store.InlinePolicy{IdentityID: "AIDA0", Name: "x", Document: "{}"})
		}, store.ErrNotFound},
		"a missing inline policy":       {func(tx store.Tx) error { return tx.DeleteInlinePolicy(anna.ID, "x") }, store.ErrNotFound},
		"attaching to nobody":           {func(tx store.Tx) error { return tx.Attach("AIDA0", full.ID) }, store.ErrNotFound},
		"attaching nothing":             {func(tx store.Tx) error { return tx.Attach(ben.ID, "ANPA0") }, store.ErrNotFound},
		"detaching what is not":         {func(tx store.Tx) error { return tx.Detach(ben.ID, full.ID) }, store.ErrNotFound},
		"a member of no group":          {func(tx store.Tx) error { return tx.AddMember("AGPA0", anna.ID) }, store.ErrNotFound},
		"nobody as a member":            {func(tx store.Tx) error { return tx.AddMember(admins.ID, "AIDA0") }, store.ErrNotFound},
		"a member who is none":          {func(tx store.Tx) error { return tx.RemoveMember(admins.ID, ben.ID) }, store.ErrNotFound},
		"an access key's id":            {func(tx store.Tx) error { return tx.InsertAccessKey(store.AccessKey{ID: "AKIA1", UserID: ben.ID}) }, store.ErrExists},
		"an access key of nobody":       {func(tx store.Tx) error { return tx.InsertAccessKey(store.AccessKey{ID: "AKIA2", UserID: "AIDA0"}) }, store.ErrNotFound},
		"an update of no access key":    {func(tx store.Tx) error { return tx.UpdateAccessKey(store.AccessKey{ID: "AKIA0"}) }, store.ErrNotFound},
		"a deletion of no access key":   {func(tx store.Tx) error { return tx.DeleteAccessKey("AKIA0") }, store.ErrNotFound},
		"a second login profile":        {func(tx store.Tx) error { return tx.InsertLoginProfile(store.LoginProfile{UserID: anna.ID}) }, store.ErrExists},
		"a login profile of nobody":     {func(tx store.Tx) error { return tx.InsertLoginProfile(store.LoginProfile{UserID: "AIDA0"}) }, store.ErrNotFound},
		"an update of no login profile": {func(tx store.Tx) error { return tx.UpdateLoginProfile(store.LoginProfile{UserID: ben.ID}) }, store.ErrNotFound},
		"no login profile":              {func(tx store.Tx) error { return tx.DeleteLoginProfile(ben.ID) }, store.ErrNotFound},
		"an MFA device's name":          {func(tx store.Tx) error { return tx.InsertMFADevice(store.MFADevice{Name: "PHONE"}) }, store.ErrExists},
		"an MFA device of nobody":       {func(tx store.Tx) error { return tx.InsertMFADevice(store.MFADevice{Name: "x", UserID: "AIDA0"}) }, store.ErrNotFound},
		"an MFA device for nobody":      {func(tx store.Tx) error { return tx.UpdateMFADevice(store.MFADevice{Name: "phone", UserID: "AIDA0"}) }, store.ErrNotFound},
		"an update of no MFA device":    {func(tx store.Tx) error { return tx.UpdateMFADevice(store.MFADevice{Name: "x"}) }, store.ErrNotFound},
		"a deletion of no MFA device":   {func(tx store.Tx) error { return tx.DeleteMFADevice("x") }, store.ErrNotFound},
		"a missing setting":             {func(tx store.Tx) error { return tx.DeleteSetting("x") }, store.ErrNotFound},
		"a place in a chain": {func(tx store.Tx) error {
			_, err := tx.AppendAudit(store.AuditEntry{Chain: "c", Seq: 1, Body: []byte("b"), MAC: []byte("m")})
			return err
		}, store.ErrExists},
		"someone with an inline policy": {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAinline") }, store.ErrInUse},
		"someone with a policy":         {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAattached") }, store.ErrInUse},
		"a group with a member":         {func(tx store.Tx) error { return tx.DeleteIdentity(admins.ID) }, store.ErrInUse},
		"a member of a group":           {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAmember") }, store.ErrInUse},
		"someone with an access key":    {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAkeyed") }, store.ErrInUse},
		"someone with a login profile":  {func(tx store.Tx) error { return tx.DeleteIdentity(anna.ID) }, store.ErrInUse},
		"someone with an MFA device":    {func(tx store.Tx) error { return tx.DeleteIdentity("AIDAphoned") }, store.ErrInUse},
	} {
		t.Run(name, func(t *testing.T) {
			s := newDatabase(t)()
			Insert(t, s, full, edge, store.PolicyVersion{PolicyID: full.ID, Number: 1, Document: "{}", Created: noon}, store.PolicyVersion{PolicyID: full.ID, Number: 2, Document: "{}", Created: noon},
				anna, ben, admins, guarded, user("inline"), user("attached"), user("member"), user("keyed"), user("phoned"),
				store.InlinePolicy{IdentityID: "AIDAinline", Name: "p", Document: "{}"}, store.AccessKey{ID: "AKIA1", UserID: "AIDAkeyed"},
				store.LoginProfile{UserID: anna.ID, Hash: "h"}, store.MFADevice{Name: "Phone", UserID: "AIDAphoned"})
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
