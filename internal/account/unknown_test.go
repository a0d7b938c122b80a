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

// partialAccount is a small random account with unknown values. partial has the known values; each call of complete
// returns one account that the partial one may become.
type partialAccount struct {
	r        *rand.Rand
	partial  []Change
	complete func() []Change
}

func newPartialAccount(r *rand.Rand) *partialAccount {
	w := &partialAccount{r: r}
	var fillers []func() []Change
	put := func(partial Change, complete func() []Change) {
		w.partial, fillers = append(w.partial, partial), append(fillers, complete)
	}
	for _, name := range []string{"a", "b", "c"} {
		partial, fill := w.document()
		put(Policy{ARN: own(name), Default: "v1", Versions: []Version{{ID: "v1", Document: partial}}}, func() []Change {
			return []Change{Policy{ARN: own(name), Default: "v1", Versions: []Version{{ID: "v1", Document: fill()}}}}
		})
	}
	for _, name := range []string{"g", "h"} {
		g := Group{Name: name, Attached: w.subset(own, "a", "b", "c")}
		inline, fill := w.inline()
		g.Inline = inline
		g.Unknown = w.unknown(Unknown{Inline: true, Attached: true})
		put(g, func() []Change {
			g := g
			g.Inline = fill()
			g.Attached, g.Inline, g.Unknown = w.addMembers(g.Attached, g.Inline, g.Unknown)
			return []Change{g}
		})
	}
	u := User{Name: "ana", Attached: w.subset(own, "a", "b", "c"), Groups: w.subset(strings.ToUpper, "g", "h"),
		Tags: []Tag{{"team", w.oneOf("x", "y")}}}
	if w.chance(3) {
		u.Boundary = own(w.oneOf("a", "b", "c"))
	}
	inline, fillUser := w.inline()
	u.Inline, u.Unknown = inline, w.unknown(Unknown{true, true, true, true, true})
	// The receiver of a pending entry may be ana.
	var pending Pending
	hasPending := w.chance(3)
	if hasPending {
		pending = Pending{Key: "k", To: []Kind{AnyKind, UserKind, GroupKind, RoleKind}[r.IntN(4)],
			Attached: w.subset(own, "a", "b", "c")}
		pending.Unknown = w.unknown(Unknown{Inline: true, Attached: true})
		if pending.To == UserKind {
			pending.Groups, pending.Boundary = w.subset(strings.ToUpper, "g", "h"), w.chance(5)
			pending.Unknown.Groups = w.chance(5)
		}
		if w.chance(3) {
			pending.Inline = []InlinePolicy{{"i", Text(w.knownDocument())}}
		}
		w.partial = append(w.partial, pending)
	}
	put(u, func() []Change {
		u := u
		u.Inline = fillUser()
		u.Attached, u.Inline, u.Unknown = w.addMembers(u.Attached, u.Inline, u.Unknown)
		toAna := hasPending && (pending.To == UserKind || pending.To == AnyKind) && w.chance(2)
		if u.Unknown.Groups || toAna && pending.Unknown.Groups {
			u.Groups = union(u.Groups, w.subset(strings.ToUpper, "g", "h"))
		}
		if u.Unknown.Boundary || toAna && pending.Boundary {
			u.Boundary = ""
			if w.chance(2) || toAna && pending.Boundary {
				u.Boundary = own(w.oneOf("a", "b", "c"))
			}
		}
		if u.Unknown.Tags && w.chance(2) {
			u.Tags = append(u.Tags[:1:1], Tag{"stage", w.oneOf("x", "y")})
		}
		u.Unknown = Unknown{}
		if toAna {
			u.Groups = union(u.Groups, pending.Groups)
			u.Attached = union(u.Attached, pending.Attached)
			for _, p := range pending.Inline {
				p.Name = "pending"
				u.Inline = append(u.Inline, p)
			}
			u.Attached, u.Inline, _ = w.addMembers(u.Attached, u.Inline, pending.Unknown)
		}
		return []Change{u}
	})
	w.complete = func() []Change {
		var out []Change
		for _, fill := range fillers {
			out = append(out, fill()...)
		}
		// groups may receive the pending entry
		if hasPending && (pending.To == GroupKind || pending.To == AnyKind) && w.chance(2) {
			for i, c := range out {
				if g, ok := c.(Group); ok && w.chance(2) {
					g.Attached = union(g.Attached, pending.Attached)
					for _, p := range pending.Inline {
						p.Name = "pending"
						g.Inline = append(g.Inline, p)
					}
					g.Attached, g.Inline, _ = w.addMembers(g.Attached, g.Inline, pending.Unknown)
					out[i] = g
				}
			}
		}
		return out
	}
	return w
}

// chance reports true once in n calls on average.
func (w *partialAccount) chance(n int) bool { return w.r.IntN(n) == 0 }

func (w *partialAccount) oneOf(values ...string) string { return values[w.r.IntN(len(values))] }

// unknown marks some of the lists of can as unknown.
func (w *partialAccount) unknown(can Unknown) (u Unknown) {
	pick := func(allowed bool) bool { return allowed && w.chance(10) }
	return Unknown{pick(can.Inline), pick(can.Attached), pick(can.Groups), pick(can.Tags), pick(can.Boundary)}
}

func (w *partialAccount) subset(convert func(string) string, values ...string) (out []string) {
	for _, s := range values {
		if w.chance(3) {
			out = append(out, convert(s))
		}
	}
	return out
}

// union returns the strings of a, followed by those of b that differ from them in more than case.
func union(a, b []string) []string {
	out := append([]string(nil), a...)
	for _, s := range b {
		found := false
		for _, other := range out {
			found = found || ascii.EqualFold(s, other)
		}
		if !found {
			out = append(out, s)
		}
	}
	return out
}

// addMembers adds members to the unknown lists and marks the lists as known.
func (w *partialAccount) addMembers(attached []string, inline []InlinePolicy, u Unknown) ([]string, []InlinePolicy,
	Unknown) {
	if u.Attached {
		attached = union(attached, w.subset(own, "a", "b", "c"))
	}
	if u.Inline && w.chance(2) {
		inline = append(inline[:len(inline):len(inline)],
			InlinePolicy{fmt.Sprint("more", len(inline)), Text(w.knownDocument())})
	}
	u.Attached, u.Inline = false, false
	return attached, inline, u
}

// knownDocument returns the text of a random policy.
func (w *partialAccount) knownDocument() string {
	condition := w.oneOf("", "", `,"Condition":{"StringEquals":{"aws:PrincipalTag/stage":"x"}}`,
		`,"Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"x"}}`,
		`,"Condition":{"Null":{"aws:PrincipalTag/stage":"true"}}`)
	return `{"Statement":[{"Effect":"` + w.oneOf("Allow", "Allow", "Deny") + `","Action":"` +
		w.oneOf("*", "s3:*", "ec2:*", "s3:ListAllMyBuckets") + `","Resource":"*"` + condition + `}]}`
}

// document returns a document that may have unknown parts, and a function that completes it.
func (w *partialAccount) document() (Document, func() Document) {
	text := w.knownDocument()
	if !w.chance(5) {
		return Text(text), func() Document { return Text(text) }
	}
	if w.chance(2) {
		return unknownDocument, func() Document { return Text(w.knownDocument()) }
	}
	element := w.oneOf("Effect", "Action")
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
		value := w.oneOf("Allow", "Deny")
		if element == "Action" {
			value = w.oneOf("*", "s3:*", "iam:GetUser")
		}
		return with(tree.Node{Kind: tree.String, Text: value})
	}
}

func (w *partialAccount) inline() ([]InlinePolicy, func() []InlinePolicy) {
	if w.chance(2) {
		return nil, func() []InlinePolicy { return nil }
	}
	partial, fill := w.document()
	return []InlinePolicy{{"own", partial}}, func() []InlinePolicy { return []InlinePolicy{{"own", fill()}} }
}

// A decision about an account with unknown values must be right for every value that they may get.
func TestAccess_UnknownValues(t *testing.T) {
	accounts, completions := 4000, 12
	if testing.Short() {
		accounts = 500
	}
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["` +
		ana + `","` + id + `"]},"Action":"s3:*","Resource":"*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	bucketPolicy, err := authz.CompileLayer(authz.ResourcePolicy, []authz.Policy{{Name: "bucket", Document: doc}})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[authz.Outcome]int{}
	for seed := range uint64(accounts) {
		r := rand.New(rand.NewPCG(seed, 11))
		w := newPartialAccount(r)
		resource := bucketPolicy
		if w.chance(2) {
			resource = nil
		}
		explain := func(a *Account) (authz.Outcome, *authz.Decision) {
			r := request(t, a, ana, "s3:ListAllMyBuckets")
			policies := mustPolicies(t, a, r.Principal)
			policies.ResourcePolicy = resource
			d := policies.Explain(r)
			if outcome := policies.Decide(r); outcome != d.Outcome || outcome == authz.Undecided && len(d.DependsOn) == 0 {
				t.Fatalf("account %d: decided %s, explained as %+v", seed, outcome, d)
			}
			return d.Outcome, d
		}
		decision, why := explain(mustWith(t, New(id), w.partial...))
		counts[decision]++
		for range completions {
			changes := w.complete()
			got, how := explain(mustWith(t, New(id), changes...))
			if got == authz.Undecided {
				t.Fatalf("account %d: a completion is undecided", seed)
			}
			if decision != authz.Undecided && decision != got && (decision != authz.Denied || !got.IsDenied()) {
				t.Fatalf("account %d: decided %s (%s), but a completion decides %s (%s)\n%+v\n%+v", seed, decision, why.Reason, got,
					how.Reason, w.partial, changes)
			}
		}
	}
	for _, o := range []authz.Outcome{authz.Allowed, authz.ExplicitlyDenied, authz.ImplicitlyDenied, authz.Undecided} {
		if counts[o]*50 < accounts {
			t.Errorf("only %d of %d accounts are %s", counts[o], accounts, o)
		}
	}
}

func TestAccess_ReasonsOfUndecidedRequest(t *testing.T) {
	p := managedPolicy("p", allow("s3:*"))
	for name, test := range map[string]struct {
		changes    []Change
		wantReason string
	}{
		"unknown document": {[]Change{User{Name: "ana", Inline: []InlinePolicy{{"own", unknownDocument}}}},
			`"inline policy own of user ana", which is not known yet`},
		"unknown attachments": {[]Change{User{Name: "ana", Unknown: Unknown{Attached: true}}},
			"policies that may be attached to user ana"},
		"unknown inline policies": {[]Change{User{Name: "ana", Unknown: Unknown{Inline: true}}},
			"inline policies that user ana may have"},
		"unknown groups": {[]Change{User{Name: "ana", Unknown: Unknown{Groups: true}}},
			"policies of groups that user ana may be in"},
		"unknown boundary": {[]Change{p,
			User{Name: "ana", Attached: []string{own("p")}, Unknown: Unknown{Boundary: true}}},
			"permissions boundary that user ana may have"},
		"pending attachment": {[]Change{p, User{Name: "ana"},
			Pending{Key: "k", To: UserKind, Attached: []string{own("p")}}},
			`whether the policy "` + own("p") + `" will be attached`},
		"pending policy of any kind": {[]Change{p, User{Name: "ana"},
			Pending{Key: "k", Inline: []InlinePolicy{{"i", Text(allow("*"))}}}},
			"inline policy i of user, group or role that is not known yet"},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustWith(t, New(id), test.changes...)
			r := request(t, a, ana, "s3:ListAllMyBuckets")
			policies := mustPolicies(t, a, r.Principal)
			d := policies.Explain(r)
			if d.Outcome != authz.Undecided || !strings.Contains(d.Reason, test.wantReason) {
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
		to              Kind
		ana, bob, robot authz.Outcome
	}{
		"user":  {UserKind, authz.Undecided, authz.Undecided, authz.ImplicitlyDenied},
		"group": {GroupKind, authz.ImplicitlyDenied, authz.Undecided, authz.ImplicitlyDenied},
		"role":  {RoleKind, authz.ImplicitlyDenied, authz.ImplicitlyDenied, authz.Undecided},
		"any":   {AnyKind, authz.Undecided, authz.Undecided, authz.Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustWith(t, base, Pending{Key: "k", To: test.to, Attached: []string{own("p")}})
			for principal, want := range map[string]authz.Outcome{ana: test.ana, bob: test.bob, robot: test.robot} {
				if got := decide(t, a, principal, "s3:ListAllMyBuckets"); got != want {
					t.Errorf("%s: got %s, want %s", principal, got, want)
				}
			}
		})
	}
}
