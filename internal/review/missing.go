package review

import (
	"fmt"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Documents of policies that stand for policies with an unknown text.
const (
	// emptyPolicy allows what needs no permission.
	emptyPolicy = `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}]}`
	// noTrust is a trust policy that lets nobody in.
	noTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*"}]}`
)

// addMissing adds the users, groups, roles and managed policies that resources of the plan name and that neither the
// plan nor the account has.
func (a *accounts) addMissing(base *account.Account, edits []edit) (*account.Account, error) {
	own := map[planned.Object]bool{}
	policies := map[string]bool{}
	for i := range edits {
		for _, value := range []tree.Node{edits[i].before, edits[i].after} {
			for _, o := range planned.Objects(edits[i].change.Type, value) {
				own[o] = true
			}
			if arn, ok := value.Member("arn"); ok && arn.Kind == tree.String {
				policies[planned.ProvisionalName(arn.Text)] = true
			}
		}
	}
	changes := a.trustedChanges(base, edits, own)
	added := map[planned.Object]bool{}
	for i := range edits {
		e := &edits[i]
		for _, value := range []*tree.Node{&e.before, &e.after} {
			for _, ref := range planned.References(planned.Change{Type: e.change.Type, After: *value}) {
				if ref.Kind == account.PolicyKind {
					if !policies[ref.Name] && !hasPolicy(base, ref.Name) {
						a.missing[ref.Name] = true
						if ref.Attribute == planned.BoundaryAttribute {
							*value = without(*value, ref.Attribute)
						}
					}
					continue
				}
				o := planned.IdentityObject(ref.Kind, ref.Name)
				if own[o] || added[o] {
					continue
				}
				added[o] = true
				if change := a.placeholder(base, ref.Kind, ref.Name); change != nil {
					changes = append(changes, change)
				}
			}
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(a.missing)) {
		if parsed, err := policy.ParseARN(arn); err != nil || parsed.Account != base.ID() && parsed.Account != "aws" {
			continue // what names it cannot be decided
		}
		changes = append(changes, account.Policy{ARN: arn, Default: "v1",
			Versions: []account.Version{{ID: "v1", Document: account.Text(emptyPolicy)}}})
	}
	out, err := base.With(changes...)
	if err != nil {
		return nil, fmt.Errorf("the plan names users, roles or policies outside it: %w", err)
	}
	return out, nil
}

// placeholder returns a user, group or role that the account does not have, and nil if the account has it.
func (a *accounts) placeholder(base *account.Account, kind account.Kind, name string) account.Change {
	return a.placeholderAt(base, kind, "/", name)
}

func (a *accounts) placeholderAt(base *account.Account, kind account.Kind, path, name string) account.Change {
	var change account.Change
	exists := true
	switch kind {
	case account.UserKind:
		_, exists = base.User(name)
		change = account.User{Name: name, Path: path}
	case account.GroupKind:
		_, exists = base.Group(name)
		change = account.Group{Name: name, Path: path}
	case account.RoleKind:
		_, exists = base.Role(name)
		change = account.Role{Name: name, Path: path, Trust: account.Text(noTrust)}
	}
	if exists {
		return nil
	}
	a.outside[base.ARN(kind, path, name)] = true
	return change
}

func hasPolicy(of *account.Account, arn string) bool {
	if _, ok := of.Policy(arn); ok {
		return true
	}
	_, ok := of.AWSPolicy(arn)
	return ok
}

// without returns an object without one of its members.
func without(value tree.Node, name string) tree.Node {
	value.Members = slices.DeleteFunc(slices.Clone(value.Members), func(m tree.Member) bool { return m.Name == name })
	return value
}
