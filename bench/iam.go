package main

import (
	"fmt"
	"strconv"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// iamEngine is this repository's evaluator, called like the product calls it.
type iamEngine struct {
	policies authz.Policies
	requests []authz.Request
}

// iamTexts returns the workload in the policy language.
func iamTexts(w *workload) [][]byte {
	texts := make([][]byte, len(w.policies))
	for i, p := range w.policies {
		texts[i] = p.text()
	}
	return texts
}

// iamParse parses policies without compiling them.
func iamParse(texts [][]byte) ([]authz.Policy, error) {
	parsed := make([]authz.Policy, len(texts))
	for i, text := range texts {
		doc, err := policy.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("policy %d: %w", i, err)
		}
		parsed[i] = authz.Policy{Name: "policy" + strconv.Itoa(i), Document: doc}
	}
	return parsed, nil
}

func buildIAM(texts [][]byte) (*iamEngine, error) {
	parsed, err := iamParse(texts)
	if err != nil {
		return nil, err
	}
	layer, err := authz.CompileLayer(authz.Identity, parsed)
	if err != nil {
		return nil, err
	}
	return &iamEngine{policies: authz.Policies{Identity: layer}}, nil
}

func (e *iamEngine) prepare(w *workload) {
	e.requests = make([]authz.Request, len(w.requests))
	principal := authz.MustPrincipal(principalARN)
	for i := range w.requests {
		r := &w.requests[i]
		context := authz.NewContext()
		for key, value := range r.context {
			if err := context.Set(key, value); err != nil {
				panic(err)
			}
		}
		e.requests[i] = authz.Request{Principal: principal, Action: authz.MustAction(r.action), Resource: r.resource,
			Context: context}
	}
}

func (e *iamEngine) decide(i int) (verdict, error) {
	switch outcome := e.policies.Decide(&e.requests[i]); outcome {
	case authz.Allowed:
		return allowed, nil
	case authz.ExplicitlyDenied:
		return explicitlyDenied, nil
	case authz.ImplicitlyDenied:
		return implicitlyDenied, nil
	default:
		return 0, fmt.Errorf("outcome %v", outcome)
	}
}

func (e *iamEngine) run(from, n int) (allowed int) {
	for i := range n {
		if e.policies.Decide(&e.requests[(from+i)%len(e.requests)]) == authz.Allowed {
			allowed++
		}
	}
	return allowed
}
