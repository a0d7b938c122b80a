package policy

import (
	"fmt"
	"strings"
)

// Kind is the use of a policy. It decides which elements the policy may have.
type Kind uint8

// The kinds of policy.
const (
	Identity        Kind = iota // of a user, group or role, managed or inline
	Resource                    // of a resource: a bucket, a queue, a VPC endpoint
	Trust                       // of a role: it names the principals that may assume the role
	Boundary                    // a permissions boundary
	Session                     // passed when a session is created
	ServiceControl              // an organization's service control policy
	ResourceControl             // an organization's resource control policy
)

var kindNames = [...]string{"identity", "resource", "trust", "boundary", "session", "service-control",
	"resource-control"}

// Kinds returns the names that [ParseKind] accepts.
func Kinds() []string { return append([]string(nil), kindNames[:]...) }

// String returns the kind's name, as [ParseKind] accepts it.
func (k Kind) String() string { return kindNames[k] }

// ParseKind returns the kind with this name. "scp" and "rcp" stand for service-control and
// resource-control.
func ParseKind(name string) (Kind, error) {
	switch name {
	case "scp":
		return ServiceControl, nil
	case "rcp":
		return ResourceControl, nil
	}
	for i, known := range kindNames {
		if name == known {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a kind of policy; the kinds are %s", name, strings.Join(kindNames[:], ", "))
}

// HasPrincipal reports whether statements of this kind name principals.
func (k Kind) HasPrincipal() bool { return k == Resource || k == Trust || k == ResourceControl }

// isPermissions reports whether IAM stores or receives policies of this kind to give or limit an identity's
// permissions. IAM checks all of them by the same rules.
func (k Kind) isPermissions() bool { return k == Identity || k == Boundary || k == Session }
