package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// group adds the grants of a group of actions: one for each resource of each statement that allows them.
func (w *abilityWalk) group(g *actionGroup) {
	byForm := map[string][]int{} // the actions by the forms of their resources
	var forms []string
	for _, id := range g.actions {
		for _, form := range w.forms(id) {
			if byForm[form] == nil {
				forms = append(forms, form)
			}
			byForm[form] = append(byForm[form], id)
		}
	}
	for _, s := range g.statements {
		if !s.isGrant() {
			continue
		}
		texts := s.resources.texts
		if s.resources.not || s.resources.any {
			texts = []string{"every resource" + butTexts(s.resources.texts)}
		}
		for i, text := range texts {
			for _, form := range forms {
				w.form(g, s, i, text, form, byForm[form])
			}
		}
	}
}

func butTexts(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return " but " + strings.Join(texts, ", ")
}

// forms returns the forms of the resources of an action: patterns of ARNs, "*" for an action without resources, and the
// empty text for an action of which the forms are not known.
func (w *abilityWalk) forms(id int) []string {
	actions := w.catalog.Actions()
	if id >= len(actions) {
		return []string{""}
	}
	a := &actions[id]
	if len(a.Resources) == 0 {
		return []string{"*"}
	}
	var out []string
	_, partition, _ := strings.Cut(w.account.RootARN(), ":")
	partition, _, _ = strings.Cut(partition, ":")
	optional := true
	for i := range a.Resources {
		optional = optional && !a.Resources[i].Required
		patterns := a.Resources[i].Type.Patterns()
		for j := range patterns {
			arn := patterns[j]
			arn.Fields[pattern.PartitionField] = pattern.Literal(partition)
			if p := arn.Fields[pattern.AccountField]; p.HasWildcards() {
				arn.Fields[pattern.AccountField] = pattern.Literal(w.account.ID())
			}
			p := arn.Fieldwise()
			if text := p.String(); !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	if optional {
		out = append(out, "*")
	}
	return out
}

// form adds the grant of one resource of a statement for actions with one form of resources.
func (w *abilityWalk) form(g *actionGroup, s *boundStatement, entry int, text, form string, actions []int) {
	start := area{}
	switch form {
	case "*":
		start = require(start, pattern.Literal("*"))
	case "":
	default:
		arn := pattern.CutARN(pattern.Glob(form))
		start = require(start, arn.Fieldwise())
	}
	var areas []area
	if s.resources.not || s.resources.any {
		areas = s.resources.within(start)
	} else {
		areas = []area{require(start, s.resources.patterns[entry])}
	}
	name := w.actionName(actions[0])
	if w.policies.Boundary != nil && !w.policies.BoundaryUncertain {
		areas = w.bounded(g, areas)
	}
	undecided := false
	for i := range areas {
		f, decided := w.explore(g, s, areas[i], authz.MustAction(name), 0)
		undecided = undecided || !decided
		if f != nil {
			w.add(g, s, text, actions, f)
			return
		}
	}
	if undecided {
		w.open[fmt.Sprintf("whether %s may perform %s on %s, because the search for a resource stopped", w.principal, name,
			text)] = true
	}
}

// bounded returns the parts of areas that a statement of the boundary may allow.
func (w *abilityWalk) bounded(g *actionGroup, areas []area) (out []area) {
	for _, s := range g.statements {
		if s.outline.Layer != authz.Boundary || !s.outline.MayAllow {
			continue
		}
		for _, a := range areas {
			out = append(out, s.resources.within(a)...)
		}
	}
	return out
}

// explore decides a request about a resource of an area. If it is denied, it goes on with the parts of the area to
// which the denying statement does not apply. decided is false if the search stopped before it found a resource.
func (w *abilityWalk) explore(g *actionGroup, s *boundStatement, a area, action authz.Action,
	depth int) (found *Finding, decided bool) {
	resource, answer := find(&a)
	switch {
	case answer == pattern.Empty:
		return nil, true
	case answer != pattern.Found:
		return nil, false
	}
	e := &evaluation{account: w.account, question: &Question{Action: action, Resource: resource}, sources: w.sources}
	f := &Finding{Principal: w.principal, Name: w.principal.String()}
	e.decide(f, &w.policies, w.context)
	r := &authz.Request{Principal: w.principal, Action: action, Resource: resource, Context: w.context}
	if f.Answer != No {
		return w.better(g, s, a, r, f), true
	}
	if may, _ := s.outline.Applies(r, true); !may {
		return nil, true // its conditions are never true for the principal
	}
	const maxDepth = 20
	if depth == maxDepth {
		return nil, false
	}
	var denying []*boundStatement
	for _, other := range g.statements {
		if !other.outline.MayDeny {
			continue
		}
		may, certain := other.outline.Applies(r, true)
		if certain {
			denying = []*boundStatement{other}
			break
		}
		if may {
			denying = append(denying, other)
		}
	}
	decided = true
	for _, other := range denying {
		for _, rest := range other.resources.without(a) {
			if rest.Contains(resource) {
				return nil, false // it depends on the value of a variable
			}
			next, ok := w.explore(g, s, rest, action, depth+1)
			if next != nil {
				return next, true
			}
			decided = decided && ok
		}
	}
	return nil, decided
}

// better returns the answer about a resource to which no statement that names resources applies, if that one is yes.
// Otherwise it returns the finding. The grant names such statements as exceptions.
func (w *abilityWalk) better(g *actionGroup, s *boundStatement, a area, r *authz.Request, f *Finding) *Finding {
	if f.Answer != Conditional {
		return f
	}
	for _, deny := range g.statements {
		if !deny.outline.MayDeny || deny.resources.any {
			continue
		}
		if may, _ := deny.outline.Applies(r, true); !may {
			continue
		}
		for _, rest := range deny.resources.without(a) {
			if rest.Contains(r.Resource) {
				continue
			}
			if next, _ := w.explore(g, s, rest, r.Action, 0); next != nil && next.Answer == Yes {
				return next
			}
		}
	}
	return f
}
