package analysis_test

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
)

func TestNotPublic_Cases(t *testing.T) {
	bucket := func(rest string) string {
		return `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",` + rest + `}`
	}
	everyone := func(condition string) string { return bucket(`"Principal":"*","Condition":` + condition) }
	for _, tc := range []struct {
		name, statements string
		want             analysis.Verdict
	}{
		{"everyone", bucket(`"Principal":"*"`), analysis.Fail},
		{"every AWS principal", bucket(`"Principal":{"AWS":"*"}`), analysis.Fail},
		{"an account", bucket(`"Principal":{"AWS":"111122223333"}`), analysis.Pass},
		{"a service", bucket(`"Principal":{"Service":"cloudtrail.amazonaws.com"}`), analysis.Pass},
		{"an organization", everyone(`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), analysis.Pass},
		{"an organization with a wildcard", everyone(`{"StringLike":{"aws:PrincipalOrgID":"o-*"}}`), analysis.Fail},
		{"an organization if there is one", everyone(`{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`), analysis.Fail},
		{"organization paths", everyone(`{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r-1/"}}`), analysis.Pass},
		{"all organization paths", everyone(`{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r-1/"}}`),
			analysis.Fail},
		{"another organization", everyone(`{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`), analysis.Fail},
		{"a VPC endpoint", everyone(`{"StringEquals":{"aws:SourceVpce":["vpce-1","vpce-2"]}}`), analysis.Pass},
		{"a VPC by a pattern", everyone(`{"StringLike":{"aws:SourceVpc":"vpc-*"}}`), analysis.Fail},
		{"an address range", everyone(`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), analysis.Pass},
		{"a broad address range", everyone(`{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}`), analysis.Fail},
		{"a range of eight bits", everyone(`{"IpAddress":{"aws:SourceIp":"11.0.0.0/8"}}`), analysis.Pass},
		{"private addresses", everyone(`{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","fc00::/7"]}}`), analysis.Pass},
		{"a broad range of IPv6", everyone(`{"IpAddress":{"aws:SourceIp":"2000::/3"}}`), analysis.Fail},
		{"a source ARN", everyone(`{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}}`), analysis.Pass},
		{"any source ARN", everyone(`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}`), analysis.Fail},
		{"a role of an account", everyone(`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}`),
			analysis.Pass},
		{"a role of any account", everyone(`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}`), analysis.Fail},
		{"a secure transport", everyone(`{"Bool":{"aws:SecureTransport":"true"}}`), analysis.Fail},
		{"a tag of the principal", everyone(`{"StringEquals":{"aws:PrincipalTag/team":"a"}}`), analysis.Fail},
		{"everyone but denied", bucket(`"Principal":"*"`) +
			`,{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",` +
			`"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}`, analysis.Pass},
		{"nothing", `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`, analysis.Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := parse(t, "policy", []byte(`{"Version":"2012-10-17","Statement":[`+tc.statements+`]}`))
			answer, err := analysis.NotPublic("AWS::S3::Bucket", p, analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if answer.Verdict != tc.want {
				t.Errorf("got %v, want %v: %s %v", answer.Verdict, tc.want, answer.Message, answer.Open)
			}
		})
	}
}

func TestNotPublicResource_TakesAnyType(t *testing.T) {
	for effect, want := range map[string]analysis.Verdict{"Allow": analysis.Fail, "Deny": analysis.Pass} {
		p := parse(t, "policy", []byte(`{"Version":"2012-10-17","Statement":{"Effect":"`+effect+
			`","Principal":"*","Action":"ecr:BatchGetImage","Resource":"*"}}`))
		answer, err := analysis.NotPublicResource("AWS::ECR::Repository", p, analysis.Options{})
		if err != nil || answer.Verdict != want {
			t.Errorf("%s: got %v and error %v", effect, answer, err)
		}
	}
}

func TestNotPublic_RefusesUnknownType(t *testing.T) {
	if _, err := analysis.NotPublic("AWS::S3::Buckets", nil, analysis.Options{}); err == nil {
		t.Error("no error")
	}
}
