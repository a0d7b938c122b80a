package engine

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func parsedPolicy(t *testing.T, text string) *policy.Document {
	t.Helper()
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestLimitsCheckPolicy_SizesAndDocuments(t *testing.T) {
	policyOfSize := func(size int) string {
		head := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::`
		return head + strings.Repeat("b", size-len(head)-len(`"}}`)) + `"}}`
	}
	for _, tt := range []struct {
		name     string
		document string
		use      PolicyUse
		want     string
	}{
		{"largest managed policy", policyOfSize(6144), ManagedPolicy, ""},
		{"managed policy over the quota", policyOfSize(6145), ManagedPolicy,
			"LimitExceeded: Cannot exceed quota for PolicySize: 6144"},
		{
			"managed policy of the old version", strings.Replace(policyOfSize(200), "2012-10-17", "2008-10-17", 1),
			ManagedPolicy,
			"MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater.",
		},
		{"largest user policy with white space", policyOfSize(2048) + strings.Repeat(" ", 100), UserPolicy, ""},
		{
			"user policy over the quota", policyOfSize(2049), UserPolicy,
			"LimitExceeded: The document has 2049 characters without white space, and the account allows 2048.",
		},
		{"largest group policy", policyOfSize(5120), GroupPolicy, ""},
		{"group policy over the quota", policyOfSize(5121), GroupPolicy, "LimitExceeded: …"},
		{"largest role policy", policyOfSize(10240), RolePolicy, ""},
		{"role policy over the quota", policyOfSize(10241), RolePolicy, "LimitExceeded: …"},
		{"trust policy", trustEC2, TrustPolicy, ""},
		{"trust policy as user policy", trustEC2, UserPolicy, "MalformedPolicyDocument: …"},
		{
			"Deny that never applies, which AWS stores", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*",` +
				`"Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/33"}}}}`,
			ManagedPolicy, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantOutcome(t, DefaultLimits().CheckPolicy(parsedPolicy(t, tt.document), tt.use), tt.want)
		})
	}
	raised := DefaultLimits()
	raised.UserPolicySize = 4000
	wantOutcome(t, raised.CheckPolicy(parsedPolicy(t, policyOfSize(3000)), UserPolicy), "")
}
