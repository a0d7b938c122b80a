package review

import (
	"iter"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// trustedPrincipals returns the principals whom the trust policy of a role names in a statement that allows something.
func trustedPrincipals(typeName string, value tree.Node) iter.Seq2[*policy.Statement, policy.PrincipalName] {
	return func(yield func(*policy.Statement, policy.PrincipalName) bool) {
		if !strings.HasSuffix(typeName, "iam_role") || value.Kind != tree.Object {
			return
		}
		_, edits, err := planned.Edits(planned.Change{Type: typeName, After: value})
		if err != nil {
			return // the role is not judged
		}
		for _, edit := range edits {
			identity, ok := edit.(account.PlanIdentity)
			if !ok {
				continue
			}
			doc, err := identity.Trust.Policy()
			if err != nil {
				continue
			}
			for i := range doc.Statements {
				s := &doc.Statements[i]
				if s.Effect.Value != string(policy.Allow) || s.Principal == nil {
					continue
				}
				for _, entry := range s.Principal.Entries {
					for _, text := range entry.Values.Values {
						name, finding := policy.ParsePrincipal(entry.Type, text.Value)
						if finding == nil && !text.Unknown && !yield(s, name) {
							return
						}
					}
				}
			}
		}
	}
}

// trustedChanges returns the users and roles of the account whom the trust policies of a plan name, and that neither
// the plan nor the account has. They are in the account without policies, because a role may trust them by name alone.
func (a *accounts) trustedChanges(base *account.Account, edits []edit, own map[planned.Object]bool) []account.Change {
	var out []account.Change
	for i := range edits {
		for _, value := range []tree.Node{edits[i].before, edits[i].after} {
			for _, name := range trustedPrincipals(edits[i].change.Type, value) {
				kind := account.RoleKind
				switch name.Form {
				case policy.UserPrincipal:
					kind = account.UserKind
				case policy.RolePrincipal, policy.SessionPrincipal:
				default:
					continue
				}
				o := planned.IdentityObject(kind, name.Name)
				if name.Account != base.ID() || own[o] || planned.HasHole(name.Text) {
					continue
				}
				if change := a.placeholderAt(base, kind, pathOf(name), name.Name); change != nil {
					own[o] = true
					out = append(out, change)
				}
			}
		}
	}
	return out
}

// pathOf returns the path of the user or role whose ARN a principal is.
func pathOf(name policy.PrincipalName) string {
	if _, path, ok := strings.Cut(name.Text, "/"); ok && name.Form != policy.SessionPrincipal {
		return "/" + strings.TrimSuffix(path, name.Name)
	}
	return "/"
}
