package engine

import (
	"errors"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// ResourceKind is the kind of an object that belongs to a user, group, role or managed policy.
type ResourceKind string

// The kinds of objects, with the name that identifies an object of the kind, from either end of a link. The empty kind
// is the entity itself, which needs no name.
const (
	AccessKeyResource    ResourceKind = "access-key"           // of a user; the key's id
	LoginProfileResource ResourceKind = "login-profile"        // of a user; no name
	MFADeviceResource    ResourceKind = "mfa-device"           // of a user; the serial number
	InlinePolicyResource ResourceKind = "inline-policy"        // of a user, group or role; the policy's name
	AttachmentResource   ResourceKind = "attachment"           // the ARN of the policy, or of the identity for a policy
	MembershipResource   ResourceKind = "membership"           // the name of the group, or of the user for a group
	BoundaryResource     ResourceKind = "permissions-boundary" // no name, or the ARN of the identity for a policy
)

// entity is a user, group, role or managed policy. It can also be an MFA device, which needs no user, or an access
// assertion. Nothing belongs to those.
type entity struct {
	uniqueID string // also the subject of its audit records
	key      string // see call.resource
	identity store.Identity
	policy   store.Policy
	isPolicy bool
}

// resourceMembers returns the members that name an object of the account.
func resourceMembers() []model.Member {
	return []model.Member{
		required(idMember("Unique", &arnShape, "The unique id of a user, group, role, managed policy or access assertion, "+
			"or the serial number of an MFA device.")),
		member("Kind", &nameShape, "The kind of the object that belongs to the entity; empty for the entity itself."),
		member("Name", &arnShape, "The name of the object, as its kind requires."),
	}
}

// entity looks up an entity by its unique id and adds it to the audit subjects.
func (c *call) entity(id string) (entity, error) {
	found := entity{uniqueID: id, key: identityObject.name + "/" + id}
	var err error
	found.identity, err = c.tx.IdentityByID(id)
	if errors.Is(err, store.ErrNotFound) {
		found.isPolicy, found.key = true, policyObject.name+"/"+id
		found.policy, err = c.tx.PolicyByID(id)
	}
	if errors.Is(err, store.ErrNotFound) {
		found.isPolicy, found.key = false, accessAssertionObject.name+"/"+id
		_, err = c.tx.AccessAssertionByID(id)
	}
	if errors.Is(err, store.ErrNotFound) {
		var device store.MFADevice
		device, err = c.findDevice(id)
		found.key = mfaDeviceObject.name + "/" + ascii.Fold(device.Name)
	}
	if errors.Is(err, store.ErrNotFound) {
		return found, noSuchEntity("The object with unique id %q cannot be found.", id)
	}
	c.addAuditSubject(id)
	return found, err
}

// resource looks up an object of the account, and returns its entity and its key. The key consists of the kind and the
// id of an object of the audit trail, so it does not change with a name.
func (c *call) resource(uniqueID string, kind ResourceKind, name string) (entity, string, error) {
	owner, err := c.entity(uniqueID)
	if err != nil {
		return owner, "", err
	}
	if kind == "" {
		return owner, owner.key, nil
	}
	dependents, err := c.dependentsOf(owner, true)
	if err != nil {
		return owner, "", err
	}
	for _, d := range dependents {
		if d.Kind != kind {
			continue
		}
		withoutName := kind == LoginProfileResource || kind == BoundaryResource && !owner.isPolicy
		if withoutName || ascii.EqualFold(d.Name, name) {
			return owner, d.key, nil
		}
	}
	kinds := []ResourceKind{AccessKeyResource, LoginProfileResource, MFADeviceResource, InlinePolicyResource,
		AttachmentResource, MembershipResource, BoundaryResource}
	if !slices.Contains(kinds, kind) {
		return owner, "", validationError("The kind %q is unknown. Expected one of %q, or none for the entity itself.", kind,
			kinds)
	}
	return owner, "", noSuchEntity("The %s %q of the entity with unique id %q cannot be found.", kind, name, uniqueID)
}

// Dependent is an object that belongs to a user, group, role or managed policy and prevents its deletion.
type Dependent struct {
	Kind ResourceKind
	// Name identifies the object among those of its kind, see [ResourceKind]. It is the name of a login profile's user.
	Name string
	// OtherID is the unique id of the entity at the other end of an attachment, membership or permissions boundary. It is
	// empty for other kinds.
	OtherID string
	Origin  Origin

	key string // see call.resource
}

// dependentsOf lists the objects that belong to an entity, without their origins. withBoundary includes the permissions
// boundary of a user or role, which does not prevent the deletion.
func (c *call) dependentsOf(owner entity, withBoundary bool) ([]Dependent, error) {
	if owner.isPolicy {
		return c.policyDependents(owner.policy)
	}
	i := owner.identity
	if i.ID == "" {
		return nil, nil
	}
	var out []Dependent
	inline, err := c.tx.InlinePolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range inline {
		out = append(out, Dependent{Kind: InlinePolicyResource, Name: p.Name,
			key: inlinePolicyObject.name + "/" + objectID(i.ID, ascii.Fold(p.Name))})
	}
	attached, err := c.tx.AttachedPolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range attached {
		out = append(out, Dependent{Kind: AttachmentResource, Name: c.engine.policyARN(p), OtherID: p.ID,
			key: attachmentObject.name + "/" + objectID(i.ID, p.ID)})
	}
	if withBoundary && i.Boundary != "" {
		p, err := c.tx.PolicyByID(i.Boundary)
		if err != nil {
			return nil, err
		}
		out = append(out, Dependent{Kind: BoundaryResource, Name: c.engine.policyARN(p), OtherID: p.ID,
			key: boundaryKeyOf(i.ID)})
	}
	if i.Kind == store.Group {
		members, err := c.tx.Members(i.ID, store.Page{})
		for _, user := range members {
			out = append(out, Dependent{Kind: MembershipResource, Name: user.Name, OtherID: user.ID,
				key: membershipObject.name + "/" + objectID(user.ID, i.ID)})
		}
		return out, err
	}
	if i.Kind == store.User {
		more, err := c.userDependents(i)
		return append(out, more...), err
	}
	return out, nil
}

// userDependents lists the groups and credentials of a user.
func (c *call) userDependents(user store.Identity) ([]Dependent, error) {
	var out []Dependent
	groups, err := c.tx.GroupsOf(user.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		out = append(out, Dependent{Kind: MembershipResource, Name: group.Name, OtherID: group.ID,
			key: membershipObject.name + "/" + objectID(user.ID, group.ID)})
	}
	keys, err := c.tx.AccessKeys(user.ID)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		out = append(out, Dependent{Kind: AccessKeyResource, Name: key.ID, key: accessKeyObject.name + "/" + key.ID})
	}
	devices, err := c.tx.MFADevicesOf(user.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range devices {
		out = append(out, Dependent{Kind: MFADeviceResource, Name: c.engine.mfaSerial(d),
			key: mfaDeviceObject.name + "/" + ascii.Fold(d.Name)})
	}
	switch _, err := c.tx.LoginProfile(user.ID); {
	case err == nil:
		out = append(out, Dependent{Kind: LoginProfileResource, Name: user.Name,
			key: loginProfileObject.name + "/" + user.ID})
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	return out, nil
}

// policyDependents lists the identities that use a policy.
func (c *call) policyDependents(p store.Policy) ([]Dependent, error) {
	attached, err := c.identitiesUsing(p, c.tx.AttachedTo)
	if err != nil {
		return nil, err
	}
	var out []Dependent
	for _, i := range attached {
		out = append(out, Dependent{Kind: AttachmentResource, Name: c.engine.identityARN(i), OtherID: i.ID,
			key: attachmentObject.name + "/" + objectID(i.ID, p.ID)})
	}
	withBoundary, err := c.identitiesUsing(p, c.tx.BoundaryOf)
	for _, i := range withBoundary {
		out = append(out, Dependent{Kind: BoundaryResource, Name: c.engine.identityARN(i), OtherID: i.ID,
			key: boundaryKeyOf(i.ID)})
	}
	return out, err
}

// boundaryKeyOf returns the key of an identity's permissions boundary. In the store, it is a part of the identity.
func boundaryKeyOf(identityID string) string { return string(BoundaryResource) + "/" + identityID }
