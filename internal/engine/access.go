package engine

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// access is an action on a resource for which the caller of an operation needs permission. AWS's
// service authorization reference lists the actions, resources and context keys of each operation:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
type access struct {
	action   string // such as iam:TagUser; empty for the operation's own action
	resource string // an ARN, or "*"
	keys     []contextKey
	// assumesRole reports that the resource is a role to assume. The role's trust policy must allow the action too.
	assumesRole bool
}

// contextKey is a context key of the request, with its values.
type contextKey struct {
	name        string
	values      []string
	multivalued bool // has a set of values, so that policies need ForAllValues or ForAnyValue
}

// key returns a context key with a single value.
func key(name, value string) contextKey {
	return contextKey{name: name, values: []string{value}}
}

// multivaluedKey returns a multivalued context key.
func multivaluedKey(name string, values ...string) contextKey {
	return contextKey{name: name, values: values, multivalued: true}
}

// withKeys returns a copy of the access with further context keys.
func (a access) withKeys(keys ...contextKey) access {
	a.keys = append(a.keys[:len(a.keys):len(a.keys)], keys...)
	return a
}

// withAction returns the access for another action on the same resource with the same context keys.
func (a access) withAction(action string) access {
	a.action = action
	return a
}

// requestTags returns the context keys for the tags in a request. If tag keys differ only by case,
// authorization uses the first of them. The operation itself refuses such tags later.
func requestTags(tags []iamtypes.Tag) []contextKey {
	if len(tags) == 0 {
		return nil
	}
	keys := make([]contextKey, 0, len(tags)+1)
	names := make([]string, 0, len(tags))
	for _, t := range tags {
		if slices.ContainsFunc(names, func(earlier string) bool { return sameTagKey(earlier, *t.Key) }) {
			continue
		}
		names = append(names, *t.Key)
		keys = append(keys, key("aws:RequestTag/"+*t.Key, aws.ToString(t.Value)))
	}
	return append(keys, multivaluedKey("aws:TagKeys", names...))
}

// resourceTags returns the context keys for a resource's tags. Each tag has two keys: the general
// aws:ResourceTag and IAM's own iam:ResourceTag.
func resourceTags(tags []store.Tag) []contextKey {
	keys := make([]contextKey, 0, 2*len(tags))
	for _, t := range tags {
		keys = append(keys, key("aws:ResourceTag/"+t.Key, t.Value), key("iam:ResourceTag/"+t.Key, t.Value))
	}
	return keys
}

// identityAccess returns the access to a user, group or role by name.
func (c *call) identityAccess(kind store.Kind, name string) (access, error) {
	found, err := c.identityForAccess(kind, name)
	return c.accessTo(found), err
}

// identityForAccess looks up an identity to authorize a call about it. For a missing identity it
// returns one with this name and the path "/". A caller without permission thus receives the same
// error, and does not learn whether the identity exists.
func (c *call) identityForAccess(kind store.Kind, name string) (store.Identity, error) {
	found, err := c.findIdentity(kind, name)
	if errors.Is(err, store.ErrNotFound) {
		return store.Identity{Kind: kind, Path: "/", Name: name}, nil
	}
	return found, err
}

// accessTo returns the access to an identity: the identity's ARN as the resource, and its tags as context keys.
// The caller sets the action.
func (c *call) accessTo(i store.Identity) access {
	return access{resource: c.engine.identityARN(i), keys: resourceTags(i.Tags)}
}

// onUser returns the access function of an operation on a user. If the input names no user, the
// operation is about the calling user.
func onUser[I any](name func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		if name(in) == nil {
			a := c.accessTo(c.principal.identity)
			if c.principal.authz.Kind != authz.User {
				a = access{resource: c.engine.iamARN("user/*")}
			}
			return []access{a}, nil
		}
		a, err := c.identityAccess(store.User, *name(in))
		return []access{a}, err
	}
}

// onGroup returns the access function of an operation on the group that the input names.
func onGroup[I any](name func(*I) *string) func(*call, *I) ([]access, error) {
	return onIdentity(store.Group, name)
}

// onRole returns the access function of an operation on the role that the input names.
func onRole[I any](name func(*I) *string) func(*call, *I) ([]access, error) {
	return onIdentity(store.Role, name)
}

func onIdentity[I any](kind store.Kind, name func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.identityAccess(kind, *name(in))
		return []access{a}, err
	}
}

// onTagging returns the access function of an operation that sets or removes tags of an identity.
// tagKeys returns the context keys for these tags.
func onTagging[I any](
	kind store.Kind, name func(*I) *string, tagKeys func(*I) []contextKey,
) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.identityAccess(kind, *name(in))
		return []access{a.withKeys(tagKeys(in)...)}, err
	}
}

// onPermissions returns the access function of an operation that changes permissions or trust. The
// identity's permissions boundary is a context key, so that a policy can limit delegated
// administrators to identities with that boundary.
func onPermissions[I any](kind store.Kind, name func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.permissionsAccess(kind, *name(in))
		return []access{a}, err
	}
}

// onAttachment returns the access function of an operation that attaches or detaches a managed
// policy. Besides the context keys of onPermissions, the policy's ARN is a context key.
func onAttachment[I any](kind store.Kind, name, policy func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.permissionsAccess(kind, *name(in))
		return []access{a.withKeys(key("iam:PolicyARN", *policy(in)))}, err
	}
}

// permissionsAccess returns the access to an identity, with its permissions boundary as a context key.
func (c *call) permissionsAccess(kind store.Kind, name string) (access, error) {
	found, err := c.identityForAccess(kind, name)
	if err != nil || found.Boundary == "" {
		return c.accessTo(found), err
	}
	boundary, err := c.tx.PolicyByID(found.Boundary)
	return c.accessTo(found).withKeys(key("iam:PermissionsBoundary", c.engine.policyARN(boundary))), err
}

// onNewBoundary returns the access function of an operation that sets a permissions boundary. The
// context key is the new boundary.
func onNewBoundary[I any](kind store.Kind, name, policy func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.identityAccess(kind, *name(in))
		return []access{a.withKeys(boundaryKey(policy(in))...)}, err
	}
}

// onPolicy returns the access function of an operation on one managed policy.
func onPolicy[I any](arn func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.policyAccess(*arn(in))
		return []access{a}, err
	}
}

// policyAccess returns the access to a managed policy. A missing policy has no tags.
func (c *call) policyAccess(arn string) (access, error) {
	found, err := c.findPolicy(arn)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return access{resource: arn, keys: resourceTags(found.Tags)}, err
}

// onList returns the access function of an operation that lists identities of one kind. The
// resource is the path prefix, which patterns such as user/team/* match.
func onList[I any](kind store.Kind, prefix func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		return []access{{resource: c.engine.iamARN(string(kind) + pathOrDefault(prefix(in)))}}, nil
	}
}

// onAll is the access function of an operation that lists entities or concerns the whole account.
// Its only resource is "*".
func onAll[I any](*call, *I) ([]access, error) {
	return []access{{resource: "*"}}, nil
}
