package engine

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Shared functions for users, groups and roles.

// identities returns a page of the users, groups or roles under a path prefix.
func (c *call) identities(kind store.Kind, marker *string, maxItems *int32, pathPrefix *string) (found []store.Identity, truncated bool, next *string, err error) {
	page, err := pageOf(marker, maxItems, pathPrefix)
	if err != nil {
		return nil, false, nil, err
	}
	found, err = c.tx.Identities(kind, page)
	if err != nil {
		return nil, false, nil, err
	}
	found, truncated, next = cutPage(page, found, identityName)
	return found, truncated, next, nil
}

// insertIdentity stores an identity unless its name is taken or the quota is reached.
func (c *call) insertIdentity(i store.Identity, quota string, limit int) error {
	count, err := c.tx.CountIdentities(i.Kind)
	if err != nil {
		return err
	}
	err = c.tx.InsertIdentity(i)
	if errors.Is(err, store.ErrExists) {
		return alreadyExists(i)
	}
	if err == nil && count >= limit { // the error for a taken name comes first; a failed call's transaction is rolled back
		return limitExceeded("Cannot exceed quota for %s: %d", quota, limit)
	}
	c.addAuditSubject(i.ID)
	return err
}

func alreadyExists(i store.Identity) error {
	kind := map[store.Kind]string{store.User: "User", store.Group: "Group", store.Role: "Role"}[i.Kind]
	return entityAlreadyExists("%s with name %s already exists.", kind, i.Name)
}

// renameAccess returns the access for a rename or a change of path: to the old name and to the new
// one.
func (c *call) renameAccess(kind store.Kind, name string, newPath, newName *string) ([]access, error) {
	from, err := c.identityForAccess(kind, name)
	if err != nil {
		return nil, err
	}
	to := renamed(from, newPath, newName)
	return []access{c.accessTo(from), c.accessTo(to)}, nil
}

// rename changes the name or path of an identity. The identity keeps its id and everything attached
// to it.
func (c *call) rename(kind store.Kind, name string, newPath, newName *string) error {
	from, err := c.identity(kind, name)
	if err != nil {
		return err
	}
	to := renamed(from, newPath, newName)
	err = c.tx.UpdateIdentity(to)
	if errors.Is(err, store.ErrExists) {
		return alreadyExists(to)
	}
	return err
}

func renamed(i store.Identity, path, name *string) store.Identity {
	if path != nil {
		i.Path = *path
	}
	if name != nil {
		i.Name = *name
	}
	return i
}

// requireNoPolicies returns a delete conflict if an identity still has policies, and names them.
func (c *call) requireNoPolicies(i store.Identity) error {
	attached, err := c.tx.AttachedPolicies(i.ID, store.Page{})
	if err != nil {
		return err
	}
	if len(attached) > 0 {
		return deleteConflict("Cannot delete entity, must detach all policies first: %s", joinNames(attached, c.engine.policyARN))
	}
	inline, err := c.tx.InlinePolicies(i.ID, store.Page{})
	if err != nil {
		return err
	}
	if len(inline) > 0 {
		return deleteConflict("Cannot delete entity, must delete policies first: %s",
			joinNames(inline, func(p store.InlinePolicy) string { return p.Name }))
	}
	return nil
}

// boundaryKey returns the context key of a request that sets a permissions boundary.
func boundaryKey(arn *string) []contextKey {
	if arn == nil {
		return nil
	}
	return []contextKey{key("iam:PermissionsBoundary", *arn)}
}

// boundary looks up the policy for a permissions boundary and returns its id.
func (c *call) boundary(arn *string) (id string, err error) {
	if arn == nil {
		return "", nil
	}
	p, err := c.findPolicy(*arn)
	if errors.Is(err, store.ErrNotFound) {
		return "", noSuchEntity("Scope ARN: %s does not exist or is not attachable.", *arn)
	}
	if err != nil {
		return "", err
	}
	c.addAuditSubject(p.ID)
	return p.ID, validateAttachable(p)
}

func (c *call) apiBoundary(id string) (*iamtypes.AttachedPermissionsBoundary, error) {
	if id == "" {
		return nil, nil
	}
	p, err := c.tx.PolicyByID(id)
	if err != nil {
		return nil, err
	}
	return &iamtypes.AttachedPermissionsBoundary{
		PermissionsBoundaryArn: aws.String(c.engine.policyARN(p)), PermissionsBoundaryType: boundaryType,
	}, nil
}

// boundaryType is the value in AWS's outputs. The model's enumeration has
// PermissionsBoundaryPolicy, which no output has.
const boundaryType = "Policy"

// identityForChange looks up an identity to change it. Only its service may change a service-linked role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
func (c *call) identityForChange(kind store.Kind, name string) (store.Identity, error) {
	found, err := c.identity(kind, name)
	if err == nil && kind == store.Role && strings.HasPrefix(found.Path, serviceRolePath) {
		err = unmodifiableEntity("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", found.Name)
	}
	return found, err
}

// serviceRolePath is the path of service-linked roles and their policies.
const serviceRolePath = "/aws-service-role/"
