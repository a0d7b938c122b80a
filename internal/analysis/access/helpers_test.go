package access

import (
	"fmt"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

const accountID = "123456789012"

// allow returns a statement that allows actions on every resource; extra are further elements.
func allow(actions, extra string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":%s,"Resource":"*"%s}`, actions, extra)
}

// doc returns a policy of statements.
func doc(statements ...string) account.Document {
	text := `{"Version":"2012-10-17","Statement":[`
	for i, s := range statements {
		if i > 0 {
			text += ","
		}
		text += s
	}
	return account.Text(text + "]}")
}

func inline(statements ...string) []account.InlinePolicy {
	return []account.InlinePolicy{{Name: "own", Document: doc(statements...)}}
}

// trusts returns a trust policy that allows a principal, as JSON, to assume the role.
func trusts(principal, extra string) account.Document {
	return account.Text(fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":%s,"Action":"sts:AssumeRole"%s}}`, principal,
		extra))
}

func newAccount(t testing.TB, changes ...account.Change) *account.Account {
	t.Helper()
	acc, err := account.New(accountID).With(changes...)
	if err != nil {
		t.Fatal(err)
	}
	return acc
}
