package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// atom is a condition. Equal conditions of several statements are one atom.
type atom struct {
	view authz.ConditionView
	key  int // the number of the key
	// home has the keys of the principal that the condition is about, if a question is about several principals and the
	// condition depends on such a key.
	home *world
	// variables are the keys of the policy variables in the values.
	variables []string
	// absent, list and emptyList are the answers for a key that is absent, for one with a list of values, and for one
	// with a list of the empty string. list is meaningful only without a set operator.
	absent, list, emptyList bool
}

// isSet reports whether the condition compares the values of the key one by one.
func (a *atom) isSet() bool {
	return a.view.Operator.Qualifier != policy.NoQualifier && a.view.Operator.Comparison != policy.Null
}

// readsText reports whether the answer for a single value depends on its text. Null only asks whether it is empty.
func (a *atom) readsText() bool { return a.view.Operator.Comparison != policy.Null }

// comparesText reports whether the operator compares texts or ARNs.
func (a *atom) comparesText() bool {
	f := a.view.Operator.Comparison.Family()
	return f == policy.StringFamily || f == policy.ArnFamily
}

// atom returns the number of a condition.
func (s *solver) atom(c authz.ConditionView) int {
	a := atom{view: c}
	own := s.home != nil && slices.Contains(principalKeys, c.Key)
	depends := own
	for i := range c.Values {
		for t := range c.Values[i].Text.Variables() {
			if !slices.Contains(a.variables, t.Text) {
				a.variables = append(a.variables, t.Text)
				depends = depends || s.home != nil && slices.Contains(principalKeys, t.Text)
			}
		}
	}
	name, key := atomName(&c), c.Key
	if depends {
		a.home = s.home
		name = strconv.Itoa(s.home.id) + name
	}
	if own {
		key += "\x00" + strconv.Itoa(s.home.id)
	}
	if id, ok := s.atomIDs[name]; ok {
		return id
	}
	a.key = s.key(key)
	if own {
		s.keyHomes[a.key] = s.home
	}
	a.absent = c.Holds(nil)
	a.list = c.Holds(listOf(c.Key, "value"))
	a.emptyList = c.Holds(listOf(c.Key, ""))
	id := len(s.atoms)
	s.atomIDs[name] = id
	s.atoms = append(s.atoms, a)
	return id
}

// key returns the number of a condition key. If the key follows from one of several principals, its name has a suffix.
func (s *solver) key(name string) int {
	id, ok := s.keyIDs[name]
	if !ok {
		id = len(s.keys)
		s.keyIDs[name] = id
		s.keys = append(s.keys, name)
	}
	return id
}

func listOf(key string, values ...string) *authz.Context {
	ctx := authz.NewContext()
	_ = ctx.SetMulti(key, values) // fails only for an empty key, which no policy has
	return ctx
}

func single(key, value string) *authz.Context {
	ctx := authz.NewContext()
	_ = ctx.Set(key, value)
	return ctx
}

// atomName returns a text that conditions share only if they have the same answer in every context.
func atomName(c *authz.ConditionView) string {
	values := make([]string, 0, len(c.Values))
	for i := range c.Values {
		v := &c.Values[i]
		switch c.Operator.Comparison.Family() {
		case policy.StringFamily, policy.ArnFamily:
			values = append(values, patternName(v.Text))
		case policy.BoolFamily:
			values = append(values, patternName(v.Text)+strconv.FormatBool(v.Truth)+strconv.FormatBool(v.Valid))
		default:
			values = append(values, fmt.Sprint(v.Valid, v.Number, v.Date.UnixNano(), v.Truth, v.Binary, v.Network))
		}
	}
	slices.Sort(values)
	var b strings.Builder
	b.WriteString(c.Operator.String())
	b.WriteByte(0)
	b.WriteString(c.Key)
	for _, v := range slices.Compact(values) {
		b.WriteByte(0)
		b.WriteString(v)
	}
	return b.String()
}

// patternName returns a text that only equal patterns share.
func patternName(p pattern.Pattern) string {
	var b strings.Builder
	for t := range p.Tokens() {
		b.WriteByte('a' + byte(t.Kind))
		if t.Kind == pattern.Text || t.Kind == pattern.Variable {
			b.WriteString(strconv.Quote(t.Text))
		}
		if t.Default != nil {
			b.WriteString(strconv.Quote(*t.Default))
		}
	}
	return b.String()
}
