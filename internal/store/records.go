package store

import "time"

// Kind is the kind of an identity.
type Kind string

// The kinds of identities.
const (
	User  Kind = "user"
	Group Kind = "group"
	Role  Kind = "role"
)

// Tag is a key with a value.
type Tag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// Identity is a user, a group or a role. Names are unique within a kind, without regard to ASCII case.
// Times of all records are stored in whole seconds and returned in UTC, except where a type says
// otherwise.
type Identity struct {
	Kind    Kind
	ID      string // AIDA…, AGPA… or AROA…; never reused
	Name    string
	Path    string
	Created time.Time
	Tags    []Tag // in the given order; empty for a group

	// Boundary is the id of the managed policy that is the permissions boundary of a user or a
	// role, or empty.
	Boundary string

	// PasswordLastUsed is the time of a user's last sign-in, or zero.
	PasswordLastUsed time.Time

	// Only a role has the fields below.

	Trust              string // the trust policy
	Description        string
	MaxSessionDuration int // seconds
	LastUsed           time.Time
	LastUsedRegion     string
}

// Policy is a managed policy. Its versions contain the documents.
type Policy struct {
	ID string // ANPA…
	// Owner is empty for the account's own policies, and "aws" for AWS managed policies. Names are unique within an owner.
	Owner          string
	Name           string
	Path           string
	Description    string
	Created        time.Time
	Updated        time.Time
	DefaultVersion int // the number of the version: 1 is v1
	LastVersion    int // the highest number ever used; numbers are not reused
	Tags           []Tag

	// The store counts these. It ignores the values in a record that it receives.
	Attachments, Boundaries int
}

// PolicyVersion is one version of a managed policy.
type PolicyVersion struct {
	PolicyID string
	Number   int
	Document string
	Created  time.Time
}

// InlinePolicy is a policy that belongs to one identity.
type InlinePolicy struct {
	IdentityID string
	Name       string
	Document   string
}

// AccessKey is a user's access key. The caller seals its secret.
type AccessKey struct {
	ID      string // AKIA…
	UserID  string
	Active  bool
	Created time.Time
	Secret  string // sealed

	LastUsed                        time.Time // zero if never used
	LastUsedService, LastUsedRegion string
}

// LoginProfile is the password of a user, as a hash.
type LoginProfile struct {
	UserID        string
	Created       time.Time
	Hash          string
	Changed       time.Time // when the password was last set
	ResetRequired bool
	// History lists the hashes of earlier passwords, latest first. The store keeps it after the profile
	// is deleted, so that deleting the profile does not bypass a rule against reuse.
	History []string
}

// MFADevice is a virtual MFA device, assigned to a user or not.
type MFADevice struct {
	Name    string // unique without regard to ASCII case; the serial number consists of path and name
	Path    string
	Created time.Time
	Tags    []Tag
	Seed    string // sealed

	UserID  string    // empty if the device is not assigned
	Enabled time.Time // when the device was assigned
	// LastStep is the time step of the last accepted code, so that no code is accepted twice.
	LastStep int64
	// Drift is how far the device's clock is ahead, in whole seconds. It is negative if the clock is behind.
	Drift time.Duration
}

// AccessAssertion is a stored access assertion: requests that nobody may make possible.
type AccessAssertion struct {
	ID       string // never reused
	Name     string // unique without regard to ASCII case
	Document string // the principal and the requests, in an encoding of the caller
	// Protected says that the assertion must not be deleted or weakened.
	Protected bool
	Created   time.Time
	Updated   time.Time
}

// Setting is a single value of the account.
type Setting struct {
	Name  string
	Value []byte
}

// Revocation ends the sessions of Subject that were issued before Before. The times of Revocation,
// [Attempts] and [AuditEntry] are stored in nanoseconds.
type Revocation struct {
	// Subject is chosen by the caller, such as the id of a principal or of a session's access key.
	Subject string
	Before  time.Time
	// Forget is the time from which the revocation may be deleted, because all its sessions have expired.
	Forget time.Time
}

// Attempts counts failed sign-ins.
type Attempts struct {
	Subject string // chosen by the caller, such as a user or a source address
	Failed  int
	Last    time.Time
	Until   time.Time // further attempts are refused before this time; zero if they are not
}

// AuditEntry is a record of the audit trail with its place in a chain.
type AuditEntry struct {
	// Number counts all entries of the store in the order of their commits, from 1 without gaps.
	// [AuditStore.AppendAudit] assigns it.
	Number int64
	// Chain names the chain of the writer, and Seq is the position in it, from 1.
	Chain string
	Seq   int64
	Time  time.Time
	// Body is the encoded record, exactly the bytes that its MAC covers.
	Body []byte
	// MAC links the entry to the one before it.
	MAC []byte

	// The fields below are indexed. Body contains the same values.
	EventName string
	Principal string   // the caller's ARN
	Subjects  []string // ids or names of the records that the event is about
}

// Change reports that an identity, a policy or an access assertion was added, changed or deleted, or that a
// record that belongs to it was: an inline policy or an attachment of an identity, a membership of both the group and
// the user, a version of a policy. Not a change are an attachment for the policy, and a last use, an access key, a
// login profile or an MFA device for the user.
type Change struct {
	Revision int64
	ID       string // of the identity or the policy
}

// Page selects a part of a list that is ordered by name.
type Page struct {
	PathPrefix string // selects the records under it; "" and "/" select all
	// After is the name of the last record before the page. In a list of policies, "Name/aws" also names
	// the owner, because policies of several owners may have the same name.
	After string
	Limit int // the maximum number of records; 0 is no limit
}

// Links lists the records that one record is linked to.
type Links struct {
	From string
	To   []string // in ascending order
}

// PolicyFilter selects managed policies.
type PolicyFilter struct {
	Owner    *string // nil selects every owner
	Attached bool    // selects only policies that are attached or are a permissions boundary
	Usage    Usage   // "" selects every usage
}

// Usage is the way a managed policy is used.
type Usage string

// The usages of a managed policy.
const (
	AsPermissions Usage = "PermissionsPolicy"
	AsBoundary    Usage = "PermissionsBoundary"
)

// Assignment selects MFA devices by whether they are assigned to a user.
type Assignment string

// The assignments of MFA devices.
const (
	AnyDevice  Assignment = "Any"
	Assigned   Assignment = "Assigned"
	Unassigned Assignment = "Unassigned"
)

// AuditFilter selects entries of the audit trail. An empty field selects every entry.
type AuditFilter struct {
	After      int64     // entries with a greater Number
	Since      time.Time // entries at or after this time
	Until      time.Time // entries before this time
	EventName  string
	Principal  string
	Subject    string // entries with this subject among their Subjects
	Chain      string
	Limit      int  // the maximum number of entries; 0 is no limit
	Descending bool // newest first
}
