package authz

import (
	"iter"
	"net/netip"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// StatementView is a compiled statement, to be read by code that asks other questions than
// [Policies.Decide] does. It has everything that a decision takes from the statement. Callers must
// not change its slices.
type StatementView struct {
	// Ref names the statement: its layer, policy, Sid, index, effect and position. The effect is
	// empty if it is not known yet.
	Ref StatementRef
	// Unknown is set if nothing of the statement is known. All other fields but Ref are then empty.
	Unknown bool
	// Uncertain is set if it is not known yet whether the policy is part of the layer.
	Uncertain bool
	// Action has patterns over lower-case text, Resource has patterns as [pattern.ARN.Resource]
	// makes them. The keys of variables are in lower case.
	Action, Resource ElementView
	// Principal is nil in layers whose policies name no principals.
	Principal  *PrincipalView
	Conditions []ConditionView
	// ConditionsUnknown is set if there may be more conditions.
	ConditionsUnknown bool

	statement *statement
}

// ElementView is an Action, NotAction, Resource or NotResource element.
type ElementView struct {
	// Patterns are the entries that are known, and Texts the same entries as written.
	Patterns []pattern.Pattern
	Texts    []string
	// Not is set for NotAction and NotResource: the statement is about everything that no pattern
	// matches.
	Not bool
	// Absent is set if the statement has no such element and applies to everything, as a trust
	// policy's statement applies to its role.
	Absent bool
	// Unknown is set if there may be more entries.
	Unknown bool
}

// PrincipalView is a Principal or NotPrincipal element.
type PrincipalView struct {
	Names []policy.PrincipalName
	// Not is set for NotPrincipal.
	Not bool
	// Unknown is set if there may be more names.
	Unknown bool
}

// ConditionView is one key under one operator. All conditions of a statement must be true.
type ConditionView struct {
	Operator policy.OperatorName
	// Key is the condition key in lower case. Written is the key, and OperatorText the operator, as
	// written.
	Key, Written, OperatorText string
	Values                     []ValueView
	// Unknown is set if there may be more values.
	Unknown bool
	Pos     tree.Pos

	condition *condition
}

// ValueView is one value of a condition, read as its operator's family compares it. Only the fields
// of that family are set.
type ValueView struct {
	// Unknown is set if the value is not known yet. All other fields are then empty.
	Unknown bool
	// Written is the value as written.
	Written string
	// Valid is set if the operator can compare the value. A value that is not valid never compares
	// equal.
	Valid bool
	// Text is for string, ARN and Bool operators. It has wildcards under StringLike and ARN
	// operators only.
	Text pattern.Pattern
	// ARN has the fields of the pattern under an ARN operator. It is nil if the values of variables
	// decide where the fields end.
	ARN     *pattern.ARN
	Number  policy.Number
	Date    time.Time
	Truth   bool // for Null, and for Bool without variables
	Binary  []byte
	Network netip.Prefix
}

// Statements returns the statements of the policies in order. Policies compiled by [CompileText]
// are read again.
func (c *Compiled) Statements() iter.Seq[StatementView] {
	return (&Layer{c.kind, []Part{{Compiled: c}}}).Statements()
}

// Statements returns the statements of the layer in order, as [Compiled.Statements] does.
func (l *Layer) Statements() iter.Seq[StatementView] { return l.views(0) }

// Statements returns the statements of all layers, in the order of the layers. Some layers
// apply to some requests only; [Policies.Explain] reports them.
func (p *Policies) Statements() iter.Seq[StatementView] {
	return func(yield func(StatementView) bool) {
		single := [...]*Layer{p.Identity, p.Group, p.Boundary, p.Session, p.ResourcePolicy}
		for _, layers := range [...][]*Layer{single[:], p.ServiceControl, p.ResourceControl, {p.Endpoint}} {
			for level, l := range layers {
				if l == nil {
					continue
				}
				if l.kind != ServiceControl && l.kind != ResourceControl {
					level = 0
				}
				for s := range l.views(level) {
					if !yield(s) {
						return
					}
				}
			}
		}
	}
}

func (l *Layer) views(level int) iter.Seq[StatementView] {
	return func(yield func(StatementView) bool) {
		l := l.withSources()
		for s, part := range l.statements() {
			view := s.view(part.Compiled.policies[s.policy].Document)
			view.Ref, view.Uncertain = l.ref(part, s, level), part.Uncertain
			if !yield(view) {
				return
			}
		}
	}
}

func (s *statement) view(doc *policy.Document) StatementView {
	if s.opaque {
		return StatementView{Unknown: true, statement: s}
	}
	out := StatementView{
		Action: ElementView{Patterns: s.actions, Not: s.notAction, Unknown: s.actionsUnknown},
		Resource: ElementView{
			Patterns: s.resources, Not: s.notResource, Absent: s.anyResource, Unknown: s.resourcesUnknown,
		},
		Conditions:        make([]ConditionView, 0, len(s.conditions)),
		ConditionsUnknown: s.conditionsUnknown,
		statement:         s,
	}
	out.Action.Texts = knownTexts(s.source.Action, s.source.NotAction, variables(no))
	out.Resource.Texts = knownTexts(s.source.Resource, s.source.NotResource, variablesOf(doc))
	if s.principals != nil {
		out.Principal = &PrincipalView{Names: s.principals.names, Not: s.principals.not, Unknown: s.principals.unknown}
	}
	for i := range s.conditions {
		out.Conditions = append(out.Conditions, s.conditions[i].view())
	}
	return out
}

// knownTexts returns the entries of an element that have been compiled.
func knownTexts(list, notList *policy.List, vars variables) (out []string) {
	if list == nil {
		list = notList
	}
	if list == nil {
		return nil
	}
	for _, v := range list.Values {
		if !v.Unknown && !vars.uncertain(v.Value) {
			out = append(out, v.Value)
		}
	}
	return out
}

func (c *condition) view() ConditionView {
	out := ConditionView{
		Operator: c.op, OperatorText: c.operator, Key: c.key, Written: c.source.Key,
		Unknown: c.unknown, Pos: c.source.Pos, condition: c,
		Values: make([]ValueView, 0, len(c.values)),
	}
	for i := range c.values {
		v := &c.values[i]
		out.Values = append(out.Values, ValueView{
			Unknown: v.unknown, Written: c.source.Values.Values[i].Value, Valid: v.valid, Text: v.text, ARN: v.arn,
			Number: v.number, Date: v.date, Truth: v.truth, Binary: v.binary, Network: v.network,
		})
	}
	return out
}

// Outline is what a statement is about. It needs no source, so it costs much less than a [StatementView].
type Outline struct {
	Layer LayerKind
	// MayAllow and MayDeny tell the effect. Both are set if it is not known.
	MayAllow, MayDeny bool
	// Unknown is set if nothing else of the statement is known, or if a policy may have statements that are not known.
	Unknown bool
	// Action and Resource are the elements without their texts.
	Action, Resource ElementView

	part      *Part
	statement *statement // nil for statements that are not known
	index     int        // of the statement, among those compiled together
}

// Outlines returns the outlines of the statements of all layers that decide about the principal's access. The layers of
// service and resource control policies and of the VPC endpoint are not among them.
func (p *Policies) Outlines() []Outline {
	var out []Outline
	for _, l := range [...]*Layer{p.Identity, p.Group, p.Boundary, p.Session, p.ResourcePolicy} {
		if l == nil {
			continue
		}
		var before *Part
		index := 0
		for s, part := range l.statements() {
			if part != before {
				before, index = part, 0
			}
			out = append(out, Outline{
				index: index, Layer: l.kind, MayAllow: s.allow != no, MayDeny: s.deny != no, Unknown: s.opaque,
				Action: ElementView{Patterns: s.actions, Not: s.notAction, Unknown: s.actionsUnknown},
				Resource: ElementView{
					Patterns: s.resources, Not: s.notResource, Absent: s.anyResource, Unknown: s.resourcesUnknown,
				},
				part: part, statement: s,
			})
			index++
		}
		if l.opaque() {
			out = append(out, Outline{Layer: l.kind, MayAllow: true, MayDeny: true, Unknown: true})
		}
	}
	return out
}

// Applies reports whether the statement may apply to a request, and whether it certainly does. In an open context,
// every key that the request does not give may have any value, as for [Policies.CouldAllow].
func (o *Outline) Applies(r *Request, open bool) (may, certain bool) {
	s := o.statement
	if s == nil || s.opaque {
		return true, false
	}
	if open {
		opened := *r
		opened.Context = r.Context.opened()
		r = &opened
	}
	t := and(s.matchAction(r), s.matchResource(r))
	if t != no {
		t = and(t, and(s.principals.match(r, maybe).any(), s.matchConditions(r)))
	}
	return t != no, t == yes && !o.part.Uncertain && (s.allow == yes || s.deny == yes)
}

// Possible returns the values of variables in a request for which [Policies.CouldAllow] may choose the keys that the
// context does not give. Such a key is unknown.
func (c *Context) Possible() pattern.Values { return c.opened() }
