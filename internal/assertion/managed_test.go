package assertion

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// managedPolicies returns the documents of AWS's managed policies.
func managedPolicies(t testing.TB) (names, documents []string) {
	t.Helper()
	packed, err := os.ReadFile("../../testdata/aws-managed-policies.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	text, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
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
		names, documents = append(names, line.Name), append(documents, string(line.Doc))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return names, documents
}

// TestCheck_AgreesWithProofAboutManagedPolicies compares the search with the proof for users and roles that have AWS's
// managed policies.
func TestCheck_AgreesWithProofAboutManagedPolicies(t *testing.T) {
	cases := caseCount(t, 300, 60)
	names, documents := managedPolicies(t)
	s := proofSpace{rand.New(rand.NewPCG(7, 8))}
	counts := map[string]int{}
	for range cases {
		one, two, limit := s.IntN(len(names)), s.IntN(len(names)), s.IntN(len(names))
		inline := []account.InlinePolicy{{Name: names[one], Document: account.Text(documents[one])}}
		if s.chance(50) && one != two {
			inline = append(inline, account.InlinePolicy{Name: names[two], Document: account.Text(documents[two])})
		}
		changes := []account.Change{account.Policy{
			ARN: "arn:aws:iam::" + accountID + ":policy/limit", ID: "ANPALIMIT", Default: "v1",
			Versions: []account.Version{{ID: "v1", Document: account.Text(documents[limit])}},
		}}
		name, boundary := "ana", ""
		if s.chance(30) {
			boundary = "arn:aws:iam::" + accountID + ":policy/limit"
		}
		if s.chance(50) {
			r := role("r", trust(trusts("Allow", aws("444455556666"), "sts:TagSession", "")))
			r.Inline, r.Boundary, name = inline, boundary, "r"
			changes = append(changes, r)
		} else {
			u := user("ana")
			u.Inline, u.Boundary = inline, boundary
			changes = append(changes, u)
		}
		a := accountWith(t, changes...)
		b := Block{Allow: s.chance(20), Actions: []string{s.pick("*", "s3:*", "s3:Get*", "iam:*", "iam:Pass*", "*:Delete*",
			"ec2:*", "kms:*", "logs:Put*", "*:Create*", "*:List*", "lambda:*", "*:*Policy")},
			Resources: []string{s.pick("*", "arn:aws:s3:::*", "arn:aws:s3:::a/*", "arn:aws:*:*:"+accountID+":*",
				"arn:aws:kms:us-east-1:"+accountID+":key/*", "arn:aws:ec2:*:*:instance/i-*", "arn:aws:s3:::aws-*")}}
		result, err := Assertion{Principal: name, Blocks: []Block{b}}.Check(a)
		if err != nil {
			t.Fatal(err)
		}
		answer := proofOf(t, a, name, &b)
		violated := len(result.Failures) > 0
		where := fmt.Sprintf("%s: %s, %s, limit %s %q\n%+v", name, names[one], names[two], names[limit], boundary, b)
		switch {
		case answer.Verdict == analysis.Fail && !violated, answer.Verdict == analysis.Pass && violated,
			answer.Verdict != analysis.Unknown && !violated && len(result.Undecided) > 0:
			t.Errorf("Check finds %q and %q, but the proof is %s: %s\n%s", oneLine(result.Failures),
				oneLine(result.Undecided), answer.Verdict, answer.Message, where)
		}
		principal, err := a.Principal(name)
		if err != nil {
			t.Fatal(err)
		}
		own, err := a.Access(principal, account.Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range result.Failures {
			switch {
			case f.Witness == nil:
				counts["without witness"]++
				continue
			case f.Witness.Request.Principal.Kind == authz.FederatedUser:
				continue
			}
			checkWitness(t, own, &b, &f, func() string { return where })
		}
		counts[fmt.Sprintf("allow %v, violated %v, %s, undecided %v", b.Allow, violated, answer.Verdict,
			len(result.Undecided) > 0)]++
	}
	t.Log(counts)
}
