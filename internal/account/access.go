package account

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Credentials describes the credentials that a principal makes its requests with. The zero value stands for
// long-term credentials without a one-time code.
type Credentials struct {
	// Issuer is the user that issued a federated user's credentials. The federated user has the policies and tags of
	// its issuer.
	Issuer authz.Principal
	// SessionPolicies and SessionPolicyARNs limit a session. [Account.Access] returns [ErrSessionPolicy] for a policy
	// that cannot be compiled and for an ARN that the account does not have.
	SessionPolicies   []Document
	SessionPolicyARNs []string
	// Tags are the tags of the session. They take precedence over the tags of the user or role.
	Tags           []Tag
	SourceIdentity string
	// FederatedProvider is the identity provider that authenticated the session's principal.
	FederatedProvider string
	// Issued is when temporary credentials were issued; zero for long-term credentials.
	Issued time.Time
	// MFAAge is the time since the principal gave a one-time code; nil if it gave none.
	MFAAge *time.Duration
}

// ErrSessionPolicy reports that a session policy cannot be read or no longer exists.
var ErrSessionPolicy = errors.New("session policy not available")

// Access holds the policies of one principal, and the context keys that each of its requests carries. Only
// [Access.Reset] changes it.
type Access struct {
	account     *Account
	principal   authz.Principal
	identity    *identity // the user or role; the issuer of a federated user; nil for the root user
	credentials Credentials
	effective   effectivePolicies
}

// Access finds the policies and context keys of a principal. See [Access.Reset] for the principals that it accepts.
func (a *Account) Access(principal authz.Principal, credentials Credentials) (*Access, error) {
	x := &Access{}
	if err := x.Reset(a, principal, credentials); err != nil {
		return nil, err
	}
	return x, nil
}

// Reset makes x the access of another principal and reuses the memory of x. A caller that decides about many
// principals one after another allocates nothing this way. The policies that x returned before become invalid. After
// an error x has no policies.
//
// The principal must be one of these:
//   - a user or role of the account, or a session of such a role. The ARN must match, and the unique id if the
//     principal has one.
//   - the root user of the account, which none of its policies limits.
//   - a federated user whose issuer is in credentials. It has the policies of its issuer.
//
// Reset returns an error if the principal's policies refer to a policy or group that the account does not have,
// because the right answer to any request is then unknown.
func (x *Access) Reset(a *Account, principal authz.Principal, credentials Credentials) error {
	x.account, x.principal, x.identity, x.credentials = a, principal, nil, credentials
	x.effective.policies = authz.Policies{}
	owner := principal
	if principal.Kind == authz.FederatedUser && principal.Account == a.id && credentials.Issuer.Kind == authz.User {
		owner = credentials.Issuer
	}
	if owner.Kind != authz.Root || owner.Account != a.id {
		var err error
		if x.identity, err = a.find(owner); err != nil {
			return err
		}
		if err := x.effective.collect(a, owner, x.identity); err != nil {
			return err
		}
	}
	if err := x.addSessionPolicies(); err != nil {
		x.effective.policies = authz.Policies{}
		return err
	}
	return nil
}

// addSessionPolicies compiles the session policies. It uses the current default version of each managed policy.
func (x *Access) addSessionPolicies() error {
	c := &x.credentials
	if len(c.SessionPolicies)+len(c.SessionPolicyARNs) == 0 {
		return nil
	}
	parts := make([]authz.Part, 0, len(c.SessionPolicies)+len(c.SessionPolicyARNs))
	for i, d := range c.SessionPolicies {
		name := "session policy " + strconv.Itoa(i+1)
		compiled, err := x.account.library.compile(authz.Identity, name, d)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrSessionPolicy, name, err)
		}
		parts = append(parts, authz.Part{Compiled: compiled.compiled, Name: citation(name)})
	}
	for _, arn := range c.SessionPolicyARNs {
		m := x.account.policies.get(arn)
		if m == nil {
			return fmt.Errorf("%w: the account %s does not have the policy %s", ErrSessionPolicy, x.account.id, arn)
		}
		parts = append(parts, authz.Part{Compiled: m.compiled, Name: m})
	}
	x.effective.session = authz.Unite(authz.Session, parts)
	x.effective.policies.Session = &x.effective.session
	return nil
}

// Principal returns the principal.
func (x *Access) Principal() authz.Principal { return x.principal }

// Policies returns the principal's own policies, those of its groups, its permissions boundary and its session
// policies. [Access.Request] adds the policy of a resource.
func (x *Access) Policies() authz.Policies { return x.effective.policies }

// Request returns one request of the principal and the policies that decide it: [Access.Policies] and
// [Account.ResourcePolicy]. It sets the keys of [Access.SetKeys] in context, which
// becomes the context of the request. A nil context stands for an empty one.
//
// Request returns an error if the request assumes a role that the account does not have. The other results are valid
// even then, with a trust policy that allows nobody to assume the role.
func (x *Access) Request(
	action authz.Action, resource string, context *authz.Context,
) (authz.Policies, authz.Request, error) {
	if context == nil {
		context = authz.NewContext()
	}
	x.SetKeys(context)
	policies := x.effective.policies
	var err error
	policies.ResourcePolicy, err = x.account.ResourcePolicy(action, resource)
	return policies, authz.Request{Principal: x.principal, Action: action, Resource: resource, Context: context}, err
}

// ResourcePolicy returns the trust policy of the role that a request assumes. It returns nil for every other action
// and resource.
//
// ResourcePolicy returns an error if the account does not have the role. The other result is then a policy that allows
// nobody to assume the role.
func (a *Account) ResourcePolicy(action authz.Action, resource string) (*authz.Layer, error) {
	if service, _, _ := strings.Cut(action.String(), ":"); !ascii.EqualFold(service, "sts") {
		return nil, nil
	}
	p, err := authz.ParsePrincipal(resource)
	if err != nil || p.Kind != authz.Role || p.Account != a.id {
		return nil, nil //nolint:nilerr // only roles have a trust policy
	}
	role, err := a.find(p)
	if err != nil {
		return emptyTrustPolicy, err
	}
	return &role.extras.role.trustLayer, nil
}

// emptyTrustPolicy stands for the trust policy of a role that does not exist. It has no statements.
var emptyTrustPolicy = func() *authz.Layer {
	l, err := authz.CompileLayer(authz.ResourcePolicy, nil)
	if err != nil {
		panic(err)
	}
	return l
}()

// Keys returns the context keys with known values that each request of the principal carries, such as
// aws:PrincipalArn, aws:userid, aws:username (only for users), aws:PrincipalTag/… and the keys of its session.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
func (x *Access) Keys() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		_ = x.principalKeys(yield) && x.tagKeys(yield) && x.sessionKeys(yield)
	}
}

// principalKeys yields the keys that identify the principal. It returns false as soon as yield does.
func (x *Access) principalKeys(yield func(string, string) bool) bool {
	caller := x.caller()
	for key, value := range caller.Keys() {
		if !yield(key, value) {
			return false
		}
	}
	return true
}

// caller returns the principal together with its unique id and, for a session, the ARN of its role. A planned user or
// role has no unique id yet.
func (x *Access) caller() authz.Principal {
	p := x.principal
	switch p.Kind {
	case authz.RoleSession:
		p = p.WithRole(x.account.arn(x.identity))
	case authz.User, authz.Role:
	default:
		return p
	}
	if p.ID == "" {
		p.ID = x.identity.id
	}
	return p
}

func (x *Access) tagKeys(yield func(string, string) bool) bool {
	session := x.credentials.Tags
	for _, t := range session {
		if !yield(principalTag+t.Key, t.Value) {
			return false
		}
	}
	if x.identity == nil {
		return true
	}
	for _, t := range x.identity.extraFields().tags {
		overridden := slices.ContainsFunc(session, func(s Tag) bool { return ascii.EqualFold(s.Key, t.Key) })
		if !overridden && !yield(principalTag+t.Key, t.Value) {
			return false
		}
	}
	return true
}

// sessionKeys yields the keys of temporary credentials. Policies recognize long-term credentials by the absence
// of these keys. For that reason aws:MultiFactorAuthPresent is set only with a session or a one-time code.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
func (x *Access) sessionKeys(yield func(string, string) bool) bool {
	c := &x.credentials
	temporary, mfa := !c.Issued.IsZero(), c.MFAAge != nil
	switch {
	case (temporary || mfa) && !yield("aws:MultiFactorAuthPresent", strconv.FormatBool(mfa)):
		return false
	case mfa && !yield("aws:MultiFactorAuthAge", strconv.FormatInt(int64(*c.MFAAge/time.Second), 10)):
		return false
	case temporary && !yield("aws:TokenIssueTime", c.Issued.UTC().Format(time.RFC3339)):
		return false
	case c.SourceIdentity != "" && !yield("aws:SourceIdentity", c.SourceIdentity):
		return false
	case c.FederatedProvider != "" && !yield("aws:FederatedProvider", c.FederatedProvider):
		return false
	}
	return true
}

// SetKeys sets [Access.Keys] in a context, and marks the keys with unknown values. It does not
// replace a key that the context already has.
func (x *Access) SetKeys(context *authz.Context) {
	for key, value := range x.Keys() {
		setKey(context, key, value)
	}
	caller := x.caller()
	for key, patterns := range caller.UnknownKeys() {
		if !context.Has(key) {
			_ = context.SetUnknownLike(key, patterns)
		}
	}
	if x.hasUnknownTags() {
		context.SetUnknownBelow(principalTag)
	}
}

// SetPossibleKeys sets the keys that are the same in every request of the principal, for
// [authz.Policies.CouldAllow]. It does not replace a key that the context already has. CouldAllow may choose the
// other keys of the request and of the session, such as aws:MultiFactorAuthPresent.
//
//   - A key that no request of the principal has is absent: a tag that the principal does not have, aws:username for
//     a role, aws:SourceIdentity for a user.
//   - A role stands for all its sessions. Their names are part of aws:userid, so CouldAllow may choose this key.
//   - The tags of a role's session can be any tags if the role's trust policy may allow sts:TagSession. The same holds
//     for aws:SourceIdentity and sts:SetSourceIdentity, and for aws:FederatedProvider and the actions by which an
//     identity provider's users assume the role. A tag of the session may replace one of the role, but not remove it.
func (x *Access) SetPossibleKeys(context *authz.Context) {
	freeTags, freeSource := x.trustMayAllow(tagSession), x.trustMayAllow(setSourceIdentity)
	set := func(key, value string) bool {
		setKey(context, key, value)
		return true
	}
	x.principalKeys(set)
	x.sessionKeys(set)
	caller := x.caller()
	for key, patterns := range caller.UnknownKeys() {
		switch {
		case context.Has(key):
		case caller.Kind == authz.Role && caller.ID != "":
			_ = context.SetChoiceLike(key, patterns)
		default: // a planned user or role has no unique id yet
			_ = context.SetUnknownLike(key, patterns)
		}
	}
	absent := []string{"aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"}
	if x.principal.Kind == authz.Role || x.principal.Kind == authz.RoleSession {
		absent = append(absent, "aws:username")
	}
	if !x.trustMayAllow(assumeRoleWithSAML) && !x.trustMayAllow(assumeRoleWithWebIdentity) {
		absent = append(absent, "aws:FederatedProvider")
	}
	if !freeSource && x.credentials.SourceIdentity == "" {
		absent = append(absent, "aws:SourceIdentity")
	}
	for _, key := range absent {
		if !context.Has(key) {
			_ = context.SetMulti(key, nil) // a key without values is absent
		}
	}
	if freeTags {
		x.tagKeys(func(key, _ string) bool {
			if !context.Has(key) {
				_ = context.SetChoice(key)
			}
			return true
		})
		return
	}
	x.tagKeys(set)
	if x.hasUnknownTags() {
		context.SetUnknownBelow(principalTag)
	} else {
		context.SetAbsentBelow(principalTag)
	}
}

// trustMayAllow reports whether the principal is a role, or a session of it, whose trust policy may allow somebody an
// action.
func (x *Access) trustMayAllow(action authz.Action) bool {
	if x.principal.Kind != authz.Role && x.principal.Kind != authz.RoleSession {
		return false
	}
	may, _ := x.identity.extras.role.trustLayer.MayAllow(authz.Principal{}, action)
	return may
}

func (x *Access) hasUnknownTags() bool {
	return x.identity != nil && x.identity.extraFields().unknown.Tags
}

const principalTag = "aws:PrincipalTag/"

var (
	assumeRoleWithSAML        = authz.MustAction("sts:AssumeRoleWithSAML")
	assumeRoleWithWebIdentity = authz.MustAction("sts:AssumeRoleWithWebIdentity")
	tagSession                = authz.MustAction("sts:TagSession")
	setSourceIdentity         = authz.MustAction("sts:SetSourceIdentity")
)

// setKey sets a key unless the context has it.
func setKey(context *authz.Context, key, value string) {
	if !context.Has(key) {
		_ = context.Set(key, value) // fails only for an empty or existing key
	}
}
