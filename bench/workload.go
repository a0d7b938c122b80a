package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The condition keys that the workload uses.
const (
	keySourceIP = "aws:SourceIp"
	keyMFA      = "aws:MultiFactorAuthPresent"
)

const (
	accountID    = "123456789012"
	principalARN = "arn:aws:iam::" + accountID + ":user/bob"
)

// A statement is one rule of the workload. Each engine converts it to its own form.
type statement struct {
	deny       bool
	actions    []string // patterns such as s3:Get*
	resources  []string // patterns such as arn:aws:s3:::team-17-*/logs/*.json
	conditions []condition
}

// A condition is one operator on one key. All conditions of a statement must hold.
// The operators are IpAddress, NotIpAddress, StringLike, Bool and
// BoolIfExists, with the meaning that they have in AWS policies.
type condition struct {
	operator string
	key      string
	values   []string
}

// A policy is a list of statements that are attached to the principal.
type policyDoc []statement

// A request asks whether the principal may do the action on the resource. If the workload
// has an account, the principal is one of its users. Source address and MFA have fields
// of their own, because some engines have types for them.
type request struct {
	user     int
	action   string
	resource string
	context  map[string]string
}

func (r *request) id() string {
	keys := make([]string, 0, len(r.context))
	for k, v := range r.context {
		keys = append(keys, k+"="+v)
	}
	slices.Sort(keys)
	return strconv.Itoa(r.user) + " " + r.action + " " + r.resource + " " + strings.Join(keys, " ")
}

func (r *request) String() string { return r.id() }

// A verdict is an engine's answer.
type verdict uint8

const (
	implicitlyDenied verdict = iota
	allowed
	explicitlyDenied
	denied // from an engine that does not distinguish the two kinds of denial
)

func (v verdict) String() string {
	return [...]string{"implicitly denied", "allowed", "explicitly denied", "denied"}[v]
}

// agrees reports whether two answers are the same. An engine that does not distinguish
// kinds of denial agrees with both.
func (v verdict) agrees(w verdict) bool {
	if v == denied || w == denied {
		return (v == allowed) == (w == allowed)
	}
	return v == w
}

// A workload is one scenario: policies and requests.
type workload struct {
	name     string // a, b, c, d
	title    string
	policies []policyDoc
	account  *accountDoc // nil if one principal has all policies
	requests []request
	want     []verdict // the reference's answer to each request
}

func (w *workload) statements() []statement {
	var all []statement
	for _, p := range w.policies {
		all = append(all, p...)
	}
	return all
}

// mix counts the verdicts of the requests.
func (w *workload) mix() (allow, explicit, implicit int) {
	for _, v := range w.want {
		switch v {
		case allowed:
			allow++
		case explicitlyDenied:
			explicit++
		default:
			implicit++
		}
	}
	return allow, explicit, implicit
}

// text returns the policy in the AWS policy language.
func (p policyDoc) text() []byte {
	type element struct {
		Sid       string
		Effect    string
		Action    any
		Resource  any
		Condition map[string]map[string]any `json:",omitempty"`
	}
	doc := struct {
		Version   string
		Statement []element
	}{Version: "2012-10-17"}
	for i, s := range p {
		e := element{Sid: "S" + strconv.Itoa(i), Effect: "Allow", Action: oneOrMany(s.actions),
			Resource: oneOrMany(s.resources)}
		if s.deny {
			e.Effect = "Deny"
		}
		for _, c := range s.conditions {
			if e.Condition == nil {
				e.Condition = map[string]map[string]any{}
			}
			if e.Condition[c.operator] == nil {
				e.Condition[c.operator] = map[string]any{}
			}
			if _, dup := e.Condition[c.operator][c.key]; dup {
				panic(fmt.Sprintf("workload: %s on %s twice in a statement", c.operator, c.key))
			}
			e.Condition[c.operator][c.key] = oneOrMany(c.values)
		}
		doc.Statement = append(doc.Statement, e)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err) // cannot happen: the document contains only strings
	}
	return text
}

func oneOrMany(list []string) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

func isPattern(s string) bool { return strings.ContainsAny(s, "*?") }
