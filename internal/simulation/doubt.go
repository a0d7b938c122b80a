package simulation

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// doubt is something known only later that Request and Policies do not express,
// such as whether a layer counts at all. The answer is then definite only if it
// is the same either way.
type doubt struct {
	what   string
	others []func(*world) // the other ways
}

// world is one way in which things may turn out.
type world struct {
	policies authz.Policies
	request  authz.Request
	// changes are context keys that turn out otherwise than as one unknown
	// value; null is absent.
	changes []policy.Member
}

// maxWorlds bounds the ways in which things may turn out that are looked at.
const maxWorlds = 100

func (c *Case) tooManyDoubts() bool {
	worlds := 1
	for _, d := range c.doubts {
		if worlds *= 1 + len(d.others); worlds > maxWorlds {
			return true
		}
	}
	return false
}

// several is values of a multivalued key. Operators without ForAllValues or
// ForAnyValue ask nothing more of it than that it has values, and about those
// with one authz tries all lists by itself.
var several = policy.Node{Kind: policy.ArrayNode, Elements: []policy.Node{
	{Kind: policy.StringNode, Text: "one"}, {Kind: policy.StringNode, Text: "another"},
}}

// change is a context key that turns out to have another value.
func change(key string, value policy.Node) func(*world) {
	return func(w *world) {
		w.changes = append(w.changes[:len(w.changes):len(w.changes)], policy.Member{Name: key, Value: value})
	}
}

// doubt collects what is doubtful once all fields are read.
func (c *Case) doubt(perhapsLists []string) {
	r, p := &c.Request, &c.Policies
	add := func(what string, others ...func(*world)) { c.doubts = append(c.doubts, doubt{what, others}) }
	if c.unknownBoundary {
		// A boundary that is there makes every NotPrincipal apply, whatever it says.
		add("boundary", func(w *world) { w.policies.Boundary = nil })
	}
	if r.Unknown.Principal {
		// Who it is decides which layers count; a resource's policy always does.
		add("principal", func(w *world) { w.policies = authz.Policies{ResourcePolicy: w.policies.ResourcePolicy} })
	}
	var limits []string // what decides whether control policies count
	if c.unknownLinked {
		limits = append(limits, "service_linked_role")
	}
	if c.unknownManagement {
		limits = append(limits, "management_account")
	}
	if p.ServiceControl != nil && len(limits) > 0 {
		add(strings.Join(limits, " and "), func(w *world) { w.policies.ServiceControl = nil })
	}
	if r.ManagementAccount != "" && (r.Unknown.ResourceAccount || r.Unknown.Resource && r.ResourceAccount == "") {
		limits = append(limits, "whether the management account owns the resource")
	}
	if p.ResourceControl != nil && len(limits) > 0 {
		add(strings.Join(limits, " and "), func(w *world) { w.policies.ResourceControl = nil })
	}
	for _, key := range perhapsLists {
		add("the context key "+key, change(key, policy.Node{}), change(key, several))
	}
	if c.unknownID && (p.ResourcePolicy != nil || p.Endpoint != nil || p.ResourceControl != nil) {
		r.Unknown.Principal = true // only those name principals by their id
	}
}

// worlds lists the ways in which things may turn out, first with all layers.
func (c *Case) worlds() []world {
	worlds := []world{{policies: c.Policies, request: c.Request}}
	for _, d := range c.doubts {
		for _, w := range worlds[:len(worlds):len(worlds)] {
			for _, other := range d.others {
				next := w
				other(&next)
				worlds = append(worlds, next)
			}
		}
	}
	for i := range worlds {
		if w := &worlds[i]; len(w.changes) > 0 {
			w.request.Context = changedContext(c.contextNode, c.unknownKeysNode, w.changes)
		}
	}
	return worlds
}

// join is what is certain when the outcome is one of two.
func join(a, b authz.Outcome) authz.Outcome {
	switch {
	case a == b:
		return a
	case a.IsDenied() && b.IsDenied():
		return authz.Denied
	}
	return authz.Undecided
}

// overrule puts a less definite outcome in place of the one that a decision
// has, with what it hangs on.
func (c *Case) overrule(d *authz.Decision, outcome authz.Outcome) {
	var what []string
	if c.everythingUnknown {
		what = append(what, "the question itself")
	}
	if c.openContext {
		what = append(what, "context keys that are known only later")
	}
	for _, doubt := range c.doubts {
		what = append(what, doubt.what)
	}
	d.Outcome = outcome
	d.Deciding = nil
	if outcome == authz.Undecided {
		d.NearestMiss = nil
		d.HangsOn = append(d.HangsOn, what...)
		d.Reason = "Unknown: it hangs on " + strings.Join(d.HangsOn, ", ") + "."
		return
	}
	d.Reason = "Denied, whatever these turn out to be: " + strings.Join(what, ", ") + "."
}
