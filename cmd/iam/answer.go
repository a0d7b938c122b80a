package main

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// answer is a decision and its reasons, in the form of the JSON output. Fields that
// a question also has use the names of the question.
type answer struct {
	Decision    string        `json:"decision"`
	Reason      string        `json:"reason"`
	Layers      []layerAnswer `json:"layers,omitempty"`
	Deciding    []statement   `json:"deciding_statements"`
	NearestMiss *nearestMiss  `json:"nearest_miss,omitempty"`
	MissingKeys []string      `json:"missing_context_keys"`
	DependsOn   []string      `json:"depends_on,omitempty"`
	Notes       []string      `json:"notes,omitempty"`
}

// layerAnswer is the decision of one layer alone.
type layerAnswer struct {
	Layer    string      `json:"layer"`
	Applies  bool        `json:"applies"`
	Decision string      `json:"decision,omitempty"` // of a layer that applies
	Reason   string      `json:"reason,omitempty"`
	Deciding []statement `json:"deciding_statements,omitempty"`
}

// statement refers to a statement of a policy.
type statement struct {
	Layer  string `json:"layer"`
	Policy string `json:"policy"`
	Sid    string `json:"sid,omitempty"`
	Index  int    `json:"index"`
	Effect string `json:"effect,omitempty"`
	place
}

// nearestMiss is the statement that came nearest to allowing the request.
type nearestMiss struct {
	statement
	Failures []failure `json:"failures"`
}

// failure is one reason why a statement does not match.
type failure struct {
	Element  string `json:"element"`
	Operator string `json:"operator,omitempty"`
	Key      string `json:"key,omitempty"`
	Message  string `json:"message"`
	place
}

// newAnswer returns the answer to a question. file is the file of the question, or "".
func newAnswer(file string, c *simulation.Case, d *authz.Decision) answer {
	a := answer{
		Decision: d.Outcome.String(), Reason: d.Reason, Deciding: statements(file, c, d.Deciding),
		MissingKeys: append([]string{}, d.MissingKeys...), DependsOn: d.DependsOn, Notes: d.Notes,
	}
	for _, l := range d.Layers {
		la := layerAnswer{Layer: l.Name(), Applies: l.Applies, Reason: l.Reason}
		if l.Applies {
			la.Decision = l.Outcome.String()
			la.Deciding = statements(file, c, l.Deciding)
		}
		a.Layers = append(a.Layers, la)
	}
	if m := d.NearestMiss; m != nil {
		a.NearestMiss = &nearestMiss{statement: newStatement(file, c, m.StatementRef), Failures: []failure{}}
		for _, f := range m.Failures {
			a.NearestMiss.Failures = append(a.NearestMiss.Failures, newFailure(file, c, m.StatementRef, f))
		}
	}
	return a
}

// statements returns the statements that a decision refers to.
func statements(file string, c *simulation.Case, refs []authz.StatementRef) []statement {
	out := make([]statement, len(refs))
	for i, ref := range refs {
		out[i] = newStatement(file, c, ref)
	}
	return out
}

func newStatement(file string, c *simulation.Case, ref authz.StatementRef) statement {
	return statement{
		Layer:  authz.LayerDecision{Layer: ref.Layer, Level: ref.Level}.Name(),
		Policy: ref.Policy, Sid: ref.Sid, Index: ref.Index, Effect: string(ref.Effect),
		place: placeOf(file, c, ref, ref.Pos),
	}
}

func newFailure(file string, c *simulation.Case, ref authz.StatementRef, f authz.Failure) failure {
	out := failure{Element: f.Element, Operator: f.Operator, Key: f.Key, Message: f.Message}
	if f.Pos != (tree.Pos{}) {
		out.place = placeOf(file, c, ref, f.Pos)
	}
	return out
}
