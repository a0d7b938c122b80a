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
	return Policy{ARN: planARN(name), ID: "ANPA" + strings.ToUpper(name), Default: "v1", Versions: []Version{{ID: "v1", Document: allowing("live:" + name)}}}
}

// planLive has alice in readers with p attached and an inline policy, bob with nothing, and a role.
func planLive(t testing.TB) *Account {
	t.Helper()
	a, err := New(planAccount).With(
		planPolicy("p"), planPolicy("q"),
		Group{Name: "readers", ID: "AGPAREADERS", Attached: []string{planARN("q")}},
		Group{Name: "empty", ID: "AGPAEMPTY"},
		User{Name: "alice", ID: "AIDAALICE", Path: "/", Groups: []string{"readers"}, Attached: []string{planARN("p")}, Inline: []InlinePolicy{{"own", allowing("own:x")}}},
		User{Name: "bob", ID: "AIDABOB", Path: "/"},
		Role{Name: "deploy", ID: "AROADEPLOY", Path: "/", Trust: Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + planAccount + `"},"Action":"sts:AssumeRole"}}`)},
	)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// may returns those of the actions that a view allows the principal. A question mark follows an action whose answer is
// unknown.
func may(t *testing.T, p *Plan, principal string, actions ...string) string {
	t.Helper()
	a, _, err := p.View(principal)
	if err != nil {
		t.Fatal(err)
	}
	who, err := a.Principal(principal)
	if err != nil {
		return "nobody"
	}
	policies := mustPolicies(t, a, who)
	var out []string
	for _, action := range actions {
		switch policies.Decide(&authz.Request{Principal: who, Action: authz.MustAction(action), Resource: "*"}) {
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
		"nothing":                      {"alice", nil, "live:p live:q own:x"},
		"a detached policy":            {"alice", []Edit{Detach{UserKind, "Alice", []string{planARN("p")}}}, "live:q own:x"},
		"an attached policy":           {"bob", []Edit{Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("p")}}}, "live:p"},
		"attached to another":          {"alice", []Edit{Detach{UserKind, "bob", []string{planARN("p")}}}, "live:p live:q own:x"},
		"a policy with an unknown ARN": {"bob", []Edit{Attach{Kind: UserKind, Name: "bob", UnknownARN: true}}, "live:p? live:q? own:x? new:p? any:thing?"},
		"given to whoever":             {"bob", []Edit{Attach{Kind: UserKind, UnknownName: true, ARNs: []string{planARN("p")}}}, "live:p?"},
		"given to whatever role":       {"bob", []Edit{Attach{Kind: RoleKind, UnknownName: true, ARNs: []string{planARN("p")}}}, ""},
		"a new document":               {"alice", []Edit{PutPolicy{planARN("p"), allowing("new:p")}}, "live:q own:x new:p"},
		"an unknown document":          {"bob", []Edit{PutPolicy{planARN("p"), unknown}, Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("p")}}}, "live:p? live:q? own:x? new:p? any:thing?"},
		"a new policy":                 {"bob", []Edit{Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("new")}}, PutPolicy{planARN("new"), allowing("new:p")}}, "new:p"},
		"not planned yet":              {"bob", []Edit{Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("new")}}}, "live:p? live:q? own:x? new:p? any:thing?"},
		"a policy that goes":           {"alice", []Edit{RemovePolicy{planARN("p")}}, "live:q own:x"},
		"a policy that is replaced":    {"alice", []Edit{PutPolicy{planARN("p"), allowing("new:p")}, RemovePolicy{planARN("p")}}, "live:q own:x new:p"},
		"an inline policy":             {"bob", []Edit{PutInline{Kind: UserKind, Name: "bob", Policy: InlinePolicy{"i", allowing("new:p")}}}, "new:p"},
		"an inline policy's text":      {"alice", []Edit{PutInline{Kind: UserKind, Name: "alice", Policy: InlinePolicy{"OWN", allowing("new:p")}}}, "live:p live:q new:p"},
		"an inline policy that goes":   {"alice", []Edit{RemoveInline{UserKind, "alice", "own"}}, "live:p live:q"},
		"into a group":                 {"bob", []Edit{Join{User: "bob", Groups: []string{"Readers"}}}, "live:q"},
		"into some group":              {"bob", []Edit{Join{User: "bob", UnknownGroups: true}}, "live:p? live:q? own:x? new:p? any:thing?"},
		"someone into a group":         {"bob", []Edit{Join{UnknownUser: true, Groups: []string{"readers"}}}, "live:q?"},
		"out of a group":               {"alice", []Edit{Leave{"alice", []string{"readers"}}}, "live:p own:x"},
		"the group's policies":         {"alice", []Edit{Attach{Kind: GroupKind, Name: "readers", ARNs: []string{planARN("n")}}, PutPolicy{planARN("n"), allowing("new:p")}}, "live:p live:q own:x new:p"},
		"the group goes":               {"alice", []Edit{RemoveIdentity{GroupKind, "readers"}}, "live:p own:x"},
		"the group is renamed":         {"alice", []Edit{PlanIdentity{Kind: GroupKind, Name: "viewers", From: "readers"}, PutInline{Kind: GroupKind, Name: "viewers", Policy: InlinePolicy{"i", allowing("new:p")}}}, "live:p live:q own:x new:p"},
		"out of a renamed group":       {"alice", []Edit{PlanIdentity{Kind: GroupKind, Name: "viewers", From: "readers"}, Leave{"alice", []string{"readers"}}}, "live:p own:x"},
		"a new group":                  {"bob", []Edit{Join{User: "bob", Groups: []string{"new"}}, PlanIdentity{Kind: GroupKind, Name: "new"}, Attach{Kind: GroupKind, Name: "new", ARNs: []string{planARN("p")}}}, "live:p"},
		"only these members":           {"alice", []Edit{OnlyMembers{Group: "readers", Users: []string{"bob"}}}, "live:p own:x"},
		"one of only these members":    {"bob", []Edit{OnlyMembers{Group: "readers", Users: []string{"bob"}}}, "live:q"},
		"these members and others":     {"alice", []Edit{OnlyMembers{Group: "readers", Users: []string{"bob"}, Unknown: true}}, "live:p live:q? own:x"},
		"only these policies":          {"alice", []Edit{OnlyAttached{Kind: UserKind, Name: "alice", ARNs: []string{planARN("q")}}}, "live:q own:x"},
		"only these inline policies":   {"alice", []Edit{OnlyInline{Kind: UserKind, Name: "alice"}}, "live:p live:q"},
		"given up and taken over":      {"alice", []Edit{Attach{Kind: UserKind, Name: "alice", ARNs: []string{planARN("p")}}, Detach{UserKind, "alice", []string{planARN("p")}}}, "live:p live:q own:x"},
		"renamed":                      {"anna", []Edit{PlanIdentity{Kind: UserKind, Name: "anna", From: "alice"}, Detach{UserKind, "alice", []string{planARN("p")}}}, "live:q own:x"},
		"by the id, renamed":           {"AIDAALICE", []Edit{PlanIdentity{Kind: UserKind, Name: "anna", From: "alice"}}, "live:p live:q own:x"},
		"under the name given up":      {"alice", []Edit{PlanIdentity{Kind: UserKind, Name: "anna", From: "alice"}}, "nobody"},
		"removed":                      {"alice", []Edit{RemoveIdentity{UserKind, "alice"}}, "nobody"},
		"made anew":                    {"alice", []Edit{RemoveIdentity{UserKind, "alice"}, PlanIdentity{Kind: UserKind, Name: "alice"}}, ""},
		"new":                          {"carol", []Edit{PlanIdentity{Kind: UserKind, Name: "carol"}, Join{User: "carol", Groups: []string{"readers"}}}, "live:q"},
		"new, by ARN":                  {"arn:aws:iam::" + planAccount + ":user/x/carol", []Edit{PlanIdentity{Kind: UserKind, Name: "carol", Path: "/x/"}, Attach{Kind: UserKind, Name: "carol", ARNs: []string{planARN("p")}}}, "live:p"},
		"a boundary":                   {"alice", []Edit{PlanIdentity{Kind: UserKind, Name: "alice", From: "alice", Boundary: planARN("q")}}, "live:q"},
		"a boundary known later":       {"alice", []Edit{PlanIdentity{Kind: UserKind, Name: "alice", From: "alice", Unknown: Unknown{Boundary: true}}}, "live:p? live:q? own:x?"},
		"an ARN known later":           {"alice", []Edit{PlanIdentity{Kind: UserKind, Name: "alice", From: "alice", Unknown: Unknown{Attached: true}}}, "live:p? live:q? own:x? new:p? any:thing?"},
		"a role":                       {"deploy", []Edit{Attach{Kind: RoleKind, Name: "deploy", ARNs: []string{planARN("p")}}}, "live:p"},
		"a role's session":             {"arn:aws:sts::" + planAccount + ":assumed-role/deploy/run", []Edit{PutInline{Kind: RoleKind, Name: "deploy", Policy: InlinePolicy{"i", allowing("new:p")}}}, "new:p"},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewPlan(planLive(t))
			for i, e := range tt.edits {
				p.Put(fmt.Sprint(i), e)
			}
			if got := may(t, p, tt.principal, actions...); got != tt.want {
				t.Errorf("%s may %q, want %q", tt.principal, got, tt.want)
			}
		})
	}
}

func TestView_PlannedTrustPolicy(t *testing.T) {
	p := NewPlan(planLive(t))
	p.Put("role", PlanIdentity{Kind: RoleKind, Name: "deploy", From: "deploy", Trust: Text(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}`)})
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
	if got := policies.Decide(&authz.Request{Principal: authz.MustPrincipal("arn:aws:iam::" + planAccount + ":user/alice"), Action: authz.MustAction("sts:AssumeRole"), Resource: arn}); got != authz.ExplicitlyDenied {
		t.Errorf("the trust policy says %v", got)
	}
}

func TestPut_ReplacesEditsOfKey(t *testing.T) {
	p := NewPlan(planLive(t))
	p.Put("a", Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("p")}})
	p.Put("a", Attach{Kind: UserKind, Name: "bob", ARNs: []string{planARN("q")}})
	if got := may(t, p, "bob", "live:p", "live:q"); got != "live:q" {
		t.Errorf("bob may %s", got)
	}
	p.Put("a")
	if got := may(t, p, "bob", "live:p", "live:q"); got != "" {
		t.Errorf("bob may %s", got)
	}
}

// randomEdit returns a random edit. It draws from few names, so that edits affect the same identities.
func randomEdit(r *rand.Rand) Edit {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
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

// Only edits that meet the touched set of an answer change it, and the order of the edits makes no difference.
func TestView_DependsOnTouchedOnly(t *testing.T) {
	live := planLive(t)
	principals := []string{"alice", "bob", "carol"}
	changed, met := 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := NewPlan(live)
		var edits []Edit
		for range r.IntN(8) {
			edits = append(edits, randomEdit(r))
			p.Put(fmt.Sprint(len(edits)), edits[len(edits)-1])
		}
		look := func(p *Plan, who string) (string, Touched) {
			a, touched, err := p.View(who)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			return shown(a, who), touched
		}
		before := map[string]string{}
		reach := map[string]Touched{}
		for _, who := range principals {
			before[who], reach[who] = look(p, who)
		}
		backwards := NewPlan(live)
		for i, e := range slices.Backward(edits) {
			backwards.Put(fmt.Sprint(i+1), e)
		}
		last := randomEdit(r)
		touched := p.Put("last", last)
		for _, who := range principals {
			if got, _ := look(backwards, who); got != before[who] {
				t.Fatalf("seed %d: %v\n%s is %s, and in the other order %s", seed, edits, who, before[who], got)
			}
			after, _ := look(p, who)
			if touched.Meets(reach[who]) {
				met++
			}
			if after != before[who] {
				changed++
				if !touched.Meets(reach[who]) {
					t.Fatalf("seed %d: %#v changes %s from %s to %s and does not meet what that was made of, with %v", seed, last, who, before[who], after, edits)
				}
			}
		}
	}
	if changed < 1000 || met > 6*changed {
		t.Errorf("%d of 9000 views changed, %d were met", changed, met)
	}
}

// shown returns a user with its groups and policies as text.
func shown(a *Account, name string) string {
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

// A view agrees with a simple model of the account, to which every edit was applied in the order in which Terraform
// applies a plan.
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
			continue // what no apply would do
		}
		compared++
		for _, who := range []string{"alice", "bob", "carol"} {
			a, _, err := p.View(who)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := a.User(who)
			want, exists := m.users[who]
			if ok != exists {
				t.Fatalf("seed %d: %v: %s is there: %v, want %v", seed, edits, who, ok, exists)
			}
			if !ok || got.Unknown != (Unknown{}) {
				continue
			}
			var inline []string
			for _, i := range got.Inline {
				inline = append(inline, i.Name)
			}
			if s := fmt.Sprint(sorted(got.Attached), sorted(got.Groups), sorted(inline)); s != want.String() {
				t.Fatalf("seed %d: %#v\n%s has %s, want %s", seed, edits, who, s, want)
			}
		}
	}
	if compared < 500 {
		t.Errorf("only %d plans were compared", compared)
	}
}

func sorted(of []string) []string {
	out := slices.Clone(of)
	slices.Sort(out)
	return out
}

// model is an account made of plain sets.
type model struct {
	users, groups map[string]*modelEntry
	policies      map[string]bool
}

type modelEntry struct{ attached, groups, inline map[string]bool }

func (e *modelEntry) String() string {
	keys := func(of map[string]bool) []string {
		out := []string{}
		for key, is := range of {
			if is {
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

func (m *model) of(kind Kind, name string) *modelEntry {
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
		of := reflect.ValueOf(e)
		key := fmt.Sprintf("%T %v %v", e, of.Field(0), of.Field(1%of.NumField()))
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
			of := m.users
			if e.Kind == GroupKind {
				of = m.groups
			}
			if (of[e.Name] != nil) != (e.From != "") {
				return false
			}
			if of[e.Name] == nil {
				of[e.Name] = newModelEntry()
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
			if of := m.of(e.Kind, e.Name); of != nil {
				delete(of.attached, e.ARNs[0])
			}
		case RemoveInline:
			if of := m.of(e.Kind, e.Name); of != nil {
				delete(of.inline, e.Policy)
			}
		case Leave:
			if of := m.users[e.User]; of != nil {
				delete(of.groups, e.Groups[0])
			}
		}
	}
	for _, e := range edits {
		switch e := e.(type) {
		case Attach:
			of := m.of(e.Kind, e.Name)
			if of == nil || !m.policies[e.ARNs[0]] {
				return false
			}
			of.attached[e.ARNs[0]] = true
		case PutInline:
			of := m.of(e.Kind, e.Name)
			if of == nil {
				return false
			}
			of.inline[e.Policy.Name] = true
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

// BenchmarkPlanView views a hundred principals of a plan with a thousand attachments.
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
