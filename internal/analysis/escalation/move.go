package escalation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// move is a step by name. It is planned on the account that the steps before it leave.
type move struct {
	action authz.Action
	actor  string // the key of the actor that makes the requests
	kind   account.Kind
	// name is the user, group or role, by name, or the policy by ARN, or the identity provider by ARN, that the move is
	// about. arg is the policy, version, group, tag or service that it uses.
	name, arg, value string
	// service is a service that the person lets use a role, with the resources of its requests. It is nil for every other
	// move.
	service   *service
	resources []string
}

// planned is a move on an account.
type planned struct {
	calls   []call
	changes []account.Change
	// gains is the user, role or identity provider that the person acts as after the move.
	gains string
	// mfa says that the person has an MFA device of the user after the move.
	mfa bool
	// grants says that the policies which the move leaves allow everything.
	grants bool
	// assumes is what must be true besides, which the account does not tell. It is a sentence without its full stop.
	assumes string
	// spare is a request that makes the assumption needless. It is nil for most moves.
	spare *call
	// result is what the move achieves, as a clause without its subject.
	result string
}

// everything is a policy that allows everything.
const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// target returns a request about a user, group or role, with the keys that such a request has. withBoundary says
// whether these have the permissions boundary.
func target(acc *account.Account, action authz.Action, kind account.Kind, name string, withBoundary bool) (call, bool) {
	c := call{action: action}
	var tags []account.Tag
	var boundary string
	switch kind {
	case account.UserKind:
		u, ok := acc.User(name)
		if !ok {
			return c, false
		}
		c.resource, tags, boundary = acc.ARN(kind, u.Path, u.Name), u.Tags, u.Boundary
	case account.RoleKind:
		r, ok := acc.Role(name)
		if !ok || isProtected(r.Path) && strings.HasPrefix(action.String(), "iam:") {
			return c, false
		}
		c.resource, tags, boundary = acc.ARN(kind, r.Path, r.Name), r.Tags, r.Boundary
	case account.GroupKind:
		g, ok := acc.Group(name)
		if !ok {
			return c, false
		}
		c.resource = acc.ARN(kind, g.Path, g.Name)
	case account.PolicyKind:
		p, ok := acc.Policy(name)
		if !ok {
			return c, false
		}
		c.resource, tags = p.ARN, p.Tags
	}
	for _, t := range tags {
		c.keys = append(c.keys, key("aws:ResourceTag/"+t.Key, t.Value), key("iam:ResourceTag/"+t.Key, t.Value))
	}
	if withBoundary && boundary != "" {
		c.keys = append(c.keys, key("iam:PermissionsBoundary", boundary))
	}
	return c, true
}

// isProtected reports whether only AWS may change the roles of a path: service-linked roles, and those of IAM Identity
// Center. They cannot be passed to a service either.
func isProtected(path string) bool {
	return strings.HasPrefix(path, "/aws-service-role/") || strings.HasPrefix(path, "/aws-reserved/")
}

func key(name string, values ...string) authz.ContextKey {
	return authz.ContextKey{Name: name, Values: values}
}

// with returns the request with further keys.
func (c call) with(keys ...authz.ContextKey) call {
	c.keys = slices.Concat(c.keys, keys)
	return c
}

// plan returns what the move does on an account. ok is false if it is not possible there, whoever makes the requests.
func (m *move) plan(acc *account.Account) (out planned, ok bool) {
	switch m.action {
	case createAccessKey, updateAccessKey, createLoginProfile, updateLoginProfile:
		return m.planCredentials(acc)
	case assumeRole, updateAssumeRolePolicy, assumeRoleWithSAML, assumeRoleWithToken, updateSAMLProvider, addClientID,
		passRole:
		return m.planRole(acc)
	case createPolicyVersion, setDefaultPolicyVersion:
		return m.planVersion(acc)
	case enableMFADevice:
		return m.planMFA(acc)
	}
	return m.planEdit(acc)
}

// planCredentials plans a move that gives the person credentials of a user.
func (m *move) planCredentials(acc *account.Account) (out planned, ok bool) {
	c, ok := target(acc, m.action, account.UserKind, m.name, false)
	if !ok {
		return out, false
	}
	out = planned{calls: []call{c}, gains: c.resource, result: "has credentials of the user " + m.name}
	switch m.action {
	case createAccessKey:
		out.assumes = "The user " + m.name + " has fewer than two access keys"
		spare, _ := target(acc, deleteAccessKey, account.UserKind, m.name, false)
		out.spare = &spare
	case updateAccessKey:
		out.assumes = "The user " + m.name + " has an inactive access key, and the actor knows its secret"
	case createLoginProfile:
		out.assumes = "The user " + m.name + " has no password yet"
	case updateLoginProfile:
		out.assumes = "The user " + m.name + " has a password and no MFA device"
	}
	return out, true
}

// planRole plans a move that lets the person act as a role or as an identity provider.
func (m *move) planRole(acc *account.Account) (out planned, ok bool) {
	switch m.action {
	case updateSAMLProvider, addClientID:
		out = planned{calls: []call{{action: m.action, resource: m.name}}, gains: m.name,
			result:  "issues tokens of the identity provider " + m.name,
			assumes: "The identity provider exists"}
		if m.action == addClientID {
			out.assumes = "The identity provider exists, and issues tokens with the values below to the actor's own client"
		}
		return out, true
	}
	c, ok := target(acc, m.action, account.RoleKind, m.name, m.action == updateAssumeRolePolicy)
	if !ok {
		return out, false
	}
	out = planned{calls: []call{c}}
	switch m.action {
	case updateAssumeRolePolicy:
		role, _ := acc.Role(m.name)
		role.Trust = account.Text(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
			`"Principal":{"AWS":%q},"Action":"sts:AssumeRole"}]}`, m.arg))
		out.changes, out.result = []account.Change{role}, "is trusted by the role "+m.name
		if m.arg != m.actor {
			out.result = "makes the role " + m.name + " trust " + m.arg
		}
	case passRole:
		return m.planService(acc, c)
	default:
		out.gains, out.result = c.resource, "acts as the role "+m.name
	}
	return out, true
}

// planMFA plans a move that gives the person an MFA device of a user whose credentials it has.
func (m *move) planMFA(acc *account.Account) (out planned, ok bool) {
	c, ok := target(acc, enableMFADevice, account.UserKind, m.name, false)
	device := strings.TrimSuffix(acc.RootARN(), "root") + "mfa/" + m.name
	return planned{
		calls: []call{{action: createVirtualMFADevice, resource: device}, c}, mfa: true,
		assumes: "The user " + m.name + " has fewer than eight MFA devices",
		result:  "has an MFA device of the user " + m.name,
	}, ok
}

// planVersion plans a move that changes what a managed policy of the account says.
func (m *move) planVersion(acc *account.Account) (out planned, ok bool) {
	p, ok := acc.Policy(m.name)
	if !ok || strings.Contains(p.ARN, ":aws:policy/") {
		return out, false
	}
	c, _ := target(acc, m.action, account.PolicyKind, m.name, false)
	out.calls = []call{c}
	if m.action == setDefaultPolicyVersion {
		if m.arg == p.Default || !slices.ContainsFunc(p.Versions, func(v account.Version) bool { return v.ID == m.arg }) {
			return out, false
		}
		p.Default = m.arg
		out.changes, out.result = []account.Change{p}, "makes "+m.arg+" the default version of the policy "+p.ARN
		return out, true
	}
	const maxVersions = 5
	if len(p.Versions) >= maxVersions { // the oldest version that is not the default one must go first
		oldest := slices.IndexFunc(p.Versions, func(v account.Version) bool { return v.ID != p.Default })
		for i, v := range p.Versions {
			if v.ID != p.Default && v.Created.Before(p.Versions[oldest].Created) {
				oldest = i
			}
		}
		p.Versions = slices.Delete(slices.Clone(p.Versions), oldest, oldest+1)
		remove, _ := target(acc, deletePolicyVersion, account.PolicyKind, m.name, false)
		out.calls = []call{remove, c}
	}
	id := ""
	for i := 1; id == "" || slices.ContainsFunc(p.Versions, func(v account.Version) bool { return v.ID == id }); i++ {
		id = fmt.Sprintf("v%d", i+len(p.Versions))
	}
	p.Versions = append(slices.Clone(p.Versions), account.Version{ID: id, Document: account.Text(everything)})
	p.Default, out.grants = id, true
	out.changes, out.result = []account.Change{p}, "makes the policy "+p.ARN+" allow everything"
	return out, true
}
