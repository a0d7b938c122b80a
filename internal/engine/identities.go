package engine

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// This file has the functions that users, groups and roles share.

// identities returns a page of the users, groups or roles whose path begins with a prefix.
func (c *call) identities(kind store.Kind, marker *string, maxItems *int32, pathPrefix *string) (found []store.Identity,
	truncated bool, next *string, err error) {
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

// insertIdentity stores a new identity unless the name exists already or the quota is reached.
func (c *call) insertIdentity(i store.Identity, limits Limits) error {
	count, err := c.tx.CountIdentities(i.Kind)
	if err != nil {
		return err
	}
	err = c.tx.InsertIdentity(i)
	if errors.Is(err, store.ErrExists) {
		return identityAlreadyExists(i)
	}
	if err == nil { // after InsertIdentity, because the error for an existing name comes first
		err = limits.checkAccountCount(accountKinds[i.Kind], count+1)
	}
	if err != nil {
		return err
	}
	c.addAuditSubject(i.ID)
	return nil
}

// identityAlreadyExists returns the API's error for the name of an identity that already exists.
func identityAlreadyExists(i store.Identity) error {
	kindName := map[store.Kind]string{store.User: "User", store.Group: "Group", store.Role: "Role"}[i.Kind]
	return entityAlreadyExists("%s with name %s already exists.", kindName, i.Name)
}

// renameAccess returns the access for a change of name or path. The caller needs permission for the
// ARNs before and after the change.
func (c *call) renameAccess(kind store.Kind, name string, newPath, newName *string) ([]access, error) {
	before, err := c.identityForAccess(kind, name)
	if err != nil {
		return nil, err
	}
	after := withNewName(before, newPath, newName)
	return []access{c.accessTo(before), c.accessTo(after)}, nil
}

// rename changes the name or path of an identity. The identity keeps its unique id, policies and
// groups.
func (c *call) rename(kind store.Kind, name string, newPath, newName *string) error {
	before, err := c.identity(kind, name)
	if err != nil {
		return err
	}
	after := withNewName(before, newPath, newName)
	err = c.tx.UpdateIdentity(after)
	if errors.Is(err, store.ErrExists) {
		return identityAlreadyExists(after)
	}
	return err
}

// withNewName returns the identity with another path or name, where they are not nil.
func withNewName(i store.Identity, path, name *string) store.Identity {
	if path != nil {
		i.Path = *path
	}
	if name != nil {
		i.Name = *name
	}
	return i
}

// policyConflicts returns the delete conflicts with the policies of an identity.
func (c *call) policyConflicts(i store.Identity) ([]string, error) {
	attached, err := c.tx.AttachedPolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	inline, err := c.tx.InlinePolicies(i.ID, store.Page{})
	return addConflict(
		addConflict(nil, "must detach all policies first", attached, c.engine.policyARN),
		"must delete policies first", inline, func(p store.InlinePolicy) string { return p.Name }), err
}

// addConflict adds a sentence with the names of the items, if there are any.
func addConflict[T any](conflicts []string, sentence string, items []T, name func(T) string) []string {
	if len(items) == 0 {
		return conflicts
	}
	return append(conflicts, sentence+": "+joinNames(items, name))
}

// identityConflict returns an error with all delete conflicts of an identity, or nil if there are none. The message
// begins as AWS's message, which names only the first kind of conflict and no names.
func identityConflict(conflicts []string) error {
	if len(conflicts) == 0 {
		return nil
	}
	return deleteConflict("Cannot delete entity, %s", strings.Join(conflicts, "; "))
}

// boundaryKey returns the context key for the new permissions boundary in a request, if it has one.
func boundaryKey(arn *string) []contextKey {
	if arn == nil {
		return nil
	}
	return []contextKey{key("iam:PermissionsBoundary", *arn)}
}

// boundary returns the unique id of the policy that becomes a permissions boundary. It returns "" if
// arn is nil.
func (c *call) boundary(arn *string) (id string, err error) {
	if arn == nil {
		return "", nil
	}
	p, err := c.findPolicy(*arn)
	if errors.Is(err, store.ErrNotFound) {
		return "", missingBoundary(*arn)
	}
	if err != nil {
		return "", err
	}
	c.addAuditSubject(p.ID)
	if err := validateAttachable(p); err != nil {
		return "", err
	}
	return p.ID, c.storeAWSPolicy(p)
}

// apiBoundary returns a permissions boundary in the form of outputs, or nil if there is none.
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

// boundaryType is the type of boundary in the outputs of AWS's service. The service's model names
// another value, PermissionsBoundaryPolicy, which no output has.
const boundaryType = "Policy"

// identityForChange looks up an identity to change it. It refuses a service-linked role, which only the linked service
// may change. https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
func (c *call) identityForChange(kind store.Kind, name string) (store.Identity, error) {
	found, err := c.identity(kind, name)
	if err == nil && kind == store.Role && strings.HasPrefix(found.Path, serviceRolePath) {
		err = unmodifiableEntity(
			"Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", found.Name)
	}
	return found, err
}

// serviceRolePath is the path of service-linked roles and their policies.
const serviceRolePath = "/aws-service-role/"
