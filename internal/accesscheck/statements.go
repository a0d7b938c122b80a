package accesscheck

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// element is an element of a statement in a form that does not depend on the order of its values.
type element struct {
	Not, Unknown bool     `json:",omitempty"`
	Values       []string `json:",omitempty"`
}

// condition is one key under one operator, likewise.
type condition struct {
	Operator, Key string
	Values        []string
	Unknown       bool `json:",omitempty"`
}

// content has the parts of a statement that decide, without its Sid and its place.
type content struct {
	Effect             string
	Unknown, Uncertain bool        `json:",omitempty"`
	Action, Resource   element     `json:",omitzero"`
	Principal          *element    `json:",omitempty"`
	Conditions         []condition `json:",omitempty"`
	ConditionsUnknown  bool        `json:",omitempty"`
}

// contentOf returns the content of a statement. withPrincipals says whether the principals belong to it.
func contentOf(view *authz.StatementView, withPrincipals bool) content {
	out := content{Effect: string(view.Ref.Effect), Unknown: view.Unknown, Uncertain: view.Uncertain,
		ConditionsUnknown: view.ConditionsUnknown}
	out.Action = element{Not: view.Action.Not, Unknown: view.Action.Unknown}
	for _, text := range view.Action.Texts {
		out.Action.Values = append(out.Action.Values, ascii.Fold(text))
	}
	out.Resource = element{Not: view.Resource.Not, Unknown: view.Resource.Unknown}
	for i := range view.Resource.Patterns {
		out.Resource.Values = append(out.Resource.Values, view.Resource.Patterns[i].String())
	}
	if p := view.Principal; p != nil && (withPrincipals || p.Not) {
		out.Principal = &element{Not: p.Not, Unknown: p.Unknown}
		for _, name := range p.Names {
			out.Principal.Values = append(out.Principal.Values, spellingOf(name))
		}
		out.Principal.sort()
	}
	for i := range view.Conditions {
		out.Conditions = append(out.Conditions, conditionOf(&view.Conditions[i]))
	}
	slices.SortFunc(out.Conditions, func(a, b condition) int { return strings.Compare(encode(a), encode(b)) })
	out.Action.sort()
	out.Resource.sort()
	return out
}

// spellingOf returns the one spelling of a principal: an account has two.
func spellingOf(name policy.PrincipalName) string {
	switch name.Form {
	case policy.AccountPrincipal:
		return name.Account
	case policy.ServicePrincipal:
		return ascii.Fold(name.Text)
	}
	return name.Text
}

func conditionOf(view *authz.ConditionView) condition {
	out := condition{Operator: view.Operator.String(), Key: view.Key, Unknown: view.Unknown, Values: []string{}}
	for i := range view.Values {
		v := &view.Values[i]
		switch {
		case v.Unknown:
			out.Unknown = true
		case v.Text.HasVariables():
			out.Values = append(out.Values, "variables: "+v.Written)
		default:
			out.Values = append(out.Values, v.Written)
		}
	}
	slices.Sort(out.Values)
	out.Values = slices.Compact(out.Values)
	return out
}

func (e *element) sort() {
	slices.Sort(e.Values)
	e.Values = slices.Compact(e.Values)
}

// encode returns a value as JSON.
func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("accesscheck: " + err.Error()) // no type of the package has a value that cannot be encoded
	}
	return string(text)
}

// identify returns the id of a finding: readable, with a digest of everything that the finding covers.
func identify(check Check, p authz.Principal, covered ...any) string {
	digest := sha256.Sum256([]byte(encode(append([]any{check, p.String()}, covered...))))
	kind := account.RoleKind
	if p.Kind == authz.User {
		kind = account.UserKind
	}
	return fmt.Sprintf("%s/%s/%s/%s", check, kind, p.Name(), hex.EncodeToString(digest[:8]))
}

// cited is a statement that a request of a principal depends on.
type cited struct {
	by  authz.Principal
	ref authz.StatementRef
	// role is the role whose trust policy has the statement, for the layer of resource policies.
	role string
}

// statementsOf returns the statements of a principal's policies.
func (c *comparison) statementsOf(acc *account.Account, p authz.Principal) iter.Seq[authz.StatementView] {
	return func(yield func(authz.StatementView) bool) {
		here, err := acc.Principal(p.String())
		if err != nil {
			return
		}
		access, err := acc.Access(here, account.Credentials{})
		if err != nil {
			return
		}
		policies := access.Policies()
		for view := range policies.Statements() {
			if !yield(view) {
				return
			}
		}
	}
}

// statementsOfTrust returns the statements of a role's trust policy.
func statementsOfTrust(acc *account.Account, role string) iter.Seq[authz.StatementView] {
	trust, ok := acc.TrustPolicy(role)
	if !ok {
		return func(func(authz.StatementView) bool) {}
	}
	return trust.Layer().Statements()
}

// coveredStatement is a statement as an id covers it.
type coveredStatement struct {
	Layer   authz.LayerKind
	Policy  string
	Content *content `json:",omitempty"` // nil for a statement that only exists after a step of a path
}

// covered returns the content of a statement in the account after the change.
func (c *comparison) covered(s cited) coveredStatement {
	out := coveredStatement{Layer: s.ref.Layer, Policy: s.ref.Policy}
	list := c.statementsOf(c.after, s.by)
	if s.ref.Layer == authz.ResourcePolicy {
		list = statementsOfTrust(c.after, s.role)
	}
	for view := range list {
		if view.Ref == s.ref {
			found := contentOf(&view, true)
			out.Content = &found
			break
		}
	}
	return out
}

// sortedSet returns values sorted and without duplicates, by their encoding.
func sortedSet[V any](values []V) []V {
	byText := map[string]V{}
	for _, v := range values {
		byText[encode(v)] = v
	}
	var out []V
	for _, key := range keysOf(byText, nil) {
		out = append(out, byText[key])
	}
	return out
}

// describe names a statement: statement 0 "Sid" of policy "deploy".
func describe(ref authz.StatementRef) string {
	text := fmt.Sprintf("statement %d", ref.Index)
	if ref.Sid != "" {
		text += fmt.Sprintf(" %q", ref.Sid)
	}
	return text + " of " + describePolicy(ref.Policy)
}

// The names that package account gives policies in decisions, see [account.Account.Access].
const (
	inlinePrefix = "inline policy "
	trustPrefix  = "trust policy of role "
)

// describePolicy names a policy for people: policy "deploy".
func describePolicy(name string) string {
	switch p := readPolicyName(name); {
	case p.trust:
		return fmt.Sprintf("the trust policy of role %q", p.owner)
	case p.inline != "":
		return fmt.Sprintf("policy %q of %s %q", p.inline, p.kind, p.owner)
	case strings.HasPrefix(name, "arn:"):
		return fmt.Sprintf("policy %q", account.NameOf(name))
	}
	return fmt.Sprintf("policy %q", name)
}

// policyName is the name of a policy in decisions, in its parts.
type policyName struct {
	arn    string
	inline string
	trust  bool
	kind   account.Kind
	owner  string
}

// readPolicyName reads the name of a policy in decisions.
func readPolicyName(name string) (p policyName) {
	if role, ok := strings.CutPrefix(name, trustPrefix); ok {
		return policyName{trust: true, kind: account.RoleKind, owner: role}
	}
	if strings.HasPrefix(name, "arn:") {
		return policyName{arn: name}
	}
	rest, ok := strings.CutPrefix(name, inlinePrefix)
	if !ok {
		return p
	}
	inline, of, ok := strings.Cut(rest, " of ")
	for _, kind := range []account.Kind{account.UserKind, account.GroupKind, account.RoleKind} {
		if owner, found := strings.CutPrefix(of, kind.String()+" "); ok && found {
			return policyName{inline: inline, kind: kind, owner: owner}
		}
	}
	return p
}

// describePrincipal names a principal at the beginning of a sentence: Role "ci".
func describePrincipal(p authz.Principal) string {
	switch p.Kind {
	case authz.User:
		return fmt.Sprintf("User %q", p.Name())
	case authz.Role:
		return fmt.Sprintf("Role %q", p.Name())
	}
	return p.String()
}

// lowerFirst changes the first letter of a sentence, for use in its middle.
func lowerFirst(text string) string {
	if strings.HasPrefix(text, "User ") || strings.HasPrefix(text, "Role ") {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// joinList joins the parts of a list: a, b and c.
func joinList(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// joinReasons joins the first reasons of an open question.
func joinReasons(reasons []string) string {
	const most = 3
	reasons = Condense(reasons)
	out := make([]string, min(len(reasons), most))
	for i := range out {
		out[i] = strings.TrimSuffix(reasons[i], ".")
	}
	text := strings.Join(out, "; ")
	if n := len(reasons) - most; n > 0 {
		text += fmt.Sprintf("; and %d more reasons", n)
	}
	return text
}

// Condense shortens the reasons for open questions. It merges the reasons that name the same unknown part, because one
// unknown policy would otherwise give a reason for each action.
func Condense(reasons []string) (out []string) {
	for _, reason := range reasons {
		before, _, found := strings.Cut(reason, unknownPart)
		if i := strings.LastIndex(before, dependsOn); found && i >= 0 {
			reason = "it" + before[i:] + unknownPart
		}
		if !slices.Contains(out, reason) {
			out = append(out, reason)
		}
	}
	return out
}

// Parts of the sentences by which package authz says that a decision depends on an unknown part of a policy.
const (
	dependsOn   = " depends on "
	unknownPart = ", which is not known yet"
)
