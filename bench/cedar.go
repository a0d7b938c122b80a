package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// cedarEngine runs cedar-go with one Cedar policy for each statement, parsed from
// text. Resources are entities with their ARN as an attribute. The context keys of
// the request are the context record. README.md explains the choices.
type cedarEngine struct {
	set      *cedar.PolicySet
	entities cedar.EntityMap
	requests []cedar.Request
}

func buildCedar(text []byte) (*cedarEngine, error) {
	set, err := cedar.NewPolicySetFromBytes("bench.cedar", text)
	if err != nil {
		return nil, err
	}
	return &cedarEngine{set: set}, nil
}

func (e *cedarEngine) prepare(w *workload) {
	e.requests = make([]cedar.Request, len(w.requests))
	if e.entities == nil {
		e.entities = cedar.EntityMap{}
	}
	principal := func(*request) cedar.EntityUID { return cedar.NewEntityUID("User", "bob") }
	if w.account != nil {
		principal = func(r *request) cedar.EntityUID { return cedarUser(r.user) }
	} else {
		e.entities[principal(nil)] = cedar.Entity{UID: principal(nil)}
	}
	var groups []string
	if w.account == nil {
		groups = actionGroups(w)
	}
	for i := range w.requests {
		r := &w.requests[i]
		action := cedar.NewEntityUID("Action", cedar.String(r.action))
		if _, ok := e.entities[action]; !ok {
			var parents []cedar.EntityUID
			for _, g := range groups {
				if glob(g, r.action) {
					parents = append(parents, cedar.NewEntityUID("Action", cedar.String(g)))
				}
			}
			e.entities[action] = cedar.Entity{UID: action, Parents: cedar.NewEntityUIDSet(parents...)}
		}
		resource := cedar.NewEntityUID("Resource", cedar.String(r.resource))
		e.entities[resource] = cedar.Entity{UID: resource,
			Attributes: cedar.NewRecord(cedar.RecordMap{"arn": cedar.String(r.resource)})}
		context := cedar.RecordMap{"action": cedar.String(r.action)}
		for key, value := range r.context {
			switch key {
			case keySourceIP:
				ip, err := types.ParseIPAddr(value)
				if err != nil {
					panic(err)
				}
				context[cedar.String(key)] = ip
			case keyMFA:
				context[cedar.String(key)] = cedar.Boolean(value == "true")
			default:
				context[cedar.String(key)] = cedar.String(value)
			}
		}
		e.requests[i] = cedar.Request{Principal: principal(r), Action: action, Resource: resource,
			Context: cedar.NewRecord(context)}
	}
}

func (e *cedarEngine) decide(i int) (verdict, error) {
	return cedarVerdict(cedar.Authorize(e.set, e.entities, e.requests[i]))
}

func cedarVerdict(decision cedar.Decision, diagnostic cedar.Diagnostic) (verdict, error) {
	switch {
	case len(diagnostic.Errors) > 0:
		return 0, fmt.Errorf("%s: %v", diagnostic.Errors[0].PolicyID, diagnostic.Errors[0].Message)
	case decision == cedar.Allow:
		return allowed, nil
	case len(diagnostic.Reasons) > 0:
		return explicitlyDenied, nil
	}
	return implicitlyDenied, nil
}

func (e *cedarEngine) run(from, n int) (allowed int) {
	for i := range n {
		if decision, _ := cedar.Authorize(e.set, e.entities, e.requests[(from+i)%len(e.requests)]); decision == cedar.Allow {
			allowed++
		}
	}
	return allowed
}

// actionGroups returns the action patterns of the workload. In Cedar, each is a group,
// and the actions that it matches are its members.
func actionGroups(w *workload) []string {
	var groups []string
	for _, s := range w.statements() {
		for _, a := range s.actions {
			if isPattern(a) {
				groups = append(groups, a)
			}
		}
	}
	return unique(groups)
}

// A cedarForm is a way of expressing an action pattern in Cedar.
type cedarForm int

const (
	// cedarLike compares the action's name: context.action like "s3:Get*".
	cedarLike cedarForm = iota
	// cedarGroups uses the hierarchy: action in Action::"s3:Get*".
	cedarGroups
)

func (f cedarForm) String() string {
	if f == cedarGroups {
		return "cedar-go (groups)"
	}
	return "cedar-go"
}

// cedarText returns the workload in Cedar.
func cedarText(w *workload, form cedarForm) []byte {
	var b bytes.Buffer
	for i, p := range w.policies {
		principal := `principal == User::"bob"`
		if w.account != nil {
			principal = "principal in " + cedarPolicy(i).String()
		}
		p.writeCedar(&b, form, principal)
	}
	return b.Bytes()
}

// writeCedar writes a Cedar policy for a principal.
func (p policyDoc) writeCedar(b *bytes.Buffer, form cedarForm, principal string) {
	for _, s := range p {
		var when []string
		effect := "permit"
		if s.deny {
			effect = "forbid"
		}
		var action string
		switch {
		case len(s.actions) == 1 && !isPattern(s.actions[0]):
			action = fmt.Sprintf("action == Action::%q", s.actions[0])
		case form == cedarLike:
			action = "action"
			when = append(when, cedarAny(s.actions, func(a string) string {
				if isPattern(a) {
					return "context.action like " + cedarPattern(a)
				}
				return fmt.Sprintf("action == Action::%q", a)
			}))
		case len(s.actions) == 1:
			action = fmt.Sprintf("action in Action::%q", s.actions[0])
		default:
			var list []string
			for _, a := range s.actions {
				list = append(list, fmt.Sprintf("Action::%q", a))
			}
			action = "action in [" + strings.Join(list, ", ") + "]"
		}
		resource := "resource"
		switch {
		case len(s.resources) == 1 && s.resources[0] == "*":
		case len(s.resources) == 1 && !isPattern(s.resources[0]):
			resource = fmt.Sprintf("resource == Resource::%q", s.resources[0])
		default:
			when = append(when, cedarAny(s.resources, func(r string) string {
				if isPattern(r) {
					return "resource.arn like " + cedarPattern(r)
				}
				return fmt.Sprintf("resource == Resource::%q", r)
			}))
		}
		for _, c := range s.conditions {
			when = append(when, cedarCondition(c))
		}
		fmt.Fprintf(b, "%s (%s, %s, %s)", effect, principal, action, resource)
		if len(when) > 0 {
			fmt.Fprintf(b, "\nwhen { %s }", strings.Join(when, " && "))
		}
		b.WriteString(";\n")
	}
}

func cedarCondition(c condition) string {
	key := fmt.Sprintf("context[%q]", c.key)
	has := fmt.Sprintf("context has %q", c.key)
	switch c.operator {
	case "IpAddress":
		return cedarAny(c.values, func(v string) string { return fmt.Sprintf("%s.isInRange(ip(%q))", key, v) })
	case "NotIpAddress":
		return "!" + cedarAny(c.values, func(v string) string { return fmt.Sprintf("%s.isInRange(ip(%q))", key, v) })
	case "StringLike":
		return has + " && " + cedarAny(c.values, func(v string) string { return key + " like " + cedarPattern(v) })
	case "Bool":
		return fmt.Sprintf("%s && %s == %s", has, key, c.values[0])
	case "BoolIfExists":
		return fmt.Sprintf("(!(%s) || %s == %s)", has, key, c.values[0])
	}
	panic("cedar: operator " + c.operator)
}

func cedarAny(list []string, term func(string) string) string {
	var terms []string
	for _, s := range list {
		terms = append(terms, term(s))
	}
	return "(" + strings.Join(terms, " || ") + ")"
}

// cedarPattern converts a pattern for Cedar's like, which has no wildcard for exactly
// one character. A run of ? becomes *, which is less work. For the requests of the
// workload, both patterns give the same result.
func cedarPattern(pattern string) string {
	pattern = strings.ReplaceAll(pattern, "?", "*")
	for strings.Contains(pattern, "**") {
		pattern = strings.ReplaceAll(pattern, "**", "*")
	}
	return `"` + pattern + `"`
}
