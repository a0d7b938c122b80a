package engine

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestGetContextKeys_ForPolicies(t *testing.T) {
	e := newPopulatedEngine(t)
	custom, err := operator(e).GetContextKeysForCustomPolicy(t.Context(),
		&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{
			statement("Allow", "s3:*", "arn:aws:s3:::b/${aws:username}/${*}",
				`,"Condition":{"StringLike":{"s3:prefix":["${aws:userid, 'x'}/*"]},"NumericLessThan":{"s3:max-keys":"10"},`+
					`"Bool":{"AWS:SecureTransport":"true"}}`),
			statement("Deny", "*", "*", `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`),
			`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:literal}"}}`,
		}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"AWS:SecureTransport", "aws:userid", "aws:username", "s3:max-keys",
		"s3:prefix"}; !slices.Equal(custom.ContextKeyNames, want) {
		t.Errorf("got %q, want %q", custom.ContextKeyNames, want)
	}
	principal, err := operator(e).GetContextKeysForPrincipalPolicy(t.Context(), &iam.GetContextKeysForPrincipalPolicyInput{
		PolicySourceArn: aws.String(e.iamARN("user/team/ann")),
		PolicyInputList: []string{statement("Allow", "s3:*", "arn:aws:s3:::${aws:username}", "")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"aws:PrincipalTag/team", "aws:SecureTransport",
		"aws:username"}; !slices.Equal(principal.ContextKeyNames, want) {
		t.Errorf("got %q, want %q", principal.ContextKeyNames, want)
	}
	none, err := operator(e).GetContextKeysForCustomPolicy(t.Context(),
		&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{allowAll}})
	if err != nil || none.ContextKeyNames == nil {
		t.Errorf("for a policy without context keys, got %v and error %v", none, err)
	}
	_, err = operator(e).GetContextKeysForCustomPolicy(t.Context(),
		&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{"{"}})
	wantOutcome(t, err, "InvalidInput: PolicyInputList.1 cannot be read as a policy: …")
}
