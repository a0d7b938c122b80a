package review

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// giveAccount ends the reasons that do not apply if the account is given.
const giveAccount = " Give the account with --account-file."

// addOutside adds the changes whose effect depends on users, groups, roles and policies that the plan does not have.
func (r *review) addOutside() {
	for _, group := range r.groupNames() {
		r.addMembersOutside(group)
	}
	for _, user := range r.accountsOf.after.Users() {
		old, _ := r.accountsOf.before.User(user.Name)
		r.addGroupsOutside(user.Name, old.Groups, user.Groups)
	}
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if _, yes := r.otherAccount(c); yes || c.IsData || !isIAM(c.Type) || c.Action == planfile.NoOp ||
			c.Action == planfile.Forget {
			continue
		}
		r.addUnknownParts(c)
		r.addRemovedPolicies(c)
		r.addAttachmentsOutside(c)
		r.addTrustedOutside(c)
	}
}

// addUnknownParts adds the relations and policies that are unknown although the configuration has no expression for
// them.
func (r *review) addUnknownParts(c *planfile.Change) {
	for _, m := range c.After.Members {
		if m.Value.Kind != tree.Unknown || !slices.Contains(decisive, m.Name) ||
			slices.ContainsFunc(r.in.Plan.Unresolved, func(u planfile.Unresolved) bool {
				return u.Address == c.Address && u.Attribute == m.Name
			}) {
			continue
		}
		r.notJudged(c, "The attribute "+m.Name+" is known only after apply.")
	}
}

// decisive are the attributes that say who has which policy.
var decisive = []string{"user", "group", "role", "users", "groups", "roles", "user_name", "group_name", "role_name",
	"policy", "policy_arn", "policy_arns", "assume_role_policy", "permissions_boundary"}

func (r *review) groupNames() []string {
	names := map[string]bool{}
	for _, of := range []*account.Account{r.accountsOf.before, r.accountsOf.after} {
		for _, g := range of.Groups() {
			names[g.Name] = true
		}
	}
	return sortedKeys(names)
}

// isOutside reports whether neither the plan nor the account has a group.
func (r *review) isOutside(group string) bool {
	return r.accountsOf.outside[r.accountsOf.before.ARN(account.GroupKind, "/", group)]
}

// mayHaveMore reports whether a group may have members or policies outside the plan.
func (r *review) mayHaveMore(group string) bool {
	_, existed := r.accountsOf.before.Group(group)
	return r.isOutside(group) || r.in.Account == nil && existed
}

// addMembersOutside adds the changes of the policies of a group whose members are not known.
func (r *review) addMembersOutside(group string) {
	if !r.mayHaveMore(group) || !r.isOutside(group) && r.hasMembers(group) {
		return
	}
	reason := fmt.Sprintf("It changes the policies of the group %q, and the plan may not have all its members.", group) +
		giveAccount
	for _, c := range r.index.changed[entityKey(account.GroupKind, group)] {
		if slices.ContainsFunc(policiesOfGroups, func(part string) bool { return strings.HasSuffix(c.Type, part) }) {
			r.notJudged(c, reason)
		}
	}
	for _, arn := range r.attachedTo(group) {
		for _, c := range r.index.changed[entityKey(account.PolicyKind, arn)] {
			if changesDocument(c) {
				r.notJudged(c, reason)
			}
		}
	}
}

// policiesOfGroups are the ends of the types of resources that give a group policies.
var policiesOfGroups = []string{"iam_group_policy", "iam_group_policy_attachment", "iam_policy_attachment",
	"iam_group_policies_exclusive", "iam_group_policy_attachments_exclusive"}

func (r *review) hasMembers(group string) bool {
	for _, of := range []*account.Account{r.accountsOf.before, r.accountsOf.after} {
		for _, u := range of.Users() {
			if of.IsMember(u.Name, group) {
				return true
			}
		}
	}
	return false
}

// attachedTo returns the ARNs of the policies that a group has before or after the plan.
func (r *review) attachedTo(group string) (arns []string) {
	for _, of := range []*account.Account{r.accountsOf.before, r.accountsOf.after} {
		if g, ok := of.Group(group); ok {
			arns = append(arns, g.Attached...)
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// changesDocument reports whether a resource changes the text of a policy.
func changesDocument(c *planfile.Change) bool {
	before, had := c.Before.Member("policy")
	after, has := c.After.Member("policy")
	return had && has && !tree.Equal(*before, *after)
}

// addGroupsOutside adds the groups without known policies that a user joins or leaves.
func (r *review) addGroupsOutside(user string, before, after []string) {
	unknown := func(group string, others []string) bool {
		return !slices.ContainsFunc(others, func(other string) bool { return ascii.EqualFold(other, group) }) &&
			r.mayHaveMore(group) && (r.isOutside(group) || !r.hasPolicies(group))
	}
	add := func(reason string) {
		at := Source{Address: "user " + planned.ShowHoles(user)}
		for _, c := range r.index.changed[entityKey(account.UserKind, user)] {
			if strings.Contains(c.Type, "_membership") {
				at = r.source(c)
			}
		}
		r.addNotJudged(at, reason+giveAccount)
	}
	for _, group := range after {
		if unknown(group, before) {
			add(fmt.Sprintf("The user %q joins the group %q, whose policies the plan does not have.", user, group))
		}
	}
	for _, group := range before {
		if unknown(group, after) {
			add(fmt.Sprintf("The user %q leaves the group %q, whose policies the plan does not have. They may deny something.",
				user, group))
		}
	}
}

func (r *review) hasPolicies(group string) bool {
	for _, of := range []*account.Account{r.accountsOf.before, r.accountsOf.after} {
		if g, ok := of.Group(group); ok && len(g.Inline)+len(g.Attached) > 0 {
			return true
		}
	}
	return false
}

// addRemovedPolicies adds the boundaries and policies with an unknown text that a resource removes. They may have
// denied what the principal may do then.
func (r *review) addRemovedPolicies(c *planfile.Change) {
	if strings.HasSuffix(c.Type, "iam_user") || strings.HasSuffix(c.Type, "iam_role") {
		if c.After.Kind == tree.Null {
			return
		}
	}
	named := func(value tree.Node) (out []planned.Reference) {
		for _, ref := range planned.References(planned.Change{Type: c.Type, After: value}) {
			if ref.Kind == account.PolicyKind && r.accountsOf.missing[ref.Name] {
				out = append(out, ref)
			}
		}
		return out
	}
	after := named(c.After)
	for _, ref := range named(c.Before) {
		if slices.Contains(after, ref) || !r.ownerStays(c) {
			continue
		}
		what := "detaches the policy "
		if ref.Attribute == planned.BoundaryAttribute {
			what = "removes the permissions boundary "
		}
		r.notJudged(c, "It "+what+ref.Name+", whose text is neither in the plan nor known as a policy of AWS, and which may "+
			"deny something."+giveAccount)
	}
}

// ownerStays reports whether the user, group or role that a resource belongs to exists after the plan.
func (r *review) ownerStays(c *planfile.Change) bool {
	whole, _ := planned.Owners(c.Type, c.Before)
	for _, owner := range whole {
		exists := true
		switch owner.Kind {
		case account.UserKind:
			_, exists = r.accountsOf.after.User(owner.Name)
		case account.GroupKind:
			_, exists = r.accountsOf.after.Group(owner.Name)
		case account.RoleKind:
			_, exists = r.accountsOf.after.Role(owner.Name)
		}
		if !exists {
			return false
		}
	}
	return true
}

// addAttachmentsOutside adds the managed policies that change and that are attached to users, groups or roles outside
// the plan.
func (r *review) addAttachmentsOutside(c *planfile.Change) {
	arn := textOf(&c.Before, "arn")
	if r.in.Account != nil || !strings.HasSuffix(c.Type, "iam_policy") || arn == "" || !changesDocument(c) {
		return
	}
	attached, boundaries := 0, 0
	count := func(arns []string, boundary string) {
		if slices.Contains(arns, arn) {
			attached++
		}
		if boundary == arn {
			boundaries++
		}
	}
	of := r.accountsOf.before
	for _, u := range of.Users() {
		count(u.Attached, u.Boundary)
	}
	for _, g := range of.Groups() {
		count(g.Attached, "")
	}
	for _, role := range of.Roles() {
		count(role.Attached, role.Boundary)
	}
	switch all := attachmentCount(c); {
	case all > attached:
		r.notJudged(c, fmt.Sprintf("The text of the policy changes. AWS has it attached %s, and the plan has %d of them.",
			quantity(all, "time"), attached)+giveAccount)
	case attached+boundaries == 0:
		r.notJudged(c, "The text of the policy changes, and the plan may not have all its attachments."+giveAccount)
	}
}

func quantity(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// attachmentCount returns how often AWS has a policy attached, and 0 if the plan does not contain the count.
func attachmentCount(c *planfile.Change) int {
	n, ok := c.Before.Member("attachment_count")
	if !ok {
		return 0
	}
	count, err := strconv.Atoi(n.Text)
	if err != nil {
		return 0
	}
	return count
}

// addTrustedOutside adds the trust policies that trust the whole account, so that policies outside the plan decide who
// may assume the role.
func (r *review) addTrustedOutside(c *planfile.Change) {
	before, after := r.trustedOwn(c, c.Before), r.trustedOwn(c, c.After)
	for _, name := range sortedKeys(after) {
		if before[name] != "" && before[name] == after[name] && c.Action != planfile.Replace {
			continue
		}
		r.notJudged(c, name+giveAccount)
	}
}

// trustedOwn returns the open questions about the principals of the own account that a trust policy names, with the
// text of the statements.
func (r *review) trustedOwn(c *planfile.Change, value tree.Node) map[string]string {
	out := map[string]string{}
	add := func(s *policy.Statement, reason string) {
		out[reason] += contentOf(s)
	}
	for s, name := range trustedPrincipals(c.Type, value) {
		switch {
		case name.Form == policy.UniqueID:
			if _, _, known := r.accountsOf.after.ByID(name.Text); !known {
				add(s, "The trust policy of the role trusts the principal "+name.Text+", which the plan does not have.")
			}
		case r.in.Account != nil || name.Account != r.accountID:
		case name.Form == policy.AccountPrincipal:
			add(s, "The trust policy lets every principal of the account assume the role whose own policies allow it, and the "+
				"plan does not have all of them.")
		case name.Form == policy.FederatedUser:
			add(s, "The trust policy of the role trusts "+name.Text+", which the plan does not have.")
		}
	}
	return out
}

// contentOf returns a text of the actions and conditions of a statement.
func contentOf(s *policy.Statement) string {
	var out strings.Builder
	list := func(name string, of *policy.List) {
		if of == nil {
			return
		}
		fmt.Fprintf(&out, "%q %t:", name, of.Unknown)
		for _, text := range of.Values {
			fmt.Fprintf(&out, "%q %t,", text.Value, text.Unknown)
		}
	}
	list("Action", s.Action)
	list("NotAction", s.NotAction)
	fmt.Fprint(&out, s.ConditionsUnknown)
	for _, operator := range s.Conditions {
		fmt.Fprintf(&out, "%q %t", operator.Name, operator.Unknown)
		for i := range operator.Keys {
			list(operator.Keys[i].Key, &operator.Keys[i].Values)
		}
	}
	return out.String() + ";"
}
