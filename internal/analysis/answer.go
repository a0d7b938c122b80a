package analysis

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Verdict is the answer to a question about all requests.
type Verdict uint8

// The verdicts. A check that guards access must treat Unknown as Fail.
const (
	// Unknown means that the question was not decided. [Answer.Open] has the reasons.
	Unknown Verdict = iota
	// Pass means that no request is an example of the contrary. It is a proof.
	Pass
	// Fail means that the request [Answer.Witness] is an example of the contrary.
	Fail
)

// String returns the verdict in lower case.
func (v Verdict) String() string { return [...]string{"unknown", "pass", "fail"}[v] }

// Answer is the answer to a question about all requests.
type Answer struct {
	Verdict Verdict
	// Message is the answer in one sentence.
	Message string
	// Witness is, for a Fail, a request that shows it. Package authz has decided it.
	Witness *Witness
	// Reasons are, for a Fail, the statements that allow the witness.
	Reasons []authz.StatementRef
	// Open has, for an Unknown, the reasons why the question was not decided.
	Open []Open
}

// Open is a reason why a question was not decided.
type Open struct {
	// Reason is one sentence.
	Reason string
	// Statement is the statement that could not be analysed. It is the zero value if none is to blame.
	Statement authz.StatementRef
	// Pos is the place in the policy, if known.
	Pos tree.Pos
}

// Witness is a request that answers a question, with the context keys that it depends on.
type Witness struct {
	Request authz.Request
	// Keys are the context keys of the request that conditions read, sorted by name. Every other key is absent.
	Keys []authz.ContextKey
	// Condition is the condition of the statements that allow the request, simplified, in the words of the policy, such as
	// `aws:MultiFactorAuthPresent is "true"`. It is empty if one of the statements has no condition.
	Condition string
}

// String describes the request in a part of a sentence: the principal, the action, the resource and the context keys.
func (w *Witness) String() string {
	if w.Request.Principal.Kind == authz.Unnamed {
		return w.call()
	}
	return w.Request.Principal.String() + " to call " + w.call()
}

// call is String without the principal.
func (w *Witness) call() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %q", w.Request.Action, w.Request.Resource)
	for i, key := range w.Keys {
		switch {
		case i == 0:
			b.WriteString(" if ")
		case i == len(w.Keys)-1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(key.String())
	}
	return b.String()
}
