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
	AssumedRole   SessionKind = "AssumedRole"   // AssumeRole, with SAML or a web identity too
	FederatedUser SessionKind = "FederatedUser" // GetFederationToken
	UserSession   SessionKind = "UserSession"   // GetSessionToken: a user, or the account's root, with or without MFA
)

// Session holds temporary credentials and everything that the engine knows about their user. Only the token
// contains the session, so it includes the texts of its policies at the time of its creation. Times are Unix
// seconds, or zero.
type Session struct {
	Kind            SessionKind `json:"kind"`
	AccessKeyID     string      `json:"key"` // ASIA…
	SecretAccessKey string      `json:"-"`   // sealed with the rest, but shown by no other encoding
	Issued          int64       `json:"iat"`
	Expires         int64       `json:"exp"`

	AccountID    string `json:"account"`
	PrincipalARN string `json:"arn"`            // the role, user or root that the session acts as or for
	PrincipalID  string `json:"id"`             // AROA…, AIDA… or the account
	Name         string `json:"name,omitempty"` // RoleSessionName, or the federated user's

	Policies   []string `json:"policies,omitempty"`   // session policies: documents
	PolicyARNs []string `json:"policyArns,omitempty"` // session policies: managed ones

	Tags              []SessionTag `json:"tags,omitempty"`
	TransitiveTagKeys []string     `json:"transitive,omitempty"`
	SourceIdentity    string       `json:"source,omitempty"`
	MFATime           int64        `json:"mfa,omitempty"` // when the code was given

	// Chained says that a role's session assumed this role.
	Chained bool `json:"chained,omitempty"`
	// IssuerID and IssuerAccessKeyID are the unique id of who asked for the session, and the key that
	// signed the request; empty for a federated provider.
	IssuerID          string `json:"issuer,omitempty"`
	IssuerAccessKeyID string `json:"issuerKey,omitempty"`
	// IssuerChain is, where the issuer was itself a session, who asked for that one and with which key, and so on: unique
	// ids and keys, the first long-term key among them. With it a session ends when any of them is revoked.
	IssuerChain []string `json:"issuerChain,omitempty"`
	// FederatedProvider is aws:FederatedProvider: the ARN or the name of the identity provider.
	FederatedProvider string `json:"provider,omitempty"`
}

// SessionTag is aws:PrincipalTag of a session.
type SessionTag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// String names the session without its secret.
func (s Session) String() string {
	return fmt.Sprintf("%s session %s of %s", s.Kind, s.AccessKeyID, s.PrincipalARN)
}

// Format is String whatever the verb, so that none of them shows the secret.
func (s Session) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String, for slog.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// sessionPayload is what is sealed: the one encoding that has the secret.
type sessionPayload struct {
	Session
	Secret string `json:"secret"`
}

const (
	// tokenPrefix makes a session token known to people and secret scanners.
	tokenPrefix = "iamsession_"
	// sessionRecord is what tokens are bound to. A token's own record, its access key id, is inside.
	sessionRecord = "token"
)

// SealSession makes the session's token: "iamsession_" and the sealed session. Its length is a third
// more than the session's own. It is not compressed, because the length of a compressed text tells of
// what is in it, and there is a secret beside what others chose.
func (k *Keyring) SealSession(s Session) (token string, err error) {
	if s.Kind == "" || s.AccessKeyID == "" || s.SecretAccessKey == "" || s.AccountID == "" || s.PrincipalARN == "" ||
		s.PrincipalID == "" || s.Expires <= s.Issued {
		return "", errors.New("making a session token: a session has a kind, an access key, an account and a principal, and expires after it is issued")
	}
	payload, err := json.Marshal(sessionPayload{Session: s, Secret: s.SecretAccessKey}) //nolint:gosec // sealed in the next step
	if err != nil {
		return "", fmt.Errorf("making a session token: %w", err)
	}
	sealed, err := k.Seal(SessionToken, sessionRecord, payload)
	if err != nil {
		return "", fmt.Errorf("making a session token: %w", err)
	}
	return tokenPrefix + sealed, nil
}

// OpenSession opens a token that [Keyring.SealSession] made, and that has not expired at now; the error
// is else [ErrExpired], [ErrUnknownKey] or [ErrDamaged]. The caller checks that the request was signed
// with this session's own access key, and that the session was not revoked.
func (k *Keyring) OpenSession(token string, now time.Time) (Session, error) {
	sealed, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok {
		return Session{}, fmt.Errorf("opening a session token: it does not start with %q: %w", tokenPrefix, ErrDamaged)
	}
	plain, err := k.Open(SessionToken, sessionRecord, sealed)
	if err != nil {
		return Session{}, err
	}
	// A field that this version does not know may be a restriction: refuse rather than overlook it.
	var payload sessionPayload
	decoder := json.NewDecoder(strings.NewReader(string(plain)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&payload); err != nil {
		return Session{}, fmt.Errorf("opening a session token: it was made by another version of this program; ask for a new session: %w", ErrDamaged)
	}
	if now.Unix() >= payload.Expires {
		return Session{}, fmt.Errorf("opening a session token: %w", ErrExpired)
	}
	payload.SecretAccessKey = payload.Secret
	return payload.Session, nil
}
