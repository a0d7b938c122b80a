package engine

import (
	"context"
	"net/netip"
	"os/user"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Caller is who asks, and from where. The zero Caller is nobody and may do nothing. Others come
// from [LocalOperator] and [Engine.Authenticate].
type Caller struct {
	operator string              // the operating system's user of a local operator
	key      string              // the id of the long-term access key that was used
	session  *credential.Session // of temporary credentials
	// anonymous is a caller that is about to sign in.
	anonymous bool

	circumstances Circumstances
}

// Circumstances are what is known of a call beside its caller. Policies and the audit trail speak
// of them.
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

// LocalOperator is the caller of who has the store's files in hand: the embedded provider and the
// command line. It acts as the account's root user. The audit trail names the operating system's user.
func LocalOperator(operatingSystemUser string, at Circumstances) Caller {
	if operatingSystemUser == "" {
		operatingSystemUser = "unknown"
	}
	return Caller{operator: operatingSystemUser, circumstances: at}
}

// OperatingSystemUser is who runs this process, for [LocalOperator]; empty where that cannot be found out.
func OperatingSystemUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

func (c Caller) known() bool { return c.operator != "" || c.key != "" || c.session != nil }

// accessKeyID is the id of the access key that the caller used; empty for the local operator.
func (c Caller) accessKeyID() string {
	if c.session != nil {
		return c.session.AccessKeyID
	}
	return c.key
}

// Authenticate makes the caller that an access key speaks for. The session token is empty for a
// long-term key. verify is handed the key's secret, and says whether what it has to judge, such as a request's
// signature, was made with it; it must compare in constant time and keep nothing.
//
// The errors are InvalidClientTokenId for a key that does not exist or is inactive, a token that does not
// belong to it, or sessions that were ended; ExpiredToken; and SignatureDoesNotMatch where verify says no.
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
