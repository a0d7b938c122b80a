package escalation

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
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
// of them, and every second user also a group. Of the users, ten each
//
//   - may create access keys of all other users, who have a permissions boundary that holds
//   - may put policies in users with that boundary only
//   - may tag users and assume roles by tag
//   - may do everything within the boundary
//
// Every seventh role trusts the account, and every other role two users.
func bigAccount(t testing.TB) *account.Account {
	t.Helper()
	docs := documents(t)
	arn := func(i int) string { return fmt.Sprintf("%spolicy/p%d", prefix, i%1500) }
	held := managed("limit", doc(allow("*", "*", ""), deny("iam:*", "*", ""), deny("sts:*", "*", "")))
	changes := []account.Change{held}
	for i := range 1500 {
		changes = append(changes, account.Policy{ARN: arn(i), ID: fmt.Sprintf("ANPA%016d", i), Default: "v1",
			Versions: []account.Version{{ID: "v1", Document: account.Text(docs[i])}}})
	}
	for i := range 50 {
		changes = append(changes, account.Group{Name: fmt.Sprintf("g%d", i), ID: fmt.Sprintf("AGPA%016d", i),
			Attached: []string{arn(31 * i)}})
	}
	special := []string{
		allow("iam:CreateAccessKey", "*", ""),
		allow("iam:PutUserPolicy", "*", `,"Condition":{"StringEquals":{"iam:PermissionsBoundary":"`+held.ARN+`"}}`),
		allow("iam:TagUser", "*", "") + "," + allow("sts:AssumeRole", "*",
			`,"Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}`),
		allow("*", "*", ""),
	}
	tags := func(i int) []account.Tag { return []account.Tag{{Key: "team", Value: fmt.Sprintf("t%d", i%20)}} }
	for i := range 500 {
		u := account.User{Name: fmt.Sprintf("u%d", i), ID: fmt.Sprintf("AIDA%016d", i), Tags: tags(i),
			Attached: []string{arn(3 * i), arn(3*i + 1), arn(3*i + 2)}, Boundary: held.ARN}
		if i%2 == 0 {
			u.Groups = []string{fmt.Sprintf("g%d", i/2%50)}
		}
		if i < 40 {
			u.Inline = inline(special[i%4])
			if i%4 != 3 {
				u.Boundary, u.Attached = "", nil
			}
		}
		changes = append(changes, u)
	}
	for i := range 500 {
		trust := trusts(fmt.Sprintf(`{"AWS":["%[1]suser/u%[2]d","%[1]suser/u%[3]d"]}`, prefix, i, (i+7)%500),
			"sts:AssumeRole")
		if i%7 == 0 {
			trust = trustsAccount
		}
		changes = append(changes, account.Role{Name: fmt.Sprintf("r%d", i), ID: fmt.Sprintf("AROA%016d", i), Tags: tags(i),
			Attached: []string{arn(5 * i), arn(5*i + 1), arn(5*i + 2)}, Trust: trust})
	}
	return newAccount(t, changes...)
}

func BenchmarkFind(b *testing.B) {
	acc := bigAccount(b)
	for name, target := range map[string]Target{"administrator": Administrator(),
		"access": Access(createAccessKey, prefix+"user/none")} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := Find(b.Context(), acc, Options{Target: target})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(r.Paths)), "paths")
				b.ReportMetric(float64(len(r.Already)), "already")
				b.ReportMetric(float64(len(r.Open)), "open")
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapSys>>20), "MB-heap")
		})
	}
}
