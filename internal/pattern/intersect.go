package pattern

import "strings"

// Texts that stand for wildcards in examples. They have no colon, so that a wildcard confined to a
// field takes them.
const (
	anyText = "anything"
	anyChar = "x"
)

// Example returns a text that the pattern matches and, in all likelihood, few others do: "anything"
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
// example that a person can read: where both patterns have a wildcard, it has what
// [Pattern.Example] has. Variables stand for any text.
func Intersect(a, b Pattern) (text string, ok bool) {
	a, b = a.withStars(), b.withStars()
	x, y := placesOf(a, b)
	// Each pair of positions is a state; came says how the search first reached it.
	type step struct {
		from int
		text string
		been bool
	}
	columns := len(y) + 1
	came := make([]step, (len(x)+1)*columns)
	came[0].been = true
	queue := []int{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at == len(came)-1 {
			var parts []string
			for ; at != 0; at = came[at].from {
				parts = append(parts, came[at].text)
			}
			var out strings.Builder
			for i := len(parts) - 1; i >= 0; i-- {
				out.WriteString(parts[i])
			}
			return out.String(), true
		}
		i, j := at/columns, at%columns
		visit := func(i, j int, text string) {
			if to := i*columns + j; !came[to].been {
				came[to] = step{at, text, true}
				queue = append(queue, to)
			}
		}
		starX, starY := i < len(x) && isStar(x[i].kind), j < len(y) && isStar(y[j].kind)
		switch {
		case starX && starY: // one star ends, with something that both take before its end
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
		both, meet := inBoth(&x[i], &y[j])
		if !meet {
			continue
		}
		if !starX {
			i++
		}
		if !starY {
			j++
		}
		visit(i, j, both)
	}
	return "", false
}

func isStar(k Kind) bool { return k == Star || k == FieldStar }

// inBoth returns one character that two places take, if there is one.
func inBoth(p, q *place) (string, bool) {
	switch {
	case p.kind == Text && q.kind == Text:
		return string(p.char), p.char == q.char
	case p.kind == Text:
		return string(p.char), p.char != ':' || q.kind == Star || q.kind == One
	case q.kind == Text:
		return inBoth(q, p)
	}
	return anyChar, true
}
