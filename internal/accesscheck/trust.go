package accesscheck

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// The actions that assume a role.
var (
	assumeRole     = authz.MustAction("sts:AssumeRole")
	assumeWithSAML = authz.MustAction("sts:AssumeRoleWithSAML")
	assumeWithOIDC = authz.MustAction("sts:AssumeRoleWithWebIdentity")
	assumeActions  = []authz.Action{assumeRole, assumeWithSAML, assumeWithOIDC}
)

// trusts finds the roles that principals outside the account may assume since the change.
func (c *comparison) trusts(ctx context.Context, public, crossAccount bool) error {
	for _, part := range c.parts {
		if !part.Trust {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		role, ok := c.after.Role(part.Name)
		if !ok {
			continue
		}
		if err := c.trust(&role, public, crossAccount); err != nil {
			return err
		}
	}
	return nil
}

// trust compares the trust policies of a role.
func (c *comparison) trust(role *account.Role, public, crossAccount bool) error {
	p, err := c.after.Principal(c.after.ARN(account.RoleKind, role.Path, role.Name))
	if err != nil {
		return err
	}
	updated, err := trustOf(c.after, role.Name)
	if err != nil {
		return err
	}
	old, err := trustOf(c.before, role.Name)
	if err != nil {
		return err
	}
	if public {
		c.publicTrust(p, old, updated)
	}
	if crossAccount {
		c.crossAccountTrust(p, old, updated, public)
	}
	return nil
}

// anybody is the way by which any principal of any account may assume a role.
const anybody = "anybody"

// trustAnswers has the principals that may assume a role.
type trustAnswers struct {
	role string
	// public has the ways in which anybody may assume the role, by name.
	public map[string]publicWay
	// publicOpen has the reasons why it is not known whether anybody may.
	publicOpen []string
	// outside has the answers about principals outside the account, by their name.
	outside map[string]access.Finding
	// layer and document are nil if the account does not have the role.
	layer    *authz.Layer
	document *policy.Document
	// judged is the policy with a fixed value for each hole.
	judged *authz.Layer
}

// publicWay is a way in which anybody may assume a role.
type publicWay struct {
	who     string // as the subject of a sentence
	request authz.Request
	keys    []authz.ContextKey
	refs    []authz.StatementRef
}

// trustOf returns the principals that may assume a role of an account. An account without the role lets nobody assume
// it.
func trustOf(acc *account.Account, name string) (*trustAnswers, error) {
	out := &trustAnswers{public: map[string]publicWay{}, outside: map[string]access.Finding{}}
	role, ok := acc.Role(name)
	trust, found := acc.TrustPolicy(name)
	if !ok || !found {
		return out, nil
	}
	out.layer, out.role = trust.Layer(), acc.ARN(account.RoleKind, role.Path, role.Name)
	doc, err := role.Trust.Policy()
	if err != nil {
		return out, nil //nolint:nilerr // a stored policy that cannot be read denies everything
	}
	out.document = doc
	doc, wildcards := WithoutHoles(doc)
	if out.judged, err = authz.CompileLayer(authz.ResourcePolicy,
		[]authz.Policy{{Name: trustPrefix + role.Name, Document: doc}}); err != nil {
		return nil, fmt.Errorf("role %q: %w", role.Name, err)
	}
	answer, err := analysis.NotPublic("AWS::IAM::AssumeRolePolicyDocument",
		[]authz.Policy{{Name: trustPrefix + role.Name, Document: doc}}, analysis.Options{})
	if err != nil {
		return nil, fmt.Errorf("role %q: %w", role.Name, err)
	}
	switch answer.Verdict {
	case analysis.Fail:
		out.public[anybody] = publicWay{"any principal of any account", answer.Witness.Request, answer.Witness.Keys,
			answer.Reasons}
	case analysis.Unknown:
		for _, o := range answer.Open {
			out.publicOpen = append(out.publicOpen, o.Reason)
		}
	}
	out.strangers()
	if wildcards && len(out.public) == 0 {
		out.publicOpen = append(out.publicOpen, "a condition compares with a value that is known only after apply and may "+
			"have wildcards")
	}
	if err := out.outsiders(acc); err != nil {
		return nil, err
	}
	out.dropOtherActions()
	return out, nil
}

// dropOtherActions corrects the answer that anybody may assume the role if the example is another action, such as
// sts:TagSession, and nobody who is not named may call sts:AssumeRole.
func (t *trustAnswers) dropOtherActions() {
	way, ok := t.public[anybody]
	if !ok || way.request.Action == assumeRole {
		return
	}
	for view := range t.layer.Statements() {
		if view.Principal == nil || view.Principal.Not || view.Principal.Unknown {
			return
		}
	}
	if t.outside[anyPrincipal].Answer == access.No && t.outside[anonymous].Answer == access.No {
		delete(t.public, anybody)
	}
}

// The principals of access.Outsiders that stand for everybody.
const (
	anyPrincipal = "any principal of any other account"
	anonymous    = "an anonymous caller"
	anyProvider  = "an identity of any identity provider"
)

var everyone = []string{anyPrincipal, anonymous, anyProvider}

// strangers adds the shared identity providers whose identities may all assume the role.
func (t *trustAnswers) strangers() {
	policies := authz.Policies{ResourcePolicy: t.judged}
	var conditions []authz.ConditionView
	for view := range t.judged.Statements() {
		conditions = append(conditions, view.Conditions...)
	}
	providers := t.providers()
	for _, host := range slices.Sorted(maps.Keys(providers)) {
		provider, shared := providers[host], issuers[host]
		context := shared.strangerContext(host, conditions)
		r := authz.Request{Principal: authz.IdentityProvider(provider), Action: assumeWithOIDC, Resource: t.role,
			Context: context}
		who := fmt.Sprintf("every identity of the shared identity provider %q", host)
		switch policies.CouldAllow(&r) {
		case authz.Possible:
			way := publicWay{who: who}
			var ok bool
			if way.keys, way.request, ok = policies.Witness(&r); !ok {
				way.request = r
			}
			way.refs = policies.Explain(&way.request).Deciding
			t.public[host] = way
		case authz.Unclear:
			t.publicOpen = append(t.publicOpen, fmt.Sprintf("whether %s may assume the role depends on values that are not "+
				"known yet", who))
		}
	}
}

// providers returns the shared identity providers that the policy names, or whose claims it reads in a statement for
// everyone: by their host, as the policy names them.
func (t *trustAnswers) providers() map[string]string {
	out := map[string]string{}
	for view := range t.layer.Statements() {
		if view.Principal == nil {
			continue
		}
		everyone := view.Principal.Not
		for _, name := range view.Principal.Names {
			everyone = everyone || name.Form == policy.EveryonePrincipal
			if name.Form == policy.FederatedPrincipal && !view.Principal.Not {
				if host := hostOf(name.Text); isShared(host) {
					out[host] = name.Text
				}
			}
		}
		for i := range view.Conditions {
			host := view.Conditions[i].Key
			if cut := strings.LastIndexByte(host, ':'); everyone && cut > 0 && isShared(host[:cut]) && out[host[:cut]] == "" {
				out[host[:cut]] = host[:cut]
			}
		}
	}
	return out
}

func isShared(host string) bool {
	_, ok := issuers[host]
	return ok
}

// outsiders adds the answers about the principals outside the account, without services.
func (t *trustAnswers) outsiders(acc *account.Account) error {
	for _, action := range assumeActions {
		found, err := access.Outsiders(acc, access.Question{Action: action, Resource: t.role})
		if err != nil {
			return err
		}
		for _, f := range found {
			federated := f.Principal.Kind == authz.FederatedProvider
			if f.Principal.Kind == authz.Service || federated == (action == assumeRole) {
				continue
			}
			f.Statements = slices.DeleteFunc(f.Statements, func(ref authz.StatementRef) bool {
				return ref.Layer != authz.ResourcePolicy
			})
			if f.Name == anyProvider && f.Answer == access.Yes {
				request := authz.Request{Principal: f.Principal, Action: action, Resource: t.role, Context: authz.NewContext()}
				t.public[anyProvider] = publicWay{who: f.Name, request: request, refs: f.Statements}
			}
			if known, ok := t.outside[f.Name]; !ok || rank(f.Answer) > rank(known.Answer) {
				t.outside[f.Name] = f
			}
		}
	}
	return nil
}

// isPublic reports whether a principal outside the account is one of those that make the role public.
func (t *trustAnswers) isPublic(f *access.Finding) bool {
	way := hostOf(f.Principal.String())
	if slices.Contains(everyone, f.Name) {
		if way = anybody; f.Name == anyProvider {
			return len(t.public) > 0
		}
	}
	_, public := t.public[way]
	return public
}

// rank orders the answers by the access that they mean.
func rank(a access.Answer) int {
	return [...]int{access.No: 0, access.Unknown: 1, access.Conditional: 2, access.Yes: 3}[a]
}

// publicTrust adds the finding about a role that anybody may assume.
func (c *comparison) publicTrust(role authz.Principal, old, updated *trustAnswers) {
	ways := slices.DeleteFunc(slices.Sorted(maps.Keys(updated.public)), func(way string) bool {
		_, was := old.public[way]
		return was
	})
	if slices.Contains(ways, anybody) {
		ways = []string{anybody} // it includes the others
	}
	if _, was := old.public[anybody]; was {
		ways = nil
	}
	if len(ways) > 0 {
		c.becomesPublic(role, ways, old, updated)
		return
	}
	if len(updated.public) == 0 && len(updated.publicOpen) > 0 {
		c.open(PublicTrust, role.String(), fmt.Sprintf("It is not known whether anybody may assume %s: %s.",
			lowerFirst(describePrincipal(role)), joinReasons(updated.publicOpen)))
	}
}

func (c *comparison) becomesPublic(role authz.Principal, ways []string, old, updated *trustAnswers) {
	f := Finding{Check: PublicTrust, Principal: role.String()}
	var who []string
	for _, name := range ways {
		way := updated.public[name]
		if f.Request == nil {
			f.Request, f.Keys = &way.request, way.keys
		}
		who = append(who, way.who)
		for _, ref := range way.refs {
			if !slices.Contains(f.Statements, ref) {
				f.Statements = append(f.Statements, ref)
				f.Details = append(f.Details, "It is allowed by "+describe(ref)+".")
			}
		}
	}
	f.Summary = fmt.Sprintf("%s becomes public: %s may assume it%s.", describePrincipal(role), joinList(who),
		conditionText(f.Keys))
	f.ID = identify(PublicTrust, role, ways, c.openStatements(role.Name()))
	if len(old.publicOpen) > 0 {
		f.Details = append(f.Details, "It is not known whether the role was public before.")
	}
	f.Causes = c.causes(c.citesOfTrust(role, f.Statements), role)
	c.result.Findings = append(c.result.Findings, f)
}

func conditionText(keys []authz.ContextKey) string {
	var texts []string
	for _, k := range keys {
		texts = append(texts, k.String())
	}
	if len(texts) == 0 {
		return ""
	}
	return ", for example if " + joinList(texts)
}

// openStatements returns the content of the statements that name everybody or a shared identity provider, and of those
// that deny.
func (c *comparison) openStatements(role string) []content {
	var out []content
	for view := range statementsOfTrust(c.after, role) {
		names := view.Principal == nil || view.Principal.Not || view.Principal.Unknown || view.Ref.Effect != policy.Allow ||
			slices.ContainsFunc(view.Principal.Names, func(name policy.PrincipalName) bool {
				return name.Form == policy.EveryonePrincipal ||
					name.Form == policy.FederatedPrincipal && isShared(hostOf(name.Text))
			})
		if names {
			out = append(out, contentOf(&view, true))
		}
	}
	return sortedSet(out)
}

func (c *comparison) citesOfTrust(role authz.Principal, refs []authz.StatementRef) (out []cited) {
	for _, ref := range refs {
		// A policy that was compiled outside the account has the name that the account gives it.
		ref.Layer = authz.ResourcePolicy
		out = append(out, cited{by: role, ref: ref, role: role.Name()})
	}
	return out
}

// crossAccountTrust adds the findings about the principals outside the account that may assume a role. judged says that
// the check of public roles has judged those that make the role public.
func (c *comparison) crossAccountTrust(role authz.Principal, old, updated *trustAnswers, judged bool) {
	for _, name := range slices.Sorted(maps.Keys(updated.outside)) {
		found, before := updated.outside[name], old.outside[name]
		if judged && updated.isPublic(&found) {
			continue
		}
		if name == anonymous && updated.outside[anyPrincipal].Answer != access.No {
			continue // the other name includes it
		}
		if found.Answer == access.Unknown {
			c.open(CrossAccountTrust, role.String(), fmt.Sprintf("It is not known whether %s may assume %s, which depends on "+
				"%s.", name, lowerFirst(describePrincipal(role)), joinList(found.Open)))
			continue
		}
		was, certain := c.mayNotMore(name, before.Answer, old, updated)
		if was {
			continue
		}
		f := Finding{Check: CrossAccountTrust, Principal: role.String(), Statements: found.Statements, Keys: found.Example}
		f.Request = &authz.Request{Principal: found.Principal, Action: assumeRole, Resource: role.String(),
			Context: authz.NewContext()}
		if found.Principal.Kind == authz.FederatedProvider {
			f.Request.Action = c.federatedAction(updated, found.Principal)
		}
		f.Summary = fmt.Sprintf("%s trusts another account or identity provider: %s may assume it", describePrincipal(role),
			name)
		if found.Condition != "" {
			f.Summary += " if " + found.Condition
		}
		f.Summary += "."
		if before.Answer == access.Conditional {
			f.Details = append(f.Details, fmt.Sprintf("Before, this was allowed if %s.", before.Condition))
		}
		if !certain {
			f.Details = append(f.Details, "It could not be proved that the change allows nothing more.")
		}
		for _, ref := range found.Statements {
			if ref.Effect == policy.Allow {
				f.Details = append(f.Details, "It is allowed by "+describe(ref)+".")
			}
		}
		f.ID = identify(CrossAccountTrust, role, name, c.contents(role.Name(), found.Statements))
		f.Causes = c.causes(c.citesOfTrust(role, found.Statements), role)
		c.result.Findings = append(c.result.Findings, f)
	}
}

// federatedAction returns the action by which an identity of a provider assumes the role.
func (c *comparison) federatedAction(t *trustAnswers, p authz.Principal) authz.Action {
	policies := authz.Policies{ResourcePolicy: t.layer}
	for _, action := range []authz.Action{assumeWithOIDC, assumeWithSAML} {
		r := authz.Request{Principal: p, Action: action, Resource: t.role, Context: authz.NewContext()}
		if policies.CouldAllow(&r) != authz.Never {
			return action
		}
	}
	return assumeWithOIDC
}

// mayNotMore reports whether a principal could do before everything that it may do after the change. certain is false
// if this could not be decided.
func (c *comparison) mayNotMore(name string, before access.Answer, old, updated *trustAnswers) (less, certain bool) {
	if before == access.No || before == access.Unknown {
		return false, true
	}
	answer, err := analysis.NoNewAccess(policy.Trust, []authz.Policy{{Name: "before", Document: old.document}},
		[]authz.Policy{{Name: "after", Document: onlyFor(name, updated.document)}}, analysis.Options{})
	if err != nil || answer.Verdict == analysis.Unknown {
		return false, false
	}
	return answer.Verdict == analysis.Pass, true
}

// onlyFor returns a trust policy whose statements allow nobody but the principal outside the account that
// access.Outsiders gives a name. Statements that deny, and those that do not list whom they allow, stay as they are.
func onlyFor(name string, doc *policy.Document) *policy.Document {
	out := *doc
	out.Statements = nil
	for _, s := range doc.Statements {
		if s.Principal == nil || s.Principal.Unknown || s.Unknown || s.Effect.Value != string(policy.Allow) {
			out.Statements = append(out.Statements, s)
			continue
		}
		if s.Principal.Everyone {
			if slices.Contains(everyone, name) {
				out.Statements = append(out.Statements, s)
			}
			continue
		}
		principal := *s.Principal
		principal.Entries = nil
		for _, entry := range s.Principal.Entries {
			values := entry.Values
			values.Values = slices.DeleteFunc(slices.Clone(values.Values), func(v policy.Text) bool {
				return !v.Unknown && !isNamed(name, entry.Type, v.Value)
			})
			if len(values.Values) > 0 || values.Unknown {
				principal.Entries = append(principal.Entries, policy.PrincipalEntry{Type: entry.Type, Values: values})
			}
		}
		if len(principal.Entries) > 0 {
			s.Principal = &principal
			out.Statements = append(out.Statements, s)
		}
	}
	return &out
}

// isNamed reports whether an entry of a Principal element is the one that access.Outsiders gives a name.
func isNamed(name, kind, text string) bool {
	switch parsed, finding := policy.ParsePrincipal(kind, text); {
	case finding != nil:
		return false
	case parsed.Form == policy.EveryonePrincipal:
		return slices.Contains(everyone, name)
	case parsed.Form == policy.AccountPrincipal:
		return name == "any principal of the account "+parsed.Account
	case parsed.Form == policy.FederatedPrincipal:
		return name == "an identity of the provider "+text
	}
	return name == text
}

// contents returns the content of statements of a trust policy, without the principals that a statement allows: another
// principal beside the one of a finding is another finding.
func (c *comparison) contents(role string, refs []authz.StatementRef) (out []content) {
	for view := range statementsOfTrust(c.after, role) {
		if slices.Contains(refs, view.Ref) {
			out = append(out, contentOf(&view, view.Ref.Effect != policy.Allow))
		}
	}
	return sortedSet(out)
}
