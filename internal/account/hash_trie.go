package account

import (
	"hash/maphash"
	"iter"
	"math/bits"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// hashTrie is an immutable map from names to values. Keys are compared without
// regard to ASCII case. put and remove return another trie. It shares every
// branch with the original except those on the path to the value. Each branch has 64 places.
type hashTrie[V any] struct {
	key  func(V) string
	root *branch[V]
	len  int
}

type branch[V any] struct {
	// hasValue and hasBranch have a bit for each place with a value or a branch.
	// values and branches are in the order of their places.
	hasValue, hasBranch uint64
	values              []V
	branches            []*branch[V]
}

const placeBits = 6

// maxDepth is the depth at which all bits of a hash are used. A branch at this depth
// is a list of the values whose keys have equal hashes.
const maxDepth = 66

var seed = maphash.MakeSeed()

func hashOf(key string) uint64 {
	var buffer [128]byte
	folded := append(buffer[:0], key...)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + ('a' - 'A')
		}
	}
	return maphash.Bytes(seed, folded)
}

func (t *hashTrie[V]) get(key string) (found V, ok bool) {
	hash := hashOf(key)
	for b, depth := t.root, 0; b != nil; depth += placeBits {
		if depth >= maxDepth {
			for _, v := range b.values {
				if ascii.EqualFold(t.key(v), key) {
					return v, true
				}
			}
			return found, false
		}
		place := uint64(1) << (hash >> depth & 63)
		if b.hasValue&place != 0 {
			v := b.values[bits.OnesCount64(b.hasValue&(place-1))]
			if ascii.EqualFold(t.key(v), key) {
				return v, true
			}
			return found, false
		}
		if b.hasBranch&place == 0 {
			return found, false
		}
		b = b.branches[bits.OnesCount64(b.hasBranch&(place-1))]
	}
	return found, false
}

// put returns the trie with v added. v replaces a value with the same key.
func (t hashTrie[V]) put(v V) hashTrie[V] {
	added := false
	t.root, added = t.putBelow(t.root, v, hashOf(t.key(v)), 0)
	if added {
		t.len++
	}
	return t
}

func (t *hashTrie[V]) putBelow(b *branch[V], v V, hash uint64, depth int) (_ *branch[V], added bool) {
	if b == nil {
		b = &branch[V]{}
	}
	out := *b
	if depth >= maxDepth {
		i := slices.IndexFunc(b.values, func(other V) bool { return ascii.EqualFold(t.key(other), t.key(v)) })
		out.values = slices.Clone(b.values)
		if i >= 0 {
			out.values[i] = v
			return &out, false
		}
		out.values = append(out.values, v)
		return &out, true
	}
	place := uint64(1) << (hash >> depth & 63)
	i, j := bits.OnesCount64(b.hasValue&(place-1)), bits.OnesCount64(b.hasBranch&(place-1))
	switch {
	case b.hasValue&place != 0 && ascii.EqualFold(t.key(b.values[i]), t.key(v)):
		out.values = slices.Clone(b.values)
		out.values[i] = v
		return &out, false
	case b.hasValue&place != 0: // another key occupies the place: both move into a new branch
		other := b.values[i]
		child, _ := t.putBelow(nil, other, hashOf(t.key(other)), depth+placeBits)
		child, _ = t.putBelow(child, v, hash, depth+placeBits)
		out.hasValue, out.values = b.hasValue&^place, removedAt(b.values, i)
		out.hasBranch, out.branches = b.hasBranch|place, insertedAt(b.branches, j, child)
		return &out, true
	case b.hasBranch&place != 0:
		child, added := t.putBelow(b.branches[j], v, hash, depth+placeBits)
		out.branches = slices.Clone(b.branches)
		out.branches[j] = child
		return &out, added
	}
	out.hasValue, out.values = b.hasValue|place, insertedAt(b.values, i, v)
	return &out, true
}

// remove returns the trie without the value of a key.
func (t hashTrie[V]) remove(key string) hashTrie[V] {
	if _, ok := t.get(key); ok {
		t.root = t.removeBelow(t.root, key, hashOf(key), 0)
		t.len--
	}
	return t
}

// removeBelow returns b without a key that it contains, or nil if no value is left.
func (t *hashTrie[V]) removeBelow(b *branch[V], key string, hash uint64, depth int) *branch[V] {
	out := *b
	place := uint64(1) << (hash >> depth & 63)
	i, j := bits.OnesCount64(b.hasValue&(place-1)), bits.OnesCount64(b.hasBranch&(place-1))
	switch {
	case depth >= maxDepth:
		out.values = removedAt(b.values, slices.IndexFunc(b.values, func(v V) bool { return ascii.EqualFold(t.key(v), key) }))
	case b.hasValue&place != 0:
		out.hasValue, out.values = b.hasValue&^place, removedAt(b.values, i)
	default:
		if child := t.removeBelow(b.branches[j], key, hash, depth+placeBits); child != nil {
			out.branches = slices.Clone(b.branches)
			out.branches[j] = child
		} else {
			out.hasBranch, out.branches = b.hasBranch&^place, removedAt(b.branches, j)
		}
	}
	if len(out.values)+len(out.branches) == 0 {
		return nil
	}
	return &out
}

func insertedAt[T any](list []T, i int, v T) []T {
	out := make([]T, len(list)+1)
	copy(out, list[:i])
	out[i] = v
	copy(out[i+1:], list[i:])
	return out
}

func removedAt[T any](list []T, i int) []T {
	out := make([]T, len(list)-1)
	copy(out, list[:i])
	copy(out[i:], list[i+1:])
	return out
}

// all iterates over the values in no particular order.
func (t *hashTrie[V]) all() iter.Seq[V] {
	return func(yield func(V) bool) { t.root.all(yield) }
}

func (b *branch[V]) all(yield func(V) bool) bool {
	if b == nil {
		return true
	}
	for _, v := range b.values {
		if !yield(v) {
			return false
		}
	}
	for _, below := range b.branches {
		if !below.all(yield) {
			return false
		}
	}
	return true
}

// sorted returns the values sorted by key, without regard to ASCII case.
func (t *hashTrie[V]) sorted() []V {
	out := make([]V, 0, t.len)
	for v := range t.all() {
		out = append(out, v)
	}
	slices.SortFunc(out, func(x, y V) int { return compareNames(t.key(x), t.key(y)) })
	return out
}
