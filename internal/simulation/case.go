package simulation

import (
	"fmt"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Case is one access question with everything that its answer depends on. An access test also has
// the answer that it expects. [Decode] makes a Case and nothing changes it afterwards, so several
// goroutines may ask it at once.
type Case struct {
	// ID and Note are for people. Expect is Allowed, ExplicitlyDenied, ImplicitlyDenied, Denied
	// (either of the two) or Unknown. It is empty if the question expects nothing.
	ID, Note, Expect string
	Request          authz.Request
	Policies         authz.Policies
	// Uncertain says that a part of the question is not known yet.
	Uncertain bool
	// Pos is the position of the question in its text, if it came from text.
	Pos tree.Pos
	// ResourcePolicy finds the policy of a resource for [Case.About] if Policies has none. It may be nil.
	ResourcePolicy func(action authz.Action, resource string) (*authz.Layer, error)

	origins map[originKey]Origin

	// The fields from here on are unknowns that Request and Policies cannot express.

	alternatives []alternative
	// unknownQuestion says that the question as a whole is not known yet.
	unknownQuestion bool
	// unknownContext says that the request may have context keys that are not known yet.
	unknownContext bool
	// uncertainBesidesTarget is Uncertain without regard to the action and the resource.
	uncertainBesidesTarget bool

	// levelsWithoutAllow are the levels of service control policies that have only Deny statements.
	levelsWithoutAllow []int

	serviceLinked, unknownResourcePolicy                                bool
	unknownID, unknownServiceLinked, unknownManagement, unknownBoundary bool
}

// About returns the same question about another action and resource. Policies and context are not
// read again. The error is of type [Errors], or the error of ResourcePolicy.
func (c *Case) About(action, resource tree.Node) (*Case, error) {
	d := &decoder{}
	about := *c
	if !c.unknownQuestion {
		r := &about.Request
		r.Action, r.Resource = authz.Action{}, ""
		r.Unknown.Action, r.Unknown.Resource = false, false
		d.request(&about, "action", action)
		d.request(&about, "resource", resource)
		about.setUncertain()
	}
	if len(d.errors) > 0 {
		return nil, d.errors
	}
	if r := &about.Request; c.ResourcePolicy != nil && about.Policies.ResourcePolicy == nil && !c.unknownQuestion &&
		!r.Unknown.Action && !r.Unknown.Resource {
		var err error
		if about.Policies.ResourcePolicy, err = c.ResourcePolicy(r.Action, r.Resource); err != nil {
			return nil, err
		}
	}
	return &about, nil
}

func (c *Case) setUncertain() {
	c.Uncertain = c.uncertainBesidesTarget || c.Request.Unknown.Action || c.Request.Unknown.Resource
}

// Origin returns the place that the policy of a statement came from. It returns false if the
// statement belongs to no policy of this question.
func (c *Case) Origin(ref authz.StatementRef) (Origin, bool) {
	o, ok := c.origins[originKey{ref.Layer, ref.Level, ref.Policy}]
	return o, ok
}

// HasHiddenUnknowns reports whether the question has an unknown that Request and Policies cannot
// express. The methods of Case then answer correctly; those of Policies do not.
func (c *Case) HasHiddenUnknowns() bool {
	return c.unknownQuestion || c.unknownContext || len(c.alternatives) > 0
}

// Outcome returns the outcome of [authz.Policies.Decide] if every possible value of the unknowns
// leads to it, and otherwise [authz.Denied] or [authz.Undecided].
func (c *Case) Outcome() authz.Outcome {
	if !c.HasHiddenUnknowns() {
		return c.Policies.Decide(&c.Request)
	}
	if c.unknownQuestion {
		return authz.Undecided
	}
	if c.unknownContext {
		if c.CouldAllow() == authz.Never {
			return authz.Denied
		}
		return authz.Undecided
	}
	inputs := c.possibleInputs()
	outcome := inputs[0].policies.Decide(&inputs[0].request)
	for i := range inputs[1:] {
		in := &inputs[i+1]
		outcome = eitherOutcome(outcome, in.policies.Decide(&in.request))
		if outcome == authz.Undecided {
			break
		}
	}
	return outcome
}

// CouldAllow reports whether some values of the context keys that the question does not give would
// make the request allowed.
func (c *Case) CouldAllow() authz.Possibility {
	if c.unknownQuestion {
		return authz.Unclear
	}
	inputs := c.possibleInputs()
	answer := inputs[0].policies.CouldAllow(&inputs[0].request)
	for i := range inputs[1:] {
		in := &inputs[i+1]
		if other := in.policies.CouldAllow(&in.request); other != answer {
			return authz.Unclear
		}
	}
	if c.unknownContext && answer == authz.Possible {
		return authz.Unclear // a context key that is not known yet may prevent it
	}
	return answer
}

// Explain returns the decision with its reasons.
func (c *Case) Explain() *authz.Decision {
	d := c.Policies.Explain(&c.Request)
	if err := CheckResource(c.Request.Resource); err != nil && !c.Request.Unknown.Resource {
		d.Notes = append(d.Notes, sentence(err.Error()))
	}
	if c.HasHiddenUnknowns() {
		if outcome := c.Outcome(); outcome != d.Outcome {
			c.weaken(d, outcome)
		}
	}
	d.Notes = append(d.Notes, c.hints(d)...)
	return d
}

// hints returns notes about parts of the question that explain a surprising decision.
func (c *Case) hints(d *authz.Decision) (notes []string) {
	if d.Outcome == authz.Undecided {
		notes = c.principalHints(d)
	}
	if d.Outcome != authz.ImplicitlyDenied && d.Outcome != authz.Denied {
		return notes
	}
	for _, layer := range d.Layers {
		if layer.Layer == authz.ServiceControl && layer.Applies && slices.Contains(c.levelsWithoutAllow, layer.Level) {
			notes = append(notes, fmt.Sprintf("%s has only Deny statements, so it allows nothing, and every level must allow "+
				"the request. Policies of one level belong into one list.", layer.Name()))
		}
	}
	return notes
}

// Check compares the decision with the expected outcome. A question that expects nothing passes.
// The message is one sentence that says why a question does not pass.
func (c *Case) Check() (pass bool, message string, d *authz.Decision) {
	d = c.Explain()
	got := d.Outcome.String()
	switch {
	case c.Expect == "", c.Expect == got, c.Expect == "Denied" && d.Outcome.IsDenied():
		return true, "", d
	case d.Outcome == authz.Denied && (c.Expect == "ExplicitlyDenied" || c.Expect == "ImplicitlyDenied"):
		message = fmt.Sprintf("Expected %s; the request is denied, but unknown values decide whether "+
			"explicitly or implicitly.", c.Expect)
		return false, message, d
	}
	return false, fmt.Sprintf("Expected %s, got %s.", c.Expect, got), d
}
