package account

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Principal is the user, role or session that a text names: an ARN, the name of a
// user or, where no user has it, of a role, or a unique id. It has its unique id
// and the ARN as the account spells it.
func (a *Account) Principal(text string) (authz.Principal, error) {
	if strings.HasPrefix(text, "arn:") {
		return a.principalByARN(text)
	}
	user, isUser := a.users.get(text)
	role, isRole := a.roles.get(text)
	i, isID := a.identities.get(text)
	switch {
	case isUser && isRole:
		return authz.Principal{}, fmt.Errorf("%s is the name of both a user and a role; give the ARN, which is %s or %s", policy.Quote(text), a.arn(user), a.arn(role))
	case isUser:
		return a.principal(user)
	case isRole:
		return a.principal(role)
	case isID && i.kind != GroupKind:
		return a.principal(i)
	}
	return authz.Principal{}, fmt.Errorf("the account %s has no user or role with the name or unique id %s", a.id, policy.Quote(text))
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

// serviceRolePath is where service-linked roles are.
const serviceRolePath = "/aws-service-role/"

func (a *Account) principal(i *identity) (authz.Principal, error) {
	p, err := authz.ParsePrincipal(a.arn(i))
	p.ID = i.id
	return p, err
}

// Tags are the tags of a principal's user or role; others have none. unknown says
// that there may be more.
func (a *Account) Tags(p authz.Principal) (tags []Tag, unknown bool, err error) {
	if p.Kind == authz.Root && p.Account == a.id {
		return nil, false, nil
	}
	i, err := a.find(p)
	if err != nil {
		return nil, false, err
	}
	return slices.Clone(i.rest().tags), i.rest().unknown.Tags, nil
}

// SetKeys sets the context keys that every request of a principal has, for it is
// that principal, unless they are set already, as a session's own tags may be:
// aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType, aws:userid,
// aws:username (of users alone) and aws:PrincipalTag/….
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
func (a *Account) SetKeys(p authz.Principal, context *authz.Context) error {
	set := func(key, value string) {
		if !context.Has(key) {
			_ = context.Set(key, value) // fails on keys that are empty or set
		}
	}
	set("aws:PrincipalAccount", a.id)
	if p.Kind == authz.Root && p.Account == a.id {
		set("aws:PrincipalArn", p.String())
		set("aws:PrincipalType", "Account")
		set("aws:userid", a.id)
		return nil
	}
	i, err := a.find(p)
	if err != nil {
		return err
	}
	set("aws:PrincipalArn", a.arn(i)) // of a session, its role's
	switch p.Kind {
	case authz.User:
		set("aws:PrincipalType", "User")
		set("aws:username", i.name)
		a.setID(context, i, "")
	case authz.RoleSession:
		set("aws:PrincipalType", "AssumedRole")
		session := p.String()
		a.setID(context, i, ":"+session[strings.LastIndexByte(session, '/')+1:])
	default: // some session of the role
		set("aws:PrincipalType", "AssumedRole")
		if !context.Has("aws:userid") {
			_ = context.SetUnknownValue("aws:userid")
		}
	}
	for _, t := range i.rest().tags {
		set("aws:PrincipalTag/"+t.Key, t.Value)
	}
	if i.rest().unknown.Tags {
		context.SetUnknownBelow("aws:PrincipalTag/")
	}
	return nil
}

// setID sets aws:userid. The unique id of something planned is known only later.
func (a *Account) setID(context *authz.Context, i *identity, suffix string) {
	switch {
	case context.Has("aws:userid"):
	case i.id == "":
		_ = context.SetUnknownValue("aws:userid")
	default:
		_ = context.Set("aws:userid", i.id+suffix)
	}
}
