package policy

import "github.com/iam-as-code/terraform-provider-iam/internal/ascii"

// maxSteps bounds the comparisons that look for redundant entries in one
// document: a list of thousands of patterns would else cost millions of them.
// Where it runs out, what is redundant goes unsaid.
const maxSteps = 4_000_000

// Wildcards and variables within a pattern of runes. They are no characters.
const (
	starRune rune = -1 - iota
	anyRune
	variableRune
)

// patternRunes is a pattern as runes.
func patternRunes(parts []Part) []rune {
	var out []rune
	for _, p := range parts {
		switch p.Kind {
		case Star:
			out = append(out, starRune)
		case AnyOne:
			out = append(out, anyRune)
		case Variable:
			out = append(out, variableRune)
		default:
			out = append(out, []rune(p.Text)...)
		}
	}
	return out
}

// actionRunes is an action pattern as runes.
func actionRunes(pattern string) []rune {
	parts, _ := ParsePattern(ascii.Fold(pattern), false) // without variables there is no error
	return patternRunes(parts)
}

// covers reports whether pattern matches whatever other, itself perhaps a
// pattern, matches: a star of other is matched by a star only, a variable too.
// It may miss a few cases, such as `?*` for `*?`, but never claims too much.
// Every step counts; without steps the answer is no.
func covers(pattern, other []rune, steps *int) bool {
	i, j, star, mark := 0, 0, -1, 0
	for i < len(other) {
		if *steps--; *steps < 0 {
			return false
		}
		switch {
		case j < len(pattern) && pattern[j] == starRune:
			star, mark = j, i
			j++
		case j < len(pattern) && (pattern[j] == other[i] && other[i] != variableRune || pattern[j] == anyRune && other[i] >= 0):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(pattern) && pattern[j] == starRune {
		j++
	}
	return j == len(pattern)
}

// entry is a pattern of a list that is looked through for redundant ones.
type entry struct {
	index int
	text  string // equal texts are equal patterns
	// fields are compared one by one; none means that the pattern is
	// everything.
	fields [][]rune
	// wide says that the pattern can match more than its own text, and group
	// to which other patterns that is confined, if not empty.
	wide  bool
	group string
}

func (e *entry) covers(other *entry, steps *int) bool {
	if len(e.fields) == 0 {
		return true
	}
	if len(other.fields) == 0 {
		return false
	}
	for i := range e.fields {
		if !covers(e.fields[i], other.fields[i], steps) {
			return false
		}
	}
	return true
}

// redundant finds the entries that another entry covers, and one that covers
// the first of them. Of entries that cover each other the first one stays.
func redundant(entries []entry, steps *int) (found []int, by int) {
	first := make(map[string]int, len(entries))
	wide := map[string][]int{} // by group
	for i := range entries {
		e := &entries[i]
		if _, ok := first[e.text]; ok {
			continue
		}
		first[e.text] = i
		if e.wide {
			wide[e.group] = append(wide[e.group], i)
		}
	}
	coverer := func(i int) (int, bool) {
		if j := first[entries[i].text]; j != i {
			return j, true
		}
		for _, group := range [...]string{"", entries[i].group} {
			for _, j := range wide[group] {
				if j != i && entries[j].covers(&entries[i], steps) && (j < i || !entries[i].covers(&entries[j], steps)) {
					return j, true
				}
				if *steps < 0 {
					return 0, false
				}
			}
			if entries[i].group == "" {
				break
			}
		}
		return 0, false
	}
	for i := range entries {
		if j, ok := coverer(i); ok {
			if len(found) == 0 {
				by = entries[j].index
			}
			found = append(found, entries[i].index)
		}
	}
	return found, by
}

func (c *checker) redundantActions(l *List, at string) {
	if len(l.Values) < 2 {
		return
	}
	entries := make([]entry, 0, len(l.Values))
	for i, v := range l.Values {
		if v.Unknown {
			continue
		}
		e := entry{index: i, text: ascii.Fold(v.Value), wide: hasWildcard(v.Value)}
		if v.Value != "*" {
			e.fields = [][]rune{actionRunes(v.Value)}
		}
		if service := actionService(e.text); !hasWildcard(service) {
			e.group = service
		}
		entries = append(entries, e)
	}
	c.redundant(l, at, CodeRedundantAction, entries)
}

func (c *checker) redundantResources(l *List, at string) {
	if len(l.Values) < 2 {
		return
	}
	entries := make([]entry, 0, len(l.Values))
	for i, v := range l.Values {
		p, err := ParseResource(v.Value, c.variables)
		if v.Unknown || err != nil {
			continue
		}
		e := entry{index: i, text: v.Value, wide: true}
		if !p.Everything {
			e.wide = false
			e.fields = make([][]rune, len(p.Fields))
			for j, field := range p.Fields {
				e.fields[j] = patternRunes(field)
				for _, part := range field {
					e.wide = e.wide || part.Kind == Star || part.Kind == AnyOne
				}
			}
		}
		entries = append(entries, e)
	}
	c.redundant(l, at, CodeRedundantResource, entries)
}

func (c *checker) redundant(l *List, at string, code Code, entries []entry) {
	found, by := redundant(entries, &c.steps)
	switch first := 0; len(found) {
	case 0:
	case 1:
		first = found[0]
		c.add(Suggestion, code, l.ValuePath(at, first), l.Values[first].Pos, "%s adds nothing to %s, which is listed too. Remove it.", Quote(l.Values[first].Value), Quote(l.Values[by].Value))
	default:
		first = found[0]
		c.add(Suggestion, code, l.ValuePath(at, first), l.Values[first].Pos, "%d of the %d entries add nothing to the others, the first of them %s, which %s covers. Remove them.", len(found), len(l.Values), Quote(l.Values[first].Value), Quote(l.Values[by].Value))
	}
}

// duplicates looks for values that stand in a list twice.
func (c *checker) duplicates(l *List, at string, fold bool) {
	seen := make(map[string]bool, len(l.Values))
	for i, v := range l.Values {
		text := v.Value
		if fold {
			text = ascii.Fold(text)
		}
		if !v.Unknown && seen[text] {
			c.add(Suggestion, CodeRedundantValue, l.ValuePath(at, i), v.Pos, "%s stands in the list twice. Remove one.", Quote(v.Value))
		}
		seen[text] = seen[text] || !v.Unknown
	}
}

// repeated looks for statements that say the same, whatever their Sid.
func (c *checker) repeated(s *Statement, at string) {
	if len(c.doc.Statements) < 2 || !s.known() {
		return
	}
	same := s.canonical()
	same.Sid, same.HasSid = Text{}, false
	text := string(same.appendJSON(nil))
	if first, ok := c.statements[text]; ok {
		c.add(Suggestion, CodeRedundantStatement, at, s.Pos, "The statement says the same as %s. Remove one of them.", c.doc.statementPath(first))
		return
	}
	c.statements[text] = s.Index
}
