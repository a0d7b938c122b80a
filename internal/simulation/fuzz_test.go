package simulation

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// FuzzDecode decodes any JSON, with unknown values in it. Decode must not panic, and Outcome and
// Explain must agree.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`,
		`{` + user + `,` + read + `, "identity": [` + allowRead + `], "context": {"a:b": ["x", "<unknown>"]}}`,
		`{` + user + `,` + read + `, "identity": {"a": "<unknown>"}, "boundary": "<unknown>", "scps": [[], ` +
			asText(denyRead) + `]}`,
		`{"principal": "<unknown>", "action": "<unknown>", "resource": "<unknown>", "management_account": "<unknown>", ` +
			`"scps": [[` + allowRead + `]], "rcps": "<unknown>"}`,
		`{"principal": "ec2.amazonaws.com", "action": "sts:AssumeRole",` +
			` "resource_policy": {"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": ` +
			`"sts:AssumeRole"}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		node, err := policy.ParseJSON(text)
		if err != nil {
			return
		}
		replaceUnknowns(&node)
		c, err := Decode(node)
		if (c == nil) == (err == nil) {
			t.Fatalf("case %v and error %v", c, err)
		}
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error has no message")
			}
			return
		}
		outcome := c.Outcome()
		if d := c.Explain(); d.Outcome != outcome {
			t.Fatalf("Outcome is %s, Explain says %s", outcome, d.Outcome)
		}
		if c.unknownQuestion && outcome != authz.Undecided {
			t.Fatalf("the outcome of an unknown question is %s", outcome)
		}
	})
}
