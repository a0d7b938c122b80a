package provider

import (
	"testing"
)

func TestCredentialReportDataSource_ReturnsRows(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		planFails(`data "iam_credential_report" "c" {}`, `Not found: credential report.*There is no account at`),
		expectOutput(`data "iam_credential_report" "c" {}`,
			`[for u in data.iam_credential_report.c.users : u.user if u.access_key_1_active == "true"]`, stringTuple("alice"),
			a.populate),
	)
}
