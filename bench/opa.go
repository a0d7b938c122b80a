package main

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown/cache"
)

// opaModule decides over the statements in data, which has separate lists of Deny and
// Allow statements. It compares exact names and uses glob.match only for patterns.
const opaModule = `
package bench

default allow := false

allow if {
	some s in data.permissions
	applies(s)
	not denied
}

denied if {
	some s in data.denials
	applies(s)
}

applies(s) if {
	action_covered(s)
	resource_covered(s)
	every c in s.conditions { holds(c) }
}

action_covered(s) if input.action in s.actions

action_covered(s) if {
	some p in s.action_patterns
	glob.match(p, null, input.action)
}

resource_covered(s) if input.resource in s.resources

resource_covered(s) if {
	some p in s.resource_patterns
	glob.match(p, null, input.resource)
}

in_range(ranges, ip) if {
	some r in ranges
	net.cidr_contains(r, ip)
}

holds(c) if {
	c.operator == "IpAddress"
	in_range(c.values, input.context[c.key])
}

holds(c) if {
	c.operator == "NotIpAddress"
	not in_range(c.values, input.context[c.key])
}

holds(c) if {
	c.operator == "StringLike"
	some p in c.values
	glob.match(p, null, input.context[c.key])
}

holds(c) if {
	c.operator == "Bool"
	input.context[c.key] == c.value
}

holds(c) if {
	c.operator == "BoolIfExists"
	object.get(input.context, c.key, c.value) == c.value
}
`

type opaEngine struct {
	query    rego.PreparedEvalQuery
	globs    cache.InterQueryValueCache
	requests []ast.Value
}

// opaData returns the workload as a JSON document.
func opaData(w *workload) []byte {
	type condition struct {
		Operator string   `json:"operator"`
		Key      string   `json:"key"`
		Values   []string `json:"values,omitempty"`
		Value    bool     `json:"value"`
	}
	type statement struct {
		Actions          []string    `json:"actions"`
		ActionPatterns   []string    `json:"action_patterns"`
		Resources        []string    `json:"resources"`
		ResourcePatterns []string    `json:"resource_patterns"`
		Conditions       []condition `json:"conditions"`
	}
	var doc struct {
		Permissions []statement `json:"permissions"`
		Denials     []statement `json:"denials"`
	}
	for _, s := range w.statements() {
		out := statement{Actions: []string{}, ActionPatterns: []string{}, Resources: []string{}, ResourcePatterns: []string{},
			Conditions: []condition{}}
		for _, a := range s.actions {
			if isPattern(a) {
				out.ActionPatterns = append(out.ActionPatterns, a)
			} else {
				out.Actions = append(out.Actions, a)
			}
		}
		for _, r := range s.resources {
			if isPattern(r) {
				out.ResourcePatterns = append(out.ResourcePatterns, r)
			} else {
				out.Resources = append(out.Resources, r)
			}
		}
		for _, c := range s.conditions {
			if c.key == keyMFA {
				out.Conditions = append(out.Conditions, condition{Operator: c.operator, Key: c.key, Value: c.values[0] == "true"})
			} else {
				out.Conditions = append(out.Conditions, condition{Operator: c.operator, Key: c.key, Values: c.values})
			}
		}
		if s.deny {
			doc.Denials = append(doc.Denials, out)
		} else {
			doc.Permissions = append(doc.Permissions, out)
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err) // cannot happen: the document contains only strings and booleans
	}
	return text
}

func buildOPA(text []byte) (*opaEngine, error) {
	ctx := context.Background()
	// The store has the data as rego values, so that a query does not convert it.
	store := inmem.NewFromReaderWithOpts(bytes.NewReader(text), inmem.OptRoundTripOnWrite(false),
		inmem.OptReturnASTValuesOnRead(true))
	query, err := rego.New(
		rego.Query("data.bench.allow"),
		rego.Module("bench.rego", opaModule),
		rego.Store(store),
	).PrepareForEval(ctx)
	if err != nil {
		return nil, err
	}
	// The default cache of OPA holds only a hundred compiled patterns.
	config, err := cache.ParseCachingConfig(nil)
	if err != nil {
		return nil, err
	}
	return &opaEngine{query: query, globs: cache.NewInterQueryValueCache(ctx, config)}, nil
}

func (e *opaEngine) prepare(w *workload) {
	e.requests = make([]ast.Value, len(w.requests))
	for i := range w.requests {
		r := &w.requests[i]
		context := map[string]any{}
		for key, value := range r.context {
			if key == keyMFA {
				context[key] = value == "true"
			} else {
				context[key] = value
			}
		}
		e.requests[i] = ast.MustInterfaceToValue(map[string]any{"action": r.action, "resource": r.resource,
			"context": context})
	}
}

func (e *opaEngine) eval(i int) (bool, error) {
	result, err := e.query.Eval(context.Background(), rego.EvalParsedInput(e.requests[i]),
		rego.EvalInterQueryBuiltinValueCache(e.globs))
	return result.Allowed(), err
}

func (e *opaEngine) decide(i int) (verdict, error) {
	ok, err := e.eval(i)
	if ok {
		return allowed, err
	}
	return denied, err
}

func (e *opaEngine) run(from, n int) (allowed int) {
	for i := range n {
		if ok, _ := e.eval((from + i) % len(e.requests)); ok {
			allowed++
		}
	}
	return allowed
}
