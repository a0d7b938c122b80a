package policy

import "github.com/iam-as-code/terraform-provider-iam/internal/tree"

// Document is one policy as its author wrote it, with positions and without any
// normalization.
type Document struct {
	// Version is "2008-10-17" or "2012-10-17", or empty if the document has
	// no Version, which means 2008-10-17.
	Version    Text
	ID         Text
	Statements []Statement
	// SingleStatement says that Statement was written as one object.
	SingleStatement bool
	// Unknown says that the whole document, or its list of statements, is not
	// known yet, so there may be more statements.
	Unknown bool
	Pos     tree.Pos
	// Size is the length of the text in characters, and Compact its length without
	// the white space outside strings. AWS counts one or the other (rule 10). Both are 0 for a
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
	// Unknown says that the value is not known yet and may be any string.
	Unknown bool
	Pos     tree.Pos
}

// Present reports whether the document has the element.
func (t Text) Present() bool { return t.Value != "" || t.Unknown || t.Pos.Known() }

// List is the value of an element that accepts one string or a list of strings.
type List struct {
	Values []Text
	// Single says that the value was written as one string, without a list.
	Single bool
	// MixedTypes says that the values have different JSON types, as in ["a", 1].
	MixedTypes bool
	// Unknown says that there may be more values than the known ones.
	Unknown bool
	Pos     tree.Pos
}

// ValuePath returns the JSON path of value i, given the JSON path of the list.
func (l *List) ValuePath(path string, i int) string {
	if l.Single {
		return path
	}
	return elementPath(path, i)
}

// Effect is the effect of a statement: "Allow" or "Deny".
type Effect string

// The effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Statement is one statement. An absent element is nil.
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

// PrincipalEntry lists the principals of one type: AWS, Service, Federated or
// CanonicalUser.
type PrincipalEntry struct {
	Type   string
	Values List
	Pos    tree.Pos
}

// Operator is one condition operator with the keys under it.
type Operator struct {
	Name string // as written
	// Parsed is the parsed name. Decode refuses a name that does not exist, unless the operator has no keys and so no
	// effect; Parsed is then zero.
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
