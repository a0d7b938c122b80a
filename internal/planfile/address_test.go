package planfile

import "testing"

func TestParseSteps_ReadsAddressesAndReferences(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"aws_iam_role.r", "aws_iam_role.r"},
		{"aws_iam_role.r[0].arn", "aws_iam_role.r[0].arn"},
		{`module.m["a.b[\"c\"]"].data.aws_region.x`, `module.m["a.b[\"c\"]"].data.aws_region.x`},
		{`aws_iam_role.r["$${x}"]`, `aws_iam_role.r["${x}"]`},
		{`aws_iam_role.r["\u00e9"]`, `aws_iam_role.r["é"]`},
		{"", ""}, {".", ""}, {"a.", ""}, {"a..b", ""}, {"[0]", ""}, {"a[", ""}, {"a[]", ""}, {"a[x]", ""}, {`a["x]`, ""},
		{`a["x"`, ""}, {`a["x"]b`, ""}, {"a.[0]", ""},
	} {
		steps, err := parseSteps(tc.text)
		if found := stepsText(steps); found != tc.want || (err != nil) != (tc.want == "") {
			t.Errorf("%s: found %s, error %v", tc.text, found, err)
		}
	}
}

func TestModuleOf_FindsModuleOfResource(t *testing.T) {
	for address, want := range map[string]string{
		"aws_iam_role.r":                             "",
		"module.m.aws_iam_role.r":                    "module.m",
		`module.m["module.x"].module.n[1].data.a.b`:  `module.m["module.x"].module.n[1]`,
		`module.m["x"].module.n.aws_iam_role.r["y"]`: `module.m["x"].module.n`,
	} {
		if found, err := moduleOf(address); found != want || err != nil {
			t.Errorf("%s: found %s, error %v", address, found, err)
		}
	}
}

func FuzzParseSteps(f *testing.F) {
	f.Add(`module.m["a.b"].aws_iam_role.r[0].arn`)
	f.Add(`a["$${x}\n"]`)
	f.Fuzz(func(t *testing.T, text string) {
		steps, err := parseSteps(text)
		if err != nil {
			return
		}
		written := stepsText(steps)
		again, err := parseSteps(written)
		if err != nil || stepsText(again) != written {
			t.Errorf("%q: the steps %q cannot be read again: %v", text, written, err)
		}
		_, _ = moduleSteps(text)
		_, _ = moduleOf(text)
	})
}
