package engine

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// access is one thing that a caller must be allowed for an operation. Which there are, with which
// resources and context keys, is in the service authorization reference:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
type access struct {
	action   string // such as iam:TagUser; empty is the operation's own
	resource string // an ARN, or "*"
	keys     []contextKey
	// assumesRole says that the resource is a role to assume, whose trust policy must allow the action too.
	assumesRole bool
}

// contextKey is a context key of the request with its values.
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

// with adds context keys.
func (a access) with(keys ...contextKey) access {
	a.keys = append(a.keys[:len(a.keys):len(a.keys)], keys...)
	return a
}

// also is the access for another action on the same resource with the same keys.
func (a access) also(action string) access {
	a.action = action
	return a
}

// requestTags are the keys that tags in a request set. Of keys that differ in case only, which the operation
// refuses, the first one counts.
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

// resourceTags are the keys that a resource's tags set. IAM has its own name for them beside the general one.
func resourceTags(tags []store.Tag) []contextKey {
	keys := make([]contextKey, 0, 2*len(tags))
	for _, t := range tags {
		keys = append(keys, key("aws:ResourceTag/"+t.Key, t.Value), key("iam:ResourceTag/"+t.Key, t.Value))
	}
	return keys
}

// identityAccess is the access to a user, group or role by name.
func (c *call) identityAccess(kind store.Kind, name string) (access, error) {
	found, err := c.identityForAccess(kind, name)
	return c.accessTo(found), err
}

// identityForAccess is an identity as access knows it. One that does not exist has the ARN that it would have without a path,
// so that only who may look may learn that it is not there.
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

// onUser, onGroup and onRole are the access of an operation on one identity that the input names.

func onUser[I any](name func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		if name(in) == nil { // the caller's own
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

// onTagging is the access of an operation on one identity whose request has keys of its own: tags to set or remove.
func onTagging[I any](kind store.Kind, name func(*I) *string, keys func(*I) []contextKey) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.identityAccess(kind, *name(in))
		return []access{a.with(keys(in)...)}, err
	}
}

// onPermissions is the access of an operation of which the identity's boundary is a key, so that one may be allowed to
// give permissions, and to say who may use them, only within a boundary.
func onPermissions[I any](kind store.Kind, name func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.permissionsAccess(kind, *name(in))
		return []access{a}, err
	}
}

// onAttachment is onPermissions for a managed policy, which is a key of the request too.
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

// onNewBoundary is the access of an operation that sets an identity's permissions boundary: the key is the new one.
func onNewBoundary[I any](kind store.Kind, name, policy func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		a, err := c.identityAccess(kind, *name(in))
		return []access{a.with(boundaryKey(policy(in))...)}, err
	}
}

// onPolicy is the access of an operation on one managed policy.
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

// onList is the access of an operation that lists one kind of identity by path. Its resource is the path itself, which
// patterns such as user/team/* match.
func onList[I any](kind store.Kind, prefix func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		return []access{{resource: c.engine.iamARN(string(kind) + pathOr(prefix(in)))}}, nil
	}
}

// onAll is the access of an operation that lists, or is about the account: it knows one resource only.
func onAll[I any](*call, *I) ([]access, error) {
	return []access{{resource: "*"}}, nil
}
