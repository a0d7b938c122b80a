package engine

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// A session is temporary credentials: all that is known of it is sealed into its token, and nothing of it is stored. What
// can end it before its time is looked up at every call: that its user or role is gone, or a revocation.

// longestSession is how long any session can live: that of GetSessionToken and GetFederationToken.
const longestSession = 36 * time.Hour

// longestChain is how often in a row a role may be assumed by a role's session. Each time the token grows, and with it what
// is looked up at each call.
const longestChain = 100

// newSession makes the credentials of a session. The caller has said whose it is; the rest is added here.
func (c *call) newSession(s credential.Session, duration time.Duration) (credential.Session, *ststypes.Credentials, error) {
	s.AccountID = c.engine.account
	s.AccessKeyID = credential.NewAccessKeyID("ASIA", c.engine.account)
	s.SecretAccessKey = credential.NewSecretAccessKey()
	s.Issued, s.Expires = c.now.Unix(), c.now.Add(duration).Unix()
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return s, nil, err
	}
	token, err := keys.SealSession(s)
	if err != nil {
		return s, nil, err
	}
	c.addAuditSubject(s.AccessKeyID)
	return s, &ststypes.Credentials{
		AccessKeyId: aws.String(s.AccessKeyID), SecretAccessKey: aws.String(s.SecretAccessKey),
		SessionToken: aws.String(token), Expiration: aws.Time(time.Unix(s.Expires, 0).UTC()),
	}, nil
}

// issuer is whoever asks for a session: its unique id, the key that it called with, and who and which keys were before
// in the chain that led to it.
func (c *call) issuer() (id, key string, chain []string) {
	id, key = c.principal.identity.ID, c.caller.accessKeyID()
	if s := c.caller.session; s != nil {
		chain = append(append(chain, s.IssuerChain...), s.IssuerID, s.IssuerAccessKeyID)
	}
	return id, key, chain
}

// identifySession makes the session that the caller has its principal, unless something ended it.
func (c *call) identifySession() error {
	s := c.caller.session
	if c.now.Unix() >= s.Expires {
		return errExpiredToken()
	}
	if s.AccountID != c.engine.account {
		return errInvalidToken()
	}
	if ended, err := c.revoked(s); err != nil {
		return err
	} else if ended {
		return errInvalidToken()
	}
	identity, err := c.tx.IdentityByID(s.PrincipalID)
	if errors.Is(err, store.ErrNotFound) {
		return errInvalidToken()
	}
	if err != nil {
		return err
	}
	switch {
	case s.Kind == credential.AssumedRole && identity.Kind == store.Role:
		return c.setPrincipal(identity, c.engine.assumedRoleARN(identity.Name, s.Name), identity.ID+":"+s.Name)
	case s.Kind == credential.UserSession && identity.Kind == store.User:
		return c.setPrincipal(identity, c.engine.identityARN(identity), identity.ID)
	case s.Kind == credential.FederatedUser && identity.Kind == store.User:
		return c.setPrincipal(identity, c.engine.federatedUserARN(s.Name), c.engine.account+":"+s.Name)
	}
	return errInvalidToken()
}

// revoked reports whether a revocation ended a session: its own, one of its principal's or its issuer's sessions, or one
// of a key that it came from.
func (c *call) revoked(s *credential.Session) (bool, error) {
	subjects := append([]string{s.AccessKeyID, s.PrincipalID, s.IssuerID, s.IssuerAccessKeyID}, s.IssuerChain...)
	slices.Sort(subjects)
	for _, subject := range slices.Compact(subjects) {
		if subject == "" { // of a session after a sign-in there is no key
			continue
		}
		r, err := c.tx.Revocation(subject)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return false, err
		case time.Unix(s.Issued, 0).Before(r.Before):
			return true, nil
		}
	}
	return false, nil
}

// principalKeys are the context keys that say who calls and how it came to its credentials.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
func (c *call) principalKeys() []contextKey {
	who, s := c.principal, c.caller.session
	keys := []contextKey{key("aws:PrincipalAccount", c.engine.account), key("aws:userid", who.userID)}
	arn := who.arn
	switch who.authz.Kind {
	case authz.Root:
		keys = append(keys, key("aws:PrincipalType", "Account"))
	case authz.User:
		keys = append(keys, key("aws:PrincipalType", "User"), key("aws:username", who.identity.Name))
	case authz.RoleSession:
		arn = c.engine.identityARN(who.identity)
		keys = append(keys, key("aws:PrincipalType", "AssumedRole"))
	case authz.FederatedUser:
		keys = append(keys, key("aws:PrincipalType", "FederatedUser"))
	}
	keys = append(keys, key("aws:PrincipalArn", arn))
	for _, tag := range c.principalTags() {
		keys = append(keys, key("aws:PrincipalTag/"+tag.Key, tag.Value))
	}
	return append(keys, c.sessionKeys(s)...)
}

// principalTags are the tags of the user or role, and those of its session, which win.
func (c *call) principalTags() []store.Tag {
	if c.caller.session == nil {
		return c.principal.identity.Tags
	}
	var tags []store.Tag
	for _, t := range c.caller.session.Tags {
		tags = append(tags, store.Tag{Key: t.Key, Value: t.Value})
	}
	for _, t := range c.principal.identity.Tags {
		if tagIndex(tags, t.Key) < 0 {
			tags = append(tags, t)
		}
	}
	return tags
}

// sessionKeys are the keys of temporary credentials. Long-term ones have none of them: it is by its absence that
// policies tell them, so aws:MultiFactorAuthPresent is there only with a session, or where a code came with the call. A
// code that came when a role was assumed counts for that only, and not for what its session does then.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
func (c *call) sessionKeys(s *credential.Session) []contextKey {
	var keys []contextKey
	mfa := c.codeTime
	if s != nil && s.Kind == credential.UserSession && mfa == 0 {
		mfa = s.MFATime
	}
	if s != nil || mfa != 0 {
		keys = append(keys, key("aws:MultiFactorAuthPresent", strconv.FormatBool(mfa != 0)))
	}
	if mfa != 0 {
		keys = append(keys, key("aws:MultiFactorAuthAge", strconv.FormatInt(max(0, c.now.Unix()-mfa), 10)))
	}
	if s == nil {
		return keys
	}
	keys = append(keys, key("aws:TokenIssueTime", time.Unix(s.Issued, 0).UTC().Format(time.RFC3339)))
	if s.SourceIdentity != "" {
		keys = append(keys, key("aws:SourceIdentity", s.SourceIdentity))
	}
	if s.FederatedProvider != "" {
		keys = append(keys, key("aws:FederatedProvider", s.FederatedProvider))
	}
	return keys
}

// policies are all policies that limit the caller or grant it anything: those of its user or role as they are now, and
// the session policies of its session.
func (c *call) policies() (authz.Policies, error) {
	account, err := c.engine.snapshots.within(c.engine, c.tx)
	if err != nil {
		return authz.Policies{}, err
	}
	who := c.principal.authz
	if who.Kind == authz.FederatedUser { // has what the user has who asked for its session
		if who, err = authz.ParsePrincipal(c.engine.identityARN(c.principal.identity)); err != nil {
			return authz.Policies{}, err
		}
		who.ID = c.principal.identity.ID
	}
	policies, err := account.Policies(who)
	if err != nil {
		return authz.Policies{}, err
	}
	if c.caller.session != nil {
		policies.Session, err = c.sessionLayer(c.caller.session)
	}
	return policies, err
}

// sessionLayer compiles the session policies of a session; nil where it has none. Managed ones count as they are now. One
// that is gone denies everything, as nobody can say what it would have allowed.
func (c *call) sessionLayer(s *credential.Session) (*authz.Layer, error) {
	if len(s.Policies)+len(s.PolicyARNs) == 0 {
		return nil, nil
	}
	var policies []authz.Policy
	add := func(name, text string) error {
		doc, err := policy.Parse([]byte(text))
		if err == nil {
			policies = append(policies, authz.Policy{Name: name, Document: doc})
		}
		return err
	}
	for i, text := range s.Policies {
		if err := add("session policy "+strconv.Itoa(i+1), text); err != nil {
			return nil, errUnreadableSession()
		}
	}
	for _, arn := range s.PolicyARNs {
		text, err := c.managedDocument(arn)
		if err == nil {
			err = add(arn, text)
		}
		if err != nil {
			return nil, errUnreadableSession()
		}
	}
	layer, err := authz.CompileLayer(authz.Session, policies)
	if err != nil {
		return nil, errUnreadableSession()
	}
	return layer, nil
}

func errUnreadableSession() error {
	return accessDenied("A session policy of these credentials is no longer there, so they allow nothing. Ask for a new session.")
}

// managedDocument is the text of a managed policy's default version. The call is not about that policy.
func (c *call) managedDocument(arn string) (string, error) {
	subjects := c.subjects
	found, err := c.policy(arn)
	c.subjects = subjects
	if err != nil {
		return "", err
	}
	version, err := c.tx.PolicyVersion(found.ID, found.DefaultVersion)
	return version.Document, err
}

// openSession opens a session token. A token goes with one access key.
func (c *call) openSession(token, accessKeyID string) (*credential.Session, error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return nil, err
	}
	s, err := keys.OpenSession(token, c.now)
	switch {
	case errors.Is(err, credential.ErrExpired):
		return nil, errExpiredToken()
	case err != nil || s.AccessKeyID != accessKeyID:
		return nil, errInvalidToken()
	}
	return &s, nil
}
