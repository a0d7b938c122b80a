package review

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
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
	p.Gained = r.accessOf(r.accountsOf.after, c.Principal, c.Gained)
	p.Lost = r.accessOf(r.accountsOf.before, c.Principal, c.Lost)
	for _, reason := range accesscheck.Condense(c.Open) {
		p.Open = append(p.Open, planned.ShowHoles(reason))
	}
	p.Causes = r.causes(kind, c.Principal.Name())
	return p
}

// accessOf returns differences that an account gives, the worst first.
func (r *review) accessOf(of *account.Account, p authz.Principal, differences []access.Difference) []Access {
	if len(differences) == 0 {
		return nil
	}
	patterns := resourcePatterns(of, p)
	out := make([]Access, len(differences))
	for i, d := range differences {
		out[i] = Access{Service: d.Service, Level: d.Level, Action: d.Request.Action.String(), Resource: d.Request.Resource,
			Condition: planned.ShowHoles(d.Condition), Statements: r.statementsOf(d.Statements)}
		for _, ref := range d.Statements {
			for _, text := range patterns[ref] {
				if !slices.Contains(out[i].Patterns, text) {
					out[i].Patterns = append(out[i].Patterns, text)
				}
			}
		}
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

// resourcePatterns returns the resources of the statements of a principal, in the words of the policies.
func resourcePatterns(of *account.Account, p authz.Principal) map[authz.StatementRef][]string {
	out := map[authz.StatementRef][]string{}
	add := func(layer *authz.Policies) {
		for s := range layer.Statements() {
			var texts []string
			for _, text := range s.Resource.Texts {
				texts = append(texts, planned.ShowHoles(text))
			}
			if s.Resource.Not {
				texts = []string{"everything except " + strings.Join(texts, ", ")}
			}
			if s.Resource.Unknown {
				texts = append(texts, "resources known only after apply")
			}
			out[s.Ref] = texts
		}
	}
	here, err := of.Principal(p.String())
	if err != nil {
		return out
	}
	x, err := of.Access(here, account.Credentials{})
	if err != nil {
		return out
	}
	policies := x.Policies()
	add(&policies)
	return out
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
