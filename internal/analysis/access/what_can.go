package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// Abilities is the access of one principal.
type Abilities struct {
	Principal authz.Principal
	// Grants are in the order of the services, of the access levels, and of the resources.
	Grants []Grant
	// Open has the reasons why some access is not known.
	Open []string
	// Notes are sentences about actions of the policies that the catalog does not have.
	Notes []string
}

// Grant is access to actions of one service and one access level. Each of the actions is allowed on some resource that
// Resource describes, which package authz has confirmed.
type Grant struct {
	Service string
	// Level is the access level of the actions. It is empty for actions that the catalog does not have.
	Level string
	// Actions are names with the prefix of the service, in order. All says that they are all actions of the service with
	// this access level.
	Actions []string
	All     bool
	// Resource is the resource, in the words of the policy.
	Resource string
	// Except are resources, in the words of the policies, on which a statement denies actions, with its condition.
	Except []string
	// Answer is Yes, Conditional or Unknown.
	Answer    Answer
	Condition string
	// Statements are those that allow the actions.
	Statements []authz.StatementRef
}

// WhatCan returns the access of a user or role of an account. It knows the actions of a catalog, and those that the
// policies name.
//
// The resources belong to the account, because policies of a principal alone give no access to those of other accounts.
// Apart from the trust policies of the account's roles, policies of resources do not count.
func WhatCan(ctx context.Context, acc *account.Account, p authz.Principal, c *catalog.Catalog) (*Abilities, error) {
	if p.Kind != authz.User && p.Kind != authz.Role {
		return nil, fmt.Errorf("%s is neither a user nor a role of the account", p)
	}
	access, err := acc.Access(p, account.Credentials{})
	if err != nil {
		return &Abilities{Principal: p, Open: []string{err.Error()}}, nil //nolint:nilerr // the access is not known
	}
	w := &abilityWalk{account: acc, principal: p, policies: access.Policies(), context: authz.NewContext(), catalog: c,
		sources: &authz.Sources{}, grants: map[string]*Grant{}, open: map[string]bool{}}
	access.SetPossibleKeys(w.context)
	w.collect()
	for _, group := range w.groups() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.group(group)
	}
	if err := w.roles(ctx); err != nil {
		return nil, err
	}
	return w.result(), nil
}

// abilityWalk collects the access of one principal.
type abilityWalk struct {
	account   *account.Account
	principal authz.Principal
	policies  authz.Policies
	context   *authz.Context
	catalog   *catalog.Catalog
	sources   *authz.Sources
	// statements are those of the principal's layers.
	statements []boundStatement
	// others are the actions that the policies name and the catalog does not have.
	others []string
	grants map[string]*Grant
	order  []*Grant
	open   map[string]bool
	notes  []string
}

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

// explore decides a request about a resource of an area. If it is denied, it goes on with the parts of the area to which
// the denying statement does not apply. decided is false if the search stopped before it found a resource.
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

// add adds actions to the grant of a finding.
func (w *abilityWalk) add(g *actionGroup, s *boundStatement, text string, actions []int, f *Finding) {
	except := w.exceptions(g, s, text)
	for _, id := range actions {
		service, level := w.classify(id)
		key := strings.Join([]string{service, level, text, strings.Join(except, "\n"), f.Answer.String(), f.Condition}, "\x00")
		grant := w.grants[key]
		if grant == nil {
			grant = &Grant{Service: service, Level: level, Resource: text, Except: except, Answer: f.Answer,
				Condition: f.Condition}
			w.grants[key] = grant
			w.order = append(w.order, grant)
		}
		if name := w.actionName(id); !slices.Contains(grant.Actions, name) {
			grant.Actions = append(grant.Actions, name)
		}
		if !slices.Contains(grant.Statements, s.view.Ref) {
			grant.Statements = append(grant.Statements, s.view.Ref)
		}
		for _, reason := range f.Open {
			w.open[reason] = true
		}
	}
}

// exceptions returns the resources of denying statements that overlap with an entry of a statement.
func (w *abilityWalk) exceptions(g *actionGroup, s *boundStatement, text string) (out []string) {
	r := authz.Request{Principal: w.principal, Context: w.context}
	for _, deny := range g.statements {
		if !deny.outline.MayDeny || deny.resources.any {
			continue
		}
		conditions := alternatives{openConditionsOf(&r, &deny.view)}.String()
		add := func(text string) {
			if conditions != "" {
				text += " if " + conditions
			}
			if !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
		if deny.resources.not {
			add("every resource" + butTexts(deny.resources.texts))
			continue
		}
		for i, p := range deny.resources.patterns {
			if p.IsEverything() {
				continue // the grant has the condition
			}
			for j := range s.resources.patterns {
				if _, ok := pattern.Intersect(p, s.resources.patterns[j]); (ok && s.resources.texts[j] == text) ||
					s.resources.not || s.resources.any {
					add(deny.resources.texts[i])
				}
			}
		}
	}
	return out
}

// classify returns the service and the access level of an action.
func (w *abilityWalk) classify(id int) (service, level string) {
	if actions := w.catalog.Actions(); id < len(actions) {
		return actions[id].Service.Prefix, actions[id].AccessLevel.String()
	}
	service, _, _ = strings.Cut(w.others[id-len(w.catalog.Actions())], ":")
	return ascii.Fold(service), ""
}

// roles adds the roles of the account that the principal may assume.
func (w *abilityWalk) roles(ctx context.Context) error {
	e := &evaluation{account: w.account, sources: w.sources}
	for _, arn := range w.account.ARNs(account.RoleKind) {
		if err := ctx.Err(); err != nil {
			return err
		}
		trust, err := w.account.ResourcePolicy(assumeRole, arn)
		if err != nil || arn == w.principal.String() {
			continue
		}
		e.question, e.resourcePolicy = &Question{Action: assumeRole, Resource: arn}, trust
		f := e.about(w.principal)
		if f.Answer == No {
			continue
		}
		w.order = append(w.order, &Grant{Service: "sts", Level: catalog.Write.String(), Actions: []string{assumeRole.String()},
			Resource: arn, Answer: f.Answer, Condition: f.Condition, Statements: f.Statements})
		for _, reason := range f.Open {
			w.open[reason] = true
		}
	}
	return nil
}

// result puts the grants in order. It omits a grant if another one of the same actions covers it.
func (w *abilityWalk) result() *Abilities {
	out := &Abilities{Principal: w.principal, Notes: w.notes}
	levels := map[string]int{}
	for i := range w.catalog.Actions() {
		service, level := w.classify(i)
		levels[service+"\x00"+level]++
	}
	for _, g := range w.order {
		slices.Sort(g.Actions)
		g.All = g.Level != "" && len(g.Actions) == levels[g.Service+"\x00"+g.Level]
		if !slices.ContainsFunc(w.order, func(other *Grant) bool { return other.covers(g) }) {
			out.Grants = append(out.Grants, *g)
		}
	}
	slices.SortStableFunc(out.Grants, func(a, b Grant) int {
		if c := strings.Compare(a.Service, b.Service); c != 0 {
			return c
		}
		if c := strings.Compare(a.Level, b.Level); c != 0 {
			return c
		}
		return strings.Compare(a.Resource, b.Resource)
	})
	for reason := range w.open {
		out.Open = append(out.Open, reason)
	}
	slices.Sort(out.Open)
	return out
}

// covers reports whether another grant adds nothing to g, which is about every resource and has no condition.
func (g *Grant) covers(other *Grant) bool {
	return g != other && g.Answer == Yes && g.Resource == "*" && slices.Equal(g.Except, other.Except) &&
		g.Service == other.Service && g.Level == other.Level && (other.Resource != "*" || other.Answer != Yes) &&
		!slices.ContainsFunc(other.Actions, func(a string) bool { return !slices.Contains(g.Actions, a) })
}
