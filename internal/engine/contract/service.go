package contract

import (
	"context"
	"time"
)

// Service is a new account of an implementation, for one test.
type Service interface {
	// AccountID returns the account's id.
	AccountID() string
	// Operator returns clients that act as the account's root user.
	Operator() (IAM, STS)
	// With returns clients that use the credentials. If these are not valid, With or the first call returns the error.
	With(ctx context.Context, credentials Credentials) (IAM, STS, error)
}

// Credentials is an access key. The session token is empty for a long-term key.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}

// The optional abilities of a service beyond its API. The suite skips a part that needs an ability the service lacks.
type (
	// Clock is a service with a clock that tests can move.
	Clock interface {
		Now() time.Time
		Advance(d time.Duration)
	}
	// Quotas is a service with quotas that tests can set.
	Quotas interface {
		// SetQuota sets a quota by its name in GetAccountSummary, such as UsersQuota.
		SetQuota(ctx context.Context, name string, limit int) error
	}
	// PasswordSignIn is a service that users can sign in to with their passwords.
	PasswordSignIn interface {
		// SignIn signs a user in. The code is empty for a user without an MFA device. The error code is AccessDenied, or
		// PasswordChangeRequired if the password is correct and must be changed.
		SignIn(ctx context.Context, user, password, code string) error
	}
)
