package account

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Prepared keeps compiled policies alive. While it exists, [Account.With] finds the same texts compiled and does
// not parse them again. The zero value is ready for use.
type Prepared struct{ documents []document }

// PrepareIdentity compiles an identity policy for changes to come. It ignores a policy that cannot be compiled:
// the change that has it returns the error.
func (a *Account) PrepareIdentity(text string, doc *policy.Document, keep *Prepared) {
	a.prepare(authz.Identity, "policy", Parsed(text, doc), keep)
}

func (a *Account) prepare(kind authz.LayerKind, name string, d Document, keep *Prepared) {
	if compiled, err := a.library.compile(kind, name, d); err == nil {
		keep.documents = append(keep.documents, compiled)
	}
}
