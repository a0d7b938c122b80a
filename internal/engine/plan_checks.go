package engine

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// This file has the rules that the operations share with the checks of planned changes. A caller that plans changes
// applies the rules to the planned account, and gets the errors that the operations would return.

// PlanChecks checks planned changes. Its methods return the error of the operation that the planned account would
// refuse, or nil.
type PlanChecks struct {
	Plan   *account.Plan
	Limits Limits
}

// Entity checks that a user, group or role with a name exists.
func (c PlanChecks) Entity(kind account.Kind, name string) error {
	if c.Plan.Entity(kind, name).Exists {
		return nil
	}
	return missingIdentity(kind.String(), name)
}

// Policy checks that a managed policy exists. boundary says that it becomes a permissions boundary.
func (c PlanChecks) Policy(arn string, boundary bool) error {
	switch exists, _ := c.Plan.PolicyExists(arn); {
	case exists:
		return nil
	case boundary:
		return missingBoundary(arn)
	}
	return missingPolicy(arn)
}

// MissingPrincipals returns the users and roles of the account that a trust policy names and the planned account does
// not have, each with the error of the operation.
func (c PlanChecks) MissingPrincipals(document string) []MissingPrincipal {
	var missing []MissingPrincipal
	root, err := policy.ParseJSON([]byte(document))
	if err != nil {
		return nil // another check reports the error
	}
	for _, node := range awsPrincipals(&root) {
		name, finding := policy.ParsePrincipal("AWS", node.Text)
		if finding != nil {
			continue
		}
		exists := true
		kind, ownName := principalIdentity(name, c.Plan.Live().ID())
		switch {
		case kind != "":
			planned := c.Plan.Entity(accountKinds[kind], ownName)
			exists = planned.Exists && node.Text == c.Plan.Live().ARN(accountKinds[kind], planned.Path, planned.Name)
			missing = appendMissing(missing, exists, MissingPrincipal{node.Text, accountKinds[kind], ownName, nil})
		case name.Form == policy.UniqueID:
			of, arn, found := c.Plan.Live().ByID(node.Text)
			ownName = account.NameOf(arn)
			if found {
				planned := c.Plan.Entity(of, ownName)
				exists = planned.Exists || planned.RenamedTo != ""
			}
			missing = appendMissing(missing, found && exists, MissingPrincipal{node.Text, of, ownName, nil})
		}
	}
	return missing
}

// SameTrust reports whether a configured trust policy has the effect of a stored one, except for principals that are
// gone: the stored policy has the unique id of a deleted user or role, and the configured one still has its ARN. The
// policies are different if the planned account has a user or role with the ARN, because the stored policy does not
// trust it. same compares two documents.
func (c PlanChecks) SameTrust(stored, configured string, same func(a, b string) bool) bool {
	gone := map[store.Kind]string{store.User: goneUser, store.Role: goneRole}
	found := false
	stored, err := rewritePrincipals(stored, func(principal string) (string, error) {
		name, finding := policy.ParsePrincipal("AWS", principal)
		if finding != nil || name.Form != policy.UniqueID {
			return principal, nil
		}
		if _, _, exists := c.Plan.Live().ByID(principal); exists {
			return principal, nil
		}
		found = true
		if strings.HasPrefix(principal, "AROA") {
			return goneRole, nil
		}
		return goneUser, nil
	})
	if err != nil || !found {
		return false
	}
	missing := map[string]bool{}
	for _, m := range c.MissingPrincipals(configured) {
		missing[m.Principal] = true
	}
	configured, err = rewritePrincipals(configured, func(principal string) (string, error) {
		name, _ := policy.ParsePrincipal("AWS", principal)
		kind, _ := principalIdentity(name, c.Plan.Live().ID())
		if kind == "" || !missing[principal] {
			return principal, nil
		}
		return gone[kind], nil
	})
	return err == nil && same(stored, configured)
}

// goneUser and goneRole stand for deleted principals in a comparison. No account has this id.
const (
	goneUser = "arn:aws:iam::000000000000:user/deleted-principal/user"
	goneRole = "arn:aws:iam::000000000000:role/deleted-principal/role"
)

func appendMissing(missing []MissingPrincipal, exists bool, m MissingPrincipal) []MissingPrincipal {
	if exists {
		return missing
	}
	m.Err = invalidPrincipal(m.Principal)
	return append(missing, m)
}

// MissingPrincipal is a principal of a trust policy that the account does not have.
type MissingPrincipal struct {
	Principal string // as the policy names it
	Kind      account.Kind
	Name      string // empty for a unique id that the account does not know
	Err       error
}

// Attached checks the number of managed policies that are attached to a user, group or role. It ignores a number that
// the plan does not increase, because only attaching is limited.
func (c PlanChecks) Attached(kind account.Kind, name string) error {
	planned, live := c.Plan.Entity(kind, name), c.Plan.LiveEntity(kind, name)
	if !hasMore(planned.Attached, live.Attached) {
		return nil
	}
	return c.Limits.checkAttached(kind, len(planned.Attached))
}

// Groups checks the number of groups of a user.
func (c PlanChecks) Groups(user string) error {
	planned, live := c.Plan.Entity(account.UserKind, user), c.Plan.LiveEntity(account.UserKind, user)
	if !hasMore(planned.Groups, live.Groups) {
		return nil
	}
	return c.Limits.checkGroups(len(planned.Groups))
}

// InlineSize checks the summed size of the inline policies of a user, group or role.
func (c PlanChecks) InlineSize(kind account.Kind, name string) error {
	planned, live := c.Plan.Entity(kind, name), c.Plan.LiveEntity(kind, name)
	before := map[string]string{}
	for _, p := range live.Inline {
		before[p.Name], _ = p.Document.Text()
	}
	total, changed := 0, false
	for _, p := range planned.Inline {
		if text, known := p.Document.Text(); known {
			total += policy.CompactLength([]byte(text))
			changed = changed || before[p.Name] != text
		}
	}
	if !changed {
		return nil
	}
	return c.Limits.checkInlineSize(kind, planned.Name, total)
}

// AccountCount checks the number of users, groups, roles or managed policies of the account.
func (c PlanChecks) AccountCount(kind account.Kind) error {
	live, planned := c.Plan.Count(kind)
	if planned <= live {
		return nil
	}
	return c.Limits.checkAccountCount(kind, planned)
}

// AccessKeys checks the number of access keys of a user.
func (c PlanChecks) AccessKeys(count int) error { return c.Limits.checkAccessKeys(count) }

// hasMore reports whether a list has an element that another list does not have.
func hasMore(list, other []string) bool {
	has := map[string]bool{}
	for _, s := range other {
		has[s] = true
	}
	for _, s := range list {
		if !has[s] {
			return true
		}
	}
	return false
}

func missingIdentity(kind, name string) error {
	return noSuchEntity("The %s with name %s cannot be found.", kind, name)
}

func missingPolicy(arn string) error {
	return noSuchEntity("Policy %s does not exist or is not attachable.", arn)
}

func missingBoundary(arn string) error {
	return noSuchEntity("Scope ARN: %s does not exist or is not attachable.", arn)
}

func invalidPrincipal(principal string) error {
	return malformedPolicyDocument("Invalid principal in policy: %q:%q", "AWS", principal)
}

// principalIdentity returns the user or role of an account that a principal names by its ARN. kind is empty for every
// other principal.
func principalIdentity(p policy.PrincipalName, accountID string) (kind store.Kind, name string) {
	switch {
	case p.Account != accountID:
	case p.Form == policy.UserPrincipal:
		return store.User, p.Name
	case p.Form == policy.RolePrincipal:
		return store.Role, p.Name
	}
	return "", ""
}

// The following functions return an error if a number exceeds a quota.

func (l Limits) checkAttached(kind account.Kind, count int) error {
	quota, limit := "PoliciesPerUser", l.AttachedPerUser
	switch kind {
	case account.GroupKind:
		quota, limit = "PoliciesPerGroup", l.AttachedPerGroup
	case account.RoleKind:
		quota, limit = "PoliciesPerRole", l.AttachedPerRole
	}
	return checkQuota(quota, limit, count)
}

func (l Limits) checkGroups(count int) error {
	return checkQuota("GroupsPerUser", l.GroupsPerUser, count)
}

func (l Limits) checkAccessKeys(count int) error {
	return checkQuota("AccessKeysPerUser", l.AccessKeysPerUser, count)
}

func (l Limits) checkInlineSize(kind account.Kind, owner string, total int) error {
	limit := map[account.Kind]int{
		account.UserKind: l.UserPolicySize, account.GroupKind: l.GroupPolicySize, account.RoleKind: l.RolePolicySize,
	}[kind]
	if total > limit {
		return limitExceeded("Maximum policy size of %d bytes exceeded for %s %s", limit, kind, owner)
	}
	return nil
}

func (l Limits) checkAccountCount(kind account.Kind, count int) error {
	switch kind {
	case account.UserKind:
		return checkQuota("UsersPerAccount", l.Users, count)
	case account.GroupKind:
		return checkQuota("GroupsPerAccount", l.Groups, count)
	case account.RoleKind:
		return checkQuota("RolesPerAccount", l.Roles, count)
	}
	return checkQuota("PoliciesPerAccount", l.Policies, count)
}

func checkQuota(quota string, limit, count int) error {
	if count > limit {
		return limitExceeded("Cannot exceed quota for %s: %d", quota, limit)
	}
	return nil
}

// AllowsCount reports whether an account may have a number of users, groups, roles or managed policies.
func (l Limits) AllowsCount(kind account.Kind, count int) bool {
	return l.checkAccountCount(kind, count) == nil
}
