package main

import (
	"slices"
	"testing"
)

var tested = scenarios("abcd")

func TestWorkload_HasAllOutcomes(t *testing.T) {
	for _, w := range tested {
		if err := checkMix(w); err != nil {
			t.Error(err)
		}
		allow, explicit, implicit := w.mix()
		t.Logf("scenario %s: %d statements; %d allowed, %d explicitly and %d implicitly denied", w.name, len(w.statements()),
			allow, explicit, implicit)
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"abc", "abc", true}, {"abc", "abcd", false}, {"a*c", "ac", true}, {"a*c", "abbc", true}, {"a*c", "abcd", false},
		{"a?c", "abc", true}, {"a?c", "ac", false}, {"*", "", true}, {"a*b*c", "axxbyyc", true}, {"a*b*c", "axxcyyb", false},
		{"*ab", "aab", true}, {"a.c", "abc", false}, {"*?", "", false}, {"x*", "y", false},
	} {
		if got := glob(c.pattern, c.s); got != c.want {
			t.Errorf("glob(%q, %q) = %v", c.pattern, c.s, got)
		}
	}
}

// TestEngines_Agree checks that all engines give the same answers. Without that, the
// measurements would mean nothing.
func TestEngines_Agree(t *testing.T) {
	for _, w := range tested {
		for _, c := range contenders {
			if !c.runsIn(w.name) {
				continue
			}
			t.Run(w.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				e, err := c.source(w)()
				if err != nil {
					t.Fatal(err)
				}
				e.prepare(w)
				limit := c.sample[w.name]
				if limit == 0 && testing.Short() {
					limit = 1000
				}
				n, err := check(w, c.name, e, limit)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%d of %d answers compared", n, len(w.requests))
			})
		}
	}
}

// TestDecide_AllocatesNothing checks that a decision of the evaluator allocates nothing.
func TestDecide_AllocatesNothing(t *testing.T) {
	for _, w := range tested {
		e, err := contenders[0].source(w)()
		if err != nil {
			t.Fatal(err)
		}
		e.prepare(w)
		e.run(0, len(w.requests)) // grows the reused buffers to their final sizes
		if n := testing.AllocsPerRun(1, func() { e.run(0, len(w.requests)) }); n != 0 {
			t.Errorf("scenario %s: %v allocations in %d decisions", w.name, n, len(w.requests))
		}
	}
}

// BenchmarkDecide has one benchmark for each scenario and engine, for profiling. To
// compare engines, use `go run .`: it runs the engines in turns, so that the load of the
// machine affects all of them.
func BenchmarkDecide(b *testing.B) {
	for _, w := range tested {
		for _, c := range contenders {
			if !c.runsIn(w.name) {
				continue
			}
			b.Run(w.name+"/"+c.name, func(b *testing.B) {
				e, err := c.source(w)()
				if err != nil {
					b.Fatal(err)
				}
				e.prepare(w)
				if _, err := check(w, c.name, e, max(40, min(c.sample[w.name], 500))); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.ResetTimer()
				e.run(0, b.N)
			})
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, w := range tested {
		for _, c := range contenders {
			if !c.runsIn(w.name) {
				continue
			}
			b.Run(w.name+"/"+c.name, func(b *testing.B) {
				build := c.source(w)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := build(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func TestScenarios_Repeatable(t *testing.T) {
	again := scenarios("b")[0]
	if !slices.EqualFunc(again.requests, tested[1].requests, func(x, y request) bool { return x.id() == y.id() }) {
		t.Error("two runs generate different requests")
	}
}
