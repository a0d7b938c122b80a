package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// database gives a way to open stores on one new database. A further database adds its own here, and
// must pass everything in this package that is not about files.
type database func(t testing.TB) (open func() *Store)

var databases = map[string]database{
	"sqlite": func(t testing.TB) func() *Store {
		path := filepath.Join(t.TempDir(), "iam.db")
		return func() *Store { return openAt(t, path) }
	},
}

// onEach runs a test on a new store of each database.
func onEach(t *testing.T, test func(t *testing.T, s *Store)) {
	for name, database := range databases {
		t.Run(name, func(t *testing.T) { test(t, database(t)()) })
	}
}

func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

func write(t testing.TB, s *Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, s *Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// got is what a lookup gave.
func got[T any](t testing.TB, s *Store, lookup func(tx store.Tx) (T, error)) T {
	t.Helper()
	var found T
	read(t, s, func(tx store.Tx) (err error) {
		found, err = lookup(tx)
		return err
	})
	return found
}

func same(t testing.TB, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// answers checks an error's kind; nil is none.
func answers(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

func all[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var items []T
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

func names(identities []store.Identity) string {
	var n []string
	for _, i := range identities {
		n = append(n, i.Name)
	}
	return strings.Join(n, " ")
}

func policyNames(policies []store.Policy) string {
	var n []string
	for _, p := range policies {
		n = append(n, p.Name+p.Owner)
	}
	return strings.Join(n, " ")
}

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

func user(name string) store.Identity {
	return store.Identity{Kind: store.User, ID: "AIDA" + name, Name: name, Path: "/", Created: noon}
}

func group(name string) store.Identity {
	return store.Identity{Kind: store.Group, ID: "AGPA" + name, Name: name, Path: "/", Created: noon}
}

func policy(name string) store.Policy {
	return store.Policy{ID: "ANPA" + name, Name: name, Path: "/", Created: noon, Updated: noon, DefaultVersion: 1, LastVersion: 1}
}

// inserted puts records in.
func inserted(t testing.TB, s *Store, records ...any) {
	t.Helper()
	write(t, s, func(tx store.Tx) error {
		for _, r := range records {
			var err error
			switch r := r.(type) {
			case store.Identity:
				err = tx.InsertIdentity(r)
			case store.Policy:
				err = tx.InsertPolicy(r)
			case store.PolicyVersion:
				err = tx.InsertPolicyVersion(r)
			case store.AccessKey:
				err = tx.InsertAccessKey(r)
			case store.LoginProfile:
				err = tx.InsertLoginProfile(r)
			case store.MFADevice:
				err = tx.InsertMFADevice(r)
			case store.InlinePolicy:
				err = tx.PutInlinePolicy(r)
			default:
				err = fmt.Errorf("no way to insert a %T", r)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func TestIdentitiesAreFoundAsTheyWereKept(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		boundary := policy("Edge")
		role := store.Identity{
			Kind: store.Role, ID: "AROA1", Name: "Deploy", Path: "/ops/", Created: noon, Tags: []store.Tag{{Key: "b", Value: "2"}, {Key: "a", Value: ""}},
			Boundary: boundary.ID, Trust: `{"Version":"2012-10-17"}`, Description: "é", MaxSessionDuration: 3600,
			LastUsed: noon.Add(time.Hour), LastUsedRegion: "eu-west-1",
		}
		anna := user("Anna")
		anna.PasswordLastUsed = noon.Add(time.Minute)
		inserted(t, s, boundary, role, anna)

		same(t, got(t, s, func(tx store.Tx) (store.Identity, error) { return tx.Identity(store.Role, "dEPLOY") }), role)
		same(t, got(t, s, func(tx store.Tx) (store.Identity, error) { return tx.IdentityByID("AROA1") }), role)
		same(t, got(t, s, func(tx store.Tx) (store.Identity, error) { return tx.Identity(store.User, "anna") }), anna)
		answers(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.Identity(store.Group, "Anna"); return err }), store.ErrNotFound)
		answers(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.IdentityByID("AIDA0"); return err }), store.ErrNotFound)

		at := noon.Add(48*time.Hour + 300*time.Millisecond)
		write(t, s, func(tx store.Tx) error {
			return errors.Join(tx.SetPasswordLastUsed(anna.ID, at), tx.SetRoleLastUsed(role.ID, at, "us-east-1"))
		})
		role.LastUsed, role.LastUsedRegion, anna.PasswordLastUsed = at.Truncate(time.Second), "us-east-1", at.Truncate(time.Second)
		same(t, got(t, s, func(tx store.Tx) (store.Identity, error) { return tx.IdentityByID(role.ID) }), role)
		same(t, got(t, s, func(tx store.Tx) (store.Identity, error) { return tx.IdentityByID(anna.ID) }), anna)

		renamed := role
		renamed.Name, renamed.Path, renamed.Boundary, renamed.Tags, renamed.Trust = "DEPLOY", "/", "", nil, "{}"
		renamed.LastUsed, renamed.Created = time.Time{}, time.Time{} // not kept
		write(t, s, func(tx store.Tx) error { return tx.UpdateIdentity(renamed) })
		renamed.LastUsed, renamed.Created = role.LastUsed, role.Created
		same(t, got(t, s, func(tx store.Tx) (store.Identity, error) { return tx.Identity(store.Role, "deploy") }), renamed)
	})
}

func TestWritesAreRefused(t *testing.T) {
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
			onEach(t, func(t *testing.T, s *Store) {
				inserted(t, s, full, edge, store.PolicyVersion{PolicyID: full.ID, Number: 1, Document: "{}", Created: noon}, store.PolicyVersion{PolicyID: full.ID, Number: 2, Document: "{}", Created: noon},
					anna, ben, admins, guarded, user("inline"), user("attached"), user("member"), user("keyed"), user("phoned"),
					store.InlinePolicy{IdentityID: "AIDAinline", Name: "p", Document: "{}"}, store.AccessKey{ID: "AKIA1", UserID: "AIDAkeyed"},
					store.LoginProfile{UserID: anna.ID, Hash: "h"}, store.MFADevice{Name: "Phone", UserID: "AIDAphoned"})
				write(t, s, func(tx store.Tx) error {
					_, err := tx.AppendAudit(store.AuditEntry{Chain: "c", Seq: 1, Body: []byte("b"), MAC: []byte("m")})
					return errors.Join(err, tx.Attach("AIDAattached", full.ID), tx.AddMember(admins.ID, "AIDAmember"))
				})
				before := snapshot(t, s)

				answers(t, s.Write(t.Context(), test.do), test.want)
				same(t, snapshot(t, s), before)

				// The function may handle it and go on: what the refused write would have changed is not kept.
				write(t, s, func(tx store.Tx) error {
					answers(t, test.do(tx), test.want)
					return nil
				})
				same(t, snapshot(t, s), before)
			})
		})
	}
}

// snapshot is all that the store holds, table by table.
func snapshot(t testing.TB, s *Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, table := range []string{
		"counters", "policies", "policy_versions", "identities", "inline_policies", "attachments", "memberships", "access_keys",
		"login_profiles", "password_histories", "mfa_devices", "settings", "revocations", "attempts", "audit_entries", "audit_subjects", "changes",
	} {
		rows, err := s.db.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1, 2")
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				found[table] += fmt.Sprint(*v.(*any), "|")
			}
			found[table] += "\n"
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func TestListsArePagedByNameWithoutRegardToCase(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		admins := group("admins")
		full := policy("Full")
		records := []any{admins, full}
		for name, path := range map[string]string{"b": "/x/", "A": "/x/y/", "C": "/", "d_": "/X/", "D1": "/x/", "é": "/%/"} {
			u := user(name)
			u.Path, u.Boundary = path, full.ID
			records = append(records, u)
		}
		inserted(t, s, records...)
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
				if found := names(got(t, s, list)); found != want {
					t.Errorf("%s with %+v: got %q, want %q", name, page, found, want)
				}
			}
		}
		same(t, names(got(t, s, func(tx store.Tx) ([]store.Identity, error) { return tx.GroupsOf("AIDAA", store.Page{PathPrefix: "/"}) })), "admins")
		same(t, names(got(t, s, func(tx store.Tx) ([]store.Identity, error) { return tx.AttachedTo(full.ID, store.Role, store.Page{}) })), "")
		same(t, got(t, s, func(tx store.Tx) (int, error) { return tx.CountIdentities(store.User) }), 6)
		same(t, got(t, s, func(tx store.Tx) (int, error) { return tx.CountIdentities(store.Role) }), 0)
		same(t, got(t, s, func(tx store.Tx) (store.Policy, error) { return tx.PolicyByID(full.ID) }).Attachments, 6)
		same(t, got(t, s, func(tx store.Tx) (store.Policy, error) { return tx.PolicyByID(full.ID) }).Boundaries, 6)
	})
}

func TestPoliciesAndTheirVersions(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		own := store.Policy{ID: "ANPA1", Name: "Read", Path: "/team/", Description: "d", Created: noon, Updated: noon.Add(time.Hour),
			DefaultVersion: 2, LastVersion: 2, Tags: []store.Tag{{Key: "k", Value: "v"}}}
		given := policy("read")
		given.ID, given.Owner = "ANPA2", "aws"
		idle := policy("Idle")
		inserted(t, s, own, given, idle, store.PolicyVersion{PolicyID: own.ID, Number: 1, Document: "one", Created: noon}, store.PolicyVersion{PolicyID: own.ID, Number: 2, Document: "two", Created: noon.Add(time.Hour)},
			store.PolicyVersion{PolicyID: given.ID, Number: 1, Document: "aws", Created: noon}, user("anna"))
		write(t, s, func(tx store.Tx) error {
			return errors.Join(tx.Attach("AIDAanna", own.ID), tx.Attach("AIDAanna", own.ID), tx.Attach("AIDAanna", given.ID))
		})
		own.Attachments, given.Attachments = 1, 1

		same(t, got(t, s, func(tx store.Tx) (store.Policy, error) { return tx.Policy("", "READ") }), own)
		same(t, got(t, s, func(tx store.Tx) (store.Policy, error) { return tx.Policy("aws", "READ") }), given)
		same(t, got(t, s, func(tx store.Tx) ([]store.PolicyVersion, error) { return tx.PolicyVersions(own.ID) }),
			[]store.PolicyVersion{{PolicyID: own.ID, Number: 2, Document: "two", Created: noon.Add(time.Hour)}, {PolicyID: own.ID, Number: 1, Document: "one", Created: noon}})
		same(t, got(t, s, func(tx store.Tx) (store.PolicyVersion, error) { return tx.PolicyVersion(own.ID, 1) }).Document, "one")
		same(t, got(t, s, func(tx store.Tx) (int, error) { return tx.CountPolicyVersions() }), 2)
		same(t, got(t, s, func(tx store.Tx) (int, error) { return tx.CountPolicies("") }), 2)

		mine := ""
		for _, test := range []struct {
			filter store.PolicyFilter
			page   store.Page
			want   string
		}{
			{store.PolicyFilter{}, store.Page{}, "Idle Read readaws"},
			{store.PolicyFilter{Owner: &mine}, store.Page{}, "Idle Read"},
			{store.PolicyFilter{Attached: true}, store.Page{}, "Read readaws"},
			{store.PolicyFilter{Usage: store.AsPermissions}, store.Page{}, "Read readaws"},
			{store.PolicyFilter{Usage: store.AsBoundary}, store.Page{}, ""},
			{store.PolicyFilter{}, store.Page{After: "read/"}, "readaws"},
			{store.PolicyFilter{}, store.Page{After: "read/aws"}, ""},
			{store.PolicyFilter{}, store.Page{After: "READ"}, ""},
			{store.PolicyFilter{}, store.Page{Limit: 2}, "Idle Read"},
			{store.PolicyFilter{}, store.Page{PathPrefix: "/team/"}, "Read"},
		} {
			found := policyNames(got(t, s, func(tx store.Tx) ([]store.Policy, error) { return tx.Policies(test.filter, test.page) }))
			if found != test.want {
				t.Errorf("%+v %+v: got %q, want %q", test.filter, test.page, found, test.want)
			}
		}
		same(t, policyNames(got(t, s, func(tx store.Tx) ([]store.Policy, error) {
			return tx.AttachedPolicies("AIDAanna", store.Page{After: "read/"})
		})), "readaws")

		own.DefaultVersion, own.Description, own.Tags = 1, "e", nil
		write(t, s, func(tx store.Tx) error { return errors.Join(tx.UpdatePolicy(own), tx.DeletePolicyVersion(own.ID, 2)) })
		same(t, got(t, s, func(tx store.Tx) (store.Policy, error) { return tx.PolicyByID(own.ID) }), own)
		write(t, s, func(tx store.Tx) error {
			return errors.Join(tx.Detach("AIDAanna", own.ID), tx.DeletePolicy(own.ID))
		})
		same(t, got(t, s, func(tx store.Tx) ([]store.PolicyVersion, error) { return tx.PolicyVersions(own.ID) }), []store.PolicyVersion(nil))
	})
}

func TestInlinePoliciesKeepTheirFirstSpelling(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		inserted(t, s, user("anna"), store.InlinePolicy{IdentityID: "AIDAanna", Name: "Read", Document: "one"}, store.InlinePolicy{IdentityID: "AIDAanna", Name: "b", Document: "two"}, store.InlinePolicy{IdentityID: "AIDAanna", Name: "READ", Document: "three"})
		same(t, got(t, s, func(tx store.Tx) ([]store.InlinePolicy, error) { return tx.InlinePolicies("AIDAanna", store.Page{}) }),
			[]store.InlinePolicy{{IdentityID: "AIDAanna", Name: "b", Document: "two"}, {IdentityID: "AIDAanna", Name: "Read", Document: "three"}})
		same(t, got(t, s, func(tx store.Tx) ([]store.InlinePolicy, error) {
			return tx.InlinePolicies("AIDAanna", store.Page{After: "B", Limit: 1})
		}),
			[]store.InlinePolicy{{IdentityID: "AIDAanna", Name: "Read", Document: "three"}})
		write(t, s, func(tx store.Tx) error { return tx.DeleteInlinePolicy("AIDAanna", "rEAD") })
		answers(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.InlinePolicy("AIDAanna", "Read"); return err }), store.ErrNotFound)
		same(t, got(t, s, func(tx store.Tx) (store.InlinePolicy, error) { return tx.InlinePolicy("AIDAanna", "B") }).Document, "two")
	})
}

func TestAccessKeys(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		late := store.AccessKey{ID: "AKIA1", UserID: "AIDAanna", Active: true, Created: noon.Add(time.Second), Secret: "s"}
		early := store.AccessKey{ID: "AKIA2", UserID: "AIDAanna", Created: noon, Secret: "t"}
		inserted(t, s, user("anna"), user("ben"), late, early, store.AccessKey{ID: "AKIA3", UserID: "AIDAben"})
		late.LastUsed, late.LastUsedService, late.LastUsedRegion, late.Active = noon, "iam", "eu", false
		write(t, s, func(tx store.Tx) error { return tx.UpdateAccessKey(late) })
		same(t, got(t, s, func(tx store.Tx) ([]store.AccessKey, error) { return tx.AccessKeys("AIDAanna") }), []store.AccessKey{early, late})
		same(t, got(t, s, func(tx store.Tx) (store.AccessKey, error) { return tx.AccessKey("AKIA1") }), late)
		same(t, len(got(t, s, func(tx store.Tx) ([]store.AccessKey, error) { return all(tx.EachAccessKey()) })), 3)
		write(t, s, func(tx store.Tx) error { return tx.DeleteAccessKey("AKIA2") })
		same(t, len(got(t, s, func(tx store.Tx) ([]store.AccessKey, error) { return all(tx.EachAccessKey()) })), 2)
	})
}

func TestEveryAccessKeyMayBeChangedWhileGoingThroughThem(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		inserted(t, s, user("anna"))
		write(t, s, func(tx store.Tx) error {
			for n := range 2*chunk + 1 {
				if err := tx.InsertAccessKey(store.AccessKey{ID: fmt.Sprintf("AKIA%04d", n), UserID: "AIDAanna"}); err != nil {
					return err
				}
			}
			return nil
		})
		seen := 0
		write(t, s, func(tx store.Tx) error {
			for k, err := range tx.EachAccessKey() {
				if err != nil {
					return err
				}
				seen++
				k.Secret = "resealed"
				if err := tx.UpdateAccessKey(k); err != nil {
					return err
				}
			}
			return nil
		})
		same(t, seen, 2*chunk+1)
		read(t, s, func(tx store.Tx) error {
			for k, err := range tx.EachAccessKey() {
				if err != nil || k.Secret != "resealed" {
					t.Fatal(k, err)
				}
			}
			return nil
		})
	})
}

func TestPasswordHistoryOutlivesTheLoginProfile(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		first := store.LoginProfile{UserID: "AIDAanna", Created: noon, Hash: "one", Changed: noon, ResetRequired: true}
		inserted(t, s, user("anna"), first)
		same(t, got(t, s, func(tx store.Tx) (store.LoginProfile, error) { return tx.LoginProfile("AIDAanna") }), first)

		second := first
		second.Hash, second.Changed, second.ResetRequired, second.History = "two", noon.Add(time.Hour), false, []string{"one"}
		write(t, s, func(tx store.Tx) error { return tx.UpdateLoginProfile(second) })
		same(t, got(t, s, func(tx store.Tx) (store.LoginProfile, error) { return tx.LoginProfile("AIDAanna") }), second)

		write(t, s, func(tx store.Tx) error { return tx.DeleteLoginProfile("AIDAanna") })
		answers(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.LoginProfile("AIDAanna"); return err }), store.ErrNotFound)
		same(t, got(t, s, func(tx store.Tx) ([]string, error) { return tx.PasswordHistory("AIDAanna") }), []string{"two", "one"})

		inserted(t, s, store.LoginProfile{UserID: "AIDAanna", Hash: "three"})
		same(t, got(t, s, func(tx store.Tx) (store.LoginProfile, error) { return tx.LoginProfile("AIDAanna") }).History, []string{"two", "one"})

		// Made and deleted again and again, it does not grow beyond use.
		write(t, s, func(tx store.Tx) error {
			err := tx.DeleteLoginProfile("AIDAanna")
			for range 2 * store.MaxPasswordHistory {
				err = errors.Join(err, tx.InsertLoginProfile(store.LoginProfile{UserID: "AIDAanna", Hash: "again"}), tx.DeleteLoginProfile("AIDAanna"))
			}
			return err
		})
		same(t, len(got(t, s, func(tx store.Tx) ([]string, error) { return tx.PasswordHistory("AIDAanna") })), store.MaxPasswordHistory)

		// It does not keep the user, and a user of the same id would not have it.
		write(t, s, func(tx store.Tx) error { return tx.DeleteIdentity("AIDAanna") })
		same(t, got(t, s, func(tx store.Tx) ([]string, error) { return tx.PasswordHistory("AIDAanna") }), []string(nil))
	})
}

func TestMFADevices(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		phone := store.MFADevice{Name: "Phone", Path: "/x/", Created: noon, Tags: []store.Tag{{Key: "k", Value: "v"}}, Seed: "s", UserID: "AIDAanna", Enabled: noon, LastStep: 1 << 40, Drift: -3 * time.Minute}
		spare := store.MFADevice{Name: "a", Path: "/", Created: noon, Seed: "t"}
		inserted(t, s, user("anna"), phone, spare)
		same(t, got(t, s, func(tx store.Tx) (store.MFADevice, error) { return tx.MFADevice("PHONE") }), phone)
		for assignment, want := range map[store.Assignment][]store.MFADevice{store.AnyDevice: {spare, phone}, store.Assigned: {phone}, store.Unassigned: {spare}} {
			same(t, got(t, s, func(tx store.Tx) ([]store.MFADevice, error) { return tx.MFADevices(assignment, store.Page{}) }), want)
		}
		same(t, got(t, s, func(tx store.Tx) ([]store.MFADevice, error) {
			return tx.MFADevices(store.AnyDevice, store.Page{PathPrefix: "/x/"})
		}), []store.MFADevice{phone})
		same(t, got(t, s, func(tx store.Tx) ([]store.MFADevice, error) {
			return tx.MFADevices(store.AnyDevice, store.Page{After: "A", Limit: 3})
		}), []store.MFADevice{phone})
		same(t, got(t, s, func(tx store.Tx) ([]store.MFADevice, error) { return tx.MFADevicesOf("AIDAanna") }), []store.MFADevice{phone})

		phone.UserID, phone.Enabled, phone.LastStep, phone.Tags = "", time.Time{}, 0, nil
		write(t, s, func(tx store.Tx) error { return errors.Join(tx.UpdateMFADevice(phone), tx.DeleteMFADevice("A")) })
		same(t, got(t, s, func(tx store.Tx) ([]store.MFADevice, error) { return tx.MFADevices(store.Unassigned, store.Page{}) }), []store.MFADevice{phone})
	})
}

func TestSettingsRevocationsAndAttempts(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		write(t, s, func(tx store.Tx) error {
			return errors.Join(tx.PutSetting("a", []byte("1")), tx.PutSetting("a", []byte("\x00\xff")), tx.PutSetting("empty", nil))
		})
		same(t, string(got(t, s, func(tx store.Tx) ([]byte, error) { return tx.Setting("a") })), "\x00\xff")
		same(t, len(got(t, s, func(tx store.Tx) ([]byte, error) { return tx.Setting("empty") })), 0)
		write(t, s, func(tx store.Tx) error { return tx.DeleteSetting("a") })
		answers(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.Setting("a"); return err }), store.ErrNotFound)

		precise := noon.Add(123456789)
		revocation := func(tx store.Tx) (store.Revocation, error) { return tx.Revocation("x") }
		for _, step := range []struct{ put, want store.Revocation }{
			{store.Revocation{Subject: "x", Before: precise, Forget: noon.Add(time.Hour)}, store.Revocation{Subject: "x", Before: precise, Forget: noon.Add(time.Hour)}},
			{store.Revocation{Subject: "x", Before: noon, Forget: noon.Add(2 * time.Hour)}, store.Revocation{Subject: "x", Before: precise, Forget: noon.Add(2 * time.Hour)}},
			{store.Revocation{Subject: "x", Before: precise.Add(1), Forget: noon}, store.Revocation{Subject: "x", Before: precise.Add(1), Forget: noon.Add(2 * time.Hour)}},
		} {
			write(t, s, func(tx store.Tx) error { return tx.PutRevocation(step.put) })
			same(t, got(t, s, revocation), step.want)
		}
		write(t, s, func(tx store.Tx) error { return tx.DropRevocations(noon.Add(2 * time.Hour)) })
		same(t, got(t, s, revocation).Subject, "x")
		write(t, s, func(tx store.Tx) error { return tx.DropRevocations(noon.Add(2*time.Hour + 1)) })
		answers(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := revocation(tx); return err }), store.ErrNotFound)

		attempts := func(tx store.Tx) (store.Attempts, error) { return tx.Attempts("x") }
		same(t, got(t, s, attempts), store.Attempts{})
		a := store.Attempts{Subject: "x", Failed: 3, Last: precise, Until: precise.Add(time.Second)}
		write(t, s, func(tx store.Tx) error {
			return errors.Join(tx.PutAttempts(store.Attempts{Subject: "x", Failed: 2}), tx.PutAttempts(a), tx.DropAttempts(precise.Add(time.Second)))
		})
		same(t, got(t, s, attempts), a)
		write(t, s, func(tx store.Tx) error { return tx.DropAttempts(precise.Add(time.Second + 1)) })
		same(t, got(t, s, attempts), store.Attempts{})
		write(t, s, func(tx store.Tx) error {
			return errors.Join(tx.PutAttempts(a), tx.DeleteAttempts("x"), tx.DeleteAttempts("x"))
		})
		same(t, got(t, s, attempts), store.Attempts{})
	})
}

func TestAuditTrail(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		var entries []store.AuditEntry
		for n := range 2*chunk + 7 {
			e := store.AuditEntry{
				Chain: []string{"b", "a", "c"}[n%3], Seq: int64(n/3 + 1), Time: noon.Add(time.Duration(n) * time.Second), Body: []byte{byte(n), 0},
				MAC: []byte("mac"), EventName: []string{"CreateUser", "DeleteUser"}[n%2], Principal: fmt.Sprint("p", n%5), Subjects: []string{fmt.Sprint("s", n%7), "all", "all"},
			}
			e.Number = int64(n + 1)
			entries = append(entries, e)
		}
		write(t, s, func(tx store.Tx) error {
			for _, e := range entries {
				if number, err := tx.AppendAudit(e); err != nil || number != e.Number {
					t.Fatal(number, err)
				}
			}
			return nil
		})
		for name, test := range map[string]struct {
			filter store.AuditFilter
			keep   func(e store.AuditEntry) bool
		}{
			"all":          {store.AuditFilter{}, func(store.AuditEntry) bool { return true }},
			"after":        {store.AuditFilter{After: 1000}, func(e store.AuditEntry) bool { return e.Number > 1000 }},
			"since":        {store.AuditFilter{Since: noon.Add(900 * time.Second)}, func(e store.AuditEntry) bool { return e.Number > 900 }},
			"until":        {store.AuditFilter{Until: noon.Add(9 * time.Second)}, func(e store.AuditEntry) bool { return e.Number < 10 }},
			"future":       {store.AuditFilter{Since: noon.Add(time.Hour)}, func(store.AuditEntry) bool { return false }},
			"past":         {store.AuditFilter{Until: noon}, func(store.AuditEntry) bool { return false }},
			"event":        {store.AuditFilter{EventName: "CreateUser"}, func(e store.AuditEntry) bool { return e.EventName == "CreateUser" }},
			"principal":    {store.AuditFilter{Principal: "p3"}, func(e store.AuditEntry) bool { return e.Principal == "p3" }},
			"subject":      {store.AuditFilter{Subject: "s3"}, func(e store.AuditEntry) bool { return e.Subjects[0] == "s3" }},
			"all subjects": {store.AuditFilter{Subject: "all"}, func(store.AuditEntry) bool { return true }},
			"chain":        {store.AuditFilter{Chain: "c"}, func(e store.AuditEntry) bool { return e.Chain == "c" }},
			"several": {store.AuditFilter{Chain: "c", Subject: "s1", Since: noon.Add(20 * time.Second), EventName: "DeleteUser"}, func(e store.AuditEntry) bool {
				return e.Chain == "c" && e.Subjects[0] == "s1" && e.Number > 20 && e.EventName == "DeleteUser"
			}},
		} {
			for _, limit := range []int{0, 1, 3, chunk, chunk + 1} {
				for _, descending := range []bool{false, true} {
					var want []store.AuditEntry
					for n := range entries {
						if descending {
							n = len(entries) - 1 - n
						}
						if test.keep(entries[n]) && (limit == 0 || len(want) < limit) {
							want = append(want, entries[n])
						}
					}
					filter := test.filter
					filter.Limit, filter.Descending = limit, descending
					found := got(t, s, func(tx store.Tx) ([]store.AuditEntry, error) { return all(tx.AuditEntries(filter)) })
					if !reflect.DeepEqual(found, want) {
						t.Errorf("%s, limit %d, descending %v: got %d entries, want %d", name, limit, descending, len(found), len(want))
					}
				}
			}
		}
		for n, chain := range []string{"c", "b", "a"} {
			head := got(t, s, func(tx store.Tx) (store.AuditEntry, error) { return tx.ChainHead(chain) })
			same(t, head, entries[1004+n])
		}
		answers(t, s.Read(t.Context(), func(tx store.Tx) error { _, err := tx.ChainHead("d"); return err }), store.ErrNotFound)
	})
}

func TestAuditNumbersHaveNoGaps(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		entry := func(seq int64) store.AuditEntry {
			return store.AuditEntry{Chain: "c", Seq: seq, Body: []byte("b"), MAC: []byte("m")}
		}
		write(t, s, func(tx store.Tx) error { _, err := tx.AppendAudit(entry(1)); return err })
		failed := errors.New("failed")
		answers(t, s.Write(t.Context(), func(tx store.Tx) error {
			if _, err := tx.AppendAudit(entry(2)); err != nil {
				return err
			}
			return failed
		}), failed)
		write(t, s, func(tx store.Tx) error {
			_, err := tx.AppendAudit(entry(1))
			answers(t, err, store.ErrExists)
			number, err := tx.AppendAudit(entry(2))
			same(t, number, int64(2))
			return err
		})
	})
}

func TestAuditEntriesStay(t *testing.T) {
	s := databases["sqlite"](t)()
	write(t, s, func(tx store.Tx) error {
		_, err := tx.AppendAudit(store.AuditEntry{Chain: "c", Seq: 1, Body: []byte("b"), MAC: []byte("m")})
		return err
	})
	for _, statement := range []string{`DELETE FROM audit_entries`, `UPDATE audit_entries SET body = x'00'`} {
		if _, err := s.db.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "audit entries are never") {
			t.Errorf("%s: got %v", statement, err)
		}
	}
}

func TestChangesAreKnownByRevision(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		anna, admins, full := user("anna"), group("admins"), policy("full")
		inserted(t, s, anna, admins, full, store.PolicyVersion{PolicyID: full.ID, Number: 1, Document: "{}", Created: noon}, store.PolicyVersion{PolicyID: full.ID, Number: 2, Document: "{}", Created: noon})
		for name, test := range map[string]struct {
			do   func(tx store.Tx) error
			want []string
		}{
			"update":            {func(tx store.Tx) error { return tx.UpdateIdentity(anna) }, []string{anna.ID}},
			"insert and delete": {func(tx store.Tx) error { return errors.Join(tx.InsertIdentity(user("x")), tx.DeleteIdentity("AIDAx")) }, []string{"AIDAx"}},
			"policy":            {func(tx store.Tx) error { return tx.UpdatePolicy(full) }, []string{full.ID}},
			"version": {func(tx store.Tx) error {
				return tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: full.ID, Number: 3, Document: "{}", Created: noon})
			}, []string{full.ID}},
			"no version": {func(tx store.Tx) error { return tx.DeletePolicyVersion(full.ID, 2) }, []string{full.ID}},
			"policies":   {func(tx store.Tx) error { return errors.Join(tx.InsertPolicy(policy("x")), tx.DeletePolicy("ANPAx")) }, []string{"ANPAx"}},
			"inline policy": {func(tx store.Tx) error {
				return tx.PutInlinePolicy(store.InlinePolicy{IdentityID: anna.ID, Name: "x", Document: "{}"})
			}, []string{anna.ID}},
			"no inline policy": {func(tx store.Tx) error {
				return errors.Join(tx.PutInlinePolicy(store.InlinePolicy{IdentityID: admins.ID, Name: "y", Document: "{}"}), tx.DeleteInlinePolicy(admins.ID, "y"))
			}, []string{admins.ID}},
			"attachment":          {func(tx store.Tx) error { return tx.Attach(admins.ID, full.ID) }, []string{admins.ID}},
			"attachment and back": {func(tx store.Tx) error { return errors.Join(tx.Attach(anna.ID, full.ID), tx.Detach(anna.ID, full.ID)) }, []string{anna.ID}},
			"membership":          {func(tx store.Tx) error { return tx.AddMember(admins.ID, anna.ID) }, []string{admins.ID, anna.ID}},
			"no membership": {func(tx store.Tx) error {
				return errors.Join(tx.InsertIdentity(group("z")), tx.AddMember("AGPAz", anna.ID), tx.RemoveMember("AGPAz", anna.ID))
			}, []string{"AGPAz", anna.ID}},
			"uses and credentials": {func(tx store.Tx) error {
				return errors.Join(tx.SetPasswordLastUsed(anna.ID, noon), tx.InsertAccessKey(store.AccessKey{ID: "AKIA", UserID: anna.ID}),
					tx.InsertLoginProfile(store.LoginProfile{UserID: anna.ID}), tx.InsertMFADevice(store.MFADevice{Name: "x", UserID: anna.ID}), tx.PutSetting("a", nil))
			}, nil},
		} {
			before := got(t, s, store.Tx.Revision)
			write(t, s, func(tx store.Tx) error {
				err := test.do(tx)
				if changed := tx.Changed(); !slices.Equal(changed, test.want) {
					t.Errorf("%s: it says that it changed %v, want %v", name, changed, test.want)
				}
				return err
			})
			after := got(t, s, store.Tx.Revision)
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
	})
}

func TestOldChangesAreForgotten(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		inserted(t, s, user("old"), user("anna"))
		write(t, s, func(tx store.Tx) error {
			for range store.RememberedRevisions {
				tx.(*transaction).revision = 0 // as if each were an operation
				if err := tx.UpdateIdentity(user("anna")); err != nil {
					return err
				}
			}
			return nil
		})
		for revision, known := range map[int64]bool{0: false, 1: true, store.RememberedRevisions: true, store.RememberedRevisions + 1: true, store.RememberedRevisions + 2: false, -1: false} {
			read(t, s, func(tx store.Tx) error {
				changes, ok, err := tx.ChangedSince(revision)
				if err != nil || ok != known {
					t.Errorf("since %d: got %v %v, want %v", revision, ok, err, known)
				}
				if revision == 1 {
					same(t, changes, []store.Change{{Revision: store.RememberedRevisions + 1, ID: "AIDAanna"}})
				}
				return nil
			})
		}
	})
}

func TestReadSeesOneMoment(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		inserted(t, s, user("anna"))
		read(t, s, func(tx store.Tx) error {
			before, err := tx.Identities(store.User, store.Page{})
			if err != nil {
				return err
			}
			done := make(chan error)
			go func() {
				done <- s.Write(context.Background(), func(tx store.Tx) error { return tx.InsertIdentity(user("ben")) })
			}()
			answers(t, <-done, nil)
			after, err := tx.Identities(store.User, store.Page{})
			same(t, after, before)
			return err
		})
	})
}

func TestTransactionsRefuseWhatTheyAreNotFor(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		for name, do := range map[string]func(tx store.Tx) error{
			"insert": func(tx store.Tx) error { return tx.InsertIdentity(user("x")) },
			"count":  func(tx store.Tx) error { return tx.(*transaction).changed("x") },
			"append": func(tx store.Tx) error { _, err := tx.AppendAudit(store.AuditEntry{}); return err },
		} {
			if err := s.Read(t.Context(), do); err == nil || !strings.Contains(err.Error(), "Read was given a function that writes") {
				t.Errorf("%s: got %v", name, err)
			}
		}
		var late store.Tx
		write(t, s, func(tx store.Tx) error { late = tx; return nil })
		if err := late.InsertIdentity(user("late")); err == nil || !strings.Contains(err.Error(), "after its function had returned") {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		answers(t, s.Read(ctx, func(tx store.Tx) error {
			cancel()
			_, err := tx.Identities(store.User, store.Page{})
			return err
		}), context.Canceled)
		answers(t, s.Read(ctx, func(store.Tx) error { t.Error("it ran"); return nil }), context.Canceled)
	})
}

func TestAClosedStoreAnswersSo(t *testing.T) {
	onEach(t, func(t *testing.T, s *Store) {
		answers(t, s.Close(), nil)
		nothing := func(store.Tx) error { t.Error("it ran"); return nil }
		for _, err := range []error{
			s.Close(), s.Read(t.Context(), nothing), s.Write(t.Context(), nothing), s.Check(t.Context()), s.Backup(t.Context(), filepath.Join(t.TempDir(), "x")),
		} {
			answers(t, err, store.ErrClosed)
		}
	})
}

func TestMain(m *testing.M) {
	if job := children[os.Getenv("STORE_TEST_CHILD")]; job != nil {
		if err := job(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
