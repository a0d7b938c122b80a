package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// model is a simple model of the contents of a store.
type model struct {
	identities map[string]store.Identity // by id
	policies   map[string]store.Policy
	inline     map[[2]string]store.InlinePolicy // by identity and folded name
	attached   map[[2]string]bool               // identity, policy
	members    map[[2]string]bool               // group, user
	keys       map[string]store.AccessKey
}

// Each method below returns the error that the contract requires of the store.

func (m *model) insertIdentity(i store.Identity) error {
	for _, other := range m.identities {
		if other.ID == i.ID || other.Kind == i.Kind && strings.EqualFold(other.Name, i.Name) {
			return store.ErrExists
		}
	}
	if _, ok := m.policies[i.Boundary]; !ok && i.Boundary != "" {
		return store.ErrNotFound
	}
	m.identities[i.ID] = i
	return nil
}

func (m *model) updateIdentity(i store.Identity) error {
	stored, ok := m.identities[i.ID]
	if !ok {
		return store.ErrNotFound
	}
	for _, other := range m.identities {
		if other.ID != i.ID && other.Kind == stored.Kind && strings.EqualFold(other.Name, i.Name) {
			return store.ErrExists
		}
	}
	if _, ok := m.policies[i.Boundary]; !ok && i.Boundary != "" {
		return store.ErrNotFound
	}
	i.Kind, i.Created = stored.Kind, stored.Created
	m.identities[i.ID] = i
	return nil
}

func (m *model) deleteIdentity(id string) error {
	if _, ok := m.identities[id]; !ok {
		return store.ErrNotFound
	}
	for key := range m.inline {
		if key[0] == id {
			return store.ErrInUse
		}
	}
	for key := range m.attached {
		if key[0] == id {
			return store.ErrInUse
		}
	}
	for key := range m.members {
		if key[0] == id || key[1] == id {
			return store.ErrInUse
		}
	}
	for _, k := range m.keys {
		if k.UserID == id {
			return store.ErrInUse
		}
	}
	delete(m.identities, id)
	return nil
}

func (m *model) insertPolicy(p store.Policy) error {
	for _, other := range m.policies {
		if other.ID == p.ID || strings.EqualFold(other.Name, p.Name) {
			return store.ErrExists
		}
	}
	m.policies[p.ID] = p
	return nil
}

// withCounts sets the number of attachments and boundaries of a policy.
func (m *model) withCounts(p store.Policy) store.Policy {
	for key := range m.attached {
		if key[1] == p.ID {
			p.Attachments++
		}
	}
	for _, i := range m.identities {
		if i.Boundary == p.ID {
			p.Boundaries++
		}
	}
	return p
}

func (m *model) deletePolicy(id string) error {
	p, ok := m.policies[id]
	if !ok {
		return store.ErrNotFound
	}
	if p = m.withCounts(p); p.Attachments+p.Boundaries > 0 {
		return store.ErrInUse
	}
	delete(m.policies, id)
	return nil
}

func (m *model) putInline(p store.InlinePolicy) error {
	if _, ok := m.identities[p.IdentityID]; !ok {
		return store.ErrNotFound
	}
	key := [2]string{p.IdentityID, ascii.Fold(p.Name)}
	if stored, ok := m.inline[key]; ok {
		p.Name = stored.Name
	}
	m.inline[key] = p
	return nil
}

func (m *model) attach(identity, policy string) error {
	_, identityExists := m.identities[identity]
	_, policyExists := m.policies[policy]
	if !identityExists || !policyExists {
		return store.ErrNotFound
	}
	m.attached[[2]string{identity, policy}] = true
	return nil
}

func (m *model) addMember(group, user string) error {
	_, groupExists := m.identities[group]
	_, userExists := m.identities[user]
	if !groupExists || !userExists {
		return store.ErrNotFound
	}
	m.members[[2]string{group, user}] = true
	return nil
}

func (m *model) insertKey(k store.AccessKey) error {
	if _, ok := m.keys[k.ID]; ok {
		return store.ErrExists
	}
	if _, ok := m.identities[k.UserID]; !ok {
		return store.ErrNotFound
	}
	m.keys[k.ID] = k
	return nil
}

// remove deletes a key, or returns ErrNotFound.
func remove[K comparable, V any](m map[K]V, key K) error {
	if _, ok := m[key]; !ok {
		return store.ErrNotFound
	}
	delete(m, key)
	return nil
}

// sorted returns the accepted values, ordered by their sort keys.
func sorted[K comparable, V any](m map[K]V, accept func(K, V) bool, sortKey func(V) string) []V {
	var values []V
	for k, v := range m {
		if accept(k, v) {
			values = append(values, v)
		}
	}
	slices.SortFunc(values, func(a, b V) int { return cmp.Compare(sortKey(a), sortKey(b)) })
	return values
}

// compare compares all lists and counts of the store with the model.
func (m *model) compare(t testing.TB, tx store.Tx) {
	t.Helper()
	byName := func(i store.Identity) string { return ascii.Fold(i.Name) }
	assertNoError := func(err error) {
		t.Helper()
		assertError(t, err, nil)
	}
	for _, kind := range []store.Kind{store.User, store.Group} {
		want := sorted(m.identities, func(_ string, i store.Identity) bool { return i.Kind == kind }, byName)
		found, err := tx.Identities(kind, store.Page{})
		assertNoError(err)
		assertEqual(t, found, want)
		count, err := tx.CountIdentities(kind)
		assertNoError(err)
		assertEqual(t, count, len(want))
	}
	policies, err := tx.Policies(store.PolicyFilter{}, store.Page{})
	assertNoError(err)
	want := sorted(m.policies, func(string, store.Policy) bool { return true },
		func(p store.Policy) string { return ascii.Fold(p.Name) })
	for n := range want {
		want[n] = m.withCounts(want[n])
	}
	assertEqual(t, policies, want)
	for id := range m.identities {
		inline, err := tx.InlinePolicies(id, store.Page{})
		assertNoError(err)
		assertEqual(t, inline,
			sorted(m.inline, func(key [2]string, _ store.InlinePolicy) bool { return key[0] == id },
				func(p store.InlinePolicy) string { return ascii.Fold(p.Name) }))
		attached, err := tx.AttachedPolicies(id, store.Page{})
		assertNoError(err)
		assertEqual(t, len(attached),
			len(sorted(m.attached, func(key [2]string, _ bool) bool { return key[0] == id }, func(bool) string { return "" })))
		for _, p := range attached {
			assertEqual(t, m.attached[[2]string{id, p.ID}], true)
		}
		members, err := tx.Members(id, store.Page{})
		assertNoError(err)
		assertEqual(t, members,
			sorted(m.identities, func(user string, _ store.Identity) bool { return m.members[[2]string{id, user}] }, byName))
		groups, err := tx.GroupsOf(id, store.Page{})
		assertNoError(err)
		assertEqual(t, groups,
			sorted(m.identities, func(group string, _ store.Identity) bool { return m.members[[2]string{group, id}] }, byName))
	}
	keys, err := collect(tx.EachAccessKey())
	assertNoError(err)
	assertEqual(t, keys,
		sorted(m.keys, func(string, store.AccessKey) bool { return true }, func(k store.AccessKey) string { return k.ID }))
}

// describe returns a text for each identity and policy. It changes whenever the change log must list the record.
func (m *model) describe() map[string]string {
	text := map[string]string{}
	for id, i := range m.identities {
		text[id] = fmt.Sprint(i)
	}
	for id, p := range m.policies {
		text[id] = fmt.Sprint(p)
	}
	for _, key := range sorted(m.inline, func([2]string, store.InlinePolicy) bool { return true },
		func(p store.InlinePolicy) string { return p.IdentityID + ascii.Fold(p.Name) }) {
		text[key.IdentityID] += fmt.Sprint(key)
	}
	for _, links := range []map[[2]string]bool{m.attached, m.members} {
		var pairs []string
		for key := range links {
			pairs = append(pairs, key[0]+" "+key[1])
		}
		slices.Sort(pairs)
		for _, pair := range pairs {
			from, to, _ := strings.Cut(pair, " ")
			text[from] += pair
			if strings.HasPrefix(from, "AGPA") && strings.HasPrefix(to, "AIDA") {
				text[to] += pair
			}
		}
	}
	return text
}

// checkChangeLog checks that the change log lists every record whose description changed after a revision.
func (m *model) checkChangeLog(t testing.TB, tx store.Tx, revision int64, before, after map[string]string) {
	t.Helper()
	changes, known, err := tx.ChangedSince(revision)
	if err != nil || !known {
		t.Fatal(known, err)
	}
	for _, id := range slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after))) {
		if before[id] != after[id] && !slices.ContainsFunc(changes, func(c store.Change) bool { return c.ID == id }) {
			t.Fatalf("%s changed from %q to %q after revision %d, and the change log does not list it: %v", id, before[id],
				after[id], revision, changes)
		}
	}
}

// testModel runs random operations on the store and on a model, and compares them. It draws from few names, so
// that operations affect the same records.
func testModel(t *testing.T, s store.Store) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	m := &model{
		identities: map[string]store.Identity{}, policies: map[string]store.Policy{},
		inline:   map[[2]string]store.InlinePolicy{},
		attached: map[[2]string]bool{}, members: map[[2]string]bool{}, keys: map[string]store.AccessKey{},
	}
	draw := func(from ...string) string { return from[random.IntN(len(from))] }
	name := func() string { return draw("a", "A", "b", "c", "C", "d") }
	identityID := func() string { return draw("AIDAa", "AIDAb", "AIDAc", "AIDAd") }
	groupID := func() string { return draw("AGPAa", "AGPAb") }
	anyID := func() string { return draw(identityID(), groupID()) }
	policyID := func() string { return draw("ANPAa", "ANPAb", "ANPAc") }
	boundary := func() string { return draw("", "", policyID()) }
	identity := func() store.Identity {
		i := store.Identity{Kind: store.User, ID: identityID()}
		if random.IntN(3) == 0 {
			i = store.Identity{Kind: store.Group, ID: groupID()}
		}
		i.Name, i.Path, i.Created, i.Boundary = name(), draw("/", "/x/"), noon, boundary()
		return i
	}

	revision, before := int64(0), map[string]string{}
	step := func(tx store.Tx, n int) {
		var want, got error
		switch random.IntN(12) {
		case 0, 1:
			i := identity()
			want, got = m.insertIdentity(i), tx.InsertIdentity(i)
		case 2:
			i := identity()
			want, got = m.updateIdentity(i), tx.UpdateIdentity(i)
		case 3:
			id := anyID()
			want, got = m.deleteIdentity(id), tx.DeleteIdentity(id)
		case 4:
			id := policyID()
			p := policy(name())
			p.ID = id
			want, got = m.insertPolicy(p), tx.InsertPolicy(p)
		case 5:
			id := policyID()
			want, got = m.deletePolicy(id), tx.DeletePolicy(id)
		case 6:
			p := store.InlinePolicy{IdentityID: anyID(), Name: name(), Document: fmt.Sprint(n)}
			want, got = m.putInline(p), tx.PutInlinePolicy(p)
		case 7:
			id, policyName := anyID(), name()
			want, got = remove(m.inline, [2]string{id, ascii.Fold(policyName)}), tx.DeleteInlinePolicy(id, policyName)
		case 8:
			id, p := anyID(), policyID()
			if random.IntN(2) == 0 {
				want, got = m.attach(id, p), tx.Attach(id, p)
			} else {
				want, got = remove(m.attached, [2]string{id, p}), tx.Detach(id, p)
			}
		case 9:
			g, u := groupID(), identityID()
			if random.IntN(2) == 0 {
				want, got = m.addMember(g, u), tx.AddMember(g, u)
			} else {
				want, got = remove(m.members, [2]string{g, u}), tx.RemoveMember(g, u)
			}
		case 10:
			k := store.AccessKey{ID: draw("AKIA1", "AKIA2"), UserID: identityID(), Created: noon, Secret: fmt.Sprint(n)}
			want, got = m.insertKey(k), tx.InsertAccessKey(k)
		case 11:
			id := draw("AKIA1", "AKIA2")
			want, got = remove(m.keys, id), tx.DeleteAccessKey(id)
		}
		if !errors.Is(got, want) {
			t.Fatalf("step %d: got %v, want %v", n, got, want)
		}
	}
	for n := range 300 {
		// If a step is refused, the other steps of the operation remain.
		write(t, s, func(tx store.Tx) error {
			for k := range random.IntN(20) {
				step(tx, 20*n+k)
			}
			return nil
		})
		if n%2 == 0 {
			read(t, s, func(tx store.Tx) error {
				m.compare(t, tx)
				now := m.describe()
				m.checkChangeLog(t, tx, revision, before, now)
				revision, _ = tx.Revision()
				before = now
				return nil
			})
		}
	}
	// An implementation may be able to check its own database.
	if checked, ok := s.(interface{ Check(context.Context) error }); ok {
		assertError(t, checked.Check(t.Context()), nil)
	}
}
