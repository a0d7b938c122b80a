package account

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Check returns an error if the account cannot have one of the edits, because a name, a path, an ARN or a document is
// not valid. [Plan.View] and [Plan.Whole] return no account at all while the plan has such an edit, so a caller with
// edits from an untrusted source leaves it out and reports it.
func (p *Plan) Check(edits ...Edit) error {
	for _, e := range edits {
		if err := p.live.check(e); err != nil {
			return err
		}
	}
	return nil
}

func (a *Account) check(e Edit) error {
	switch e := e.(type) {
	case PlanIdentity:
		return a.checkIdentity(e)
	case PutPolicy:
		if e.ARN == "" {
			return nil // the plan does not contain it either
		}
		if err := a.checkPolicyARN(e.ARN); err != nil {
			return err
		}
		if _, err := a.library.compile(authz.Identity, e.ARN, e.Document); err != nil {
			return fmt.Errorf("policy %s: the document is not valid: %w", e.ARN, err)
		}
	case Attach:
		return a.checkLists(e.Kind, e.Name, e.UnknownName, e.ARNs, nil)
	case OnlyAttached:
		return a.checkLists(e.Kind, e.Name, false, e.ARNs, nil)
	case Observed:
		if err := a.checkLists(e.Kind, e.Name, false, e.ARNs, nil); err != nil {
			return err
		}
		return a.checkInline(e.Kind, e.Name, e.Inline...)
	case OnlyInline:
		return checkName(e.Kind, e.Name)
	case PutInline:
		if !e.UnknownName {
			if err := checkName(e.Kind, e.Name); err != nil {
				return err
			}
		}
		return a.checkInline(e.Kind, e.Name, e.Policy)
	case Join:
		return a.checkLists(UserKind, e.User, e.UnknownUser, nil, e.Groups)
	case OnlyMembers:
		for _, user := range e.Users {
			if err := checkName(UserKind, user); err != nil {
				return err
			}
		}
		return checkName(GroupKind, e.Group)
	}
	return nil // what removes something needs nothing that is valid
}

// checkIdentity checks a planned user, group or role.
func (a *Account) checkIdentity(e PlanIdentity) error {
	if e.Name == "" {
		return nil // the plan does not contain it either
	}
	if _, err := a.newIdentity(e.Kind, e.Name, e.Path, "", nil, Unknown{}, e.Tags); err != nil {
		return err
	}
	if e.Boundary != "" {
		if err := a.checkPolicyARN(e.Boundary); err != nil {
			return fmt.Errorf("%s %s: the permissions boundary: %w", e.Kind, e.Name, err)
		}
	}
	if e.Kind != RoleKind {
		return nil
	}
	if _, err := a.library.compile(authz.ResourcePolicy, "trust policy of role "+e.Name, e.Trust); err != nil {
		return fmt.Errorf("role %s: its trust policy is not valid: %w", e.Name, err)
	}
	return nil
}

func (a *Account) checkInline(kind Kind, name string, policies ...InlinePolicy) error {
	if _, err := a.compileInline(kind, name, policies); err != nil {
		return fmt.Errorf("%s %s: %w", kind, policy.Quote(name), err)
	}
	return nil
}

// checkLists checks the names of a user, group or role, of its managed policies and of its groups.
func (a *Account) checkLists(kind Kind, name string, unknownName bool, arns, groups []string) error {
	if !unknownName {
		if err := checkName(kind, name); err != nil {
			return err
		}
	}
	for i, arn := range arns {
		if err := a.checkPolicyARN(arn); err != nil {
			return fmt.Errorf("%s %s: %w", kind, policy.Quote(name), err)
		}
		if containsFold(arns[:i], arn) {
			return fmt.Errorf("%s %s: the policy %s is listed twice", kind, policy.Quote(name), policy.Quote(arn))
		}
	}
	for i, group := range groups {
		if err := checkName(GroupKind, group); err != nil {
			return err
		}
		if containsFold(groups[:i], group) {
			return fmt.Errorf("%s %s: the group %s is listed twice", kind, policy.Quote(name), policy.Quote(group))
		}
	}
	return nil
}

func containsFold(texts []string, text string) bool {
	return slices.ContainsFunc(texts, func(other string) bool { return ascii.EqualFold(other, text) })
}

// Conflict is a user, group, role, managed policy or inline policy that edits of several keys set. The order in which
// Terraform applies a plan decides which of them stays, and a [Plan] knows only one.
type Conflict struct {
	What string // such as "role ci" and "inline policy p of role ci"
	Keys []string
}

// Conflicts returns the conflicts of the plan, sorted by their first keys. Equal documents are no conflict.
func (p *Plan) Conflicts() []Conflict {
	type setting struct {
		what     string
		document Document
		key      string
	}
	settings := map[string][]setting{}
	set := func(id, what, key string, document Document) {
		settings[id] = append(settings[id], setting{what, document, key})
	}
	for _, key := range slices.Sorted(maps.Keys(p.edits)) {
		for _, e := range p.edits[key] {
			switch e := e.(type) {
			case PlanIdentity:
				if e.Name != "" {
					what := e.Kind.String() + " " + e.Name
					set(ascii.Fold(what), what, key, Document{})
				}
			case PutPolicy:
				if e.ARN != "" {
					set(ascii.Fold(e.ARN), "managed policy "+e.ARN, key, e.Document)
				}
			case PutInline:
				if !e.UnknownName {
					what := "inline policy " + e.Policy.Name + " of " + e.Kind.String() + " " + e.Name
					set(ascii.Fold(what), what, key, e.Policy.Document)
				}
			}
		}
	}
	var out []Conflict
	for _, id := range slices.Sorted(maps.Keys(settings)) {
		all := settings[id]
		conflict := Conflict{What: all[0].what}
		differ := false
		for _, s := range all {
			if !slices.Contains(conflict.Keys, s.key) {
				conflict.Keys = append(conflict.Keys, s.key)
			}
			differ = differ || s.key != all[0].key && !s.document.isSameText(all[0].document)
		}
		if len(conflict.Keys) > 1 && differ {
			out = append(out, conflict)
		}
	}
	slices.SortStableFunc(out, func(a, b Conflict) int { return strings.Compare(a.Keys[0], b.Keys[0]) })
	return out
}

// isSameText reports whether two documents are known texts and equal. Trees may differ in their unknown parts.
func (d Document) isSameText(other Document) bool {
	return d.tree == nil && other.tree == nil && d.text != "" && d.text == other.text
}
