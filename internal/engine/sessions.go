package engine

import (
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// A session consists of temporary credentials. Its sealed token contains all of its data, and the
// store contains none of it. Every call with the credentials checks whether the session ended
// early, because its user or role was deleted or because a revocation applies.

// longestSession is the longest duration of any session, which GetSessionToken and
// GetFederationToken allow.
const longestSession = 36 * time.Hour

// longestChain is the number of times that role sessions may assume further roles, one after the
// other. Each role makes the token longer, and each call then has more revocations to check.
const longestChain = 100

// newSession creates the credentials of a session. The argument contains the session's principal,
// policies and tags. The function adds the account, the access key, the secret and the times.
func (c *call) newSession(s credential.Session, duration time.Duration) (credential.Session, *ststypes.Credentials,
	error) {
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

// issuer returns the issuer of a new session: the caller's unique id and access key, and the unique
// ids and access keys of the issuers of the caller's own session.
func (c *call) issuer() (id, key string, chain []string) {
	id, key = c.principal.identity.ID, c.caller.accessKeyID()
	if s := c.caller.session; s != nil {
		chain = append(append(chain, s.IssuerChain...), s.IssuerID, s.IssuerAccessKeyID)
	}
	return id, key, chain
}

// identifySession sets the principal of the caller's session, unless the session has ended.
func (c *call) identifySession() error {
	s := c.caller.session
	if c.now.Unix() >= s.Expires {
		return errExpiredToken()
	}
	if s.AccountID != c.engine.account {
		return errInvalidToken()
	}
	if sessionEnded, err := c.revoked(s); err != nil {
		return err
	} else if sessionEnded {
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

// revoked reports whether a revocation applies to a session. The subject of the revocation may be
// the session itself, its principal, or an issuer or access key in the chain that led to the
// session.
func (c *call) revoked(s *credential.Session) (bool, error) {
	subjects := append([]string{s.AccessKeyID, s.PrincipalID, s.IssuerID, s.IssuerAccessKeyID}, s.IssuerChain...)
	slices.Sort(subjects)
	for _, subject := range slices.Compact(subjects) {
		if subject == "" { // a sign-in has no access key
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

// callerAccess returns the effective policies and the context keys of the caller. They come from
// the caller's user or role as this call's transaction sees it, and from the session policies of
// the caller's session.
func (c *call) callerAccess() (*account.Access, error) {
	snapshot, err := c.engine.snapshots.seenBy(c.engine, c.tx)
	if err != nil {
		return nil, err
	}
	credentials, err := c.accountCredentials()
	if err != nil {
		return nil, err
	}
	effective, err := snapshot.Access(c.principal.authz, credentials)
	if errors.Is(err, account.ErrSessionPolicy) {
		return nil, errMissingSessionPolicy()
	}
	return effective, err
}

// accountCredentials describes the caller's credentials for package account. A one-time code in a
// call to AssumeRole counts for that call only, not for the role's session.
func (c *call) accountCredentials() (account.Credentials, error) {
	var out account.Credentials
	s, mfaTime := c.caller.session, c.codeTime
	if s != nil {
		out.SourceIdentity, out.FederatedProvider = s.SourceIdentity, s.FederatedProvider
		out.Issued, out.SessionPolicyARNs = time.Unix(s.Issued, 0), s.PolicyARNs
		for _, text := range s.Policies {
			out.SessionPolicies = append(out.SessionPolicies, account.Text(text))
		}
		for _, t := range s.Tags {
			out.Tags = append(out.Tags, account.Tag{Key: t.Key, Value: t.Value})
		}
		if s.Kind == credential.UserSession && mfaTime == 0 {
			mfaTime = s.MFATime
		}
	}
	if mfaTime != 0 {
		age := time.Duration(max(0, c.now.Unix()-mfaTime)) * time.Second
		out.MFAAge = &age
	}
	if c.principal.authz.Kind != authz.FederatedUser {
		return out, nil
	}
	var err error
	if out.Issuer, err = authz.ParsePrincipal(c.engine.identityARN(c.principal.identity)); err != nil {
		return out, err
	}
	out.Issuer.ID = c.principal.identity.ID
	return out, nil
}

func errMissingSessionPolicy() error {
	return accessDenied(
		"A session policy of these credentials was deleted, so the credentials allow nothing. Request a new session.")
}

// managedDocument returns the document of a managed policy's default version, without adding the
// policy to the audit subjects.
func (c *call) managedDocument(arn string) (string, error) {
	subjects := c.subjects
	found, err := c.policy(arn)
	c.subjects = subjects
	if err != nil {
		return "", err
	}
	version, err := c.versionOfPolicy(found, found.DefaultVersion)
	return version.Document, err
}

// openSession decrypts a session token. It refuses a token that belongs to another access key.
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
