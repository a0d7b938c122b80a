package accesscheck

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// A hole is a part of a text that is known only after apply. It is written as a policy variable with this prefix.
const holePrefix = "terraform:"

var hole = regexp.MustCompile(`\$\{[Tt][Ee][Rr][Rr][Aa][Ff][Oo][Rr][Mm]:[^}]*\}`)

// WithoutHoles returns a policy with a fixed text for each hole in its conditions: a value that is not known yet
// is fixed, too, and does not depend on the caller. wildcards says that a hole is compared with wildcards, so that its
// value may match more.
func WithoutHoles(doc *policy.Document) (out *policy.Document, wildcards bool) {
	copied := *doc
	copied.Statements = slices.Clone(doc.Statements)
	for i := range copied.Statements {
		s := &copied.Statements[i]
		s.Conditions = slices.Clone(s.Conditions)
		for j := range s.Conditions {
			op := &s.Conditions[j]
			op.Keys = slices.Clone(op.Keys)
			for k := range op.Keys {
				values := slices.Clone(op.Keys[k].Values.Values)
				for v := range values {
					text := hole.ReplaceAllStringFunc(values[v].Value, fixedText)
					if text != values[v].Value {
						values[v].Value = text
						family := op.Parsed.Comparison.Family()
						wildcards = wildcards || op.Parsed.Comparison == policy.StringLike || family == policy.ArnFamily
					}
				}
				op.Keys[k].Values.Values = values
			}
		}
	}
	return &copied, wildcards
}

// fixedText returns a text without wildcards and separators that stands for a hole.
func fixedText(name string) string {
	plain := strings.NewReplacer("*", "_", "?", "_", "$", "_", ":", "_", "/", "_", "{", "_", "}", "_")
	return "hole-" + plain.Replace(name)
}

// hasHole reports whether the resources or conditions of a statement have a hole.
func hasHole(view *authz.StatementView) bool {
	in := func(p *pattern.Pattern) bool {
		for t := range p.Variables() {
			if len(t.Text) >= len(holePrefix) && ascii.EqualFold(t.Text[:len(holePrefix)], holePrefix) {
				return true
			}
		}
		return false
	}
	for i := range view.Resource.Patterns {
		if in(&view.Resource.Patterns[i]) {
			return true
		}
	}
	for i := range view.Conditions {
		for j := range view.Conditions[i].Values {
			if in(&view.Conditions[i].Values[j].Text) {
				return true
			}
		}
	}
	return false
}

// openHoles adds an open question for each principal that could rise if a hole of its policies has a certain value. The
// search for paths does not choose values of holes.
func (c *comparison) openHoles(decided map[string]bool) error {
	for _, kind := range []account.Kind{account.UserKind, account.RoleKind} {
		for _, arn := range c.after.ARNs(kind) {
			p, err := c.after.Principal(arn)
			if err != nil {
				return err
			}
			if decided[arn] || p.ServiceLinked || !c.differs(ownerOfPrincipal(p)) {
				continue
			}
			for view := range c.statementsOf(c.after, p) {
				if view.Ref.Effect != policy.Deny && hasHole(&view) && mayRaise(&view) {
					c.open(PrivilegeEscalation, arn, fmt.Sprintf("It is not known whether %s could rise to administrator: %s "+
						"depends on a value that is known only after apply.", lowerFirst(describePrincipal(p)), describe(view.Ref)))
				}
			}
		}
	}
	return nil
}

// openTrustHoles adds an open question for each changed trust policy with a hole, if its role is administrator or
// could rise.
func (c *comparison) openTrustHoles(dangerous []authz.Principal) {
	for _, p := range dangerous {
		if p.Kind != authz.Role || !slices.ContainsFunc(c.parts, func(part Object) bool {
			return part.Trust && ownerOf(part.Kind, part.Name) == ownerOfPrincipal(p)
		}) {
			continue
		}
		for view := range statementsOfTrust(c.after, p.Name()) {
			if view.Ref.Effect != policy.Deny && hasHole(&view) {
				c.open(PrivilegeEscalation, p.String(), fmt.Sprintf("It is not known who could rise to administrator as %s: %s "+
					"depends on a value that is known only after apply.", lowerFirst(describePrincipal(p)), describe(view.Ref)))
			}
		}
	}
}

// differs reports whether a user or role, or a group or managed policy that decides about its access, differs.
func (c *comparison) differs(key owner) bool {
	if c.changed == nil {
		c.changed = map[owner]bool{}
		for _, part := range c.parts {
			c.changed[ownerOf(part.Kind, part.Name)] = true
		}
	}
	return c.changed[key] || slices.ContainsFunc(c.belonging(key), func(o owner) bool { return c.changed[o] })
}

// mayRaise reports whether a statement may allow an action of IAM or STS, which are those of the steps of a path.
func mayRaise(view *authz.StatementView) bool {
	if view.Unknown || view.Action.Not || view.Action.Unknown {
		return true
	}
	return slices.ContainsFunc(view.Action.Texts, func(text string) bool {
		service, _, _ := strings.Cut(ascii.Fold(text), ":")
		return strings.ContainsAny(service, "*?") || service == "iam" || service == "sts"
	})
}
