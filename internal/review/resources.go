package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// addResources adds the AWS resources whose own policies change, and the roles whose trust policies do.
func (r *review) addResources(ctx context.Context) error {
	for _, p := range r.protectedResources() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.change != nil && !p.failed {
			r.addResource(p)
		}
	}
	if err := r.addTrusts(ctx); err != nil {
		return err
	}
	slices.SortStableFunc(r.report.Resources, func(a, b Resource) int {
		score := func(x *Resource) int {
			return 4*map[bool]int{true: 1}[x.Public] + 2*min(1, len(x.Gained)) + min(1, len(x.Lost))
		}
		return cmp.Or(cmp.Compare(score(&b), score(&a)), strings.Compare(a.ARN, b.ARN))
	})
	return nil
}

// maxExamples limits the examples of each resource, so that a policy for hundreds of actions stays readable.
const maxExamples = 8

// maxGrantees limits the principals that have an example.
const maxGrantees = 32

// addResource compares the policies of a resource.
func (r *review) addResource(p *protectedResource) {
	out := Resource{ARN: planned.ShowHoles(p.arn), Type: p.resourceType, Source: r.source(p.change),
		Added: !p.hadPolicy && len(p.after) > 0, Removed: p.hadPolicy && len(p.after) == 0}
	var open []string
	out.Gained, open = r.resourceAccess(p.before, p.after)
	out.Open = append(out.Open, open...)
	out.Lost, open = r.resourceAccess(p.after, p.before)
	out.Open = append(out.Open, open...)
	freed, open := r.freedAccess(p.before, p.after)
	out.Gained, out.Open = append(out.Gained, freed...), append(out.Open, open...)
	covered := p.documents
	if len(freed) > 0 { // an acceptance covers the loss of these denials only
		covered = slices.Concat(covered, p.old)
	}
	place, _ := r.in.Plan.Place(p.change)
	slices.SortStableFunc(out.Gained, func(a, b ResourceAccess) int {
		return cmp.Compare(nearness(&a, place.Account), nearness(&b, place.Account))
	})
	r.checkPublic(p, &out)
	if len(out.Gained)+len(out.Lost)+len(out.Open) == 0 && !out.Public {
		return
	}
	if !out.Public || r.in.Rules.severity(checkPublicAccess) == Off {
		r.checkGained(covered, &out)
	}
	for _, reason := range out.Open {
		r.notJudged(p.change, reason)
	}
	r.report.Resources = append(r.report.Resources, out)
}

// checkGained adds a finding if the policy of a resource allows more than before. covered are the documents that an
// acceptance covers.
func (r *review) checkGained(covered []tree.Node, out *Resource) {
	if len(out.Gained) == 0 {
		return
	}
	check, example, difference := checkResourceAccess, &out.Gained[0], "allows more"
	isCross := func(a ResourceAccess) bool { return a.CrossAccount }
	if i := slices.IndexFunc(out.Gained, isCross); i >= 0 && r.in.Rules.severity(checkCrossAccountAccess) != Off {
		check, example, difference = checkCrossAccountAccess, &out.Gained[i], "gives access to another account"
	}
	name := cmp.Or(out.ARN, out.Source.Address)
	r.addFinding(Finding{ID: check + "/" + name + "/" + digest(covered), Check: check, Summary: fmt.Sprintf(
		"The policy of %s %s: %s may call %s on %s.", name, difference, example.Principal, example.Action,
		example.Resource), Sources: []Source{out.Source}})
}

// resourceAccess returns examples of the access that policies give and others do not.
func (r *review) resourceAccess(existing, updated []authz.Policy) (out []ResourceAccess, open []string) {
	if len(updated) == 0 {
		return nil, nil
	}
	// Each principal has an example before any has a second one, so that one with much access hides no other.
	first, more := slices.Clone(updated), slices.Clone(updated)
	find := func(among []authz.Policy) (to grantee, action string, found bool) {
		answer, err := analysis.NoNewAccess(policy.Resource, existing, among, analysis.Options{})
		switch {
		case err != nil:
			open = append(open, "The policy cannot be analysed: "+err.Error())
			return to, "", false
		case answer.Verdict == analysis.Pass:
			return to, "", false
		case answer.Verdict == analysis.Unknown:
			for _, o := range answer.Open {
				open = append(open, o.Reason)
			}
			return to, "", false
		}
		w := answer.Witness
		context, holes := exampleContext(w.Keys)
		to = granteeOf(updated, w.Request.Principal)
		example := ResourceAccess{Principal: to.text, CrossAccount: r.isOtherAccount(w.Request.Principal),
			Action: w.Request.Action.String(), Resource: planned.ShowHoles(w.Request.Resource), Context: context,
			Condition:  planned.ShowHoles(w.Condition),
			Statements: r.resourceStatements(answer.Reasons)}
		if holes && resourceHasHole(updated) {
			example.Resource = "a resource with a name known only after apply"
		}
		out = append(out, example)
		return to, example.Action, true
	}
	exclude := func(from []authz.Policy, to grantee, action string) []authz.Policy {
		denial, err := deny(to, action)
		if err != nil { // without the denial, the search finds the same access again
			open = append(open, "The search for further access of "+to.text+" failed: "+oneLine(err.Error()))
		}
		return append(from, denial)
	}
	for len(open) == 0 {
		to, action, found := find(first)
		if !found {
			break
		}
		more = exclude(more, to, action)
		if to.element != `"*"` {
			action = "*"
		}
		if first = exclude(first, to, action); len(out) == maxGrantees {
			return out, append(open, fmt.Sprintf("More than %d principals gain or lose access, and not all are listed.",
				maxGrantees))
		}
	}
	for len(open) == 0 && len(out) > 0 && len(out) < maxExamples {
		to, action, found := find(more)
		if !found {
			break
		}
		more = exclude(more, to, action)
	}
	return out, open
}

// resourceHasHole reports whether a statement names a resource with a hole.
func resourceHasHole(policies []authz.Policy) bool {
	for _, p := range policies {
		for i := range p.Document.Statements {
			for _, list := range []*policy.List{p.Document.Statements[i].Resource, p.Document.Statements[i].NotResource} {
				if list != nil && slices.ContainsFunc(list.Values, func(v policy.Text) bool { return planned.HasHole(v.Value) }) {
					return true
				}
			}
		}
	}
	return false
}

// freedAccess returns an example of the access that a policy denied before, and that other policies may give.
func (r *review) freedAccess(before, after []authz.Policy) (out []ResourceAccess, open []string) {
	isDenied := func(p authz.Policy) bool {
		return slices.ContainsFunc(p.Document.Statements, func(s policy.Statement) bool {
			return s.Effect.Value != string(policy.Allow)
		})
	}
	if !slices.ContainsFunc(before, isDenied) {
		return nil, nil
	}
	allowed := authz.Policy{Name: "other policies", Document: anything}
	answer, err := analysis.NoNewAccess(policy.Resource, append(slices.Clone(before), allowed),
		append(slices.Clone(after), allowed), analysis.Options{})
	switch {
	case err != nil:
		return nil, []string{"The denials of the policy cannot be analysed: " + err.Error()}
	case answer.Verdict == analysis.Unknown:
		for _, o := range answer.Open {
			open = append(open, o.Reason)
		}
		return nil, open
	case answer.Verdict == analysis.Pass:
		return nil, nil
	}
	w := answer.Witness
	context, _ := exampleContext(w.Keys)
	return []ResourceAccess{{Principal: "every principal that another policy allows it",
		Action: w.Request.Action.String(), Resource: planned.ShowHoles(w.Request.Resource), Context: context}}, nil
}

// anything is a document that allows everything.
var anything = func() *policy.Document {
	doc, err := policy.Parse([]byte(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`))
	if err != nil {
		panic(err) // the text is fixed
	}
	return doc
}()

// resourceStatements returns statements of resource policies, whose names contain addresses.
func (r *review) resourceStatements(refs []authz.StatementRef) []Statement {
	out := make([]Statement, len(refs))
	for i, ref := range refs {
		address := strings.TrimPrefix(ref.Policy, "policy of ")
		out[i] = Statement{Policy: "its policy", Sid: ref.Sid, Index: ref.Index, Effect: string(ref.Effect),
			Source: r.sourceOf(address)}
	}
	return out
}
