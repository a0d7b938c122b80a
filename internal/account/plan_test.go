package account

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

const planAccount = "123456789012"

func planARN(name string) string { return "arn:aws:iam::" + planAccount + ":policy/" + name }

func allowing(action string) Document {
	return Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"*"}}`)
}

func planPolicy(name string) Policy {
	return Policy{ARN: planARN(name), ID: "ANPA" + strings.ToUpper(name), Default: "v1",
		Versions: []Version{{ID: "v1", Document: allowing("live:" + name)}}}
}

// planLive returns the live account: alice is in readers and has the attached policy p and an inline policy, bob has no
// policies, and deploy is a role without policies.
func planLive(t testing.TB) *Account {
	t.Helper()
	a, err := New(planAccount).With(
		planPolicy("p"), planPolicy("q"),
		Group{Name: "readers", ID: "AGPAREADERS", Attached: []string{planARN("q")}},
		Group{Name: "empty", ID: "AGPAEMPTY"},
		User{Name: "alice", ID: "AIDAALICE", Path: "/", Groups: []string{"readers"}, Attached: []string{planARN("p")},
			Inline: []InlinePolicy{{"own", allowing("own:x")}}},
		User{Name: "bob", ID: "AIDABOB", Path: "/"},
		Role{Name: "deploy", ID: "AROADEPLOY", Path: "/",
			Trust: Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + planAccount +
				`"},"Action":"sts:AssumeRole"}}`)},
	)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// allowedActions returns the actions that a view allows the principal. A question mark follows an undecided action.
func allowedActions(t *testing.T, p *Plan, name string, actions ...string) string {
	t.Helper()
	a, _, err := p.View(name)
	if err != nil {
		t.Fatal(err)
	}
	principal, err := a.Principal(name)
	if err != nil {
		return "no principal"
	}
	policies := mustPolicies(t, a, principal)
	var out []string
	for _, action := range actions {
		switch policies.Decide(&authz.Request{Principal: principal, Action: authz.MustAction(action), Resource: "*"}) {
		case authz.Allowed:
			out = append(out, action)
		case authz.Undecided:
			out = append(out, action+"?")
		}
	}
	return strings.Join(out, " ")
}

func TestView_Edits(t *testing.T) {
	unknown := Tree(tree.Node{Kind: tree.Unknown})
	actions := []string{"live:p", "live:q", "own:x", "new:p", "any:thing"}
	for name, tt := range map[string]struct {
		principal string
		edits     []Edit
		want      string
	}{
		"no edit": {"alice", nil, "live:p live:q own:x"},
		"detached policy": {"alice", []Edit{Detach{UserKind, "Alice", []string{planARN("p")}}},
			"live:q own:x"},
		"attached policy": {"bob",
			[]Edit{Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("p")}}}, "live:p"},
		"edit of another user": {"alice", []Edit{Detach{UserKind, "bob", []string{planARN("p")}}},
			"live:p live:q own:x"},
		"attachment of an unknown policy": {"bob", []Edit{Attach{Kind: UserKind, Name: "bob", UnknownARN: true}},
			"live:p? live:q? own:x? new:p? any:thing?"},
		"attachment to an unknown user": {"bob",
			[]Edit{Attach{Kind: UserKind, UnknownName: true, ARNs: []string{planARN("p")}}}, "live:p?"},
		"attachment to an unknown role": {"bob",
			[]Edit{Attach{Kind: RoleKind, UnknownName: true, ARNs: []string{planARN("p")}}}, ""},
		"new document": {"alice", []Edit{PutPolicy{planARN("p"), allowing("new:p")}},
			"live:q own:x new:p"},
		"unknown document": {"bob",
			[]Edit{PutPolicy{planARN("p"), unknown}, Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("p")}}},
			"live:p? live:q? own:x? new:p? any:thing?"},
		"new policy": {"bob",
			[]Edit{Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("new")}},
				PutPolicy{planARN("new"), allowing("new:p")}}, "new:p"},
		"attached policy without plan": {"bob",
			[]Edit{Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("new")}}},
			"live:p? live:q? own:x? new:p? any:thing?"},
		"removed policy": {"alice", []Edit{RemovePolicy{planARN("p")}}, "live:q own:x"},
		"replaced policy": {"alice",
			[]Edit{PutPolicy{planARN("p"), allowing("new:p")}, RemovePolicy{planARN("p")}}, "live:q own:x new:p"},
		"inline policy": {"bob",
			[]Edit{PutInline{Kind: UserKind, Name: "bob", Policy: InlinePolicy{"i", allowing("new:p")}}}, "new:p"},
		"replaced inline policy": {"alice",
			[]Edit{PutInline{Kind: UserKind, Name: "alice", Policy: InlinePolicy{"OWN", allowing("new:p")}}},
			"live:p live:q new:p"},
		"removed inline policy": {"alice", []Edit{RemoveInline{UserKind, "alice", "own"}}, "live:p live:q"},
		"observed policies": {"bob",
			[]Edit{Observed{UserKind, "Bob", []string{planARN("p")}, []InlinePolicy{{"i", allowing("new:p")}}}}, "live:p new:p"},
		"observed policies that the plan removes": {"bob", []Edit{
			Observed{UserKind, "bob", []string{planARN("p")}, []InlinePolicy{{"i", allowing("new:p")}}},
			Detach{UserKind, "bob", []string{planARN("p")}}, RemoveInline{UserKind, "bob", "i"}}, ""},
		"observed policies beside an exclusive set": {"bob", []Edit{
			Observed{UserKind, "bob", []string{planARN("p")}, nil},
			OnlyAttached{Kind: UserKind, Name: "bob", ARNs: []string{planARN("q")}}}, "live:q"},
		"observed policies of a replaced user": {"bob", []Edit{
			Observed{UserKind, "bob", []string{planARN("p")}, nil}, RemoveIdentity{UserKind, "bob"},
			PlanIdentity{Kind: UserKind, Name: "bob"}, PlanIdentity{Kind: UserKind, Name: "bob", From: "bob"}}, ""},
		"new membership": {"bob", []Edit{Join{User: "bob", Groups: []string{"Readers"}}}, "live:q"},
		"membership in an unknown group": {"bob", []Edit{Join{User: "bob", UnknownGroups: true}},
			"live:p? live:q? own:x? new:p? any:thing?"},
		"membership of an unknown user": {"bob", []Edit{Join{UnknownUser: true, Groups: []string{"readers"}}},
			"live:q?"},
		"removed membership": {"alice", []Edit{Leave{"alice", []string{"readers"}}}, "live:p own:x"},
		"new group policy": {"alice",
			[]Edit{Attach{Kind: GroupKind, Name: "readers", ARNs: []string{planARN("n")}},
				PutPolicy{planARN("n"), allowing("new:p")}}, "live:p live:q own:x new:p"},
		"removed group": {"alice", []Edit{RemoveIdentity{GroupKind, "readers"}}, "live:p own:x"},
		"renamed group": {"alice",
			[]Edit{PlanIdentity{Kind: GroupKind, Name: "viewers", From: "readers"},
				PutInline{Kind: GroupKind, Name: "viewers", Policy: InlinePolicy{"i", allowing("new:p")}}},
			"live:p live:q own:x new:p"},
		"removed membership in a renamed group": {"alice",
			[]Edit{PlanIdentity{Kind: GroupKind, Name: "viewers", From: "readers"}, Leave{"alice", []string{"readers"}}},
			"live:p own:x"},
		"new group": {"bob",
			[]Edit{Join{User: "bob", Groups: []string{"new"}}, PlanIdentity{Kind: GroupKind, Name: "new"},
				Attach{Kind: GroupKind, Name: "new", ARNs: []string{planARN("p")}}}, "live:p"},
		"exclusive members without the user": {"alice", []Edit{OnlyMembers{Group: "readers", Users: []string{"bob"}}},
			"live:p own:x"},
		"exclusive members with the user": {"bob", []Edit{OnlyMembers{Group: "readers", Users: []string{"bob"}}},
			"live:q"},
		"exclusive members with unknown ones": {"alice",
			[]Edit{OnlyMembers{Group: "readers", Users: []string{"bob"}, Unknown: true}}, "live:p live:q? own:x"},
		"exclusive attachments": {"alice",
			[]Edit{OnlyAttached{Kind: UserKind, Name: "alice", ARNs: []string{planARN("q")}}}, "live:q own:x"},
		"exclusive inline policies": {"alice", []Edit{OnlyInline{Kind: UserKind, Name: "alice"}},
			"live:p live:q"},
		"detachment and attachment of one policy": {"alice",
			[]Edit{Attach{Kind: UserKind, Name: "alice", ARNs: []string{planARN("p")}},
				Detach{UserKind, "alice", []string{planARN("p")}}}, "live:p live:q own:x"},
		"renamed user": {"anna",
			[]Edit{PlanIdentity{Kind: UserKind, Name: "anna", From: "alice"}, Detach{UserKind, "alice", []string{planARN("p")}}},
			"live:q own:x"},
		"unique id of a renamed user": {"AIDAALICE", []Edit{PlanIdentity{Kind: UserKind, Name: "anna", From: "alice"}},
			"live:p live:q own:x"},
		"former name of a renamed user": {"alice", []Edit{PlanIdentity{Kind: UserKind, Name: "anna", From: "alice"}},
			"no principal"},
		"removed user": {"alice", []Edit{RemoveIdentity{UserKind, "alice"}}, "no principal"},
		"recreated user": {"alice",
			[]Edit{RemoveIdentity{UserKind, "alice"}, PlanIdentity{Kind: UserKind, Name: "alice"}}, ""},
		"new user": {"carol",
			[]Edit{PlanIdentity{Kind: UserKind, Name: "carol"}, Join{User: "carol", Groups: []string{"readers"}}}, "live:q"},
		"ARN of a new user": {"arn:aws:iam::" + planAccount + ":user/x/carol",
			[]Edit{PlanIdentity{Kind: UserKind, Name: "carol", Path: "/x/"},
				Attach{Kind: UserKind, Name: "carol", ARNs: []string{planARN("p")}}}, "live:p"},
		"boundary": {"alice",
			[]Edit{PlanIdentity{Kind: UserKind, Name: "alice", From: "alice", Boundary: planARN("q")}}, "live:q"},
		"unknown boundary": {"alice",
			[]Edit{PlanIdentity{Kind: UserKind, Name: "alice", From: "alice", Unknown: Unknown{Boundary: true}}},
			"live:p? live:q? own:x?"},
		"unknown ARN": {"alice",
			[]Edit{PlanIdentity{Kind: UserKind, Name: "alice", From: "alice", Unknown: Unknown{Attached: true}}},
			"live:p? live:q? own:x? new:p? any:thing?"},
		"role": {"deploy", []Edit{Attach{Kind: RoleKind, Name: "deploy", ARNs: []string{planARN("p")}}}, "live:p"},
		"role session": {"arn:aws:sts::" + planAccount + ":assumed-role/deploy/run",
			[]Edit{PutInline{Kind: RoleKind, Name: "deploy", Policy: InlinePolicy{"i", allowing("new:p")}}}, "new:p"},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewPlan(planLive(t))
			for i, e := range tt.edits {
				p.Put(fmt.Sprint(i), e)
			}
			if got := allowedActions(t, p, tt.principal, actions...); got != tt.want {
				t.Errorf("the allowed actions of %s are %q, want %q", tt.principal, got, tt.want)
			}
		})
	}
}

func TestView_PlannedTrustPolicy(t *testing.T) {
	p := NewPlan(planLive(t))
	p.Put("role", PlanIdentity{Kind: RoleKind, Name: "deploy", From: "deploy", Trust: Text(`{"Version":"2012-10-17",` +
		`"Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}`)})
	arn := "arn:aws:iam::" + planAccount + ":role/deploy"
	a, _, err := p.View("alice", arn)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := a.ResourcePolicy(authz.MustAction("sts:AssumeRole"), arn)
	if err != nil {
		t.Fatal(err)
	}
	policies := authz.Policies{ResourcePolicy: trust}
	if got := policies.Decide(&authz.Request{Principal: authz.MustPrincipal("arn:aws:iam::" + planAccount + ":user/alice"),
		Action: authz.MustAction("sts:AssumeRole"), Resource: arn}); got != authz.ExplicitlyDenied {
		t.Errorf("the trust policy decides %v, want %v", got, authz.ExplicitlyDenied)
	}
}

func TestPut_ReplacesEditsOfKey(t *testing.T) {
	p := NewPlan(planLive(t))
	p.Put("a", Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("p")}})
	p.Put("a", Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("q")}})
	if got := allowedActions(t, p, "bob", "live:p", "live:q"); got != "live:q" {
		t.Errorf("the allowed actions of bob are %q", got)
	}
	p.Put("a")
	if got := allowedActions(t, p, "bob", "live:p", "live:q"); got != "" {
		t.Errorf("the allowed actions of bob are %q", got)
	}
}

// randomEdit returns a random edit. It draws from few names, so that edits affect the same identities.
func randomEdit(r *rand.Rand) Edit {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	user, group := pick("alice", "bob", "carol"), pick("readers", "empty", "new")
	arn, inline := planARN(pick("p", "q", "n")), pick("own", "i")
	kind, name := UserKind, user
	if r.IntN(2) == 0 {
		kind, name = GroupKind, group
	}
	switch r.IntN(12) {
	case 0:
		return PlanIdentity{Kind: kind, Name: name, From: pick("", name), Path: "/"}
	case 1:
		return RemoveIdentity{kind, name}
	case 2, 3:
		return PutPolicy{arn, allowing("new:" + arn[len(arn)-1:])}
	case 4:
		return RemovePolicy{arn}
	case 5:
		return Attach{Kind: kind, Name: name, ARNs: []string{arn}}
	case 6:
		return Detach{kind, name, []string{arn}}
	case 7:
		return PutInline{Kind: kind, Name: name, Policy: InlinePolicy{inline, allowing("new:i")}}
	case 8:
		return RemoveInline{kind, name, inline}
	case 9:
		return Join{User: user, Groups: []string{group}}
	case 10:
		return Leave{user, []string{group}}
	}
	return OnlyMembers{Group: group, Users: []string{user}}
}

// An edit changes only the answers whose touched set it intersects. The order of the edits does not matter.
func TestView_TouchedSetsAndOrder(t *testing.T) {
	live := planLive(t)
	principals := []string{"alice", "bob", "carol"}
	changed, intersecting := 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := NewPlan(live)
		var edits []Edit
		for range r.IntN(8) {
			edits = append(edits, randomEdit(r))
			p.Put(fmt.Sprint(len(edits)), edits[len(edits)-1])
		}
		view := func(p *Plan, principal string) (string, Touched) {
			a, touched, err := p.View(principal)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			return describeUser(a, principal), touched
		}
		before := map[string]string{}
		touchedBy := map[string]Touched{}
		for _, principal := range principals {
			before[principal], touchedBy[principal] = view(p, principal)
		}
		backwards := NewPlan(live)
		for i, e := range slices.Backward(edits) {
			backwards.Put(fmt.Sprint(i+1), e)
		}
		last := randomEdit(r)
		touched := p.Put("last", last)
		for _, principal := range principals {
			if got, _ := view(backwards, principal); got != before[principal] {
				t.Fatalf("seed %d: %v\n%s is %s, but in the reverse order %s", seed, edits, principal, before[principal], got)
			}
			after, _ := view(p, principal)
			if touched.Intersects(touchedBy[principal]) {
				intersecting++
			}
			if after != before[principal] {
				changed++
				if !touched.Intersects(touchedBy[principal]) {
					t.Fatalf("seed %d: %#v changes %s from %s to %s, but the touched sets do not intersect; edits: %v", seed, last,
						principal, before[principal], after, edits)
				}
			}
		}
	}
	if changed < 1000 || intersecting > 6*changed {
		t.Errorf("%d of 9000 views changed, %d intersect the last edit", changed, intersecting)
	}
}

// describeUser returns a user with its groups and policies as text.
func describeUser(a *Account, name string) string {
	u, ok := a.User(name)
	if !ok {
		return "none"
	}
	u.Created = a.Users()[0].Created
	text := fmt.Sprintf("%+v", u)
	for _, group := range u.Groups {
		g, _ := a.Group(group)
		text += fmt.Sprintf(" %+v", g)
		u.Attached = append(u.Attached, g.Attached...)
	}
	for _, arn := range u.Attached {
		m, _ := a.Policy(arn)
		text += fmt.Sprintf(" %+v", m)
	}
	return text
}

// A view, and the whole planned account, agree with a simple model that applies every edit in the order in which
// Terraform applies a plan.
func TestView_AgreesWithModel(t *testing.T) {
	live := planLive(t)
	compared := 0
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 2))
		p, m := NewPlan(live), modelOf(live)
		var edits []Edit
		for range 1 + r.IntN(6) {
			e := randomEdit(r)
			edits = append(edits, e)
			p.Put(fmt.Sprint(len(edits)), e)
		}
		if !m.apply(edits) {
			continue // Terraform cannot apply these edits
		}
		compared++
		whole, err := p.Whole()
		if err != nil {
			t.Fatalf("seed %d: %v: %v", seed, edits, err)
		}
		for _, name := range []string{"readers", "empty", "new"} {
			_, exists := m.groups[name]
			if group, ok := whole.Group(name); ok != exists && group.Unknown == (Unknown{}) {
				t.Fatalf("seed %d: %v: the group %s exists in the whole account: %v, want %v", seed, edits, name, ok, exists)
			}
		}
		for _, principal := range []string{"alice", "bob", "carol"} {
			a, _, err := p.View(principal)
			if err != nil {
				t.Fatal(err)
			}
			if of, in := describeUser(a, principal), describeUser(whole, principal); in != of {
				t.Fatalf("seed %d: %v\n%s is %s, and in the whole account %s", seed, edits, principal, of, in)
			}
			got, ok := a.User(principal)
			want, exists := m.users[principal]
			if ok != exists {
				t.Fatalf("seed %d: %v: %s exists: %v, want %v", seed, edits, principal, ok, exists)
			}
			if !ok || got.Unknown != (Unknown{}) {
				continue
			}
			var inline []string
			for _, i := range got.Inline {
				inline = append(inline, i.Name)
			}
			if s := fmt.Sprint(sorted(got.Attached), sorted(got.Groups), sorted(inline)); s != want.String() {
				t.Fatalf("seed %d: %#v\n%s has %s, want %s", seed, edits, principal, s, want)
			}
		}
	}
	if compared < 500 {
		t.Errorf("only %d plans were compared", compared)
	}
}

func sorted(values []string) []string {
	out := slices.Clone(values)
	slices.Sort(out)
	return out
}

// model is a simple account of maps and sets. It serves as a reference for [Plan.View].
type model struct {
	users, groups map[string]*modelEntry
	policies      map[string]bool
}

type modelEntry struct{ attached, groups, inline map[string]bool }

func (e *modelEntry) String() string {
	keys := func(set map[string]bool) []string {
		out := []string{}
		for key, present := range set {
			if present {
				out = append(out, key)
			}
		}
		return sorted(out)
	}
	return fmt.Sprint(keys(e.attached), keys(e.groups), keys(e.inline))
}

func newModelEntry() *modelEntry {
	return &modelEntry{map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

func modelOf(a *Account) *model {
	m := &model{map[string]*modelEntry{}, map[string]*modelEntry{}, map[string]bool{}}
	for _, p := range a.ManagedPolicies() {
		m.policies[p.ARN] = true
	}
	for _, g := range a.Groups() {
		m.groups[g.Name] = newModelEntry()
	}
	for _, u := range a.Users() {
		e := newModelEntry()
		for _, arn := range u.Attached {
			e.attached[arn] = true
		}
		for _, g := range u.Groups {
			e.groups[g] = true
		}
		for _, i := range u.Inline {
			e.inline[i.Name] = true
		}
		m.users[u.Name] = e
	}
	return m
}

func (m *model) entry(kind Kind, name string) *modelEntry {
	if kind == UserKind {
		return m.users[name]
	}
	return m.groups[name]
}

// apply applies the edits as Terraform does: removals first, then creations, then changes of lists. It returns false if
// applying the plan fails, or if the result depends on the order of two edits.
func (m *model) apply(edits []Edit) bool {
	seen := map[string]bool{}
	for _, e := range edits {
		fields := reflect.ValueOf(e)
		key := fmt.Sprintf("%T %v %v", e, fields.Field(0), fields.Field(1%fields.NumField()))
		if only, ok := e.(OnlyMembers); ok {
			key = "only " + only.Group
		}
		if seen[key] {
			return false
		}
		seen[key] = true
	}
	for _, e := range edits {
		switch e := e.(type) {
		case RemoveIdentity:
			if e.Kind == UserKind {
				delete(m.users, e.Name)
				break
			}
			delete(m.groups, e.Name)
			for _, u := range m.users {
				delete(u.groups, e.Name)
			}
		case RemovePolicy:
			delete(m.policies, e.ARN)
		}
	}
	for _, e := range edits {
		switch e := e.(type) {
		case PlanIdentity:
			entries := m.users
			if e.Kind == GroupKind {
				entries = m.groups
			}
			if (entries[e.Name] != nil) != (e.From != "") {
				return false
			}
			if entries[e.Name] == nil {
				entries[e.Name] = newModelEntry()
			}
		case PutPolicy:
			m.policies[e.ARN] = true
		}
	}
	for _, e := range edits {
		if e, ok := e.(OnlyMembers); ok {
			if m.groups[e.Group] == nil || m.users[e.Users[0]] == nil {
				return false
			}
			for name, u := range m.users {
				u.groups[e.Group] = name == e.Users[0]
			}
		}
	}
	for _, e := range edits {
		switch e := e.(type) {
		case Detach:
			if target := m.entry(e.Kind, e.Name); target != nil {
				delete(target.attached, e.ARNs[0])
			}
		case RemoveInline:
			if target := m.entry(e.Kind, e.Name); target != nil {
				delete(target.inline, e.Policy)
			}
		case Leave:
			if target := m.users[e.User]; target != nil {
				delete(target.groups, e.Groups[0])
			}
		}
	}
	for _, e := range edits {
		switch e := e.(type) {
		case Attach:
			target := m.entry(e.Kind, e.Name)
			if target == nil || !m.policies[e.ARNs[0]] {
				return false
			}
			target.attached[e.ARNs[0]] = true
		case PutInline:
			target := m.entry(e.Kind, e.Name)
			if target == nil {
				return false
			}
			target.inline[e.Policy.Name] = true
		case Join:
			if m.users[e.User] == nil || m.groups[e.Groups[0]] == nil {
				return false
			}
			m.users[e.User].groups[e.Groups[0]] = true
		}
	}
	for _, u := range m.users {
		for arn := range u.attached {
			if !m.policies[arn] {
				delete(u.attached, arn)
			}
		}
	}
	return true
}

// BenchmarkPlanView gets the views of 100 users of a plan with 1,000 attachments.
func BenchmarkPlanView(b *testing.B) {
	p := NewPlan(planLive(b))
	p.Put("policy", PutPolicy{planARN("n"), allowing("new:p")})
	for i := range 1000 {
		name := fmt.Sprint("user-", i/10)
		p.Put(fmt.Sprint("user ", i), PlanIdentity{Kind: UserKind, Name: name})
		p.Put(fmt.Sprint("attachment ", i), Attach{Kind: UserKind, Name: name, ARNs: []string{planARN("n")}})
	}
	for b.Loop() {
		for i := range 100 {
			if _, _, err := p.View(fmt.Sprint("user-", i)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// A plan that served views before has the same roles and policies as a new plan with the same edits.
func TestView_RolesAgreeWithNewPlan(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4)) // #nosec G404 -- reproducible
	roles, policies := []string{"deploy", "build", "moved"}, []string{"p", "q", "r"}
	role := func() string { return roles[random.IntN(len(roles))] }
	arn := func() string { return planARN(policies[random.IntN(len(policies))]) }
	trust := func() Document {
		return Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + planAccount +
			`:user/` + []string{"alice", "bob"}[random.IntN(2)] + `"},"Action":"sts:AssumeRole"}}`)
	}
	// Each key has edits of another kind, as the resources of a configuration do.
	edits := func(key int) []Edit {
		choices := [][]Edit{nil}
		switch key {
		case 0:
			choices = append(choices, []Edit{RemoveIdentity{Kind: RoleKind, Name: "deploy"}})
			for _, name := range []string{"deploy", "moved"} {
				choices = append(choices, []Edit{PlanIdentity{Kind: RoleKind, Name: name, From: "deploy", Path: "/",
					Trust: trust()}})
			}
		case 1:
			choices = append(choices, []Edit{PlanIdentity{Kind: RoleKind, Name: "build", Path: "/", Trust: trust()}})
		case 2:
			choices = append(choices, []Edit{PutPolicy{ARN: arn(), Document: allowing("planned:x")}},
				[]Edit{RemovePolicy{ARN: arn()}})
		case 3:
			choices = append(choices, []Edit{Attach{Kind: RoleKind, Name: role(), ARNs: []string{arn()}}})
		default:
			choices = append(choices,
				[]Edit{PutInline{Kind: RoleKind, Name: role(), Policy: InlinePolicy{"own", allowing("own:y")}}})
		}
		return choices[random.IntN(len(choices))]
	}
	live := planLive(t)
	for range 300 {
		plan, all := NewPlan(live), map[string][]Edit{}
		for range 12 {
			n := random.IntN(5)
			key := fmt.Sprint(n)
			all[key] = edits(n)
			plan.Put(key, all[key]...)
			if random.IntN(2) == 0 {
				if _, _, err := plan.View("alice"); err != nil {
					t.Fatal(err)
				}
			}
		}
		fresh := NewPlan(live)
		for key, edits := range all {
			fresh.Put(key, edits...)
		}
		got, _, err := plan.View("alice")
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := fresh.View("alice")
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Roles(), want.Roles()) {
			t.Fatalf("after %+v the plan has the roles\n%+v\nwant\n%+v", all, got.Roles(), want.Roles())
		}
		if !reflect.DeepEqual(got.ManagedPolicies(), want.ManagedPolicies()) {
			t.Fatalf("after %+v the plan has the policies\n%+v\nwant\n%+v", all, got.ManagedPolicies(), want.ManagedPolicies())
		}
	}
}

// A removed policy is not in the whole account, and everything loses it, also what no edit names.
func TestWhole_RemovedPolicy(t *testing.T) {
	live, err := planLive(t).With(
		Group{Name: "lonely", ID: "AGPALONELY", Attached: []string{planARN("p"), planARN("q")}},
		Role{Name: "r", ID: "AROAR", Path: "/", Attached: []string{planARN("p"), planARN("q")}, Trust: Text(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + planAccount +
				`"},"Action":"sts:AssumeRole"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	p := NewPlan(live)
	p.Put("1", RemovePolicy{ARN: planARN("p")})
	whole, err := p.Whole()
	if err != nil {
		t.Fatal(err)
	}
	if _, exists := whole.Policy(planARN("p")); exists {
		t.Error("the whole account has the policy that the plan removes")
	}
	g, _ := whole.Group("lonely")
	r, _ := whole.Role("r")
	for name, attached := range map[string][]string{"group": g.Attached, "role": r.Attached} {
		if fmt.Sprint(attached) != fmt.Sprint([]string{planARN("q")}) {
			t.Errorf("the %s has the policies %v", name, attached)
		}
	}
	principal, err := whole.Principal("r")
	if err != nil {
		t.Fatal(err)
	}
	mustPolicies(t, whole, principal)
}
