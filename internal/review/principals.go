package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// addPrincipals adds the users and roles whose access changes.
func (r *review) addPrincipals(ctx context.Context) error {
	changes, err := access.WhatChanged(ctx, r.accountsOf.before, r.accountsOf.after, catalog.Default())
	if err != nil {
		return err
	}
	for i := range changes {
		r.report.Principals = append(r.report.Principals, r.principal(&changes[i]))
	}
	slices.SortStableFunc(r.report.Principals, func(a, b Principal) int {
		if c := cmp.Compare(rankOf(b.Gained), rankOf(a.Gained)); c != 0 {
			return c
		}
		if c := cmp.Compare(rankOf(b.Lost), rankOf(a.Lost)); c != 0 {
			return c
		}
		return strings.Compare(a.ARN, b.ARN)
	})
	return nil
}

func (r *review) principal(c *access.Change) Principal {
	arn := c.Principal.String()
	p := Principal{ARN: planned.ShowHoles(arn), Kind: "role", Name: planned.ShowHoles(c.Principal.Name()), Added: c.Added,
		Removed: c.Removed, Outside: r.accountsOf.outside[arn]}
	kind := account.RoleKind
	if c.Principal.Kind == authz.User {
		p.Kind, kind = "user", account.UserKind
	}
	before, after := statementsIn(r.accountsOf.before, c.Principal), statementsIn(r.accountsOf.after, c.Principal)
	p.Gained = r.accessOf(after, before, c.Gained)
	p.Lost = r.accessOf(before, after, c.Lost)
	for _, reason := range accesscheck.Condense(c.Open) {
		p.Open = append(p.Open, planned.ShowHoles(reason))
	}
	p.Causes = r.causes(kind, c.Principal.Name())
	old, updated := boundaryOf(r.accountsOf.before, c.Principal), boundaryOf(r.accountsOf.after, c.Principal)
	if old != updated && !c.Added && !c.Removed {
		p.Boundary = &Boundary{planned.ShowHoles(old), planned.ShowHoles(updated)}
	}
	return p
}

// boundaryOf returns the ARN of the permissions boundary of a user or role, or "".
func boundaryOf(of *account.Account, p authz.Principal) string {
	if p.Kind == authz.User {
		u, _ := of.User(p.Name())
		return u.Boundary
	}
	role, _ := of.Role(p.Name())
	return role.Boundary
}

// accessOf returns differences between the statements of a principal here and there, the worst first. Beside the
// statements of its example, each difference has the other ones that are only here and about the same service and
// access level.
func (r *review) accessOf(here, there []statement, differences []access.Difference) []Access {
	out := make([]Access, len(differences))
	for i, d := range differences {
		out[i] = Access{Service: d.Service, Level: d.Level, Action: d.Request.Action.String(), Resource: d.Request.Resource,
			Condition: planned.ShowHoles(d.Condition)}
		refs := slices.Clone(d.Statements)
		for _, s := range here {
			if !slices.Contains(refs, s.ref) && s.allows && s.isAbout(&d) &&
				!slices.ContainsFunc(there, func(other statement) bool { return other.text == s.text }) {
				refs = append(refs, s.ref)
			}
		}
		for _, s := range here {
			if !slices.Contains(refs, s.ref) {
				continue
			}
			for _, text := range s.resources {
				if !slices.Contains(out[i].Patterns, text) {
					out[i].Patterns = append(out[i].Patterns, text)
				}
			}
		}
		out[i].Statements = r.statementsOf(refs)
		var holes bool
		out[i].Context, holes = exampleContext(d.Keys)
		if holes && len(out[i].Patterns) > 0 { // a made-up value of a hole would mislead
			out[i].Resource = out[i].Patterns[0]
		}
	}
	slices.SortStableFunc(out, func(a, b Access) int {
		if c := cmp.Compare(harm(b), harm(a)); c != 0 {
			return c
		}
		return strings.Compare(a.Service, b.Service)
	})
	return out
}

// exampleContext returns the context keys of an example without the values of holes, and reports whether it had any.
func exampleContext(keys []authz.ContextKey) (out map[string]any, holes bool) {
	out = map[string]any{}
	for _, k := range keys {
		switch {
		case planned.IsHoleKey(k.Name):
			holes = true
		case k.Multivalued:
			out[k.Name] = k.Values
		default:
			out[k.Name] = k.Values[0]
		}
	}
	return out, holes
}

// statement is a statement of one of the policies of a principal.
type statement struct {
	ref       authz.StatementRef
	allows    bool
	actions   []string
	not       bool     // the actions are those that the statement leaves out
	resources []string // in the words of the policy
	text      string   // equal for statements that say the same
}

// statementsIn returns the statements of the policies of a principal in an account.
func statementsIn(of *account.Account, p authz.Principal) (out []statement) {
	here, err := of.Principal(p.String())
	if err != nil {
		return nil // the account does not have the principal
	}
	x, err := of.Access(here, account.Credentials{})
	if err != nil {
		return nil // the comparison reports why
	}
	policies := x.Policies()
	for s := range policies.Statements() {
		found := statement{ref: s.Ref, allows: s.Ref.Effect == policy.Allow && s.Ref.Layer != authz.Boundary,
			actions: s.Action.Texts, not: s.Action.Not}
		for _, text := range s.Resource.Texts {
			found.resources = append(found.resources, planned.ShowHoles(text))
		}
		if s.Resource.Not {
			found.resources = []string{"everything except " + strings.Join(found.resources, ", ")}
		}
		if s.Resource.Unknown {
			found.resources = append(found.resources, "resources known only after apply")
		}
		found.text = fmt.Sprintf("%q %t %q %q", s.Action.Texts, s.Action.Not, found.resources, s.Ref.Effect)
		for i := range s.Conditions {
			found.text += " " + s.Conditions[i].String()
		}
		out = append(out, found)
	}
	return out
}

// isAbout reports whether the statement may be about an action of the class of a difference.
func (s *statement) isAbout(d *access.Difference) bool {
	if s.not {
		return true
	}
	for _, text := range s.actions {
		service, name, _ := strings.Cut(text, ":")
		switch {
		case d.Service == "*":
			if text == "*" {
				return true
			}
		case d.Level == "":
			if ascii.EqualFold(service, d.Service) && catalog.Default().Action(text) == nil && !strings.ContainsAny(name, "*?") {
				return true
			}
		default:
			for _, id := range catalog.Default().Expand(text) {
				a := &catalog.Default().Actions()[id]
				if a.Service.Prefix == d.Service && a.AccessLevel.String() == d.Level {
					return true
				}
			}
		}
	}
	return false
}

// harmOf orders access levels by the harm that they can do.
var harmOf = map[string]int{"List": 1, "Read": 2, "Tagging": 3, "": 4, "Write": 5, "Permissions management": 6}

func harm(a Access) int {
	out := 2 * harmOf[a.Level]
	if a.Service == "*" {
		return 100
	}
	if a.Level == "Permissions management" && (a.Service == "iam" || a.Service == "sts") {
		out++
	}
	return out
}

func rankOf(all []Access) int {
	worst := 0
	for _, a := range all {
		worst = max(worst, harm(a))
	}
	return worst
}
