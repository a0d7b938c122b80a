package simulation

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// alternative is a value that is not known yet and that [authz.Request] and [authz.Policies] cannot
// mark as unknown, such as whether a layer applies at all. The question is then evaluated with the
// value and without it, and the answer is definite only if both evaluations agree.
type alternative struct {
	field string               // the field, as messages name it
	apply func(*possibleInput) // changes the input to the other possibility
}

// possibleInput is the evaluator's input for one combination of the alternatives.
type possibleInput struct {
	policies authz.Policies
	request  authz.Request
}

// collectAlternatives fills c.alternatives once all fields are read. None of them depends on the
// action or the resource, which [Case.About] replaces.
func (c *Case) collectAlternatives() {
	p := &c.Policies
	add := func(field string, apply func(*possibleInput)) {
		c.alternatives = append(c.alternatives, alternative{field, apply})
	}
	if c.unknownBoundary {
		// An attached boundary makes every NotPrincipal apply, whatever the boundary says.
		add("boundary", func(in *possibleInput) { in.policies.Boundary = nil })
	}
	var exemptions []string // unknown fields that may exempt the caller from control policies
	if c.unknownServiceLinked {
		exemptions = append(exemptions, "service_linked_role")
	}
	if c.unknownManagement {
		exemptions = append(exemptions, "management_account")
	}
	if p.ServiceControl != nil && len(exemptions) > 0 {
		add(strings.Join(exemptions, " and "), func(in *possibleInput) { in.policies.ServiceControl = nil })
	}
	if p.ResourceControl != nil && len(exemptions) > 0 {
		add(strings.Join(exemptions, " and "), func(in *possibleInput) { in.policies.ResourceControl = nil })
	}
	if c.unknownID && (p.ResourcePolicy != nil || p.Endpoint != nil || p.ResourceControl != nil) {
		c.Request.Unknown.Principal = true // only these layers name principals by their unique id
	}
}

// possibleInputs returns every combination of the alternatives. The first one has all layers.
func (c *Case) possibleInputs() []possibleInput {
	inputs := []possibleInput{{policies: c.Policies, request: c.Request}}
	for _, a := range c.alternatives {
		for _, in := range slices.Clone(inputs) {
			a.apply(&in)
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// eitherOutcome returns what is certain when the outcome is either a or b.
func eitherOutcome(a, b authz.Outcome) authz.Outcome {
	switch {
	case a == b:
		return a
	case a.IsDenied() && b.IsDenied():
		return authz.Denied
	}
	return authz.Undecided
}

// weaken replaces the outcome of d by a less definite one and records the unknown values that it
// depends on.
func (c *Case) weaken(d *authz.Decision, outcome authz.Outcome) {
	var unknown []string
	if c.unknownQuestion {
		unknown = append(unknown, "the question itself")
	}
	if c.unknownContext {
		unknown = append(unknown, "context keys that are not known yet")
	}
	for _, a := range c.alternatives {
		unknown = append(unknown, a.field)
	}
	d.Outcome = outcome
	d.Deciding = nil
	if outcome == authz.Undecided {
		d.NearestMiss = nil
		d.DependsOn = append(d.DependsOn, unknown...)
		d.Reason = "Unknown: the answer depends on " + strings.Join(d.DependsOn, ", ") + "."
		return
	}
	d.Reason = "Denied for every possible value of: " + strings.Join(unknown, ", ") + "."
}
