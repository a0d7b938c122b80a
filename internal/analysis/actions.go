package analysis

import (
	"slices"
	"sort"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// actionClass is a set of actions that the same rules match.
type actionClass struct {
	rules bits
	// known are the actions of the class that the catalog has, by their IDs.
	known []int
	// names are examples of actions that the catalog does not have, in lower case.
	names []string
}

// actionPattern returns the number of an action pattern, which is over text in lower case.
func (s *solver) actionPattern(p pattern.Pattern) int {
	name := p.String() // action patterns have no variables, so equal texts are equal patterns
	id, ok := s.actionIDs[name]
	if !ok {
		id = len(s.actionPatterns)
		s.actionIDs[name] = id
		s.actionPatterns = append(s.actionPatterns, p)
	}
	return id
}

// classify divides all actions into classes. It must be called after all rules are known. complete is false if there
// may be actions that no class has.
func (s *solver) classify() (classes []actionClass, complete bool) {
	names, complete := s.actionNames()
	seen := map[string]int{}
	class := func(signature bits) *actionClass {
		if signature.empty() {
			return nil
		}
		key := signature.key()
		at, ok := seen[key]
		if !ok {
			at = len(classes)
			seen[key] = at
			classes = append(classes, actionClass{rules: slices.Clone(signature)})
		}
		return &classes[at]
	}
	expanded, touched := s.expand()
	for _, id := range touched {
		if c := class(s.signature(expanded, id)); c != nil {
			c.known = append(c.known, id)
		}
	}
	if c := class(s.signature(make([]bits, len(s.actionPatterns)), 0)); c != nil { // no pattern but "*" matches the others
		next := 0
		for id := range catalog.Default().Actions() {
			if next < len(touched) && touched[next] == id {
				next++
				continue
			}
			c.known = append(c.known, id)
		}
	}
	matching := s.matchActions(names)
	for i, name := range names {
		if c := class(s.signature(matching, i)); c != nil {
			c.names = append(c.names, name)
		}
	}
	return classes, complete
}

// signature returns the rules that match an action. matching has, by pattern, the actions that the pattern matches. It
// may leave out the pattern "*", and patterns without matches.
func (s *solver) signature(matching []bits, action int) bits {
	out := newBits(len(s.rules))
	for _, r := range s.rules {
		matches := r.actions.every
		for _, p := range r.actions.patterns {
			if matches {
				break
			}
			matches = matching[p] != nil && matching[p].has(action)
		}
		if matches != r.actions.not {
			out.add(r.index)
		}
	}
	return out
}

// expand returns, by pattern, the actions of the catalog that the pattern matches, and all actions that a pattern
// other than "*" matches, sorted.
func (s *solver) expand() (matching []bits, touched []int) {
	c := catalog.Default()
	matching = make([]bits, len(s.actionPatterns))
	for i := range s.actionPatterns {
		p := &s.actionPatterns[i]
		if p.IsEverything() {
			continue
		}
		ids := c.Expand(p.String())
		if len(ids) == 0 {
			continue
		}
		matching[i] = newBits(ids[len(ids)-1] + 1)
		for _, id := range ids {
			matching[i].add(id)
		}
		touched = append(touched, ids...)
	}
	slices.Sort(touched)
	return matching, slices.Compact(touched)
}

// actionNames returns the actions that the patterns name and the catalog does not have, in lower case, and one fresh
// action for each combination of wildcards that an action may match, sorted.
func (s *solver) actionNames() (names []string, complete bool) {
	var wild []pattern.Pattern
	for i := range s.actionPatterns {
		p := &s.actionPatterns[i]
		if text, literal := p.LiteralText(); literal {
			if isAction(text) && catalog.Default().Action(text) == nil {
				names = append(names, text)
			}
		} else if !p.IsEverything() {
			wild = append(wild, *p)
		}
	}
	fresh, complete := s.freshActions(wild)
	for _, name := range fresh {
		if catalog.Default().Action(name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), complete
}

// isAction reports whether a text may be the name of an action.
func isAction(text string) bool {
	service, name, ok := strings.Cut(text, ":")
	return ok && service != "" && name != "" && !strings.ContainsAny(name, ": \t\r\n*?") &&
		!strings.ContainsAny(service, " \t\r\n*?")
}

// freshActions returns actions that no pattern names in full: at least one for each set of patterns that such an
// action may match.
//
// Without `?`, one action for each pattern, and for each way in which several patterns overlap, is enough: a character
// that no pattern mentions takes the place of the wildcards, so that another pattern matches the action only if it
// matches everything that the first one does.
func (s *solver) freshActions(wild []pattern.Pattern) (names []string, complete bool) {
	single := false
	all := "*:*"
	texts := []string{all}
	for i := range wild {
		text := wild[i].String()
		texts = append(texts, text)
		single = single || strings.Contains(text, "?")
	}
	if single {
		return s.representativeActions()
	}
	texts, complete = overlaps(texts, s.depth, &s.steps)
	fresh := s.freshCharacter()
	for _, text := range texts {
		if name := strings.ReplaceAll(text, "*", fresh); isAction(name) {
			names = append(names, name)
		}
	}
	return names, complete
}

// freshCharacter returns a character that no action pattern mentions.
func (s *solver) freshCharacter() string {
	used := map[rune]bool{}
	for i := range s.actionPatterns {
		for t := range s.actionPatterns[i].Tokens() {
			for _, r := range t.Text {
				used[r] = true
			}
		}
	}
	for _, r := range "x0123456789_-zqjkwyv" {
		if !used[r] {
			return string(r)
		}
	}
	r := 'à'
	for used[r] {
		r++
	}
	return string(r)
}

// representativeActions returns an action for each combination of patterns that an action may match.
func (s *solver) representativeActions() (names []string, complete bool) {
	terms := []pattern.Term{{Pattern: pattern.Glob("?*:?*")}}
	for i := range s.actionPatterns {
		if !s.actionPatterns[i].IsEverything() {
			terms = append(terms, pattern.Term{Pattern: s.actionPatterns[i]})
		}
	}
	// The colons and spaces that an action may not have need terms of their own, so that a shortest text has none.
	for _, char := range []string{"*:*:*", "* *", "*\t*", "*\r*", "*\n*"} {
		terms = append(terms, pattern.Term{Pattern: pattern.Glob(char)})
	}
	steps := min(s.steps, maxActionSteps)
	spent := steps
	texts, complete := pattern.Representatives(terms, &steps)
	s.steps -= spent - steps
	for _, text := range texts {
		if isAction(text) {
			names = append(names, text)
		}
	}
	return names, complete
}

// maxActionSteps bounds the search for actions that match patterns with `?`.
const maxActionSteps = 2_000_000

// matchActions returns, for each action pattern, the set of the sorted names that it matches.
func (s *solver) matchActions(names []string) []bits {
	out := make([]bits, len(s.actionPatterns))
	for i := range s.actionPatterns {
		p := &s.actionPatterns[i]
		set := newBits(len(names))
		if p.IsEverything() {
			for j := range names {
				set.add(j)
			}
		} else {
			prefix := p.Prefix()
			for j := sort.SearchStrings(names, prefix); j < len(names) && strings.HasPrefix(names[j], prefix); j++ {
				if p.Match(names[j]) {
					set.add(j)
				}
			}
		}
		out[i] = set
	}
	return out
}
