package rewrite

import (
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// maxNames limits the principals of the trust policies that SameTrust compares.
const maxNames = 20

// SameTrust reports whether there is a proof that two trust policies of a role have the same meaning, also for the
// principals of the role's own account. Within an account, a policy that names a user gives access by itself, and one
// that names the account leaves it to the identity policies. [SameMeaning] does not tell them apart, so SameTrust
// compares what the policies say about each name.
func SameTrust(a, b *policy.Document, o analysis.Options) bool {
	names := map[policy.PrincipalName]bool{}
	for _, doc := range []*policy.Document{a, b} {
		if !addNames(names, doc) {
			return false
		}
	}
	if len(names) > maxNames {
		return false
	}
	same := func(a, b *policy.Document) bool {
		answer, err := SameMeaning(policy.Trust, []authz.Policy{{Name: "a", Document: a}},
			[]authz.Policy{{Name: "b", Document: b}}, o)
		return err == nil && answer.Verdict == analysis.Pass
	}
	if !same(a, b) {
		return false
	}
	return len(names) == 1 || !slices.ContainsFunc(slices.Collect(maps.Keys(names)), func(name policy.PrincipalName) bool {
		return !same(about(a, name), about(b, name))
	})
}

// addNames adds the principals that the statements allow something. It returns false if a statement does not list its
// principals.
func addNames(names map[policy.PrincipalName]bool, doc *policy.Document) bool {
	if doc.Unknown {
		return false
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if s.Unknown || s.Principal == nil || s.Principal.Unknown {
			return false
		}
		if s.Effect.Value != string(policy.Allow) {
			continue
		}
		for _, name := range namesOf(s.Principal) {
			names[name] = true
		}
	}
	return true
}

// namesOf returns the principals of an element, each in one spelling. Those that cannot be parsed are not among them,
// because no principal matches them.
func namesOf(p *policy.Principals) (out []policy.PrincipalName) {
	if p.Everyone {
		out = append(out, policy.PrincipalName{Form: policy.EveryonePrincipal})
	}
	for _, e := range p.Entries {
		for _, v := range e.Values.Values {
			if name, finding := policy.ParsePrincipal(e.Type, v.Value); finding == nil {
				out = append(out, spelled(name))
			}
		}
	}
	return out
}

// spelled returns a name in the spelling that names with the same meaning share.
func spelled(name policy.PrincipalName) policy.PrincipalName {
	switch name.Form {
	case policy.EveryonePrincipal:
		return policy.PrincipalName{Form: name.Form}
	case policy.AccountPrincipal:
		name.Text = name.Account
	}
	return name
}

// about returns the statements of a trust policy that deny, and those that allow something to a principal, for this
// principal alone.
func about(doc *policy.Document, name policy.PrincipalName) *policy.Document {
	out := *doc
	out.Statements = nil
	for i := range doc.Statements {
		s := doc.Statements[i]
		if s.Effect.Value == string(policy.Allow) {
			if s.Principal = only(s.Principal, name); s.Principal == nil {
				continue
			}
		}
		out.Statements = append(out.Statements, s)
	}
	return &out
}

// only returns the element with one of its principals, or nil if it does not have the principal.
func only(p *policy.Principals, name policy.PrincipalName) *policy.Principals {
	if p.Everyone {
		if name.Form != policy.EveryonePrincipal {
			return nil
		}
		return p
	}
	out := *p
	out.Entries = nil
	for _, e := range p.Entries {
		e.Values.Values = slices.DeleteFunc(slices.Clone(e.Values.Values), func(v policy.Text) bool {
			other, finding := policy.ParsePrincipal(e.Type, v.Value)
			return finding != nil || spelled(other) != name
		})
		if len(e.Values.Values) > 0 {
			out.Entries = append(out.Entries, e)
		}
	}
	if len(out.Entries) == 0 {
		return nil
	}
	return &out
}
