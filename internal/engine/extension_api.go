package engine

import "context"

// ExtensionAPI is the second interface of the engine: the operations for which AWS's APIs have none. It is made of
// small interfaces by subject. [Client] offers all of it; an endpoint that only speaks AWS's APIs offers none of it.
//
// The methods have the form of the SDK's: a nil input is an empty one, inputs are copied, and errors are found with
// [errors.As]. Each call has an audit record under the operation's name. An operation "for the local operator" refuses
// every other caller with AccessDenied, whatever its policies say. The others take a permission of AWS's, which their
// comments name.
type ExtensionAPI interface {
	SignInAPI
	SessionRevocationAPI
	AccountAPI
	AuditAPI
	LimitsAPI
	PasswordProfileAPI
	SecretsAPI
}

var _ ExtensionAPI = (*Client)(nil)

// SignInAPI signs users in with their passwords.
type SignInAPI interface {
	// SignIn makes a session of twelve hours for a user with a password. An [Anonymous] caller may call it.
	SignIn(ctx context.Context, in *SignInInput) (*SignInOutput, error)
}

// SessionRevocationAPI ends sessions before they expire. AWS's console does so with an inline policy, so the
// permission is iam:PutUserPolicy or iam:PutRolePolicy.
type SessionRevocationAPI interface {
	// RevokeUserSessions ends all sessions of a user, and those that were made with them.
	RevokeUserSessions(ctx context.Context, in *RevokeUserSessionsInput) (*RevokeUserSessionsOutput, error)
	// RevokeRoleSessions ends all sessions of a role, and those that were made with them.
	RevokeRoleSessions(ctx context.Context, in *RevokeRoleSessionsInput) (*RevokeRoleSessionsOutput, error)
	// RevokeAccessKeySessions ends the session of a temporary access key, or all sessions that were made with a
	// long-term one, and those that were made with them.
	RevokeAccessKeySessions(ctx context.Context, in *RevokeAccessKeySessionsInput) (*RevokeAccessKeySessionsOutput, error)
}

// AccountAPI reads, copies and fills the account as a whole. All of it is for the local operator.
type AccountAPI interface {
	// DescribeStore returns the ids of the account and of its store.
	DescribeStore(ctx context.Context, in *DescribeStoreInput) (*DescribeStoreOutput, error)
	// GetAccount returns the account as a value to evaluate requests against.
	GetAccount(ctx context.Context, in *GetAccountInput) (*GetAccountOutput, error)
	// ExportAccount returns the account in the form of GetAccountAuthorizationDetails.
	ExportAccount(ctx context.Context, in *ExportAccountInput) (*ExportAccountOutput, error)
	// ImportAccount fills an empty account with what ExportAccount, or AWS, wrote.
	ImportAccount(ctx context.Context, in *ImportAccountInput) (*ImportAccountOutput, error)
	// AdoptResource records that a Terraform configuration manages an entity that it did not create.
	AdoptResource(ctx context.Context, in *AdoptResourceInput) (*AdoptResourceOutput, error)
	// CreateBackup copies the store to a new file.
	CreateBackup(ctx context.Context, in *CreateBackupInput) (*CreateBackupOutput, error)
}

// AuditAPI reads and verifies the audit trail. All of it is for the local operator.
type AuditAPI interface {
	// ListAuditRecords returns a page of audit records. [AuditRecords] reads all pages.
	ListAuditRecords(ctx context.Context, in *ListAuditRecordsInput) (*ListAuditRecordsOutput, error)
	// ListResourceChanges returns the records of the changes to one entity since an earlier look.
	ListResourceChanges(ctx context.Context, in *ListResourceChangesInput) (*ListResourceChangesOutput, error)
	// VerifyAuditTrail checks that the audit trail is complete and unchanged.
	VerifyAuditTrail(ctx context.Context, in *VerifyAuditTrailInput) (*VerifyAuditTrailOutput, error)
	// CreateAuditCheckpoint returns a text that later proves which records the audit trail had.
	CreateAuditCheckpoint(ctx context.Context, in *CreateAuditCheckpointInput) (*CreateAuditCheckpointOutput, error)
}

// LimitsAPI reads and sets the account's quotas. Both are for the local operator: with a permission to raise limits,
// callers could lift the limits of their own policies.
type LimitsAPI interface {
	// GetLimits returns the quotas in force.
	GetLimits(ctx context.Context, in *GetLimitsInput) (*GetLimitsOutput, error)
	// SetLimits sets some quotas and leaves the others.
	SetLimits(ctx context.Context, in *SetLimitsInput) (*SetLimitsOutput, error)
}

// PasswordProfileAPI reads and sets the standard that the account's password policy follows.
type PasswordProfileAPI interface {
	// GetPasswordProfile returns the profile's name. It takes iam:GetAccountPasswordPolicy.
	GetPasswordProfile(ctx context.Context, in *GetPasswordProfileInput) (*GetPasswordProfileOutput, error)
	// SetPasswordProfile replaces the password policy. It takes iam:UpdateAccountPasswordPolicy.
	SetPasswordProfile(ctx context.Context, in *SetPasswordProfileInput) (*SetPasswordProfileOutput, error)
}

// SecretsAPI handles what the master key seals. All of it is for the local operator.
type SecretsAPI interface {
	// RevealAccessKey returns the secret of a user's access key.
	RevealAccessKey(ctx context.Context, in *RevealAccessKeyInput) (*RevealAccessKeyOutput, error)
	// RotateMasterKey replaces the master key and seals every secret again.
	RotateMasterKey(ctx context.Context, in *RotateMasterKeyInput) (*RotateMasterKeyOutput, error)
}
