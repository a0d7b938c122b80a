package store

import (
	"context"
	"iter"
	"time"
)

// Store is the durable state of one account. Several goroutines may use it, and several stores and
// processes may use the same database.
//
// A committed change is durable: when Write returns nil, the change survives a crash of the process
// and of the machine. A change that was not committed leaves no trace.
//
// Committed writes have one order, and every counter follows it: a later commit has a greater
// [ChangeLog.Revision] and greater [AuditEntry] numbers. A write sees all earlier writes.
type Store interface {
	// Read calls fn with a transaction that sees the store at one moment. Changes committed while fn
	// runs are not visible in it. Writers do not block readers, and readers do not block writers.
	//
	// Queries of the transaction fail when ctx is done. Read returns the error of fn.
	Read(ctx context.Context, fn func(tx Tx) error) error

	// Write calls fn with a transaction and commits its changes if fn returns nil. If fn returns an
	// error or panics, or if Write returns an error, nothing that fn did is stored.
	//
	// Write calls fn at most once, so fn may have effects outside the transaction. Such an effect must
	// not assume that the commit succeeds.
	//
	// While fn runs, no other write to the database runs. Therefore fn must not
	//   - call Read or Write of the same store: both could wait forever,
	//   - wait for another goroutine that calls Write,
	//   - take long: the caller hashes and seals before it calls Write.
	//
	// Write does not call fn if ctx is done before it is fn's turn. Once fn runs, the transaction
	// ignores ctx and is finished.
	//
	// Write returns ErrReadOnly and does not call fn if the process may only read the database.
	//
	// ErrBusy is the only error that a caller may retry: another process blocked the database for too
	// long, fn was not called, and nothing was stored. An implementation whose database can abort a
	// transaction because of a conflict must prevent conflicts by ordering writes itself.
	Write(ctx context.Context, fn func(tx Tx) error) error

	// Close waits for running transactions and closes the store. All later calls return ErrClosed,
	// including calls of Close.
	Close() error
}

// Tx is a transaction. It is valid only inside the function that received it, and only one goroutine
// may use it at a time.
//
// These rules apply to all methods:
//   - A lookup of one record returns an error that matches [ErrNotFound] if the record does not exist.
//   - An insert returns [ErrExists] if the name or the id is taken, and [ErrNotFound] if a record that
//     it refers to does not exist.
//   - An update finds the record by its id, and returns [ErrNotFound] if the record, or a record that
//     it refers to, does not exist.
//   - A deletion returns [ErrNotFound] if the record does not exist, and [ErrInUse] if another record
//     refers to it.
//   - After these three errors nothing has changed, and the function may continue. Any other error, such
//     as a full disk, ends the transaction: all later calls return it, and the transaction is not
//     committed even if the function returns nil.
//   - A method that writes fails in a transaction of [Store.Read].
//   - Names compare without regard to ASCII case. Lists are ordered by name, compared byte by byte after
//     folding to lower case.
//   - Records are values. An implementation keeps no reference to what it receives or returns.
type Tx interface {
	IdentityStore
	PolicyStore
	InlinePolicyStore
	AttachmentStore
	MembershipStore
	AccessKeyStore
	LoginProfileStore
	MFADeviceStore
	AccessAssertionStore
	SettingStore
	RevocationStore
	AttemptStore
	AuditStore
	ChangeLog
	AccountReader

	// ReadOnly reports whether the transaction belongs to [Store.Read], so that everything it sees is
	// committed.
	ReadOnly() bool
}

// IdentityStore stores users, groups and roles.
type IdentityStore interface {
	// Identity returns the identity of this kind and name.
	Identity(kind Kind, name string) (Identity, error)
	// IdentityByID returns the identity with this id.
	IdentityByID(id string) (Identity, error)
	// Identities lists the identities of a kind.
	Identities(kind Kind, page Page) ([]Identity, error)
	// CountIdentities counts the identities of a kind without reading them.
	CountIdentities(kind Kind) (int, error)
	// InsertIdentity adds an identity.
	InsertIdentity(i Identity) error
	// UpdateIdentity replaces an identity, except for its kind, its creation time and its last uses.
	// It returns ErrExists if the new name is taken.
	UpdateIdentity(i Identity) error
	// DeleteIdentity deletes an identity. It returns ErrInUse while the identity has inline policies,
	// attached policies, memberships, access keys, a login profile or an MFA device.
	DeleteIdentity(id string) error
	// SetPasswordLastUsed records when a user last signed in. It does not count as a change.
	SetPasswordLastUsed(userID string, at time.Time) error
	// SetRoleLastUsed records when and in which region a role was last used. It does not count as a
	// change.
	SetRoleLastUsed(roleID string, at time.Time, region string) error
}

// PolicyStore stores managed policies and their versions.
type PolicyStore interface {
	// Policy returns the managed policy of this owner and name.
	Policy(owner, name string) (Policy, error)
	// PolicyByID returns the managed policy with this id.
	PolicyByID(id string) (Policy, error)
	// Policies lists managed policies. Policies with the same name are ordered by owner.
	Policies(filter PolicyFilter, page Page) ([]Policy, error)
	// CountPolicies counts the managed policies of an owner.
	CountPolicies(owner string) (int, error)
	// InsertPolicy adds a managed policy. The caller inserts its versions afterwards.
	InsertPolicy(p Policy) error
	// UpdatePolicy replaces a managed policy, except for its owner and its creation time. It returns
	// ErrExists if the new name is taken.
	UpdatePolicy(p Policy) error
	// DeletePolicy deletes a managed policy and its versions. It returns ErrInUse while the policy is
	// attached or is a permissions boundary.
	DeletePolicy(id string) error

	// PolicyVersion returns a version of a managed policy.
	PolicyVersion(policyID string, number int) (PolicyVersion, error)
	// PolicyVersions lists the versions of a managed policy, newest first.
	PolicyVersions(policyID string) ([]PolicyVersion, error)
	// CountPolicyVersions counts the versions of all policies that the account itself owns.
	CountPolicyVersions() (int, error)
	// InsertPolicyVersion adds a version. The caller updates Policy.DefaultVersion and
	// Policy.LastVersion.
	InsertPolicyVersion(v PolicyVersion) error
	// DeletePolicyVersion deletes a version. It returns ErrInUse for the default version.
	DeletePolicyVersion(policyID string, number int) error
}

// InlinePolicyStore stores the inline policies of identities.
type InlinePolicyStore interface {
	// InlinePolicy returns an inline policy of an identity.
	InlinePolicy(identityID, name string) (InlinePolicy, error)
	// InlinePolicies lists the inline policies of an identity. The page's path prefix has no effect.
	InlinePolicies(identityID string, page Page) ([]InlinePolicy, error)
	// PutInlinePolicy adds an inline policy, or replaces the document of the one with the same name.
	// The first spelling of the name stays. It returns ErrNotFound if the identity does not exist.
	PutInlinePolicy(p InlinePolicy) error
	// DeleteInlinePolicy deletes an inline policy.
	DeleteInlinePolicy(identityID, name string) error
}

// AttachmentStore stores which managed policies are attached to which identities, and answers which
// identities have a policy as their permissions boundary.
type AttachmentStore interface {
	// Attach attaches a managed policy to an identity. It succeeds and changes nothing if the policy is
	// attached already. It returns ErrNotFound if one of the two does not exist.
	Attach(identityID, policyID string) error
	// Detach detaches a managed policy from an identity. It returns ErrNotFound if it is not attached.
	Detach(identityID, policyID string) error
	// AttachedPolicies lists the managed policies attached to an identity. Policies with the same name
	// are ordered by owner.
	AttachedPolicies(identityID string, page Page) ([]Policy, error)
	// AttachedTo lists the identities of a kind that a managed policy is attached to.
	AttachedTo(policyID string, kind Kind, page Page) ([]Identity, error)
	// BoundaryOf lists the identities of a kind whose permissions boundary is this managed policy.
	BoundaryOf(policyID string, kind Kind, page Page) ([]Identity, error)
}

// MembershipStore stores which users are in which groups.
type MembershipStore interface {
	// AddMember adds a user to a group. It succeeds and changes nothing if the user is a member already.
	// It returns ErrNotFound if one of the two does not exist.
	AddMember(groupID, userID string) error
	// RemoveMember removes a user from a group. It returns ErrNotFound if the user is not a member.
	RemoveMember(groupID, userID string) error
	// Members lists the users in a group.
	Members(groupID string, page Page) ([]Identity, error)
	// GroupsOf lists the groups that a user is in.
	GroupsOf(userID string, page Page) ([]Identity, error)
}

// AccessKeyStore stores the access keys of users.
type AccessKeyStore interface {
	// AccessKey returns the access key with this id.
	AccessKey(id string) (AccessKey, error)
	// AccessKeys lists the access keys of a user by creation time, then by id.
	AccessKeys(userID string) ([]AccessKey, error)
	// EachAccessKey iterates over all access keys by id. The loop may change keys and may use the
	// transaction in other ways.
	EachAccessKey() iter.Seq2[AccessKey, error]
	// InsertAccessKey adds an access key.
	InsertAccessKey(k AccessKey) error
	// UpdateAccessKey replaces an access key, except for its user and its creation time.
	UpdateAccessKey(k AccessKey) error
	// DeleteAccessKey deletes an access key.
	DeleteAccessKey(id string) error
}

// MaxPasswordHistory is the number of earlier passwords that a store keeps for each user. A password policy cannot
// forbid the reuse of more: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html.
const MaxPasswordHistory = 24

// LoginProfileStore stores the passwords of users.
type LoginProfileStore interface {
	// LoginProfile returns the login profile of a user.
	LoginProfile(userID string) (LoginProfile, error)
	// PasswordHistory lists the hashes of a user's earlier passwords, latest first, up to
	// MaxPasswordHistory. It also works for a user without a login profile.
	PasswordHistory(userID string) ([]string, error)
	// InsertLoginProfile adds a login profile. It ignores p.History and leaves the history unchanged.
	InsertLoginProfile(p LoginProfile) error
	// UpdateLoginProfile replaces a login profile and the password history, except for the creation time.
	UpdateLoginProfile(p LoginProfile) error
	// DeleteLoginProfile deletes a login profile. Its password becomes the latest one of the history, so
	// that it counts as used when the user gets a new login profile.
	DeleteLoginProfile(userID string) error
}

// MFADeviceStore stores virtual MFA devices.
type MFADeviceStore interface {
	// MFADevice returns the MFA device with this name.
	MFADevice(name string) (MFADevice, error)
	// MFADevices lists MFA devices.
	MFADevices(assignment Assignment, page Page) ([]MFADevice, error)
	// MFADevicesOf lists the MFA devices of a user.
	MFADevicesOf(userID string) ([]MFADevice, error)
	// InsertMFADevice adds an MFA device.
	InsertMFADevice(d MFADevice) error
	// UpdateMFADevice replaces an MFA device, except for its name, its path and its creation time. It
	// finds the device by its name.
	UpdateMFADevice(d MFADevice) error
	// DeleteMFADevice deletes an MFA device.
	DeleteMFADevice(name string) error
}

// AccessAssertionStore stores the access assertions of the account.
type AccessAssertionStore interface {
	// AccessAssertion returns the access assertion with this name.
	AccessAssertion(name string) (AccessAssertion, error)
	// AccessAssertionByID returns the access assertion with this id.
	AccessAssertionByID(id string) (AccessAssertion, error)
	// AccessAssertions lists access assertions. The page's path prefix has no effect.
	AccessAssertions(page Page) ([]AccessAssertion, error)
	// HasAccessAssertions reports whether there are any, without reading them.
	HasAccessAssertions() (bool, error)
	// InsertAccessAssertion adds an access assertion.
	InsertAccessAssertion(a AccessAssertion) error
	// UpdateAccessAssertion replaces an access assertion, except for its name and its creation time.
	UpdateAccessAssertion(a AccessAssertion) error
	// DeleteAccessAssertion deletes the access assertion with this id.
	DeleteAccessAssertion(id string) error
}

// SettingStore stores single values of the account, such as its alias or its password policy.
type SettingStore interface {
	// Setting returns the value with this name.
	Setting(name string) ([]byte, error)
	// Settings lists all values by name, compared byte by byte.
	Settings() ([]Setting, error)
	// PutSetting adds or replaces a value.
	PutSetting(name string, value []byte) error
	// DeleteSetting deletes a value.
	DeleteSetting(name string) error
}

// RevocationStore stores which sessions are revoked.
type RevocationStore interface {
	// Revocation returns the revocation of a subject.
	Revocation(subject string) (Revocation, error)
	// Revocations lists all revocations by subject, compared byte by byte.
	Revocations() ([]Revocation, error)
	// PutRevocation adds a revocation, or extends the one of the same subject: of both Before and Forget
	// the later time stays, because a revocation is never undone.
	PutRevocation(r Revocation) error
	// DropRevocations deletes the revocations with a Forget before now.
	DropRevocations(now time.Time) error
}

// AttemptStore stores failed sign-in attempts.
type AttemptStore interface {
	// Attempts returns the failed attempts of a subject, or the zero value if there are none.
	Attempts(subject string) (Attempts, error)
	// PutAttempts adds or replaces the failed attempts of a subject.
	PutAttempts(a Attempts) error
	// DeleteAttempts deletes the failed attempts of a subject. It succeeds if there are none.
	DeleteAttempts(subject string) error
	// DropAttempts deletes the failed attempts whose Last and Until are both before a time.
	DropAttempts(before time.Time) error
}

// AuditStore stores the entries of the audit trail. Entries are never changed or deleted.
type AuditStore interface {
	// AppendAudit adds an entry and returns its number. It ignores e.Number. It returns ErrExists if the
	// chain already has an entry with this Seq. Numbers of committed entries have no gaps: neither a
	// refused entry nor a transaction that is not committed uses up a number.
	AppendAudit(e AuditEntry) (number int64, err error)
	// AuditEntries iterates over entries by number, and holds at most a few hundred in memory. The loop
	// may use the transaction in other ways.
	AuditEntries(f AuditFilter) iter.Seq2[AuditEntry, error]
	// ChainHead returns the last entry of a chain.
	ChainHead(chain string) (AuditEntry, error)
}

// RememberedRevisions is the number of latest revisions for which [ChangeLog.ChangedSince] knows the
// changes. A store may forget older ones.
const RememberedRevisions = 10_000

// ChangeLog tells which identities, policies and access assertions were changed, so that a reader that
// caches an account needs to read only these again. [Change] defines what a change is.
type ChangeLog interface {
	// Changed lists the ids of the identities, policies and access assertions that this transaction has
	// changed so far, in ascending order.
	Changed() []string
	// Revision counts the committed transactions that changed an identity, a policy or an access
	// assertion.
	Revision() (int64, error)
	// ChangedSince lists the identities, policies and access assertions that were changed after a
	// revision, each once with its latest revision, in ascending order of revision and id. It returns
	// false if the store does not know the answer, because the revision is too old or is greater than the
	// current one. The caller then has to read everything again.
	ChangedSince(revision int64) ([]Change, bool, error)
}

// AccountReader reads the whole account. Each iterator reads one record at a time. While it runs, the
// loop must not use the transaction in any other way.
type AccountReader interface {
	// EachIdentity iterates over all users, groups and roles in any order.
	EachIdentity() iter.Seq2[Identity, error]
	// EachPolicy iterates over all managed policies in any order.
	EachPolicy() iter.Seq2[Policy, error]
	// EachDefaultDocument iterates over the default version of every managed policy in any order.
	EachDefaultDocument() iter.Seq2[PolicyVersion, error]
	// EachInlinePolicy iterates over all inline policies by identity id, then by name.
	EachInlinePolicy() iter.Seq2[InlinePolicy, error]
	// EachAttachment iterates over the identities with attached policies, and yields the ids of the policies.
	EachAttachment() iter.Seq2[Links, error]
	// EachMembership iterates over the users with memberships, and gives the ids of their groups.
	EachMembership() iter.Seq2[Links, error]
}
