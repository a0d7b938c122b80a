package account

import (
	"encoding/json"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Kind is the kind of an entry: user, group, role or policy.
type Kind uint8

// The kinds.
const (
	AnyKind Kind = iota // in a [Pending] entry: a user, a group or a role
	UserKind
	GroupKind
	RoleKind
	PolicyKind
)

// String returns the kind as it appears in ARNs and messages.
func (k Kind) String() string {
	return [...]string{"user, group or role", "user", "group", "role", "policy"}[k]
}

// Tag is a key and a value.
type Tag struct{ Key, Value string }

// Document is a policy document: a text, or a tree whose parts may be unknown.
type Document struct {
	text   string
	parsed *policy.Document // the parsed text; nil if the text was not parsed yet
	tree   *tree.Node
	stored bool // a text that is not refused, whatever it says
}

// Text returns a document of JSON text.
func Text(json string) Document { return Document{text: json} }

// Stored returns a document of JSON text that is part of an account already. If it cannot be evaluated, it denies every
// request of its user, group or role. An error would make the whole account unusable, and without the document, a
// request that it denies could be allowed.
func Stored(json string) Document { return Document{text: json, stored: true} }

// Parsed returns a document of JSON text that the caller has parsed already. doc must be the parsed text, and must
// not change afterwards.
func Parsed(json string, doc *policy.Document) Document { return Document{text: json, parsed: doc} }

// Tree returns a document given as a tree. Any node may be unknown, including the root.
// The tree must not change afterwards.
func Tree(node tree.Node) Document { return Document{tree: &node} }

// Text returns the document's text; ok is false for a tree, which has none.
func (d Document) Text() (text string, ok bool) { return d.text, d.tree == nil }

// Policy returns the document as package policy reads it. It returns an error for a stored text that cannot be read.
func (d Document) Policy() (*policy.Document, error) {
	switch {
	case d.tree != nil:
		return policy.Decode(*d.tree)
	case d.parsed != nil:
		return d.parsed, nil
	}
	return policy.Parse([]byte(d.text))
}

// InlinePolicy is an inline policy of a user, group or role.
type InlinePolicy struct {
	Name     string
	Document Document
}

// Unknown marks the lists of a user, group or role that may have further members,
// which are not known yet. The listed members are certain.
type Unknown struct {
	Inline, Attached, Groups, Tags bool
	// Boundary marks the permissions boundary as unknown: there may be any boundary or none.
	Boundary bool
}

// User is a user. Names are compared without regard to ASCII case.
type User struct {
	Name, Path, ID string
	Created        time.Time // in whole seconds
	Tags           []Tag
	Inline         []InlinePolicy
	Attached       []string // ARNs of managed policies
	Groups         []string // names
	Boundary       string   // ARN of a managed policy; empty for none
	Unknown        Unknown
}

// Group is a group. Its members refer to it in [User.Groups].
type Group struct {
	Name, Path, ID string
	Created        time.Time
	Inline         []InlinePolicy
	Attached       []string
	Unknown        Unknown
}

// Role is a role.
type Role struct {
	Name, Path, ID     string
	Description        string
	Created            time.Time
	MaxSessionDuration int // in seconds; 0 if unknown
	Trust              Document
	Tags               []Tag
	Inline             []InlinePolicy
	Attached           []string
	Boundary           string
	LastUsed           time.Time // zero if no use is known
	LastUsedRegion     string
	// InstanceProfiles are the unchanged JSON values of the input. They do not affect access.
	InstanceProfiles []json.RawMessage
	Unknown          Unknown
}

// Policy is a managed policy of the account or of AWS. The ARN contains its path and
// name.
type Policy struct {
	ARN, ID          string
	Description      string
	Created, Updated time.Time
	// Unattachable is set if AWS does not allow new attachments.
	Unattachable bool
	Tags         []Tag
	// Default is the ID of the default version, which must be one of Versions.
	Default  string
	Versions []Version
}

// Version is a version of a managed policy.
type Version struct {
	ID       string // such as v1
	Created  time.Time
	Document Document
}

// Pending holds policies and memberships that a plan gives to a user, group or role
// with an unknown name. Any user, group or role of that kind may receive them.
type Pending struct {
	// Key identifies the entry. An entry replaces an earlier one with the same key.
	Key      string
	To       Kind // UserKind, GroupKind, RoleKind or AnyKind
	Inline   []InlinePolicy
	Attached []string
	Groups   []string // of a user
	// Boundary is set if the entry sets a permissions boundary, which is not known.
	Boundary bool
	// Unknown marks lists that may have further members.
	Unknown Unknown
}
