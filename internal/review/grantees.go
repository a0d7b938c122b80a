package review

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// isOtherAccount reports whether a principal is known to belong to another account than that of the review.
func (r *review) isOtherAccount(p authz.Principal) bool {
	return r.report.AccountID != "" && p.Account != "" && p.Account != r.report.AccountID
}

// nearness orders principals: everybody, other accounts and services, and then those of an account.
func nearness(a *ResourceAccess, accountID string) int {
	switch {
	case a.Principal == "anybody" || a.Principal == "any service":
		return 0
	case strings.Contains(a.Principal, accountID):
		return 2
	}
	return 1
}

// grantee is a principal to which the policy of a resource gives access, in the words of the policy.
type grantee struct {
	text    string // for people
	element string // a Principal element that covers it
}

// principalElement returns a Principal element with one name.
func principalElement(kind, name string) string {
	return fmt.Sprintf(`{%q:%s}`, kind, compact(name))
}

func ofAccount(id string) grantee {
	return grantee{"any principal of the account " + id, principalElement("AWS", id)}
}

func ofService(name string) grantee {
	return grantee{"the service " + name, principalElement("Service", name)}
}

// granteeOf returns a principal in the words of the policies: its ARN, its account, or everyone.
func granteeOf(policies []authz.Policy, p authz.Principal) grantee {
	everyone := grantee{"anybody", `"*"`}
	layer, err := authz.CompileLayer(authz.ResourcePolicy, policies)
	if err != nil {
		return everyone
	}
	names, _ := layer.Principals()
	var account, own bool
	for _, name := range names {
		account = account || name.Form == policy.AccountPrincipal && name.Account == p.Account && p.Account != ""
		own = own || name.Text == p.String()
	}
	switch {
	case own && p.Kind == authz.Service:
		return ofService(p.String())
	case own && (p.Kind == authz.User || p.Kind == authz.Role || p.Kind == authz.RoleSession):
		return grantee{planned.ShowHoles(p.String()), principalElement("AWS", p.String())}
	case account:
		return ofAccount(p.Account)
	case p.Kind == authz.Service:
		return grantee{"any service", `"*"`}
	}
	return everyone
}

// deny returns a policy that denies an action to a grantee. It makes the search go on with other access, also if the
// access is new because a denial is gone.
func deny(to grantee, action string) (authz.Policy, error) {
	doc, err := policy.Parse([]byte(fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":%s,"Action":%q,"Resource":"*"}]}`, to.element,
		action)))
	return authz.Policy{Name: "reported", Document: doc}, err
}
