package catalog

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// ConditionKey is a condition key.
type ConditionKey struct {
	// Name is the key in AWS's spelling. A placeholder stands for text that the user chooses, as in
	// aws:RequestTag/${TagKey}.
	Name string
	Type KeyType
	// Multivalued says that a request may have several values for the key, so that a condition needs ForAllValues or
	// ForAnyValue.
	Multivalued bool
	// Global says that requests for any action may have the key. Global keys are not among the keys of the actions.
	Global bool
}

// HasPlaceholder reports whether the user chooses a part of the key, such as a tag's. The user then also decides which
// values it has, such as numbers or ARNs.
func (k *ConditionKey) HasPlaceholder() bool { return strings.Contains(k.Name, "${") }

// KeyType is the type of a key's values.
type KeyType uint8

// The types of values.
const (
	String KeyType = iota
	ARN
	Bool
	Numeric
	Date
	IPAddress
	Binary
)

var typeNames = [...]string{"String", "ARN", "Bool", "Numeric", "Date", "IPAddress", "Binary"}

// String returns the name of the type in AWS's documentation.
func (t KeyType) String() string { return typeNames[t] }

// template is a condition key whose name has a placeholder.
type template struct {
	key *ConditionKey
	// name matches the keys in lower case.
	name pattern.Pattern
}

// Key returns a condition key, such as aws:SourceIp or aws:PrincipalTag/team, or nil. Case does not count.
func (c *Catalog) Key(name string) *ConditionKey {
	name = ascii.Fold(name)
	if key := c.keys[name]; key != nil {
		return key
	}
	for i := range c.templates {
		if t := &c.templates[i]; strings.HasPrefix(name, t.name.Prefix()) && t.name.Match(name) {
			return t.key
		}
	}
	return nil
}

// Keys returns all condition keys, in the order of their names in lower case.
func (c *Catalog) Keys() []*ConditionKey { return c.ordered }

// Supplies reports whether a request for the action may have the key: one that is global, or one of the action, of a
// type of resource that it accepts, or of the action for that type.
func (a *Action) Supplies(key *ConditionKey) bool {
	if key.Global || slices.Contains(a.ConditionKeys, key) {
		return true
	}
	for i := range a.Resources {
		use := &a.Resources[i]
		if slices.Contains(use.ConditionKeys, key) || slices.Contains(use.Type.ConditionKeys, key) {
			return true
		}
	}
	return false
}

// orderKeys puts the keys in order. It also collects those with a placeholder, those with the most literal characters
// first, so that a name matches the most specific one.
func (c *Catalog) orderKeys() {
	for _, name := range sortedNames(c.keys) {
		c.ordered = append(c.ordered, c.keys[name])
		if glob := withoutPlaceholders(name); glob != name {
			c.templates = append(c.templates, template{c.keys[name], pattern.Glob(glob)})
		}
	}
	slices.SortStableFunc(c.templates, func(a, b template) int { return len(b.name.String()) - len(a.name.String()) })
}

// withoutPlaceholders returns a text with a star in place of each placeholder.
func withoutPlaceholders(text string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		_, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			return out.String() + text
		}
		out.WriteString(before + "*")
		text = rest
	}
}
