package analysis_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// TestNoNewAccess_Cases has small cases of each kind of dimension.
func TestNoNewAccess_Cases(t *testing.T) {
	allow := func(rest string) string { return `{"Effect":"Allow",` + rest + `}` }
	deny := func(rest string) string { return `{"Effect":"Deny",` + rest + `}` }
	const onAll = `"Resource":"*"`
	condition := func(c string) string { return allow(`"Action":"x:a",` + onAll + `,"Condition":` + c) }
	for _, tc := range []struct {
		name, existing, updated string
		want                    analysis.Verdict
	}{
		{"the same action", allow(`"Action":"x:a",` + onAll), allow(`"Action":"X:A",` + onAll), analysis.Pass},
		{"another action", allow(`"Action":"x:a",` + onAll), allow(`"Action":"x:b",` + onAll), analysis.Fail},
		{"overlapping wildcards", allow(`"Action":"x:*ba",` + onAll), allow(`"Action":"x:ab*",` + onAll), analysis.Fail},
		{"a pattern inside NotAction", allow(`"NotAction":"X:A*",` + onAll), allow(`"Action":"*:*b",` + onAll),
			analysis.Fail},
		{"two NotActions", allow(`"NotAction":"x*:a",`+onAll) + "," + allow(`"NotAction":"x:*a*",`+onAll),
			allow(`"Action":"*",` + onAll), analysis.Fail},
		{"a new action of a known service", allow(`"Action":["sts:AssumeRole"],` + onAll), allow(`"Action":"sts:Assume*",` +
			onAll),
			analysis.Fail},
		{"all but what is denied", allow(`"NotAction":"x:a",` + onAll), allow(`"Action":"*",`+onAll) + "," +
			deny(`"Action":"x:a",`+onAll),
			analysis.Pass},
		{"a single character", allow(`"Action":["x:?","x:??*"],` + onAll), allow(`"Action":"x:*",` + onAll), analysis.Pass},
		{"a smaller resource", allow(`"Action":"x:a","Resource":"arn:aws:x:::a*"`),
			allow(`"Action":"x:a","Resource":"arn:aws:x:::ab"`),
			analysis.Pass},
		{"a larger resource", allow(`"Action":"x:a","Resource":"arn:aws:x:::ab"`),
			allow(`"Action":"x:a","Resource":"arn:aws:x:::a*"`),
			analysis.Fail},
		{"the complement of a resource", allow(`"Action":"x:a","Resource":"arn:aws:x:::a*"`) + "," +
			allow(`"Action":"x:a","NotResource":"arn:aws:x:::a*"`), allow(`"Action":"x:a",` + onAll), analysis.Pass},
		{"a format that the action does not have", allow(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::*/*"`),
			allow(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::*"`), analysis.Pass},
		{"numbers", condition(`{"NumericLessThan":{"k":"3"}}`), condition(`{"NumericLessThanEquals":{"k":"2.5"}}`),
			analysis.Pass},
		{"a number between", condition(`{"NumericLessThan":{"k":"2"}}`), condition(`{"NumericLessThanEquals":{"k":"2"}}`),
			analysis.Fail},
		{"numbers that cover all", condition(`{"NumericLessThan":{"k":"2"}}`) + "," +
			condition(`{"NumericGreaterThanEquals":{"k":"2"}}`),
			condition(`{"NumericGreaterThan":{"k":"1"}}`), analysis.Pass},
		{"dates", condition(`{"DateLessThan":{"k":"2030-01-01T00:00:00Z"}}`),
			condition(`{"DateLessThan":{"k":"2029-01-01T00:00:00Z"}}`),
			analysis.Pass},
		{"an epoch", condition(`{"DateLessThan":{"k":"2030-01-01T00:00:00Z"}}`),
			condition(`{"DateLessThan":{"k":"1893456001"}}`), analysis.Fail},
		{"addresses", condition(`{"IpAddress":{"k":["10.0.0.0/9","10.128.0.0/9"]}}`),
			condition(`{"IpAddress":{"k":"10.0.0.0/8"}}`), analysis.Pass},
		{"an address outside", condition(`{"IpAddress":{"k":"10.0.0.0/8"}}`), condition(`{"IpAddress":{"k":"10.0.0.0/7"}}`),
			analysis.Fail},
		{"a negated address and an absent key", condition(`{"IpAddress":{"k":"0.0.0.0/0"}}`),
			condition(`{"NotIpAddress":{"k":"10.0.0.0/8"}}`),
			analysis.Fail},
		{"a boolean", condition(`{"Bool":{"k":"true"}}`), condition(`{"BoolIfExists":{"k":"true"}}`), analysis.Fail},
		{"IfExists with Null", condition(`{"Bool":{"k":"true"}}`),
			condition(`{"BoolIfExists":{"k":"true"},"Null":{"k":"false"}}`), analysis.Pass},
		{"binary values", condition(`{"BinaryEquals":{"k":["YQ==","Yg=="]}}`), condition(`{"BinaryEquals":{"k":"Yg=="}}`),
			analysis.Pass},
		{"case", condition(`{"StringEqualsIgnoreCase":{"k":"A"}}`), condition(`{"StringEquals":{"k":["a","A"]}}`),
			analysis.Pass},
		{"text and pattern", condition(`{"StringEquals":{"k":"a*"}}`), condition(`{"StringLike":{"k":"a*"}}`), analysis.Fail},
		{"ARNs field by field", condition(`{"ArnLike":{"k":"arn:aws:x:*:1:a"}}`),
			condition(`{"StringLike":{"k":"arn:aws:x:*:1:a"}}`),
			analysis.Fail},
		{"a set within a set", condition(`{"ForAllValues:StringEquals":{"k":["a","b"]}}`),
			condition(`{"ForAllValues:StringEquals":{"k":"a"}}`),
			analysis.Pass},
		{"a set that meets a set", condition(`{"ForAnyValue:StringEquals":{"k":["a","b"]}}`),
			condition(`{"ForAnyValue:StringEquals":{"k":"a"}}`),
			analysis.Pass},
		{"a set that meets two sets", condition(`{"ForAnyValue:StringEquals":{"k":"a"},"ForAnyValue:StringLike":{"k":"b*"}}`),
			condition(`{"ForAnyValue:StringEquals":{"k":"a"}}`), analysis.Fail},
		{"all values and an absent key", condition(`{"ForAnyValue:StringEquals":{"k":"a"}}`),
			condition(`{"ForAllValues:StringEquals":{"k":"a"}}`),
			analysis.Fail},
		{"all values of a key that exists", condition(`{"ForAnyValue:StringEquals":{"k":"a"}}`),
			condition(`{"ForAllValues:StringEquals":{"k":"a"},"Null":{"k":"false"}}`), analysis.Pass},
		{"the same variable", condition(`{"StringEquals":{"k":"${j}"}}`), condition(`{"StringEquals":{"k":"${J}"}}`),
			analysis.Pass},
		{"another variable", condition(`{"StringEquals":{"k":"${j}"}}`), condition(`{"StringEquals":{"k":"${i}"}}`),
			analysis.Fail},
		{"a variable with a value that exists", condition(`{"Null":{"j":"false"}}`),
			condition(`{"StringEquals":{"k":"${j}"}}`), analysis.Fail},
		{"the same variable of a resource", allow(`"Action":"x:a","Resource":"arn:aws:x:::a/*"`),
			allow(`"Action":"x:a","Resource":"arn:aws:x:::a/${j}"`), analysis.Pass},
		{"a variable instead of a wildcard", allow(`"Action":"x:a","Resource":"arn:aws:x:::a/${j}"`),
			allow(`"Action":"x:a","Resource":"arn:aws:x:::a/*"`), analysis.Fail},
		{"a negated ARN and a variable without value", condition(`{"ForAnyValue:StringNotEqualsIfExists":{"k":"a"}}`),
			condition(`{"ForAnyValue:ArnNotEqualsIfExists":{"k":"arn:aws:x:::${j}"}}`), analysis.Fail},
		{"tags and their keys",
			condition(`{"ForAllValues:StringEquals":{"aws:TagKeys":"team"},"Null":{"aws:TagKeys":"false"}}`),
			condition(`{"ForAllValues:StringEquals":{"aws:TagKeys":"team"},"StringEquals":{"aws:RequestTag/team":"a"}}`),
			analysis.Pass},
		{"a tag and other keys", condition(`{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}`),
			condition(`{"StringEquals":{"aws:RequestTag/team":"a"}}`), analysis.Fail},
		{"the account of a resource", allow(`"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:111122223333:*"`),
			allow(`"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:*:*",` +
				`"Condition":{"StringEquals":{"aws:ResourceAccount":"111122223333"}}`),
			analysis.Pass},
		{"resources of the principal's account", allow(`"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:*:a*"`),
			allow(`"Action":"sqs:SendMessage","Resource":"*",` +
				`"Condition":{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}`),
			analysis.Fail},
		{"another account of a resource", allow(`"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:111122223333:*"`),
			allow(`"Action":"sqs:SendMessage","Resource":"*",` +
				`"Condition":{"StringNotEquals":{"aws:ResourceAccount":"111122223333"}}`),
			analysis.Fail},
		{"text and boolean", condition(`{"StringEquals":{"k":["true","True"]}}`),
			condition(`{"Bool":{"k":"true"},"StringLike":{"k":"?rue"}}`), analysis.Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			document := func(statements string) []byte {
				return []byte(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
			}
			answer, err := analysis.NoNewAccess(policy.Identity, parse(t, "existing", document(tc.existing)),
				parse(t, "updated", document(tc.updated)), analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if answer.Verdict != tc.want {
				t.Errorf("got %v, want %v: %s %v", answer.Verdict, tc.want, answer.Message, answer.Open)
			}
		})
	}
}

func TestWitness_SpellsKeys(t *testing.T) {
	p := statements(t, `{"Effect":"Allow","Action":"x:a",
		"Resource":"arn:aws:x:::${aws:principaltag/Team}/${aws:PRINCIPALACCOUNT}",
		"Condition":{"Bool":{"AWS:securetransport":"true"}}}`)
	answer, err := analysis.NotGranted(policy.Identity, p, []analysis.Access{{}}, analysis.Options{})
	if err != nil || answer.Verdict != analysis.Fail {
		t.Fatal(answer, err)
	}
	var names []string
	for _, k := range answer.Witness.Keys {
		names = append(names, k.Name)
	}
	const want = "AWS:securetransport aws:PrincipalAccount aws:PrincipalTag/team"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
