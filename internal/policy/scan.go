package policy

import (
	"bytes"
	"fmt"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of a text, far above AWS's quotas, so that a hostile document costs neither
// memory nor time.
const (
	// MaxSize is the largest size of a document in bytes.
	MaxSize = 1 << 20
	// maxDepth is the deepest nesting of values. A policy needs seven levels.
	maxDepth = 32
)

// ParseJSON parses one JSON text (RFC 8259) into a tree with positions. It is
// stricter than encoding/json: invalid UTF-8, unpaired surrogates and a name that
// occurs twice in an object, even with different case, are errors.
//
// Errors are [Findings] of kind Error with code JSON_SYNTAX_ERROR or
// DUPLICATE_KEYS_WITH_DIFFERENT_CASE.
func ParseJSON(text []byte) (tree.Node, error) {
	s := &scanner{text: text, line: 1}
	if len(text) > MaxSize {
		return tree.Node{}, Findings{{
			Kind: Error, Code: CodeJSONSyntax, Path: "$", Pos: tree.Pos{Line: 1, Column: 1},
			Message: fmt.Sprintf("The document has %d bytes; the limit is %d.", len(text), MaxSize),
		}}
	}
	s.space()
	node, err := s.value()
	if err != nil {
		return tree.Node{}, err
	}
	s.space()
	if s.at < len(s.text) {
		return tree.Node{}, s.fail("there is more text after the end of the document: %s", s.found())
	}
	return node, nil
}

// scanner parses JSON. Columns count characters and not bytes: continuation is the number of bytes
// between lineStart, where the line begins, and countedUpTo that do not begin a character.
type scanner struct {
	text         []byte
	at           int
	line         int
	lineStart    int
	continuation int
	countedUpTo  int
	path         []step // where in the document the scanner is
}

// step leads from a value into one of its parts: a member, or an element.
type step struct {
	name  string
	index int
	array bool
}

// pathString returns the JSON path of the current value. Only messages need it, so
// parsing stays fast.
func (s *scanner) pathString() string {
	path := "$"
	for _, st := range s.path {
		if st.array {
			path = elementPath(path, st.index)
		} else {
			path = MemberPath(path, st.name)
		}
	}
	return path
}

func (s *scanner) pos() tree.Pos {
	if s.countedUpTo < s.lineStart {
		s.countedUpTo, s.continuation = s.lineStart, 0
	}
	for ; s.countedUpTo < s.at; s.countedUpTo++ {
		if !utf8.RuneStart(s.text[s.countedUpTo]) {
			s.continuation++
		}
	}
	return tree.Pos{Offset: s.at, Line: s.line, Column: s.at - s.lineStart - s.continuation + 1}
}

func (s *scanner) fail(format string, args ...any) error {
	return s.failCode(CodeJSONSyntax, s.pos(), format, args...)
}

func (s *scanner) failCode(code Code, pos tree.Pos, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return Findings{{Kind: Error, Code: code, Path: s.pathString(), Pos: pos, Message: "The JSON cannot be read: " +
		"" + message + "."}}
}

// found describes the text at the current position.
func (s *scanner) found() string {
	if s.at >= len(s.text) {
		return "the end of the text"
	}
	if bytes.HasPrefix(s.text[s.at:], []byte("\ufeff")) {
		return "a byte order mark; save the file as UTF-8 without one"
	}
	r, size := utf8.DecodeRune(s.text[s.at:])
	if r == utf8.RuneError && size == 1 {
		return fmt.Sprintf("byte 0x%02x, which is not UTF-8", s.text[s.at])
	}
	return fmt.Sprintf("%q", r)
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '\n':
			s.line++
			s.lineStart = s.at + 1
		case ' ', '\t', '\r':
		default:
			return
		}
		s.at++
	}
}

func (s *scanner) value() (tree.Node, error) {
	if len(s.path) > maxDepth {
		return tree.Node{}, s.fail("values are nested more than %d deep", maxDepth)
	}
	if s.at >= len(s.text) {
		return tree.Node{}, s.fail("a value is missing at the end of the text")
	}
	start := s.pos()
	switch c := s.text[s.at]; {
	case c == '{':
		return s.object(start)
	case c == '[':
		return s.array(start)
	case c == '"':
		text, err := s.str()
		return tree.Node{Kind: tree.String, Text: text, Pos: start}, err
	case c == '-' || c >= '0' && c <= '9':
		return s.number(start)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(s.text[s.at:], []byte(word)) {
			s.at += len(word)
			kind := tree.Bool
			if word == "null" {
				kind = tree.Null
			}
			return tree.Node{Kind: kind, Text: word, Pos: start}, nil
		}
	}
	return tree.Node{}, s.fail("a value was expected, found %s", s.found())
}

func (s *scanner) object(start tree.Pos) (tree.Node, error) {
	node := tree.Node{Kind: tree.Object, Pos: start}
	folded := map[string]string{} // folded name → name as written
	s.at++
	s.space()
	if s.next('}') {
		return node, nil
	}
	for {
		namePos := s.pos()
		if s.at >= len(s.text) || s.text[s.at] != '"' {
			return tree.Node{}, s.fail(`a name in double quotes was expected, found %s`, s.found())
		}
		name, err := s.str()
		if err != nil {
			return tree.Node{}, err
		}
		fold := ascii.Fold(name)
		if earlier, ok := folded[fold]; ok {
			s.path = append(s.path, step{name: name})
			if earlier == name {
				return tree.Node{}, s.failCode(CodeJSONSyntax, namePos,
					"the name %q occurs twice in one object; readers would keep only one of them", name)
			}
			return tree.Node{}, s.failCode(CodeDuplicateKeys, namePos,
				"the names %q and %q of one object differ in case only", earlier, name)
		}
		folded[fold] = name
		s.space()
		if !s.next(':') {
			return tree.Node{}, s.fail("':' was expected after the name %q, found %s", name, s.found())
		}
		s.space()
		s.path = append(s.path, step{name: name})
		value, err := s.value()
		if err != nil {
			return tree.Node{}, err
		}
		s.path = s.path[:len(s.path)-1]
		node.Members = append(node.Members, tree.Member{Name: name, Pos: namePos, Value: value})
		s.space()
		if s.next('}') {
			return node, nil
		}
		if !s.next(',') {
			return tree.Node{}, s.fail("',' or '}' was expected, found %s", s.found())
		}
		s.space()
	}
}

func (s *scanner) array(start tree.Pos) (tree.Node, error) {
	node := tree.Node{Kind: tree.Array, Pos: start}
	s.at++
	s.space()
	if s.next(']') {
		return node, nil
	}
	for {
		s.path = append(s.path, step{index: len(node.Elements), array: true})
		value, err := s.value()
		if err != nil {
			return tree.Node{}, err
		}
		s.path = s.path[:len(s.path)-1]
		node.Elements = append(node.Elements, value)
		s.space()
		if s.next(']') {
			return node, nil
		}
		if !s.next(',') {
			return tree.Node{}, s.fail("',' or ']' was expected, found %s", s.found())
		}
		s.space()
	}
}

func (s *scanner) next(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) number(pos tree.Pos) (tree.Node, error) {
	start := s.at
	digits := func() bool {
		from := s.at
		for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
			s.at++
		}
		return s.at > from
	}
	s.next('-')
	if s.next('0') {
		if s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
			return tree.Node{}, s.fail("a number must not begin with 0; if it is an account id, put it in double quotes")
		}
	} else if !digits() {
		return tree.Node{}, s.fail("a digit was expected, found %s", s.found())
	}
	if s.next('.') && !digits() {
		return tree.Node{}, s.fail("a digit was expected after '.', found %s", s.found())
	}
	if s.at < len(s.text) && (s.text[s.at] == 'e' || s.text[s.at] == 'E') {
		s.at++
		if !s.next('+') {
			s.next('-')
		}
		if !digits() {
			return tree.Node{}, s.fail("a digit was expected in the exponent, found %s", s.found())
		}
	}
	return tree.Node{Kind: tree.Number, Text: string(s.text[start:s.at]), Pos: pos}, nil
}

// str parses a string that starts at the current position.
func (s *scanner) str() (string, error) {
	s.at++
	start := s.at
	for s.at < len(s.text) { // the usual string: nothing to unescape
		c := s.text[s.at]
		if c == '"' {
			text := string(s.text[start:s.at])
			s.at++
			return text, nil
		}
		if c == '\\' || c < 0x20 || c >= utf8.RuneSelf {
			break
		}
		s.at++
	}
	out := append([]byte(nil), s.text[start:s.at]...)
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '"':
			s.at++
			return string(out), nil
		case c == '\\':
			var err error
			if out, err = s.escape(out); err != nil {
				return "", err
			}
		case c < 0x20:
			return "", s.fail("a string contains the control character 0x%02x; write it as an escape", c)
		default:
			r, size := utf8.DecodeRune(s.text[s.at:])
			if r == utf8.RuneError && size == 1 {
				return "", s.fail("a string contains %s", s.found())
			}
			out = append(out, s.text[s.at:s.at+size]...)
			s.at += size
		}
	}
	return "", s.fail("a string is not closed")
}

func (s *scanner) escape(out []byte) ([]byte, error) {
	if s.at+1 >= len(s.text) {
		return nil, s.fail("a string is not closed")
	}
	const escapes, characters = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := s.text[s.at+1]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		s.at += 2
		return append(out, characters[i]), nil
	}
	if c != 'u' {
		return nil, s.fail("%q is not a JSON escape; write a backslash as \\\\", `\`+string(rune(c)))
	}
	r, ok := s.hex4(s.at + 2)
	if !ok {
		return nil, s.fail("\\u must be followed by four hexadecimal digits")
	}
	if !utf16.IsSurrogate(r) {
		s.at += 6
		return utf8.AppendRune(out, r), nil
	}
	if s.at+7 < len(s.text) && s.text[s.at+6] == '\\' && s.text[s.at+7] == 'u' {
		if low, ok := s.hex4(s.at + 8); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				s.at += 12
				return utf8.AppendRune(out, pair), nil
			}
		}
	}
	return nil, s.fail("\\u%04x is half of a surrogate pair", r)
}

func (s *scanner) hex4(at int) (rune, bool) {
	if at+4 > len(s.text) {
		return 0, false
	}
	var r rune
	for _, c := range s.text[at : at+4] {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if d < 0 || c < '0' {
			return 0, false
		}
		r = r<<4 | rune(d) //nolint:gosec // d is below 16
	}
	return r, true
}
