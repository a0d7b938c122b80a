package assertion

import (
	"fmt"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// benchAccount returns an account of n users with an inline policy each, n/10 groups and n/10 roles. Each role trusts
// one user.
func benchAccount(b testing.TB, n int) *account.Account {
	b.Helper()
	var changes []account.Change
	for i := range max(1, n/10) {
		changes = append(changes, account.Group{
			Name: fmt.Sprint("g", i), ID: fmt.Sprint("AGPA", i),
			Inline: []account.InlinePolicy{{Name: "base", Document: policyText(
				statement("Deny", "s3:*", "arn:aws:s3:::payroll/*", ""),
				statement("Allow", "s3:Get*", fmt.Sprintf("arn:aws:s3:::g%d/*", i), ""))}},
		}, account.Role{
			Name: fmt.Sprint("r", i), ID: fmt.Sprint("AROA", i), Trust: trustOf(`{"AWS":"arn:aws:iam::` + accountID +
				fmt.Sprintf(`:user/u%d"}`, i)),
			Inline: []account.InlinePolicy{{Name: "logs", Document: policyText(
				statement("Allow", "logs:*", "*", ""))}},
		})
	}
	for i := range n {
		changes = append(changes, account.User{
			Name: fmt.Sprint("u", i), ID: fmt.Sprint("AIDA", i), Groups: []string{fmt.Sprint("g", i/10)},
			Inline: []account.InlinePolicy{{Name: "own", Document: policyText(
				statement("Allow", "s3:*", fmt.Sprintf("arn:aws:s3:::team-%d/*", i), ""),
				statement("Allow", "sqs:SendMessage", "*", `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`))}},
		})
	}
	a, err := account.New(accountID).With(changes...)
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func trustOf(principal string) account.Document {
	return account.Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":` + principal +
		`,"Action":"sts:AssumeRole"}}`)
}

func BenchmarkCheck(b *testing.B) {
	const users = 300
	a := benchAccount(b, users)
	for b.Loop() {
		for i := range users {
			result, err := Assertion{Principal: fmt.Sprint("u", i), Blocks: []Block{
				{Actions: []string{"s3:Get*", "s3:Put*"}, Resources: []string{"arn:aws:s3:::payroll/*"}},
				{Allow: true, Actions: []string{"s3:GetObject"}, Resources: []string{fmt.Sprintf("arn:aws:s3:::team-%d/a", i)}},
			}}.Check(a)
			if err != nil || len(result.Failures)+len(result.Undecided) > 0 {
				b.Fatal(err, result)
			}
		}
	}
}

// BenchmarkCheck_Roles checks assertions of users who may not assume the 300 roles that trust the whole account, and of
// users who may assume ten of them.
func BenchmarkCheck_Roles(b *testing.B) {
	const users = 300
	var changes []account.Change
	for i := range users {
		changes = append(changes, role(fmt.Sprint("all", i), trust(trusts("Allow", aws(accountID), assume, "")),
			statement("Allow", "logs:*", "*", ""), statement("Allow", "s3:*", fmt.Sprintf("arn:aws:s3:::all-%d/*", i), "")))
	}
	a, err := benchAccount(b, users).With(changes...)
	if err != nil {
		b.Fatal(err)
	}
	for _, reached := range []string{"none", "ten"} {
		if reached == "ten" {
			if a, err = a.With(account.Group{Name: "g1", ID: "AGPA1", Inline: []account.InlinePolicy{{
				Name: "assume", Document: policyText(statement("Allow", assume, roleARN("all1?"), "")),
			}}}); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(reached, func(b *testing.B) {
			for b.Loop() {
				for i := range users {
					if _, err := (Assertion{Principal: fmt.Sprint("u", i), Blocks: []Block{noPayroll}}).Check(a); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func BenchmarkMayReach(b *testing.B) {
	const users = 300
	a := benchAccount(b, users)
	for b.Loop() {
		for i := range users {
			if _, err := (Assertion{Principal: fmt.Sprint("u", i), Blocks: []Block{noPayroll}}).MayReach(a, nil,
				"r7"); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkCheck_Violation checks an assertion that a statement with wildcards violates.
func BenchmarkCheck_Violation(b *testing.B) {
	a := benchAccount(b, 300)
	for _, bench := range []struct {
		name  string
		block Block
	}{
		{"deny", Block{Actions: []string{"s3:Put*"}, Resources: []string{"arn:aws:s3:::team-7/*"}}},
		{"deny of all", Block{Actions: []string{"*"}}},
		{"allow", Block{Allow: true, Actions: []string{"s3:Put*"}, Resources: []string{"arn:aws:s3:::team-8/*"}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				result, err := Assertion{Principal: "u7", Blocks: []Block{bench.block}}.Check(a)
				if err != nil || len(result.Failures) == 0 {
					b.Fatal(err, result)
				}
			}
		})
	}
}
