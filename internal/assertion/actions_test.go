package assertion

import (
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

func TestUnknownActions(t *testing.T) {
	for action, want := range map[string]struct{ errors, warnings string }{
		"s3:GetObject":  {},
		"s3:getobject":  {},
		"s3:Get*":       {},
		"iam:PassRole":  {},
		"*":             {},
		"*:Get*":        {},
		"":              {},
		"GetObject":     {}, // Validate refuses it
		"kms:EnableKey": {},
		"iam:PasRole": {errors: `"iam:PasRole" is not an action of the service "iam"; perhaps "iam:PassRole" was meant. ` +
			`If AWS has added it since, end it with a wildcard`},
		"sts:Launch": {warnings: `"sts:Launch" is not an action of the service "sts" in the catalog of ` +
			catalog.Default().Date()},
		"s3:GetObjct": {errors: `"s3:GetObjct" is not an action of the service "s3"; perhaps "s3:GetObject" was meant. ` +
			`If AWS has added it since, end it with a wildcard`},
		"s3:LaunchRocket": {warnings: `"s3:LaunchRocket" is not an action of the service "s3" in the catalog of ` +
			catalog.Default().Date()},
		"iam:Crate*":   {warnings: `"iam:Crate*" matches no known action of the service "iam"`},
		"s3:Launch*":   {warnings: `"s3:Launch*" matches no known action of the service "s3"`},
		"payroll:Read": {warnings: `"payroll:Read" is an action of the service "payroll", which is not known`},
		"s4:GetObject": {warnings: `"s4:GetObject" is an action of the service "s4", which is not known; perhaps ` +
			`"s3:GetObject" was meant`},
	} {
		errors, warnings := Assertion{Blocks: []Block{{Actions: []string{"s3:ListBucket", action}}}}.UnknownActions()
		messages := func(problems []Problem) (out []string) {
			for _, p := range problems {
				if p.Block != 0 || p.Element != "actions" || p.Index != 1 {
					t.Errorf("%s: the problem is at %+v", action, p)
				}
				out = append(out, p.Message)
			}
			return out
		}
		list := func(text string) []string {
			if text == "" {
				return nil
			}
			return []string{text}
		}
		if got := messages(errors); !slices.Equal(got, list(want.errors)) {
			t.Errorf("%s: got the errors %q, want %q", action, got, want.errors)
		}
		if got := messages(warnings); !slices.Equal(got, list(want.warnings)) {
			t.Errorf("%s: got the warnings %q, want %q", action, got, want.warnings)
		}
	}
}
