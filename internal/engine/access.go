package engine

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// access is an action on a resource that the caller must be allowed. AWS's service authorization
// reference lists the actions, resources and context keys of each operation:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
type access struct {
	action   string // such as iam:TagUser; empty for the operation's own action
	resource string // an ARN, or "*"
	keys     []contextKey
	// assumesRole says that the resource is a role to assume, whose trust policy must allow the action too.
	assumesRole bool
}

// contextKey is a context key of the request and its values.
type contextKey struct {
	name   string
	values []string
	multi  bool // a multivalued key
}

func key(name, value string) contextKey {
	return contextKey{name: name, values: []string{value}}
}

func keySet(name string, values ...string) contextKey {
	return contextKey{name: name, values: values, multi: true}
}

// with returns the access with further context keys.
func (a access) with(keys ...contextKey) access {
	a.keys = append(a.keys[:len(a.keys):len(a.keys)], keys...)
	return a
}

// also returns the access for another action on the same resource with the same context keys.
func (a access) also(action string) access {
	a.action = action
	return a
}

// requestTags returns the context keys for the tags in a request. The operation refuses keys that
// differ only by case; until it does, the first one counts.
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
	return append(keys, keySet("aws:TagKeys", names...))
}

// resourceTags returns the context keys for a resource's tags. IAM has its own name for each,
// beside the general one.
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

// identityForAccess looks up an identity to authorize a call about it. A missing one gets the ARN
// that it would have without a path. A caller without permission is then refused with the same
// words, and does not learn whether the identity exists.
func (c *call) identityForAccess(kind store.Kind, name string) (store.Identity, error) {
	found, err := c.identityIfAny(kind, name)
	if errors.Is(err, store.ErrNotFound) {
		return store.Identity{Kind: kind, Path: "/", Name: name}, nil
	}
	return found, err
}

func (c *call) accessTo(i store.Identity) access {
	return access{resource: c.engine.identityARN(i), keys: resourceTags(i.Tags)}
}

// onUser, onGroup and onRole return the access function of an operation on the identity that the
// input names.

func onUser[I any](name func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		if name(in) == nil { // the caller itself
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

func onGroup[I any](name func(*I) *string) func(*call, *I) ([]access, error) {
	return onIdentity(store.Group, name)
}

func onRole[I any](name func(*I) *string) func(*call, *I) ([]access, error) {
	return onIdentity(store.Role, name)
}

func onIdentity[I any](kind store.Kind, name func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.identityAccess(kind, *name(in))
		return []access{a}, err
	}
}

// onTagging returns the access function of an operation whose input names tags to set or remove.
func onTagging[I any](kind store.Kind, name func(*I) *string, keys func(*I) []contextKey) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.identityAccess(kind, *name(in))
		return []access{a.with(keys(in)...)}, err
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

// onAttachment is onPermissions with the managed policy as a further context key.
func onAttachment[I any](kind store.Kind, name, policy func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.permissionsAccess(kind, *name(in))
		return []access{a.with(key("iam:PolicyARN", *policy(in)))}, err
	}
}

func (c *call) permissionsAccess(kind store.Kind, name string) (access, error) {
	found, err := c.identityForAccess(kind, name)
	if err != nil || found.Boundary == "" {
		return c.accessTo(found), err
	}
	boundary, err := c.tx.PolicyByID(found.Boundary)
	return c.accessTo(found).with(key("iam:PermissionsBoundary", c.engine.policyARN(boundary))), err
}

// onNewBoundary returns the access function of an operation that sets a permissions boundary. The
// context key is the new boundary.
func onNewBoundary[I any](kind store.Kind, name, policy func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.identityAccess(kind, *name(in))
		return []access{a.with(boundaryKey(policy(in))...)}, err
	}
}

// onPolicy returns the access function of an operation on one managed policy.
func onPolicy[I any](arn func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.policyAccess(*arn(in))
		return []access{a}, err
	}
}

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

// onAll is the access function of an operation that lists entities, or is about the account as a
// whole. Its only resource is "*".
func onAll[I any](*call, *I) ([]access, error) {
	return []access{{resource: "*"}}, nil
}
