package rewrite_test

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/rewrite"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func TestSameMeaning(t *testing.T) {
	const (
		denyQueues = `{"Effect":"Deny","Action":"sqs:*","Resource":"*"}`
		denySend   = `{"Effect":"Deny","Action":"sqs:SendMessage","Resource":"*"}`
		tls        = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",` +
			`"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
		tlsIfExists = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",` +
			`"Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}}`
		trust = `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`
		guard = `{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole",` +
			`"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}}`
	)
	for name, tc := range map[string]struct {
		kind policy.Kind
		a, b string
		want analysis.Verdict
	}{
		"another order of statements": {policy.Identity, readReports + "," + denyDelete, denyDelete + "," + readReports,
			analysis.Pass},
		"a covered denial":             {policy.Identity, denyQueues, denyQueues + "," + denySend, analysis.Pass},
		"denials of different actions": {policy.Identity, denyQueues, denySend, analysis.Fail},
		"a denial without a grant":     {policy.Identity, readReports, readReports + "," + denyQueues, analysis.Fail},
		"different grants":             {policy.Identity, readReports, readSafely, analysis.Fail},
		"policies that only deny":      {policy.Resource, tls, tls, analysis.Pass},
		"a denial without the key":     {policy.Resource, tls, tlsIfExists, analysis.Fail},
		"trust policies":               {policy.Trust, trust + "," + guard, guard + "," + trust, analysis.Pass},
		"trust policies that differ":   {policy.Trust, trust + "," + guard, trust, analysis.Fail},
		"service control policies":     {policy.ServiceControl, denyQueues, denySend, analysis.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rewrite.SameMeaning(tc.kind, []authz.Policy{parse(t, tc.a)}, []authz.Policy{parse(t, tc.b)},
				analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != tc.want {
				t.Errorf("the verdict is %s, want %s: %s %v", got.Verdict, tc.want, got.Message, got.Open)
			}
		})
	}
}
