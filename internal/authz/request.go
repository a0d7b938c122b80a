package authz

import (
	"fmt"
	"slices"
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
	// hidden has prefixes in lower case. A key with one of them that is not set may be absent or have
	// any value.
	hidden []string
	// closed is a prefix in lower case. A key with this prefix that is not set is absent, also if the
	// context is open.
	closed string
	// choosable are prefixes in lower case. If the list is not nil, a key that is not set and has none of these prefixes
	// is absent, also if the context is open.
	choosable []string
}

type contextValue struct {
	texts   []string
	multi   bool
	unknown bool
	single  bool   // of an unknown value: it is one text, not a list
	key     string // as written
	// within restricts an unknown value to the texts of some sets. It is nil for any value.
	within []pattern.Set
	// choice is set if CouldAllow may choose an unknown value.
	choice bool
	// derived is set for a value from SetPrincipal.
	derived bool
}

// NewContext returns an empty context.
func NewContext() *Context { return &Context{values: map[string]contextValue{}} }

// Clone returns a context with the same keys. Changes of one do not change the other. The clone of nil is empty.
func (c *Context) Clone() *Context {
	out := NewContext()
	if c != nil {
		*out = *c
		out.values = make(map[string]contextValue, len(c.values))
		for key, v := range c.values {
			out.values[key] = v
		}
	}
	return out
}

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

// SetUnknownLike marks a key as having exactly one value, which is not known and matches one of the patterns.
func (c *Context) SetUnknownLike(key string, patterns []pattern.Pattern) error {
	return c.put(key, contextValue{unknown: true, single: true, within: setsOf(patterns)})
}

// SetChoice marks a key as having exactly one value, a text of one of the sets. The value is not known, and
// [Policies.CouldAllow] may choose it. The sets have no variables.
func (c *Context) SetChoice(key string, within ...pattern.Set) error {
	return c.put(key, contextValue{unknown: true, single: true, choice: true, within: within})
}

// SetChoiceLike is SetChoice for a value that matches one of the patterns.
func (c *Context) SetChoiceLike(key string, patterns []pattern.Pattern) error {
	return c.SetChoice(key, setsOf(patterns)...)
}

func setsOf(patterns []pattern.Pattern) []pattern.Set {
	sets := make([]pattern.Set, len(patterns))
	for i, p := range patterns {
		sets[i].Required = []pattern.Term{{Pattern: p}}
	}
	return sets
}

// SetAbsentBelow says that a key with this prefix is absent in every possible request, unless it was
// set: [Policies.CouldAllow] gives it no value.
func (c *Context) SetAbsentBelow(prefix string) { c.closed = ascii.Fold(prefix) }

// LimitChoice says that [Policies.CouldAllow] may choose only keys with one of these prefixes. Every other key that is
// not set is absent in every possible request.
func (c *Context) LimitChoice(prefixes ...string) {
	c.choosable = make([]string, len(prefixes))
	for i, prefix := range prefixes {
		c.choosable[i] = ascii.Fold(prefix)
	}
}

// SetPrincipal sets the keys that follow from a principal ([Principal.Keys], [Principal.UnknownKeys]) and are not set.
// A key that only users or only services have becomes absent for every other principal.
//
// All these keys count as not given: Has does not report them, a setter replaces their values, and
// [Policies.CouldAllow] tries all values that the principal leaves open.
func (c *Context) SetPrincipal(p Principal) {
	derive := func(key string, v contextValue) {
		v.key, v.derived = key, true
		if folded := ascii.Fold(key); !c.Has(key) {
			c.values[folded] = v
		}
	}
	if p.Kind != Unnamed {
		derive("aws:username", contextValue{multi: true})
		derive("aws:PrincipalServiceName", contextValue{multi: true})
	}
	for key, value := range p.Keys() {
		derive(key, contextValue{texts: []string{value}})
	}
	for key, patterns := range p.UnknownKeys() {
		derive(key, contextValue{unknown: true, single: true, choice: true, within: setsOf(patterns)})
	}
}

// SetUnknownPrincipal marks the keys that follow from a principal, and are not set, as unknown. Each may be absent or
// have any value.
func (c *Context) SetUnknownPrincipal() {
	for _, key := range principalKeys {
		if !c.Has(key) {
			_ = c.SetUnknown(key) // fails only for an empty or existing key
		}
	}
}

// SetUnknownBelow says that a key with this prefix is unknown, unless it was set: it may be absent or
// have any value.
func (c *Context) SetUnknownBelow(prefix string) {
	c.hidden = append(slices.Clip(c.hidden), ascii.Fold(prefix))
}

// Has reports whether a key was set, to a known or an unknown value.
func (c *Context) Has(key string) bool {
	v, ok := c.values[ascii.Fold(key)]
	return ok && !v.derived
}

// Choices returns the sets that contain the values of a key from which [Policies.CouldAllow] may choose. It returns nil
// for any other key, and for a key that may have any value.
func (c *Context) Choices(key string) []pattern.Set {
	if c == nil {
		return nil
	}
	if v := c.values[ascii.Fold(key)]; v.unknown && v.choice {
		return v.within
	}
	return nil
}

// Settled reports whether [Policies.CouldAllow] cannot choose a key: its value is known, or it is absent in every
// possible request.
func (c *Context) Settled(key string) bool {
	_, state := c.opened().lookup(ascii.Fold(key))
	return state == present || state == absent
}

func (c *Context) put(key string, v contextValue) error {
	if key == "" {
		return fmt.Errorf("a context key is empty")
	}
	folded := ascii.Fold(key)
	if earlier, ok := c.values[folded]; ok && !earlier.derived {
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
	case !ok && hasPrefix(folded, c.hidden):
		return contextValue{unknown: true}, hidden
	case !ok && c.closed != "" && strings.HasPrefix(folded, c.closed):
		return v, absent
	case !ok && c.choosable != nil && !c.mayChoose(folded):
		return v, absent
	case c.open && (!ok || v.choice):
		return v, free
	case !ok, v.multi && len(v.texts) == 0 && !v.unknown:
		return v, absent
	case v.unknown:
		return v, hidden
	}
	return v, present
}

// mayChoose reports whether CouldAllow may choose a key, by its name in lower case.
func (c *Context) mayChoose(folded string) bool {
	return hasPrefix(folded, c.choosable)
}

func hasPrefix(text string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}
