package assertion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// caller is a principal, or a set of principals outside the account, that makes requests.
type caller interface {
	// String returns the name of the caller for messages.
	String() string
	// access returns the policies and keys of a principal of the account, and nil for an outside caller.
	access() *account.Access
	// candidates returns the principals to decide a request with whose resource policy is trust: those that the policy
	// names, and one for all others. It may omit a principal to which the policy allows nothing.
	candidates(trust *authz.Layer) []candidate
}

// candidate is one principal with its own policies and keys.
type candidate struct {
	principal authz.Principal
	policies  authz.Policies // without a resource policy
	// actions are the actions with which the principal assumes a role.
	actions []authz.Action
	// named is set if the candidate belongs to a set of principals, and the trust policy names it and not the set.
	named bool
	// insider is set for the caller itself, if it is an insider.
	insider bool
	// setKeys sets the keys that are the same in all requests of the principal, for authz.Policies.CouldAllow.
	setKeys func(*authz.Context)
}

var (
	assumeRole  = authz.MustAction("sts:AssumeRole")
	assumeSAML  = authz.MustAction("sts:AssumeRoleWithSAML")
	assumeOIDC  = authz.MustAction("sts:AssumeRoleWithWebIdentity")
	roleActions = []authz.Action{
		assumeRole, assumeSAML, assumeOIDC, authz.MustAction("sts:TagSession"),
		authz.MustAction("sts:SetSourceIdentity"), authz.MustAction("sts:SetContext"),
	}
)

// insider is a user, role or session of the account.
type insider struct {
	account   *account.Account
	principal authz.Principal
	own       *account.Access
	// allowsRoles says that the principal's own policies may allow an action on a role. Otherwise the principal may assume
	// only roles whose trust policies name it, and not only its account.
	allowsRoles bool
}

func newInsider(acc *account.Account, principal authz.Principal) (insider, error) {
	access, err := acc.Access(principal, account.Credentials{})
	if err != nil {
		return insider{}, err
	}
	i := insider{account: acc, principal: principal, own: access}
	i.allowsRoles = slices.ContainsFunc(roleActions, i.allows)
	return i, nil
}

// allows reports whether the principal's own policies may allow an action on some resource.
func (i insider) allows(action authz.Action) bool {
	p := i.own.Policies()
	return p.Identity != nil && mayAllow(p.Identity, i.principal, action) ||
		p.Group != nil && mayAllow(p.Group, i.principal, action)
}

// mayAllow reports whether a policy may allow a principal an action, alone or together with identity policies.
func mayAllow(layer *authz.Layer, principal authz.Principal, action authz.Action) bool {
	may, delegated := layer.MayAllow(principal, action)
	return may || delegated
}

func (i insider) String() string { return i.principal.String() }

func (i insider) access() *account.Access { return i.own }

func (i insider) candidates(trust *authz.Layer) []candidate {
	var out []candidate
	for _, access := range i.own.TrustedAs(trust, i.allowsRoles) {
		out = append(out, candidate{
			principal: access.Principal(), policies: access.Policies(), actions: []authz.Action{assumeRole},
			setKeys: access.SetPossibleKeys, insider: access == i.own, named: access != i.own,
		})
	}
	return out
}

// outsider is a set of principals outside the account. Their own account allows them everything, so only the resource
// policies decide.
type outsider struct {
	text string
	own  string // the account of the assertion
	// principal is the only member of the set, unless everyone, account or host is set.
	principal authz.Principal
	everyone  bool
	account   string // all principals of an account
	host      string // an OpenID Connect provider, which policies also name by an ARN
}

// providerHosts are identity providers that an assertion may name by their host. A host in general could also be the
// name of a user.
var providerHosts = []string{
	"accounts.google.com", "agent.buildkite.com", "app.terraform.io", "cognito-identity.amazonaws.com", "gitlab.com",
	"graph.facebook.com", "token.actions.githubusercontent.com", "www.amazon.com",
}

// parseOutsider reads the principals outside an account that a text names. ok is false if it names none. An empty
// account stands for any.
func parseOutsider(text, own string) (o outsider, ok bool) {
	o = outsider{text: text, own: own}
	folded := ascii.Fold(text)
	name, finding := policy.ParsePrincipal("AWS", text)
	switch {
	case text == "*":
		o.everyone = true
		return o, true
	case finding == nil && name.Form == policy.AccountPrincipal:
		o.account = name.Account
		return o, o.account != own
	case slices.Contains(providerHosts, folded), !strings.Contains(text, ":") && strings.Contains(text, "/"):
		o.host = folded
		return o, true
	case text != "anonymous" && !strings.HasPrefix(text, "arn:") && !isService(folded):
		return o, false
	}
	p, err := authz.ParsePrincipal(text)
	o.principal = p
	return o, err == nil && (p.Account == "" || p.Account != own)
}

// isService reports whether a name in lower case is that of a service. Names of users may contain a dot too.
func isService(name string) bool {
	return slices.ContainsFunc([]string{".amazonaws.com", ".amazonaws.com.cn", ".aws.internal"},
		func(suffix string) bool { return strings.HasSuffix(name, suffix) })
}

func (o outsider) String() string {
	switch {
	case o.everyone:
		return "anyone outside the account"
	case o.account != "":
		return "the account " + o.account
	case o.host != "", o.principal.Kind == authz.FederatedProvider:
		return "an identity of the provider " + o.text
	case o.principal.Kind == authz.Service:
		return "the service " + o.text
	case o.principal.Kind == authz.Anonymous:
		return "an anonymous caller"
	}
	return o.text
}

func (o outsider) access() *account.Access { return nil }

func (o outsider) candidates(trust *authz.Layer) []candidate {
	if !o.everyone && o.account == "" && o.host == "" {
		return []candidate{o.single(o.principal)}
	}
	names, _ := trust.Principals()
	var out []candidate
	for _, name := range names {
		switch {
		case name.Form == policy.FederatedPrincipal:
			if o.everyone || o.host != "" && providerHost(name.Text) == o.host {
				c := o.single(authz.IdentityProvider(name.Text))
				c.named = o.everyone
				out = append(out, c)
			}
		case name.Account == "" || name.Account == o.own || !o.everyone && name.Account != o.account:
		case name.Form == policy.AccountPrincipal:
			c := o.anyOf(name)
			c.named = o.everyone
			out = append(out, c)
		default:
			if p, err := authz.ParsePrincipal(name.Text); err == nil {
				c := o.single(p)
				c.named = true
				out = append(out, c)
			}
		}
	}
	// One principal stands for all others, which a policy can only name as everyone.
	switch {
	case o.host != "":
		out = append(out, o.single(authz.IdentityProvider(o.text)))
	case o.account != "":
		out = append(out, o.anyOf(policy.PrincipalName{Text: o.account, Account: o.account}))
	default:
		out = append(out, o.anyone(), o.single(authz.IdentityProvider("an identity provider")),
			o.single(authz.MustPrincipal("anonymous")))
	}
	return out
}

// providerHost returns the host of an identity provider in lower case.
func providerHost(text string) string {
	if arn, err := policy.ParseARN(text); err == nil {
		_, text, _ = strings.Cut(arn.Resource, "/")
	}
	return ascii.Fold(text)
}

// anyOf returns the candidate for any principal of an account, which is named by its root ARN or id.
func (o outsider) anyOf(name policy.PrincipalName) candidate {
	prefix, ok := strings.CutSuffix(name.Text, "root")
	if !ok {
		prefix = "arn:aws:iam::" + name.Account + ":"
	}
	return o.placeholder(prefix, func(context *authz.Context) {
		setKey(context, "aws:PrincipalAccount", name.Account)
		setChoice(context, "aws:PrincipalArn", []string{"arn:*:*::" + name.Account + ":*"}, nil)
	})
}

// anyone returns the candidate for any principal of any other account.
func (o outsider) anyone() candidate {
	other := "111111111111"
	if o.own == other {
		other = "222222222222"
	}
	return o.placeholder("arn:aws:iam::"+other+":", func(context *authz.Context) {
		setChoice(context, "aws:PrincipalAccount", []string{"????????????"}, []string{o.own})
		setChoice(context, "aws:PrincipalArn", []string{"arn:*:*::????????????:*"}, []string{"arn:*:*::" + o.own + ":*"})
	})
}

// placeholder returns a candidate with a name that no policy contains.
func (o outsider) placeholder(prefix string, setKeys func(*authz.Context)) candidate {
	return candidate{
		principal: authz.MustPrincipal(prefix + "user/any-principal"), policies: permissive,
		actions: []authz.Action{assumeRole},
		setKeys: func(context *authz.Context) {
			setKeys(context)
			setKey(context, "aws:PrincipalIsAWSService", "false")
			setAbsent(context, "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList")
		},
	}
}

// single returns the candidate for one principal.
func (o outsider) single(p authz.Principal) candidate {
	c := candidate{principal: p, policies: permissive, actions: []authz.Action{assumeRole}}
	switch p.Kind {
	case authz.FederatedProvider:
		c.actions = []authz.Action{assumeSAML, assumeOIDC}
	case authz.Anonymous:
		c.actions = []authz.Action{assumeRole, assumeSAML, assumeOIDC}
	}
	c.setKeys = func(context *authz.Context) {
		setPrincipal(context, p)
		switch p.Kind {
		case authz.Service, authz.FederatedProvider, authz.Anonymous:
			setAbsent(context, "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:PrincipalOrgID",
				"aws:PrincipalOrgPaths", "aws:username", "aws:userid", "aws:SourceIdentity", "aws:MultiFactorAuthPresent",
				"aws:MultiFactorAuthAge", "aws:TokenIssueTime")
			context.SetAbsentBelow("aws:PrincipalTag/")
		default:
			setAbsent(context, "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList")
		}
		if p.Kind == authz.Role || p.Kind == authz.RoleSession {
			setAbsent(context, "aws:username")
		}
	}
	return c
}

// setPrincipal sets the keys that follow from a principal. CouldAllow may choose those that the principal leaves open.
func setPrincipal(context *authz.Context, p authz.Principal) {
	for key, value := range p.Keys() {
		setKey(context, key, value)
	}
	for key, patterns := range p.UnknownKeys() {
		if !context.Has(key) {
			_ = context.SetChoiceLike(key, patterns)
		}
	}
}

// everything is a policy that allows everything.
const everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

// permissive has policies that allow everything.
var permissive = func() authz.Policies {
	doc, err := policy.Parse([]byte(everything))
	if err != nil {
		panic(err)
	}
	layer := func(kind authz.LayerKind) *authz.Layer {
		l, err := authz.CompileLayer(kind, []authz.Policy{{Name: "policies of the other account", Document: doc}})
		if err != nil {
			panic(err)
		}
		return l
	}
	return authz.Policies{Identity: layer(authz.Identity), Session: layer(authz.Session)}
}()

// setKey sets a key unless the context has it.
func setKey(context *authz.Context, key, value string) {
	if !context.Has(key) {
		_ = context.Set(key, value)
	}
}

func setAbsent(context *authz.Context, keys ...string) {
	for _, key := range keys {
		if !context.Has(key) {
			_ = context.SetMulti(key, nil) // a key without values is absent
		}
	}
}

// setChoice lets CouldAllow choose the value of a key: a text that matches all required patterns and no excluded one.
func setChoice(context *authz.Context, key string, required, excluded []string) {
	if context.Has(key) {
		return
	}
	terms := func(texts []string) (out []pattern.Term) {
		for _, text := range texts {
			p := pattern.Glob(text)
			if strings.HasPrefix(text, "arn:") {
				arn := pattern.CutARN(p)
				p = arn.Fieldwise()
			}
			out = append(out, pattern.Term{Pattern: p})
		}
		return out
	}
	_ = context.SetChoice(key, pattern.Set{Required: terms(required), Excluded: terms(excluded)})
}

// findCaller returns the caller that an assertion names. It returns *UnknownPrincipalError if there is none. A text
// that names a principal outside the account always means that principal: otherwise the creation of a user named
// "anonymous" would turn off an assertion about anonymous callers.
func findCaller(acc *account.Account, text string) (caller, error) {
	if o, ok := parseOutsider(text, acc.ID()); ok {
		return o, nil
	}
	principal, err := acc.Principal(text)
	if err != nil {
		return nil, &UnknownPrincipalError{text, err}
	}
	if principal.Kind == authz.Root {
		return nil, fmt.Errorf("%s is the root user of the account, whose access no policy limits; name a user or role", text)
	}
	return newInsider(acc, principal)
}
