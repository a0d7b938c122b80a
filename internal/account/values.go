package account

import (
	"encoding/json"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Kind is what kind of thing in an account a name is of.
type Kind uint8

// The kinds.
const (
	AnyKind Kind = iota // in a [Pending] entry: a user, a group or a role
	UserKind
	GroupKind
	RoleKind
	PolicyKind
)

// String is the kind as ARNs and messages have it.
func (k Kind) String() string {
	return [...]string{"user, group or role", "user", "group", "role", "policy"}[k]
}

// Tag is a key and a value.
type Tag struct{ Key, Value string }

// Document is a policy document: text, or a tree of which parts may be unknown.
type Document struct {
	text   string
	parsed *policy.Document // of text; nil where it was not parsed yet
	tree   *tree.Node
}

// Text is a document as JSON text.
func Text(json string) Document { return Document{text: json} }

// Parsed is a document as JSON text that the caller has parsed already. doc must come from the text and must not
// be changed afterwards.
func Parsed(json string, doc *policy.Document) Document { return Document{text: json, parsed: doc} }

// Tree is a document as a tree, in which nodes may be unknown, or the whole. It
// must not be changed afterwards.
func Tree(node tree.Node) Document { return Document{tree: &node} }

// Text is the document's text. There is none for a tree.
func (d Document) Text() (string, bool) { return d.text, d.tree == nil }

// InlinePolicy is a policy that belongs to one user, group or role.
type InlinePolicy struct {
	Name     string
	Document Document
}

// Unknown says of which lists of an entry more is known only later. What they
// are given is certain.
type Unknown struct {
	Inline, Attached, Groups, Tags bool
	// Boundary says that there may be no permissions boundary, or any.
	Boundary bool
}

// User is a user. Names are compared without regard to ASCII case.
type User struct {
	Name, Path, ID string
	Created        time.Time // whole seconds count
	Tags           []Tag
	Inline         []InlinePolicy
	Attached       []string // ARNs of managed policies
	Groups         []string // names
	Boundary       string   // ARN of a managed policy; empty for none
	Unknown        Unknown
}

// Group is a group. Who is in it, its members say.
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
	MaxSessionDuration int // seconds; 0 where it is not known
	Trust              Document
	Tags               []Tag
	Inline             []InlinePolicy
	Attached           []string
	Boundary           string
	LastUsed           time.Time // zero for never, as far as is known
	LastUsedRegion     string
	// InstanceProfiles are kept as they were given: nothing of them bears on
	// access.
	InstanceProfiles []json.RawMessage
	Unknown          Unknown
}

// Policy is a managed policy of the account, or one of AWS's own. Path and name
// are those of its ARN.
type Policy struct {
	ARN, ID          string
	Description      string
	Created, Updated time.Time
	// Unattachable says that AWS does not let it be attached any more.
	Unattachable bool
	Tags         []Tag
	// Default is the version in force. It must be one of Versions.
	Default  string
	Versions []Version
}

// Version is one text of a managed policy.
type Version struct {
	ID       string // such as v1
	Created  time.Time
	Document Document
}

// Pending is something that will be given to a user, group or role whose name is
// known only later: any of that kind may turn out to have it.
type Pending struct {
	// Key tells it from other pending entries; putting another one under the same
	// key replaces it.
	Key      string
	To       Kind // UserKind, GroupKind, RoleKind or AnyKind
	Inline   []InlinePolicy
	Attached []string
	Groups   []string // of a user
	// Boundary says that it is given some permissions boundary.
	Boundary bool
	// Unknown.Inline, Attached and Groups say that which those are is not known
	// either.
	Unknown Unknown
}
