package accesscheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

const (
	accountID = "123456789012"
	prefix    = "arn:aws:iam::" + accountID + ":"
	adminARN  = "arn:aws:iam::aws:policy/AdministratorAccess"
	lambda    = `{"Service":"lambda.amazonaws.com"}`
)

// allow returns a statement that allows an action on a resource; extra are further elements.
func allow(action, resource, extra string) string {
	return fmt.Sprintf(`{"Sid":"Grant","Effect":"Allow","Action":%q,"Resource":%q%s}`, action, resource, extra)
}

func deny(action, resource string) string {
	return strings.Replace(allow(action, resource, ""), "Allow", "Deny", 1)
}

func doc(statements ...string) account.Document {
	return account.Text(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + "]}")
}

func inline(name string, statements ...string) []account.InlinePolicy {
	return []account.InlinePolicy{{Name: name, Document: doc(statements...)}}
}

func managed(name string, statements ...string) account.Policy {
	return account.Policy{ARN: prefix + "policy/" + name, Default: "v1",
		Versions: []account.Version{{ID: "v1", Document: doc(statements...)}}}
}

// trusts returns a trust policy that allows a principal, as JSON, an action on the role.
func trusts(principal, action, extra string) account.Document {
	return doc(fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":%q%s}`, principal, action, extra))
}

// role returns a role that only a service may assume.
func role(name string, policies ...account.InlinePolicy) account.Role {
	return account.Role{Name: name, Trust: trusts(lambda, "sts:AssumeRole", ""), Inline: policies}
}

// newAccount returns an account with the policy AdministratorAccess.
func newAccount(t testing.TB, changes ...account.Change) *account.Account {
	t.Helper()
	p := account.Policy{ARN: adminARN, Default: "v1",
		Versions: []account.Version{{ID: "v1", Document: doc(allow("*", "*", ""))}}}
	acc, err := account.New(accountID).With(append([]account.Change{p}, changes...)...)
	if err != nil {
		t.Fatal(err)
	}
	return acc
}

func find(t testing.TB, before, after *account.Account, checks ...Check) *Result {
	t.Helper()
	r, err := Find(t.Context(), before, after, checks...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// outline returns the checks and principals of the findings, and of the open questions with a question mark.
func outline(r *Result) string {
	var out []string
	for i := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s", r.Findings[i].Check, account.NameOf(r.Findings[i].Principal)))
	}
	for _, o := range r.Open {
		out = append(out, fmt.Sprintf("%s %s?", o.Check, account.NameOf(o.Principal)))
	}
	return strings.Join(out, ", ")
}
