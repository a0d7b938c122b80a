package analysis

import (
	"fmt"
	"maps"
	"slices"
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
	return caller{example: p, world: s.world(ctx, settled, nil), principal: func(map[string]string) authz.Principal { return p }}
}

// named is what the policies name principals by.
type named struct {
	names      []policy.PrincipalName
	accounts   []string
	partitions []string
}

// namedPrincipals collects the principals and the accounts that the rules mention.
func (s *solver) namedPrincipals() named {
	n := named{partitions: []string{"aws"}}
	accounts := map[string]bool{}
	addText := func(text string) {
		for i := 0; i+12 <= len(text); i++ {
			if isAccount(text[i:i+12]) && (i == 0 || !isDigit(text[i-1])) && (i+12 == len(text) || !isDigit(text[i+12])) {
				accounts[text[i:i+12]] = true
			}
		}
		if rest, ok := strings.CutPrefix(text, "arn:"); ok {
			partition, _, _ := strings.Cut(rest, ":")
			if strings.HasPrefix(partition, "aws") && !strings.ContainsAny(partition, "*?") &&
				!slices.Contains(n.partitions, partition) {
				n.partitions = append(n.partitions, partition)
			}
		}
	}
	seen := map[policy.PrincipalName]bool{}
	for _, r := range s.rules {
		if r.view == nil || r.view.Principal == nil {
			continue
		}
		for _, name := range r.view.Principal.Names {
			if !seen[name] {
				seen[name] = true
				n.names = append(n.names, name)
				addText(name.Text)
			}
		}
	}
	for i := range s.atoms {
		a := &s.atoms[i]
		if !slices.Contains(principalKeys, s.keys[a.key]) || !a.comparesText() {
			continue
		}
		for j := range a.view.Values {
			for t := range a.view.Values[j].Text.Tokens() {
				addText(t.Text)
			}
		}
	}
	n.accounts = slices.Sorted(maps.Keys(accounts))
	for _, fresh := range [...]string{"123456789012", "111122223333", "444455556666", "777788889999", "100000000001"} {
		if !accounts[fresh] {
			n.accounts = append(n.accounts, fresh)
			break
		}
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAccount(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return len(text) == 12
}

// callers returns callers of all kinds: each principal that a rule names, and for each account the others.
func (s *solver) callers() []caller {
	n := s.namedPrincipals()
	var out []caller
	add := func(text string) {
		if p, err := authz.ParsePrincipal(text); err == nil {
			out = append(out, s.fixed(withID(p)))
		}
	}
	freshService, freshProvider := "example.amazonaws.com", "arn:aws:iam::123456789012:saml-provider/example"
	for _, name := range n.names {
		switch name.Form {
		case policy.UserPrincipal, policy.FederatedUser, policy.ServicePrincipal:
			add(name.Text)
		case policy.RolePrincipal:
			add(name.Text)
			out = append(out, s.sessionOf(name.Text, "session"))
		case policy.SessionPrincipal:
			partition := strings.Split(name.Text, ":")[1]
			out = append(out, s.sessionOf("arn:"+partition+":iam::"+name.Account+":role/"+name.Name, name.Session))
		case policy.FederatedPrincipal:
			out = append(out, s.fixed(authz.IdentityProvider(name.Text)))
		case policy.UniqueID:
			out = append(out, s.uniqueID(name.Text, n.accounts[0]))
		case policy.CanonicalUserID:
			p := authz.MustPrincipal("arn:aws:iam::" + n.accounts[0] + ":user/canonical")
			p.ID = name.Text
			out = append(out, s.fixed(p))
		}
	}
	for _, account := range n.accounts {
		for _, partition := range n.partitions {
			prefix := "arn:" + partition + ":iam::" + account + ":"
			out = append(out, s.someUser(prefix, n.names), s.someSession(prefix, n.names),
				s.someRole(prefix, n.names))
			add(prefix + "root")
			add("arn:" + partition + ":sts::" + account + ":federated-user/example")
		}
	}
	add(freshService)
	out = append(out, s.fixed(authz.IdentityProvider(freshProvider)))
	add("anonymous")
	return out
}

// withID gives a user a unique id, so that all its keys are known.
func withID(p authz.Principal) authz.Principal {
	switch p.Kind {
	case authz.User:
		p.ID = "AIDAEXAMPLE"
	case authz.Role:
		p.ID = "AROAEXAMPLE:session"
	case authz.RoleSession:
		p.ID = "AROAEXAMPLE"
	}
	return p
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

// sessionOf returns the session of a role. The name of the session is free within its unique id.
func (s *solver) sessionOf(role, session string) caller {
	p, err := sessionPrincipal(role, session)
	if err != nil {
		p = authz.Principal{}
	}
	return s.fixed(p)
}

func (s *solver) uniqueID(id, account string) caller {
	if strings.HasPrefix(id, "AIDA") {
		p := authz.MustPrincipal("arn:aws:iam::" + account + ":user/user-with-id")
		p.ID = id
		return s.fixed(p)
	}
	p, _ := sessionPrincipal("arn:aws:iam::"+account+":role/role-with-id", "session")
	p.ID = id
	return s.fixed(p)
}

// some returns the caller that stands for all principals of a kind in an account that no rule names.
func (s *solver) some(example authz.Principal, arns pattern.Set, userIDs string, make func(arn, id string) authz.Principal) caller {
	ctx := authz.NewContext()
	ctx.SetPrincipal(example)
	settled := map[string]bool{}
	for _, key := range principalKeys {
		settled[key] = true
	}
	within := map[string]pattern.Set{
		"aws:principalarn": arns,
		"aws:userid":       {Required: []pattern.Term{{Pattern: pattern.Glob(userIDs)}}},
	}
	if example.Kind == authz.User {
		within["aws:username"] = pattern.Set{Required: []pattern.Term{{Pattern: pattern.Glob("?*")}}}
	}
	for key := range within {
		delete(settled, key)
	}
	return caller{example: example, world: s.world(ctx, settled, within), principal: func(keys map[string]string) authz.Principal {
		arn, id := keys["aws:principalarn"], keys["aws:userid"]
		if arn == "" && keys["aws:username"] != "" {
			arn = strings.TrimSuffix(example.String(), example.Name()) + keys["aws:username"]
		}
		return make(arn, id)
	}}
}

// others returns the ARNs with a prefix and a name that none of the names of a form has.
func others(prefix string, names []policy.PrincipalName, form policy.PrincipalForm) pattern.Set {
	set := pattern.Set{Required: []pattern.Term{{Pattern: pattern.Glob(prefix + "?*")}}}
	exclude := func(glob string) {
		set.Excluded = append(set.Excluded, pattern.Term{Pattern: pattern.Glob(glob)})
	}
	exclude("*/")
	exclude("*//*")
	for _, name := range names {
		if name.Form == form && name.Name != "" {
			exclude(prefix + name.Name)
			exclude(prefix + "*/" + name.Name)
		}
	}
	return set
}

// freshName returns a name that none of the names has.
func freshName(name string, names []policy.PrincipalName) string {
	for slices.ContainsFunc(names, func(n policy.PrincipalName) bool { return n.Name == name }) {
		name += "-2"
	}
	return name
}

func (s *solver) someUser(prefix string, names []policy.PrincipalName) caller {
	example := withID(authz.MustPrincipal(prefix + "user/" + freshName("alice", names)))
	set := others(prefix+"user/", names, policy.UserPrincipal)
	return s.some(example, set, "?*", func(arn, id string) authz.Principal {
		p := example
		if arn != "" {
			if other, err := authz.ParsePrincipal(arn); err == nil {
				p = withID(other)
			}
		}
		if id != "" {
			p.ID = id
		}
		return p
	})
}

func (s *solver) someRole(prefix string, names []policy.PrincipalName) caller {
	example := withID(authz.MustPrincipal(prefix + "role/" + freshName("example", names)))
	set := others(prefix+"role/", names, policy.RolePrincipal)
	return s.some(example, set, "?*:?*", func(arn, id string) authz.Principal {
		p := example
		if arn != "" {
			if other, err := authz.ParsePrincipal(arn); err == nil {
				p = withID(other)
			}
		}
		if id != "" {
			p.ID = id
		}
		return p
	})
}

func (s *solver) someSession(prefix string, names []policy.PrincipalName) caller {
	role := prefix + "role/" + freshName("example", names)
	example, err := sessionPrincipal(role, "session")
	if err != nil {
		panic("analysis: " + err.Error())
	}
	set := others(prefix+"role/", names, policy.RolePrincipal)
	return s.some(example, set, "?*:?*", func(arn, id string) authz.Principal {
		p, session := example, "session"
		before, after, hasID := strings.Cut(id, ":")
		if hasID {
			session = after
		}
		if arn == "" {
			arn = role
		}
		if other, err := sessionPrincipal(arn, session); err == nil {
			p = other
			if hasID {
				p.ID = before
			}
		}
		return p
	})
}
