package accesscheck

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// issuer is an OpenID Connect provider that issues tokens to everybody under one URL, so that only claims of the token
// tell its customers apart.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
type issuer struct {
	// limits are the claims whose values a stranger cannot choose. Without any, the subject is the only one.
	limits map[string]claim
}

// claim describes the values of a claim. They begin with the prefix and the name of a customer, which ends at the
// separator. A stranger is a customer whom no condition names. A zero claim has values that no condition has.
type claim struct {
	prefix, separator string
	// others are further forms that every customer can choose.
	others []string
}

// issuers has the shared identity providers by their host and path in lower case.
var issuers = map[string]issuer{
	"token.actions.githubusercontent.com": {map[string]claim{
		"sub":        {"repo:", "/", []string{"ref:*", "environment:*", "workflow:*"}},
		"repository": {separator: "/"}, "job_workflow_ref": {separator: "/"}, "workflow_ref": {separator: "/"},
		"repository_owner": {separator: ownName}, "actor": {separator: ownName}, "enterprise": {separator: ownName},
		"repository_id": {}, "repository_owner_id": {}, "actor_id": {}, "enterprise_id": {},
	}},
	"vstoken.actions.githubusercontent.com":              {map[string]claim{"sub": {prefix: "repo:", separator: "/"}}},
	"oidc-configuration.audit-log.githubusercontent.com": {},
	"gitlab.com": {map[string]claim{
		"sub":            {"project_path:", "/", nil},
		"namespace_path": {separator: ownName}, "project_path": {separator: "/"},
		"namespace_id": {}, "project_id": {}, "user_id": {}, "user_login": {},
	}},
	"app.terraform.io": {map[string]claim{
		"sub": {"organization:", ":", nil}, "terraform_organization_id": {}, "terraform_workspace_id": {},
		"terraform_organization_name": {separator: ownName},
	}},
	"agent.buildkite.com": {map[string]claim{
		"sub": {"organization:", ":", nil}, "organization_slug": {separator: ownName}, "organization_id": {},
	}},
	"scalr.io":                {map[string]claim{"sub": {"account:", ":", nil}}},
	"oidc.codefresh.io":       {},
	"studio.datachain.ai/api": {},
	"tokens.cloud.shisho.dev": {},
	"proidc.upbound.io":       {},
	"rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7": {},
	"rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr": {},
	"rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg": {},
	"rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26": {},
	"oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb":         {},
	"oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu":         {},
	"api.pulumi.com/oidc":            {audience},
	"sandboxes.cloud":                {audience},
	"oidc.vercel.com":                {audience},
	"cognito-identity.amazonaws.com": {audience},
	// The applications of these providers serve everybody with an account, so that the audience is no limit.
	"accounts.google.com": {map[string]claim{"sub": {}, "email": {}, "hd": {}}},
	"graph.facebook.com":  {map[string]claim{"id": {}, "sub": {}}},
	"www.amazon.com":      {map[string]claim{"user_id": {}, "sub": {}}},
}

// ownName is the separator of a claim whose value is the name of a customer.
const ownName = "end"

// audience limits tokens to those of one customer by their audience or by their subject.
var audience = map[string]claim{"aud": {}, "sub": {}}

// strangerClaim is the value of a claim of a stranger that no policy contains.
const strangerClaim = "any-value-a7x"

// hostOf returns the host and path of an OpenID Connect provider in lower case, which begin the keys of its claims.
func hostOf(provider string) string {
	if arn, err := policy.ParseARN(provider); err == nil {
		_, provider, _ = strings.Cut(arn.Resource, "/")
	}
	return ascii.Fold(strings.TrimSuffix(provider, "/"))
}

// strangerContext returns the keys of a request with the token of a stranger. Every other key may have any value. The
// conditions are those of the trust policy.
func (i *issuer) strangerContext(host string, conditions []authz.ConditionView) *authz.Context {
	context := authz.NewContext()
	limits := i.limits
	if len(limits) == 0 {
		limits = map[string]claim{"sub": {}}
	}
	for name, c := range limits {
		key := host + ":" + name
		if c.separator == "" {
			_ = context.Set(key, strangerClaim) // fails only for an empty or existing key
			continue
		}
		_ = context.SetChoice(key, c.ofStrangers(key, conditions)...)
	}
	// A stranger comes from an address of the internet, and through no endpoint.
	_ = context.Set("aws:SourceIp", "203.0.113.77")
	for _, key := range []string{"aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:PrincipalArn",
		"aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceAccount", "aws:SourceArn",
		"aws:username", "aws:userid", "aws:SourceIdentity"} {
		_ = context.SetMulti(key, nil) // a key without values is absent
	}
	context.SetAbsentBelow("aws:PrincipalTag/")
	return context
}

// ofStrangers returns the values of a claim that strangers have: those of all customers whom no condition names. A name
// with a wildcard is that of no single customer.
func (c *claim) ofStrangers(key string, conditions []authz.ConditionView) []pattern.Set {
	term := func(text string) pattern.Term { return pattern.Term{Pattern: pattern.Glob(text)} }
	customers := pattern.Set{Required: []pattern.Term{term(c.prefix + "?*")}}
	for i := range conditions {
		if conditions[i].Key != key {
			continue
		}
		for j := range conditions[i].Values {
			name, ok := c.customer(conditions[i].Values[j].Written)
			switch {
			case !ok:
			case c.separator == ownName:
				customers.Excluded = append(customers.Excluded, term(name))
			default:
				customers.Excluded = append(customers.Excluded, term(c.prefix+name+c.separator+"*"))
			}
		}
	}
	out := []pattern.Set{customers}
	for _, other := range c.others {
		out = append(out, pattern.Set{Required: []pattern.Term{term(other)}})
	}
	return out
}

// customer returns the name of the customer in the value of a condition. ok is false if it has none, or if its name
// has a wildcard.
func (c *claim) customer(value string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(value, c.prefix)
	if ok && c.separator != ownName {
		rest, _, ok = strings.Cut(rest, c.separator)
	}
	return rest, ok && rest != "" && !strings.ContainsAny(rest, "*?$")
}
