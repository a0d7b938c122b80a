package account

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Source is one policy that applies to a user, group or role, and its owner.
type Source struct {
	Layer authz.LayerKind // Identity, Group or Boundary
	// OwnerKind and Owner name the user, group or role to which the policy is attached.
	OwnerKind Kind
	Owner     string
	// ARN is set for a managed policy, Name for an inline policy.
	ARN, Name string
	Document  Document
}

// PolicyName returns the name of the policy, managed or inline.
func (s *Source) PolicyName() string {
	if s.ARN != "" {
		return s.ARN[strings.LastIndexByte(s.ARN, '/')+1:]
	}
	return s.Name
}

// Sources returns the policies that apply to a user, group or role: its own, those of its groups and its
// permissions boundary. It omits unknown policies.
func (a *Account) Sources(kind Kind, name string) ([]Source, error) {
	i := a.identity(kind, name)
	if i == nil {
		return nil, fmt.Errorf("the account %s has no %s %s", a.id, kind, name)
	}
	out, err := a.sourcesOf(nil, authz.Identity, i)
	for _, s := range i.groups() {
		g, group := a.groups.at(s)
		if g == nil {
			return nil, fmt.Errorf("%s is in the group %s, which the account %s does not have", i, group, a.id)
		}
		if err == nil {
			out, err = a.sourcesOf(out, authz.Group, g)
		}
	}
	if err != nil || i.boundary == 0 {
		return out, err
	}
	m, arn := a.policies.at(i.boundary)
	if m == nil {
		return nil, fmt.Errorf("the permissions boundary of %s is %s, which the account %s does not have", i, arn, a.id)
	}
	return append(out, sourceOf(authz.Boundary, i, authz.Part{Compiled: m.compiled, Name: m})), nil
}

func (a *Account) sourcesOf(out []Source, layer authz.LayerKind, i *identity) ([]Source, error) {
	parts, err := a.appendPolicies(nil, i, false)
	for _, p := range parts {
		if _, unknown := p.Name.(citation); !unknown {
			out = append(out, sourceOf(layer, i, p))
		}
	}
	return out, err
}

func sourceOf(layer authz.LayerKind, owner *identity, p authz.Part) Source {
	s := Source{Layer: layer, OwnerKind: owner.kind, Owner: owner.name}
	switch named := p.Name.(type) {
	case *managed:
		s.ARN, s.Document = named.arn, named.defaultDocument()
	case *inline:
		s.Name, s.Document = named.name, named.document.value()
	}
	return s
}
