package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func testIdentity(t *testing.T, s store.Store) {
	boundary := policy("Edge")
	role := store.Identity{
		Kind: store.Role, ID: "AROA1", Name: "Deploy", Path: "/ops/", Created: noon,
		Tags:     []store.Tag{{Key: "b", Value: "2"}, {Key: "a", Value: ""}},
		Boundary: boundary.ID, Trust: `{"Version":"2012-10-17"}`, Description: "é", MaxSessionDuration: 3600,
		LastUsed: noon.Add(time.Hour), LastUsedRegion: "eu-west-1",
	}
	anna := user("Anna")
	anna.PasswordLastUsed = noon.Add(time.Minute)
	Insert(t, s, boundary, role, anna)

	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.Identity, error) { return tx.Identity(store.Role, "dEPLOY") }), role)
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.Identity, error) { return tx.IdentityByID("AROA1") }), role)
	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.Identity, error) { return tx.Identity(store.User, "anna") }), anna)
	assertError(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.Identity(store.Group, "Anna"); return err }),
		store.ErrNotFound)
	assertError(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.IdentityByID("AIDA0"); return err }),
		store.ErrNotFound)

	at := noon.Add(48*time.Hour + 300*time.Millisecond)
	write(t, s, func(tx store.Tx) error {
		return errors.Join(tx.SetPasswordLastUsed(anna.ID, at), tx.SetRoleLastUsed(role.ID, at, "us-east-1"))
	})
	role.LastUsed, role.LastUsedRegion, anna.PasswordLastUsed = at.Truncate(time.Second), "us-east-1",
		at.Truncate(time.Second)
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.Identity, error) { return tx.IdentityByID(role.ID) }), role)
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.Identity, error) { return tx.IdentityByID(anna.ID) }), anna)

	renamed := role
	renamed.Name, renamed.Path, renamed.Boundary, renamed.Tags, renamed.Trust = "DEPLOY", "/", "", nil, "{}"
	renamed.LastUsed, renamed.Created = time.Time{}, time.Time{} // the update ignores these
	write(t, s, func(tx store.Tx) error { return tx.UpdateIdentity(renamed) })
	renamed.LastUsed, renamed.Created = role.LastUsed, role.Created
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.Identity, error) { return tx.Identity(store.Role, "deploy") }),
		renamed)
}

func testPage(t *testing.T, s store.Store) {
	admins := group("admins")
	full := policy("Full")
	records := []any{admins, full}
	for name, path := range map[string]string{"b": "/x/", "A": "/x/y/", "C": "/", "d_": "/X/", "D1": "/x/", "é": "/%/"} {
		u := user(name)
		u.Path, u.Boundary = path, full.ID
		records = append(records, u)
	}
	Insert(t, s, records...)
	write(t, s, func(tx store.Tx) error {
		users, err := tx.Identities(store.User, store.Page{})
		for _, u := range users {
			err = errors.Join(err, tx.AddMember(admins.ID, u.ID), tx.Attach(u.ID, full.ID))
		}
		return err
	})
	for want, page := range map[string]store.Page{
		"A b C D1 d_ é": {},
		"A b":           {Limit: 2},
		"C D1":          {Limit: 2, After: "B"},
		"d_ é":          {Limit: 5, After: "d1"},
		"A b D1":        {PathPrefix: "/x/"},
		"b D1":          {PathPrefix: "/x/", After: "a"},
		"é":             {PathPrefix: "/%"},
		"":              {PathPrefix: "/none/"},
	} {
		for name, list := range map[string]func(tx store.Tx) ([]store.Identity, error){
			"Identities": func(tx store.Tx) ([]store.Identity, error) { return tx.Identities(store.User, page) },
			"Members":    func(tx store.Tx) ([]store.Identity, error) { return tx.Members(admins.ID, page) },
			"AttachedTo": func(tx store.Tx) ([]store.Identity, error) { return tx.AttachedTo(full.ID, store.User, page) },
			"BoundaryOf": func(tx store.Tx) ([]store.Identity, error) { return tx.BoundaryOf(full.ID, store.User, page) },
		} {
			if found := names(readValue(t, s, list)); found != want {
				t.Errorf("%s with %+v: got %q, want %q", name, page, found, want)
			}
		}
	}
	assertEqual(t,
		names(readValue(t, s,
			func(tx store.Tx) ([]store.Identity, error) { return tx.GroupsOf("AIDAA", store.Page{PathPrefix: "/"}) })), "admins")
	assertEqual(t,
		names(readValue(t, s,
			func(tx store.Tx) ([]store.Identity, error) { return tx.AttachedTo(full.ID, store.Role, store.Page{}) })), "")
	assertEqual(t, readValue(t, s, func(tx store.Tx) (int, error) { return tx.CountIdentities(store.User) }), 6)
	assertEqual(t, readValue(t, s, func(tx store.Tx) (int, error) { return tx.CountIdentities(store.Role) }), 0)
	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.Policy, error) { return tx.PolicyByID(full.ID) }).Attachments, 6)
	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.Policy, error) { return tx.PolicyByID(full.ID) }).Boundaries, 6)
}

func testInlinePolicy(t *testing.T, s store.Store) {
	Insert(t, s, user("anna"), store.InlinePolicy{IdentityID: "AIDAanna", Name: "Read", Document: "one"},
		store.InlinePolicy{IdentityID: "AIDAanna", Name: "b", Document: "two"},
		store.InlinePolicy{IdentityID: "AIDAanna", Name: "READ", Document: "three"})
	assertEqual(t,
		readValue(t, s,
			func(tx store.Tx) ([]store.InlinePolicy, error) { return tx.InlinePolicies("AIDAanna", store.Page{}) }),
		[]store.InlinePolicy{{IdentityID: "AIDAanna", Name: "b", Document: "two"},
			{IdentityID: "AIDAanna", Name: "Read", Document: "three"}})
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]store.InlinePolicy, error) {
		return tx.InlinePolicies("AIDAanna", store.Page{After: "B", Limit: 1})
	}),
		[]store.InlinePolicy{{IdentityID: "AIDAanna", Name: "Read", Document: "three"}})
	write(t, s, func(tx store.Tx) error { return tx.DeleteInlinePolicy("AIDAanna", "rEAD") })
	assertError(t,
		s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.InlinePolicy("AIDAanna", "Read"); return err }),
		store.ErrNotFound)
	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.InlinePolicy, error) { return tx.InlinePolicy("AIDAanna", "B") }).Document,
		"two")
}
