package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// boundStatement is a statement with the values of the principal.
type boundStatement struct {
	outline   *authz.Outline
	view      authz.StatementView
	resources resources
	// actions has the numbers of the matched actions: those of the catalog, and above them those of others.
	actions map[int]bool
	not     bool // the statement matches all actions but these
}

func (s *boundStatement) matches(action int) bool { return s.actions[action] != s.not }

// collect reads the statements.
func (w *abilityWalk) collect() {
	outlines := w.policies.Outlines()
	values := w.context.Possible()
	for i := range outlines {
		o := &outlines[i]
		if o.Unknown {
			w.open["a policy or statement that is not known yet"] = true
			continue
		}
		view := w.sources.View(o)
		w.statements = append(w.statements, boundStatement{outline: o, view: view, resources: newResources(&view, values)})
		for _, text := range view.Action.Texts {
			w.addOther(text, o)
		}
	}
	for i := range w.statements {
		w.match(&w.statements[i])
	}
}

// addOther adds an action that the catalog does not have, if the statement allows it.
func (w *abilityWalk) addOther(text string, o *authz.Outline) {
	if !o.MayAllow || o.Action.Not || o.Layer == authz.Boundary || len(w.catalog.Expand(text)) > 0 {
		return
	}
	if _, err := authz.ParseAction(text); err != nil && !strings.ContainsAny(text, "*?") {
		return // no request has such an action
	}
	note := fmt.Sprintf("%s is not an action of the catalog of %s.", text, w.catalog.Date())
	if strings.ContainsAny(text, "*?") {
		note = fmt.Sprintf("%s matches no action of the catalog of %s.", text, w.catalog.Date())
	} else if !slices.ContainsFunc(w.others, func(other string) bool { return ascii.EqualFold(other, text) }) {
		w.others = append(w.others, text)
	}
	if !slices.Contains(w.notes, note) {
		w.notes = append(w.notes, note)
	}
}

// match finds the actions of a statement.
func (w *abilityWalk) match(s *boundStatement) {
	s.actions, s.not = map[int]bool{}, s.view.Action.Not
	known := len(w.catalog.Actions())
	for i, text := range s.view.Action.Texts {
		for _, id := range w.catalog.Expand(text) {
			s.actions[id] = true
		}
		for j, other := range w.others {
			if s.view.Action.Patterns[i].Match(ascii.Fold(other)) {
				s.actions[known+j] = true
			}
		}
	}
}

// actionGroup is a set of actions that the same statements match.
type actionGroup struct {
	actions    []int
	statements []*boundStatement
}

// groups returns the actions that some statement may allow, grouped by their statements.
func (w *abilityWalk) groups() []*actionGroup {
	byStatements := map[string]*actionGroup{}
	var out []*actionGroup
	signature := make([]byte, len(w.statements))
	for id := range len(w.catalog.Actions()) + len(w.others) {
		allowed := false
		for i := range w.statements {
			s := &w.statements[i]
			signature[i] = '0'
			if s.matches(id) {
				signature[i] = '1'
				allowed = allowed || s.isGrant()
			}
		}
		if name := w.actionName(id); !allowed || isRoleAction(name) || isFree(name) {
			continue
		}
		g := byStatements[string(signature)]
		if g == nil {
			g = &actionGroup{}
			for i := range w.statements {
				if signature[i] == '1' {
					g.statements = append(g.statements, &w.statements[i])
				}
			}
			byStatements[string(signature)] = g
			out = append(out, g)
		}
		g.actions = append(g.actions, id)
	}
	return out
}

func (s *boundStatement) isGrant() bool {
	return s.outline.MayAllow && (s.outline.Layer == authz.Identity || s.outline.Layer == authz.Group)
}

// isRoleAction reports whether the trust policy of a role decides about an action. The method roles asks about it.
func isRoleAction(name string) bool {
	return strings.HasPrefix(name, "sts:") && authz.MustAction(name).NeedsResourcePolicy()
}

// isFree reports whether an action needs no permission.
func isFree(name string) bool {
	return ascii.EqualFold(name, "sts:GetCallerIdentity") || ascii.EqualFold(name, "sts:GetSessionToken")
}

func (w *abilityWalk) actionName(id int) string {
	if actions := w.catalog.Actions(); id < len(actions) {
		return actions[id].String()
	}
	return w.others[id-len(w.catalog.Actions())]
}
