package account_test

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

func TestAccount_WithVersionsOf(t *testing.T) {
	const arn = "arn:aws:iam::123456789012:policy/p"
	document := account.Text(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)
	withVersions := func(ids ...string) *account.Account {
		p := account.Policy{ARN: arn, Default: ids[len(ids)-1]}
		for _, id := range ids {
			p.Versions = append(p.Versions, account.Version{ID: id, Document: document})
		}
		acc, err := account.New("123456789012").With(p)
		if err != nil {
			t.Fatal(err)
		}
		return acc
	}
	out, err := withVersions("v2").WithVersionsOf(withVersions("v1", "v2", "v3"))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := out.Policy(arn)
	if len(p.Versions) != 3 || p.Default != "v2" {
		t.Errorf("%d versions, default %s; want 3, default v2", len(p.Versions), p.Default)
	}
}
