package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

// casbinModel has a line for each statement. A list of the statement is one column.
// The functions of the matcher look columns up in tables that are built when the
// policies are loaded, so no decision parses a pattern.
const casbinModel = `
[request_definition]
r = sub, act, res, ctx

[policy_definition]
p = sub, act, res, cond, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.sub == p.sub && listMatch(r.act, p.act) && listMatch(r.res, p.res) && \
  (p.cond == "" || conditionsHold(r.ctx, p.cond))
`

type casbinEngine struct {
	enforcer *casbin.Enforcer
	requests [][]any
}

// casbinContext holds the values of a request for conditions.
type casbinContext struct {
	keys    map[string]string
	address netip.Addr
}

// casbinRows returns the workload as policy lines.
func casbinRows(w *workload) [][]string {
	var rows [][]string
	for _, s := range w.statements() {
		var conditions []string
		for _, c := range s.conditions {
			conditions = append(conditions, c.operator+" "+c.key+" "+strings.Join(c.values, "|"))
		}
		effect := "allow"
		if s.deny {
			effect = "deny"
		}
		rows = append(rows,
			[]string{"bob", strings.Join(s.actions, "|"), strings.Join(s.resources, "|"), strings.Join(conditions, ";"), effect})
	}
	// Casbin refuses duplicate lines.
	seen := map[string]bool{}
	out := rows[:0]
	for _, row := range rows {
		if key := strings.Join(row, ","); !seen[key] {
			seen[key] = true
			out = append(out, row)
		}
	}
	return out
}

func buildCasbin(rows [][]string) (*casbinEngine, error) {
	m, err := model.NewModelFromString(casbinModel)
	if err != nil {
		return nil, err
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	lists := map[string][]string{}
	conditions := map[string][]func(*casbinContext) bool{}
	for _, row := range rows {
		lists[row[1]] = strings.Split(row[1], "|")
		lists[row[2]] = strings.Split(row[2], "|")
		if _, ok := conditions[row[3]]; !ok && row[3] != "" {
			for text := range strings.SplitSeq(row[3], ";") {
				condition, err := casbinCondition(text)
				if err != nil {
					return nil, err
				}
				conditions[row[3]] = append(conditions[row[3]], condition)
			}
		}
	}
	e.AddFunction("listMatch", func(args ...any) (any, error) {
		return anyGlob(lists[args[1].(string)], args[0].(string)), nil
	})
	e.AddFunction("conditionsHold", func(args ...any) (any, error) {
		context := args[0].(*casbinContext)
		for _, condition := range conditions[args[1].(string)] {
			if !condition(context) {
				return false, nil
			}
		}
		return true, nil
	})
	if _, err := e.AddPolicies(rows); err != nil {
		return nil, err
	}
	return &casbinEngine{enforcer: e}, nil
}

// casbinCondition compiles a condition of a policy line.
func casbinCondition(text string) (func(*casbinContext) bool, error) {
	field := strings.SplitN(text, " ", 3)
	operator, key, values := field[0], field[1], strings.Split(field[2], "|")
	var ranges []netip.Prefix
	inRange := func(a netip.Addr) bool {
		for _, p := range ranges {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	switch operator {
	case "IpAddress", "NotIpAddress":
		for _, v := range values {
			p, err := netip.ParsePrefix(v)
			if err != nil {
				return nil, err
			}
			ranges = append(ranges, p)
		}
		want := operator == "IpAddress"
		return func(c *casbinContext) bool { return inRange(c.address) == want }, nil
	case "StringLike":
		return func(c *casbinContext) bool {
			v, ok := c.keys[key]
			return ok && anyGlob(values, v)
		}, nil
	case "Bool":
		return func(c *casbinContext) bool { return c.keys[key] == values[0] }, nil
	case "BoolIfExists":
		return func(c *casbinContext) bool {
			v, ok := c.keys[key]
			return !ok || v == values[0]
		}, nil
	}
	return nil, fmt.Errorf("casbin: unknown operator %q", operator)
}

func (e *casbinEngine) prepare(w *workload) {
	e.requests = make([][]any, len(w.requests))
	for i := range w.requests {
		r := &w.requests[i]
		context := &casbinContext{keys: r.context, address: netip.MustParseAddr(r.context[keySourceIP])}
		e.requests[i] = []any{"bob", r.action, r.resource, context}
	}
}

func (e *casbinEngine) decide(i int) (verdict, error) {
	ok, err := e.enforcer.Enforce(e.requests[i]...)
	if ok {
		return allowed, err
	}
	return denied, err
}

func (e *casbinEngine) run(from, n int) (allowed int) {
	for i := range n {
		if ok, _ := e.enforcer.Enforce(e.requests[(from+i)%len(e.requests)]...); ok {
			allowed++
		}
	}
	return allowed
}
