package storetest

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func testChangedSince(t *testing.T, s store.Store) {
	anna, admins, full := user("anna"), group("admins"), policy("full")
	Insert(t, s, anna, admins, full, store.PolicyVersion{PolicyID: full.ID, Number: 1, Document: "{}", Created: noon},
		store.PolicyVersion{PolicyID: full.ID, Number: 2, Document: "{}", Created: noon})
	for name, test := range map[string]struct {
		do   func(tx store.Tx) error
		want []string
	}{
		"identity update": {func(tx store.Tx) error { return tx.UpdateIdentity(anna) }, []string{anna.ID}},
		"identity insertion and deletion": {func(tx store.Tx) error {
			return errors.Join(tx.InsertIdentity(user("x")),
				tx.DeleteIdentity("AIDAx"))
		}, []string{"AIDAx"}},
		"policy update": {func(tx store.Tx) error { return tx.UpdatePolicy(full) }, []string{full.ID}},
		"version insertion": {func(tx store.Tx) error {
			return tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: full.ID, Number: 3, Document: "{}", Created: noon})
		}, []string{full.ID}},
		"version deletion": {func(tx store.Tx) error { return tx.DeletePolicyVersion(full.ID, 2) },
			[]string{full.ID}},
		"policy insertion and deletion": {func(tx store.Tx) error {
			return errors.Join(tx.InsertPolicy(policy("x")),
				tx.DeletePolicy("ANPAx"))
		}, []string{"ANPAx"}},
		"inline policy insertion": {func(tx store.Tx) error {
			return tx.PutInlinePolicy(store.InlinePolicy{IdentityID: anna.ID, Name: "x", Document: "{}"})
		}, []string{anna.ID}},
		"inline policy deletion": {func(tx store.Tx) error {
			return errors.Join(tx.PutInlinePolicy(store.InlinePolicy{IdentityID: admins.ID, Name: "y", Document: "{}"}),
				tx.DeleteInlinePolicy(admins.ID, "y"))
		}, []string{admins.ID}},
		"attachment": {func(tx store.Tx) error { return tx.Attach(admins.ID, full.ID) }, []string{admins.ID}},
		"attachment and detachment": {func(tx store.Tx) error {
			return errors.Join(tx.Attach(anna.ID, full.ID),
				tx.Detach(anna.ID, full.ID))
		}, []string{anna.ID}},
		"membership": {func(tx store.Tx) error { return tx.AddMember(admins.ID, anna.ID) }, []string{admins.ID, anna.ID}},
		"membership removal": {func(tx store.Tx) error {
			return errors.Join(tx.InsertIdentity(group("z")), tx.AddMember("AGPAz", anna.ID), tx.RemoveMember("AGPAz", anna.ID))
		}, []string{"AGPAz", anna.ID}},
		"access assertion": {func(tx store.Tx) error {
			return tx.InsertAccessAssertion(store.AccessAssertion{ID: "ASRTx", Name: "x"})
		}, []string{"ASRTx"}},
		"access assertion update and deletion": {func(tx store.Tx) error {
			return errors.Join(tx.InsertAccessAssertion(store.AccessAssertion{ID: "ASRTy", Name: "y"}),
				tx.UpdateAccessAssertion(store.AccessAssertion{ID: "ASRTy", Document: "{}"}),
				tx.DeleteAccessAssertion("ASRTy"))
		}, []string{"ASRTy"}},
		"last use and credentials": {func(tx store.Tx) error {
			return errors.Join(tx.SetPasswordLastUsed(anna.ID, noon),
				tx.InsertAccessKey(store.AccessKey{ID: "AKIA", UserID: anna.ID}),
				tx.InsertLoginProfile(store.LoginProfile{UserID: anna.ID}),
				tx.InsertMFADevice(store.MFADevice{Name: "x", UserID: anna.ID}), tx.PutSetting("a", nil))
		}, nil},
	} {
		before := readValue(t, s, store.Tx.Revision)
		write(t, s, func(tx store.Tx) error {
			err := test.do(tx)
			if changed := tx.Changed(); !slices.Equal(changed, test.want) {
				t.Errorf("%s: Changed lists %v, want %v", name, changed, test.want)
			}
			return err
		})
		after := readValue(t, s, store.Tx.Revision)
		var want []store.Change
		for _, id := range test.want {
			want = append(want, store.Change{Revision: before + 1, ID: id})
		}
		read(t, s, func(tx store.Tx) error {
			changes, known, err := tx.ChangedSince(before)
			if err != nil || !known || !reflect.DeepEqual(changes, want) || after-before != int64(min(1, len(want))) {
				t.Errorf("%s: got %v %v %v at revision %d after %d, want %v", name, changes, known, err, after, before, want)
			}
			return nil
		})
	}
}

func testUnknownRevision(t *testing.T, s store.Store) {
	Insert(t, s, user("anna"))
	for revision, want := range map[int64]bool{0: true, 1: true, 2: false} {
		read(t, s, func(tx store.Tx) error {
			_, known, err := tx.ChangedSince(revision)
			if err != nil || known != want {
				t.Errorf("ChangedSince(%d): got known = %v, error %v; want known = %v", revision, known, err, want)
			}
			return nil
		})
	}
}
