package account

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Principal returns the user, role or session that a text names. The text is an ARN,
// a unique id, or the name of a user or role. It returns an error if a user and a
// role have that name. The result has the unique id and the ARN in the account's
// spelling.
func (a *Account) Principal(text string) (authz.Principal, error) {
	if strings.HasPrefix(text, "arn:") {
		return a.principalByARN(text)
	}
	user, isUser := a.users.get(text)
	role, isRole := a.roles.get(text)
	i, isID := a.identities.get(text)
	switch {
	case isUser && isRole:
		return authz.Principal{},
			fmt.Errorf("%s is the name of a user and of a role; use the ARN %s or %s", policy.Quote(text), a.arn(user),
				a.arn(role))
	case isUser:
		return a.principal(user)
	case isRole:
		return a.principal(role)
	case isID && i.kind != GroupKind:
		return a.principal(i)
	}
	return authz.Principal{},
		fmt.Errorf("the account %s has no user or role with the name or unique id %s", a.id, policy.Quote(text))
}

func (a *Account) principalByARN(arn string) (authz.Principal, error) {
	p, err := authz.ParsePrincipal(arn)
	if err != nil {
		return p, err
	}
	if p.Kind == authz.Root && p.Account == a.id {
		p.ID = a.id
		return p, nil
	}
	i, err := a.find(p)
	if err != nil {
		return authz.Principal{}, err
	}
	p.ID = i.id
	p.ServiceLinked = p.ServiceLinked || strings.HasPrefix(i.path, serviceRolePath)
	return p, nil
}

// serviceRolePath is the path of service-linked roles.
const serviceRolePath = "/aws-service-role/"

func (a *Account) principal(i *identity) (authz.Principal, error) {
	p, err := authz.ParsePrincipal(a.arn(i))
	p.ID = i.id
	return p, err
}
