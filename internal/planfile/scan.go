package planfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Limits far above those of real plans, so that a hostile file costs neither the stack nor all memory.
const (
	maxSize  = 512 << 20
	maxDepth = 256
	maxNodes = 4 << 20
)

// scanner reads JSON (RFC 8259) value by value. Package policy also has a reader, which is for documents: it stores
// positions, and refuses long texts and names that differ only in case.
type scanner struct {
	text  []byte
	at    int
	depth int
	nodes int
	names map[string]string // the names of members, each stored once
}

func newScanner(text []byte) *scanner { return &scanner{text: text, names: map[string]string{}} }

func (s *scanner) fail(format string, args ...any) error {
	before := s.text[:min(s.at, len(s.text))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Errorf("line %d, column %d: %s", line, column, fmt.Sprintf(format, args...))
}

// found describes the text at the current position.
func (s *scanner) found() string {
	if s.at >= len(s.text) {
		return "the end of the text"
	}
	r, size := utf8.DecodeRune(s.text[s.at:])
	if r == utf8.RuneError && size == 1 {
		return fmt.Sprintf("byte 0x%02x, which is not UTF-8", s.text[s.at])
	}
	return fmt.Sprintf("%q", r)
}

// peek returns the first byte of the next token, and 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// next consumes a character if it is the next token.
func (s *scanner) next(c byte) bool {
	if s.peek() != c || s.at >= len(s.text) {
		return false
	}
	s.at++
	return true
}

// object reads an object, and calls a function at the value of each member. The function must read the value.
func (s *scanner) object(member func(name string) error) error {
	if s.peek() != '{' {
		return s.fail("an object was expected, found %s", s.found())
	}
	if s.depth++; s.depth > maxDepth {
		return s.fail("values are nested more than %d deep", maxDepth)
	}
	s.at++
	if s.next('}') {
		s.depth--
		return nil
	}
	var seen nameSet
	for {
		if s.peek() != '"' {
			return s.fail("a name in double quotes was expected, found %s", s.found())
		}
		start := s.at
		name, err := s.name()
		if err != nil {
			return err
		}
		if !seen.add(name) {
			s.at = start
			return s.fail("the name %q occurs twice in one object; readers would see only one of them", name)
		}
		if !s.next(':') {
			return s.fail("':' was expected after the name %q, found %s", name, s.found())
		}
		if err := member(name); err != nil {
			return err
		}
		if s.next('}') {
			s.depth--
			return nil
		}
		if !s.next(',') {
			return s.fail("',' or '}' was expected, found %s", s.found())
		}
	}
}

// nameSet has the names of an object.
type nameSet struct {
	few  []string
	many map[string]bool
}

// add reports whether the name is new.
func (n *nameSet) add(name string) bool {
	if n.many != nil {
		known := n.many[name]
		n.many[name] = true
		return !known
	}
	for _, other := range n.few {
		if other == name {
			return false
		}
	}
	if n.few = append(n.few, name); len(n.few) > 32 {
		n.many = make(map[string]bool, 2*len(n.few))
		for _, other := range n.few {
			n.many[other] = true
		}
	}
	return true
}

// array reads an array, and calls a function at each element. The function must read the element.
func (s *scanner) array(element func() error) error {
	if s.peek() != '[' {
		return s.fail("a list was expected, found %s", s.found())
	}
	if s.depth++; s.depth > maxDepth {
		return s.fail("values are nested more than %d deep", maxDepth)
	}
	s.at++
	if s.next(']') {
		s.depth--
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.next(']') {
			s.depth--
			return nil
		}
		if !s.next(',') {
			return s.fail("',' or ']' was expected, found %s", s.found())
		}
	}
}

// node reads a value as a tree.
func (s *scanner) node() (n tree.Node, err error) {
	if s.nodes++; s.nodes > maxNodes {
		return n, s.fail("the plan has more than %d values", maxNodes)
	}
	switch c := s.peek(); {
	case c == '{':
		n.Kind = tree.Object
		err = s.object(func(name string) error {
			value, err := s.node()
			n.Members = append(n.Members, tree.Member{Name: name, Value: value})
			return err
		})
		return n, err
	case c == '[':
		n.Kind = tree.Array
		err = s.array(func() error {
			element, err := s.node()
			n.Elements = append(n.Elements, element)
			return err
		})
		return n, err
	case c == '"':
		n.Kind = tree.String
		n.Text, err = s.str()
		if strings.Contains(n.Text, "${") || strings.Contains(n.Text, `\u`) {
			n.Text = planned.LiteralText(n.Text) // what an author writes is no hole
		}
		return n, err
	case c == '-' || c >= '0' && c <= '9':
		start := s.at
		if err := s.number(); err != nil {
			return n, err
		}
		return tree.Node{Kind: tree.Number, Text: string(s.text[start:s.at])}, nil
	}
	word, err := s.word()
	switch word {
	case "null":
		return tree.Node{Kind: tree.Null, Text: word}, err
	default:
		return tree.Node{Kind: tree.Bool, Text: word}, err
	}
}

// skip reads a value without storing it.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func(string) error { return s.skip() })
	case c == '[':
		return s.array(s.skip)
	case c == '"':
		return s.skipString()
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	}
	_, err := s.word()
	return err
}

// word reads null, true or false.
func (s *scanner) word() (string, error) {
	for _, word := range [...]string{"null", "true", "false"} {
		if bytes.HasPrefix(s.text[s.at:], []byte(word)) {
			s.at += len(word)
			return word, nil
		}
	}
	return "", s.fail("a value was expected, found %s", s.found())
}

func (s *scanner) number() error {
	digits := func() bool {
		from := s.at
		for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
			s.at++
		}
		return s.at > from
	}
	is := func(set string) bool {
		if s.at < len(s.text) && bytes.IndexByte([]byte(set), s.text[s.at]) >= 0 {
			s.at++
			return true
		}
		return false
	}
	is("-")
	if !is("0") && !digits() {
		return s.fail("a digit was expected, found %s", s.found())
	}
	if is(".") && !digits() {
		return s.fail("a digit was expected after '.', found %s", s.found())
	}
	if is("eE") {
		is("+-")
		if !digits() {
			return s.fail("a digit was expected in the exponent, found %s", s.found())
		}
	}
	return nil
}

// name reads the name of a member. Most names of a plan occur often.
func (s *scanner) name() (string, error) {
	if end := bytes.IndexByte(s.text[s.at+1:], '"'); end >= 0 {
		if name, ok := s.names[string(s.text[s.at+1:s.at+1+end])]; ok {
			s.at += end + 2
			return name, nil
		}
	}
	start := s.at + 1
	name, err := s.str()
	// A name with escapes is not stored, because its text in the file could be a part of another string.
	if err == nil && len(s.names) < 1<<16 && name == string(s.text[start:s.at-1]) {
		s.names[name] = name
	}
	return name, err
}

// plain moves from the start of a string to its first character that is not plain ASCII, or to the closing quote.
func (s *scanner) plain() {
	for s.at < len(s.text) {
		if c := s.text[s.at]; c == '"' || c == '\\' || c < 0x20 || c >= utf8.RuneSelf {
			return
		}
		s.at++
	}
}

// str reads a string.
func (s *scanner) str() (string, error) {
	s.at++
	start := s.at
	if s.plain(); s.at < len(s.text) && s.text[s.at] == '"' {
		s.at++
		return string(s.text[start : s.at-1]), nil
	}
	out := bytes.Clone(s.text[start:s.at])
	for {
		from := s.at
		s.plain()
		out = append(out, s.text[from:s.at]...)
		character, done, err := s.special()
		if done || err != nil {
			return string(out), err
		}
		out = utf8.AppendRune(out, character)
	}
}

func (s *scanner) skipString() error {
	s.at++
	for {
		s.plain()
		if _, done, err := s.special(); done || err != nil {
			return err
		}
	}
}

// special reads a character of a string that is not plain ASCII, or the closing quote.
func (s *scanner) special() (character rune, done bool, err error) {
	if s.at >= len(s.text) {
		return 0, false, s.fail("a string is not closed")
	}
	switch c := s.text[s.at]; {
	case c == '"':
		s.at++
		return 0, true, nil
	case c == '\\':
		character, err := s.escape()
		return character, false, err
	case c < 0x20:
		return 0, false, s.fail("a string contains the control character 0x%02x", c)
	}
	r, size := utf8.DecodeRune(s.text[s.at:])
	if r == utf8.RuneError && size == 1 {
		return 0, false, s.fail("a string contains %s", s.found())
	}
	s.at += size
	return r, false, nil
}

func (s *scanner) escape() (rune, error) {
	if s.at+1 >= len(s.text) {
		return 0, s.fail("a string is not closed")
	}
	const escapes, characters = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := s.text[s.at+1]
	if i := bytes.IndexByte([]byte(escapes), c); i >= 0 {
		s.at += 2
		return rune(characters[i]), nil
	}
	r, ok := rune(0), c == 'u'
	if ok {
		r, ok = s.hex4(s.at + 2)
	}
	if !ok {
		return 0, s.fail("a backslash must be followed by one of %s or by u and four hexadecimal digits", escapes)
	}
	if !utf16.IsSurrogate(r) {
		s.at += 6
		return r, nil
	}
	if s.at+7 < len(s.text) && s.text[s.at+6] == '\\' && s.text[s.at+7] == 'u' {
		if low, ok := s.hex4(s.at + 8); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				s.at += 12
				return pair, nil
			}
		}
	}
	return 0, s.fail("\\u%04x is half of a surrogate pair", r)
}

func (s *scanner) hex4(at int) (rune, bool) {
	if at+4 > len(s.text) {
		return 0, false
	}
	var r rune
	for _, c := range s.text[at : at+4] {
		d := bytes.IndexByte([]byte("0123456789abcdef"), c|0x20)
		if d < 0 || c < '0' {
			return 0, false
		}
		r = r<<4 | rune(d) //nolint:gosec // d is below 16
	}
	return r, true
}
