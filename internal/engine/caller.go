package engine

import (
	"context"
	"errors"
	"net/netip"
	"os/user"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Caller identifies the caller of operations, with the circumstances of the calls. The zero Caller
// may do nothing. [LocalOperator], [Engine.Authenticate] and [Anonymous] return other callers.
type Caller struct {
	operator      string              // the operating system user of a local operator
	longTermKeyID string              // the id of the access key, for a caller with a long-term key
	session       *credential.Session // the session, for a caller with temporary credentials
	anonymous     bool                // whether the caller has no credentials and wants to sign in

	circumstances Circumstances
	override      override
}

// override names the access assertions that a caller may violate, and the reason.
type override struct {
	assertions []string
	reason     string
}

// overrides reports whether the caller may violate the access assertion with this name.
func (c Caller) overrides(name string) bool {
	return slices.ContainsFunc(c.override.assertions, func(other string) bool { return ascii.EqualFold(name, other) })
}

// OverridingAssertions returns the local operator as a caller whose writes may violate the named access assertions. It
// is for emergencies: the audit records contain the names and the reason. It returns an error for any other caller, and
// without a reason.
func (c Caller) OverridingAssertions(reason string, names ...string) (Caller, error) {
	if c.operator == "" {
		return Caller{}, errors.New("only the local operator can override access assertions")
	}
	if strings.TrimSpace(reason) == "" {
		return Caller{}, errors.New("a reason is required")
	}
	c.override = override{slices.Clone(names), reason}
	return c, nil
}

// Circumstances describes the origin of a call. Conditions of policies and audit records use it.
type Circumstances struct {
	Source    netip.Addr // the zero address for a call that did not come over a network
	TLS       bool
	UserAgent string
	Run       string // the id of the Terraform run, or another id that several calls share
	// Configuration is the id of the Terraform configuration that the run belongs to. It is the same in all runs of
	// the configuration. It is empty for calls that belong to none.
	Configuration string
	// RequestID is the id of every call with these circumstances. It has 1 to 128 letters, digits and
	// ._:/+=@- characters. If it is empty, each call gets a new id.
	RequestID string
}

// Anonymous returns a caller without credentials, who may only call SignIn.
func Anonymous(at Circumstances) Caller { return Caller{anonymous: true, circumstances: at} }

// LocalOperator returns the caller for the embedded provider and the local command line, which have
// access to the store's files. It acts as the account's root user. Audit records name the operating
// system user.
func LocalOperator(operatingSystemUser string, at Circumstances) Caller {
	if operatingSystemUser == "" {
		operatingSystemUser = "unknown"
	}
	return Caller{operator: operatingSystemUser, circumstances: at}
}

// OperatingSystemUser returns the name of the user that runs this process, for [LocalOperator]. It
// returns "" if the operating system does not report the name.
func OperatingSystemUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// isAuthenticated reports whether the caller is the local operator or has credentials.
func (c Caller) isAuthenticated() bool {
	return c.operator != "" || c.longTermKeyID != "" || c.session != nil
}

// accessKeyID returns the id of the caller's access key. The local operator has none.
func (c Caller) accessKeyID() string {
	if c.session != nil {
		return c.session.AccessKeyID
	}
	return c.longTermKeyID
}

// Authenticate returns the caller to whom an access key belongs. For a long-term key, the session
// token is empty. verify receives the key's secret and reports whether the request was signed with
// it. It must compare in constant time, and must not store the secret.
//
// The error is InvalidClientTokenId for a missing or inactive key, for the session token of another
// key, and for a revoked session. It is ExpiredToken for an expired session, and
// SignatureDoesNotMatch if verify reports false.
func (e *Engine) Authenticate(ctx context.Context, accessKeyID, sessionToken string, verify func(secret string) bool,
	at Circumstances) (Caller, error) {
	caller := Caller{circumstances: at}
	var secret string
	err := e.store.Read(ctx, func(tx store.Tx) (err error) {
		c := e.internalCall(ctx, tx)
		if sessionToken == "" {
			caller.longTermKeyID = accessKeyID
		} else if caller.session, err = c.openSession(sessionToken, accessKeyID); err != nil {
			return err
		}
		c.caller = caller
		if err := c.identify(); err != nil {
			return err
		}
		if caller.session != nil {
			secret = caller.session.SecretAccessKey
			return nil
		}
		key, err := tx.AccessKey(accessKeyID)
		if err != nil {
			return err
		}
		plain, err := c.open(credential.AccessKeySecret, key.ID, key.Secret)
		secret = string(plain)
		return err
	})
	if err != nil {
		return Caller{}, asAPIError(err)
	}
	if !verify(secret) {
		return Caller{}, clientError("SignatureDoesNotMatch", "The request signature we calculated does not match the "+
			"signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation "+
			"for details.")
	}
	return caller, nil
}
