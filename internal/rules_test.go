package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rulesPage is the page that states the numbered rules of the policy language.
const rulesPage = "../templates/guides/policy-language.md"

// lastRule is the number of the last rule.
const lastRule = 71

// TestPolicyLanguagePage_HasEveryRule checks that the page has each rule once, in order, with a link to AWS's page.
func TestPolicyLanguagePage_HasEveryRule(t *testing.T) {
	text, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	anchor := regexp.MustCompile(`<a id="rule-([0-9]+)"></a>\*\*Rule ([0-9]+)\.\*\*`)
	reference := regexp.MustCompile(`\[(?:AWS|[A-Za-z]+)\]\[([a-z-]+)\]`)
	rules := anchor.FindAllSubmatchIndex(text, -1)
	if len(rules) != lastRule {
		t.Fatalf("%s has %d rules, want %d", rulesPage, len(rules), lastRule)
	}
	for i, at := range rules {
		want := strconv.Itoa(i + 1)
		if id, title := string(text[at[2]:at[3]]), string(text[at[4]:at[5]]); id != want || title != want {
			t.Errorf("rule %s has the anchor rule-%s and the title Rule %s", want, id, title)
		}
		end := len(text)
		if i+1 < len(rules) {
			end = rules[i+1][0]
		}
		link := reference.FindSubmatch(text[at[1]:end])
		if link == nil {
			t.Errorf("rule %s has no link to AWS's documentation", want)
			continue
		}
		if !strings.Contains(string(text), "\n["+string(link[1])+"]: https://docs.aws.amazon.com/") {
			t.Errorf("rule %s links to %q, which the page does not define as a page of AWS's documentation", want, link[1])
		}
	}
}

// TestPolicyLanguagePage_HasCitedRules checks that each rule that Go code cites exists. "point" is an older word for
// "rule".
func TestPolicyLanguagePage_HasCitedRules(t *testing.T) {
	citation := regexp.MustCompile(`\b(?:[Rr]ule|[Pp]oint)s? ((?:[0-9]+(?:, | and |, and | to |–|-)?)+)`)
	number := regexp.MustCompile(`[0-9]+`)
	citations := 0
	for _, root := range []string{".", "../cmd"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || entry.Name() == "rules_test.go" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, cited := range citation.FindAllSubmatch(text, -1) {
				for _, n := range number.FindAllString(string(cited[1]), -1) {
					citations++
					if rule, err := strconv.Atoi(n); err != nil || rule < 1 || rule > lastRule {
						t.Errorf("%s cites rule %s; the rules are 1 to %d", path, n, lastRule)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if citations < lastRule {
		t.Errorf("found %d citations of rules, want at least %d: the pattern of this test does not match all of them",
			citations, lastRule)
	}
}
