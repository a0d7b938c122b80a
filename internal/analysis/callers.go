package analysis

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// caller is a set of principals that the policies name in the same way. The keys of its world that are within a set
// tell the principals apart.
type caller struct {
	// example is one of the principals.
	example authz.Principal
	world   *world
	// principal returns the principal whose keys have these values, by the key in lower case.
	principal func(keys map[string]string) authz.Principal
}

// principalKeys are the keys that follow from a principal.
var principalKeys = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:principalservicename",
	"aws:principaltype", "aws:userid", "aws:username",
}

// unnamed returns the caller of policies that name no principal. The keys that follow from a principal are free.
func (s *solver) unnamed() caller {
	return caller{
		world:     s.world(authz.NewContext(), map[string]bool{}, nil),
		principal: func(map[string]string) authz.Principal { return authz.Principal{} },
	}
}

// fixed returns the caller that is one principal. Its keys are settled.
func (s *solver) fixed(p authz.Principal) caller {
	ctx := authz.NewContext()
	ctx.SetPrincipal(p)
	settled := map[string]bool{}
	for _, key := range principalKeys {
		settled[key] = true
	}
	return caller{example: p, world: s.world(ctx, settled, nil),
		principal: func(map[string]string) authz.Principal { return p }}
}

// callers returns callers of all kinds: each principal that a rule names, and for each account the others.
func (s *solver) callers() []caller {
	n := s.namedPrincipals()
	var out []caller
	fixed := func(text string) {
		if p, err := authz.ParsePrincipal(text); err == nil {
			out = append(out, s.fixed(p))
		}
	}
	for _, name := range n.names {
		switch name.Form {
		case policy.UserPrincipal:
			out = append(out, s.user(name.Text, &n)...)
		case policy.RolePrincipal:
			out = append(out, s.role(name.Text, &n)...)
			out = append(out, s.sessions(name.Text, freshSession, false, &n)...)
		case policy.SessionPrincipal:
			role := "arn:" + strings.Split(name.Text, ":")[1] + ":iam::" + name.Account + ":role/" + name.Name
			out = append(out, s.sessions(role, name.Session, true, &n)...)
		case policy.FederatedUser, policy.ServicePrincipal:
			fixed(name.Text)
		case policy.FederatedPrincipal:
			out = append(out, s.fixed(authz.IdentityProvider(name.Text)))
		case policy.UniqueID, policy.CanonicalUserID:
			out = append(out, s.identified(name.Text, &n)...)
		}
	}
	for _, account := range n.accounts {
		for _, partition := range n.partitions {
			prefix := "arn:" + partition + ":iam::" + account + ":"
			out = append(out, s.someUser(prefix, &n), s.someSession(prefix, &n), s.someRole(prefix, &n))
			fixed(prefix + "root")
			out = append(out, s.someFederated(prefix, &n))
		}
	}
	out = append(out, s.someService(&n))
	out = append(out,
		s.fixed(authz.IdentityProvider("arn:aws:iam::"+n.accounts[len(n.accounts)-1]+":saml-provider/example")))
	fixed("anonymous")
	return out
}

// Values of requests that no policy names.
const (
	freshSession = "session"
	freshUserID  = "AIDAEXAMPLE"
	freshRoleID  = "AROAEXAMPLE"
)

// withID gives a user or role a unique id, so that all its keys are known.
func withID(p authz.Principal) authz.Principal {
	switch p.Kind {
	case authz.User:
		p.ID = freshUserID
	case authz.Role:
		p.ID = freshRoleID + ":" + freshSession
	case authz.RoleSession:
		p.ID = freshRoleID
	}
	return p
}

// some returns a caller whose keys within the sets are not settled. principal returns the principal with given values
// of these keys; all of them may be missing.
func (s *solver) some(example authz.Principal, within map[string]pattern.Set,
	principal func(keys map[string]string) authz.Principal) caller {
	ctx := authz.NewContext()
	ctx.SetPrincipal(example)
	settled := map[string]bool{}
	for _, key := range principalKeys {
		if _, free := within[key]; !free {
			settled[key] = true
		}
	}
	return caller{example: example, world: s.world(ctx, settled, within), principal: principal}
}

// user returns a user that the policies name. Its unique id is free.
func (s *solver) user(arn string, n *named) []caller {
	p, err := authz.ParsePrincipal(arn)
	if err != nil {
		return nil
	}
	return []caller{s.some(withID(p), map[string]pattern.Set{"aws:userid": n.ids("?*")}, userOf(p))}
}

// userOf returns how to make a user, or a role, from the values of its keys. The example has the missing ones.
func userOf(example authz.Principal) func(keys map[string]string) authz.Principal {
	return func(keys map[string]string) authz.Principal {
		arn := keys["aws:principalarn"]
		if name := keys["aws:username"]; arn == "" && name != "" {
			arn = strings.TrimSuffix(example.String(), example.Name()) + name
		}
		p := example
		if other, err := authz.ParsePrincipal(arn); err == nil {
			p = other
		}
		p = withID(p)
		if id := keys["aws:userid"]; id != "" {
			p.ID = id
		}
		return p
	}
}

// role returns a role that the policies name, without naming its session.
func (s *solver) role(arn string, n *named) []caller {
	p, err := authz.ParsePrincipal(arn)
	if err != nil {
		return nil
	}
	return []caller{s.some(withID(p), map[string]pattern.Set{"aws:userid": n.ids("?*:?*")}, userOf(p))}
}

// sessions returns the session of a role. A policy that names the session does not tell the role's path, which is then
// free; one that names the role does, because a role with another path would be another role.
func (s *solver) sessions(role, session string, anyPath bool, n *named) []caller {
	p, err := sessionPrincipal(role, session)
	if err != nil {
		return nil
	}
	ids := n.ids("?*:" + session)
	out := []caller{s.some(p, map[string]pattern.Set{"aws:userid": ids}, sessionOf(role, session))}
	if anyPath {
		prefix, _, _ := strings.Cut(role, ":role/")
		paths := pattern.Set{Required: []pattern.Term{{Pattern: pattern.Glob(prefix + ":role/?*/" + p.Name())}},
			Excluded: []pattern.Term{{Pattern: pattern.Glob("*//*")}, {Pattern: pattern.Glob(prefix + ":role/*:*")}}}
		out = append(out, s.some(p, map[string]pattern.Set{"aws:userid": ids, "aws:principalarn": paths}, sessionOf(role,
			session)))
	}
	return out
}

// sessionOf returns how to make a session from the values of its keys. role and session are the missing ones.
func sessionOf(role, session string) func(keys map[string]string) authz.Principal {
	return func(keys map[string]string) authz.Principal {
		arn, own := keys["aws:principalarn"], session
		if arn == "" {
			arn = role
		}
		before, after, hasID := strings.Cut(keys["aws:userid"], ":")
		if hasID {
			own = after
		}
		p, err := sessionPrincipal(arn, own)
		if err != nil {
			p, _ = sessionPrincipal(role, session)
		}
		if hasID {
			p.ID = before
		}
		return p
	}
}

func sessionPrincipal(role, session string) (authz.Principal, error) {
	fields, ok := pattern.ARNFields(role)
	if !ok {
		return authz.Principal{}, fmt.Errorf("%q is not an ARN", role)
	}
	path := fields[pattern.ResourceField]
	name := path[strings.LastIndexByte(path, '/')+1:]
	p, err := authz.ParsePrincipal("arn:" + fields[pattern.PartitionField] + ":sts::" + fields[pattern.AccountField] +
		":assumed-role/" + name + "/" + session)
	if err != nil {
		return p, err
	}
	return withID(p).WithRole(role), nil
}

// identified returns the principals with a unique id that the policies name: one that they do not name otherwise, and
// each of those that they name.
func (s *solver) identified(id string, n *named) (out []caller) {
	account := n.accounts[len(n.accounts)-1]
	add := func(arn string) {
		if p, err := authz.ParsePrincipal(arn); err == nil {
			p.ID = id
			out = append(out, s.fixed(p))
		}
		if strings.Contains(arn, ":role/") {
			if p, err := sessionPrincipal(arn, freshSession); err == nil {
				p.ID = id
				out = append(out, s.fixed(p))
			}
		}
	}
	const most = 20 // so that the number of callers does not explode
	isUser, isRole := !strings.HasPrefix(id, "AROA"), !strings.HasPrefix(id, "AIDA")
	for _, name := range n.names {
		if len(out) < most && (isUser && name.Form == policy.UserPrincipal || isRole && name.Form == policy.RolePrincipal) {
			add(name.Text)
		}
	}
	if isUser {
		add("arn:aws:iam::" + account + ":user/user-with-id")
	}
	if isRole {
		add("arn:aws:iam::" + account + ":role/role-with-id")
	}
	return out
}

// someUser returns the users of an account that no rule names.
func (s *solver) someUser(prefix string, n *named) caller {
	example := withID(authz.MustPrincipal(prefix + "user/" + freshName("alice", n.names)))
	return s.some(example, map[string]pattern.Set{
		"aws:principalarn": n.others(prefix+"user/", policy.UserPrincipal, false),
		"aws:userid":       n.ids("?*"),
		"aws:username":     {Required: []pattern.Term{{Pattern: pattern.Glob("?*")}}},
	}, userOf(example))
}

// someRole returns the roles of an account that no rule names, without naming their sessions.
func (s *solver) someRole(prefix string, n *named) caller {
	example := withID(authz.MustPrincipal(prefix + "role/" + freshName("example", n.names)))
	return s.some(example, map[string]pattern.Set{
		"aws:principalarn": n.others(prefix+"role/", policy.RolePrincipal, false),
		"aws:userid":       n.ids("?*:?*"),
	}, userOf(example))
}

// someSession returns the sessions of the roles of an account that no rule names.
func (s *solver) someSession(prefix string, n *named) caller {
	role := prefix + "role/" + freshName("example", n.names)
	example, err := sessionPrincipal(role, freshSession)
	if err != nil {
		panic("analysis: " + err.Error())
	}
	return s.some(example, map[string]pattern.Set{
		"aws:principalarn": n.others(prefix+"role/", policy.RolePrincipal, true),
		"aws:userid":       n.ids("?*:?*"),
	}, sessionOf(role, freshSession))
}

// someFederated returns the federated users of an account that no rule names.
func (s *solver) someFederated(prefix string, n *named) caller {
	prefix = strings.Replace(prefix, ":iam:", ":sts:", 1) + "federated-user/"
	example := authz.MustPrincipal(prefix + freshName("example", n.names))
	names := n.others(prefix, policy.FederatedUser, false)
	names.Excluded = append(names.Excluded, pattern.Term{Pattern: pattern.Join(pattern.Literal(prefix),
		pattern.Glob("*/*"))})
	return s.some(example, map[string]pattern.Set{
		"aws:principalarn": names,
		"aws:userid":       n.ids(example.Account + ":?*"),
	}, func(keys map[string]string) authz.Principal {
		_, name, _ := strings.Cut(keys["aws:userid"], ":")
		arn := keys["aws:principalarn"]
		if arn == "" {
			arn = prefix + name
		}
		if p, err := authz.ParsePrincipal(arn); err == nil {
			return p
		}
		return example
	})
}

// someService returns the services that no rule names. Their names end with amazonaws.com.
func (s *solver) someService(n *named) caller {
	example := authz.MustPrincipal("example.amazonaws.com")
	set := pattern.Set{Required: []pattern.Term{{Pattern: pattern.Glob("?*.amazonaws.com")}}}
	for _, bad := range [...]string{"*:*", "*/*", "* *", "*\"*", "*'*", ".*", "*..*"} {
		set.Excluded = append(set.Excluded, pattern.Term{Pattern: pattern.Glob(bad)})
	}
	for _, name := range n.names {
		if name.Form == policy.ServicePrincipal {
			set.Excluded = append(set.Excluded, pattern.Term{Pattern: pattern.Literal(name.Text), Fold: true})
		}
	}
	return s.some(example, map[string]pattern.Set{"aws:principalservicename": set},
		func(keys map[string]string) authz.Principal {
			if p, err := authz.ParsePrincipal(keys["aws:principalservicename"]); err == nil && p.Kind == authz.Service {
				return p
			}
			return example
		})
}
