package access

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// documents returns the documents of AWS's managed policies.
func documents(t testing.TB) []string {
	t.Helper()
	f, err := os.Open("../../../testdata/aws-managed-policies.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct{ Doc json.RawMessage }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		out = append(out, string(line.Doc))
	}
	if lines.Err() != nil || len(out) < 1500 {
		t.Fatalf("%d documents, %v", len(out), lines.Err())
	}
	return out
}

// bigAccount returns an account of 1,000 principals and 1,500 policies, which are AWS's own. Each principal has three
// of them and an inline policy with its tag; each user is in one of 50 groups with one policy. Every seventh role may
// be assumed by the account, and every other role by two users.
func bigAccount(t testing.TB) *account.Account {
	t.Helper()
	docs := documents(t)
	arn := func(i int) string { return fmt.Sprintf("arn:aws:iam::%s:policy/p%d", accountID, i%1500) }
	var changes []account.Change
	for i := range 1500 {
		changes = append(changes, account.Policy{ARN: arn(i), ID: fmt.Sprintf("ANPA%016d", i), Default: "v1",
			Versions: []account.Version{{ID: "v1", Document: account.Text(docs[i])}}})
	}
	for i := range 50 {
		changes = append(changes, account.Group{Name: fmt.Sprintf("g%d", i), ID: fmt.Sprintf("AGPA%016d", i),
			Attached: []string{arn(31 * i)}})
	}
	tags := func(i int) []account.Tag { return []account.Tag{{Key: "team", Value: fmt.Sprintf("t%d", i%20)}} }
	for i := range 500 {
		changes = append(changes, account.User{Name: fmt.Sprintf("u%d", i), ID: fmt.Sprintf("AIDA%016d", i), Tags: tags(i),
			Attached: []string{arn(3 * i), arn(3*i + 1), arn(3*i + 2)}, Groups: []string{fmt.Sprintf("g%d", i%50)},
			Inline: inline(owned)})
	}
	for i := range 500 {
		trust := trusts(fmt.Sprintf(`{"AWS":["arn:aws:iam::%[1]s:user/u%d","arn:aws:iam::%[1]s:user/u%d"]}`, accountID, i,
			(i+7)%500), "")
		if i%7 == 0 {
			trust = trusts(`{"AWS":"`+accountID+`"}`, "")
		}
		changes = append(changes, account.Role{Name: fmt.Sprintf("r%d", i), ID: fmt.Sprintf("AROA%016d", i), Tags: tags(i),
			Attached: []string{arn(5 * i), arn(5*i + 1), arn(5*i + 2)}, Trust: trust, Inline: inline(owned)})
	}
	return newAccount(t, changes...)
}

func BenchmarkWhoCan(b *testing.B) {
	acc := bigAccount(b)
	for name, q := range map[string]Question{
		"object":       {Action: authz.MustAction("s3:GetObject"), Resource: "arn:aws:s3:::data/t1/x"},
		"user":         {Action: authz.MustAction("iam:CreateUser"), Resource: acc.ARN(account.UserKind, "/", "x")},
		"through":      {Action: authz.MustAction("s3:GetObject"), Resource: "arn:aws:s3:::data/t1/x", ThroughRoles: true},
		"role":         {Action: assumeRole, Resource: acc.ARN(account.RoleKind, "/", "r7")},
		"role through": {Action: assumeRole, Resource: acc.ARN(account.RoleKind, "/", "r7"), ThroughRoles: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				holders, err := WhoCan(b.Context(), acc, q)
				if err != nil {
					b.Fatal(err)
				}
				counts := map[Answer]int{}
				for _, f := range holders.Principals {
					counts[f.Answer]++
				}
				b.ReportMetric(float64(counts[Yes]+counts[Conditional]), "holders")
			}
		})
	}
}
