package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// defaultRoleSession is the default duration of a role's session. It is also the maximum for a
// session that another role's session asked for.
const defaultRoleSession = time.Hour

// AssumeRole returns temporary credentials of a role, if its trust policy and the caller's policies
// allow that.
func (c *Client) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, _ ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	return do(ctx, c, assumeRole, in)
}

var assumeRole = register(operation[sts.AssumeRoleInput, sts.AssumeRoleOutput]{
	name: "AssumeRole", writes: true,
	attempt: func(c *call, in *sts.AssumeRoleInput) error { return c.countCodeAttempt(in.SerialNumber, in.TokenCode) },
	access:  assumeRoleAccess,
	run: func(c *call, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
		role, err := c.roleToAssume(*in.RoleArn)
		if err != nil {
			return nil, err
		}
		c.addAuditSubject(role.ID)
		duration, err := c.roleSessionDuration(role, in.DurationSeconds)
		if err != nil {
			return nil, err
		}
		attributes, err := c.attributes(in)
		if err != nil {
			return nil, err
		}
		passed, err := c.sessionPolicies(in.Policy, in.PolicyArns, attributes.tags)
		if err != nil {
			return nil, err
		}
		if err := c.storeUsedCode(); err != nil {
			return nil, err
		}
		if err := c.tx.SetRoleLastUsed(role.ID, c.now, region); err != nil {
			return nil, err
		}
		id, key, chain := c.issuer()
		if len(chain) >= 2*longestChain {
			return nil, accessDenied("Roles were assumed %d times in a row to get these credentials, which is the most. Begin anew with those of a user.", longestChain)
		}
		_, credentials, err := c.newSession(credential.Session{
			Kind: credential.AssumedRole, PrincipalARN: c.engine.identityARN(role), PrincipalID: role.ID, Name: *in.RoleSessionName,
			Policies: passed.documents, PolicyARNs: passed.arns,
			Tags: attributes.tags, TransitiveTagKeys: attributes.transitive, SourceIdentity: attributes.sourceIdentity,
			MFATime: c.mfaTime(), Chained: c.chains(),
			IssuerID: id, IssuerAccessKeyID: key, IssuerChain: chain,
		}, duration)
		out := &sts.AssumeRoleOutput{
			Credentials: credentials, PackedPolicySize: passed.packedPercent, //nolint:staticcheck // deprecated, and still answered by AWS
			AssumedRoleUser: &ststypes.AssumedRoleUser{
				Arn:           aws.String(c.engine.assumedRoleARN(role.Name, *in.RoleSessionName)),
				AssumedRoleId: aws.String(role.ID + ":" + *in.RoleSessionName),
			},
		}
		if attributes.sourceIdentity != "" {
			out.SourceIdentity = aws.String(attributes.sourceIdentity)
		}
		return out, err
	},
})

// assumeRoleAccess returns the access for each property of the new session, which the role's trust
// policy and the caller's policies must allow. A missing role trusts nobody, so that callers
// without permission do not learn whether it exists.
func assumeRoleAccess(c *call, in *sts.AssumeRoleInput) ([]access, error) {
	switch c.principal.authz.Kind {
	case authz.Root:
		return nil, accessDenied("Roles may not be assumed by root accounts.")
	case authz.FederatedUser:
		return nil, accessDenied("Cannot call AssumeRole with federated user credentials")
	}
	if len(in.ProvidedContexts) > 0 {
		return nil, validationError("ProvidedContexts are not supported: there is no context provider that could have asserted them.")
	}
	if arn, err := policy.ParseARN(*in.RoleArn); err != nil || arn.Partition == "" || arn.Service == "" || arn.Resource == "" {
		return nil, validationError("%s is invalid", *in.RoleArn)
	}
	if err := c.verifyCode(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	attributes, err := c.attributes(in)
	if err != nil {
		return nil, err
	}
	need := access{resource: *in.RoleArn}
	role, err := c.roleToAssume(*in.RoleArn)
	switch {
	case err == nil:
		need = c.accessTo(role)
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	need.assumesRole = true
	need = need.withKeys(key("sts:RoleSessionName", *in.RoleSessionName))
	if in.ExternalId != nil {
		need = need.withKeys(key("sts:ExternalId", *in.ExternalId))
	}
	if attributes.sourceIdentity != "" {
		need = need.withKeys(key("sts:SourceIdentity", attributes.sourceIdentity))
	}
	need = need.withKeys(sessionTagKeys(attributes.given)...)
	if len(in.TransitiveTagKeys) > 0 {
		need = need.withKeys(keySet("sts:TransitiveTagKeys", in.TransitiveTagKeys...))
	}
	needs := []access{need}
	if len(attributes.tags) > 0 {
		needs = append(needs, need.withAction("sts:TagSession"))
	}
	if attributes.sourceIdentity != "" {
		needs = append(needs, need.withAction("sts:SetSourceIdentity"))
	}
	return needs, nil
}

// roleToAssume looks up a role by its full ARN. The error for anything else is store.ErrNotFound.
func (c *call) roleToAssume(arn string) (store.Identity, error) {
	rest, ok := strings.CutPrefix(arn, c.engine.iamARN("role/"))
	if !ok {
		return store.Identity{}, store.ErrNotFound
	}
	_, name := splitPathName("/" + rest)
	role, err := c.tx.Identity(store.Role, name)
	if err == nil && c.engine.identityARN(role) != arn {
		err = store.ErrNotFound
	}
	return role, err
}

// chains reports whether the caller is a role's session, so that the new session is part of a chain
// of roles.
func (c *call) chains() bool { return c.principal.authz.Kind == authz.RoleSession }

// mfaTime returns when the user that calls gave a one-time code, with this call or for its session.
// A chain of roles does not pass it on.
func (c *call) mfaTime() int64 {
	switch {
	case c.codeTime != 0:
		return c.codeTime
	case c.caller.session != nil && c.principal.authz.Kind == authz.User:
		return c.caller.session.MFATime
	}
	return 0
}

func (c *call) roleSessionDuration(role store.Identity, seconds *int32) (time.Duration, error) {
	duration := sessionDuration(seconds, defaultRoleSession)
	switch {
	case c.chains() && duration > defaultRoleSession:
		return 0, validationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case duration > time.Duration(role.MaxSessionDuration)*time.Second:
		return 0, validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return duration, nil
}

// sessionAttributes has the properties of a role's session beside its role: those of the request,
// and those that a chain of roles passes on.
type sessionAttributes struct {
	given          []credential.SessionTag // from the request
	tags           []credential.SessionTag // all
	transitive     []string
	sourceIdentity string
}

// attributes reads the attributes of a request. The transitive tags and the source identity of the
// caller's session cannot be changed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
func (c *call) attributes(in *sts.AssumeRoleInput) (sessionAttributes, error) {
	a := sessionAttributes{sourceIdentity: aws.ToString(in.SourceIdentity)}
	var err error
	if a.given, err = newSessionTags(in.Tags); err != nil {
		return a, err
	}
	if s := c.caller.session; s != nil {
		for _, name := range s.TransitiveTagKeys {
			i := sessionTagIndex(s.Tags, name)
			if sessionTagIndex(a.given, name) >= 0 {
				return a, invalidParameterValue("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session: %s", name)
			}
			if i >= 0 {
				a.tags, a.transitive = append(a.tags, s.Tags[i]), append(a.transitive, s.Tags[i].Key)
			}
		}
		if s.SourceIdentity != "" {
			if a.sourceIdentity != "" && a.sourceIdentity != s.SourceIdentity {
				return a, accessDenied("The source identity of a session cannot be changed: it is %s", s.SourceIdentity)
			}
			a.sourceIdentity = s.SourceIdentity
		}
	}
	a.tags = append(a.tags, a.given...)
	if len(a.tags) > maxTags {
		return a, invalidParameterValue("The session would have %d tags with those that are inherited, and may have %d.", len(a.tags), maxTags)
	}
	for _, name := range in.TransitiveTagKeys {
		i := sessionTagIndex(a.given, name)
		if i < 0 {
			return a, invalidParameterValue("The specified transitive tag key must be included in the requested tags: %s", name)
		}
		if !slices.Contains(a.transitive, a.given[i].Key) {
			a.transitive = append(a.transitive, a.given[i].Key)
		}
	}
	return a, nil
}
