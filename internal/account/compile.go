package account

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Prepared holds compiled policies. As long as it is in use, [Account.With] does not parse the same texts again. The
// zero value is ready for use.
type Prepared struct{ documents []document }

// PrepareIdentity compiles an identity policy for later changes and adds it to p. It ignores a policy that cannot be
// compiled: the change that contains the policy returns the error.
func (a *Account) PrepareIdentity(text string, doc *policy.Document, p *Prepared) {
	a.prepare(authz.Identity, "policy", Parsed(text, doc), p)
}

func (a *Account) prepare(kind authz.LayerKind, name string, d Document, p *Prepared) {
	if compiled, err := a.library.compile(kind, name, d); err == nil {
		p.documents = append(p.documents, compiled)
	}
}
