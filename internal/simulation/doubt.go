package simulation

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// doubt is something known only later that Request and Policies do not express,
// such as whether a layer counts at all. The answer is then definite only if it
// is the same either way.
type doubt struct {
	what  string
	other func(*world) // the other way
}

// world is one way in which things may turn out.
type world struct {
	policies authz.Policies
	request  authz.Request
}

// doubt collects what is doubtful once all fields are read. None of it hangs on
// the action or the resource, which [Case.About] changes.
func (c *Case) doubt() {
	p := &c.Policies
	add := func(what string, other func(*world)) { c.doubts = append(c.doubts, doubt{what, other}) }
	if c.unknownBoundary {
		// A boundary that is there makes every NotPrincipal apply, whatever it says.
		add("boundary", func(w *world) { w.policies.Boundary = nil })
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
	if p.ResourceControl != nil && len(limits) > 0 {
		add(strings.Join(limits, " and "), func(w *world) { w.policies.ResourceControl = nil })
	}
	if c.unknownID && (p.ResourcePolicy != nil || p.Endpoint != nil || p.ResourceControl != nil) {
		c.Request.Unknown.Principal = true // only those name principals by their id
	}
}

// worlds lists the ways in which things may turn out, first with all layers.
func (c *Case) worlds() []world {
	worlds := []world{{policies: c.Policies, request: c.Request}}
	for _, d := range c.doubts {
		for _, w := range worlds[:len(worlds):len(worlds)] {
			d.other(&w)
			worlds = append(worlds, w)
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
		d.DependsOn = append(d.DependsOn, what...)
		d.Reason = "Unknown: the answer depends on " + strings.Join(d.DependsOn, ", ") + "."
		return
	}
	d.Reason = "Denied, whatever these turn out to be: " + strings.Join(what, ", ") + "."
}
