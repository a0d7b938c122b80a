package provider

import (
	"testing"
)

func TestAccountDataSource_BeforeAndAfterCreation(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		outputIs(`data "iam_account" "a" {}`, `[data.iam_account.a.exists, data.iam_account.a.account_id, data.iam_account.a.summary == null]`,
			tuple(false, "000000000000", true)),
		outputIs(`data "iam_account" "a" {}`,
			`[data.iam_account.a.alias, data.iam_account.a.summary["Users"], data.iam_account.a.limits["users"], data.iam_account.a.exists]`,
			tuple("acme", 1, 5000, true), a.populate),
	)
}
