package bruteforce

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// managedPolicies returns AWS's managed policies by name.
func managedPolicies(t testing.TB) map[string]string {
	t.Helper()
	packed, err := os.ReadFile("../../../testdata/aws-managed-policies.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	text, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	policies := map[string]string{}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Name string          `json:"name"`
			Doc  json.RawMessage `json:"doc"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		policies[line.Name] = string(line.Doc)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(policies) < 1600 {
		t.Fatalf("only %d managed policies", len(policies))
	}
	return policies
}

// someOf returns the names of the policies in order: all of them, or a part in short mode and under the race detector.
func someOf(t *testing.T, policies map[string]string) []string {
	t.Helper()
	names := slices.Sorted(maps.Keys(policies))
	if !testing.Short() && !raceDetector {
		return names
	}
	var part []string
	for i := 0; i < len(names); i += 16 {
		part = append(part, names[i])
	}
	return part
}

// TestNoNewAccess_ManagedPoliciesAreWithinThemselves compares every managed policy with itself.
func TestNoNewAccess_ManagedPoliciesAreWithinThemselves(t *testing.T) {
	t.Parallel()
	policies := managedPolicies(t)
	names := someOf(t, policies)
	open := map[string]int{}
	unknown := 0
	for _, name := range names {
		p := policiesOf(t, policies[name])
		answer, err := analysis.NoNewAccess(policy.Identity, p, p, analysis.Options{})
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case answer.Verdict == analysis.Fail:
			t.Errorf("%s is not within itself: %s", name, answer.Message)
		case answer.Verdict == analysis.Unknown:
			unknown++
			for _, o := range answer.Open {
				open[o.Reason]++
			}
			t.Logf("%s: %s", name, answer.Message)
		}
	}
	t.Logf("%d of %d decided", len(names)-unknown, len(names))
	if unknown*100 > len(names) {
		t.Errorf("%d of %d policies are unknown, more than 1 %%: %v", unknown, len(names), open)
	}
}

// sample is a line of no-new-access.jsonl.
type sample struct {
	File, Case, Type, Expect string
	Existing, New            json.RawMessage
}

// name returns a name for people.
func (s *sample) name() string { return strings.TrimSuffix(s.File, ".md") + ": " + s.Case }

// kind returns the kind of the policies.
func (s *sample) kind() policy.Kind {
	switch {
	case s.Type == "IDENTITY_POLICY":
		return policy.Identity
	case strings.Contains(s.File, "role-trust-policies"):
		return policy.Trust
	}
	return policy.Resource
}

// refusedSamples are samples whose new policy is not valid. AWS's page about principals allows the wildcard in
// {"Federated": "*"} nowhere.
var refusedSamples = []string{
	"resource-policies/role-trust-policies/allowlist-federated-access-oidc: " +
		"Candidate policy 5: FAIL - allows access to all OIDC providers, except for NotMyProvider",
}

// TestNoNewAccess_Samples asks the questions of AWS's samples for CheckNoNewAccess.
func TestNoNewAccess_Samples(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/no-new-access.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range bytes.Lines(text) {
		var s sample
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		count++
		t.Run(s.name(), func(t *testing.T) {
			if slices.Contains(refusedSamples, s.name()) {
				if _, err := policy.Parse(s.New); err == nil {
					t.Error("the new policy is valid")
				}
				return
			}
			existing, updated := policiesOf(t, string(s.Existing)), policiesOf(t, string(s.New))
			answer, err := analysis.NoNewAccess(s.kind(), existing, updated, analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.ToUpper(answer.Verdict.String()); got != s.Expect {
				t.Errorf("%s (%s %v), want %s", got, answer.Message, answer.Open, s.Expect)
			}
			if answer.Verdict == analysis.Fail {
				if err := confirm(t, answer.Witness, accessOf(t, s.kind(), string(s.New)),
					accessOf(t, s.kind(), string(s.Existing))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if count < 99 {
		t.Errorf("only %d samples", count)
	}
}

// statementsOf returns the statements of a policy as JSON objects.
func statementsOf(t testing.TB, text string) (version string, statements []map[string]any) {
	t.Helper()
	var p struct {
		Version   string
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(p.Statement, &statements) != nil {
		var one map[string]any
		if err := json.Unmarshal(p.Statement, &one); err != nil {
			t.Fatal(err)
		}
		statements = []map[string]any{one}
	}
	return p.Version, statements
}

// policyOf returns a policy as JSON.
func policyOf(t testing.TB, version string, statements []map[string]any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Version": version, "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A mutation changes a policy so that it grants more, or the same. It returns nil if the statement at the index cannot
// be changed like that.
type mutation struct {
	name  string
	widen func(statements []map[string]any, i int) []map[string]any
}

// replaced returns the statements with members of one of them set, or deleted if they are nil.
func replaced(statements []map[string]any, i int, members map[string]any) []map[string]any {
	changed := slices.Clone(statements)
	changed[i] = maps.Clone(statements[i])
	for name, value := range members {
		changed[i][name] = value
		if value == nil {
			delete(changed[i], name)
		}
	}
	return changed
}

var mutations = []mutation{
	{"no condition", func(statements []map[string]any, i int) []map[string]any {
		if statements[i]["Effect"] != "Allow" || statements[i]["Condition"] == nil {
			return nil
		}
		return replaced(statements, i, map[string]any{"Condition": nil})
	}},
	{"every resource", func(statements []map[string]any, i int) []map[string]any {
		if statements[i]["Effect"] != "Allow" || statements[i]["Resource"] == "*" {
			return nil
		}
		return replaced(statements, i, map[string]any{"Resource": "*", "NotResource": nil})
	}},
	{"one action more", func(statements []map[string]any, i int) []map[string]any {
		list, ok := statements[i]["Action"].([]any)
		if !ok || statements[i]["Effect"] != "Allow" {
			return nil
		}
		return replaced(statements, i, map[string]any{"Action": append(slices.Clone(list), "iam:CreateUser")})
	}},
	{"one statement more", func(statements []map[string]any, i int) []map[string]any {
		return append(slices.Clone(statements), map[string]any{
			"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": fmt.Sprintf("arn:aws:sqs:*:*:queue-%d", i)})
	}},
	{"no Deny", func(statements []map[string]any, i int) []map[string]any {
		if statements[i]["Effect"] != "Deny" || len(statements) == 1 {
			return nil
		}
		return slices.Delete(slices.Clone(statements), i, i+1)
	}},
	{"a Deny with a condition", func(statements []map[string]any, i int) []map[string]any {
		if statements[i]["Effect"] != "Deny" || statements[i]["Condition"] != nil {
			return nil
		}
		return replaced(statements, i, map[string]any{
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:RequestedRegion": "eu-west-1"}}})
	}},
}

// TestNoNewAccess_ManagedPoliciesWidened changes managed policies so that they grant more. The old policy must be
// within the new one. If the new one is not within the old one, both evaluators must confirm the witness; otherwise no
// request that the changed statement allows may be new.
func TestNoNewAccess_ManagedPoliciesWidened(t *testing.T) {
	t.Parallel()
	policies := managedPolicies(t)
	r := rand.New(rand.NewPCG(0, 9))
	var forward, back tally
	for _, name := range someOf(t, policies) {
		version, statements := statementsOf(t, policies[name])
		// Most policies have a statement that some mutation changes.
		var m mutation
		var i int
		var wider []map[string]any
		for range 10 {
			m, i = pick(r, mutations), r.IntN(len(statements))
			if wider = m.widen(statements, i); wider != nil {
				break
			}
		}
		if wider == nil {
			continue
		}
		narrow, wide := policyOf(t, version, statements), policyOf(t, version, wider)
		what := fmt.Sprintf("%s, statement %d: %s", name, i, m.name)
		options := analysis.Options{AnyARN: chance(r, 50)}
		ask := func(existing, updated string) analysis.Answer {
			answer, err := analysis.NoNewAccess(policy.Identity, policiesOf(t, existing), policiesOf(t, updated), options)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			return answer
		}
		answer := ask(wide, narrow)
		if back.count(answer, true); answer.Verdict == analysis.Fail {
			t.Errorf("%s: the old policy is not within the new one: %s", what, answer.Message)
		}
		answer = ask(narrow, wide)
		forward.count(answer, true)
		switch answer.Verdict {
		case analysis.Fail:
			of, than := accessOf(t, policy.Identity, wide), accessOf(t, policy.Identity, narrow)
			of.beyondReference, than.beyondReference = hasAccountVariable(wide), hasAccountVariable(narrow)
			if err := confirm(t, answer.Witness, of, than); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		case analysis.Pass:
			if request := findNewAccess(t, narrow, wide); request != "" && options.AnyARN {
				t.Errorf("%s: pass, but only the new policy allows %s", what, request)
			}
		case analysis.Unknown:
			t.Logf("%s: %s", what, answer.Message)
		}
	}
	t.Logf("narrower: %d pass, %d unknown; wider: %d pass, %d fail, %d unknown", back.pass, back.unknown, forward.pass,
		forward.fail, forward.unknown)
	if back.pass+back.unknown < len(someOf(t, policies))*9/10 {
		t.Error("too few policies are changed")
	}
	if back.unknown*50 > back.pass || forward.unknown*50 > forward.fail {
		t.Error("too many answers are unknown")
	}
	if forward.fail*2 < forward.pass {
		t.Error("too few changes grant more")
	}
}

// hasAccountVariable reports whether the account of an ARN is a variable, as in some of AWS's policies. Package
// reference refuses it (rule 25).
func hasAccountVariable(text string) bool { return strings.Contains(text, "Account}:") }

// findNewAccess searches for a request that only the new policy allows: with actions and resources made of the patterns
// of both policies, and the context keys with which package authz finds the request allowed.
func findNewAccess(t testing.TB, existing, updated string) string {
	t.Helper()
	a, b := accessOf(t, policy.Identity, existing), accessOf(t, policy.Identity, updated)
	filled := func(pattern string) string {
		return strings.NewReplacer("*", "zz", "?", "z", "${", "", "}", "").Replace(pattern)
	}
	actions, resources := map[string]bool{"iam:CreateUser": true}, map[string]bool{"*": true}
	for s := range b.policies.Statements() {
		for _, text := range s.Action.Texts {
			if !s.Action.Not && text != "*" {
				actions[filled(text)] = true
			}
		}
		for _, text := range s.Resource.Texts {
			resources[filled(text)] = true
		}
	}
	resources["arn:aws:none:eu-west-1:123456789012:none"] = true
	tries := 0
	for _, name := range slices.Sorted(maps.Keys(actions)) {
		action, err := authz.ParseAction(name)
		if err != nil {
			continue
		}
		for _, resource := range slices.Sorted(maps.Keys(resources)) {
			if tries++; tries > 200 {
				return ""
			}
			r := authz.Request{Action: action, Resource: resource}
			keys, with, ok := b.policies.Witness(&r)
			if ok && b.allows(&with) && !a.allows(&with) {
				return fmt.Sprintf("%s on %s with %v", action, resource, keys)
			}
		}
	}
	return ""
}
