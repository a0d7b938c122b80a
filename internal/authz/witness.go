package authz

import (
	"fmt"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// ContextKey is a context key with its value, or its values if it is multivalued.
type ContextKey struct {
	Name        string
	Values      []string
	Multivalued bool
}

// String returns the key and the value for a message, such as `aws:SecureTransport is "true"`.
func (k ContextKey) String() string {
	if k.Multivalued {
		return k.Name + " has the values " + quoteSome(k.Values, 5)
	}
	return fmt.Sprintf("%s is %q", k.Name, abbreviate(k.Values[0]))
}

// Witness returns context keys that the request does not give, with values with which it is allowed, and
// the request with these keys. Without any of these keys, the request would not be allowed. ok is false if
// the request is not allowed for any values, or if the search of [Policies.CouldAllow] finds none.
func (p *Policies) Witness(r *Request) (keys []ContextKey, with Request, ok bool) {
	p = p.withSources()
	open := *r
	open.Context = r.Context.opened()
	s := &search{policies: p, request: open, steps: maxSteps}
	s.collect(free)
	found := s.request
	if s.each(func(at *Request, o Outcome) bool { found = *at; return o != Allowed }) {
		return nil, *r, false
	}
	with = *r
	with.Context = &Context{values: maps.Clone(found.Context.values), hidden: open.Context.hidden,
		closed: open.Context.closed, choosable: open.Context.choosable}
	given := func(key string) bool { return r.Context != nil && r.Context.Has(key) }
	for _, key := range slices.Sorted(maps.Keys(found.Context.values)) {
		if v := with.Context.values[key]; !given(key) {
			delete(with.Context.values, key)
			if p.Decide(&with) == Allowed {
				continue
			}
			with.Context.values[key] = v
		}
		if v := with.Context.values[key]; !v.unknown && (!given(key) || r.Context.values[ascii.Fold(key)].unknown) {
			keys = append(keys, ContextKey{s.written(key), v.texts, v.multi})
		}
	}
	return keys, with, true
}

// written returns a context key as a relevant statement spells it.
func (s *search) written(key string) string {
	for _, st := range s.relevant {
		for i := range st.conditions {
			if st.conditions[i].key == key {
				return st.conditions[i].source.Key
			}
		}
	}
	return key
}
