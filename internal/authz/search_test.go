package authz

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// words returns every text of at most n letters.
func words(letters string, n int) []string {
	out := []string{""}
	for from := 0; n > 0; n-- {
		to := len(out)
		for _, w := range out[from:to] {
			for _, c := range letters {
				out = append(out, w+string(c))
			}
		}
		from = to
	}
	return out
}

// randomConditions returns a policy whose conditions use the keys k and l and operators of one
// family.
func randomConditions(r *rand.Rand, operators, patterns []string) string {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	var list []string
	for range 1 + r.IntN(4) {
		effect := "Allow"
		if r.IntN(3) == 0 {
			effect = "Deny"
		}
		blocks := map[string][]string{}
		for range 1 + r.IntN(3) {
			key := pick([]string{"k", "k", "l"})
			op := pick(operators)
			if strings.Contains(strings.Join(blocks[op], ","), `"`+key+`":`) {
				continue
			}
			values := fmt.Sprintf("%q", pick(patterns))
			if op != "Null" && r.IntN(3) == 0 {
				values = fmt.Sprintf("[%q,%q]", pick(patterns), pick(patterns))
			}
			if op == "Null" {
				values = pick([]string{`"true"`, `"false"`})
			}
			blocks[op] = append(blocks[op], fmt.Sprintf("%q:%s", key, values))
		}
		var conditions []string
		for op, keys := range blocks {
			conditions = append(conditions, fmt.Sprintf("%q:{%s}", op, strings.Join(keys, ",")))
		}
		list = append(list,
			fmt.Sprintf(`{"Effect":%q,"Action":"*","Resource":"*","Condition":{%s}}`, effect, strings.Join(conditions, ",")))
	}
	return statements(list...)
}

// commonOutcome returns the most definite outcome that covers all outcomes.
func commonOutcome(outcomes map[Outcome]bool) Outcome {
	for o := range outcomes {
		if len(outcomes) == 1 {
			return o
		}
	}
	if outcomes[Allowed] {
		return Undecided
	}
	return Denied
}

// TestSearch_AgreesWithBruteForce compares the search over representatives with a search over all
// values of a small set. The set is large enough, because the policies treat every other value
// like one of the set.
func TestSearch_AgreesWithBruteForce(t *testing.T) {
	// To StringEquals, the wildcards of the last texts are letters.
	texts := append(words("abx", 3), "a*", "*b", "?", "a?", "?*", "*")
	var singles, sets [][]string
	for _, w := range texts {
		singles = append(singles, []string{w})
	}
	letters := []string{"", "a", "b", "x", "ab", "a*", "*"}
	for set := 1; set < 1<<len(letters); set++ {
		var texts []string
		for i, letter := range letters {
			if set&(1<<i) != 0 {
				texts = append(texts, letter)
			}
		}
		sets = append(sets, texts)
	}
	families := []struct {
		name      string
		operators []string
		patterns  []string
		values    [][]string
		multi     bool
		rounds    int
	}{
		{"strings", []string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists",
			"StringNotLikeIfExists", "Null"}, []string{"a", "b", "ab", "a*", "*b", "?", "a?", "?*", ""}, singles, false, 120},
		{"sets", []string{"ForAllValues:StringLike", "ForAnyValue:StringLike", "ForAllValues:StringNotEquals",
			"ForAnyValue:StringNotEquals", "Null"}, []string{"a", "b", "a*", "*"}, sets, true, 40},
		{"numbers", []string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"},
			[]string{"1", "2", "1.5", "-1", "zero"},
			[][]string{{"1"}, {"2"}, {"1.5"}, {"1.2"}, {"1.7"}, {"-1"}, {"0"}, {"-2"}, {"3"}, {"none"}}, false, 150},
		{"addresses", []string{"IpAddress", "NotIpAddress"},
			[]string{"10.0.0.0/8", "10.0.0.0/30", "10.0.0.1", "::/0", "::1", "none"},
			[][]string{{"9.9.9.9"}, {"10.0.0.0"}, {"10.0.0.1"}, {"10.0.0.2"}, {"10.0.0.4"}, {"11.0.0.0"}, {"::"}, {"::1"},
				{"::2"}, {"none"}}, false, 150},
	}
	for _, family := range families {
		t.Run(family.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			outcomes := map[Possibility]int{}
			for range family.rounds {
				text := randomConditions(r, family.operators, family.patterns)
				p := Policies{Identity: layerOf(t, Identity, text)}
				// The last value means that the key is absent. The lists come before it; an operator without
				// a set qualifier treats all lists alike.
				values, lists := family.values, [][]string{{"list"}, {""}}
				if family.multi {
					values, lists = nil, slices.Concat(family.values, [][]string{{"", ""}})
				}
				absent := len(values) + len(lists)
				assign := func(c *Context, key string, i int) {
					switch {
					case i < len(values):
						_ = c.Set(key, values[i][0])
					case i < absent:
						_ = c.SetMulti(key, lists[i-len(values)])
					}
				}
				allowed := false
				outcomesOfK, ofOneValue := map[Outcome]bool{}, map[Outcome]bool{}
				for i := range absent + 1 {
					for j := range absent + 1 {
						req := request(t, bob, "")
						assign(req.Context, "k", i)
						assign(req.Context, "l", j)
						o := p.Decide(req)
						allowed = allowed || o == Allowed
						if j == absent {
							outcomesOfK[o] = true
							if i < len(values) {
								ofOneValue[o] = true
							}
						}
					}
				}
				got := p.CouldAllow(request(t, bob, ""))
				outcomes[got]++
				if (got == Possible) != allowed {
					t.Fatalf("could be allowed: %v by the search, %v by brute force\n%s", got == Possible, allowed, text)
				}
				// With k unknown and l absent, the answer is the common outcome.
				if got, want := p.Decide(request(t, bob, `{"k":null}`)), commonOutcome(outcomesOfK); got != want {
					t.Fatalf("with k unknown: %s by the search, %v by brute force\n%s", got, outcomesOfK, text)
				}
				if family.multi {
					continue
				}
				req := request(t, bob, "")
				_ = req.Context.SetUnknownValue("k")
				if got, want := p.Decide(req), commonOutcome(ofOneValue); got != want {
					t.Fatalf("with one unknown value for k: %s by the search, %v by brute force\n%s", got, ofOneValue, text)
				}
			}
			if outcomes[Never] < 5 || outcomes[Possible] < 5 {
				t.Errorf("too few different answers: %v", outcomes)
			}
		})
	}
}
