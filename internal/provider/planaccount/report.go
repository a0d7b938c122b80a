package planaccount

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

// maxListed limits the violations that one message describes.
const maxListed = 5

// violation is a violated or undecided request of a check.
type violation struct {
	check   *Check
	finding assertion.Finding
	summary string
}

// report adds the violations and undecided requests of some checks, unless they were reported before. It combines the
// violations that one statement causes.
func (p *Account) report(ctx context.Context, checks []*Check, diags *diag.Diagnostics) {
	var failed, undecided []violation
	for _, c := range checks {
		if c.isMissing() && c.markKnown(c.missing) {
			p.addFailure(diags, "Principal not found in the planned account", fmt.Sprintf("Checking the %s: in the planned "+
				"changes, %s. Refer to the resource that creates the principal, so that Terraform plans it first.",
				c.Description, c.missing))
		}
		for _, f := range c.result.Failures {
			if summary := c.Violation(f); c.markKnown(summary) {
				failed = append(failed, violation{c, f, summary})
				tflog.Info(ctx, summary, map[string]any{"detail": f.Message})
			}
		}
		for _, f := range c.result.Undecided {
			if summary := c.Violation(f); c.markKnown(summary) {
				undecided = append(undecided, violation{c, f, summary})
				tflog.Info(ctx, apierror.UpperFirst(c.Description)+" is not decided at plan: "+f.Request,
					map[string]any{"detail": f.Message})
			}
		}
	}
	for _, group := range byStatement(failed) {
		p.reportFailures(diags, group)
	}
	p.reportUndecided(diags, undecided)
}

// byStatement groups violations by the statement that causes them, in the order of the first of each.
func byStatement(all []violation) [][]violation {
	var groups [][]violation
	index := map[authz.StatementRef]int{}
	for _, v := range all {
		statement := v.finding.Statement
		if i, ok := index[statement]; ok && statement.Policy != "" {
			groups[i] = append(groups[i], v)
			continue
		}
		index[statement] = len(groups)
		groups = append(groups, []violation{v})
	}
	return groups
}

// orderHint explains how to order resources that Terraform plans too late.
const orderHint = "If another resource of this configuration removes the access, Terraform plans it too late. " +
	"Add that resource to depends_on of this one. If the configuration changes the assertion, remove depends_on from it."

// reportFailures adds the error about the violations that one statement causes.
func (p *Account) reportFailures(diags *diag.Diagnostics, group []violation) {
	first := group[0]
	if len(group) == 1 {
		p.addFailure(diags, first.summary, fmt.Sprintf("The planned account violates the %s.\n%s\n\n%s",
			first.check.Description, first.finding.Message, orderHint))
		return
	}
	assertions := map[*Check]bool{}
	for _, v := range group {
		assertions[v.check] = true
	}
	summary := fmt.Sprintf("%s, and %d more requests", first.summary, len(group)-1)
	if len(assertions) > 1 {
		summary = fmt.Sprintf("%d access assertions would be violated because of %s", len(assertions),
			first.finding.Statement)
	}
	p.addFailure(diags, summary, messages(group)+"\n\n"+orderHint)
}

// messages joins the messages of the first violations.
func messages(all []violation) string {
	var text strings.Builder
	for i, v := range all {
		if i == maxListed {
			fmt.Fprintf(&text, "\n\n… and %d more. Set TF_LOG_PROVIDER=INFO to see all of them in Terraform's log.", len(all)-i)
			break
		}
		if i > 0 {
			text.WriteString("\n\n")
		}
		fmt.Fprintf(&text, "%s: %s", apierror.UpperFirst(v.check.Description), v.finding.Message)
	}
	return text.String()
}

// reportUndecided adds the warnings, or errors, about requests that the plan cannot decide.
func (p *Account) reportUndecided(diags *diag.Diagnostics, all []violation) {
	for _, effect := range []Undecided{UndecidedError, UndecidedWarn} {
		var group []violation
		for _, v := range all {
			if p.UndecidedEffect(v.check.Undecided) == effect {
				group = append(group, v)
			}
		}
		if len(group) == 0 {
			continue
		}
		add := diags.AddWarning
		next := "If the applied change violates the assertion, the account refuses it."
		if effect == UndecidedError {
			add = diags.AddError
			next = "The assertion has undecided = \"error\", so the plan fails. Make the values known at plan, or set " +
				"undecided = \"warn\"."
		}
		first := group[0]
		summary := fmt.Sprintf("%s is not decided at plan: %s", apierror.UpperFirst(first.check.Description),
			first.finding.Request)
		detail := first.finding.Message
		if more := len(group) - 1; more > 0 {
			summary = fmt.Sprintf("%s, and %d further requests", summary, more)
			var requests []string
			for _, v := range group[:min(len(group), maxListed)] {
				requests = append(requests, "- "+v.check.Description+": "+v.finding.Request)
			}
			detail = strings.Join(requests, "\n") + "\n\nThe first: " + detail
		}
		add(summary, next+"\n"+detail)
	}
}

// UndecidedEffect returns the effect of an undecided assertion. own is the assertion's own setting, or empty.
func (p *Account) UndecidedEffect(own Undecided) Undecided {
	if p.options.Mode != Error {
		return UndecidedWarn
	}
	return cmp.Or(own, p.options.Undecided, UndecidedWarn)
}

// addFailure adds an error or, in mode Warn, a warning.
func (p *Account) addFailure(diags *diag.Diagnostics, summary, detail string) {
	if p.options.Mode == Warn {
		diags.AddWarning(summary, detail)
		return
	}
	diags.AddError(summary, detail+fmt.Sprintf("\n\nTo let the plan pass with a warning, set assertions = \"warn\" in "+
		"the provider block, or %s=warn. The account still refuses a change that violates a stored assertion.",
		ModeVariable))
}
