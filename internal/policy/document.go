package policy

import "github.com/iam-as-code/terraform-provider-iam/internal/tree"

// Document is one policy. Nothing in it is normalised: it says what was
// written, and where.
type Document struct {
	// Version is "2008-10-17" or "2012-10-17", or empty where the document has
	// none, which means 2008-10-17.
	Version    Text
	ID         Text
	Statements []Statement
	// SingleStatement says that Statement was written as one object.
	SingleStatement bool
	// Unknown says that there may be more than is known: the whole document
	// or its list of statements is known only later.
	Unknown bool
	Pos     tree.Pos
	// Size is the text's length in characters, as AWS counts, and Compact its
	// length without the white space outside of strings. Both are 0 for a
	// document decoded from a tree.
	Size, Compact int
}

// The versions of the policy language.
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// Text is a string of a document.
type Text struct {
	Value string
	// Unknown says that the value is known only later and may be any string.
	Unknown bool
	Pos     tree.Pos
}

// Present reports whether the element was written at all.
func (t Text) Present() bool { return t.Value != "" || t.Unknown || t.Pos.Known() }

// List is an element that is written as one string or as a list of strings.
type List struct {
	Values []Text
	// Single says that the value was written as one string, without a list.
	Single bool
	// Unknown says that there may be more values than the known ones.
	Unknown bool
	Pos     tree.Pos
}

// ValuePath is the JSON path of a list's value, given the list's own.
func (l *List) ValuePath(path string, i int) string {
	if l.Single {
		return path
	}
	return elementPath(path, i)
}

// Effect is what a statement does: "Allow" or "Deny".
type Effect string

// The effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Statement is one statement. Elements that are absent are nil.
type Statement struct {
	// Index is the statement's place in the document, from 0.
	Index  int
	Sid    Text
	HasSid bool
	// Effect is Allow or Deny, or unknown.
	Effect                  Text
	Principal, NotPrincipal *Principals
	Action, NotAction       *List
	Resource, NotResource   *List
	Conditions              []Operator
	HasCondition            bool
	// ConditionsUnknown says that there may be more conditions than are known.
	ConditionsUnknown bool
	// Unknown says that nothing is known of the statement.
	Unknown bool
	Pos     tree.Pos
}

// Principals is a Principal or NotPrincipal element.
type Principals struct {
	// Everyone says that the element is the string "*".
	Everyone bool
	Entries  []PrincipalEntry
	// Unknown says that there may be more principals than the known ones.
	Unknown bool
	Pos     tree.Pos
}

// PrincipalEntry is the principals of one type: AWS, Service, Federated or
// CanonicalUser.
type PrincipalEntry struct {
	Type   string
	Values List
	Pos    tree.Pos
}

// Operator is one condition operator with the keys under it.
type Operator struct {
	Name string // as written
	// Parsed is the name taken apart; Decode has made sure that it exists.
	Parsed OperatorName
	Keys   []ConditionKey
	// Unknown says that there may be more keys than the known ones.
	Unknown bool
	Pos     tree.Pos
}

// ConditionKey is one condition key and the values it is compared with.
type ConditionKey struct {
	Key    string // as written; keys are compared without regard to case
	Values List
	Pos    tree.Pos
}
