package reference

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// decide parses and evaluates a case.
func decide(t *testing.T, text []byte) (string, Case, error) {
	t.Helper()
	var c Case
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatalf("the case itself: %v\n%s", err, text)
	}
	outcome, err := Decide(c)
	return outcome, c, err
}

func TestDecide_SharedCases(t *testing.T) {
	file, err := os.Open("../../../testdata/decisions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		outcome, c, err := decide(t, lines.Bytes())
		t.Run(c.ID, func(t *testing.T) {
			if err != nil {
				t.Fatal(err)
			}
			if outcome != c.Expect {
				t.Errorf("got %s, want %s: %s\n%s", outcome, c.Expect, c.Note, lines.Text())
			}
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestDecide_Cases(t *testing.T) {
	for _, tc := range Cases() {
		t.Run(tc.Name, func(t *testing.T) {
			outcome, _, err := decide(t, []byte(tc.Case))
			if err != nil {
				outcome = Refused
			}
			if outcome != tc.Expect {
				t.Errorf("got %s (%v), want %s\n%s", outcome, err, tc.Expect, tc.Case)
			}
		})
	}
}

// TestCases_CoverEveryRule checks that every rule has a case and that names are unique.
func TestCases_CoverEveryRule(t *testing.T) {
	names, rules := map[string]bool{}, map[int]bool{}
	number := regexp.MustCompile(`^[0-9]+`)
	for _, tc := range Cases() {
		if names[tc.Name] {
			t.Errorf("two cases are named %q", tc.Name)
		}
		names[tc.Name] = true
		rule, _ := strconv.Atoi(number.FindString(tc.Name))
		rules[rule] = true
	}
	for rule := 15; rule <= 71; rule++ {
		if !rules[rule] {
			t.Errorf("no case for rule %d", rule)
		}
	}
}

func TestGenerate_IsDeterministic(t *testing.T) {
	texts := func(seed uint64) []string {
		r := rand.New(rand.NewPCG(seed, 1))
		var all []string
		for range 200 {
			text, err := json.Marshal(Generate(r))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(text))
		}
		return all
	}
	first, again, other := texts(7), texts(7), texts(8)
	same := 0
	for i := range first {
		if first[i] != again[i] {
			t.Fatalf("case %d differs between two runs with one seed:\n%s\n%s", i, first[i], again[i])
		}
		if first[i] == other[i] {
			same++
		}
	}
	if same > len(first)/10 {
		t.Errorf("%d of %d cases are the same under another seed", same, len(first))
	}
}

// TestGenerate_IsValid checks that every generated case is valid, that writing and reading it changes
// nothing, and that each focus leads to a mix of outcomes.
func TestGenerate_IsValid(t *testing.T) {
	const each = 1000
	total, sum := map[string]int{}, 0
	for _, focus := range Focuses() {
		r := rand.New(rand.NewPCG(1, 2))
		mix := map[string]int{}
		for range each {
			c := GenerateFocused(r, focus)
			text, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			outcome, _, err := decide(t, text)
			if err != nil {
				t.Fatalf("%s: %v\n%s", focus, err, text)
			}
			if direct, err := Decide(c); err != nil || direct != outcome {
				t.Fatalf("%s: %s (%v) before writing, %s after\n%s", focus, direct, err, outcome, text)
			}
			mix[outcome]++
			total[outcome]++
			sum++
		}
		t.Logf("%-12s %4.1f%% allowed, %4.1f%% explicitly, %4.1f%% implicitly denied", focus,
			percent(mix[Allowed], each), percent(mix[ExplicitlyDenied], each), percent(mix[ImplicitlyDenied], each))
		if percent(mix[Allowed], each) < 10 {
			t.Errorf("focus %s allows fewer than 10%% of its cases", focus)
		}
	}
	for outcome, least := range map[string]float64{Allowed: 20, ExplicitlyDenied: 8, ImplicitlyDenied: 20} {
		if percent(total[outcome], sum) < least {
			t.Errorf("only %.1f%% %s", percent(total[outcome], sum), outcome)
		}
	}
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(of) }
