package authz

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// variables says whether the version of a document has policy variables. The version may be known
// only later.
type variables truth

func variablesOf(doc *policy.Document) variables {
	if doc.Version.Unknown {
		return variables(maybe)
	}
	return variables(truthOf(doc.Version.Value == policy.Version2012))
}

// parse reads a text of the document. The document has been decoded, so its variables can be read.
func (v variables) parse(text string) pattern.Pattern {
	p, err := pattern.Parse(text, truth(v) == yes)
	if err != nil {
		panic("authz: a decoded document contains a malformed variable: " + err.Error())
	}
	return p.FoldKeys()
}

// uncertain reports whether the meaning of a text depends on an unknown version.
func (v variables) uncertain(text string) bool {
	return truth(v) == maybe && strings.Contains(text, "${")
}

// statement is a compiled statement.
type statement struct {
	policy int32 // index of its policy
	// source is what the statement was compiled from. It is nil in policies of which only the text
	// is stored.
	source *policy.Statement
	// services are those that the actions may belong to.
	services serviceSet
	// allow and deny tell the effect of the statement. Both are maybe if it is not known.
	allow, deny truth

	actions        []pattern.Pattern // over folded text
	notAction      bool
	actionsUnknown bool // there may be more actions than those

	resources        []pattern.Pattern
	notResource      bool
	anyResource      bool // a trust policy's statement, which concerns the role itself
	resourcesUnknown bool // there may be more resources than those

	principals *principals

	conditions        []condition
	conditionsUnknown bool

	// opaque is set if nothing is known of the statement.
	opaque bool
}

func compileStatement(
	kind LayerKind, trust bool, index int32, doc *policy.Document, s *policy.Statement,
) (statement, error) {
	out := statement{policy: index, source: s}
	if s.Unknown {
		out.opaque, out.allow, out.deny, out.services = true, maybe, maybe, everyService
		return out, nil
	}
	switch {
	case s.Effect.Unknown:
		out.allow, out.deny = maybe, maybe
	case s.Effect.Value == string(policy.Allow):
		out.allow = yes
	default:
		out.deny = yes
	}
	vars := variablesOf(doc)
	out.compileActions(s)
	if err := out.compileResources(kind, trust, vars, s); err != nil {
		return out, err
	}
	if err := out.compilePrincipals(kind, trust, s); err != nil {
		return out, err
	}
	for i := range s.Conditions {
		op := &s.Conditions[i]
		out.conditionsUnknown = out.conditionsUnknown || op.Unknown
		for j := range op.Keys {
			out.conditions = append(out.conditions, compileCondition(op, &op.Keys[j], vars))
		}
	}
	out.conditionsUnknown = out.conditionsUnknown || s.ConditionsUnknown
	return out, nil
}

func (s *statement) compileActions(source *policy.Statement) {
	list := source.Action
	if list == nil {
		list, s.notAction = source.NotAction, true
	}
	s.actionsUnknown = list.Unknown
	s.actions = make([]pattern.Pattern, 0, len(list.Values))
	for _, v := range list.Values {
		if v.Unknown {
			s.actionsUnknown = true
			continue
		}
		p := pattern.Glob(ascii.Fold(v.Value))
		s.actions = append(s.actions, p)
		s.services |= servicesOf(&p)
	}
	if s.notAction || s.actionsUnknown {
		s.services = everyService
	}
}

func (s *statement) compileResources(kind LayerKind, trust bool, vars variables, source *policy.Statement) error {
	list := source.Resource
	if list == nil {
		list, s.notResource = source.NotResource, true
	}
	if list == nil {
		if !trust {
			return fmt.Errorf("the statement has neither Resource nor NotResource")
		}
		s.anyResource = true
		return nil
	}
	s.resourcesUnknown = list.Unknown
	s.resources = make([]pattern.Pattern, 0, len(list.Values))
	for _, v := range list.Values {
		if v.Unknown || vars.uncertain(v.Value) {
			s.resourcesUnknown = true
			continue
		}
		arn, err := policy.ParseResource(v.Value, truth(vars) == yes)
		if err != nil {
			return err
		}
		if arn.IsShort() && !kind.padsARNs() && !(kind == ResourcePolicy && policy.PadsResourceARN(&arn)) {
			return fmt.Errorf(
				"the ARN %q has fewer than six fields, which only identity, boundary and session policies may have, "+
					"and policies of queues and topics for their own service", v.Value)
		}
		p := arn.Resource() // rules 19 and 20
		s.resources = append(s.resources, p.FoldKeys())
	}
	return nil
}

func (s *statement) compilePrincipals(kind LayerKind, trust bool, source *policy.Statement) error {
	element, not := source.Principal, false
	if element == nil {
		element, not = source.NotPrincipal, true
	}
	switch {
	case element == nil && kind.hasPrincipals():
		return fmt.Errorf("the statement has no Principal, which a policy of the layer %s needs", kind)
	case element == nil:
		return nil
	case !kind.hasPrincipals():
		return fmt.Errorf("the statement names principals, which a policy of the layer %s cannot do", kind)
	case not && s.allow == yes:
		return fmt.Errorf("the statement has the effect Allow and NotPrincipal; NotPrincipal goes with Deny only")
	}
	switch {
	case not && trust:
		return fmt.Errorf("the statement has NotPrincipal, which a trust policy cannot have")
	case kind == ResourceControl && (not || !isEveryone(element)):
		return fmt.Errorf("the statement names principals other than \"*\", which a resource control policy cannot do; " +
			"use a condition")
	}
	s.principals = &principals{not: not, unknown: element.Unknown}
	if element.Everyone {
		s.principals.names = []policy.PrincipalName{{Form: policy.EveryonePrincipal, Text: "*"}}
	}
	for _, entry := range element.Entries {
		s.principals.unknown = s.principals.unknown || entry.Values.Unknown
		for _, v := range entry.Values.Values {
			if v.Unknown {
				s.principals.unknown = true
				continue
			}
			name, finding := policy.ParsePrincipal(entry.Type, v.Value)
			if finding != nil {
				return fmt.Errorf("%s", finding.Message)
			}
			s.principals.names = append(s.principals.names, name)
		}
	}
	return nil
}

// isEveryone reports whether the known part of an element is "*".
func isEveryone(element *policy.Principals) bool {
	for _, entry := range element.Entries {
		for _, v := range entry.Values.Values {
			if !v.Unknown && (entry.Type != "AWS" || v.Value != "*") {
				return false
			}
		}
	}
	return element.Everyone || element.Unknown || len(element.Entries) > 0
}

// matchAction returns whether the statement applies to the request's action.
func (s *statement) matchAction(r *Request) truth {
	if s.opaque {
		return maybe
	}
	result := no
	if s.actionsUnknown {
		result = maybe
	}
	for i := range s.actions {
		p := &s.actions[i]
		switch {
		case p.IsEverything():
			result = yes
		case r.Unknown.Action:
			result = or(result, maybe)
		default:
			result = or(result, truthOf(p.Match(r.Action.folded)))
		}
		if result == yes {
			break
		}
	}
	if s.notAction {
		return result.not()
	}
	return result
}

// matchResource returns whether the statement applies to the request's resource.
func (s *statement) matchResource(r *Request) truth {
	switch {
	case s.opaque:
		return maybe
	case s.anyResource:
		return yes
	}
	result := no
	if s.resourcesUnknown {
		result = maybe
	}
	for i := range s.resources {
		if result = or(result, s.matchResourceEntry(i, r)); result == yes {
			break
		}
	}
	if s.notResource {
		return result.not()
	}
	return result
}

// matchResourceEntry compares the resource with one entry. An entry matches nothing if its variable
// has no value (rule 26).
func (s *statement) matchResourceEntry(i int, r *Request) truth {
	p := &s.resources[i]
	if p.IsEverything() {
		return yes
	}
	if r.Unknown.Resource {
		return maybe
	}
	answer, _ := match(p, r.Resource, r.Context)
	return answer
}

// matchConditions returns whether all conditions are true.
func (s *statement) matchConditions(r *Request) truth {
	result := yes
	if s.conditionsUnknown {
		result = maybe
	}
	for i := range s.conditions {
		if result = and(result, s.conditions[i].eval(r.Context)); result == no {
			break
		}
	}
	return result
}

// uncertain reports whether a part of the statement is not known yet.
func (s *statement) uncertain() bool {
	if s.opaque || s.allow == maybe || s.actionsUnknown || s.resourcesUnknown || s.conditionsUnknown ||
		s.principals != nil && s.principals.unknown {
		return true
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.unknown {
			return true
		}
		for j := range c.values {
			if c.values[j].unknown {
				return true
			}
		}
	}
	return false
}
