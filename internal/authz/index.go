package authz

import (
	"sort"
	"strings"
)

// index finds the statements that can match a request without looking at the
// others: first by action, then by the literal text that a resource pattern
// begins with. It leaves nothing out: what it finds is matched in full.
type index struct {
	// exact holds the statements by the actions they name in full, folded.
	exact map[string]*class
	// patterns holds classes of action patterns with wildcards by their
	// literal beginning.
	patterns trie[*class]
	// rest is the statements that cannot be found by an action: NotAction,
	// and actions that are known only later.
	rest class
}

// class is the statements that share an action pattern.
type class struct {
	action    *pattern // nil in exact and rest
	resources trie[candidate]
}

// candidate is a statement to be looked at. Where entry is not negative, only
// that resource entry of it has to match, for the others are candidates of
// their own.
type candidate struct {
	statement int32
	entry     int32
}

// mostEntries bounds how many candidates one statement becomes, as the product
// of its actions and resources.
const mostEntries = 512

func (x *index) build(statements []statement) {
	x.exact = map[string]*class{}
	wild := map[string]*class{} // by the action's text
	for i := range statements {
		s := &statements[i]
		if s.notAction || s.actionsUnknown || s.opaque {
			x.rest.add(s, i, 1)
			continue
		}
		for j := range s.actions {
			p := &s.actions[j]
			switch {
			case p.unknown:
				x.rest.add(s, i, 1)
			case len(p.tokens) == 1 && p.tokens[0].kind == literal:
				c := x.exact[p.prefix()]
				if c == nil {
					c = &class{}
					x.exact[p.prefix()] = c
				}
				c.add(s, i, len(s.actions))
			default:
				text := p.text()
				c := wild[text]
				if c == nil {
					c = &class{action: p}
					wild[text] = c
					x.patterns.insert(p.prefix(), c)
				}
				c.add(s, i, len(s.actions))
			}
		}
	}
}

// text is a pattern's identity, wildcards in place.
func (p *pattern) text() string {
	var b strings.Builder
	for _, t := range p.tokens {
		switch t.kind {
		case star:
			b.WriteByte('*')
		case one:
			b.WriteByte('?')
		default:
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// add files statement i; times is how often it will be filed.
func (c *class) add(s *statement, i, times int) {
	if s.notResource || s.anyResource || s.resourcesUnknown || s.opaque {
		c.resources.insert("", candidate{int32(i), -1}) //nolint:gosec // a document has far fewer statements
		return
	}
	if len(s.resources)*times <= mostEntries {
		for j := range s.resources {
			c.resources.insert(s.resources[j].prefix(), candidate{int32(i), int32(j)}) //nolint:gosec // see above
		}
		return
	}
	common := s.resources[0].prefix()
	for j := range s.resources {
		common = common[:commonLength(common, s.resources[j].prefix())]
	}
	c.resources.insert(common, candidate{int32(i), -1}) //nolint:gosec // see above
}

func commonLength(a, b string) int {
	n := min(len(a), len(b))
	for i := 0; i < n; i++ {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// search applies every statement that the request can concern.
func (x *index) search(l *Layer, r *Request, boundary bool, v *verdict) {
	if c := x.exact[r.Action.folded]; c != nil && !c.search(l, r, boundary, v, yes) {
		return
	}
	walk := x.patterns.walk(r.Action.folded)
	for classes := walk.next(); classes != nil; classes = walk.next() {
		for _, c := range classes {
			if glob(c.action.tokens, r.Action.folded) && !c.search(l, r, boundary, v, yes) {
				return
			}
		}
	}
	x.rest.search(l, r, boundary, v, maybe)
}

// search applies the class's statements. action is yes where the class says
// that the action matches, else each statement is asked.
func (c *class) search(l *Layer, r *Request, boundary bool, v *verdict, action truth) bool {
	walk := c.resources.walk(r.Resource)
	for candidates := walk.next(); candidates != nil; candidates = walk.next() {
		for _, found := range candidates {
			s := &l.statements[found.statement]
			var matched truth
			if found.entry >= 0 {
				matched = s.matchResourceEntry(int(found.entry), r)
			} else {
				matched = s.matchResource(r)
			}
			if action != yes && matched != no {
				matched = and(matched, s.matchAction(r))
			}
			if !l.apply(v, s, r, boundary, matched) {
				return false
			}
		}
	}
	return true
}

// trie holds values by a text, and finds those whose text is the beginning of
// a longer one.
type trie[T any] struct {
	values   []T
	first    []byte // of the children's labels, sorted
	children []trieChild[T]
}

type trieChild[T any] struct {
	label string
	node  *trie[T]
}

func (n *trie[T]) insert(text string, value T) {
	for text != "" {
		i := sort.Search(len(n.first), func(i int) bool { return n.first[i] >= text[0] })
		if i == len(n.first) || n.first[i] != text[0] {
			child := &trie[T]{values: []T{value}}
			n.first = append(n.first, 0)
			copy(n.first[i+1:], n.first[i:])
			n.first[i] = text[0]
			n.children = append(n.children, trieChild[T]{})
			copy(n.children[i+1:], n.children[i:])
			n.children[i] = trieChild[T]{text, child}
			return
		}
		c := &n.children[i]
		shared := commonLength(c.label, text)
		if shared < len(c.label) { // split the edge
			middle := &trie[T]{first: []byte{c.label[shared]}, children: []trieChild[T]{{c.label[shared:], c.node}}}
			c.label, c.node = c.label[:shared], middle
		}
		n, text = c.node, text[shared:]
	}
	n.values = append(n.values, value)
}

// walk visits the values on the way along a text. It is a value, so that a
// search needs no memory.
func (n *trie[T]) walk(text string) trieWalk[T] { return trieWalk[T]{node: n, rest: text} }

type trieWalk[T any] struct {
	node *trie[T]
	rest string
}

// next is the values of the next node that has any, or nil at the end.
func (w *trieWalk[T]) next() []T {
	for w.node != nil {
		n := w.node
		w.step()
		if len(n.values) > 0 {
			return n.values
		}
	}
	return nil
}

func (w *trieWalk[T]) step() {
	n := w.node
	w.node = nil
	if w.rest == "" || len(n.first) == 0 {
		return
	}
	first := w.rest[0]
	low, high := 0, len(n.first)
	for low < high {
		if middle := (low + high) / 2; n.first[middle] < first {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == len(n.first) || n.first[low] != first {
		return
	}
	if c := &n.children[low]; strings.HasPrefix(w.rest, c.label) {
		w.node, w.rest = c.node, w.rest[len(c.label):]
	}
}
