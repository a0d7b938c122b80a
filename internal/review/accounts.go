package review

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// accounts are the account before and after the plan.
type accounts struct {
	before, after *account.Account
	// outside has the ARNs of users and roles that neither the plan nor the account has. They have only the policies that
	// the plan gives them.
	outside map[string]bool
	// missing has the ARNs of managed policies whose text is not known.
	missing map[string]bool
}

// Documents of policies that stand for policies with an unknown text.
const (
	// emptyPolicy allows what needs no permission.
	emptyPolicy = `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}]}`
	// noTrust is a trust policy that lets nobody in.
	noTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*"}]}`
)

// checkLiterals refuses an account in which a policy has a variable that reads as a hole. Such a policy would count as
// one that mentions an unknown value of the plan.
func checkLiterals(of *account.Account) error {
	check := func(what string, d account.Document) error {
		if text, ok := d.Text(); ok && planned.LiteralText(text) != text {
			return fmt.Errorf("%s has a policy variable that begins with \"terraform:\". AWS has no such variable, and the "+
				"review writes values that are known only after apply this way. Remove it from the policy", what)
		}
		return nil
	}
	lists := func(kind account.Kind, name string, policies []account.InlinePolicy) error {
		for _, p := range policies {
			if err := check(fmt.Sprintf("inline policy %q of %s %q", p.Name, kind, name), p.Document); err != nil {
				return err
			}
		}
		return nil
	}
	for _, u := range of.Users() {
		if err := lists(account.UserKind, u.Name, u.Inline); err != nil {
			return err
		}
	}
	for _, g := range of.Groups() {
		if err := lists(account.GroupKind, g.Name, g.Inline); err != nil {
			return err
		}
	}
	for _, role := range of.Roles() {
		if err := lists(account.RoleKind, role.Name, role.Inline); err != nil {
			return err
		}
		if err := check(fmt.Sprintf("the trust policy of role %q", role.Name), role.Trust); err != nil {
			return err
		}
	}
	for _, p := range of.ManagedPolicies() {
		for _, v := range p.Versions {
			if err := check(fmt.Sprintf("policy %q", p.ARN), v.Document); err != nil {
				return err
			}
		}
	}
	return nil
}

// edit is a resource of the plan that makes edits of an account.
type edit struct {
	change *planfile.Change
	// before and after have the attributes, without references to policies that are not known.
	before, after tree.Node
}

// accounts returns the account before the plan, with all objects that Terraform found, and the account after the plan.
func (r *review) accounts() (*accounts, error) {
	out := &accounts{outside: map[string]bool{}, missing: map[string]bool{}}
	base := r.in.Account
	if base != nil {
		if err := checkLiterals(base); err != nil {
			return nil, err
		}
	} else {
		base = account.NewIn(r.partition, r.accountID).WithAWSPolicies(r.in.AWSPolicies)
	}
	edits := r.edits()
	base, err := out.addMissing(base, edits)
	if err != nil {
		return nil, err
	}
	before := func(e *edit) planned.Change {
		return planned.Change{Type: e.change.Type, Before: e.before, After: e.before, Unchanged: true}
	}
	if out.before, err = r.plan(base, edits, func(e *edit) (planned.Change, bool) {
		return before(e), e.before.Kind != tree.Null
	}).Whole(); err != nil {
		return nil, err
	}
	changed := func(e *edit) (planned.Change, bool) {
		c := planned.Change{Type: e.change.Type, Before: e.before, After: e.after,
			Replaced: e.change.Action == planfile.Replace}
		if e.change.CreateFirst && removesItself(&c) {
			c.After, c.Replaced = tree.Node{}, false
		}
		return c, e.change.Action != planfile.NoOp && e.change.Action != planfile.Forget
	}
	r.addConflicts(r.plan(out.before, edits, func(e *edit) (planned.Change, bool) {
		if c, ok := changed(e); ok {
			return c, true
		}
		return before(e), true
	}), edits)
	out.after, err = r.plan(out.before, edits, changed).Whole()
	return out, err
}

// edits returns the resources of the plan that concern an account.
func (r *review) edits() []edit {
	var out []edit
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.IsData || !isIAM(c.Type) {
			continue
		}
		if id, yes := r.otherAccount(c); yes {
			if c.Action != planfile.NoOp {
				r.notJudged(c, "It belongs to the account "+id+", and this review is about the account "+r.accountID+
					". Review each account of the plan, with --account-id or --account-file.")
			}
			continue
		}
		if r.in.Plan.MayBeElsewhere(c) {
			if c.Action != planfile.NoOp {
				r.notJudged(c, "Its provider configuration may manage another account than the others of the plan, and the plan "+
					"does not tell which. Give it allowed_account_ids.")
			}
			continue
		}
		err := r.tryEdits(c)
		switch {
		case err == nil:
			out = append(out, edit{change: c, before: c.Before, after: c.After})
		case c.Action == planfile.NoOp && errors.Is(err, planned.ErrUnknownType): // whatever it does, it does already
		default:
			r.notJudged(c, "Its effect on access is not known: "+err.Error()+".")
		}
	}
	return out
}

// tryEdits returns an error if the effect of a resource on an account is not known, or if it has a document that cannot
// be evaluated. One such resource would make the whole account unusable.
func (r *review) tryEdits(c *planfile.Change) error {
	for _, value := range []tree.Node{c.Before, c.After} {
		if value.Kind == tree.Null {
			continue
		}
		_, made, err := planned.Edits(planned.Change{Type: c.Type, After: value})
		if err != nil {
			return err
		}
		if err := account.NewPlan(account.NewIn(r.partition, r.accountID)).Check(made...); err != nil {
			return err
		}
	}
	return nil
}

// isIAM reports whether a type of resource may change an account.
func isIAM(typeName string) bool {
	return strings.HasPrefix(typeName, "iam_") || strings.HasPrefix(typeName, "aws_iam_")
}

// plan plans changes of resources of an account. A resource that cannot be planned is left out and not judged.
func (r *review) plan(of *account.Account, edits []edit, change func(*edit) (planned.Change, bool)) *account.Plan {
	plan := account.NewPlan(of)
	for i := range edits {
		e := &edits[i]
		c, ok := change(e)
		if !ok {
			continue
		}
		c.Number = i
		_, made, err := planned.Edits(c)
		if err != nil {
			r.notJudged(e.change, "Its effect on access is not known: "+err.Error()+".")
			continue
		}
		if !c.Unchanged {
			made = slices.DeleteFunc(made, isKept)
		}
		// An object that is forgotten and created again has two changes with one address.
		plan.Put(editKey(e.change, i), made...)
	}
	return plan
}

// removesItself reports whether a resource is replaced by one that stands for the same attachment or inline policy. If
// Terraform creates the new one first, which changes nothing, then destroying the old one removes both.
func removesItself(c *planned.Change) bool {
	switch strings.TrimPrefix(c.Type, "aws_") {
	case "iam_user_policy", "iam_group_policy", "iam_role_policy", "iam_user_policy_attachment",
		"iam_group_policy_attachment", "iam_role_policy_attachment":
		before, after := planned.Objects(c.Type, c.Before), planned.Objects(c.Type, c.After)
		return len(before) > 0 && slices.Equal(before, after)
	}
	return false
}

func editKey(c *planfile.Change, number int) string { return fmt.Sprintf("%s %d", c.Address, number) }

// addConflicts adds the resources that set the same thing to different values. The last one that Terraform applies
// wins, and the account has any one of them.
func (r *review) addConflicts(plan *account.Plan, edits []edit) {
	changes := map[string]*planfile.Change{}
	for i := range edits {
		changes[editKey(edits[i].change, i)] = edits[i].change
	}
	for _, conflict := range plan.Conflicts() {
		isChanged := func(key string) bool { return changes[key].Action != planfile.NoOp }
		if !slices.ContainsFunc(conflict.Keys, isChanged) {
			continue
		}
		var addresses []string
		for _, key := range conflict.Keys {
			addresses = append(addresses, changes[key].Address)
		}
		for _, key := range conflict.Keys {
			r.notJudged(changes[key], fmt.Sprintf("The resources %s of this plan set the %s. The one that Terraform applies "+
				"last takes effect.", strings.Join(addresses, " and "), conflict.What))
		}
	}
}

// isKept reports whether an edit has no effect because the object exists already. Terraform makes no call for it. It
// must not undo the change of another resource, such as the removal of a second attachment of the same policy.
func isKept(e account.Edit) bool {
	switch e := e.(type) {
	case account.Attach:
		return e.Kept
	case account.PutInline:
		return e.Kept
	case account.Join:
		return e.Kept
	case account.OnlyAttached:
		return e.Kept
	case account.OnlyMembers:
		return e.Kept
	case account.Observed:
		return true
	}
	return false
}

func deposed(c *planfile.Change) string {
	if c.Deposed {
		return " (deposed)"
	}
	return ""
}

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
