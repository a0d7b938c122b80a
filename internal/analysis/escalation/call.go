package escalation

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// call is a request of a step, without its principal. It has all keys that depend on the step.
type call struct {
	action   authz.Action
	resource string
	keys     []authz.ContextKey
	// anyKey says that the request may have every other key, because the keys of its action are not known here.
	anyKey bool
}

// environment are prefixes of the keys that a person may choose: they describe the network, the time, the session and
// the organization.
var environment = []string{
	"aws:SourceIp", "aws:SourceVpc", "aws:Vpc", "aws:CurrentTime", "aws:EpochTime", "aws:SecureTransport",
	"aws:UserAgent", "aws:Referer", "aws:RequestedRegion", "aws:MultiFactorAuth", "aws:TokenIssueTime",
	"aws:PrincipalOrg", "aws:ResourceOrg", "sts:ExternalId", "sts:RoleSessionName", "sts:DurationSeconds",
}

// sessionKeys are prefixes of the keys that the sessions of a role may have, if a person has the role to begin with.
// What the trust policy rules out is set as absent.
var sessionKeys = []string{principalTag, "aws:SourceIdentity", "aws:FederatedProvider"}

const principalTag = "aws:PrincipalTag/"

// context returns the context of a request by an actor. Keys that neither the step nor the actor has are absent, apart
// from those that a person may choose.
func (a *actor) context(c *call, choose ...string) *authz.Context {
	context := authz.NewContext()
	set := func(key, value string) {
		if !context.Has(key) {
			_ = context.Set(key, value) // fails only for an empty or existing key
		}
	}
	for _, k := range c.keys {
		if k.Multivalued {
			_ = context.SetMulti(k.Name, k.Values)
			continue
		}
		set(k.Name, k.Values[0])
	}
	set("aws:ViaAWSService", "false")
	if a.provider() {
		if !c.anyKey {
			context.LimitChoice(slices.Concat(environment, providerKeys(a.principal))...)
		}
		return context
	}
	if !a.mfa {
		// Temporary credentials always have the key.
		if a.principal.Kind == authz.User {
			_ = context.SetMulti("aws:MultiFactorAuthPresent", nil)
		} else {
			set("aws:MultiFactorAuthPresent", "false")
		}
		_ = context.SetMulti("aws:MultiFactorAuthAge", nil)
	}
	choosable := slices.Concat(environment, choose)
	switch {
	case len(choose) > 0:
		a.setKeysExcept(context, choose)
	case a.own:
		choosable = append(choosable, sessionKeys...)
		a.access.SetPossibleKeys(context)
	default: // a session that a step begins has no tags and no source identity of its own
		for key, value := range a.access.Keys() {
			set(key, value)
		}
		_ = context.SetMulti("aws:SourceIdentity", nil)
		_ = context.SetMulti("aws:FederatedProvider", nil)
		context.SetAbsentBelow(principalTag)
		a.access.SetPossibleKeys(context)
	}
	if !c.anyKey {
		context.LimitChoice(choosable...)
	}
	return context
}

// setKeysExcept sets the keys of the actor without those that have one of the prefixes.
func (a *actor) setKeysExcept(context *authz.Context, prefixes []string) {
	for key, value := range a.access.Keys() {
		if !context.Has(key) && !isBelow(key, prefixes) {
			_ = context.Set(key, value)
		}
	}
	for key, patterns := range a.access.Principal().UnknownKeys() {
		if !context.Has(key) {
			_ = context.SetChoiceLike(key, patterns)
		}
	}
}

func isBelow(key string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if len(key) >= len(prefix) && ascii.EqualFold(key[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

// providerKeys returns the prefixes of the keys that the tokens of an identity provider have.
func providerKeys(p authz.Principal) []string {
	_, url, found := strings.Cut(p.String(), "oidc-provider/")
	if !found {
		return []string{"saml:"}
	}
	return []string{url + ":"}
}

// decide returns whether a request of an actor could be allowed.
func (a *actor) decide(acc *account.Account, c *call, choose ...string) (authz.Possibility, authz.Policies,
	authz.Request) {
	var policies authz.Policies
	if a.access != nil {
		policies = a.access.Policies()
	}
	r := authz.Request{Principal: a.principal, Action: c.action, Resource: c.resource}
	var err error
	if policies.ResourcePolicy, err = acc.ResourcePolicy(c.action, c.resource); err != nil {
		return authz.Never, policies, r
	}
	if !c.anyKey {
		own := c.with(key("aws:ResourceAccount", acc.ID()))
		if region := iamRegion(acc); region != "" && strings.HasPrefix(c.action.String(), "iam:") {
			own = own.with(key("aws:RequestedRegion", region))
		}
		c = &own
	}
	r.Context = a.context(c, choose...)
	possible := policies.CouldAllow(&r)
	return possible, policies, r
}

// iamRegion returns the region of the only endpoint of IAM in the partition of an account, and "" for a partition in
// which it is not known.
func iamRegion(acc *account.Account) string {
	partition, _, _ := strings.Cut(strings.TrimPrefix(acc.RootARN(), "arn:"), ":")
	return map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[partition]
}
