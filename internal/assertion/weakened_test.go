package assertion_test

import (
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
)

func TestWeakened_NamesLostRequests(t *testing.T) {
	deny := func(principal, action string, resources ...string) assertion.Assertion {
		return assertion.Assertion{Principal: principal,
			Blocks: []assertion.Block{{Actions: []string{action}, Resources: resources}}}
	}
	withKey := func(a assertion.Assertion, key, value string) assertion.Assertion {
		a.Blocks = slices.Clone(a.Blocks)
		a.Blocks[0].Context = []assertion.Key{{Name: key, Values: []string{value}}}
		return a
	}
	payroll := deny("ana", "s3:GetObject", "arn:aws:s3:::payroll/*")
	const lost = "s3:GetObject on arn:aws:s3:::payroll/*"
	direct := payroll
	direct.DirectOnly = true
	for name, tt := range map[string]struct {
		old, new assertion.Assertion
		want     []string
	}{
		"same":               {payroll, payroll, nil},
		"other case":         {payroll, deny("ana", "S3:getobject", "arn:aws:s3:::payroll/*"), nil},
		"wider action":       {payroll, deny("ana", "s3:Get*", "arn:aws:s3:::payroll/*"), nil},
		"every action":       {payroll, deny("ana", "*", "arn:aws:s3:::payroll/*"), nil},
		"wider resource":     {payroll, deny("ana", "s3:GetObject", "arn:aws:s3:::*"), nil},
		"any resource":       {payroll, deny("ana", "s3:GetObject"), nil},
		"narrower action":    {deny("ana", "s3:Get*"), deny("ana", "s3:GetObject"), []string{"s3:Get* on any resource"}},
		"narrower resource":  {payroll, deny("ana", "s3:GetObject", "arn:aws:s3:::payroll/a*"), []string{lost}},
		"every resource":     {payroll, deny("ana", "s3:GetObject", "*"), nil},
		"not every resource": {deny("ana", "s3:GetObject", "*"), payroll, []string{"s3:GetObject on any resource"}},
		"other principal":    {payroll, deny("ben", "s3:GetObject", "arn:aws:s3:::payroll/*"), []string{lost}},
		"no block":           {payroll, assertion.Assertion{Principal: "ana"}, []string{lost}},
		"allow block": {payroll, assertion.Assertion{Principal: "ana", Blocks: []assertion.Block{{Allow: true,
			Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::payroll/*"}}}}, []string{lost}},
		"additional context key": {payroll, withKey(payroll, "aws:SourceIp", "10.0.0.1"), []string{lost}},
		"fewer context keys":     {withKey(payroll, "aws:SourceIp", "10.0.0.1"), payroll, nil},
		"same context key": {withKey(payroll, "aws:SourceIp", "10.0.0.1"), withKey(payroll, "aws:sourceip", "10.0.0.1"),
			nil},
		"other context value": {withKey(payroll, "aws:SourceIp", "10.0.0.1"),
			withKey(payroll, "aws:SourceIp", "10.0.0.2"), []string{lost}},
		"roles no longer followed": {payroll, direct, []string{lost}},
		"roles followed":           {direct, payroll, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.old.Weakened(tt.new); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
