package planfile

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// A plan that creates a role, its policies and its attachments: nothing of it exists, so that the provider of AWS knows
// no ARN.
func TestResolve_FreshResources(t *testing.T) {
	const computed = `"arn":true,"id":true,"unique_id":true,"create_date":true`
	changes := []string{
		created("aws_iam_role.ci", `{"name":"ci","path":"/"}`, `{`+computed+`,"assume_role_policy":true}`),
		created("aws_iam_role.caller", `{"name":"caller","path":"/x/"}`, `{`+computed+`}`),
		created("aws_iam_policy.p[0]", `{"name":"first","path":"/"}`, `{`+computed+`,"policy":true}`),
		created("aws_iam_policy.p[1]", `{"name":"second","path":"/"}`, `{`+computed+`,"policy":true}`),
		created("aws_iam_role_policy_attachment.x[0]", `{}`, `{"id":true,"policy_arn":true,"role":true}`),
		created("aws_iam_role_policy_attachment.x[1]", `{}`, `{"id":true,"policy_arn":true,"role":true}`),
		created("aws_s3_bucket.b", `{"bucket":"b"}`, `{"arn":true,"id":true}`),
		created("aws_s3_bucket_policy.b", `{}`, `{"bucket":true,"id":true,"policy":true}`),
		created("aws_iam_role.generated", `{"name_prefix":"u-","path":"/"}`, `{`+computed+`,"name":true}`),
		created("aws_iam_role_policy.m", `{"name":"m","policy":"{}"}`, `{"id":true,"role":true}`),
		deferred("data.aws_caller_identity.c", `{}`, `{"account_id":true}`),
		deferred("data.aws_iam_policy_document.trust", `{"statement":[{"actions":["sts:AssumeRole"],
			"principals":[{"type":"AWS","identifiers":[null]}]}]}`,
			`{"json":true,"statement":[{"principals":[{"identifiers":[true]}]}]}`),
		deferred("data.aws_iam_policy_document.bucket", `{"statement":[{"actions":["s3:*"],"resources":["arn:aws:s3:::b/*"],
			"principals":[{"type":"AWS","identifiers":[null]}]}]}`,
			`{"json":true,"statement":[{"principals":[{"identifiers":[true]}]}]}`),
	}
	document := func(name string) string {
		return refs("data.aws_iam_policy_document."+name+".json", "data.aws_iam_policy_document."+name)
	}
	identifiers := func(role string) string {
		return `{"statement":[{"principals":[{"type":{"constant_value":"AWS"},"identifiers":` +
			refs("aws_iam_role."+role+".arn", "aws_iam_role."+role) + `}]}]}`
	}
	p := resolved(t, Options{}, planText(strings.Join(changes, ","), root(
		block("aws_iam_role.ci", `{"assume_role_policy":`+document("trust")+`}`),
		block("aws_iam_role.caller", `{}`),
		block("aws_iam_policy.p", `{"policy":`+refs("local.document")+`}`),
		block("aws_iam_role_policy_attachment.x", `{"policy_arn":`+refs("aws_iam_policy.p", "count.index")+
			`,"role":`+refs("aws_iam_role.ci.id", "aws_iam_role.ci")+`}`),
		block("aws_s3_bucket_policy.b", `{"bucket":`+refs("aws_s3_bucket.b.id", "aws_s3_bucket.b")+
			`,"policy":`+document("bucket")+`}`),
		block("aws_iam_role.generated", `{"name_prefix":{"constant_value":"u-"}}`),
		block("aws_iam_role_policy.m", `{"role":`+refs("aws_iam_role.generated.name", "aws_iam_role.generated")+`}`),
		block("data.aws_iam_policy_document.trust", identifiers("caller")),
		block("data.aws_iam_policy_document.bucket", identifiers("ci")),
	), ""))
	// The result is the same if Resolve is called again.
	if err := p.Resolve(Options{Place: planned.Place{Account: "111111111111"}}); err != nil {
		t.Fatal(err)
	}
	assumed := len(p.Assumed)
	if err := p.Resolve(Options{}); err != nil || len(p.Assumed) != assumed || assumed == 0 {
		t.Errorf("found %d assumptions, want %d; %v", len(p.Assumed), assumed, err)
	}
	const account = "arn:aws:iam::000000000000:"
	for _, tc := range []struct{ address, attribute, want string }{
		{"aws_iam_role.ci", "arn", quote(account + "role/ci")},
		{"aws_iam_role.caller", "arn", quote(account + "role/x/caller")},
		{"aws_iam_role.ci", "assume_role_policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
			`"Action":"sts:AssumeRole","Principal":{"AWS":"` + account + `role/x/caller"}}]}`},
		{"aws_iam_role_policy_attachment.x[0]", "policy_arn", quote(account + "policy/first")},
		{"aws_iam_role_policy_attachment.x[1]", "policy_arn", quote(account + "policy/second")},
		{"aws_iam_role_policy_attachment.x[1]", "role", `"ci"`},
		{"aws_iam_policy.p[0]", "policy", "<unknown>"},
		{"aws_s3_bucket_policy.b", "bucket", `"b"`},
		{"aws_s3_bucket_policy.b", "policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",` +
			`"Resource":"arn:aws:s3:::b/*","Principal":{"AWS":"` + account + `role/ci"}}]}`},
		{"data.aws_caller_identity.c", "account_id", `"000000000000"`},
	} {
		if found := compact(t, after(t, p, tc.address, tc.attribute)); found != tc.want {
			t.Errorf("%s %s: found %s, want %s", tc.address, tc.attribute, found, tc.want)
		}
	}
	role, name := after(t, p, "aws_iam_role_policy.m", "role"), after(t, p, "aws_iam_role.generated", "name")
	if !tree.Equal(role, name) || !strings.HasPrefix(name.Text, "u-${terraform:") {
		t.Errorf("found role %s with the name %s", show(role), show(name))
	}
	var unresolved []string
	for _, u := range p.Unresolved {
		unresolved = append(unresolved, u.Address+" "+u.Attribute)
	}
	if found := strings.Join(unresolved, ", "); found != "aws_iam_policy.p[0] policy, aws_iam_policy.p[1] policy" {
		t.Errorf("unresolved: %s", found)
	}
}
