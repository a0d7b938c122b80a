package access

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// outside returns the principals outside the account that the policy of the resource may allow the request.
func (e *evaluation) outside() ([]Finding, error) {
	if e.resourcePolicy == nil {
		return nil, nil
	}
	names, unknown := e.resourcePolicy.Principals()
	var out []Finding
	seen := map[string]bool{}
	add := func(o outsider) error {
		if seen[o.name] {
			return nil
		}
		seen[o.name] = true
		context, err := e.question.context()
		if err != nil {
			return err
		}
		o.setKeys(context)
		policies := authz.Policies{Identity: permissive, ResourcePolicy: e.resourcePolicy}
		f := Finding{Principal: o.principal, Name: o.name}
		if e.decide(&f, &policies, context); f.Answer != No {
			out = append(out, f)
		}
		return nil
	}
	for _, name := range names {
		for _, o := range e.outsiders(name) {
			if err := add(o); err != nil {
				return nil, err
			}
		}
	}
	if unknown {
		out = append(out, Finding{Name: "principals that are not known yet", Answer: Unknown,
			Open: []string{"the Principal element of the resource's policy"}})
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// outsider is a principal outside the account, or one that stands for a set of them.
type outsider struct {
	name      string
	principal authz.Principal
	setKeys   func(*authz.Context)
}

// outsiders returns the principals outside the account that an entry of a Principal element names.
func (e *evaluation) outsiders(name policy.PrincipalName) []outsider {
	own := e.account.ID()
	switch {
	case name.Form == policy.EveryonePrincipal:
		other := "111111111111"
		if own == other {
			other = "222222222222"
		}
		return []outsider{
			{"any principal of any other account", placeholder(other), func(c *authz.Context) {
				setChoice(c, "aws:PrincipalAccount", "????????????", own)
				setChoice(c, "aws:PrincipalArn", "arn:*:*::????????????:*", "arn:*:*::"+own+":*")
				setPlaceholder(c)
			}},
			single("an anonymous caller", authz.MustPrincipal("anonymous")),
			single("an identity of any identity provider", authz.IdentityProvider("an identity provider")),
		}
	case name.Form == policy.FederatedPrincipal:
		return []outsider{single("an identity of the provider "+name.Text, authz.IdentityProvider(name.Text))}
	case name.Form == policy.AccountPrincipal && name.Account != own:
		return []outsider{{"any principal of the account " + name.Account, placeholder(name.Account),
			func(c *authz.Context) {
				if !c.Has("aws:PrincipalAccount") {
					_ = c.Set("aws:PrincipalAccount", name.Account)
				}
				setChoice(c, "aws:PrincipalArn", "arn:*:*::"+name.Account+":*", "")
				setPlaceholder(c)
			}}}
	case name.Account == own, name.Form == policy.AccountPrincipal:
		return nil
	}
	p, err := authz.ParsePrincipal(name.Text)
	if err != nil {
		return nil // a canonical user id, or the unique id of a deleted user or role, which names nobody
	}
	label := name.Text
	if p.Kind == authz.Service {
		label = "the service " + name.Text
	}
	return []outsider{single(label, p)}
}

// placeholder returns a principal of an account with a name that no policy contains.
func placeholder(account string) authz.Principal {
	return authz.MustPrincipal("arn:aws:iam::" + account + ":user/any-principal")
}

func setPlaceholder(c *authz.Context) {
	if !c.Has("aws:PrincipalIsAWSService") {
		_ = c.Set("aws:PrincipalIsAWSService", "false")
	}
	setAbsent(c, "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList")
}

// single returns the outsider for one principal.
func single(name string, p authz.Principal) outsider {
	return outsider{name, p, func(c *authz.Context) {
		for key, value := range p.Keys() {
			if !c.Has(key) {
				_ = c.Set(key, value)
			}
		}
		for key, patterns := range p.UnknownKeys() {
			if !c.Has(key) {
				_ = c.SetChoiceLike(key, patterns)
			}
		}
		switch p.Kind {
		case authz.Service, authz.FederatedProvider, authz.Anonymous:
			setAbsent(c, "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:PrincipalOrgID",
				"aws:PrincipalOrgPaths", "aws:username", "aws:userid", "aws:SourceIdentity", "aws:MultiFactorAuthPresent",
				"aws:MultiFactorAuthAge", "aws:TokenIssueTime")
			c.SetAbsentBelow("aws:PrincipalTag/")
		default:
			setAbsent(c, "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList")
		}
		if p.Kind == authz.Role || p.Kind == authz.RoleSession {
			setAbsent(c, "aws:username")
		}
	}}
}

func setAbsent(c *authz.Context, keys ...string) {
	for _, key := range keys {
		if !c.Has(key) {
			_ = c.SetMulti(key, nil) // a key without values is absent
		}
	}
}

// setChoice lets the evaluation choose the value of a key: a text that matches one pattern and not the other one.
func setChoice(c *authz.Context, key, required, excluded string) {
	if c.Has(key) {
		return
	}
	term := func(text string) []pattern.Term {
		if text == "" {
			return nil
		}
		p := pattern.Glob(text)
		if strings.HasPrefix(text, "arn:") {
			arn := pattern.CutARN(p)
			p = arn.Fieldwise()
		}
		return []pattern.Term{{Pattern: p}}
	}
	_ = c.SetChoice(key, pattern.Set{Required: term(required), Excluded: term(excluded)})
}

// permissive stands for the policies of another account, which are not known.
var permissive = func() *authz.Layer {
	acc, err := account.New("000000000000").With(account.User{Name: "u", Inline: []account.InlinePolicy{{
		Name:     "policies of the other account",
		Document: account.Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`),
	}}})
	if err != nil {
		panic(err)
	}
	p, err := acc.Principal("u")
	if err != nil {
		panic(err)
	}
	access, err := acc.Access(p, account.Credentials{})
	if err != nil {
		panic(err)
	}
	return access.Policies().Identity
}()
