package policy

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// maxSteps bounds the search for redundant entries in one document, because a list of thousands of
// patterns has millions of pairs. When the steps run out, the search reports nothing more.
const maxSteps = 4_000_000

// entry is a pattern of a list that is searched for redundant ones.
type entry struct {
	index int
	text  string // equal texts are equal patterns
	// covers reports whether the entry matches whatever another one of the list matches.
	covers func(other *entry, steps *int) bool
	action pattern.Pattern
	arn    pattern.ARN
	// wide is set if the pattern can match more than its own text. If group is not empty, the pattern
	// can cover only patterns of the same group.
	wide  bool
	group string
}

func newActionEntry(index int, text string) *entry {
	e := &entry{index: index, text: ascii.Fold(text), wide: hasWildcard(text)}
	e.action = actionPattern(text)
	e.covers = func(other *entry, steps *int) bool { return e.action.Covers(other.action, steps) }
	if service := actionService(e.text); !hasWildcard(service) {
		e.group = service
	}
	return e
}

func newResourceEntry(index int, text string, arn pattern.ARN) *entry {
	e := &entry{index: index, text: text, wide: arn.Everything, arn: arn}
	e.covers = func(other *entry, steps *int) bool { return e.arn.Covers(&other.arn, steps) }
	for i := range arn.Fields {
		e.wide = e.wide || arn.Fields[i].HasWildcards()
	}
	return e
}

// actionPattern returns an action pattern in lower case.
func actionPattern(text string) pattern.Pattern { return pattern.Glob(ascii.Fold(text)) }

// redundant returns the entries that another entry covers, and an entry that covers the first of
// them. Of entries that cover each other, the first one is not redundant.
func redundant(entries []*entry, steps *int) (found []int, by int) {
	first := make(map[string]int, len(entries))
	wide := map[string][]int{} // by group
	for i, e := range entries {
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
				if j != i && entries[j].covers(entries[i], steps) && (j < i || !entries[i].covers(entries[j], steps)) {
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
	entries := make([]*entry, 0, len(l.Values))
	for i, v := range l.Values {
		if !v.Unknown {
			entries = append(entries, newActionEntry(i, v.Value))
		}
	}
	c.redundant(l, at, CodeRedundantAction, entries)
}

func (c *checker) redundantResources(l *List, at string) {
	if len(l.Values) < 2 {
		return
	}
	entries := make([]*entry, 0, len(l.Values))
	for i, v := range l.Values {
		if arn, err := ParseResource(v.Value, c.variables); !v.Unknown && err == nil {
			entries = append(entries, newResourceEntry(i, v.Value, arn))
		}
	}
	c.redundant(l, at, CodeRedundantResource, entries)
}

func (c *checker) redundant(l *List, at string, code Code, entries []*entry) {
	found, by := redundant(entries, &c.steps)
	switch first := 0; len(found) {
	case 0:
	case 1:
		first = found[0]
		c.add(Suggestion, code, l.ValuePath(at, first), l.Values[first].Pos,
			"%s adds nothing to %s, which is listed too. Remove it.", Quote(l.Values[first].Value), Quote(l.Values[by].Value))
	default:
		first = found[0]
		c.add(Suggestion, code, l.ValuePath(at, first), l.Values[first].Pos,
			"%d of the %d entries add nothing to the others. The first of them is %s, which %s covers. Remove them.",
			len(found), len(l.Values), Quote(l.Values[first].Value), Quote(l.Values[by].Value))
	}
}

// duplicates reports values that a list has twice.
func (c *checker) duplicates(l *List, at string, fold bool) {
	seen := make(map[string]bool, len(l.Values))
	for i, v := range l.Values {
		text := v.Value
		if fold {
			text = ascii.Fold(text)
		}
		if !v.Unknown && seen[text] {
			c.add(Suggestion, CodeRedundantValue, l.ValuePath(at, i), v.Pos,
				"The list has %s twice. Remove one.", Quote(v.Value))
		}
		seen[text] = seen[text] || !v.Unknown
	}
}

// repeated reports a statement that is equal to an earlier one, apart from its Sid.
func (c *checker) repeated(s *Statement, at string) {
	if len(c.doc.Statements) < 2 || !s.known() {
		return
	}
	same := s.canonical()
	same.Sid, same.HasSid = Text{}, false
	text := string(same.appendJSON(nil))
	if first, ok := c.statements[text]; ok {
		c.add(Suggestion, CodeRedundantStatement, at, s.Pos,
			"The statement repeats %s. Remove one of them.", c.doc.statementPath(first))
		return
	}
	c.statements[text] = s.Index
}
