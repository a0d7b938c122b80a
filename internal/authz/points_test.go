package authz

import (
	"encoding/json"
	"testing"
)

// TestPoints decides cases that package reference has no word on, each named
// after the rule that it is about.
func TestPoints(t *testing.T) {
	const who = `"principal":"` + bob + `","action":"s3:GetObject","resource":"` + object + `"`
	identity := func(condition, context string) string {
		return `{` + who + `,"identity":` + statements(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+condition+`}`) + `,"context":` + context + `}`
	}
	to := func(principal string) string {
		return `{` + who + `,"resource_policy":` + statements(`{"Effect":"Allow","Principal":`+principal+`,"Action":"*","Resource":"*"}`) + `}`
	}
	for _, test := range []struct{ name, text, expect string }{
		{"7 no Resource in a bucket's policy", `{` + who + `,"resource_policy":` + statements(`{"Effect":"Allow","Principal":"*","Action":"s3:*"}`) + `}`, "Refused"},
		{"12 a variable under Bool is replaced", identity(`{"Bool":{"aws:SecureTransport":"${x:tls}"}}`, `{"aws:SecureTransport":"true","x:tls":"True"}`), "Allowed"},
		{"12 a variable under Bool is replaced, differing", identity(`{"Bool":{"aws:SecureTransport":"${x:tls}"}}`, `{"aws:SecureTransport":"true","x:tls":"false"}`), "ImplicitlyDenied"},
		{"31 a colon in a value does not split an ARN", identity(`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:${x:k}:1:t"}}`, `{"aws:SourceArn":"arn:aws:sns:r:9:1:t","x:k":"r:9"}`), "ImplicitlyDenied"},
		{"53 no partial wildcards", to(`{"AWS":"arn:aws:iam::123456789012:user/*"}`), "Refused"},
		{"53 a star is no service", to(`{"Service":"*"}`), "Refused"},
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
			answers(t, &c)
		})
	}
}
