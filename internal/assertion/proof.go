package assertion

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// This file asks package analysis about the questions that the search over representative requests does not settle.

const (
	// proofSteps limits a proof. It may take longer than the search, because the search settles nearly all questions.
	proofSteps, minProofSteps = 5_000_000, 50_000
	// witnessSteps limits the search for a request that reads well.
	witnessSteps = 300_000
	// maxRewritten limits the witnesses of an assertion that are replaced by requests that read well.
	maxRewritten = 20
)

// isInexact reports whether a request of the question does not stand for all requests that match the same patterns: a
// statement about them has a resource with a policy variable whose value is not known, and conditions may compare this
// value.
func (a *asking) isInexact() bool {
	if a.access() == nil || a.question.isSingle() {
		return false
	}
	for i := range a.statements() {
		if o := &a.outlines[i]; o.resource.partial {
			for j := range a.question.regions {
				if o.touches(&a.question.regions[j]) {
					return true
				}
			}
		}
	}
	return false
}

// proveDenied asks about all requests of the question at once, after the search gave up for a reason. It adds the
// violation that it finds, or that the question is undecided.
func (a *asking) proveDenied(reason *undecidedError) error {
	roles := a.roles()
	of := analysis.Requests{Context: a.context, Without: roles}
	answer := a.ask(analysis.NoneAllowed, &of)
	switch answer.Verdict {
	case analysis.Pass:
		return nil
	case analysis.Fail:
		w := &answer.Witness.Request
		if possible, err := a.decideRequest(w.Action, w.Resource); err != nil || possible != authz.Never {
			return err
		}
	}
	if a.worst == "Never" {
		a.worst = "Unknown"
	}
	a.unproved(reason, &answer, "none is allowed")
	return nil
}

// proveAllowed asks about all requests of the question at once, if the search gave up for a reason or met requests
// whose answer is unknown. It replaces the findings about the question, which begin at a number.
func (a *asking) proveAllowed(reason *undecidedError, from int) error {
	answer := analysis.Answer{}
	if !a.concernsRoles() { // for roles, the trust policy of each decides
		answer = a.ask(analysis.AllAllowed, &analysis.Requests{Context: a.context})
	}
	switch answer.Verdict {
	case analysis.Pass:
		a.result.Undecided = a.result.Undecided[:from]
		a.worst = authz.Allowed.String()
		return nil
	case analysis.Fail:
		w, failures := &answer.Witness.Request, len(a.result.Failures)
		_, err := a.isAllowed(&authz.Request{Principal: a.principal, Action: w.Action, Resource: w.Resource,
			Context: a.context})
		if err != nil {
			return err
		}
		if len(a.result.Failures) > failures {
			a.result.Undecided = a.result.Undecided[:from]
			return nil
		}
	}
	a.worst = authz.Undecided.String()
	if reason != nil {
		a.unproved(reason, &answer, "all are allowed")
	}
	return nil
}

// ask asks about the requests of the question, and adds them to those of the argument.
func (a *asking) ask(ask func(analysis.Subject, analysis.Requests, analysis.Options) analysis.Answer,
	of *analysis.Requests) analysis.Answer {
	a.setPatterns(of)
	return a.prove(func(o analysis.Options) analysis.Answer {
		return ask(analysis.Subject{Principal: a.principal, Policies: a.policies}, *of, o)
	})
}

// prove asks a question. Each question without an answer leaves half of the steps for the next ones, because an
// assertion may ask hundreds of questions.
func (c *check) prove(ask func(analysis.Options) analysis.Answer) analysis.Answer {
	answer := ask(analysis.Options{Steps: max(proofSteps>>c.unanswered, minProofSteps), AnyARN: true})
	if answer.Verdict == analysis.Unknown {
		c.unanswered++
	}
	return answer
}

// setPatterns sets the actions and resources of the question.
func (a *asking) setPatterns(of *analysis.Requests) {
	of.Actions = []pattern.Pattern{pattern.Glob(ascii.Fold(a.question.action))}
	for i := range a.question.regions {
		r := &a.question.regions[i]
		of.Resources = append(of.Resources, r.resource.Required[0].Pattern)
		of.Foreign = of.Foreign || r.isForeign(a.account.ID())
	}
}

// isForeign reports whether the resources of a region of a question belong to another account. Such a question has no
// other region.
func (r *region) isForeign(own string) bool {
	arn := pattern.CutARN(r.resource.Required[0].Pattern)
	if arn.Everything || arn.IsShort() {
		return false
	}
	field := &arn.Fields[pattern.AccountField]
	return !field.Match(own) && !field.Match("") && !field.Match("aws")
}

// roles returns the requests about roles of the account. Their trust policies decide, and the search decides each.
func (a *asking) roles() []analysis.Pair {
	if !a.concernsRoles() {
		return nil
	}
	var p analysis.Pair
	for _, action := range roleActions {
		p.Actions = append(p.Actions, pattern.Literal(ascii.Fold(action.String())))
	}
	for _, arn := range a.account.ARNs(account.RoleKind) {
		p.Resources = append(p.Resources, pattern.Literal(arn))
	}
	return []analysis.Pair{p}
}

// concernsRoles reports whether an action of the question may be about a role of the account.
func (a *asking) concernsRoles() bool {
	roles := pattern.CutARN(pattern.Glob("arn:*:iam::" + a.account.ID() + ":role/*"))
	all := roles.Fieldwise()
	for i := range a.question.regions {
		r := &a.question.regions[i]
		if r.resource.Required[0].Pattern.IsDisjoint(&all) {
			continue
		}
		for _, action := range roleActions {
			if r.action.Contains(ascii.Fold(action.String())) {
				return true
			}
		}
	}
	return false
}

// unproved adds a finding about a question that the search and the proof leave open. found says what is true of the
// requests that the search decided.
func (a *asking) unproved(reason *undecidedError, answer *analysis.Answer, found string) {
	text := reason.reason
	if len(answer.Open) > 0 {
		text += ". There is no proof for all requests either: " + strings.TrimSuffix(answer.Open[0].Reason, ".")
	}
	a.undecided(&undecidedError{fmt.Sprintf("%s. Of %d requests that stand for others, %s", text, a.decisions, found)})
}

// readable returns a violation in place of another one that reads better: a request for an action and a resource that
// exist on AWS, and that the statement allows or denies. It returns the other one if it finds none.
func (a *asking) readable(r *request, statement *authz.StatementRef, other *analysis.Witness) *analysis.Witness {
	of := analysis.Requests{Context: r.Context, Without: a.roles()}
	if statement.Policy != "" {
		of.Statement = statement
	}
	a.setPatterns(&of)
	ask := analysis.NoneAllowed
	if a.block.Allow {
		ask = analysis.AllAllowed
	}
	if a.rewritten++; a.rewritten <= maxRewritten {
		answer := ask(analysis.Subject{Principal: r.Principal, Policies: r.policies}, of,
			analysis.Options{Steps: witnessSteps})
		if answer.Verdict == analysis.Fail {
			return answer.Witness
		}
	}
	if known := catalog.Default().Action(other.Request.Action.String()); known != nil {
		other.Request.Action = authz.MustAction(known.String()) // the search has names in lower case
	}
	return other
}

// describeWitness returns the sentence about the witness of a finding, unless its request is not a pattern.
func (a *asking) describeWitness(f *Finding, verb string) string {
	if r := &f.Witness.Request; f.Request == r.Action.String()+" on "+r.Resource {
		return ""
	}
	return fmt.Sprintf("\n%s %s.", verb, f.Witness)
}

// givenKeys returns the keys of the block in the requests of the actor.
func (a *asking) givenKeys() (out []authz.ContextKey) {
	keys := a.block.Context
	if a.via != nil {
		keys = access.SessionKeys(keys)
	}
	for _, k := range keys {
		out = append(out, authz.ContextKey{Name: k.Name, Values: k.Values, Multivalued: k.Multivalued})
	}
	return out
}

// settle asks about a request that could be allowed as far as the search can tell. If it stands for other requests of
// the question, settle asks about all of them.
func (a *asking) settle(r *request) analysis.Answer {
	of := analysis.Requests{
		Actions:   []pattern.Pattern{pattern.Literal(ascii.Fold(r.Action.String()))},
		Resources: []pattern.Pattern{pattern.Literal(r.Resource)}, Context: r.Context,
		Foreign: isForeign(r.Resource, r.Principal.Account),
	}
	if r.policies.ResourcePolicy == nil && !a.question.isSingle() {
		of = analysis.Requests{Context: r.Context, Without: a.roles()}
		a.setPatterns(&of)
	}
	return a.prove(func(o analysis.Options) analysis.Answer {
		return analysis.NoneAllowed(analysis.Subject{Principal: r.Principal, Policies: r.policies}, of, o)
	})
}

// isForeign reports whether a resource belongs to another account.
func isForeign(resource, own string) bool {
	arn, err := policy.ParseARN(resource)
	return err == nil && own != "" && arn.Account != own && arn.Account != "" && arn.Account != "aws"
}
