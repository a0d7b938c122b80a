package escalation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

const (
	accountID = "123456789012"
	prefix    = "arn:aws:iam::" + accountID + ":"
	admin     = "arn:aws:iam::aws:policy/AdministratorAccess"
)

// allow returns a statement that allows an action on a resource; extra are further elements.
func allow(action, resource, extra string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":%q%s}`, action, resource, extra)
}

// deny returns a statement that denies an action.
func deny(action, resource, extra string) string {
	return strings.Replace(allow(action, resource, extra), "Allow", "Deny", 1)
}

func doc(statements ...string) account.Document {
	return account.Text(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + "]}")
}

func inline(statements ...string) []account.InlinePolicy {
	if len(statements) == 0 {
		return nil
	}
	return []account.InlinePolicy{{Name: "own", Document: doc(statements...)}}
}

// managed returns a managed policy with versions, of which the last one is the default version.
func managed(name string, versions ...account.Document) account.Policy {
	p := account.Policy{ARN: prefix + "policy/" + name}
	for i, d := range versions {
		p.Default = fmt.Sprintf("v%d", i+1)
		p.Versions = append(p.Versions, account.Version{ID: p.Default, Document: d})
	}
	return p
}

// trusts returns a trust policy that allows a principal, as JSON, an action on the role.
func trusts(principal, action string) account.Document {
	return account.Text(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":%q}]}`,
		principal, action))
}

// Trust policies of roles.
var (
	trustsUser    = trusts(`{"AWS":"`+prefix+`user/x"}`, "sts:AssumeRole")
	trustsEC2     = trusts(`{"Service":"ec2.amazonaws.com"}`, "sts:AssumeRole")
	trustsAccount = trusts(`{"AWS":"`+accountID+`"}`, "sts:AssumeRole")
)

func newAccount(t testing.TB, changes ...account.Change) *account.Account {
	t.Helper()
	p := account.Policy{ARN: admin, Default: "v1",
		Versions: []account.Version{{ID: "v1", Document: account.Text(everything)}}}
	acc, err := account.New(accountID).With(append([]account.Change{p}, changes...)...)
	if err != nil {
		t.Fatal(err)
	}
	return acc
}

// find searches from a principal.
func find(t testing.TB, acc *account.Account, from string, target Target) *Result {
	t.Helper()
	p, err := acc.Principal(prefix + from)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Find(t.Context(), acc, Options{Target: target, From: []authz.Principal{p}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// outline returns the actions of a path with their actors, such as "x iam:CreateAccessKey, y sts:AssumeRole".
func outline(p *Path) string {
	var steps []string
	for _, s := range p.Steps {
		for _, r := range s.Requests {
			name := s.Actor.Name()
			if name == "" {
				name = "provider"
			}
			steps = append(steps, name+" "+r.Action.String())
		}
	}
	return strings.Join(steps, ", ")
}
