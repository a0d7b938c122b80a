package access

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// samples returns differences that a few requests show, at most one for each class. Package analysis finds the others;
// a sample costs much less than its search.
func (w *comparison) samples(a, b *account.Access) (out []Difference) {
	policies, own := a.Policies(), authz.NewContext()
	a.SetPossibleKeys(own)
	var others authz.Policies
	theirs := authz.NewContext()
	if b != nil {
		others = b.Policies()
		b.SetPossibleKeys(theirs)
	}
	found := map[class]bool{}
	values := own.Possible()
	outlines := policies.Outlines()
	for i := range outlines {
		o := &outlines[i]
		if !o.MayAllow || o.Unknown || o.Action.Not || o.Resource.Not || o.Layer != authz.Identity && o.Layer != authz.Group {
			continue
		}
		view := w.sources.View(o)
		tried := map[class]int{}
		for _, text := range view.Action.Texts {
			for _, s := range w.samplesOf(text) {
				const actionsOfClass = 3
				if found[s.class] || tried[s.class] == actionsOfClass || isRoleAction(s.name) || isFree(s.name) {
					continue
				}
				tried[s.class]++
				for _, resource := range sampleResources(&view, s.action, values, a.Principal().Account) {
					r := authz.Request{Principal: a.Principal(), Action: authz.MustAction(s.name), Resource: resource,
						Context: theirs}
					if others.CouldAllow(&r) != authz.Never {
						continue
					}
					r.Context = own
					e := &evaluation{question: &Question{Action: r.Action, Resource: resource}, sources: w.sources}
					f := Finding{Principal: a.Principal()}
					if e.decide(&f, &policies, own); f.Answer != Yes && f.Answer != Conditional {
						continue
					}
					found[s.class] = true
					out = append(out, Difference{Service: s.class.service, Level: s.class.level, Request: r, Keys: f.Example,
						Condition: f.Condition, Statements: f.Statements})
					break
				}
			}
		}
	}
	return out
}

// class is a set of actions: those of a service with one access level. The level is empty for actions that the catalog
// does not have.
type class struct{ service, level string }

// sample is an action that a policy names.
type sample struct {
	name   string
	action *catalog.Action // nil if the catalog does not have it
	class  class
}

// samplesOf returns the actions that a text in a policy stands for.
func (w *comparison) samplesOf(text string) (out []sample) {
	for _, id := range w.catalog.Expand(text) {
		action := &w.catalog.Actions()[id]
		out = append(out, sample{action.String(), action, class{action.Service.Prefix, action.AccessLevel.String()}})
	}
	if len(out) == 0 {
		if action, err := authz.ParseAction(text); err == nil {
			service, _, _ := strings.Cut(action.String(), ":")
			out = append(out, sample{name: action.String(), class: class{service: service}})
		}
	}
	return out
}

// sampleResources returns a few resources of a statement that an action may be about.
func sampleResources(view *authz.StatementView, action *catalog.Action, values pattern.Values,
	owner string) (out []string) {
	const most = 4
	for i := range view.Resource.Patterns {
		p, result := view.Resource.Patterns[i].Fill(values, nil)
		if result != pattern.Complete || len(out) == most {
			continue
		}
		if action == nil || len(action.Resources) == 0 {
			if p.Match("*") {
				out = append(out, "*")
			}
			continue
		}
		for j := range action.Resources {
			for _, form := range action.Resources[j].Type.Patterns() {
				if form.Fields[pattern.AccountField].HasWildcards() {
					form.Fields[pattern.AccountField] = pattern.Literal(owner)
				}
				if form.Fields[pattern.PartitionField].HasWildcards() {
					form.Fields[pattern.PartitionField] = pattern.Literal("aws")
				}
				text, ok := pattern.Intersect(form.Fieldwise(), p)
				if ok && strings.Count(text, ":") >= 5 && len(out) < most {
					out = append(out, text)
				}
			}
		}
	}
	return out
}
