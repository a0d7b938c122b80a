package simulation

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Case is one access question with everything that bears on it and, where it
// is an access test, the answer that is expected. It is only read once
// decoded, so that several goroutines may ask it.
type Case struct {
	// ID and Note are for people. Expect is Allowed, ExplicitlyDenied,
	// ImplicitlyDenied, Denied (either of the two) or Unknown; empty where
	// nothing is expected.
	ID, Note, Expect string
	Request          authz.Request
	Policies         authz.Policies
	// Uncertain says that something of the question is known only later.
	Uncertain bool
	Pos       tree.Pos // where the question came from text

	origins map[originKey]Origin
	doubts  []doubt
	// openContext says that the request may have more context keys, with any
	// values, than are known.
	openContext bool
	// everythingUnknown says that the question itself is known only later.
	everythingUnknown bool

	// uncertainBesides is Uncertain but for the action and the resource.
	uncertainBesides bool

	linked, unknownID, unknownLinked bool
	unknownManagement                bool
	unknownBoundary                  bool
}

// About is the same question about another action and resource. Policies and
// context are not read again. The error is [Errors].
func (c *Case) About(action, resource tree.Node) (*Case, error) {
	d := &decoder{}
	about := *c
	if !c.everythingUnknown {
		r := &about.Request
		r.Action, r.Resource = authz.Action{}, ""
		r.Unknown.Action, r.Unknown.Resource = false, false
		d.request(&about, "action", action)
		d.request(&about, "resource", resource)
		about.weighUncertainty()
	}
	if len(d.errors) > 0 {
		return nil, d.errors
	}
	return &about, nil
}

func (c *Case) weighUncertainty() {
	c.Uncertain = c.uncertainBesides || c.Request.Unknown.Action || c.Request.Unknown.Resource
}

// Origin says where the policy of a statement came from. It reports false for
// a statement that is of no policy of this question.
func (c *Case) Origin(ref authz.StatementRef) (Origin, bool) {
	o, ok := c.origins[originKey{ref.Layer, ref.Level, ref.Policy}]
	return o, ok
}

// Unknowable reports whether something is known only later that Request and
// Policies cannot express: then only the Case's own methods, not those of
// Policies, answer rightly.
func (c *Case) Unknowable() bool {
	return c.everythingUnknown || c.openContext || len(c.doubts) > 0
}

// Outcome answers the question: what [authz.Policies.Decide] says, if it is
// the same whatever the unknowns turn out to be.
func (c *Case) Outcome() authz.Outcome {
	if !c.Unknowable() {
		return c.Policies.Decide(&c.Request)
	}
	if c.everythingUnknown {
		return authz.Undecided
	}
	if c.openContext {
		if c.CouldAllow() == authz.Never {
			return authz.Denied
		}
		return authz.Undecided
	}
	worlds := c.worlds()
	outcome := worlds[0].policies.Decide(&worlds[0].request)
	for i := range worlds[1:] {
		w := &worlds[i+1]
		if outcome = join(outcome, w.policies.Decide(&w.request)); outcome == authz.Undecided {
			break
		}
	}
	return outcome
}

// CouldAllow answers whether the request is allowed for some values of the
// context keys that are not given.
func (c *Case) CouldAllow() authz.Possibility {
	if c.everythingUnknown {
		return authz.Unclear
	}
	worlds := c.worlds()
	answer := worlds[0].policies.CouldAllow(&worlds[0].request)
	for i := range worlds[1:] {
		w := &worlds[i+1]
		if other := w.policies.CouldAllow(&w.request); other != answer {
			return authz.Unclear
		}
	}
	if c.openContext && answer == authz.Possible {
		return authz.Unclear // keys that are given later may rule it out
	}
	return answer
}

// Explain answers the question with its reasons.
func (c *Case) Explain() *authz.Decision {
	d := c.Policies.Explain(&c.Request)
	if err := Concrete(c.Request.Resource); err != nil && !c.Request.Unknown.Resource {
		d.Notes = append(d.Notes, sentence(err.Error()))
	}
	if !c.Unknowable() {
		return d
	}
	if outcome := c.Outcome(); outcome != d.Outcome {
		c.overrule(d, outcome)
	}
	return d
}

// Check compares the answer with the expected one. A case that expects nothing
// passes. why says in one sentence why it did not pass.
func (c *Case) Check() (pass bool, why string, d *authz.Decision) {
	d = c.Explain()
	got := d.Outcome.String()
	switch {
	case c.Expect == "", c.Expect == got, c.Expect == "Denied" && d.Outcome.IsDenied():
		return true, "", d
	case d.Outcome == authz.Denied && (c.Expect == "ExplicitlyDenied" || c.Expect == "ImplicitlyDenied"):
		return false, fmt.Sprintf("Expected %s; it is denied, and unknown values decide whether explicitly.", c.Expect), d
	}
	return false, fmt.Sprintf("Expected %s, got %s.", c.Expect, got), d
}
