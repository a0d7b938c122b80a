package review

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/graph"
	"github.com/iam-as-code/terraform-provider-iam/internal/configuration"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Input is what a review is about.
type Input struct {
	// Plan is the plan file, after [planfile.Plan.Resolve].
	Plan *planfile.Plan
	// Account is the account before the plan. If it is nil, the review knows only the resources of the plan.
	Account *account.Account
	// AccountID is the id of the account to review, if the plan is about several and Account is nil.
	AccountID string
	// AWSPolicies has the policies of AWS that the account does not use.
	AWSPolicies account.PolicySource
	// Configuration is the source of the configuration. It may be nil.
	Configuration *configuration.Configuration
	// Rules decide what fails. The zero value means the default rules.
	Rules Rules
	// Graphs says that the report needs the graphs of who can become whom, before and after the plan.
	Graphs bool
	// Now decides which acceptances have expired.
	Now time.Time
}

// placeholderAccount is the id of an account with an unknown id.
const placeholderAccount = "000000000000"

// Review compares the access before and after a plan. The error is about the plan or the account as a whole, or that of
// the context.
func Review(ctx context.Context, in Input) (*Report, error) {
	r := &review{in: in, report: &Report{TerraformVersion: in.Plan.TerraformVersion, WholeAccount: in.Account != nil}}
	r.findAccountID()
	if err := r.checkAccount(); err != nil {
		return nil, err
	}
	of, err := r.accounts()
	if err != nil {
		return nil, err
	}
	r.accountsOf = of
	r.index = r.newIndex(of)
	r.count()
	r.addPlanNotes()
	if err := r.addPrincipals(ctx); err != nil {
		return nil, err
	}
	if err := r.addResources(ctx); err != nil {
		return nil, err
	}
	if err := r.addChecks(ctx); err != nil {
		return nil, err
	}
	if err := r.addGraphs(ctx); err != nil {
		return nil, err
	}
	r.addAssertions()
	r.addProviderSettings()
	r.addServiceRoles()
	r.addUnresolved()
	r.addMissingPolicies()
	r.addOutside()
	r.addUnmodelled()
	r.addDrift()
	r.hideSensitive()
	r.finish()
	return r.report, nil
}

// review is the state of one review.
type review struct {
	in         Input
	report     *Report
	accountID  string
	partition  string
	accountsOf *accounts
	index      *index
	judged     map[string]bool // addresses that are not judged, with the reason, so that each is reported once
}

// findAccountID finds out the id of the account and its partition.
func (r *review) findAccountID() {
	r.partition = "aws"
	if r.in.Account != nil {
		r.accountID, r.report.AccountID = r.in.Account.ID(), r.in.Account.ID()
		return
	}
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.IsData || !isIAM(c.Type) {
			continue
		}
		in, known := r.in.Plan.Place(c)
		r.partition = cmp.Or(in.Partition, r.partition)
		if known || hasPlaceholder(c) {
			in.Account = cmp.Or(r.in.AccountID, in.Account, placeholderAccount)
			r.accountID, r.report.AccountID = in.Account, in.Account
			return
		}
	}
	r.accountID, r.report.AccountID = cmp.Or(r.in.AccountID, placeholderAccount), r.in.AccountID
}

// otherAccount returns the account of a resource if it is known not to be the account of the review.
func (r *review) otherAccount(c *planfile.Change) (accountID string, ok bool) {
	in, known := r.in.Plan.Place(c)
	return in.Account, known && in.Account != r.accountID
}

// checkAccount returns an error if the plan has users, groups, roles or policies, and none of them is in the account.
func (r *review) checkAccount() error {
	other := ""
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.IsData || !isIAM(c.Type) {
			continue
		}
		id, yes := r.otherAccount(c)
		if !yes {
			return nil
		}
		other = id
	}
	if other == "" {
		return nil
	}
	return fmt.Errorf("the plan is about the account %s, and the review about the account %s; name the account of the "+
		"plan", other, r.accountID)
}

// hasPlaceholder reports whether an existing object belongs to the account whose id is also the placeholder. The
// accounts of this project have this id by default.
func hasPlaceholder(c *planfile.Change) bool {
	return strings.Contains(textOf(&c.Before, "arn"), ":"+placeholderAccount+":")
}

// concernsAccess reports whether a resource may change access.
func concernsAccess(c *planfile.Change) bool {
	if c.IsData {
		return false
	}
	if isIAM(c.Type) {
		return true
	}
	_, ok, _ := planned.ResourcePolicies(c.Type, tree.Node{Kind: tree.Object}, planned.Place{})
	return ok
}

func (r *review) count() {
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if !concernsAccess(c) {
			continue
		}
		r.report.Judged++
		if c.Action != planfile.NoOp && c.Action != planfile.Forget {
			r.report.Changed++
		}
	}
}

func (r *review) addPlanNotes() {
	note := func(text string) { r.report.Notes = append(r.report.Notes, text) }
	if r.in.Plan.Errored {
		r.addNotJudged(Source{}, "Terraform stopped with an error while it made this plan, so changes are missing from it.")
	}
	if !r.in.Plan.Complete {
		r.addNotJudged(Source{}, "Terraform left changes out of this plan. They follow in another plan, which needs its own "+
			"review.")
	}
	if r.in.Account == nil {
		note("The review knows only the resources of this plan. Other policies of the same principals may allow or deny " +
			"more. Give the account with --account-file for a complete answer.")
	}
	if r.report.AccountID == "" {
		note("The plan does not contain the id of the account. " + placeholderAccount + " stands for it.")
	}
	if r.report.WholeAccount && len(r.accountsOf.outside) > 0 {
		for _, arn := range sortedKeys(r.accountsOf.outside) {
			note(planned.ShowHoles(arn) + " is neither in the plan nor in the account. Only the policies of the plan count " +
				"for it.")
		}
	}
}

// notJudged adds a resource that cannot be judged.
func (r *review) notJudged(c *planfile.Change, reason string) {
	r.addNotJudged(r.source(c), reason)
}

func (r *review) addNotJudged(at Source, reason string) {
	key := at.Address + "\x00" + reason
	if r.judged[key] {
		return
	}
	if r.judged == nil {
		r.judged = map[string]bool{}
	}
	r.judged[key] = true
	r.report.NotJudged = append(r.report.NotJudged, NotJudged{at, planned.ShowHoles(reason)})
}

// addUnresolved adds the unknown values of the plan that policies or relations depend on.
func (r *review) addUnresolved() {
	for _, u := range r.in.Plan.Unresolved {
		reason := u.Reason
		if u.Attribute != "" {
			reason = "The attribute " + u.Attribute + " is known only after apply. " + reason
		}
		r.addNotJudged(r.sourceOf(u.Address), reason)
	}
	r.addAssumptions()
}

// addAssumptions adds notes about the values that the review assumes because it does not have the source.
func (r *review) addAssumptions() {
	var values, roles []string
	for _, u := range r.in.Plan.Assumed {
		if u.Attribute == "inline_policy" {
			roles = append(roles, u.Address)
		} else {
			values = append(values, u.Attribute+" of "+u.Address)
		}
	}
	note := func(assumption string, of []string) {
		const most = 5
		if len(of) == 0 {
			return
		}
		if more := len(of) - most; more > 0 {
			of = append(of[:most:most], fmt.Sprintf("%d more", more))
		}
		r.report.Notes = append(r.report.Notes, "Without the source of the configuration, the review assumes that "+
			assumption+": "+strings.Join(of, ", ")+". Give the source with --source.")
	}
	note("these values are those of the only resource that they mention", values)
	note("these roles have no dynamic inline_policy blocks", roles)
}

// addMissingPolicies adds the attachments of policies with an unknown text.
func (r *review) addMissingPolicies() {
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if _, yes := r.otherAccount(c); yes || c.IsData || !isIAM(c.Type) || c.Action == planfile.NoOp ||
			c.Action == planfile.Forget {
			continue
		}
		for _, ref := range planned.References(planned.Change{Type: c.Type, Before: c.Before, After: c.After,
			Replaced: c.Action == planfile.Replace}) {
			if ref.Kind != account.PolicyKind || ref.Kept || !r.accountsOf.missing[ref.Name] {
				continue
			}
			what := "attaches the policy "
			if ref.Attribute == planned.BoundaryAttribute {
				what = "sets the permissions boundary "
			}
			r.notJudged(c, "It "+what+ref.Name+", whose text is neither in the plan nor known as a policy of AWS. Give the "+
				"account with --account-file.")
		}
	}
}

// addGraphs adds who can become whom before and after the plan.
func (r *review) addGraphs(ctx context.Context) error {
	if !r.in.Graphs {
		return nil
	}
	for _, side := range []struct {
		of *account.Account
		to *[]accesscheck.Step
	}{{r.accountsOf.before, &r.report.Before}, {r.accountsOf.after, &r.report.After}} {
		edges, _, err := graph.Edges(ctx, side.of, nil) // the checks report what is open
		if err != nil {
			return err
		}
		for _, e := range edges {
			text := e.Text
			if e.Condition != "" {
				text += " If " + e.Condition + "."
			}
			*side.to = append(*side.to, accesscheck.Step{From: e.From, To: e.To, Text: text})
		}
		*side.to = showSteps(*side.to)
	}
	return nil
}

// addDrift lists what Terraform found changed outside its control.
func (r *review) addDrift() {
	for i := range r.in.Plan.Drift {
		c := &r.in.Plan.Drift[i]
		if !concernsAccess(c) {
			continue
		}
		text := "changed outside Terraform"
		if c.After.Kind == tree.Null {
			text = "removed outside Terraform"
		}
		var changed []string
		for _, m := range c.Before.Members {
			if now, ok := c.After.Member(m.Name); c.After.Kind == tree.Object && (!ok || !tree.Equal(m.Value, *now)) {
				changed = append(changed, m.Name)
			}
		}
		if len(changed) > 0 {
			text += ": " + strings.Join(changed, ", ")
		}
		r.report.Drift = append(r.report.Drift, Drift{r.source(c), text})
	}
}

// PlannedAccount returns the account as the plan would leave it, and the parts of the plan that could not be judged.
func PlannedAccount(in Input) (*account.Account, []NotJudged, error) {
	r := &review{in: in, report: &Report{}}
	r.findAccountID()
	if err := r.checkAccount(); err != nil {
		return nil, nil, err
	}
	of, err := r.accounts()
	if err != nil {
		return nil, nil, err
	}
	r.accountsOf, r.index = of, r.newIndex(of)
	r.addUnresolved()
	r.addMissingPolicies()
	r.addOutside()
	return of.after, r.report.NotJudged, nil
}
