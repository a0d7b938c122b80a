package engine

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog/awspolicies"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// omit finds the entities of a text that cannot be imported, and reports them. It returns their ARNs. An entity that
// refers to an omitted policy, boundary, group or trusted principal is omitted too, because its access would otherwise
// differ from that in the text: a lost Deny or boundary gives access.
func (i *importer) omit(imported *account.Account) map[string]bool {
	omitted := map[string]bool{}
	omit := func(kind account.Kind, arn, name string, err error) {
		if err != nil {
			omitted[arn] = true
			i.addOmitted(fmt.Sprintf("%s %q", kind, name), err)
		}
	}
	hasPolicy := map[string]bool{}
	for _, p := range imported.ManagedPolicies() {
		omit(account.PolicyKind, p.ARN, p.ARN, validatePolicyIDs(p))
		hasPolicy[p.ARN] = !omitted[p.ARN]
	}
	missingPolicy := func(arns ...string) error {
		for _, arn := range arns {
			if arn != "" && !hasPolicy[arn] && !i.isAWSPolicy(arn) {
				return fmt.Errorf("it uses the policy %q, which is not imported", arn)
			}
		}
		return nil
	}
	hasGroup, exists := map[string]bool{}, map[string]bool{}
	for _, g := range imported.Groups() {
		arn := imported.ARN(account.GroupKind, g.Path, g.Name)
		omit(account.GroupKind, arn, g.Name, cmp.Or(validateID(g.ID, "AGPA"), missingPolicy(g.Attached...)))
		hasGroup[g.Name] = !omitted[arn]
	}
	for _, u := range imported.Users() {
		err := cmp.Or(validateID(u.ID, "AIDA"), missingPolicy(u.Attached...), missingPolicy(u.Boundary))
		for _, group := range u.Groups {
			if !hasGroup[group] {
				err = cmp.Or(err, fmt.Errorf("it is in the group %q, which is not imported", group))
			}
		}
		arn := imported.ARN(account.UserKind, u.Path, u.Name)
		omit(account.UserKind, arn, u.Name, err)
		exists[arn] = !omitted[arn]
	}
	roles := imported.Roles()
	for _, r := range roles {
		arn := imported.ARN(account.RoleKind, r.Path, r.Name)
		omit(account.RoleKind, arn, r.Name,
			cmp.Or(validateID(r.ID, "AROA"), missingPolicy(r.Attached...), missingPolicy(r.Boundary)))
		exists[arn] = !omitted[arn]
	}
	for changed := true; changed; { // a role that trusts an omitted role is omitted too
		changed = false
		for _, r := range roles {
			arn := imported.ARN(account.RoleKind, r.Path, r.Name)
			if omitted[arn] {
				continue
			}
			omit(account.RoleKind, arn, r.Name, i.missingPrincipal(r, exists))
			exists[arn], changed = !omitted[arn], changed || omitted[arn]
		}
	}
	return omitted
}

// isAWSPolicy reports whether the account has a managed policy of AWS, which an export with a filter may lack.
func (i *importer) isAWSPolicy(arn string) bool {
	if !strings.HasPrefix(arn, awspolicies.ARNPrefix) {
		return false
	}
	_, err := i.findPolicy(arn)
	return err == nil
}

// missingPrincipal returns an error if a role trusts a user or role of the account that is not imported.
func (i *importer) missingPrincipal(r account.Role, exists map[string]bool) error {
	text, _ := r.Trust.Text()
	_, err := rewritePrincipals(text, func(principal string) (string, error) {
		name, finding := policy.ParsePrincipal("AWS", principal)
		if finding == nil && name.Account == i.engine.account && !exists[principal] &&
			(name.Form == policy.UserPrincipal || name.Form == policy.RolePrincipal) {
			return "", fmt.Errorf("it trusts %q, which is not imported", principal)
		}
		return principal, nil
	})
	return err
}

// validatePolicyIDs checks the unique id of a policy and the ids of its versions.
func validatePolicyIDs(p account.Policy) error {
	if err := validateID(p.ID, "ANPA"); err != nil {
		return err
	}
	for _, v := range p.Versions {
		if number := versionNumber(v.ID); number < 1 || versionID(number) != v.ID {
			return fmt.Errorf("%q is not a version id; expected v1, v2 and so on", v.ID)
		}
	}
	return nil
}

// nothingLeft reports whether all entities of a text are omitted.
func (i *importer) nothingLeft(imported *account.Account) bool {
	return len(i.report.Omitted) > 0 && len(i.report.Omitted) == len(imported.ManagedPolicies())+len(imported.Groups())+
		len(imported.Users())+len(imported.Roles())
}

func (i *importer) addOmitted(entity string, err error) {
	i.report.Omitted = append(i.report.Omitted, fmt.Sprintf("The %s: %s.", entity, err))
}
