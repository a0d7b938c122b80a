package provider

import (
	"testing"
)

func TestAccountDataSource_ReadsMissingAndExistingAccount(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`data "iam_account" "a" {}`,
			`[data.iam_account.a.exists, data.iam_account.a.account_id, data.iam_account.a.summary == null]`,
			tuple(false, "000000000000", true)),
		expectOutput(`data "iam_account" "a" {}`,
			`[data.iam_account.a.alias, data.iam_account.a.summary["Users"], data.iam_account.a.limits["users"], `+
				`data.iam_account.a.exists]`,
			tuple("acme", 1, 5000, true), a.populate),
	)
}
