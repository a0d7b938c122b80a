package assertion

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

var (
	getFederationToken = authz.MustAction("sts:GetFederationToken")
	tagSession         = authz.MustAction("sts:TagSession")
)

// federatedUser returns the federated user whose credentials a user of the account may get with GetFederationToken, or
// nil. It has the user's permissions, but another ARN, no user name and possibly other tags, so a denial that names the
// user does not apply to it. Its credentials cannot assume a role.
func (c *check) federatedUser(keys []Key) (*reachedRole, error) {
	user, ok := c.start.(insider)
	if !ok || user.principal.Kind != authz.User {
		return nil, nil
	}
	may, err := c.mayFederate(user, getFederationToken, keys)
	if err != nil || may == authz.Never {
		return nil, err
	}
	mayTag, err := c.mayFederate(user, tagSession, keys)
	if err != nil {
		return nil, err
	}
	principal, err := authz.ParsePrincipal(user.federatedUserARN("any-name"))
	if err != nil {
		return nil, err
	}
	access, err := c.account.Access(principal, account.Credentials{
		Issuer: user.principal, SessionPolicies: []account.Document{account.Text(everything)},
	})
	if err != nil {
		return nil, err
	}
	federated := &reachedRole{
		insider:   insider{account: c.account, principal: principal, own: access},
		chain:     Chain{Unclear: may == authz.Unclear},
		federated: true,
		ownTags:   mayTag == authz.Never,
	}
	return federated, nil
}

// federatedUserARN returns the ARN of a federated user of the user's account.
func (i insider) federatedUserARN(name string) string {
	prefix, _, _ := strings.Cut(i.principal.String(), ":iam:")
	return prefix + ":sts::" + i.account.ID() + ":federated-user/" + name
}

// mayFederate returns whether a user may be allowed an action on some federated user.
func (c *check) mayFederate(user insider, action authz.Action, keys []Key) (authz.Possibility, error) {
	if !user.allows(action) {
		return authz.Never, nil
	}
	sub := &check{account: c.account, start: user, reported: map[string]bool{}}
	block := Block{Context: access.FirstStepKeys(keys)}
	direct, err := sub.newActor(user, nil, block.Context, false)
	if err != nil {
		return authz.Never, err
	}
	q := newQuestion(action.String(), user.federatedUserARN("*"), c.account.ID(), true)
	a := &asking{check: sub, block: &block, question: &q}
	if err := a.deny([]*actor{direct}); err != nil {
		return authz.Never, err
	}
	switch a.worst {
	case "Possible":
		return authz.Possible, nil
	case "Unknown":
		return authz.Unclear, nil
	}
	return authz.Never, nil
}

// setFederatedKeys sets the keys of a federated user of any name.
func (r *reachedRole) setFederatedKeys(context *authz.Context) {
	setChoice(context, "aws:PrincipalArn", []string{r.federatedUserARN("*")}, nil)
	setChoice(context, "aws:userid", []string{r.account.ID() + ":*"}, nil)
	setAbsent(context, "aws:username")
	if r.ownTags {
		r.own.SetPossibleKeys(context)
		return
	}
	setKey(context, "aws:PrincipalAccount", r.account.ID())
	setKey(context, "aws:PrincipalType", "FederatedUser")
	setKey(context, "aws:PrincipalIsAWSService", "false")
	setAbsent(context, "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:FederatedProvider",
		"aws:SourceIdentity")
}
