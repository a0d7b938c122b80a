package account

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// slot is the place of a policy or a group in its register. Slot 0 is none.
// Things refer to each other by slots, so that a policy can change without those
// that have it.
type slot int32

// register holds values by name and by slot. It is persistent in its methods'
// effects on copies: what a copy changes, the original does not see.
type register[V any] struct {
	names hashTrie[*place]
	// pages hold the values by slot. A name that is only referred to has a slot
	// with a nil value.
	pages [][]entry[V]
	next  slot
}

type place struct {
	name string
	at   slot
}

type entry[V any] struct {
	name  string
	value *V
}

const pageSize = 64

func newRegister[V any]() register[V] {
	return register[V]{names: hashTrie[*place]{key: func(p *place) string { return p.name }}, pages: [][]entry[V]{make([]entry[V], pageSize)}, next: 1}
}

// at is the value at a slot, nil where there is none, with its name.
func (r *register[V]) at(s slot) (*V, string) {
	e := &r.pages[s/pageSize][s%pageSize]
	return e.value, e.name
}

// get is the value of a name, or nil.
func (r *register[V]) get(name string) *V {
	v, _ := r.at(r.claimed(name))
	return v
}

// claimed is the slot of a name, 0 if it has none.
func (r *register[V]) claimed(name string) slot {
	if p, ok := r.names.get(name); ok {
		return p.at
	}
	return 0
}

// claim is the slot of a name, which gets one if it has none.
func (r *register[V]) claim(name string) slot {
	if s := r.claimed(name); s != 0 {
		return s
	}
	s := r.next
	r.next++
	r.names = r.names.put(&place{name, s})
	if int(s/pageSize) == len(r.pages) {
		r.pages = append(slices.Clip(r.pages), make([]entry[V], pageSize))
	}
	r.set(s, name, nil)
	return s
}

func (r *register[V]) set(s slot, name string, v *V) {
	page := slices.Clone(r.pages[s/pageSize])
	page[s%pageSize] = entry[V]{name, v}
	r.pages = slices.Clone(r.pages)
	r.pages[s/pageSize] = page
}

// put gives a name its value.
func (r *register[V]) put(name string, v *V) { r.set(r.claim(name), name, v) }

// remove takes the value from a name. What refers to it still does.
func (r *register[V]) remove(name string) {
	if p, ok := r.names.get(name); ok {
		r.set(p.at, p.name, nil)
	}
}

// rename gives the slot of a name another name, unless that has one already.
func (r *register[V]) rename(from, to string) {
	p, ok := r.names.get(from)
	if _, taken := r.names.get(to); !ok || taken && !ascii.EqualFold(from, to) {
		r.remove(from)
		return
	}
	v, _ := r.at(p.at)
	r.names = r.names.remove(from).put(&place{to, p.at})
	r.set(p.at, to, v)
}

// all is the values in the order of their names.
func (r *register[V]) all() []*V {
	var out []*V
	for _, p := range r.names.sorted() {
		if v, _ := r.at(p.at); v != nil {
			out = append(out, v)
		}
	}
	return out
}

func compareNames(a, b string) int {
	x, y := ascii.Fold(a), ascii.Fold(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
