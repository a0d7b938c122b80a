package authz

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// PrincipalKind is the kind of a caller.
type PrincipalKind uint8

// The kinds of caller.
const (
	// Unnamed is an unspecified principal of the resource's account. Questions about identity policies
	// without a caller use it.
	Unnamed PrincipalKind = iota
	Root
	User
	Role        // a role, without naming one of its sessions
	RoleSession // an assumed-role session
	FederatedUser
	Service           // an AWS service
	FederatedProvider // an identity provider, in calls that assume a role by its token
	Anonymous
)

// Principal is the caller that makes a request. [ParsePrincipal] returns one. The zero Principal is
// unnamed.
type Principal struct {
	Kind PrincipalKind
	// Account is the principal's account. It is empty for services, identity providers and
	// anonymous callers.
	Account string
	// ID is the unique id of the user, or of the role of a session, if the request has it. Trust
	// policies contain such ids after they are saved.
	ID string
	// ServiceLinked is set for a service-linked role. [ParsePrincipal] sets it for a role's ARN
	// under /aws-service-role/.
	ServiceLinked bool

	text      string
	partition string
	name      string // user or role, without path
	role      string // the ARN of a role; of a session's role only with WithRole
}

// Name returns the name of the user, of the role or of the session's role, without path. It is
// empty for other principals.
func (p Principal) Name() string { return p.name }

// WithRole returns the session with the ARN of its role, which contains the path that a session's ARN lacks.
func (p Principal) WithRole(arn string) Principal {
	p.role = arn
	return p
}

// String returns the principal as written.
func (p Principal) String() string {
	if p.Kind == Unnamed {
		return "an unnamed principal"
	}
	return p.text
}

// identityProviders are the identity providers that trust policies name by a host name.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
var identityProviders = map[string]bool{
	"cognito-identity.amazonaws.com": true,
	"accounts.google.com":            true,
	"www.amazon.com":                 true,
	"graph.facebook.com":             true,
}

// ParsePrincipal reads a caller: the ARN of an account's root, user, role, assumed-role session or
// federated user; a service such as ec2.amazonaws.com; an identity provider by its ARN or
// well-known name; or "anonymous".
func ParsePrincipal(text string) (Principal, error) {
	const forms = "a caller is the ARN of a root user, user, role, assumed-role session or federated user, " +
		"a service such as ec2.amazonaws.com, an identity provider, or \"anonymous\""
	p := Principal{text: text}
	switch {
	case text == "anonymous":
		p.Kind = Anonymous
		return p, nil
	case identityProviders[text]:
		p.Kind = FederatedProvider
		return p, nil
	case text == "*":
		return Principal{}, fmt.Errorf("%q is not a caller; %s", text, forms)
	}
	if arn, err := policy.ParseARN(text); err == nil {
		p.partition = arn.Partition
		provider := strings.HasPrefix(arn.Resource, "saml-provider/") || strings.HasPrefix(arn.Resource, "oidc-provider/")
		if arn.Service == "iam" && provider {
			p.Kind = FederatedProvider
			return p, nil
		}
		name, finding := policy.ParsePrincipal("AWS", text)
		if finding != nil {
			return Principal{}, fmt.Errorf("%q is not a caller; %s", text, forms)
		}
		p.Account, p.name = name.Account, name.Name
		switch name.Form {
		case policy.AccountPrincipal:
			p.Kind = Root
		case policy.UserPrincipal:
			p.Kind = User
		case policy.RolePrincipal:
			p.Kind, p.role = Role, text
			p.ServiceLinked = strings.HasPrefix(arn.Resource, "role/aws-service-role/")
		case policy.SessionPrincipal:
			p.Kind = RoleSession
		case policy.FederatedUser:
			p.Kind = FederatedUser
		default: // a group cannot make requests
			return Principal{}, fmt.Errorf("%q is not a caller; %s", text, forms)
		}
		return p, nil
	}
	name, finding := policy.ParsePrincipal("Service", text)
	if finding == nil && !strings.ContainsAny(name.Text, "\"'") {
		p.Kind = Service
		p.text = ascii.Fold(text)
		return p, nil
	}
	return Principal{}, fmt.Errorf("%q is not a caller; %s", text, forms)
}

// MustPrincipal is [ParsePrincipal] for a constant text. It panics if the text is not a principal.
func MustPrincipal(text string) Principal {
	p, err := ParsePrincipal(text)
	if err != nil {
		panic(err)
	}
	return p
}

// hasIdentity reports whether the principal belongs to an account, so that identity policies,
// boundaries and service control policies can apply to it (rule 58).
func (p Principal) hasIdentity() bool {
	return p.Kind != Service && p.Kind != FederatedProvider && p.Kind != Anonymous
}

// naming tells in which ways a Principal element names a caller. The way decides which other
// policies must allow too (rules 54, 55, 60 and 62).
type naming struct {
	// direct is by the ARN of the user or session itself.
	direct truth
	// wide is by the role's ARN, or as everyone.
	wide truth
	// account is by the account, which only delegates.
	account truth
}

func (n naming) any() truth { return or(n.direct, or(n.wide, n.account)) }

// principals is a compiled Principal or NotPrincipal element.
type principals struct {
	names   []policy.PrincipalName
	unknown bool // there may be more names
	not     bool
}

// match returns how the element names the caller. For NotPrincipal the answer is in wide. boundary
// says whether the caller has a permissions boundary.
func (ps *principals) match(r *Request, boundary truth) naming {
	if ps == nil {
		return naming{wide: yes}
	}
	if ps.not {
		return naming{wide: ps.exempts(r, boundary).not()}
	}
	var n naming
	if ps.unknown {
		n = naming{maybe, maybe, maybe}
	}
	if r.Unknown.Principal {
		for _, name := range ps.names {
			if name.Form == policy.EveryonePrincipal {
				return naming{direct: maybe, wide: yes, account: maybe}
			}
		}
		return naming{maybe, maybe, maybe}
	}
	for i := range ps.names {
		switch name := &ps.names[i]; name.Form {
		case policy.EveryonePrincipal:
			n.wide = yes
		case policy.AccountPrincipal:
			if r.Principal.belongsToAccount(name) {
				n.account = yes
			}
		default:
			direct, wide := r.Principal.isNamedBy(name)
			n.direct = or(n.direct, truthOf(direct))
			n.wide = or(n.wide, truthOf(wide))
		}
	}
	return n
}

// belongsToAccount reports whether the caller belongs to the account that an entry names. The same digits in
// another partition are another account.
func (p *Principal) belongsToAccount(name *policy.PrincipalName) bool {
	return p.Account == name.Account && name.Account != "" &&
		(name.Text == name.Account || strings.HasPrefix(name.Text, "arn:"+p.partition+":"))
}

// isNamedBy reports whether an entry, neither everyone nor an account, names the caller. direct is set
// for the caller's own ARN, and wide for the ARN of its role.
func (p *Principal) isNamedBy(name *policy.PrincipalName) (direct, wide bool) {
	switch name.Form {
	case policy.UserPrincipal:
		return p.Kind == User && p.text == name.Text, false
	case policy.SessionPrincipal:
		return p.Kind == RoleSession && p.text == name.Text, false
	case policy.FederatedUser:
		return p.Kind == FederatedUser && p.text == name.Text, false
	case policy.RolePrincipal:
		// A session's ARN lacks the role's path, so only the name can be compared.
		return false, p.Kind == Role && p.text == name.Text ||
			p.Kind == RoleSession && p.Account == name.Account && p.name == name.Name &&
				strings.HasPrefix(name.Text, "arn:"+p.partition+":")
	case policy.UniqueID:
		id, _, _ := strings.Cut(p.ID, ":")
		if id != name.Text {
			return false, false
		}
		return p.Kind == User, p.Kind == Role || p.Kind == RoleSession
	case policy.ServicePrincipal:
		return p.Kind == Service && p.text == ascii.Fold(name.Text), false
	case policy.FederatedPrincipal:
		return p.Kind == FederatedProvider && p.text == name.Text, false
	case policy.CanonicalUserID:
		return p.ID == name.Text, false
	}
	return false, false
}

// exempts returns whether NotPrincipal lists everything in the caller's chain: for a session the
// session, its role and its account. AWS may check the account first, then the role, then the
// session, and denies at the first that is not listed. A caller with a permissions boundary is
// never exempt.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (ps *principals) exempts(r *Request, boundary truth) truth {
	p := &r.Principal
	if r.Unknown.Principal {
		return maybe
	}
	limited := no
	if p.Kind == User || p.Kind == Role || p.Kind == RoleSession {
		limited = boundary
	}
	if limited == yes {
		return no
	}
	var everyone, account, role, self bool
	for i := range ps.names {
		switch name := &ps.names[i]; name.Form {
		case policy.EveryonePrincipal:
			everyone = true
		case policy.AccountPrincipal:
			account = account || p.belongsToAccount(name)
		default:
			direct, wide := p.isNamedBy(name)
			self, role = self || direct, role || wide
		}
	}
	var all bool
	switch p.Kind {
	case User, FederatedUser:
		all = self && account
	case Role:
		all = role && account
	case RoleSession:
		all = self && role && account
	case Root:
		all = account
	case Service, FederatedProvider:
		all = self
	}
	return and(or(truthOf(all || everyone), and(truthOf(ps.unknown), maybe)), limited.not())
}

// groups returns the groups that the element names. They match nobody.
func (ps *principals) groups() []string {
	var out []string
	if ps != nil {
		for _, name := range ps.names {
			if name.Form == policy.GroupPrincipal {
				out = append(out, name.Text)
			}
		}
	}
	return out
}

// IdentityProvider returns the caller that authenticates with an identity provider. The name is that in the policies:
// an ARN or a host.
func IdentityProvider(name string) Principal { return Principal{Kind: FederatedProvider, text: name} }
