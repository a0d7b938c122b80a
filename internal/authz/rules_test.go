package authz

import (
	"encoding/json"
	"testing"
)

// TestDecide_Rules decides cases that package reference does not cover. The name of each begins
// with its rule.
func TestDecide_Rules(t *testing.T) {
	const caller = `"principal":"` + bob + `","action":"s3:GetObject","resource":"` + object + `"`
	identity := func(condition, context string) string {
		return `{` + caller + `,"identity":` +
			statements(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+condition+`}`) + `,"context":` +
			context + `}`
	}
	to := func(principal string) string {
		return `{` + caller + `,"resource_policy":` +
			statements(`{"Effect":"Allow","Principal":`+principal+`,"Action":"*","Resource":"*"}`) + `}`
	}
	for _, test := range []struct{ name, text, expect string }{
		{"7 bucket policy without Resource",
			`{` + caller + `,"resource_policy":` + statements(`{"Effect":"Allow","Principal":"*","Action":"s3:*"}`) + `}`,
			"Refused"},
		{"12 variable under Bool, equal value",
			identity(`{"Bool":{"aws:SecureTransport":"${x:tls}"}}`, `{"aws:SecureTransport":"true","x:tls":"True"}`), "Allowed"},
		{"12 variable under Bool, other value",
			identity(`{"Bool":{"aws:SecureTransport":"${x:tls}"}}`, `{"aws:SecureTransport":"true","x:tls":"false"}`),
			"ImplicitlyDenied"},
		{"31 colon in a variable's value",
			identity(`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:${x:k}:1:t"}}`,
				`{"aws:SourceArn":"arn:aws:sns:r:9:1:t","x:k":"r:9"}`), "ImplicitlyDenied"},
		{"53 partial wildcard in a principal", to(`{"AWS":"arn:aws:iam::123456789012:user/*"}`), "Refused"},
		{"53 star as a service", to(`{"Service":"*"}`), "Refused"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c caseText
			if err := json.Unmarshal([]byte(test.text), &c); err != nil {
				t.Fatal(err)
			}
			c.Expect = test.expect
			if _, _, err := c.decode(); test.expect == "Refused" {
				if err == nil {
					t.Error("not refused")
				}
				return
			}
			checkCase(t, &c)
		})
	}
}
