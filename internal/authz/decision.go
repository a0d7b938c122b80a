package authz

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Decision is the answer to a request, with its reasons.
type Decision struct {
	Outcome Outcome
	// Reason is the outcome in one sentence.
	Reason string
	// Layers has the answer of each layer, in the order of the layers, without absent ones.
	Layers []LayerDecision
	// Deciding are the statements that led to the outcome: those that deny for an explicit denial,
	// otherwise those that allow.
	Deciding []StatementRef
	// NearestMiss is, for a denial that is not explicit, the statement that came nearest to allowing the
	// request. One that fails a condition is nearer than one about another resource, and that one is
	// nearer than one about another action. It is nil if no statement allows anything.
	NearestMiss *Miss
	// MissingKeys are the context keys that conditions use and the request does not have.
	// They are sorted, and spelled as in the policies.
	MissingKeys []string
	// DependsOn names, for an unknown outcome, the unknown values that it depends on.
	DependsOn []string
	// Notes point out likely mistakes in the request and the policies, such as a value that no
	// condition can compare.
	Notes []string
}

// LayerDecision is the answer of one layer.
type LayerDecision struct {
	Layer LayerKind
	// Level counts the levels of service and resource control policies, from 0 at the root.
	Level int
	// Outcome is the answer of the layer by itself. Applies is false if the layer does not count
	// for this caller; Reason then says why.
	Outcome Outcome
	Applies bool
	Reason  string
	// Deciding are the statements that led to the layer's outcome.
	Deciding []StatementRef
}

// Name returns the layer's name, with its level if the layer has several.
func (d LayerDecision) Name() string {
	if d.Layer == ServiceControl || d.Layer == ResourceControl {
		return fmt.Sprintf("%s[%d]", d.Layer, d.Level)
	}
	return d.Layer.String()
}

// StatementRef identifies a statement.
type StatementRef struct {
	Layer  LayerKind
	Level  int
	Policy string // the policy's name
	Sid    string // empty if the statement has none
	Index  int    // in its policy, from 0
	Effect policy.Effect
	Pos    tree.Pos // known if the policy was parsed from text
}

// String returns a name for people: policy "x", statement 0 (Sid) at 3:5.
func (s StatementRef) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "policy %q, statement %d", s.Policy, s.Index)
	if s.Sid != "" {
		fmt.Fprintf(&b, " (%s)", abbreviate(s.Sid))
	}
	if s.Pos.Known() {
		fmt.Fprintf(&b, " at %s", s.Pos)
	}
	return b.String()
}

// Miss is a statement that did not match, with every way in which it failed.
type Miss struct {
	StatementRef
	Failures []Failure
}

// Failure is one way in which a statement did not match.
type Failure struct {
	// Element is Action, NotAction, Resource, NotResource, Principal, NotPrincipal or Condition.
	Element string
	// Operator and Key identify the condition, as written.
	Operator, Key string
	// Message compares the statement with the request.
	Message string
	Pos     tree.Pos
}
