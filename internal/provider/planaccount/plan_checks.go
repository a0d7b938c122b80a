package planaccount

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// This file runs the plan checks: it finds the dangers of the whole change, from the live account to the planned one. A
// finding is provisional like a violation of an assertion, see [Account.decide].

// PlanChecks are the settings of the plan checks.
type PlanChecks struct {
	// Effects has the effect of each check that is not off.
	Effects map[accesscheck.Check]Mode
	// Accepted are the findings that have no effect.
	Accepted []Acceptance
}

// Acceptance is a finding that the configuration accepts. Its last day is not over.
type Acceptance struct{ ID, Reason, Expires string }

// dangerBudget is the time that all checks together may take while Terraform still plans. After it, a check waits until
// Terraform has planned everything else.
const dangerBudget = 2 * time.Second

// dangers are the plan checks of one plan.
type dangers struct {
	settings PlanChecks
	checks   []accesscheck.Check
	before   *account.Account // the live account with all versions of its policies; nil until it is needed
	version  int              // the number of changes of the plan
	spent    time.Duration
	found    *accesscheck.Result // at the version checked; nil before the first check
	checked  int
	known    map[string]bool // the findings and open questions that were reported
	// unnamed has the kinds of the planned users and roles whose names are known only after apply. The planned account
	// does not have them.
	unnamed  []account.Kind
	accepted map[string]bool // the acceptances that match a finding, and those that were reported to match none
}

func newDangers(settings PlanChecks) *dangers {
	d := &dangers{settings: settings}
	for _, check := range accesscheck.Checks() {
		if effect := settings.Effects[check]; effect == Error || effect == Warn {
			d.checks = append(d.checks, check)
		}
	}
	if len(d.checks) == 0 {
		return nil
	}
	d.reset()
	return d
}

// reset discards the state of the plan.
func (d *dangers) reset() {
	if d != nil {
		*d = dangers{settings: d.settings, checks: d.checks, known: map[string]bool{}, accepted: map[string]bool{}}
	}
}

// changed records that the plan has changed.
func (d *dangers) changed() {
	if d != nil {
		d.version++
	}
}

// dangerNews is a change about which the plan checks have something to report, or may have.
type dangerNews struct {
	edits []account.Edit
	// last says that hardly any other resource depends on the changed one, so that the plan is complete once Terraform is
	// quiet.
	last bool
	// waits says that the call of the change waits with its answer.
	waits bool
}

func (*dangerNews) isProvisional() {}

// dangersOf returns the change if the plan checks may have to report something about it, and usually nil. The caller
// holds the lock.
func (p *Account) dangersOf(ctx context.Context, edits []account.Edit) (*dangerNews, error) {
	d := p.dangers
	if d == nil || p.phase != planning || len(edits) == 0 {
		return nil, nil
	}
	for _, e := range edits {
		if e, ok := e.(account.PlanIdentity); ok && e.Name == "" && e.Kind != account.GroupKind {
			d.unnamed = append(d.unnamed, e.Kind)
		}
	}
	news := &dangerNews{edits: edits, last: !slices.ContainsFunc(edits, func(e account.Edit) bool {
		switch e.(type) {
		case account.PlanIdentity, account.PutPolicy:
			return true
		}
		return false
	})}
	if d.spent < dangerBudget {
		if err := p.findDangers(ctx); err != nil {
			return nil, err
		}
		if !d.hasNews(news.last) {
			return nil, nil
		}
	}
	return news, nil
}

// addDangers adds the result of dangersOf to the answers about a change.
func (p *Account) addDangers(ctx context.Context, answers []provisional, edits []account.Edit) ([]provisional, error) {
	news, err := p.dangersOf(ctx, edits)
	if news != nil {
		answers = append(answers, news)
	}
	return answers, err
}

// findDangers runs the checks, unless they have run on the current plan. The caller holds the lock.
func (p *Account) findDangers(ctx context.Context) error {
	d := p.dangers
	if d.found != nil && d.checked == d.version {
		return nil
	}
	start := time.Now()
	plan, err := p.currentPlan(ctx)
	if err == nil && d.before == nil {
		d.before, err = p.store.WithAllVersions(ctx, plan.Live())
	}
	if err != nil {
		return err
	}
	after, err := plan.Whole()
	if err == nil {
		after, err = after.WithVersionsOf(d.before)
	}
	if err != nil {
		return err
	}
	found, err := accesscheck.Find(ctx, d.before, after, d.checks...)
	if err != nil {
		return err
	}
	for _, kind := range d.unnamed {
		for _, check := range d.checks {
			found.Open = append(found.Open, accesscheck.Open{Check: check, Reason: fmt.Sprintf("The plan creates a %s whose "+
				"name is known only after apply, so it is not judged.", kind)})
		}
	}
	d.found, d.checked, d.spent = found, d.version, d.spent+time.Since(start)
	return nil
}

// acceptance returns the acceptance of a finding.
func (d *dangers) acceptance(id string) (a Acceptance, ok bool) {
	for _, a := range d.settings.Accepted {
		if a.ID == id {
			return a, true
		}
	}
	return a, false
}

// hasNews reports whether there is something that was not reported yet. complete says that the acceptances which match
// no finding count.
func (d *dangers) hasNews(complete bool) bool {
	for i := range d.found.Findings {
		if f := &d.found.Findings[i]; !d.isSettled(f) {
			return true
		}
	}
	return slices.ContainsFunc(d.found.Open, func(o accesscheck.Open) bool { return !d.known[openKey(o)] }) ||
		complete && len(d.unmatched()) > 0
}

// isSettled reports whether a finding was reported or is accepted.
func (d *dangers) isSettled(f *accesscheck.Finding) bool {
	_, accepted := d.acceptance(f.ID)
	return accepted || d.known[f.ID]
}

func openKey(o accesscheck.Open) string { return string(o.Check) + " " + o.Principal + " " + o.Reason }

// unmatched returns the acceptances that match no finding. It ignores those of checks that are off.
func (d *dangers) unmatched() (out []Acceptance) {
	for i := range d.found.Findings {
		d.accepted[d.found.Findings[i].ID] = true
	}
	for _, a := range d.settings.Accepted {
		check, _, _ := strings.Cut(a.ID, "/")
		if !d.accepted[a.ID] && slices.Contains(d.checks, accesscheck.Check(check)) {
			out = append(out, a)
		}
	}
	return out
}

// takeDangers adds the results of the plan checks, now that Terraform is quiet. If the change of another waiting call
// is a more specific cause of a finding, that call reports it. The caller holds the lock.
func (p *Account) takeDangers(ctx context.Context, found []provisional, diags *diag.Diagnostics) {
	d := p.dangers
	own := &dangerNews{}
	var others []*dangerNews
	for c := range p.pending {
		switch news, ok := c.(*dangerNews); {
		case !ok:
		case slices.Contains(found, c):
			own, news.waits = news, false
		default:
			others = append(others, news)
		}
	}
	if d == nil || p.phase != planning || own.edits == nil && (p.waiting > 0 || len(others) == 0) {
		return
	}
	if err := p.findDangers(ctx); err != nil {
		addEvaluationError(diags, err)
		return
	}
	for i := range d.found.Findings {
		f := &d.found.Findings[i]
		isBetter := func(n *dangerNews) bool { return n.waits && n.rank(f) < own.rank(f) }
		if d.isSettled(f) ||
			p.waiting > 0 && (own.rank(f) == len(f.Causes) || slices.ContainsFunc(others, isBetter)) {
			continue
		}
		d.known[f.ID] = true
		d.report(f, diags)
	}
	if p.waiting > 0 {
		return // another call reports the rest
	}
	p.reportOpenDangers(diags)
	if own.last || slices.ContainsFunc(others, func(n *dangerNews) bool { return n.last }) {
		d.reportUnmatched(diags)
	}
	for c := range p.pending {
		if _, ok := c.(*dangerNews); ok {
			delete(p.pending, c)
		}
	}
}

// rank returns the number of the first cause of a finding that the change is, and the number of all causes if it is
// none.
func (n *dangerNews) rank(f *accesscheck.Finding) int {
	for i, cause := range f.Causes {
		if slices.ContainsFunc(n.edits, func(e account.Edit) bool { return concerns(e, cause) }) {
			return i
		}
	}
	return len(f.Causes)
}

// concerns reports whether an edit changes a part of the account.
func concerns(e account.Edit, part accesscheck.Object) bool {
	is := func(kind account.Kind, name string) bool {
		return kind == part.Kind && (name == part.Name || kind != account.PolicyKind && ascii.EqualFold(name, part.Name))
	}
	joins := func(user, group string) bool {
		return part.Kind == account.UserKind && ascii.EqualFold(user, part.Name) && ascii.EqualFold(group, part.Group)
	}
	whole := part.Inline == "" && part.Attached == "" && part.Group == ""
	switch e := e.(type) {
	case account.PlanIdentity:
		return whole && (is(e.Kind, e.Name) || is(e.Kind, e.From))
	case account.RemoveIdentity:
		return is(e.Kind, e.Name)
	case account.PutPolicy:
		return is(account.PolicyKind, e.ARN)
	case account.RemovePolicy:
		return is(account.PolicyKind, e.ARN) || part.Attached == e.ARN
	case account.Attach:
		return is(e.Kind, e.Name) && slices.Contains(e.ARNs, part.Attached)
	case account.Detach:
		return is(e.Kind, e.Name) && slices.Contains(e.ARNs, part.Attached)
	case account.OnlyAttached:
		return is(e.Kind, e.Name) && part.Attached != ""
	case account.PutInline:
		return is(e.Kind, e.Name) && ascii.EqualFold(e.Policy.Name, part.Inline)
	case account.RemoveInline:
		return is(e.Kind, e.Name) && ascii.EqualFold(e.Policy, part.Inline)
	case account.OnlyInline:
		return is(e.Kind, e.Name) && part.Inline != ""
	case account.Join:
		return slices.ContainsFunc(e.Groups, func(group string) bool { return joins(e.User, group) })
	case account.Leave:
		return slices.ContainsFunc(e.Groups, func(group string) bool { return joins(e.User, group) })
	case account.OnlyMembers:
		return part.Kind == account.UserKind && ascii.EqualFold(e.Group, part.Group)
	}
	return false
}

// report adds a finding.
func (d *dangers) report(f *accesscheck.Finding, diags *diag.Diagnostics) {
	var text strings.Builder
	for _, detail := range f.Details {
		text.WriteString(detail + "\n")
	}
	if len(f.Details) > 0 {
		text.WriteString("\n")
	}
	fmt.Fprintf(&text, "The check %q of plan_checks in the provider block compares the account as it is with the "+
		"planned account.", f.Check)
	if causes := describeCauses(f.Causes); causes != "" {
		fmt.Fprintf(&text, " These parts of the plan cause it: %s.", causes)
	}
	fmt.Fprintf(&text, "\n\nIf this is intended, accept it in plan_checks:\n\n  accept {\n    id      = %q\n    "+
		"reason  = \"…\"\n    expires = \"YYYY-MM-DD\"\n  }\n\nIf another resource of this configuration prevents it, "+
		"Terraform plans "+
		"that resource too late. Add it to depends_on of this one.", f.ID)
	if d.settings.Effects[f.Check] == Warn {
		diags.AddWarning(f.Summary, text.String())
	} else {
		diags.AddError(f.Summary, text.String())
	}
}

// describeCauses names the first causes of a finding.
func describeCauses(causes []accesscheck.Object) string {
	var out []string
	for _, c := range causes {
		text := fmt.Sprintf("the %s %q", c.Kind, c.Name)
		switch {
		case c.Trust:
			text = "the trust policy of " + text
		case c.Inline != "":
			text = fmt.Sprintf("the inline policy %q of %s", c.Inline, text)
		case c.Attached != "":
			text = fmt.Sprintf("the attachment of %q to %s", c.Attached, text)
		case c.Group != "":
			text = fmt.Sprintf("the membership of %s in the group %q", text, c.Group)
		}
		if len(out) == maxListed {
			return strings.Join(out, ", ") + fmt.Sprintf(" and %d more", len(causes)-maxListed)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// reportOpenDangers adds the questions that are open at plan, one message for each check.
func (p *Account) reportOpenDangers(diags *diag.Diagnostics) {
	d := p.dangers
	for _, check := range d.checks {
		var reasons []string
		for _, o := range d.found.Open {
			if o.Check == check && !d.known[openKey(o)] {
				d.known[openKey(o)] = true
				reasons = append(reasons, o.Reason)
			}
		}
		if len(reasons) == 0 {
			continue
		}
		summary := fmt.Sprintf("The plan check %q is not decided at plan: %s", check, reasons[0])
		if more := len(reasons) - 1; more > 0 {
			summary += fmt.Sprintf(" And %d more.", more)
		}
		detail := strings.Join(reasons[:min(len(reasons), maxListed)], "\n")
		if more := len(reasons) - maxListed; more > 0 {
			detail += fmt.Sprintf("\nAnd %d more.", more)
		}
		if d.settings.Effects[check] == Error && p.options.Undecided == UndecidedError {
			diags.AddError(summary, detail+"\n\nThe provider block has undecided = \"error\", so the plan fails. Make the "+
				"values known at plan, or set undecided = \"warn\".")
		} else {
			diags.AddWarning(summary, detail)
		}
	}
}

// reportUnmatched adds a warning about each acceptance that matches no finding.
func (d *dangers) reportUnmatched(diags *diag.Diagnostics) {
	for _, a := range d.unmatched() {
		d.accepted[a.ID] = true
		diags.AddWarning(fmt.Sprintf("The acceptance of %q matches no finding of this plan", a.ID),
			fmt.Sprintf("The change that it accepts (%q) has been applied, or is different now. Remove the acceptance from "+
				"plan_checks, or correct its id.", a.Reason))
	}
}
