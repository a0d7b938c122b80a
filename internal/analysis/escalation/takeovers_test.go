package escalation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

func TestTakeovers(t *testing.T) {
	const provider = prefix + "oidc-provider/example.com"
	acc := newAccount(t,
		account.User{Name: "boss", Attached: []string{admin}},
		account.User{Name: "x", Inline: inline(allow("sts:AssumeRole", "*", ""),
			allow("iam:CreateAccessKey", prefix+"user/z", mfaOnly),
			allow("iam:UpdateAssumeRolePolicy", prefix+"role/closed", ""))},
		account.User{Name: "z"},
		account.Role{Name: "open", Trust: trustsAccount},
		account.Role{Name: "closed", Trust: trustsEC2},
		account.Role{Name: "denied", Trust: trustsEC2},
		account.Role{Name: "web", Trust: account.Text(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
			`"Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity",` +
			`"Condition":{"StringEquals":{"example.com:sub":"job"}}}]}`)},
		account.User{Name: "unclear", Unknown: account.Unknown{Attached: true}})
	found, open, err := Takeovers(context.Background(), acc, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		var steps []string
		for _, step := range f.Steps {
			for _, r := range step.Requests {
				steps = append(steps, fmt.Sprint(r.Action, r.If))
			}
		}
		got = append(got, fmt.Sprintf("%s: %s: %s", strings.TrimPrefix(f.By.String(), prefix), strings.Join(steps, ", "),
			strings.TrimPrefix(f.Gains.String(), prefix)))
	}
	want := []string{
		`user/x: iam:CreateAccessKey [aws:MultiFactorAuthPresent is "true"]: user/z`,
		`user/x: iam:UpdateAssumeRolePolicy [], sts:AssumeRole []: role/closed`,
		`user/x: sts:AssumeRole []: role/open`,
		`oidc-provider/example.com: sts:AssumeRoleWithWebIdentity [example.com:sub is "job"]: role/web`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(open) == 0 || open[0].From.Name() != "unclear" {
		t.Errorf("the open questions are %v", open)
	}
}
