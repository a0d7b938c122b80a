package review_test

import (
	"slices"
	"testing"
)

// A line about a principal names the resources of all statements behind it, and not only those of its example.
func TestReview_NamesAllResourcesOfAClass(t *testing.T) {
	role := map[string]any{"name": "r", "path": "/", "arn": "arn:aws:iam::123456789012:role/r", "assume_role_policy": `
		{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},
		"Action":"sts:AssumeRole"}]}`}
	inline := func(more string) map[string]any {
		return map[string]any{"role": "r", "name": "p", "policy": `{"Version":"2012-10-17","Statement":[
			{"Sid":"Old","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::old/*"}` + more + "]}"}
	}
	report := reviewOf(t, planned{"aws_iam_role.r", role, role}, planned{"aws_iam_role_policy.p", inline(""), inline(`,
		{"Sid":"One","Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::one/*"},
		{"Sid":"Two","Effect":"Allow","Action":"s3:Put*","Resource":"arn:aws:s3:::two/*"},
		{"Sid":"Other","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}`)})
	if len(report.Principals) != 1 {
		t.Fatalf("principals: %+v", report.Principals)
	}
	for _, a := range report.Principals[0].Gained {
		if a.Level != "Write" {
			continue
		}
		slices.Sort(a.Patterns)
		if !slices.Equal(a.Patterns, []string{"arn:aws:s3:::one/*", "arn:aws:s3:::two/*"}) || len(a.Statements) != 2 {
			t.Errorf("resources %q, statements %+v", a.Patterns, a.Statements)
		}
		return
	}
	t.Errorf("gained %+v", report.Principals[0].Gained)
}
