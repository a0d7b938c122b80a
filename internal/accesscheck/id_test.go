package accesscheck

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// ids returns the ids of the findings, sorted.
func ids(r *Result) (out []string) {
	for i := range r.Findings {
		out = append(out, r.Findings[i].ID)
	}
	slices.Sort(out)
	return out
}

// reversed returns an entity with the lists of its policies and of their statements in the opposite order, and with
// other Sids.
func reversed(c account.Change) account.Change {
	turn := func(policies []account.InlinePolicy) []account.InlinePolicy {
		out := slices.Clone(policies)
		slices.Reverse(out)
		for i := range out {
			text, _ := out[i].Document.Text()
			out[i].Document = account.Text(turned(text))
		}
		return out
	}
	switch e := c.(type) {
	case account.Role:
		e.Inline, e.Attached = turn(e.Inline), slices.Clone(e.Attached)
		slices.Reverse(e.Attached)
		e.Description = "a role"
		if text, ok := e.Trust.Text(); ok {
			e.Trust = account.Text(turned(text))
		}
		return e
	case account.User:
		e.Inline, e.Groups = turn(e.Inline), slices.Clone(e.Groups)
		slices.Reverse(e.Groups)
		return e
	}
	return c
}

// turned returns a document that doc made, with its statements in the opposite order and with other Sids.
func turned(text string) string {
	body, ok := strings.CutPrefix(strings.ReplaceAll(text, `"Sid":"Grant"`, `"Sid":"Other"`),
		`{"Version":"2012-10-17","Statement":[`)
	if !ok {
		return text
	}
	statements := strings.Split(strings.TrimSuffix(body, "]}"), `},{`)
	for i := range statements {
		statements[i] = strings.TrimSuffix(strings.TrimPrefix(statements[i], "{"), "}")
		if strings.Count(statements[i], "{") > strings.Count(statements[i], "}") {
			statements[i] += strings.Repeat("}", strings.Count(statements[i], "{")-strings.Count(statements[i], "}"))
		}
		statements[i] = "{" + statements[i] + "}"
	}
	slices.Reverse(statements)
	out, _ := doc(statements...).Text()
	return out
}

func TestFind_IDsAreStable(t *testing.T) {
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			before, after := test.accounts(t)
			want := ids(find(t, before, after))
			other := make([]account.Change, len(test.after))
			for i, c := range test.after {
				other[i] = reversed(c)
			}
			slices.SortStableFunc(other, func(a, b account.Change) int {
				return strings.Compare(fmt.Sprintf("%T", b), fmt.Sprintf("%T", a))
			})
			if got := ids(find(t, before, newAccount(t, other...))); !slices.Equal(got, want) {
				t.Errorf("another order changes the ids: got\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			unrelated := account.Role{Name: "unrelated", Trust: role("").Trust, Tags: []account.Tag{{Key: "a", Value: "b"}}}
			beside, err := after.With(unrelated, managed("unused", allow("s3:*", "*", "")))
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range want {
				if got := ids(find(t, before, beside)); !slices.Contains(got, id) {
					t.Errorf("an unrelated role changes the id %s: got\n%s", id, strings.Join(got, "\n"))
				}
			}
		})
	}
}

// An acceptance must not cover another danger of the same principal.
func TestFind_IDsDiffer(t *testing.T) {
	trust := func(principal, extra string) account.Role {
		return withTrust("r", trusts(principal, "sts:AssumeRole", extra))
	}
	for name, test := range map[string]struct {
		check    Check
		variants []account.Change
	}{
		"paths": {PrivilegeEscalation, []account.Change{
			role("r", inline("p", allow("iam:AttachRolePolicy", prefix+"role/r", ""))...),
			role("r", inline("p", allow("iam:AttachRolePolicy", "*", ""))...),
			role("r", inline("p", allow("iam:Attach*", prefix+"role/r", ""))...),
			role("r", inline("other", allow("iam:AttachRolePolicy", prefix+"role/r", ""))...),
			role("r", inline("p", allow("iam:PutRolePolicy", prefix+"role/r", ""))...),
			role("r", inline("p", allow("iam:AttachRolePolicy", prefix+"role/r",
				`,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`))...),
		}},
		"grants": {AdminGrant, []account.Change{
			role("r", inline("p", allow("*", "*", ""))...),
			role("r", inline("p", allow("*", "*", `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`))...),
			role("r", inline("p", strings.Replace(allow("s3:GetObject", "*", ""), "Action", "NotAction", 1))...),
			account.Role{Name: "r", Trust: role("r").Trust, Attached: []string{adminARN}},
		}},
		"public": {PublicTrust, []account.Change{
			trust(`"*"`, ""), trust(`"*"`, `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`),
			trust(`"*"`, `,"Condition":{"StringEquals":{"sts:ExternalId":"y"}}`),
		}},
		"cross-account": {CrossAccountTrust, []account.Change{
			trust(other, ""), trust(other, `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`),
			trust(`{"AWS":"888888888888"}`, ""),
		}},
		"gains": {NewAccess, []account.Change{
			role("r", inline("p", allow("s3:PutObject", "arn:aws:s3:::a/*", ""))...),
			role("r", inline("p", allow("s3:PutObject", "arn:aws:s3:::b/*", ""))...),
			role("r", inline("p", allow("s3:PutObject", "arn:aws:s3:::a/*", ""),
				allow("s3:DeleteObject", "arn:aws:s3:::b/*", ""))...),
			role("r", inline("p", allow("s3:PutObject", "arn:aws:s3:::a/*", ""),
				allow("s3:*", "arn:aws:s3:::b/*", ""))...),
			role("r", inline("p", allow("s3:PutObject", "arn:aws:s3:::a/${aws:PrincipalAccount}/*", ""))...),
			role("r", account.InlinePolicy{Name: "p", Document: account.Text(`{"Version":"2008-10-17","Statement":[` +
				allow("s3:PutObject", "arn:aws:s3:::a/${aws:PrincipalAccount}/*", "") + "]}")}),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]int{}
			for i, variant := range test.variants {
				r := find(t, newAccount(t, role("r")), newAccount(t, variant), test.check)
				if len(r.Findings) == 0 {
					t.Errorf("variant %d has no finding", i)
				}
				for _, id := range ids(r) {
					if j, known := seen[id]; known {
						t.Errorf("the variants %d and %d have the id %s", j, i, id)
					}
					seen[id] = i
				}
			}
		})
	}
}

// Access of a class that is added beside accepted access changes the id, although the example stays the same.
func TestFind_IDCoversAllStatementsOfClass(t *testing.T) {
	before := newAccount(t, role("r"))
	id := func(statements ...string) string {
		r := find(t, before, newAccount(t, role("r", inline("p", statements...)...)), NewAccess)
		for i := range r.Findings {
			if strings.Contains(r.Findings[i].Summary, `"Write"`) {
				return r.Findings[i].ID
			}
		}
		t.Fatalf("no access of level Write: %s", outline(r))
		return ""
	}
	put := allow("s3:PutObject", "arn:aws:s3:::a/*", "")
	first := id(put)
	if id(put, allow("s3:DeleteObject", "*", "")) == first {
		t.Error("a second statement does not change the id")
	}
	if id(put, allow("s3:GetObject", "*", ""), allow("ec2:RunInstances", "*", "")) != first {
		t.Error("access of another class changes the id")
	}
}
