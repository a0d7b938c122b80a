package pattern

import "strings"

// Covers reports whether the pattern matches every text that other matches. Where the same variable
// stands in both, it has the same value. False may mean that the steps ran out, or that the answer
// depends on the values of variables.
func (p *Pattern) Covers(other Pattern, steps *int) bool {
	*steps--
	switch text, literal := other.LiteralText(); {
	case *steps < 0:
		return false
	case p.IsEverything():
		return true
	case literal:
		*steps -= p.MatchSteps(len(text))
		return p.Match(text)
	}
	if !strings.HasPrefix(other.Prefix(), p.Prefix()) || !strings.HasSuffix(other.Suffix(), p.Suffix()) {
		return false
	}
	if p.has&fieldStars == 0 {
		places, otherPlaces := placesOf(*p, other)
		if coversInOnePass(places, otherPlaces, steps) {
			return true
		}
		if !p.hasSingle() {
			return false // coversInOnePass is exact: a character that p does not mention is a counterexample
		}
	}
	set := Set{Required: []Term{{Pattern: other}}, Excluded: []Term{{Pattern: *p}}}
	_, answer := set.Witness(steps)
	return answer == Empty
}

// hasSingle reports whether a wildcard of the pattern stands for exactly one character.
func (p *Pattern) hasSingle() bool {
	for i := range p.tokens {
		if k := p.tokens[i].Kind; k == One || k == FieldOne {
			return true
		}
	}
	return false
}

// placesOf returns the characters and wildcards of two patterns one by one.
func placesOf(p, q Pattern) (x, y []place) {
	var a automaton
	a.add(Term{Pattern: p})
	a.add(Term{Pattern: q})
	return a.places[:a.starts[1]-1], a.places[a.starts[1] : len(a.places)-1]
}

// coversInOnePass compares two patterns in one pass. It treats a wildcard of other as a letter that
// only an equally wide wildcard matches. It misses a few cases, such as `?*` for `*?`, but true is
// always correct. The pattern has no FieldStar.
func coversInOnePass(pattern, other []place, steps *int) bool {
	i, j, star, mark := 0, 0, -1, 0
	for i < len(other) {
		if *steps--; *steps < 0 {
			return false
		}
		switch {
		case j < len(pattern) && pattern[j].kind == Star:
			star, mark = j, i
			j++
		case j < len(pattern) && placeCovers(&pattern[j], &other[i]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(pattern) && pattern[j].kind == Star {
		j++
	}
	return j == len(pattern)
}

// placeCovers reports whether a literal or a single-character wildcard matches every character that a
// place of another pattern matches.
func placeCovers(p, other *place) bool {
	switch p.kind {
	case Text:
		return other.kind == Text && p.char == other.char
	case One:
		return other.kind == One || other.kind == FieldOne || other.kind == Text && other.char >= 0
	case FieldOne:
		return other.kind == FieldOne || other.kind == Text && other.char >= 0 && other.char != ':'
	}
	return false
}
