package review_test

import (
	"strings"
	"testing"
)

// Whoever changes the code of a function has the access of the function's role.
func TestReview_ServiceRoles(t *testing.T) {
	const arn = "arn:aws:iam::123456789012:role/"
	role := func(name string) map[string]any {
		return map[string]any{"name": name, "path": "/", "arn": arn + name, "assume_role_policy": `{"Version":"2012-10-17",` +
			`"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}
	}
	created := map[string]any{"name": "new", "path": "/", "arn": "?", "assume_role_policy": role("")["assume_role_policy"]}
	function := func(role string) map[string]any { return map[string]any{"function_name": "f", "role": role} }
	profile := func(role string) map[string]any { return map[string]any{"name": "p", "role": role} }
	instance := func(profile string) map[string]any { return map[string]any{"iam_instance_profile": profile} }
	for name, c := range map[string]struct {
		resources []planned
		want      string // the summary of the finding
	}{
		"another role": {[]planned{{"aws_lambda_function.f", function(arn + "low"), function(arn + "admin")}},
			`aws_lambda_function.f gets the role "` + arn + `admin" instead of "` + arn + `low".`},
		"the same role": {[]planned{{"aws_lambda_function.f", function(arn + "low"), map[string]any{"function_name": "f",
			"role": arn + "low", "timeout": 3}}}, ""},
		"new function with an existing role": {[]planned{{"aws_iam_role.a", role("admin"), role("admin")},
			{"aws_lambda_function.f", nil, function("?aws_iam_role.a.arn")}},
			`aws_lambda_function.f gets the role "` + arn + `admin", which exists already.`},
		"new function with a new role": {[]planned{{"aws_iam_role.r", nil, created},
			{"aws_lambda_function.f", nil, function("?aws_iam_role.r.arn")}}, ""},
		"another role of a profile": {[]planned{{"aws_iam_instance_profile.p", profile("low"), profile("admin")}},
			`aws_iam_instance_profile.p gets the role "admin" instead of "low".`},
		"new instance with an existing profile": {[]planned{{"aws_instance.i", nil, instance("p")}},
			`aws_instance.i gets the instance profile "p", which exists already.`},
		"new instance with a new profile and role": {[]planned{{"aws_iam_role.r", nil, created},
			{"aws_iam_instance_profile.p", nil, profile("new")}, {"aws_instance.i", nil, instance("p")}}, ""},
		"new instance with a new profile and an existing role": {[]planned{
			{"aws_iam_instance_profile.p", nil, profile("admin")}, {"aws_instance.i", nil, instance("p")}},
			`aws_iam_instance_profile.p gets the role "admin", which exists already.`},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range reviewOf(t, c.resources...).Findings {
				if f.Check == "service_role" {
					got = append(got, f.Summary)
				}
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}
