package bruteforce

import (
	"math/rand/v2"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// everyAction are the actions of the universes. They take less time than all actions of the catalog.
var everyAction = []string{"x:*", "xy:*"}

// smallStatements are statements that overlap in every way: by action, by resource and by the values of two keys.
var smallStatements = func() []statement {
	of := func(effect, element, action, resourceElement, resource string, conditions ...condition) statement {
		actions := []string{action}
		if action == "*" {
			actions = everyAction
		}
		return statement{effect: effect, actions: actions, notAction: element == "NotAction",
			resources: []string{resource}, notResource: resourceElement == "NotResource", conditions: conditions}
	}
	return []statement{
		of("Allow", "Action", "x:a", "Resource", "*"),
		of("Allow", "Action", "x:*", "Resource", bareARN+"a*"),
		of("Allow", "NotAction", "x:a", "Resource", "*"),
		of("Allow", "Action", "*", "NotResource", bareARN+"a"),
		of("Allow", "Action", "*", "Resource", "*", condition{"StringEquals", "x:k", []string{"a"}}),
		of("Allow", "Action", "*", "Resource", "*", condition{"ForAllValues:StringLike", "x:k", []string{"a*"}}),
		of("Allow", "Action", "*", "Resource", bareARN+"${x:j}"),
		of("Deny", "Action", "x:b", "Resource", "*"),
		of("Deny", "Action", "*", "NotResource", bareARN+"a*"),
		of("Deny", "Action", "*", "Resource", "*", condition{"StringNotEqualsIfExists", "x:k", []string{"a", "b"}}),
		of("Deny", "Action", "*", "Resource", "*", condition{"Null", "x:k", []string{"true"}}),
		of("Deny", "Action", "x:?", "Resource", "*", condition{"ForAnyValue:StringNotEquals", "x:k", []string{"${x:j}"}}),
	}
}()

// TestNoNewAccess_AgreesOnEveryPairOfSmallPolicies asks about all pairs of policies of one or two statements, and about
// some of those with three. IAM_CASES=0 asks about all pairs.
func TestNoNewAccess_AgreesOnEveryPairOfSmallPolicies(t *testing.T) {
	t.Parallel()
	s := &space{name: "small policies", kind: policy.Identity, unknown: 3}
	s.actions, s.resources = []string{"x:a", "x:b", "xy:b"}, withPrefix(bareARN, []string{"a", "ab", "b"})
	s.keys = []bruteKey{{"x:k", absentOr(single("", "a", "ab", "b", "c"), several("a"), several("a", "b"), several("c"))},
		{"x:j", absentOr(single("a", "b"))}}
	s.enumerate(t)
	var two, three []*brute
	for i, first := range smallStatements {
		two = append(two, s.measure(t, documentOf(first)))
		for j, second := range smallStatements[:i] {
			two = append(two, s.measure(t, documentOf(first, second)))
			for _, third := range smallStatements[:j] {
				three = append(three, s.measure(t, documentOf(first, second, third)))
			}
		}
	}
	r := rand.New(rand.NewPCG(0, 10))
	var c tally
	s.pairs(t, two, r, caseCount(t, len(two)*len(two), 200), &c)
	s.pairs(t, append(three, two...), r, caseCount(t, 1000, 100), &c)
	c.report(t, s.unknown)
}
