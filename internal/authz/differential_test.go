package authz

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz/reference"
)

// compareWithReference decides a generated case by this package and by the reference. If thorough
// is set, it also checks the properties that every decision has.
func compareWithReference(t *testing.T, generated reference.Case, thorough bool) (outcome string) {
	t.Helper()
	text, err := json.Marshal(generated)
	if err != nil {
		t.Fatal(err)
	}
	want, wantErr := reference.Decide(generated)
	var c caseText
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	p, r, gotErr := c.decode()
	if (gotErr != nil) != (wantErr != nil) {
		t.Fatalf("error %v, but %v by the reference\n%s", gotErr, wantErr, text)
	}
	if gotErr != nil {
		return "refused"
	}
	if got := p.Decide(r).String(); got != want {
		t.Fatalf("%s, but %s by the reference\n%s", got, want, text)
	}
	if thorough {
		if checkConsistent(t, p, r); t.Failed() {
			t.Logf("%s", text)
		}
	}
	return want
}

// caseCount returns the number of cases to generate: IAM_CASES if it is set, few in short mode and under
// the race detector, and many otherwise.
func caseCount(t *testing.T, many, few int) int {
	t.Helper()
	if text := os.Getenv("IAM_CASES"); text != "" {
		cases, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("IAM_CASES is %q, not a number", text)
		}
		return cases
	}
	if testing.Short() || raceDetector {
		return few
	}
	return many
}

// countOutcomes runs cases in several parallel parts, each with its own random numbers. It returns the
// number of cases for each outcome.
func countOutcomes(t *testing.T, cases int, salt uint64,
	one func(t *testing.T, r *rand.Rand, i int, count func(outcome string))) map[string]int {
	t.Helper()
	const parts = 8
	outcomes := make([]map[string]int, parts)
	t.Run("cases", func(t *testing.T) {
		for part := range parts {
			outcomes[part] = map[string]int{}
			t.Run(strconv.Itoa(part), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(uint64(part), salt))
				for i := range cases / parts {
					one(t, r, i, func(outcome string) { outcomes[part][outcome]++ })
				}
			})
		}
	})
	total := map[string]int{}
	for _, part := range outcomes {
		for outcome, n := range part {
			total[outcome] += n
		}
	}
	t.Logf("%v", total)
	return total
}

// TestDecide_AgreesWithReference compares the decisions of generated cases with those of package
// reference. IAM_CASES sets the number of cases.
func TestDecide_AgreesWithReference(t *testing.T) {
	cases := caseCount(t, 200_000, 10_000)
	total := countOutcomes(t, cases, 2012_10_17, func(t *testing.T, r *rand.Rand, i int, count func(string)) {
		count(compareWithReference(t, reference.Generate(r), i%16 == 0))
	})
	for _, outcome := range []string{"Allowed", "ExplicitlyDenied", "ImplicitlyDenied"} {
		if total[outcome] < cases/20 {
			t.Errorf("only %d of %d cases are %s, too few for a meaningful comparison", total[outcome], cases, outcome)
		}
	}
}

func FuzzDecide_AgreesWithReference(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, one, two uint64) {
		compareWithReference(t, reference.Generate(rand.New(rand.NewPCG(one, two))), true)
	})
}

// TestDecide_ReferenceCases decides the table of cases of package reference.
func TestDecide_ReferenceCases(t *testing.T) {
	for _, named := range reference.Cases() {
		t.Run(named.Name, func(t *testing.T) {
			var c caseText
			if err := json.Unmarshal([]byte(named.Case), &c); err != nil {
				t.Fatal(err)
			}
			c.Expect = named.Expect
			if _, _, err := c.decode(); named.Expect == "Refused" {
				if err == nil {
					t.Error("not refused")
				}
				return
			}
			checkCase(t, &c)
		})
	}
}
