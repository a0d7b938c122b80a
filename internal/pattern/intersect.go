package pattern

import "strings"

// Texts that replace wildcards in examples. They have no colon, so a wildcard confined to a field
// matches them.
const (
	anyText = "anything"
	anyChar = "x"
)

// Example returns a text that the pattern matches and few other patterns match: "anything"
// stands for a star or a variable, "x" for a single character.
func (p *Pattern) Example() string {
	var b strings.Builder
	for _, t := range p.tokens {
		switch t.Kind {
		case Text:
			b.WriteString(t.Text)
		case One, FieldOne:
			b.WriteString(anyChar)
		default:
			b.WriteString(anyText)
		}
	}
	return b.String()
}

// Intersect returns a text that both patterns match; ok is false if there is none. The text is an
// example that a person can read: where both patterns have a wildcard, it contains the same text as
// [Pattern.Example]. Variables match any text.
func Intersect(a, b Pattern) (text string, ok bool) {
	a, b = a.withStars(), b.withStars()
	x, y := placesOf(a, b)
	// Each pair of positions is a state. origins records how the search first reached it.
	type step struct {
		from    int
		text    string
		visited bool
	}
	columns := len(y) + 1
	origins := make([]step, (len(x)+1)*columns)
	origins[0].visited = true
	queue := []int{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at == len(origins)-1 {
			var parts []string
			for ; at != 0; at = origins[at].from {
				parts = append(parts, origins[at].text)
			}
			var out strings.Builder
			for i := len(parts) - 1; i >= 0; i-- {
				out.WriteString(parts[i])
			}
			return out.String(), true
		}
		i, j := at/columns, at%columns
		visit := func(i, j int, text string) {
			if to := i*columns + j; !origins[to].visited {
				origins[to] = step{at, text, true}
				queue = append(queue, to)
			}
		}
		starX, starY := i < len(x) && isStar(x[i].kind), j < len(y) && isStar(y[j].kind)
		switch {
		case starX && starY: // one star ends; both stars match a text before its end
			visit(i+1, j, anyText)
			visit(i, j+1, anyText)
			continue
		case starX:
			visit(i+1, j, "")
		case starY:
			visit(i, j+1, "")
		}
		if i == len(x) || j == len(y) {
			continue
		}
		char, ok := commonChar(&x[i], &y[j])
		if !ok {
			continue
		}
		if !starX {
			i++
		}
		if !starY {
			j++
		}
		visit(i, j, char)
	}
	return "", false
}

func isStar(k Kind) bool { return k == Star || k == FieldStar }

// commonChar returns a character that both places match; ok is false if there is none.
func commonChar(p, q *place) (char string, ok bool) {
	switch {
	case p.kind == Text && q.kind == Text:
		return string(p.char), p.char == q.char
	case p.kind == Text:
		return string(p.char), p.char != ':' || q.kind == Star || q.kind == One
	case q.kind == Text:
		return commonChar(q, p)
	}
	return anyChar, true
}

// IsDisjoint reports whether the literal beginnings or ends of two patterns show that no text matches both. It is a
// quick test: false says nothing.
func (p *Pattern) IsDisjoint(q *Pattern) bool {
	a, b := p.Prefix(), q.Prefix()
	if !strings.HasPrefix(a, b) && !strings.HasPrefix(b, a) {
		return true
	}
	a, b = p.Suffix(), q.Suffix()
	return !strings.HasSuffix(a, b) && !strings.HasSuffix(b, a)
}
