package store

import "time"

// Kind is what kind of identity a record is.
type Kind string

// The kinds of identity.
const (
	User  Kind = "user"
	Group Kind = "group"
	Role  Kind = "role"
)

// Tag is a key and a value.
type Tag struct {
	Key   string `json:"k"`
	Value string `json:"v"`
}

// Identity is a user, a group or a role: whatever has inline policies and attachments.
// Names are unique within a kind without regard to ASCII case, and listed in that order.
// Times are kept in whole seconds, UTC.
type Identity struct {
	Kind    Kind
	ID      string // AIDA…, AGPA… or AROA…; never used again
	Name    string
	Path    string
	Created time.Time
	Tags    []Tag // in the order given; a group has none

	// Boundary is the id of the managed policy that is the permissions boundary of a user or a
	// role; empty where there is none.
	Boundary string

	// PasswordLastUsed is when a user last signed in; zero for never.
	PasswordLastUsed time.Time

	// The rest a role alone has.

	Trust              string // its trust policy
	Description        string
	MaxSessionDuration int // seconds
	LastUsed           time.Time
	LastUsedRegion     string
}

// Policy is a managed policy without its text, which is in its versions.
type Policy struct {
	ID string // ANPA…
	// Owner is empty for the account's own policies, and "aws" for those that AWS gives to every
	// account. Names are unique within an owner.
	Owner          string
	Name           string
	Path           string
	Description    string
	Created        time.Time
	Updated        time.Time
	DefaultVersion int // its number: 1 is v1
	LastVersion    int // the highest number ever given; numbers are not used again
	Tags           []Tag

	// Counted when read; what a caller puts here is not kept.
	Attachments, Boundaries int
}

// PolicyVersion is one text of a managed policy.
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

// AccessKey is a user's access key. Its secret is sealed by the caller.
type AccessKey struct {
	ID      string // AKIA…
	UserID  string
	Active  bool
	Created time.Time
	Secret  string // sealed

	LastUsed                        time.Time // zero for never
	LastUsedService, LastUsedRegion string
}

// LoginProfile is a user's password, as a hash.
type LoginProfile struct {
	UserID        string
	Created       time.Time
	Hash          string
	Changed       time.Time // when the password was last set
	ResetRequired bool
	// History holds the hashes of earlier passwords, the latest first. It outlives the profile, so that
	// nobody gets round it by deleting the profile: see [LoginProfileStore.PasswordHistory].
	History []string
}

// MFADevice is a virtual MFA device, assigned to a user or not.
type MFADevice struct {
	Name    string // unique without regard to case; the device's serial number is made of path and name
	Path    string
	Created time.Time
	Tags    []Tag
	Seed    string // sealed

	UserID  string    // empty where it is not assigned
	Enabled time.Time // when it was assigned
	// LastStep is the time step of the last code that was accepted: no code serves twice.
	LastStep int64
	// Drift is how far the device's clock is ahead, in whole seconds; it is negative for one that is behind.
	Drift time.Duration
}

// Revocation ends sessions: those of Subject that were issued before Before. Its times are kept in
// nanoseconds, those of [Attempts] and [AuditEntry] too.
type Revocation struct {
	// Subject is what the caller chose, such as the id of a principal or of a session's access key.
	Subject string
	Before  time.Time
	// Forget is when no session that this ends can still be valid, so that the record may go.
	Forget time.Time
}

// Attempts counts failed sign-ins.
type Attempts struct {
	Subject string // a user or a source, as the caller chose
	Failed  int
	Last    time.Time
	Until   time.Time // no attempt is looked at before; zero for none
}

// AuditEntry is one record of the audit trail with its place in a chain.
type AuditEntry struct {
	// Number counts all entries of the store in the order of their commits, from 1, with no gaps.
	// It is given by [AuditStore.AppendAudit].
	Number int64
	// Chain and Seq are the entry's place in its writer's chain: Seq counts from 1.
	Chain string
	Seq   int64
	Time  time.Time
	// Body is the record, byte for byte as it was chained.
	Body []byte
	// MAC chains the entry to the one before.
	MAC []byte

	// What is found by index; all of it is in Body too.
	EventName string
	Principal string   // the caller's ARN
	Subjects  []string // ids or names of what the event is about
}

// Change says that an identity or a policy was made, changed or deleted, or that what hangs on it was:
// an inline policy or an attachment of an identity, a membership of a group and of a user, a version
// of a policy. How many a policy is attached to is no change of the policy; last uses, access keys,
// login profiles and MFA devices are no change of their user.
type Change struct {
	Revision int64
	ID       string // of the identity or the policy
}

// Page limits a list, which is in the order of names without regard to case.
type Page struct {
	PathPrefix string // only what is under it; "" or "/" is everything
	// After is the name after which to go on. Policies of several owners may have one name: there,
	// a name with its owner, as in Name/aws, goes on after that one.
	After string
	Limit int // the most to give; 0 is no limit
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
