package provider

import (
	"testing"
)

func TestSessionContextDataSource_ReturnsIssuer(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`
data "iam_session_context" "s" { arn = "arn:aws:sts::000000000000:assumed-role/deploy/run" }
data "iam_session_context" "n" { arn = "`+accountARN+`user/team/alice" }
`,
			`[data.iam_session_context.s.issuer_arn, data.iam_session_context.s.session_name, `+
				`data.iam_session_context.n.issuer_arn]`,
			stringTuple(accountARN+"role/ci/deploy", "run", accountARN+"user/team/alice"), a.populate),
		planFails(`data "iam_session_context" "s" { arn = "arn:aws:sts::000000000000:assumed-role/none/run" }`,
			`Not found: the role of session`),
		planFails(`data "iam_session_context" "s" { arn = "nonsense" }`, `Invalid ARN "nonsense"`),
	)
}
