package escalation

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// actor is a user, role or identity provider that the person acts as.
type actor struct {
	principal authz.Principal
	access    *account.Access // nil for an identity provider
	// own is set for the principal that the person has to begin with. Its credentials and sessions may have any keys that
	// the account allows.
	own bool
	// mfa says that the requests may have been authenticated with MFA. A person that takes over a user does not have the
	// device of the user.
	mfa bool
	// may has the actions of the steps that the actor's own policies may allow.
	may actionSet
	// version counts the changes of the actor's access.
	version int
	// full is set once a step gave the actor a policy that allows everything.
	full bool
}

// provider reports whether the actor is an identity provider.
func (a *actor) provider() bool { return a.principal.Kind == authz.FederatedProvider }

// key identifies the actor.
func (a *actor) key() string { return a.principal.String() }

// kind returns the kind of a user or role.
func (a *actor) kind() account.Kind {
	if a.principal.Kind == authz.User {
		return account.UserKind
	}
	return account.RoleKind
}

// refresh reads the access of the actor again after a change of the account.
func (a *actor) refresh(acc *account.Account) error {
	if a.provider() {
		return nil
	}
	access, err := acc.Access(a.principal, account.Credentials{})
	if err != nil {
		return err
	}
	a.access, a.may = access, mayOf(access)
	return nil
}

// actionSet is a set of the actions of the steps.
type actionSet uint64

func (s actionSet) has(action authz.Action) bool { return s&actionBits[action.String()] != 0 }

func setOf(actions ...authz.Action) (out actionSet) {
	for _, a := range actions {
		out |= actionBits[a.String()]
	}
	return out
}

// mayOf returns the actions of the steps that the principal's own policies may allow on some resource.
func mayOf(access *account.Access) (out actionSet) {
	p := access.Policies()
	for _, action := range stepActions {
		bit := actionBits[action.String()]
		for _, layer := range []*authz.Layer{p.Identity, p.Group} {
			if layer == nil || out&bit != 0 {
				continue
			}
			if may, _ := layer.MayAllow(access.Principal(), action); may {
				out |= bit
			}
		}
	}
	return out
}
