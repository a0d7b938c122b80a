package authz

import (
	"bytes"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// index finds the statements that can match a request without visiting the others: first by action,
// then by the literal prefix of a resource pattern. It misses no statement; those that it finds are
// then matched in full.
type index struct {
	// exact has the statements by the actions that they name in full, in lower case.
	exact map[string]*class
	// patterns has the classes of action patterns with wildcards by their literal prefix.
	patterns trie[*class]
	// rest has the statements that cannot be found by an action: NotAction, and actions that are
	// not known yet.
	rest class
}

// class is a set of statements that share an action pattern.
type class struct {
	action    *pattern.Pattern // nil in exact and rest
	resources trie[candidate]
}

// candidate is a statement that may match.
type candidate struct {
	// entry is the resource entry that has to match; the statement's other entries are candidates
	// of their own. If it is nil, the statement compares all its entries.
	entry *pattern.Pattern
	// tail is what follows the literal prefix that the entry is filed under, and suffix the literal
	// that every match ends with. They save a visit to the entry itself.
	tail      pattern.Pattern
	suffix    string
	statement int32
	allowOnly bool
}

// matches reports whether the candidate's entry matches the resource of the request, with the same
// result as matchResourceEntry. rest is the resource without the literal prefix of the entry. If the
// candidate has no entry, matches compares all resource entries of the statement.
func (c *candidate) matches(rest string, s *statement, r *Request) truth {
	switch {
	case c.entry == nil:
		return s.matchResource(r)
	case c.tail.HasVariables(): // and so has the entry, which is further away
		answer, _ := match(c.entry, r.Resource, r.Context)
		return answer
	}
	return truthOf(strings.HasSuffix(rest, c.suffix) && c.tail.Match(rest))
}

// maxEntries limits the number of index entries of one statement. A statement has an entry for each pair of an
// action and a resource.
const maxEntries = 512

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
			if text, literal := p.LiteralText(); literal {
				c := x.exact[text]
				if c == nil {
					c = &class{}
					x.exact[text] = c
				}
				c.add(s, i, len(s.actions))
				continue
			}
			text := p.String()
			c := wild[text]
			if c == nil {
				c = &class{action: p}
				wild[text] = c
				x.patterns.insert(p.Prefix(), c)
			}
			c.add(s, i, len(s.actions))
		}
	}
}

// add indexes statement i by its resources. classes is the number of classes that index the statement. If the index
// would need more than maxEntries entries for the statement, add makes one entry under the resources' common prefix.
func (c *class) add(s *statement, i, classes int) {
	found := candidate{statement: int32(i), allowOnly: s.deny == no} //nolint:gosec // a document has far fewer statements
	if s.notResource || s.anyResource || s.resourcesUnknown || s.opaque {
		c.resources.insert("", found)
		return
	}
	if len(s.resources)*classes <= maxEntries {
		for j := range s.resources {
			p := &s.resources[j]
			found.entry, found.tail = p, p.Rest()
			found.suffix = found.tail.Suffix()
			c.resources.insert(p.Prefix(), found)
		}
		return
	}
	common := s.resources[0].Prefix()
	for j := range s.resources {
		common = common[:commonLength(common, s.resources[j].Prefix())]
	}
	c.resources.insert(common, found)
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

// search applies every statement that can match the request.
func (x *index) search(of *Compiled, kind LayerKind, r *Request, boundary truth, v *verdict) {
	if c := x.exact[r.Action.folded]; c != nil && !c.search(of, kind, r, boundary, v, yes) {
		return
	}
	walk := x.patterns.walk(r.Action.folded)
	for classes := walk.next(); classes != nil; classes = walk.next() {
		for _, c := range classes {
			if c.action.Match(r.Action.folded) && !c.search(of, kind, r, boundary, v, yes) {
				return
			}
		}
	}
	x.rest.search(of, kind, r, boundary, v, maybe)
}

// search applies the class's statements. action is yes if the class implies that the action
// matches; otherwise each statement compares it.
func (c *class) search(of *Compiled, kind LayerKind, r *Request, boundary truth, v *verdict, action truth) bool {
	walk := c.resources.walk(r.Resource)
	for candidates := walk.next(); candidates != nil; candidates = walk.next() {
		for i := range candidates {
			found := &candidates[i]
			if found.allowOnly && v.allow.wide == yes && !kind.hasPrincipals() {
				continue // the layer already allows the request
			}
			s := &of.statements[found.statement]
			matched := found.matches(walk.rest, s, r)
			if matched != no && action != yes {
				matched = and(matched, s.matchAction(r))
			}
			if matched != no && !of.apply(kind, v, s, r, boundary, matched) {
				return false
			}
		}
	}
	return true
}

// trie stores values by a text, and finds those whose text is a prefix of another one.
type trie[T any] struct {
	values   []T
	first    []byte // of the children's labels
	children []trieChild[T]
}

type trieChild[T any] struct {
	label string
	node  *trie[T]
}

func (n *trie[T]) insert(text string, value T) {
	for text != "" {
		i := bytes.IndexByte(n.first, text[0])
		if i < 0 {
			n.first = append(n.first, text[0])
			n.children = append(n.children, trieChild[T]{text, &trie[T]{values: []T{value}}})
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

// walk visits the values along a text. The walk is a value, so that a search does not allocate.
func (n *trie[T]) walk(text string) trieWalk[T] { return trieWalk[T]{ahead: n, beyond: text} }

type trieWalk[T any] struct {
	// rest is the text after the part that leads to the node visited last.
	rest string
	// ahead is the node to visit next, and beyond the text after it.
	ahead  *trie[T]
	beyond string
}

// next returns the values of the next node that has any, or nil at the end.
func (w *trieWalk[T]) next() []T {
	n, rest := w.ahead, w.beyond
	for n != nil {
		child, beyond := n.child(rest)
		if len(n.values) > 0 {
			w.rest, w.ahead, w.beyond = rest, child, beyond
			return n.values
		}
		n, rest = child, beyond
	}
	w.ahead = nil
	return nil
}

// child returns the node that a text leads to and the text after it, or nil if there is none.
func (n *trie[T]) child(text string) (*trie[T], string) {
	if text == "" || len(n.first) == 0 {
		return nil, ""
	}
	i := 0
	if n.first[0] != text[0] {
		if i = bytes.IndexByte(n.first, text[0]); i < 0 {
			return nil, ""
		}
	}
	c := &n.children[i]
	if !strings.HasPrefix(text, c.label) {
		return nil, ""
	}
	return c.node, text[len(c.label):]
}
