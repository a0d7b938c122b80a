package analysis

import (
	"encoding/binary"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// pattern returns the number of a resource pattern.
func (s *solver) pattern(p pattern.Pattern) int {
	name := patternName(p)
	id, ok := s.patternIDs[name]
	if !ok {
		id = len(s.patterns)
		s.patternIDs[name] = id
		s.patterns = append(s.patterns, p)
	}
	return id
}

// place is a set of resources: those that match each required pattern and no excluded one.
type place struct{ required, excluded []int }

type resourceAnswer struct {
	text   string
	status status
}

// resource looks for a resource of the domain in the set.
func (s *solver) resource(at place, d *domain, w *world) (string, status) {
	key := make([]byte, 0, 4*(len(at.required)+len(at.excluded))+8)
	key = binary.AppendUvarint(key, uint64(d.id)) //nolint:gosec // never negative
	key = binary.AppendUvarint(key, uint64(w.id)) //nolint:gosec // never negative
	for _, p := range at.required {
		key = binary.AppendUvarint(key, uint64(p)+1) //nolint:gosec // never negative
	}
	key = append(key, 0)
	for _, p := range at.excluded {
		key = binary.AppendUvarint(key, uint64(p)+1) //nolint:gosec // never negative
	}
	if a, ok := s.resourceMemory[string(key)]; ok {
		return a.text, a.status
	}
	text, st := s.findResource(at, d, w)
	s.resourceMemory[string(key)] = resourceAnswer{text, st}
	return text, st
}

func (s *solver) findResource(at place, d *domain, w *world) (string, status) {
	s.steps -= 1 + len(at.excluded)
	set := pattern.Set{}
	for _, id := range at.required {
		p, exists := s.filled(id, w)
		if !exists {
			return "", none
		}
		if p.IsEverything() {
			continue
		}
		if clash(append(set.Required, pattern.Term{Pattern: p})) {
			return "", none
		}
		set.Required = append(set.Required, pattern.Term{Pattern: p})
	}
	for _, id := range at.excluded {
		for _, r := range at.required {
			if s.covers(id, r) {
				return "", none
			}
		}
		p, exists := s.filled(id, w)
		if !exists {
			continue
		}
		if p.IsEverything() {
			return "", none
		}
		reached := true
		for i := range set.Required {
			r := &set.Required[i].Pattern
			if patternsApart(r, &p) {
				reached = false
				break
			}
			if p.Covers(*r, &s.steps) {
				return "", none
			}
		}
		if reached {
			set.Excluded = append(set.Excluded, pattern.Term{Pattern: p})
		}
	}
	formats := d.formats()
	if d.star && set.Contains("*") && s.ifSettled(&set) == found {
		if len(set.Required) == 0 && len(set.Excluded) == 0 || len(formats) == 0 {
			return "*", found
		}
	}
	best := none
	for i := range formats {
		text, st := s.resourceOf(&set, &formats[i])
		if st == found {
			return text, found
		}
		best = max(best, st)
	}
	if d.star && set.Contains("*") {
		st := s.ifSettled(&set)
		return "*", max(st, best)
	}
	return "", best
}

// filled returns a resource pattern with the settled variables filled in. exists is false if it matches nothing.
func (s *solver) filled(id int, w *world) (p pattern.Pattern, exists bool) {
	p = s.patterns[id]
	if !p.HasVariables() {
		return p, true
	}
	p, result := p.FillGiven(w)
	return p, result != pattern.NoValue
}

// resourceOf looks for an ARN of the format in the set.
func (s *solver) resourceOf(set *pattern.Set, f *format) (string, status) {
	for i := range set.Required {
		r := &set.Required[i].Pattern
		if patternsApart(r, &f.pattern) || f.service != "" && !mayBeOf(r, f.service) {
			return "", none
		}
	}
	settled := s.ifSettled(set) == found
	if settled {
		if text, ok := readableResource(set, f); ok {
			return text, found
		}
	} else if len(set.Required) == 1 {
		// With one required pattern, variables are exact.
		if _, answer := set.Witness(&s.steps); answer == pattern.Empty {
			return "", none
		}
	}
	with := pattern.Set{Required: append(set.Required[:len(set.Required):len(set.Required)],
		pattern.Term{Pattern: f.pattern}), Excluded: set.Excluded}
	text, answer := with.Witness(&s.steps)
	return text, statusOf(answer)
}

// mayBeOf reports whether a pattern may match an ARN of a service. It only looks at the literal beginning.
func mayBeOf(p *pattern.Pattern, service string) bool {
	fields := strings.SplitN(p.Prefix(), ":", 4)
	return len(fields) < 4 || fields[2] == service
}

// readableResource returns a text of the set that reads well, if it finds one.
func readableResource(set *pattern.Set, f *format) (string, bool) {
	likes := [...]pattern.Pattern{f.usual, f.pattern}
	for i := range max(len(set.Required), 1) {
		for _, like := range likes {
			common := like
			if len(set.Required) > 0 {
				common = set.Required[i].Pattern
			}
			text, ok := pattern.Intersect(common, like)
			if !ok {
				continue
			}
			for _, star := range [...]string{"a", "b", "anything"} {
				nice := strings.ReplaceAll(text, "anything", star)
				if f.pattern.Match(nice) && set.Contains(nice) {
					return nice, true
				}
			}
		}
	}
	return "", false
}
