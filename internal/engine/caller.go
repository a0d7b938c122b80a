package engine

import (
	"context"
	"net/netip"
	"os/user"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Caller says who calls, and from where. The zero Caller may do nothing. Other callers come from
// [LocalOperator], [Engine.Authenticate] and [Anonymous].
type Caller struct {
	operator string              // the operating system's user of a local operator
	key      string              // the id of the long-term access key that was used
	session  *credential.Session // of temporary credentials
	// anonymous is a caller that is about to sign in.
	anonymous bool

	circumstances Circumstances
}

// Circumstances is what is known of a call beside its caller. Policies and audit records refer to
// it.
type Circumstances struct {
	Source    netip.Addr // the zero address where the call came over no network
	TLS       bool
	UserAgent string
	Run       string // the Terraform run or another id that ties calls together
	// RequestID is the id of every call with these circumstances; empty for a new id for each call. It has 1 to 128
	// letters, digits and ._:/+=@- characters.
	RequestID string
}

// Anonymous returns the caller that signs in. It may call SignIn and nothing else.
func Anonymous(at Circumstances) Caller { return Caller{anonymous: true, circumstances: at} }

// LocalOperator returns the caller for the embedded provider and the local command line, which have
// the store's files. It acts as the account's root user. Audit records name the operating system's
// user.
func LocalOperator(operatingSystemUser string, at Circumstances) Caller {
	if operatingSystemUser == "" {
		operatingSystemUser = "unknown"
	}
	return Caller{operator: operatingSystemUser, circumstances: at}
}

// OperatingSystemUser returns the user that runs this process, for [LocalOperator]. It is empty if
// that cannot be found out.
func OperatingSystemUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

func (c Caller) known() bool { return c.operator != "" || c.key != "" || c.session != nil }

// accessKeyID returns the id of the caller's access key. The local operator has none.
func (c Caller) accessKeyID() string {
	if c.session != nil {
		return c.session.AccessKeyID
	}
	return c.key
}

// Authenticate returns the caller that an access key stands for. The session token is empty for a
// long-term key. verify receives the key's secret and reports whether the request was signed with
// it. It must compare in constant time and keep nothing.
//
// The error is InvalidClientTokenId for a missing or inactive key, for a token of another key, and
// for a revoked session. It is ExpiredToken for an expired session, and SignatureDoesNotMatch if
// verify reports false.
func (e *Engine) Authenticate(ctx context.Context, accessKeyID, sessionToken string, verify func(secret string) bool, at Circumstances) (Caller, error) {
	caller := Caller{circumstances: at}
	var secret string
	err := e.store.Read(ctx, func(tx store.Tx) (err error) {
		c := e.internalCall(ctx, tx)
		if sessionToken == "" {
			caller.key = accessKeyID
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
		return Caller{}, clientError("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return caller, nil
}
