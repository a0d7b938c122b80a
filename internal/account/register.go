package account

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// slot is the number of a policy or a group in its register; 0 stands for none.
// Identities refer to policies and groups by slot, so that a policy can change while
// the identities stay as they are.
type slot int32

// register holds values by name and by slot. A change of a copy does not
// affect the original.
type register[V any] struct {
	names hashTrie[*namedSlot]
	// pages hold the values by slot. A name with references and without a value has a
	// slot with a nil value.
	pages [][]entry[V]
	next  slot
}

type namedSlot struct {
	name string
	at   slot
}

type entry[V any] struct {
	name  string
	value *V
}

const pageSize = 64

func newRegister[V any]() register[V] {
	return register[V]{names: hashTrie[*namedSlot]{key: func(p *namedSlot) string { return p.name }},
		pages: [][]entry[V]{make([]entry[V], pageSize)}, next: 1}
}

// at returns the name and the value of a slot. The value is nil if there is none.
func (r *register[V]) at(s slot) (*V, string) {
	e := &r.pages[s/pageSize][s%pageSize]
	return e.value, e.name
}

// get returns the value of a name, or nil.
func (r *register[V]) get(name string) *V {
	v, _ := r.at(r.slotOf(name))
	return v
}

// slotOf returns the slot of a name, or 0 if it has none.
func (r *register[V]) slotOf(name string) slot {
	if p, ok := r.names.get(name); ok {
		return p.at
	}
	return 0
}

// assignSlot returns the slot of a name. It assigns one if the name has none.
func (r *register[V]) assignSlot(name string) slot {
	if s := r.slotOf(name); s != 0 {
		return s
	}
	s := r.next
	r.next++
	r.names = r.names.put(&namedSlot{name, s})
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

// put sets the value of a name.
func (r *register[V]) put(name string, v *V) { r.set(r.assignSlot(name), name, v) }

// remove removes the value of a name. References to the name remain.
func (r *register[V]) remove(name string) {
	if p, ok := r.names.get(name); ok {
		r.set(p.at, p.name, nil)
	}
}

// rename moves the slot from one name to another. If the other name has a slot already,
// rename only removes the value.
func (r *register[V]) rename(from, to string) {
	p, ok := r.names.get(from)
	if _, taken := r.names.get(to); !ok || taken && !ascii.EqualFold(from, to) {
		r.remove(from)
		return
	}
	v, _ := r.at(p.at)
	r.names = r.names.remove(from).put(&namedSlot{to, p.at})
	r.set(p.at, to, v)
}

// all returns the values sorted by name.
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
