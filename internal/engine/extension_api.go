package engine

import "context"

// ExtensionAPI is the second interface of the engine. It has the operations that AWS's APIs lack, in
// one small interface for each subject. [Client] implements all of them. An endpoint that offers only
// AWS's APIs implements none of them.
//
// The methods work like those of the SDK. A nil input means an empty input, methods copy their inputs,
// and [errors.As] finds API errors. Each call has an audit record with the operation's name. An
// operation for the local operator refuses every other caller with AccessDenied, even if policies
// would allow the call. For the other operations, callers need the permission that the comment names.
type ExtensionAPI interface {
	SignInAPI
	SessionRevocationAPI
	AccountAPI
	OriginAPI
	PolicyReplacementAPI
	AuditAPI
	LimitsAPI
	PasswordProfileAPI
	SecretsAPI
	AWSPoliciesAPI
	AccessAssertionAPI
}

var _ ExtensionAPI = (*Client)(nil)

// SignInAPI signs users in with their passwords.
type SignInAPI interface {
	// SignIn creates a session of twelve hours for a user with a password. [Anonymous] callers may call
	// it.
	SignIn(ctx context.Context, in *SignInInput) (*SignInOutput, error)
}

// SessionRevocationAPI ends sessions before they expire. AWS's console revokes sessions with an inline
// policy. Callers therefore need the permission iam:PutUserPolicy or iam:PutRolePolicy.
type SessionRevocationAPI interface {
	// RevokeUserSessions ends all sessions of a user, and the sessions that were started with them.
	RevokeUserSessions(ctx context.Context, in *RevokeUserSessionsInput) (*RevokeUserSessionsOutput, error)
	// RevokeRoleSessions ends all sessions of a role, and the sessions that were started with them.
	RevokeRoleSessions(ctx context.Context, in *RevokeRoleSessionsInput) (*RevokeRoleSessionsOutput, error)
	// RevokeAccessKeySessions ends the session of a temporary access key, or all sessions that were
	// started with a long-term access key. It also ends the sessions that were started with these.
	RevokeAccessKeySessions(ctx context.Context, in *RevokeAccessKeySessionsInput) (*RevokeAccessKeySessionsOutput, error)
}

// AccountAPI reads, copies and imports whole accounts. All of its operations are for the local
// operator.
type AccountAPI interface {
	// DescribeStore returns the ids of the account and of its store.
	DescribeStore(ctx context.Context, in *DescribeStoreInput) (*DescribeStoreOutput, error)
	// GetAccount returns the account as a value, to evaluate requests.
	GetAccount(ctx context.Context, in *GetAccountInput) (*GetAccountOutput, error)
	// ExportAccount returns the account in the form of GetAccountAuthorizationDetails.
	ExportAccount(ctx context.Context, in *ExportAccountInput) (*ExportAccountOutput, error)
	// ImportAccount imports the output of ExportAccount or of AWS's GetAccountAuthorizationDetails into an
	// empty account.
	ImportAccount(ctx context.Context, in *ImportAccountInput) (*ImportAccountOutput, error)
	// CreateBackup copies the store to a new file.
	CreateBackup(ctx context.Context, in *CreateBackupInput) (*CreateBackupOutput, error)
}

// OriginAPI records and describes which Terraform configuration and run made the objects of the account. All of its
// operations are for the local operator.
type OriginAPI interface {
	// AdoptResource records that a Terraform configuration now manages an object that it did not create.
	AdoptResource(ctx context.Context, in *AdoptResourceInput) (*AdoptResourceOutput, error)
	// RecordHandover records that a plan destroys an object at one address and creates it at another.
	RecordHandover(ctx context.Context, in *RecordHandoverInput) (*RecordHandoverOutput, error)
	// ConfirmResource records that the state of the caller's configuration has an object.
	ConfirmResource(ctx context.Context, in *ConfirmResourceInput) (*ConfirmResourceOutput, error)
	// DescribeOrigin returns which Terraform configuration and run made an object.
	DescribeOrigin(ctx context.Context, in *DescribeOriginInput) (*DescribeOriginOutput, error)
	// ListDependents lists the objects that prevent the deletion of an entity, with their origins.
	ListDependents(ctx context.Context, in *ListDependentsInput) (*ListDependentsOutput, error)
	// EndRun records that a Terraform run ended in good order.
	EndRun(ctx context.Context, in *EndRunInput) (*EndRunOutput, error)
	// DescribeRun returns whether a Terraform run ended in good order.
	DescribeRun(ctx context.Context, in *DescribeRunInput) (*DescribeRunOutput, error)
}

// PolicyReplacementAPI replaces managed policies that are in use. Its operation is for the local operator.
type PolicyReplacementAPI interface {
	// ReplacePolicy replaces a managed policy by a new one, for every identity that uses it.
	ReplacePolicy(ctx context.Context, in *ReplacePolicyInput) (*ReplacePolicyOutput, error)
}

// AuditAPI reads and verifies the audit trail. All of its operations are for the local operator.
type AuditAPI interface {
	// ListAuditRecords returns a page of audit records. [AuditRecords] reads all pages.
	ListAuditRecords(ctx context.Context, in *ListAuditRecordsInput) (*ListAuditRecordsOutput, error)
	// ListResourceChanges returns the records of the changes to one entity after a certain record.
	ListResourceChanges(ctx context.Context, in *ListResourceChangesInput) (*ListResourceChangesOutput, error)
	// VerifyAuditTrail checks that the audit trail is complete and unchanged.
	VerifyAuditTrail(ctx context.Context, in *VerifyAuditTrailInput) (*VerifyAuditTrailOutput, error)
	// CreateAuditCheckpoint returns a text that later proves which records the audit trail had.
	CreateAuditCheckpoint(ctx context.Context, in *CreateAuditCheckpointInput) (*CreateAuditCheckpointOutput, error)
}

// LimitsAPI reads and sets the account's quotas. Both operations are for the local operator. Otherwise
// callers with that permission could raise the quotas that apply to themselves.
type LimitsAPI interface {
	// GetLimits returns the account's quotas.
	GetLimits(ctx context.Context, in *GetLimitsInput) (*GetLimitsOutput, error)
	// SetLimits sets some quotas and leaves the others unchanged.
	SetLimits(ctx context.Context, in *SetLimitsInput) (*SetLimitsOutput, error)
}

// PasswordProfileAPI reads and sets the password profile of the account. A profile is a published
// standard that the account's password policy follows.
type PasswordProfileAPI interface {
	// GetPasswordProfile returns the profile's name. Callers need the permission
	// iam:GetAccountPasswordPolicy.
	GetPasswordProfile(ctx context.Context, in *GetPasswordProfileInput) (*GetPasswordProfileOutput, error)
	// SetPasswordProfile replaces the password policy with that of a profile. Callers need the permission
	// iam:UpdateAccountPasswordPolicy.
	SetPasswordProfile(ctx context.Context, in *SetPasswordProfileInput) (*SetPasswordProfileOutput, error)
}

// SecretsAPI handles the secrets that the master key encrypts. All of its operations are for the local
// operator.
type SecretsAPI interface {
	// RevealAccessKey returns the secret of a user's access key.
	RevealAccessKey(ctx context.Context, in *RevealAccessKeyInput) (*RevealAccessKeyOutput, error)
	// RotateMasterKey replaces the master key and encrypts all secrets with the new key.
	RotateMasterKey(ctx context.Context, in *RotateMasterKeyInput) (*RotateMasterKeyOutput, error)
}

// AWSPoliciesAPI describes and replaces the set of AWS's managed policies. Both operations are for the local operator.
type AWSPoliciesAPI interface {
	// DescribeAWSPolicies returns the date and the number of the policies.
	DescribeAWSPolicies(ctx context.Context, in *DescribeAWSPoliciesInput) (*DescribeAWSPoliciesOutput, error)
	// LoadAWSPolicies replaces the set and updates the policies in use.
	LoadAWSPolicies(ctx context.Context, in *LoadAWSPoliciesInput) (*LoadAWSPoliciesOutput, error)
}

// AccessAssertionAPI reads and changes the stored access assertions. The engine refuses every write that would allow a
// request that one of them forbids, with the error code [AccessAssertionViolation].
type AccessAssertionAPI interface {
	// CreateAccessAssertion stores an access assertion. Callers need the permission iam:CreateAccessAssertion.
	CreateAccessAssertion(ctx context.Context, in *CreateAccessAssertionInput) (*CreateAccessAssertionOutput, error)
	// GetAccessAssertion returns an access assertion. Callers need the permission iam:GetAccessAssertion.
	GetAccessAssertion(ctx context.Context, in *GetAccessAssertionInput) (*GetAccessAssertionOutput, error)
	// ListAccessAssertions returns all access assertions. Callers need the permission iam:ListAccessAssertions.
	ListAccessAssertions(ctx context.Context, in *ListAccessAssertionsInput) (*ListAccessAssertionsOutput, error)
	// UpdateAccessAssertion changes an access assertion so that it forbids at least the same requests. Callers need the
	// permission iam:UpdateAccessAssertion.
	UpdateAccessAssertion(ctx context.Context, in *UpdateAccessAssertionInput) (*UpdateAccessAssertionOutput, error)
	// WeakenAccessAssertion changes an access assertion so that it may forbid fewer requests. Callers need the permission
	// iam:WeakenAccessAssertion.
	WeakenAccessAssertion(ctx context.Context, in *WeakenAccessAssertionInput) (*WeakenAccessAssertionOutput, error)
	// DeleteAccessAssertion deletes an access assertion. Callers need the permission iam:DeleteAccessAssertion.
	DeleteAccessAssertion(ctx context.Context, in *DeleteAccessAssertionInput) (*DeleteAccessAssertionOutput, error)
	// UnprotectAccessAssertion lifts the protection of an access assertion. It is for the local operator.
	UnprotectAccessAssertion(ctx context.Context,
		in *UnprotectAccessAssertionInput) (*UnprotectAccessAssertionOutput, error)
}
