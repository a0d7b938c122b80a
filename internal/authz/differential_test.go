package authz

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz/reference"
)

// agree compares this package with the reference on a generated case, and
// checks in passing what must hold of every decision.
func agree(t *testing.T, generated reference.Case, thorough bool) (outcome string) {
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
		t.Fatalf("error %v, of the reference %v\n%s", gotErr, wantErr, text)
	}
	if gotErr != nil {
		return "refused"
	}
	if got := p.Decide(r).String(); got != want {
		t.Fatalf("%s, by the reference %s\n%s", got, want, text)
	}
	if thorough {
		if consistent(t, p, r); t.Failed() {
			t.Logf("%s", text)
		}
	}
	return want
}

// wanted is how many cases to generate: IAM_CASES, or else few where tests are
// to be short or are slow.
func wanted(t *testing.T, many, few int) int {
	t.Helper()
	if text := os.Getenv("IAM_CASES"); text != "" {
		cases, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("IAM_CASES is %q, which is no number", text)
		}
		return cases
	}
	if testing.Short() || raceDetector {
		return few
	}
	return many
}

// counted runs one case after the other, in parts side by side, each with
// random numbers of its own, and adds up the outcomes that they count.
func counted(t *testing.T, cases int, salt uint64, one func(t *testing.T, r *rand.Rand, i int, count func(outcome string))) map[string]int {
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

// TestAgreesWithTheReference decides generated cases here and by the slow
// evaluator that was written from the rules alone. IAM_CASES sets how many; the
// race detector, which makes each of them many times as slow, gets fewer.
func TestAgreesWithTheReference(t *testing.T) {
	cases := wanted(t, 200_000, 10_000)
	total := counted(t, cases, 2012_10_17, func(t *testing.T, r *rand.Rand, i int, count func(string)) {
		count(agree(t, reference.Generate(r), i%16 == 0))
	})
	for _, outcome := range []string{"Allowed", "ExplicitlyDenied", "ImplicitlyDenied"} {
		if total[outcome] < cases/20 {
			t.Errorf("only %d of %d cases are %s; the comparison says little", total[outcome], cases, outcome)
		}
	}
}

func FuzzAgreesWithTheReference(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, one, two uint64) {
		agree(t, reference.Generate(rand.New(rand.NewPCG(one, two))), true)
	})
}

// TestReferenceCases decides the reference's own table of cases, each named
// after the rule that it is about.
func TestReferenceCases(t *testing.T) {
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
			answers(t, &c)
		})
	}
}
