package bruteforce

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz/reference"
)

// A bruteValue is what a request has for a context key. The zero value means that the key is absent.
type bruteValue struct {
	texts []string
	multi bool
}

// bruteKey is a context key of a universe, with its possible values.
type bruteKey struct {
	name   string
	values []bruteValue
}

// single returns values that are one text each.
func single(texts ...string) []bruteValue {
	values := make([]bruteValue, len(texts))
	for i, text := range texts {
		values[i] = bruteValue{texts: []string{text}}
	}
	return values
}

// absentOr returns the values, and absence before them.
func absentOr(values ...[]bruteValue) []bruteValue {
	return append([]bruteValue{{}}, slices.Concat(values...)...)
}

// several returns one multivalued value with these texts.
func several(texts ...string) []bruteValue { return []bruteValue{{texts: texts, multi: true}} }

// universe is an enumerated set of requests: every principal with every action, resource and combination of values.
type universe struct {
	// principals are nil for the unnamed principal.
	principals         []authz.Principal
	actions, resources []string
	keys               []bruteKey
	// fits reports whether a request for the action can be about the resource. It is nil if every action fits every
	// resource.
	fits func(action, resource string) bool
	// possible reports whether a request can have the values. It is nil if every request is possible.
	possible func(values map[string]bruteValue) bool

	requests []authz.Request
	contexts []map[string]bruteValue // of each request
}

// enumerate makes the requests.
func (u *universe) enumerate(t testing.TB) {
	t.Helper()
	contexts := []map[string]bruteValue{{}}
	for _, key := range u.keys {
		var next []map[string]bruteValue
		for _, known := range contexts {
			for _, value := range key.values {
				extended := maps.Clone(known)
				if value.multi || value.texts != nil {
					extended[key.name] = value
				}
				next = append(next, extended)
			}
		}
		contexts = next
	}
	principals := u.principals
	if principals == nil {
		principals = []authz.Principal{{}}
	}
	for _, principal := range principals {
		for _, values := range contexts {
			if u.possible != nil && !u.possible(values) {
				continue
			}
			context := contextOf(t, values)
			context.SetPrincipal(principal)
			all := maps.Clone(values)
			for key, value := range principal.Keys() {
				if _, ok := all[key]; !ok {
					all[key] = bruteValue{texts: []string{value}}
				}
			}
			for _, action := range u.actions {
				for _, resource := range u.resources {
					if u.fits != nil && !u.fits(action, resource) {
						continue
					}
					u.requests = append(u.requests, authz.Request{
						Principal: principal, Action: authz.MustAction(action), Resource: resource, Context: context,
					})
					u.contexts = append(u.contexts, all)
				}
			}
		}
	}
}

// contextOf returns a context with the values.
func contextOf(t testing.TB, values map[string]bruteValue) *authz.Context {
	t.Helper()
	context := authz.NewContext()
	for key, value := range values {
		var err error
		if value.multi {
			err = context.SetMulti(key, value.texts)
		} else {
			err = context.Set(key, value.texts[0])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return context
}

// referenceContext returns the context of a case for package reference.
func referenceContext(t testing.TB, values map[string]bruteValue) map[string]json.RawMessage {
	t.Helper()
	context := map[string]json.RawMessage{}
	for key, value := range values {
		var of any = value.texts
		if !value.multi {
			of = value.texts[0]
		} else if value.texts == nil {
			of = []string{}
		}
		text, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		context[key] = text
	}
	return context
}

// referenceRequest returns a case without policies for package reference.
func referenceRequest(t testing.TB, r *authz.Request, values map[string]bruteValue) reference.Case {
	t.Helper()
	var principal string
	if r.Principal.Kind != authz.Unnamed {
		principal = r.Principal.String()
	}
	return reference.Case{
		Principal: principal, PrincipalID: r.Principal.ID, ServiceLinkedRole: r.Principal.ServiceLinked,
		Action: r.Action.String(), Resource: r.Resource, ResourceAccount: r.ResourceAccount,
		ManagementAccount: r.ManagementAccount, Context: referenceContext(t, values),
	}
}
