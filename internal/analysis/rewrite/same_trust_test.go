package rewrite_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/rewrite"
)

func TestSameTrust(t *testing.T) {
	const (
		own  = "123456789012"
		root = `{"AWS":"arn:aws:iam::` + own + `:root"}`
		ana  = `{"AWS":"arn:aws:iam::` + own + `:user/ana"}`
		bob  = `{"AWS":"arn:aws:iam::` + own + `:user/bob"}`
		both = `{"AWS":["arn:aws:iam::` + own + `:user/ana","arn:aws:iam::` + own + `:user/bob"]}`
		mfa  = `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
		of   = `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"` + own + `"}}`
	)
	allow := func(principal, rest string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"` + rest + `}`
	}
	const guard = `{"Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	for name, tt := range map[string]struct {
		a, b string
		want bool
	}{
		"account by id and by ARN":     {allow(`{"AWS":"`+own+`"}`, ""), allow(root, ""), true},
		"order":                        {allow(ana, "") + "," + allow(bob, ""), allow(bob, "") + "," + allow(ana, ""), true},
		"joined":                       {allow(ana, "") + "," + allow(bob, ""), allow(both, ""), true},
		"covered condition":            {allow(ana, "") + "," + allow(ana, mfa), allow(ana, ""), true},
		"everyone":                     {allow(`"*"`, of), allow(`{"AWS":"*"}`, of), true},
		"account or its everyone":      {allow(root, ""), allow(`"*"`, of), false},
		"account and one of its users": {allow(root, ""), allow(root, "") + "," + allow(ana, ""), false},
		"conditions of two names swapped": {allow(root, mfa) + "," + allow(`"*"`, of), allow(root, "") + "," +
			allow(`"*"`, strings.TrimSuffix(of, "}")+`,"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), false},
		"other user":  {allow(ana, ""), allow(bob, ""), false},
		"denial":      {allow(ana, "") + "," + guard, guard + "," + allow(ana, ""), true},
		"lost denial": {allow(ana, "") + "," + guard, allow(ana, ""), false},
		"service and others": {allow(`{"Service":"ec2.amazonaws.com","AWS":"`+own+`"}`, ""),
			allow(root, "") + "," + allow(`{"Service":"ec2.amazonaws.com"}`, ""), true},
		"NotPrincipal": {allow(ana, "") + `,{"Effect":"Deny","NotPrincipal":` + ana + `,"Action":"sts:*"}`,
			allow(ana, "") + `,{"Effect":"Deny","NotPrincipal":` + ana + `,"Action":["sts:*"]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := parse(t, tt.a), parse(t, tt.b)
			if got := rewrite.SameTrust(a.Document, b.Document, analysis.Options{}); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if got := rewrite.SameTrust(b.Document, a.Document, analysis.Options{}); got != tt.want {
				t.Errorf("in the other order: got %v, want %v", got, tt.want)
			}
		})
	}
}
