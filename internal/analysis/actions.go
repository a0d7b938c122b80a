package analysis

import (
	"slices"
	"sort"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// actionClass is a set of actions that the same rules match.
type actionClass struct {
	rules bits
	// names are examples, in lower case. Known actions come first.
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
	matching := s.matchActions(names)
	seen := map[string]int{}
	for i, name := range names {
		signature := newBits(len(s.rules))
		for _, r := range s.rules {
			if r.actions.every && !r.actions.not {
				signature.add(r.index)
				continue
			}
			matches := false
			for _, p := range r.actions.patterns {
				if matches = matching[p].has(i); matches {
					break
				}
			}
			if (matches || r.actions.every) != r.actions.not {
				signature.add(r.index)
			}
		}
		if signature.empty() {
			continue
		}
		key := signature.key()
		at, ok := seen[key]
		if !ok {
			at = len(classes)
			seen[key] = at
			classes = append(classes, actionClass{rules: signature})
		}
		classes[at].names = append(classes[at].names, name)
	}
	return classes, complete
}

// actionNames returns the actions that the patterns name, in lower case, and one fresh action for each combination of
// wildcards that an action may match, sorted.
func (s *solver) actionNames() (names []string, complete bool) {
	var wild []pattern.Pattern
	for i := range s.actionPatterns {
		p := &s.actionPatterns[i]
		if text, literal := p.LiteralText(); literal {
			if isAction(text) {
				names = append(names, text)
			}
		} else if !p.IsEverything() {
			wild = append(wild, *p)
		}
	}
	fresh, complete := s.freshActions(wild)
	names = append(names, fresh...)
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
	texts, complete = overlaps(texts, &s.steps)
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
