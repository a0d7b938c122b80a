package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Key is a context key of the requests.
type Key struct {
	Name   string
	Values []string
	// Multivalued says that the key has a list of values.
	Multivalued bool
}

// Question is a request of which a principal is asked for.
type Question struct {
	Action authz.Action
	// Resource is one ARN, or "*" for an action without resources. Wildcards in it are ordinary characters.
	Resource string
	// Keys are the context keys that are given.
	Keys []Key
	// ResourcePolicy is the policy of the resource. It is nil if the resource has none. The trust policy of a role of the
	// account comes from the account.
	ResourcePolicy *authz.Layer
	// ThroughRoles says that the answer also has ways through roles.
	ThroughRoles bool
}

// context returns a context with the keys of the question.
func (q *Question) context() (*authz.Context, error) {
	context := authz.NewContext()
	for _, key := range q.Keys {
		var err error
		switch {
		case key.Multivalued:
			err = context.SetMulti(key.Name, key.Values)
		case len(key.Values) == 1:
			err = context.Set(key.Name, key.Values[0])
		default:
			err = fmt.Errorf("the context key %q has %d values and is not multivalued", key.Name, len(key.Values))
		}
		if err != nil {
			return nil, err
		}
	}
	return context, nil
}

// A key of the question describes one request. If a principal assumes roles before it, the key concerns the requests
// before it as follows, as in package assertion:
//
//   - A key of the environment, such as aws:SourceIp, has its value in every request.
//   - A key of the principal, such as aws:PrincipalTag/team, has its value only in requests of the first principal.
//   - A caller without MFA has no MFA in any session.
//   - Every other key, such as s3:prefix, has its value only in the last request.

// environmentKeys are prefixes of keys, in lower case, that describe the network, the time and the organization.
var environmentKeys = []string{
	"aws:sourceip", "aws:sourcevpc", "aws:vpc", "aws:currenttime", "aws:epochtime", "aws:securetransport", "aws:useragent",
	"aws:referer", "aws:principalorg", "aws:principalaccount",
}

// principalKeys are prefixes of keys, in lower case, that describe the principal or its credentials.
var principalKeys = []string{
	"aws:principal", "aws:username", "aws:userid", "aws:federatedprovider", "aws:sourceidentity", "aws:tokenissuetime",
	"aws:multifactorauth", "aws:ec2instance",
}

func (k Key) hasPrefix(prefixes []string) bool {
	name := ascii.Fold(k.Name)
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func (k Key) isEnvironment() bool { return k.hasPrefix(environmentKeys) }

// isOfPrincipal reports whether the key describes the principal.
func (k Key) isOfPrincipal() bool { return !k.isEnvironment() && k.hasPrefix(principalKeys) }

// lacksMFA reports whether the key says that the caller has no MFA.
func (k Key) lacksMFA() bool {
	return ascii.EqualFold(k.Name, "aws:MultiFactorAuthPresent") && len(k.Values) == 1 &&
		ascii.EqualFold(k.Values[0], "false")
}

// ofFirstStep returns the question whether a principal may assume a role, with the keys that concern this request.
func (q *Question) ofFirstStep(role string) *Question {
	return q.assume(role, func(k Key) bool { return k.isEnvironment() || k.isOfPrincipal() })
}

// ofLaterStep returns the question whether a session of a role may assume another role.
func (q *Question) ofLaterStep(role string) *Question {
	return q.assume(role, func(k Key) bool { return k.isEnvironment() || k.lacksMFA() })
}

func (q *Question) assume(role string, isRelevant func(Key) bool) *Question {
	out := &Question{Action: assumeRole, Resource: role}
	for _, k := range q.Keys {
		if isRelevant(k) {
			out.Keys = append(out.Keys, k)
		}
	}
	return out
}

// ofSession returns the question as it concerns a session of the last role of a chain.
func (q *Question) ofSession() *Question {
	out := *q
	out.Keys = slices.DeleteFunc(slices.Clone(q.Keys), func(k Key) bool { return k.isOfPrincipal() && !k.lacksMFA() })
	return &out
}
