package policy

import (
	"errors"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// TestCases_CoverGrammarRules checks that each rule of the grammar, 1 to 14, has a case with a name
// that begins with its number. Package reference has the cases of the other rules.
func TestCases_CoverGrammarRules(t *testing.T) {
	number := regexp.MustCompile(`^[0-9]+ `)
	seen := map[string]bool{}
	for _, c := range errorCases {
		seen[number.FindString(c.name)] = true
	}
	for _, c := range slices.Concat(elementCases, trustCases, patternCases, conditionCases) {
		seen[number.FindString(c.name)] = true
	}
	for rule := 1; rule <= 14; rule++ {
		if !seen[strconv.Itoa(rule)+" "] {
			t.Errorf("no case for rule %d", rule)
		}
	}
}

// TestDecode_RefusesDuplicateNames covers trees that did not come from ParseJSON, which
// refuses duplicate names itself.
func TestDecode_RefusesDuplicateNames(t *testing.T) {
	text := func(s string) tree.Node { return tree.Node{Kind: tree.String, Text: s} }
	statement := []tree.Member{{Name: "Effect", Value: text("Allow")}, {Name: "Action", Value: text("*")},
		{Name: "Resource", Value: text("*")}}
	condition := func(names ...string) tree.Node {
		var keys []tree.Member
		for _, name := range names {
			keys = append(keys, tree.Member{Name: name, Value: text("x")})
		}
		return tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "StringEquals",
			Value: tree.Node{Kind: tree.Object, Members: keys}}}}
	}
	for _, c := range []struct {
		name    string
		refused bool
		extra   tree.Member
	}{
		{"3 duplicate name", true, tree.Member{Name: "Effect", Value: text("Deny")}},
		{"3 duplicate name in another case", true, tree.Member{Name: "effect", Value: text("Deny")}},
		{"3 duplicate condition key in another case", true, tree.Member{Name: "Condition",
			Value: condition("aws:username", "aws:UserName")}},
		{"3 different condition keys", false, tree.Member{Name: "Condition",
			Value: condition("aws:username", "aws:userid")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "Statement",
				Value: tree.Node{Kind: tree.Object, Members: append(slices.Clone(statement), c.extra)}}}}
			_, err := Decode(node)
			var findings Findings
			if refused := errors.As(err, &findings); refused != c.refused {
				t.Fatalf("%v", err)
			}
			if c.refused && findings[0].Code != CodeDuplicateKeys {
				t.Errorf("%v; want %s", findings, CodeDuplicateKeys)
			}
		})
	}
}
