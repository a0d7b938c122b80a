package review

import (
	"fmt"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// index finds the resources of Terraform that configure something in an account.
type index struct {
	changes map[string]*planfile.Change // by address
	// statements has the resource with the text of a policy, by the name of the policy in a decision, in lower case.
	statements map[string]*planfile.Change
	// changed has the changed resources about a user, group, role or managed policy, by [entityKey].
	changed map[string][]*planfile.Change
}

// entityKey returns the key of a user, group or role by its name, or of a managed policy by its ARN.
func entityKey(kind account.Kind, name string) string {
	if kind != account.PolicyKind {
		name = ascii.Fold(name)
	}
	return kind.String() + " " + name
}

func (r *review) newIndex(of *accounts) *index {
	x := &index{changes: map[string]*planfile.Change{}, statements: map[string]*planfile.Change{},
		changed: map[string][]*planfile.Change{}}
	var own []*planfile.Change
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		x.changes[c.Address] = c
		if _, yes := r.otherAccount(c); !yes && !c.IsData && isIAM(c.Type) && !r.in.Plan.MayBeElsewhere(c) {
			own = append(own, c)
		}
	}
	// A policy belongs to the resource that the plan leaves with it, and not to one that had it.
	for _, c := range own {
		x.add(c, c.After, false, of)
	}
	for _, c := range own {
		x.add(c, c.Before, true, of)
	}
	return x
}

// add adds a resource with the attributes before or after the plan.
func (x *index) add(c *planfile.Change, value tree.Node, isBefore bool, of *accounts) {
	states := func(name string) {
		if key := ascii.Fold(name); !isBefore || x.statements[key] == nil {
			x.statements[key] = c
		}
	}
	changed := func(kind account.Kind, name string) {
		if c.Action == planfile.NoOp || c.Action == planfile.Forget {
			return
		}
		if key := entityKey(kind, name); !slices.Contains(x.changed[key], c) {
			x.changed[key] = append(x.changed[key], c)
		}
	}
	for _, o := range planned.Objects(c.Type, value) {
		switch o.Kind {
		case planned.Identity:
			if o.OwnerKind == account.PolicyKind {
				if arn, ok := value.Member("arn"); ok && arn.Kind == tree.String {
					name := planned.ProvisionalName(arn.Text)
					states(name)
					changed(o.OwnerKind, name)
				}
				continue
			}
			changed(o.OwnerKind, o.Owner)
			if o.OwnerKind == account.RoleKind {
				states("trust policy of role " + o.Owner)
			}
		case planned.InlinePolicy:
			name := fmt.Sprintf("inline policy %s of %s %s", o.Name, o.OwnerKind, o.Owner)
			// A refresh reads the policies of other resources into a role, too.
			if c.Type != "aws_iam_role" || x.statements[ascii.Fold(name)] == nil {
				states(name)
			}
			changed(o.OwnerKind, o.Owner)
		case planned.Attachment, planned.Member:
			changed(o.OwnerKind, o.Owner)
		}
	}
	whole, part := planned.Owners(c.Type, value)
	for _, owner := range slices.Concat(whole, part) {
		changed(owner.Kind, owner.Name)
	}
}

// source returns the place of a resource.
func (r *review) source(c *planfile.Change) Source {
	s := Source{Address: c.Address + deposed(c)}
	if r.in.Configuration == nil {
		return s
	}
	mode := "managed"
	if c.IsData {
		mode = "data"
	}
	if at, ok := r.in.Configuration.Position(c.Module, mode, c.Type, c.Name); ok {
		s.File, s.Line = at.File, at.Line
	}
	return s
}

// sourceOf returns the place of the resource with an address.
func (r *review) sourceOf(address string) Source {
	if c := r.index.changes[address]; c != nil {
		return r.source(c)
	}
	return Source{Address: address}
}

// statementsOf returns statements with the resources that have them.
func (r *review) statementsOf(refs []authz.StatementRef) []Statement {
	out := make([]Statement, len(refs))
	for i, ref := range refs {
		out[i] = Statement{Policy: planned.ShowHoles(ref.Policy), Sid: ref.Sid, Index: ref.Index, Effect: string(ref.Effect)}
		if c := r.index.statements[ascii.Fold(ref.Policy)]; c != nil {
			out[i].Source = r.source(c)
		}
	}
	return out
}

// causes returns the changed resources on which the access of a user or role depends.
func (r *review) causes(kind account.Kind, name string) []Source {
	keys := map[string]bool{entityKey(kind, name): true}
	for _, of := range []*account.Account{r.accountsOf.before, r.accountsOf.after} {
		sources, err := of.Sources(kind, name)
		if err != nil {
			continue // the principal is in one of the accounts only
		}
		for _, s := range sources {
			keys[entityKey(s.OwnerKind, s.Owner)] = true
			if s.ARN != "" {
				keys[entityKey(account.PolicyKind, s.ARN)] = true
			}
		}
	}
	found := map[*planfile.Change]bool{}
	for key := range keys {
		for _, c := range r.index.changed[key] {
			found[c] = true
		}
	}
	var out []Source
	for i := range r.in.Plan.Changes {
		if c := &r.in.Plan.Changes[i]; found[c] {
			out = append(out, r.source(c))
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
