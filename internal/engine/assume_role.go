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

// defaultRoleSessionDuration is the default duration of a role's session. It is also the maximum if
// the caller uses a role's session itself (role chaining).
const defaultRoleSessionDuration = time.Hour

// AssumeRole returns temporary credentials for a role. The role's trust policy and the caller's
// policies must allow this.
func (c *Client) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput,
	_ ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	return do(ctx, c, assumeRole, in)
}

var assumeRole = register(operation[sts.AssumeRoleInput, sts.AssumeRoleOutput]{
	name: "AssumeRole", writes: true, usesOnly: true,
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
		attributes, err := c.readSessionAttributes(in)
		if err != nil {
			return nil, err
		}
		policies, err := c.sessionPolicies(in.Policy, in.PolicyArns, attributes.tags)
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
			return nil, accessDenied("The caller's credentials come from a chain of %d assumed roles, which is the maximum. "+
				"Assume the role with the credentials of a user.", longestChain)
		}
		_, credentials, err := c.newSession(credential.Session{
			Kind: credential.AssumedRole, PrincipalARN: c.engine.identityARN(role), PrincipalID: role.ID,
			Name:     *in.RoleSessionName,
			Policies: policies.documents, PolicyARNs: policies.arns,
			Tags: attributes.tags, TransitiveTagKeys: attributes.transitive, SourceIdentity: attributes.sourceIdentity,
			MFATime: c.mfaTime(), Chained: c.isRoleChaining(),
			IssuerID: id, IssuerAccessKeyID: key, IssuerChain: chain,
		}, duration)
		out := &sts.AssumeRoleOutput{
			Credentials:      credentials,
			PackedPolicySize: policies.packedPercent, //nolint:staticcheck // deprecated, but AWS still returns it
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

// assumeRoleAccess returns the access to the role: to assume it and, if the request asks for that, to
// set session tags and a source identity. A missing role trusts nobody, so that callers without
// permission do not learn whether it exists.
func assumeRoleAccess(c *call, in *sts.AssumeRoleInput) ([]access, error) {
	switch c.principal.authz.Kind {
	case authz.Root:
		return nil, accessDenied("Roles may not be assumed by root accounts.")
	case authz.FederatedUser:
		return nil, accessDenied("Cannot call AssumeRole with federated user credentials")
	}
	if len(in.ProvidedContexts) > 0 {
		return nil, validationError("ProvidedContexts is not supported: the engine has no context providers.")
	}
	if arn, err := policy.ParseARN(*in.RoleArn); err != nil || arn.Partition == "" || arn.Service == "" ||
		arn.Resource == "" {
		return nil, validationError("%s is invalid", *in.RoleArn)
	}
	if err := c.verifyCode(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	attributes, err := c.readSessionAttributes(in)
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
	need = need.withKeys(sessionTagKeys(attributes.requestedTags)...)
	if len(in.TransitiveTagKeys) > 0 {
		need = need.withKeys(multivaluedKey("sts:TransitiveTagKeys", in.TransitiveTagKeys...))
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

// roleToAssume looks up a role by its full ARN. The error is store.ErrNotFound if no role has exactly
// this ARN.
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

// isRoleChaining reports whether the caller is a role's session, so that the new session continues a
// chain of roles.
func (c *call) isRoleChaining() bool { return c.principal.authz.Kind == authz.RoleSession }

// mfaTime returns the time at which the calling user entered a one-time code: with this call, or to get the session
// that makes the call. It is zero if the user entered none. Sessions of roles do not pass the time on to further roles.
func (c *call) mfaTime() int64 {
	switch {
	case c.codeTime != 0:
		return c.codeTime
	case c.caller.session != nil && c.principal.authz.Kind == authz.User:
		return c.caller.session.MFATime
	}
	return 0
}

// roleSessionDuration returns the duration of a new session of a role. It refuses a longer one than
// the role allows.
func (c *call) roleSessionDuration(role store.Identity, seconds *int32) (time.Duration, error) {
	duration := sessionDuration(seconds, defaultRoleSessionDuration)
	switch {
	case c.isRoleChaining() && duration > defaultRoleSessionDuration:
		return 0,
			validationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case duration > time.Duration(role.MaxSessionDuration)*time.Second:
		return 0, validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return duration, nil
}

// sessionAttributes has the tags and the source identity of a role's new session.
type sessionAttributes struct {
	requestedTags  []credential.SessionTag // from the request
	tags           []credential.SessionTag // from the request and from the caller's session
	transitive     []string                // the keys of the tags that further sessions inherit
	sourceIdentity string
}

// readSessionAttributes returns the attributes of the request, together with the transitive tags and
// the source identity of the caller's session. The request cannot change inherited values.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
func (c *call) readSessionAttributes(in *sts.AssumeRoleInput) (sessionAttributes, error) {
	a := sessionAttributes{sourceIdentity: aws.ToString(in.SourceIdentity)}
	var err error
	if a.requestedTags, err = newSessionTags(in.Tags); err != nil {
		return a, err
	}
	if s := c.caller.session; s != nil {
		for _, name := range s.TransitiveTagKeys {
			i := sessionTagIndex(s.Tags, name)
			if sessionTagIndex(a.requestedTags, name) >= 0 {
				return a, invalidParameterValue("One of the specified transitive tag keys can't be set because it conflicts "+
					"with a transitive tag key from the calling session: %s", name)
			}
			if i >= 0 {
				a.tags, a.transitive = append(a.tags, s.Tags[i]), append(a.transitive, s.Tags[i].Key)
			}
		}
		if s.SourceIdentity != "" {
			if a.sourceIdentity != "" && a.sourceIdentity != s.SourceIdentity {
				return a, accessDenied("The source identity %q of the caller's session cannot be changed.", s.SourceIdentity)
			}
			a.sourceIdentity = s.SourceIdentity
		}
	}
	a.tags = append(a.tags, a.requestedTags...)
	if len(a.tags) > maxTags {
		return a,
			invalidParameterValue("The session would have %d tags, including inherited ones. The maximum is %d.", len(a.tags),
				maxTags)
	}
	for _, name := range in.TransitiveTagKeys {
		i := sessionTagIndex(a.requestedTags, name)
		if i < 0 {
			return a, invalidParameterValue("The specified transitive tag key must be included in the requested tags: %s", name)
		}
		if !slices.Contains(a.transitive, a.requestedTags[i].Key) {
			a.transitive = append(a.transitive, a.requestedTags[i].Key)
		}
	}
	return a, nil
}
