package provider

import (
	"testing"
)

func TestCallerIdentityDataSource_BeforeAndAfterCreation(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		outputIs(`data "iam_caller_identity" "c" {}`, `[data.iam_caller_identity.c.account_id, data.iam_caller_identity.c.arn]`,
			texts("000000000000", accountARN+"root")),
		outputIs(`data "iam_caller_identity" "c" {}`, `[data.iam_caller_identity.c.account_id, data.iam_caller_identity.c.arn]`,
			texts("000000000000", accountARN+"root"), a.populate),
	)
}
