package account

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// world is a small account with unknown values. open is the account as it is known; each
// call of complete returns one account that it may become.
type world struct {
	r        *rand.Rand
	open     []Change
	complete func() []Change
}

func newWorld(r *rand.Rand) *world {
	w := &world{r: r}
	var holes []func() []Change
	put := func(open Change, complete func() []Change) {
		w.open, holes = append(w.open, open), append(holes, complete)
	}
	for _, name := range []string{"a", "b", "c"} {
		open, fill := w.document()
		put(Policy{ARN: own(name), Default: "v1", Versions: []Version{{ID: "v1", Document: open}}}, func() []Change {
			return []Change{Policy{ARN: own(name), Default: "v1", Versions: []Version{{ID: "v1", Document: fill()}}}}
		})
	}
	for _, name := range []string{"g", "h"} {
		g := Group{Name: name, Attached: w.some(own, "a", "b", "c")}
		inline, fill := w.inline()
		g.Inline = inline
		g.Unknown = w.unknown(Unknown{Inline: true, Attached: true})
		put(g, func() []Change {
			g := g
			g.Inline = fill()
			g.Attached, g.Inline, g.Unknown = w.more(g.Attached, g.Inline, g.Unknown)
			return []Change{g}
		})
	}
	u := User{Name: "ana", Attached: w.some(own, "a", "b", "c"), Groups: w.some(strings.ToUpper, "g", "h"), Tags: []Tag{{"team", w.one("x", "y")}}}
	if w.chance(3) {
		u.Boundary = own(w.one("a", "b", "c"))
	}
	inline, fillUser := w.inline()
	u.Inline, u.Unknown = inline, w.unknown(Unknown{true, true, true, true, true})
	// A pending entry goes to some user, group or role, which may be ana.
	var given Pending
	has := w.chance(3)
	if has {
		given = Pending{Key: "k", To: []Kind{AnyKind, UserKind, GroupKind, RoleKind}[r.IntN(4)], Attached: w.some(own, "a", "b", "c")}
		given.Unknown = w.unknown(Unknown{Inline: true, Attached: true})
		if given.To == UserKind {
			given.Groups, given.Boundary = w.some(strings.ToUpper, "g", "h"), w.chance(5)
			given.Unknown.Groups = w.chance(5)
		}
		if w.chance(3) {
			given.Inline = []InlinePolicy{{"i", Text(w.known())}}
		}
		w.open = append(w.open, given)
	}
	put(u, func() []Change {
		u := u
		u.Inline = fillUser()
		u.Attached, u.Inline, u.Unknown = w.more(u.Attached, u.Inline, u.Unknown)
		toAna := has && (given.To == UserKind || given.To == AnyKind) && w.chance(2)
		if u.Unknown.Groups || toAna && given.Unknown.Groups {
			u.Groups = union(u.Groups, w.some(strings.ToUpper, "g", "h"))
		}
		if u.Unknown.Boundary || toAna && given.Boundary {
			u.Boundary = ""
			if w.chance(2) || toAna && given.Boundary {
				u.Boundary = own(w.one("a", "b", "c"))
			}
		}
		if u.Unknown.Tags && w.chance(2) {
			u.Tags = append(u.Tags[:1:1], Tag{"stage", w.one("x", "y")})
		}
		u.Unknown = Unknown{}
		if toAna {
			u.Groups = union(u.Groups, given.Groups)
			u.Attached = union(u.Attached, given.Attached)
			for _, p := range given.Inline {
				p.Name = "pending"
				u.Inline = append(u.Inline, p)
			}
			u.Attached, u.Inline, _ = w.more(u.Attached, u.Inline, given.Unknown)
		}
		return []Change{u}
	})
	w.complete = func() []Change {
		var out []Change
		for _, fill := range holes {
			out = append(out, fill()...)
		}
		if has && (given.To == GroupKind || given.To == AnyKind) && w.chance(2) { // the pending entry is a group's
			for i, c := range out {
				if g, ok := c.(Group); ok && w.chance(2) {
					g.Attached = union(g.Attached, given.Attached)
					for _, p := range given.Inline {
						p.Name = "pending"
						g.Inline = append(g.Inline, p)
					}
					g.Attached, g.Inline, _ = w.more(g.Attached, g.Inline, given.Unknown)
					out[i] = g
				}
			}
		}
		return out
	}
	return w
}

func (w *world) chance(of int) bool      { return w.r.IntN(of) == 0 }
func (w *world) one(of ...string) string { return of[w.r.IntN(len(of))] }
func (w *world) unknown(can Unknown) (u Unknown) {
	may := func(can bool) bool { return can && w.chance(10) }
	return Unknown{may(can.Inline), may(can.Attached), may(can.Groups), may(can.Tags), may(can.Boundary)}
}

func (w *world) some(as func(string) string, of ...string) (out []string) {
	for _, s := range of {
		if w.chance(3) {
			out = append(out, as(s))
		}
	}
	return out
}

func union(a, b []string) []string {
	out := append([]string(nil), a...)
	for _, s := range b {
		there := false
		for _, other := range out {
			there = there || ascii.EqualFold(s, other)
		}
		if !there {
			out = append(out, s)
		}
	}
	return out
}

// more adds members that the unknown lists may have.
func (w *world) more(attached []string, inline []InlinePolicy, u Unknown) ([]string, []InlinePolicy, Unknown) {
	if u.Attached {
		attached = union(attached, w.some(own, "a", "b", "c"))
	}
	if u.Inline && w.chance(2) {
		inline = append(inline[:len(inline):len(inline)], InlinePolicy{fmt.Sprint("more", len(inline)), Text(w.known())})
	}
	u.Attached, u.Inline = false, false
	return attached, inline, u
}

func (w *world) known() string {
	condition := w.one("", "", `,"Condition":{"StringEquals":{"aws:PrincipalTag/stage":"x"}}`, `,"Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"x"}}`,
		`,"Condition":{"Null":{"aws:PrincipalTag/stage":"true"}}`)
	return `{"Statement":[{"Effect":"` + w.one("Allow", "Allow", "Deny") + `","Action":"` + w.one("*", "s3:*", "ec2:*", "s3:ListAllMyBuckets") + `","Resource":"*"` + condition + `}]}`
}

// document returns a document that may have unknown parts, and a function that completes it.
func (w *world) document() (Document, func() Document) {
	text := w.known()
	if !w.chance(5) {
		return Text(text), func() Document { return Text(text) }
	}
	if w.chance(2) {
		return unknownDocument, func() Document { return Text(w.known()) }
	}
	element := w.one("Effect", "Action")
	with := func(n tree.Node) Document {
		node, err := policy.ParseJSON([]byte(text))
		if err != nil {
			panic(err)
		}
		members := node.Members[0].Value.Elements[0].Members
		for i := range members {
			if members[i].Name == element {
				members[i].Value = n
			}
		}
		return Tree(node)
	}
	return with(tree.Node{Kind: tree.Unknown}), func() Document {
		value := w.one("Allow", "Deny")
		if element == "Action" {
			value = w.one("*", "s3:*", "iam:GetUser")
		}
		return with(tree.Node{Kind: tree.String, Text: value})
	}
}

func (w *world) inline() ([]InlinePolicy, func() []InlinePolicy) {
	if w.chance(2) {
		return nil, func() []InlinePolicy { return nil }
	}
	open, fill := w.document()
	return []InlinePolicy{{"own", open}}, func() []InlinePolicy { return []InlinePolicy{{"own", fill()}} }
}

// No completion of a planned account may contradict an answer about it.
func TestPolicies_SoundWithUnknownValues(t *testing.T) {
	worlds, completions := 4000, 12
	if testing.Short() {
		worlds = 500
	}
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["` + ana + `","` + id + `"]},"Action":"s3:*","Resource":"*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	notOthers, err := authz.CompileLayer(authz.ResourcePolicy, []authz.Policy{{Name: "bucket", Document: doc}})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[authz.Outcome]int{}
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 11))
		w := newWorld(r)
		resource := notOthers
		if w.chance(2) {
			resource = nil
		}
		decide := func(a *Account) (authz.Outcome, *authz.Decision) {
			q := request(t, a, ana, "s3:ListAllMyBuckets")
			policies := mustPolicies(t, a, q.Principal)
			policies.ResourcePolicy = resource
			d := policies.Explain(q)
			if outcome := policies.Decide(q); outcome != d.Outcome || outcome == authz.Undecided && len(d.DependsOn) == 0 {
				t.Fatalf("world %d: decided %s, explained as %+v", seed, outcome, d)
			}
			return d.Outcome, d
		}
		open, why := decide(mustWith(t, New(id), w.open...))
		counts[open]++
		for range completions {
			changes := w.complete()
			got, how := decide(mustWith(t, New(id), changes...))
			if got == authz.Undecided {
				t.Fatalf("world %d: a completion is not decided", seed)
			}
			if open != authz.Undecided && open != got && (open != authz.Denied || !got.IsDenied()) {
				t.Fatalf("world %d: said %s (%s), and it turned out %s (%s)\n%+v\n%+v", seed, open, why.Reason, got, how.Reason, w.open, changes)
			}
		}
	}
	for _, o := range []authz.Outcome{authz.Allowed, authz.ExplicitlyDenied, authz.ImplicitlyDenied, authz.Undecided} {
		if counts[o]*50 < worlds {
			t.Errorf("only %d of %d worlds are %s", counts[o], worlds, o)
		}
	}
}

func TestExplain_ReasonsOfUnknownAnswer(t *testing.T) {
	p := managedPolicy("p", allow("s3:*"))
	for name, test := range map[string]struct {
		changes []Change
		says    string
	}{
		"document":    {[]Change{User{Name: "ana", Inline: []InlinePolicy{{"own", unknownDocument}}}}, `"inline policy own of user ana", which is not known yet`},
		"attachments": {[]Change{User{Name: "ana", Unknown: Unknown{Attached: true}}}, "policies that may be attached to user ana"},
		"inline":      {[]Change{User{Name: "ana", Unknown: Unknown{Inline: true}}}, "inline policies that user ana may have"},
		"groups":      {[]Change{User{Name: "ana", Unknown: Unknown{Groups: true}}}, "policies of groups that user ana may be in"},
		"boundary":    {[]Change{p, User{Name: "ana", Attached: []string{own("p")}, Unknown: Unknown{Boundary: true}}}, "permissions boundary that user ana may have"},
		"pending":     {[]Change{p, User{Name: "ana"}, Pending{Key: "k", To: UserKind, Attached: []string{own("p")}}}, `whether the policy "` + own("p") + `" will be attached`},
		"to anybody":  {[]Change{p, User{Name: "ana"}, Pending{Key: "k", Inline: []InlinePolicy{{"i", Text(allow("*"))}}}}, "inline policy i of user, group or role that is not known yet"},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustWith(t, New(id), test.changes...)
			r := request(t, a, ana, "s3:ListAllMyBuckets")
			policies := mustPolicies(t, a, r.Principal)
			d := policies.Explain(r)
			if d.Outcome != authz.Undecided || !strings.Contains(d.Reason, test.says) {
				t.Errorf("%s: %s", d.Outcome, d.Reason)
			}
		})
	}
}

// A pending entry affects only identities of its kind.
func TestPending_AffectedIdentities(t *testing.T) {
	p := managedPolicy("p", allow("s3:*"))
	base := mustWith(t, New(id), p, User{Name: "ana"}, Group{Name: "g"}, User{Name: "bob", Groups: []string{"g"}},
		Role{Name: "robot", Path: "/x/", Trust: Text(trustEC2)})
	bob := "arn:aws:iam::" + id + ":user/bob"
	for name, test := range map[string]struct {
		to                  Kind
		ana, bob, robotSays authz.Outcome
	}{
		"user":  {UserKind, authz.Undecided, authz.Undecided, authz.ImplicitlyDenied},
		"group": {GroupKind, authz.ImplicitlyDenied, authz.Undecided, authz.ImplicitlyDenied},
		"role":  {RoleKind, authz.ImplicitlyDenied, authz.ImplicitlyDenied, authz.Undecided},
		"any":   {AnyKind, authz.Undecided, authz.Undecided, authz.Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustWith(t, base, Pending{Key: "k", To: test.to, Attached: []string{own("p")}})
			for who, want := range map[string]authz.Outcome{ana: test.ana, bob: test.bob, robot: test.robotSays} {
				if got := ask(t, a, who, "s3:ListAllMyBuckets"); got != want {
					t.Errorf("%s: %s", who, got)
				}
			}
		})
	}
}
