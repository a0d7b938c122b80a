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

// Equal reports whether two keys have the same name and the same values in any order.
func (k Key) Equal(other Key) bool {
	values, otherValues := slices.Sorted(slices.Values(k.Values)), slices.Sorted(slices.Values(other.Values))
	return ascii.EqualFold(k.Name, other.Name) && k.Multivalued == other.Multivalued && slices.Equal(values, otherValues)
}

// NewContext returns a context with keys.
func NewContext(keys []Key) (*authz.Context, error) {
	context := authz.NewContext()
	for _, key := range keys {
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

// The keys of a question, or of an access assertion, describe one request. When a principal assumes roles to make it,
// they also concern the requests before it:
//
//   - A key of the environment, such as aws:SourceIp, has its value in every request.
//   - A key of the principal, such as aws:PrincipalTag/team, has its value only in requests of the first principal. A
//     session of a role has keys of its own.
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
	for _, prefix := range prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func (k Key) isEnvironment() bool { return k.hasPrefix(environmentKeys) }

// followsFromPrincipal reports whether the key describes the principal or its credentials, and not the token of an
// identity provider.
func (k Key) followsFromPrincipal() bool { return !k.isEnvironment() && k.hasPrefix(principalKeys) }

// isOfPrincipal reports whether the key describes the principal. The names of keys of an identity provider begin with
// its host, or with saml.
func (k Key) isOfPrincipal() bool {
	provider, _, _ := strings.Cut(k.Name, ":")
	return k.followsFromPrincipal() || strings.Contains(provider, ".") ||
		ascii.EqualFold(provider, "saml")
}

// lacksMFA reports whether the key says that the caller has no MFA.
func (k Key) lacksMFA() bool {
	return ascii.EqualFold(k.Name, "aws:MultiFactorAuthPresent") && len(k.Values) == 1 &&
		ascii.EqualFold(k.Values[0], "false")
}

func filterKeys(keys []Key, keep func(Key) bool) (out []Key) {
	for _, k := range keys {
		if keep(k) {
			out = append(out, k)
		}
	}
	return out
}

// FirstStepKeys returns the keys of a request by which the first principal assumes a role.
func FirstStepKeys(keys []Key) []Key {
	return filterKeys(keys, func(k Key) bool { return k.isEnvironment() || k.isOfPrincipal() })
}

// LaterStepKeys returns the keys of a request by which a session assumes a role.
func LaterStepKeys(keys []Key) []Key {
	return filterKeys(keys, func(k Key) bool { return k.isEnvironment() || k.lacksMFA() })
}

// SessionKeys returns the keys of the last request if a session of a role makes it.
func SessionKeys(keys []Key) []Key {
	return filterKeys(keys, func(k Key) bool { return !k.isOfPrincipal() || k.lacksMFA() })
}
