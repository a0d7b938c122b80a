package contract

import (
	"context"
	"time"
)

// Service is one account of an implementation, fresh and for one test alone.
type Service interface {
	// AccountID is the account's number.
	AccountID() string
	// Operator gives clients that act as the account's root user.
	Operator() (IAM, STS)
	// With gives clients that act with credentials. Whether these are good may show here or with the first call;
	// the error is the same.
	With(ctx context.Context, credentials Credentials) (IAM, STS, error)
}

// Credentials are an access key. The session token is empty for a long-term one.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}

// A service may be able to do more than its API. What needs an ability that the service does not have is skipped.
type (
	// Clock is a service whose time can be moved.
	Clock interface {
		Now() time.Time
		Advance(d time.Duration)
	}
	// Quotas is a service whose quotas can be set.
	Quotas interface {
		// SetQuota sets one by the name that it has in GetAccountSummary, such as UsersQuota.
		SetQuota(ctx context.Context, name string, most int) error
	}
	// PasswordSignIn is a service where users sign in with their passwords.
	PasswordSignIn interface {
		// SignIn tries to. The code is empty for a user without an MFA device. The error's code is AccessDenied, or
		// PasswordChangeRequired where the password is right and has to be changed.
		SignIn(ctx context.Context, user, password, code string) error
	}
)
