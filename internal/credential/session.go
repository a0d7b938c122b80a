package credential

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// ErrExpired reports that an authentic session token has expired: AWS's ExpiredToken.
var ErrExpired = errors.New("the session has expired")

// SessionKind is the way in which a session was created.
type SessionKind string

// The kinds of sessions.
const (
	AssumedRole   SessionKind = "AssumedRole"   // AssumeRole, AssumeRoleWithSAML or AssumeRoleWithWebIdentity
	FederatedUser SessionKind = "FederatedUser" // GetFederationToken
	UserSession   SessionKind = "UserSession"   // GetSessionToken: a user, or the account's root, with or without MFA
)

// Session holds temporary credentials and everything that the engine knows about their user. The engine stores a
// session only in its token, so the session includes the texts of its policies. Times are in Unix seconds, or
// zero.
type Session struct {
	Kind            SessionKind `json:"kind"`
	AccessKeyID     string      `json:"key"` // ASIA…
	SecretAccessKey string      `json:"-"`   // only sessionPayload encodes it
	Issued          int64       `json:"iat"`
	Expires         int64       `json:"exp"`

	AccountID    string `json:"account"`
	PrincipalARN string `json:"arn"`            // the role, user or root that the session acts as or for
	PrincipalID  string `json:"id"`             // AROA…, AIDA… or the account
	Name         string `json:"name,omitempty"` // RoleSessionName, or the name of the federated user

	Policies   []string `json:"policies,omitempty"`   // session policies as documents
	PolicyARNs []string `json:"policyArns,omitempty"` // session policies as ARNs of managed policies

	Tags              []SessionTag `json:"tags,omitempty"`
	TransitiveTagKeys []string     `json:"transitive,omitempty"`
	SourceIdentity    string       `json:"source,omitempty"`
	MFATime           int64        `json:"mfa,omitempty"` // the time of the MFA code

	// Chained reports whether the session of another role assumed this role.
	Chained bool `json:"chained,omitempty"`
	// IssuerID is the unique id of the principal that requested the session. IssuerAccessKeyID is the access key that
	// signed the request. Both are empty for a federated provider.
	IssuerID          string `json:"issuer,omitempty"`
	IssuerAccessKeyID string `json:"issuerKey,omitempty"`
	// IssuerChain is set if the issuer was itself a session. It lists the unique ids and access keys of all earlier
	// issuers, back to the long-term access key. The session ends when any of them is revoked.
	IssuerChain []string `json:"issuerChain,omitempty"`
	// FederatedProvider is the value of aws:FederatedProvider: the ARN or the name of the identity provider.
	FederatedProvider string `json:"provider,omitempty"`
}

// SessionTag is a tag of a session, for the condition key aws:PrincipalTag.
type SessionTag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// String returns the kind, the access key id and the principal. It does not show the secret.
func (s Session) String() string {
	return fmt.Sprintf("%s session %s of %s", s.Kind, s.AccessKeyID, s.PrincipalARN)
}

// Format writes [Session.String] for every verb, so that no verb shows the secret.
func (s Session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns [Session.String] for slog.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// sessionPayload is the content of a token. Its encoding is the only one that contains the secret.
type sessionPayload struct {
	Session
	Secret string `json:"secret"`
}

const (
	// tokenPrefix starts a session token, so that people and secret scanners recognize it.
	tokenPrefix = "iamsession_"
	// sessionRecord is the record that all tokens are bound to. The access key id of a session is only in its token.
	sessionRecord = "token"
)

// SealSession returns the token of the session: "iamsession_" and the sealed session. The token is a third longer than
// the encoded session. It is not compressed, because the length of a compressed text could reveal something about the
// secret to a caller who chooses the other values.
func (k *Keyring) SealSession(s Session) (token string, err error) {
	if s.Kind == "" || s.AccessKeyID == "" || s.SecretAccessKey == "" || s.AccountID == "" || s.PrincipalARN == "" ||
		s.PrincipalID == "" || s.Expires <= s.Issued {
		return "", errors.New("creating a session token: the session lacks a kind, access key, secret, account or " +
			"principal, or does not expire later than it is issued")
	}
	contents := sessionPayload{Session: s, Secret: s.SecretAccessKey}
	payload, err := json.Marshal(contents) //nolint:gosec // sealed in the next step
	if err != nil {
		return "", fmt.Errorf("creating a session token: %w", err)
	}
	sealed, err := k.Seal(SessionToken, sessionRecord, payload)
	if err != nil {
		return "", fmt.Errorf("creating a session token: %w", err)
	}
	return tokenPrefix + sealed, nil
}

// OpenSession returns the session of a token that [Keyring.SealSession] returned. Otherwise it returns [ErrExpired] if
// the session has expired at now, [ErrUnknownKey] or [ErrDamaged]. The caller must check that the request was signed
// with the access key of this session, and that the session was not revoked.
func (k *Keyring) OpenSession(token string, now time.Time) (Session, error) {
	sealed, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok {
		return Session{}, fmt.Errorf("opening a session token: the token does not start with %q: %w", tokenPrefix, ErrDamaged)
	}
	plain, err := k.Open(SessionToken, sessionRecord, sealed)
	if err != nil {
		return Session{}, err
	}
	// A field that this version does not know may be a restriction, so it must not be ignored.
	var payload sessionPayload
	decoder := json.NewDecoder(strings.NewReader(string(plain)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&payload); err != nil {
		return Session{},
			fmt.Errorf("opening a session token: another version of this program created the token; request a new session: %w",
				ErrDamaged)
	}
	if now.Unix() >= payload.Expires {
		return Session{}, fmt.Errorf("opening a session token: %w", ErrExpired)
	}
	payload.SecretAccessKey = payload.Secret
	return payload.Session, nil
}
