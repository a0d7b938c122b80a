package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
)

// addChecks adds the findings of package accesscheck.
func (r *review) addChecks(ctx context.Context) error {
	var checks []accesscheck.Check
	for _, c := range accesscheck.Checks() {
		// A note of new access would repeat the lines of the principals.
		if s := r.in.Rules.severity(string(c)); s != Off && (c != accesscheck.NewAccess || s != Note) {
			checks = append(checks, c)
		}
	}
	result, err := accesscheck.Find(ctx, r.accountsOf.before, r.accountsOf.after, checks...)
	if err != nil {
		return err
	}
	for i := range result.Findings {
		f := &result.Findings[i]
		out := Finding{ID: f.ID, Check: string(f.Check), Summary: planned.ShowHoles(f.Summary), Path: showSteps(f.Path)}
		for _, d := range f.Details {
			out.Details = append(out.Details, planned.ShowHoles(d))
		}
		for _, o := range f.Causes {
			for _, s := range r.sourcesOf(o) {
				if !slices.Contains(out.Sources, s) {
					out.Sources = append(out.Sources, s)
				}
			}
		}
		r.addFinding(out)
	}
	r.addOpenChecks(result.Open)
	return nil
}

// addOpenChecks adds the checks that could not be decided, those of one principal together.
func (r *review) addOpenChecks(open []accesscheck.Open) {
	for i, o := range open {
		if slices.ContainsFunc(open[:i], func(other accesscheck.Open) bool { return other.Principal == o.Principal }) {
			continue
		}
		reason := o.Reason
		for _, other := range open[i+1:] {
			if other.Principal == o.Principal {
				reason += " The check " + string(other.Check) + " is also open."
			}
		}
		r.addNotJudged(Source{Address: planned.ShowHoles(o.Principal)}, reason)
	}
}

func showSteps(steps []accesscheck.Step) []accesscheck.Step {
	var out []accesscheck.Step
	for _, s := range steps {
		out = append(out, accesscheck.Step{From: planned.ShowHoles(s.From), To: planned.ShowHoles(s.To),
			Text: planned.ShowHoles(s.Text)})
	}
	return out
}

// sourcesOf returns the changed resources that configure a part of the account.
func (r *review) sourcesOf(o accesscheck.Object) []Source {
	var name string
	switch {
	case o.Inline != "":
		name = fmt.Sprintf("inline policy %s of %s %s", o.Inline, o.Kind, o.Name)
	case o.Trust:
		name = "trust policy of role " + o.Name
	case o.Kind == account.PolicyKind:
		name = o.Name
	}
	if c := r.index.statements[ascii.Fold(name)]; name != "" && c != nil {
		return []Source{r.source(c)}
	}
	var out []Source
	for _, c := range r.index.changed[entityKey(o.Kind, o.Name)] {
		if o.Attached == "" && o.Group == "" || r.concerns(c.Address, o) {
			out = append(out, r.source(c))
		}
	}
	return out
}

// concerns reports whether a resource attaches the policy of an object, or makes the membership.
func (r *review) concerns(address string, o accesscheck.Object) bool {
	c := r.index.changes[address]
	for _, found := range slices.Concat(planned.Objects(c.Type, c.Before), planned.Objects(c.Type, c.After)) {
		if o.Attached != "" && found == planned.AttachmentObject(o.Kind, o.Name, o.Attached) ||
			o.Group != "" && found == planned.MemberObject(o.Name, o.Group) {
			return true
		}
	}
	return false
}

// addFinding adds a finding with the severity of its check, unless the check is off.
func (r *review) addFinding(f Finding) {
	if f.Severity = r.in.Rules.severity(f.Check); f.Severity == Off {
		return
	}
	for i := range r.in.Rules.accepted {
		if a := r.in.Rules.accepted[i]; a.ID == f.ID && !a.expired(r.in.Now) {
			f.Accepted = &a
		}
	}
	r.report.Findings = append(r.report.Findings, f)
}

// finish adds the findings about acceptances, and sorts the findings.
func (r *review) finish() {
	for i := range r.in.Rules.accepted {
		a := &r.in.Rules.accepted[i]
		if a.expired(r.in.Now) {
			r.addFinding(Finding{ID: checkAcceptance + "/" + a.ID, Check: checkAcceptance, Summary: fmt.Sprintf(
				"The acceptance of %q expired on %s. Remove it from the rules, or give it a new date after a review.", a.ID,
				a.Expires)})
		}
	}
	r.report.NotJudgedSeverity = r.in.Rules.severity(checkNotJudged)
	order := map[Severity]int{Error: 0, Warning: 1, Note: 2}
	slices.SortStableFunc(r.report.Findings, func(a, b Finding) int {
		accepted := func(f *Finding) int { return map[bool]int{true: 1}[f.Accepted != nil] }
		return cmp.Or(cmp.Compare(accepted(&a), accepted(&b)), cmp.Compare(order[a.Severity], order[b.Severity]),
			strings.Compare(a.Check, b.Check))
	})
}

// worst returns the highest severity of the findings that are not accepted and of the parts that are not judged. It
// returns Off if there is neither.
func (r *Report) worst() Severity {
	for _, s := range []Severity{Error, Warning, Note} {
		if slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == s && f.Accepted == nil }) ||
			r.NotJudgedSeverity == s && len(r.notJudged().lines) > 0 {
			return s
		}
	}
	return Off
}
