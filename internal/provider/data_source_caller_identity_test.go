package provider

import (
	"testing"
)

func TestCallerIdentityDataSource_ReturnsRootWithAndWithoutAccount(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`data "iam_caller_identity" "c" {}`,
			`[data.iam_caller_identity.c.account_id, data.iam_caller_identity.c.arn]`,
			stringTuple("000000000000", accountARN+"root")),
		expectOutput(`data "iam_caller_identity" "c" {}`,
			`[data.iam_caller_identity.c.account_id, data.iam_caller_identity.c.arn]`,
			stringTuple("000000000000", accountARN+"root"), a.populate),
	)
}
