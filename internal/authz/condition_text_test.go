package authz_test

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

func TestConditionView_String(t *testing.T) {
	for condition, want := range map[string]string{
		`"Bool":{"aws:MultiFactorAuthPresent":"true"}`:       `aws:MultiFactorAuthPresent is "true"`,
		`"StringEquals":{"k":["a","b"]}`:                     `k is any of "a", "b"`,
		`"StringNotEquals":{"k":["a","b"]}`:                  `k is not any of "a", "b"`,
		`"StringEqualsIgnoreCase":{"k":"a"}`:                 `k is "a" in any case`,
		`"StringNotLike":{"k":"a*"}`:                         `k does not match "a*"`,
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:*"}`:  `aws:PrincipalArn matches "arn:aws:iam::*:*"`,
		`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`:          `aws:SourceIp is in 10.0.0.0/8`,
		`"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}`:       `aws:SourceIp is not in 10.0.0.0/8`,
		`"NumericLessThan":{"k":"3600"}`:                     `k is less than 3600`,
		`"NumericNotEquals":{"k":["1","x"]}`:                 `k is not any of 1, "x", which cannot be compared`,
		`"DateGreaterThan":{"aws:CurrentTime":"2026-01-01"}`: `aws:CurrentTime is after 2026-01-01`,
		`"Null":{"k":"true"}`:                                `k is absent`,
		`"Null":{"k":["true","false"]}`:                      `k is present or absent`,
		`"StringEqualsIfExists":{"k":"a"}`:                   `k is "a" or k is absent`,
		`"ForAllValues:StringEquals":{"aws:TagKeys":"a"}`:    `every value of aws:TagKeys is "a"`,
		`"ForAnyValue:StringLike":{"aws:TagKeys":"a*"}`:      `some value of aws:TagKeys matches "a*"`,
		`"StringEquals":{"k":["1","2","3","4","5","6","7"]}`: `k is any of "1", "2", "3", "4", "5" and 2 more`,
	} {
		text := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{` +
			condition + `}}}`
		compiled, err := authz.CompileText(authz.Identity, "p", text)
		if err != nil {
			t.Fatal(err)
		}
		for view := range compiled.Statements() {
			if got := view.Conditions[0].String(); got != want {
				t.Errorf("%s: %s, want %s", condition, got, want)
			}
		}
	}
}
