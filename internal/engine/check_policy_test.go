package engine

import (
	"fmt"
	"strings"
	"testing"
)

func TestLimitsCheckPolicy_SizesAndDocuments(t *testing.T) {
	sized := func(n int) string {
		head := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::`
		return head + strings.Repeat("b", n-len(head)-len(`"}}`)) + `"}}`
	}
	for _, tt := range []struct {
		document string
		use      PolicyUse
		want     string
	}{
		{sized(6144), ManagedPolicy, ""},
		{sized(6145), ManagedPolicy, "LimitExceeded: Cannot exceed quota for PolicySize: 6144"},
		{strings.Replace(sized(200), "2012-10-17", "2008-10-17", 1), ManagedPolicy, "MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater."},
		{sized(2048) + strings.Repeat(" ", 100), UserPolicy, ""},
		{sized(2049), UserPolicy, "LimitExceeded: The document has 2049 characters without white space, and the account allows 2048."},
		{sized(5120), GroupPolicy, ""},
		{sized(5121), GroupPolicy, "LimitExceeded: …"},
		{sized(10240), RolePolicy, ""},
		{sized(10241), RolePolicy, "LimitExceeded: …"},
		{trustEC2, TrustPolicy, ""},
		{trustEC2, UserPolicy, "MalformedPolicyDocument: …"},
	} {
		t.Run(fmt.Sprint(tt.use, len(tt.document)), func(t *testing.T) {
			wantOutcome(t, DefaultLimits().CheckPolicy(tt.document, tt.use), tt.want)
		})
	}
	raised := DefaultLimits()
	raised.UserPolicySize = 4000
	wantOutcome(t, raised.CheckPolicy(sized(3000), UserPolicy), "")
}
