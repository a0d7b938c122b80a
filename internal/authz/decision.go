package authz

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Decision is the answer to a request with its reasons.
type Decision struct {
	Outcome Outcome
	// Reason is the outcome in one sentence.
	Reason string
	// Layers says what each layer said, in the order of the layers. Those that
	// are not there are left out.
	Layers []LayerDecision
	// Deciding is the statements that made the outcome: for an explicit denial
	// those that deny, else those that allow.
	Deciding []StatementRef
	// NearestMiss is, for a denial that is not explicit, the statement that
	// would have allowed and failed in the fewest ways. It is nil where no
	// statement allows anything.
	NearestMiss *Miss
	// MissingKeys is the context keys that conditions asked for and the
	// request does not have, as the policies spell them, sorted.
	MissingKeys []string
	// DependsOn says, for an unknown outcome, which unknown values it hangs on.
	DependsOn []string
	// Notes are things about the request and the policies that a reader would
	// want to know, such as a value that no condition can compare.
	Notes []string
}

// LayerDecision is what one layer said.
type LayerDecision struct {
	Layer LayerKind
	// Level counts the levels of service and resource control policies, from 0
	// at the root.
	Level int
	// Outcome is what the layer says by itself. Applies is false where the
	// layer does not count for this caller, as Reason says.
	Outcome Outcome
	Applies bool
	Reason  string
	// Deciding is the statements that made the layer's outcome.
	Deciding []StatementRef
}

// Name is the layer's name, with its level where the layer has several.
func (d LayerDecision) Name() string {
	if d.Layer == ServiceControl || d.Layer == ResourceControl {
		return fmt.Sprintf("%s[%d]", d.Layer, d.Level)
	}
	return d.Layer.String()
}

// StatementRef points at a statement.
type StatementRef struct {
	Layer  LayerKind
	Level  int
	Policy string // the policy's name
	Sid    string // empty where it has none
	Index  int    // in its policy, from 0
	Effect policy.Effect
	Pos    tree.Pos // where the policy came from text
}

// String names the statement for people: policy "x", statement 0 (Sid), at 3:5.
func (s StatementRef) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "policy %q, statement %d", s.Policy, s.Index)
	if s.Sid != "" {
		fmt.Fprintf(&b, " (%s)", shown(s.Sid))
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
	// Element is Action, NotAction, Resource, NotResource, Principal,
	// NotPrincipal or Condition.
	Element string
	// Operator and Key say which condition, as written.
	Operator, Key string
	// Message says what the statement asks for and what the request has.
	Message string
	Pos     tree.Pos
}
