package access

import (
	"slices"
	"strings"
)

// alternatives is a condition: one of the lists must be true as a whole. Without a list it is never true; with an empty
// list it is always true.
type alternatives [][]string

var always = alternatives{nil}

// anyOf returns the condition for which one of the statements applies.
func anyOf(clauses []clause) (out alternatives) {
	for _, c := range clauses {
		out = out.or(alternatives{c.conditions})
	}
	return out
}

// or returns the condition that one of two conditions is true. It omits a list that contains another list, because the
// other one is true whenever it is.
func (a alternatives) or(b alternatives) alternatives {
	var out alternatives
	for _, list := range slices.Concat(a, b) {
		if slices.ContainsFunc(out, func(other []string) bool { return containsAll(list, other) }) {
			continue
		}
		out = slices.DeleteFunc(out, func(other []string) bool { return containsAll(other, list) })
		out = append(out, list)
	}
	return out
}

func containsAll(list, part []string) bool {
	return !slices.ContainsFunc(part, func(text string) bool { return !slices.Contains(list, text) })
}

// maxAlternatives limits the number of lists that and returns, so that a message stays readable.
const maxAlternatives = 8

// and returns the condition that both conditions are true.
func (a alternatives) and(b alternatives) alternatives {
	if len(a)*len(b) > maxAlternatives && !a.isAlways() && !b.isAlways() {
		return alternatives{{"(" + a.String() + ")", "(" + b.String() + ")"}}
	}
	var out alternatives
	for _, x := range a {
		for _, y := range b {
			list := slices.Clone(x)
			for _, text := range y {
				if !slices.Contains(list, text) {
					list = append(list, text)
				}
			}
			out = out.or(alternatives{list})
		}
	}
	return out
}

func (a alternatives) isAlways() bool { return len(a) == 1 && len(a[0]) == 0 }

// String returns the condition as a clause. It is empty if the condition is always true.
func (a alternatives) String() string {
	texts := make([]string, len(a))
	for i, list := range a {
		texts[i] = strings.Join(list, " and ")
	}
	return strings.Join(texts, ", or ")
}
