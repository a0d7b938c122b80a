package authz

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// Request asks whether a principal may perform an action on a resource. Deciding only reads it, so
// that goroutines may share it.
type Request struct {
	Principal Principal
	Action    Action
	// Resource is the resource's ARN, or "*" for an action without resources. Wildcards in it are
	// ordinary characters.
	Resource string
	// ResourceAccount is the account that owns the resource. Empty means the account in the
	// resource's ARN or, if that has none, the principal's.
	ResourceAccount string
	// ManagementAccount is the organization's management account. Service control policies do not
	// limit its principals, and resource control policies do not protect its resources.
	ManagementAccount string
	Context           *Context // nil is an empty context

	// Unknown marks parts of the request that are not known yet.
	Unknown Unknown
}

// Unknown marks the parts of a request that are not known yet and may have any value.
type Unknown struct {
	Principal, Action, Resource, ResourceAccount bool
}

// Action is an action of a request. [ParseAction] returns one.
type Action struct {
	text, folded string
	service      uint8 // the bit of its service in a serviceSet
}

// ParseAction reads an action, such as s3:GetObject. A request is for one action, so ParseAction
// refuses wildcards.
func ParseAction(text string) (Action, error) {
	service, name, ok := strings.Cut(text, ":")
	if !ok || service == "" || name == "" ||
		strings.ContainsAny(name, ": \t\r\n") || strings.ContainsAny(service, " \t\r\n") {
		return Action{}, fmt.Errorf("%q is not an action; an action is service:Name, as in s3:GetObject", text)
	}
	if strings.ContainsAny(text, "*?") {
		return Action{}, fmt.Errorf("%q has a wildcard; a request is for one action, as in s3:GetObject", text)
	}
	folded := ascii.Fold(text)
	return Action{text: text, folded: folded, service: servicePlace(folded[:len(service)])}, nil
}

// MustAction is [ParseAction] for a constant text. It panics if the text is not an action.
func MustAction(text string) Action {
	a, err := ParseAction(text)
	if err != nil {
		panic(err)
	}
	return a
}

// String returns the action as written.
func (a Action) String() string { return a.text }

// Context is the context keys of a request with their values. Key names compare without regard to
// case. A key that is not set is absent.
type Context struct {
	values map[string]contextValue
	// open is set if every key that is not set may be absent or have any value. [Policies.CouldAllow]
	// needs it.
	open bool
	// hidden is a prefix in lower case. A key with this prefix that is not set may be absent or have
	// any value.
	hidden string
	// closed is a prefix in lower case. A key with this prefix that is not set is absent, also if the
	// context is open.
	closed string
}

type contextValue struct {
	texts   []string
	multi   bool
	unknown bool
	single  bool   // of an unknown value: it is one text, not a list
	key     string // as written
	// within is set if CouldAllow may choose the value, and contains the possible texts.
	within *pattern.Set
}

// NewContext returns an empty context.
func NewContext() *Context { return &Context{values: map[string]contextValue{}} }

// Set gives a single-valued key its value.
func (c *Context) Set(key, value string) error {
	return c.put(key, contextValue{texts: []string{value}})
}

// SetMulti gives a multivalued key its values. A key without values counts as absent.
func (c *Context) SetMulti(key string, values []string) error {
	return c.put(key, contextValue{texts: append([]string(nil), values...), multi: true})
}

// SetUnknown marks a key as unknown: it may have one value, or a list of values, which may be
// empty.
func (c *Context) SetUnknown(key string) error {
	return c.put(key, contextValue{unknown: true})
}

// SetUnknownValue marks a key as having exactly one value, which is not known.
func (c *Context) SetUnknownValue(key string) error {
	return c.put(key, contextValue{unknown: true, single: true})
}

// SetChoice marks a key as having exactly one value, a text of a set without variables. The value is
// not known. [Policies.CouldAllow] may choose it.
func (c *Context) SetChoice(key string, within pattern.Set) error {
	return c.put(key, contextValue{unknown: true, single: true, within: &within})
}

// SetAbsentBelow marks all keys that begin with prefix and are not set as absent in every possible
// request: [Policies.CouldAllow] gives them no value.
func (c *Context) SetAbsentBelow(prefix string) { c.closed = ascii.Fold(prefix) }

// SetUnknownBelow marks all keys that begin with prefix and are not set as unknown: each may be
// absent or have any value.
func (c *Context) SetUnknownBelow(prefix string) { c.hidden = ascii.Fold(prefix) }

// Has reports whether a key was set, to a known or an unknown value.
func (c *Context) Has(key string) bool {
	_, ok := c.values[ascii.Fold(key)]
	return ok
}

func (c *Context) put(key string, v contextValue) error {
	if key == "" {
		return fmt.Errorf("a context key is empty")
	}
	folded := ascii.Fold(key)
	if earlier, ok := c.values[folded]; ok {
		return fmt.Errorf("the context key %q is given twice (as %q before); key names compare without regard to case",
			key, earlier.key)
	}
	v.key = key
	c.values[folded] = v
	return nil
}

// presence is the state of a context key.
type presence uint8

const (
	absent  presence = iota
	present          // with known values
	hidden           // given, with values that are not known
	free             // absent or present with any value, or with any value of a set
)

// lookup finds a key by its name in lower case. A multivalued key without values counts as absent.
func (c *Context) lookup(folded string) (contextValue, presence) {
	if c == nil {
		return contextValue{}, absent
	}
	v, ok := c.values[folded]
	switch {
	case !ok && c.closed != "" && strings.HasPrefix(folded, c.closed):
		return v, absent
	case !ok && c.hidden != "" && strings.HasPrefix(folded, c.hidden):
		return contextValue{unknown: true}, hidden
	case c.open && (!ok || v.within != nil):
		return v, free
	case !ok, v.multi && len(v.texts) == 0 && !v.unknown:
		return v, absent
	case v.unknown:
		return v, hidden
	}
	return v, present
}
