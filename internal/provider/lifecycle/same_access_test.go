package lifecycle

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
)

func TestNoteSameAccess(t *testing.T) {
	identity := func(statements string) policytext.Text {
		return policytext.Text{Kind: policy.Identity,
			StringValue: types.StringValue(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)}
	}
	allow := func(actions string) policytext.Text {
		return identity(`{"Effect":"Allow","Action":` + actions + `,"Resource":"*"}`)
	}
	trust := func(principal string) policytext.Text {
		text := identity(`{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}`)
		text.Kind = policy.Trust
		return text
	}
	var large []string // to be compared in more steps than the limit
	for i := range 3000 {
		large = append(large, fmt.Sprintf(`"s3:*%d*"`, i))
	}
	all := func(actions []string) policytext.Text { return allow("[" + strings.Join(actions, ",") + "]") }
	unknown := policytext.Text{Kind: policy.Identity, StringValue: types.StringUnknown()}
	null := policytext.Text{Kind: policy.Identity, StringValue: types.StringNull()}
	for name, tt := range map[string]struct {
		old, updated policytext.Text
		want         bool
	}{
		"covered action":   {allow(`["s3:Get*","s3:GetObject"]`), allow(`"s3:Get*"`), true},
		"same text":        {allow(`"s3:Get*"`), allow(`"s3:Get*"`), false},
		"more access":      {allow(`"s3:GetObject"`), allow(`"s3:Get*"`), false},
		"less access":      {allow(`"s3:Get*"`), allow(`"s3:GetObject"`), false},
		"lost denial":      {identity(`{"Effect":"Deny","Action":"*","Resource":"*"}`), identity(``), false},
		"another Sid":      {allow(`"*"`), identity(`{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}`), true},
		"unknown":          {allow(`"*"`), unknown, false},
		"no earlier text":  {null, allow(`"*"`), false},
		"invalid":          {identity(`{`), allow(`"*"`), false},
		"account, other":   {trust(`{"AWS":"111122223333"}`), trust(`{"AWS":"444455556666"}`), false},
		"account, same":    {trust(`{"AWS":"111122223333"}`), trust(`{"AWS":"arn:aws:iam::111122223333:root"}`), true},
		"beyond the limit": {all(large), all(large[1:]), false},
		"trust of one user": {trust(`{"AWS":"111122223333"}`),
			trust(`{"AWS":["111122223333","arn:aws:iam::111122223333:user/a"]}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Session{Planned: planaccount.New(nil, planaccount.Options{})}
			s.Planned.EnterRefresh()
			var diags diag.Diagnostics
			s.NoteSameAccess(path.Root("policy"), `policy "deploy"`, tt.old, tt.updated, &diags)
			const want = `Access does not change: the new text of policy "deploy" allows and denies the same requests as ` +
				`the old one`
			if got := len(diags) == 1 && diags[0].Summary() == want; got != tt.want || !tt.want && len(diags) > 0 {
				t.Errorf("got the diagnostics %v, want one = %v", diags, tt.want)
			}
			if diags.HasError() {
				t.Error("the note is an error")
			}
		})
	}
}
