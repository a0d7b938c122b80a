package main

import (
	"encoding/json"
	"io"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// proof is the answer to a question about all requests, in the form of the JSON output.
type proof struct {
	Result    string      `json:"result"`
	Message   string      `json:"message"`
	Condition string      `json:"condition,omitempty"`
	Reasons   []statement `json:"reasons"`
	Witness   *witness    `json:"witness,omitempty"`
	Undecided []undecided `json:"undecided,omitempty"`
}

// witness is a request that answers a question. Its fields are those of a question of iam simulate.
type witness struct {
	Principal       string         `json:"principal,omitempty"`
	PrincipalID     string         `json:"principal_id,omitempty"`
	Action          string         `json:"action"`
	Resource        string         `json:"resource"`
	ResourceAccount string         `json:"resource_account,omitempty"`
	Context         map[string]any `json:"context"`
	keys            []authz.ContextKey
}

// undecided is a reason why a question was not decided.
type undecided struct {
	Reason    string     `json:"reason"`
	Statement *statement `json:"statement,omitempty"`
	place
}

// newProof returns an answer for the output. The policies have the names of their files.
func newProof(a analysis.Answer) proof {
	out := proof{Result: a.Verdict.String(), Message: a.Message, Reasons: []statement{}}
	for _, ref := range a.Reasons {
		out.Reasons = append(out.Reasons, statementIn(ref))
	}
	if w := a.Witness; w != nil {
		out.Condition = w.Condition
		out.Witness = newWitness(w)
	}
	for _, o := range a.Open {
		out.Undecided = append(out.Undecided, newUndecided(o))
	}
	return out
}

func newWitness(w *analysis.Witness) *witness {
	out := &witness{
		PrincipalID: w.Request.Principal.ID, Action: w.Request.Action.String(), Resource: w.Request.Resource,
		ResourceAccount: w.Request.ResourceAccount, Context: map[string]any{}, keys: w.Keys,
	}
	if w.Request.Principal.Kind != authz.Unnamed {
		out.Principal = w.Request.Principal.String()
	}
	for _, k := range w.Keys {
		if k.Multivalued {
			out.Context[k.Name] = k.Values
		} else {
			out.Context[k.Name] = k.Values[0]
		}
	}
	return out
}

func newUndecided(o analysis.Open) undecided {
	out := undecided{Reason: o.Reason}
	if o.Statement != (authz.StatementRef{}) {
		s := statementIn(o.Statement)
		out.Statement = &s
	}
	if o.Pos != (tree.Pos{}) {
		out.place = placeAt(o.Statement.Policy, o.Pos)
	}
	return out
}

// statementIn returns a statement of a policy that has the name of its file.
func statementIn(ref authz.StatementRef) statement {
	return statement{
		Layer:  authz.LayerDecision{Layer: ref.Layer, Level: ref.Level}.Name(),
		Policy: ref.Policy, Sid: ref.Sid, Index: ref.Index, Effect: string(ref.Effect),
		place: placeAt(ref.Policy, ref.Pos),
	}
}

// headlines are the first lines of the text output of a question, and the title of the statements that are the reasons
// for a fail.
type headlines struct{ pass, fail, reasons string }

// reportProof writes an answer and returns its exit status as an error.
func reportProof(out io.Writer, format string, h headlines, a analysis.Answer) error {
	p := newProof(a)
	var err error
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(p)
	} else {
		w := newWriter(out)
		w.proof(h, p)
		err = w.err
	}
	if err != nil {
		return err
	}
	return verdictStatus(a.Verdict)
}

// verdictStatus returns the exit status of a verdict as an error, or nil for a pass.
func verdictStatus(v analysis.Verdict) error {
	switch v {
	case analysis.Pass:
		return nil
	case analysis.Fail:
		return status(exitNo)
	}
	return status(exitUnknown)
}

// proof writes an answer, beginning with the result.
func (w *writer) proof(h headlines, p proof) {
	switch p.Result {
	case analysis.Pass.String():
		w.printf("%s\n", w.styled(green, h.pass))
	case analysis.Fail.String():
		w.printf("%s\n", w.styled(red, h.fail))
	default:
		w.printf("%s\n", w.styled(yellow, "Unknown"))
	}
	w.printf("%s\n", printable(p.Message))
	if p.Witness != nil {
		w.printf("\n")
		w.witness(p.Witness)
	}
	if len(p.Reasons) > 0 {
		w.printf("\n%s\n", w.styled(bold, h.reasons))
		for _, s := range p.Reasons {
			w.printf("  %s\n", s)
		}
	}
	if p.Condition != "" {
		w.printf("\n%s\n  %s\n", w.styled(bold, "Condition"), printable(p.Condition))
	}
	if len(p.Undecided) > 0 {
		w.printf("\n%s\n", w.styled(bold, "Not decided"))
		for _, u := range p.Undecided {
			w.printf("  %s\n", u)
		}
	}
}

// witness writes a request, with its context keys.
func (w *writer) witness(r *witness) {
	principal := r.Principal
	if principal == "" {
		principal = "any principal of the account"
	}
	lines := [][2]string{
		{"principal", principal}, {"its id", r.PrincipalID}, {"action", r.Action}, {"resource", r.Resource},
		{"owner", r.ResourceAccount},
	}
	for _, key := range r.keys {
		lines = append(lines, [2]string{"context", key.String()})
	}
	for _, line := range lines {
		if line[1] != "" {
			w.printf("  %s %s\n", padRight(line[0], 9), printable(line[1]))
		}
	}
}

// String returns the reason on one line, beginning with its place.
func (u undecided) String() string {
	text := u.Reason
	switch {
	case u.place.String() != "":
		text = u.place.String() + ": " + text
	case u.Statement != nil && u.Statement.place.String() != "":
		text = u.Statement.place.String() + ": " + text
	}
	return printable(text)
}
