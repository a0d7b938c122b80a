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

// add adds actions to the grant of a finding.
func (w *abilityWalk) add(g *actionGroup, s *boundStatement, text string, actions []int, f *Finding) {
	except := w.exceptions(g, s, text)
	for _, id := range actions {
		service, level := w.classify(id)
		key := strings.Join([]string{service, level, text, strings.Join(except, "\n"), f.Answer.String(), f.Condition},
			"\x00")
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
		w.order = append(w.order, &Grant{Service: "sts", Level: catalog.Write.String(),
			Actions:  []string{assumeRole.String()},
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
