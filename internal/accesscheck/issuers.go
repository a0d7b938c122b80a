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
	// limits are the claims whose values a stranger cannot choose, with the values of strangers. Without a value, a
	// stranger has one that no policy contains. Without claims, the subject is the only one.
	limits map[string][]string
}

// issuers has the shared identity providers by their host and path in lower case.
var issuers = map[string]issuer{
	"token.actions.githubusercontent.com": {map[string][]string{
		"sub":        {"repo:any-owner-a7x/*", "ref:*", "environment:*", "workflow:*"}, // an owner can choose other forms
		"repository": {"any-owner-a7x/*"}, "repository_owner": nil, "repository_id": nil, "repository_owner_id": nil,
		"job_workflow_ref": {"any-owner-a7x/*"}, "workflow_ref": {"any-owner-a7x/*"}, "actor": nil, "actor_id": nil,
		"enterprise": nil, "enterprise_id": nil,
	}},
	"vstoken.actions.githubusercontent.com":              {map[string][]string{"sub": {"repo:any-owner-a7x/*"}}},
	"oidc-configuration.audit-log.githubusercontent.com": {},
	"gitlab.com":              {map[string][]string{"sub": {"project_path:any-group-a7x/*"}}},
	"app.terraform.io":        {map[string][]string{"sub": {"organization:any-organization-a7x:*"}}},
	"agent.buildkite.com":     {map[string][]string{"sub": {"organization:any-organization-a7x:*"}}},
	"scalr.io":                {map[string][]string{"sub": {"account:any-account-a7x:*"}}},
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
	"accounts.google.com": {map[string][]string{"sub": nil, "email": nil, "hd": nil}},
	"graph.facebook.com":  {map[string][]string{"id": nil, "sub": nil}},
	"www.amazon.com":      {map[string][]string{"user_id": nil, "sub": nil}},
}

// audience limits tokens to those of one customer by their audience or by their subject.
var audience = map[string][]string{"aud": nil, "sub": nil}

// strangerClaim is the value of a claim of a stranger that no policy contains.
const strangerClaim = "any-value-a7x"

// hostOf returns the host and path of an OpenID Connect provider in lower case, which begin the keys of its claims.
func hostOf(provider string) string {
	if arn, err := policy.ParseARN(provider); err == nil {
		_, provider, _ = strings.Cut(arn.Resource, "/")
	}
	return ascii.Fold(strings.TrimSuffix(provider, "/"))
}

// strangerContext returns the keys of a request with the token of a stranger. Every other key may have any value.
func (i *issuer) strangerContext(host string) *authz.Context {
	context := authz.NewContext()
	limits := i.limits
	if len(limits) == 0 {
		limits = map[string][]string{"sub": nil}
	}
	for claim, values := range limits {
		if len(values) == 0 {
			_ = context.Set(host+":"+claim, strangerClaim) // fails only for an empty or existing key
			continue
		}
		var within []pattern.Set
		for _, value := range values {
			within = append(within, pattern.Set{Required: []pattern.Term{{Pattern: pattern.Glob(value)}}})
		}
		_ = context.SetChoice(host+":"+claim, within...)
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
