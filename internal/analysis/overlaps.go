package analysis

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// maxOverlaps bounds the patterns that overlaps returns.
const maxOverlaps = 4000

// overlaps returns globs without `?` and the globs in which up to depth of them overlap: a text matches several of the
// globs exactly if it matches an overlap of them, or some of them cover the others. complete is false if there are too
// many.
func overlaps(globs []string, depth int, steps *int) (all []string, complete bool) {
	seen := map[string]bool{}
	for _, g := range globs {
		if !seen[g] {
			seen[g] = true
			all = append(all, g)
		}
	}
	globs = all
	covers := func(g, other string) bool {
		p := pattern.Glob(g)
		return p.Covers(pattern.Glob(other), steps)
	}
	level := globs
	complete = true
	for ; depth > 1 && len(level) > 0; depth-- {
		var next []string
		for _, a := range level {
			for _, b := range globs {
				if a == b || endsApart(a, b) || covers(a, b) || covers(b, a) {
					continue
				}
				meets, ok := meet(a, b)
				complete = complete && ok
				for _, m := range meets {
					if seen[m] {
						continue
					}
					if len(all) >= maxOverlaps {
						return all, false
					}
					seen[m] = true
					all, next = append(all, m), append(next, m)
				}
			}
		}
		level = next
	}
	return all, complete
}

// endsApart reports whether the literal ends of two globs differ, so that no text matches both.
func endsApart(a, b string) bool {
	p, _, _ := strings.Cut(a, "*")
	q, _, _ := strings.Cut(b, "*")
	if n := min(len(p), len(q)); p[:n] != q[:n] {
		return true
	}
	p, q = a[strings.LastIndexByte(a, '*')+1:], b[strings.LastIndexByte(b, '*')+1:]
	n := min(len(p), len(q))
	return p[len(p)-n:] != q[len(q)-n:]
}

// meet returns globs that together match exactly the texts that both globs match. ok is false if there are too many.
func meet(a, b string) (globs []string, ok bool) {
	const most = 64
	memory := map[[2]int][]string{}
	ok = true
	var from func(i, j int) []string
	from = func(i, j int) []string {
		key := [2]int{i, j}
		if known, done := memory[key]; done {
			return known
		}
		var out []string
		add := func(before string, rest []string) {
			for _, r := range rest {
				text := before + r
				if before == "*" && strings.HasPrefix(r, "*") {
					text = r
				}
				if len(out) >= most {
					ok = false
					return
				}
				out = append(out, text)
			}
		}
		starA, starB := i < len(a) && a[i] == '*', j < len(b) && b[j] == '*'
		switch {
		case i == len(a) && j == len(b):
			out = []string{""}
		case starA && starB:
			add("*", from(i+1, j))
			add("*", from(i, j+1))
		case starA:
			add("", from(i+1, j))
			if j < len(b) {
				add(b[j:j+1], from(i, j+1))
			}
		case starB:
			add("", from(i, j+1))
			if i < len(a) {
				add(a[i:i+1], from(i+1, j))
			}
		case i < len(a) && j < len(b) && a[i] == b[j]:
			add(a[i:i+1], from(i+1, j+1))
		}
		seen := map[string]bool{}
		distinct := out[:0]
		for _, text := range out {
			if !seen[text] {
				seen[text] = true
				distinct = append(distinct, text)
			}
		}
		memory[key] = distinct
		return distinct
	}
	return from(0, 0), ok
}
