package escalation

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// source is a policy of an actor: a managed policy, or an inline policy by name, of the actor itself or of a group.
type source struct {
	owner  account.Kind
	name   string // of the owner
	arn    string // of a managed policy
	inline string
	// may and deny tell what the policy contains. They are set by search.inspect.
	mayAllow, mayDeny bool
}

// citation is the name of the policy in decisions.
func (p *source) citation() string {
	if p.arn != "" {
		return p.arn
	}
	return "inline policy " + p.inline + " of " + p.owner.String() + " " + p.name
}

// sourcesOf returns the policies of an actor: its own, and those of its groups.
func sourcesOf(acc *account.Account, a *actor) (out []source) {
	add := func(kind account.Kind, name string, attached []string, inline []account.InlinePolicy) {
		for _, arn := range attached {
			out = append(out, source{owner: kind, name: name, arn: arn})
		}
		for _, p := range inline {
			out = append(out, source{owner: kind, name: name, inline: p.Name})
		}
	}
	if a.kind() == account.RoleKind {
		if r, ok := acc.Role(a.principal.Name()); ok {
			add(account.RoleKind, r.Name, r.Attached, r.Inline)
		}
		return out
	}
	u, ok := acc.User(a.principal.Name())
	if !ok {
		return nil
	}
	add(account.UserKind, u.Name, u.Attached, u.Inline)
	for _, name := range u.Groups {
		if g, ok := acc.Group(name); ok {
			add(account.GroupKind, g.Name, g.Attached, g.Inline)
		}
	}
	return out
}

// boundaryOf returns the ARN of the permissions boundary of an actor.
func boundaryOf(acc *account.Account, a *actor) string {
	if a.kind() == account.RoleKind {
		r, _ := acc.Role(a.principal.Name())
		return r.Boundary
	}
	u, _ := acc.User(a.principal.Name())
	return u.Boundary
}

// groupsOf returns the names of the groups of an actor.
func groupsOf(acc *account.Account, a *actor) []string {
	if a.kind() == account.RoleKind {
		return nil
	}
	u, _ := acc.User(a.principal.Name())
	return u.Groups
}

// inspect returns the policies of an actor that may deny something, and says whether they also allow.
func (s *search) inspect(acc *account.Account, a *actor) []source {
	policies := a.access.Policies()
	outlines := policies.Outlines()
	deny, allow := map[string]bool{}, map[string]bool{}
	for i := range outlines {
		o := &outlines[i]
		if o.Layer != authz.Identity && o.Layer != authz.Group || !o.MayDeny {
			continue
		}
		deny[s.sources.View(o).Ref.Policy] = true
	}
	if len(deny) == 0 {
		return nil
	}
	for i := range outlines {
		if o := &outlines[i]; (o.Layer == authz.Identity || o.Layer == authz.Group) && o.MayAllow {
			allow[s.sources.View(o).Ref.Policy] = true
		}
	}
	var out []source
	for _, p := range sourcesOf(acc, a) {
		if name := p.citation(); deny[name] {
			p.mayDeny, p.mayAllow = true, allow[name]
			out = append(out, p)
		}
	}
	return out
}
