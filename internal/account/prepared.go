package account

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Prepared refers to compiled policies, so that they stay in the account's cache. [Account.With] does not compile their
// texts again as long as the Prepared is reachable. The zero value is ready for use.
type Prepared struct{ documents []document }

// PrepareIdentity compiles an identity policy for later changes and adds it to p. It ignores a policy that cannot be
// compiled, because the change that contains the policy returns the error.
func (a *Account) PrepareIdentity(text string, doc *policy.Document, p *Prepared) {
	a.prepare(authz.Identity, "policy", Parsed(text, doc), p)
}

func (a *Account) prepare(kind authz.LayerKind, name string, d Document, p *Prepared) {
	if d.tree != nil || d.text == "" {
		return // the library holds only texts
	}
	if compiled, err := a.library.compile(kind, name, d); err == nil {
		p.documents = append(p.documents, compiled)
	}
}
