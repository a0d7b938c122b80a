package accesscheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// gains finds the principals that gain access.
func (c *comparison) gains(ctx context.Context) error {
	changes, err := access.WhatChanged(ctx, c.before, c.after, c.catalog)
	if err != nil {
		return err
	}
	for i := range changes {
		change := &changes[i]
		for _, reason := range change.Open {
			c.open(NewAccess, change.Principal.String(), fmt.Sprintf("It is not known which access %s gains: %s.",
				lowerFirst(describePrincipal(change.Principal)), strings.TrimSuffix(reason, ".")))
		}
		var classes []string
		byClass := map[string][]access.Difference{}
		for _, d := range change.Gained {
			class := d.Service + "/" + d.Level
			if byClass[class] == nil {
				classes = append(classes, class)
			}
			byClass[class] = append(byClass[class], d)
		}
		for _, class := range classes {
			c.gain(change.Principal, byClass[class])
		}
	}
	return nil
}

// gain adds the finding about a principal that gains access of a class.
func (c *comparison) gain(p authz.Principal, differences []access.Difference) {
	d := &differences[0]
	f := Finding{Check: NewAccess, Principal: p.String(), Request: &d.Request, Keys: d.Keys}
	var statements []cited
	var roles []string
	for i := range differences {
		next := &differences[i]
		for _, ref := range next.Statements {
			s := cited{by: p, ref: ref}
			if ref.Layer == authz.ResourcePolicy {
				s.role = account.NameOf(next.Request.Resource)
			}
			statements = append(statements, s)
			if !slices.Contains(f.Statements, ref) {
				f.Statements = append(f.Statements, ref)
			}
		}
		if isAssumption(next) {
			roles = append(roles, next.Request.Resource)
		}
		if next.Service != "*" { // the service of that example is invented
			f.Details = append(f.Details, example(next))
		}
	}
	gained := fmt.Sprintf("access to %q: for example, %s", d.Service, example(d))
	switch {
	case d.Service == "*":
		gained = "access to every service" + grounds(d)
	case d.Level != "":
		gained = fmt.Sprintf("access of level %q to the service %q: for example, %s", d.Level, d.Service, example(d))
	}
	f.Summary = fmt.Sprintf("%s gains %s", describePrincipal(p), gained)
	slices.Sort(roles)
	var trusts []coveredStatement
	for _, s := range statements {
		if s.role != "" {
			trusts = append(trusts, c.covered(s))
		}
	}
	f.ID = identify(NewAccess, p, d.Service, d.Level, slices.Compact(roles), sortedSet(trusts), c.differing(p, d))
	f.Causes = c.causes(statements, p)
	c.result.Findings = append(c.result.Findings, f)
}

func isAssumption(d *access.Difference) bool {
	return ascii.EqualFold(d.Request.Action.String(), assumeRole.String())
}

// example describes a request that becomes allowed.
func example(d *access.Difference) string {
	return fmt.Sprintf("%s on %q becomes allowed%s", d.Request.Action, d.Request.Resource, grounds(d))
}

// grounds names the condition and the statements that allow a request, as the end of a sentence.
func grounds(d *access.Difference) string {
	text := ""
	if d.Condition != "" {
		text = " if " + d.Condition
	}
	var by []string
	for _, ref := range d.Statements {
		if ref.Effect == policy.Allow {
			by = append(by, describe(ref))
		}
	}
	if len(by) > 0 {
		text += ", by " + joinList(by)
	}
	return text + "."
}

// difference is what differs about the policies of a principal, as an id covers it.
type difference struct {
	Added, Removed []differentStatement
	Tags           []account.Tag `json:",omitempty"`
}

type differentStatement struct {
	Layer   authz.LayerKind
	Content content
}

// differing returns the statements that only one account has and that may decide about a class of access, and the tags
// that only the account after the change has. The name of a policy does not matter, nor a statement that both accounts
// have.
func (c *comparison) differing(p authz.Principal, d *access.Difference) difference {
	collect := func(acc *account.Account) map[string]differentStatement {
		out := map[string]differentStatement{}
		for view := range c.statementsOf(acc, p) {
			s := differentStatement{view.Ref.Layer, contentOf(&view, true)}
			if c.mayConcern(&view, d) {
				out[encode(s)] = s
			}
		}
		return out
	}
	before, after := collect(c.before), collect(c.after)
	var out difference
	for _, key := range keysOf(before, after) {
		_, was := before[key]
		s, is := after[key]
		switch {
		case is && !was:
			out.Added = append(out.Added, s)
		case was && !is:
			out.Removed = append(out.Removed, before[key])
		}
	}
	old := tagsOf(c.before, p)
	for _, t := range tagsOf(c.after, p) {
		if !slices.Contains(old, t) {
			out.Tags = append(out.Tags, t)
		}
	}
	slices.SortFunc(out.Tags, func(a, b account.Tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

func tagsOf(acc *account.Account, p authz.Principal) []account.Tag {
	if p.Kind == authz.User {
		u, _ := acc.User(p.Name())
		return u.Tags
	}
	r, _ := acc.Role(p.Name())
	return r.Tags
}

// mayConcern reports whether a statement may be about an action of the class of a difference.
func (c *comparison) mayConcern(view *authz.StatementView, d *access.Difference) bool {
	if view.Unknown || view.Action.Not || view.Action.Unknown || d.Service == "*" {
		return true
	}
	for _, text := range view.Action.Texts {
		service, _, _ := strings.Cut(text, ":")
		if d.Level == "" && (ascii.EqualFold(service, d.Service) || strings.ContainsAny(service, "*?")) {
			return true
		}
		for _, id := range c.catalog.Expand(text) {
			action := &c.catalog.Actions()[id]
			if ascii.EqualFold(action.Service.Prefix, d.Service) && action.AccessLevel.String() == d.Level {
				return true
			}
		}
	}
	return false
}
