package bruteforce

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz/reference"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// policiesOf parses policies. Their names are p0, p1, …
func policiesOf(t testing.TB, texts ...string) []authz.Policy {
	t.Helper()
	policies := make([]authz.Policy, len(texts))
	for i, text := range texts {
		parsed, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		policies[i] = authz.Policy{Name: fmt.Sprintf("p%d", i), Document: parsed}
	}
	return policies
}

// layerOf compiles policies for a layer. It returns nil without policies.
func layerOf(t testing.TB, kind authz.LayerKind, texts ...string) *authz.Layer {
	t.Helper()
	if texts == nil {
		return nil
	}
	layer, err := authz.CompileLayer(kind, policiesOf(t, texts...))
	if err != nil {
		t.Fatalf("%v\n%s", err, texts)
	}
	return layer
}

// rawOf returns policies as a JSON list for package reference. It returns nil without policies.
func rawOf(texts ...string) json.RawMessage {
	if texts == nil {
		return nil
	}
	return json.RawMessage("[" + strings.Join(texts, ",") + "]")
}

// access decides requests by two evaluators.
type access struct {
	policies authz.Policies
	// texts has the same policies for package reference.
	texts reference.Case
	// resourceAccount replaces the account of each request's resource if it is not empty.
	resourceAccount string
	// beyondReference is set if package reference refuses the policies, though package authz accepts them.
	beyondReference bool
}

// foreignAccount has no principals. A request for a resource of this account needs the resource's policy, however that
// policy names the principal (rule 61).
const foreignAccount = "999999999999"

// accessOf returns the access that policies of one kind grant by themselves.
//
// A policy that names principals is that of a resource in a foreign account, and the principal's own policies allow
// everything, among them the session policy that a federated user needs (rule 63): a request is allowed exactly if the
// policy allows it.
func accessOf(t testing.TB, kind policy.Kind, texts ...string) *access {
	t.Helper()
	if kind.HasPrincipal() {
		if len(texts) != 1 {
			t.Fatalf("%d policies of one resource", len(texts))
		}
		all := documentOf(allow()).String()
		return &access{
			policies: authz.Policies{
				Identity: layerOf(t, authz.Identity, all), Session: layerOf(t, authz.Session, all),
				ResourcePolicy: layerOf(t, authz.ResourcePolicy, texts...),
			},
			texts: reference.Case{
				Identity: rawOf(all), Session: rawOf(all), ResourcePolicy: json.RawMessage(texts[0]),
			},
			resourceAccount: foreignAccount,
		}
	}
	return &access{
		policies: authz.Policies{Identity: layerOf(t, authz.Identity, texts...)},
		texts:    reference.Case{Identity: rawOf(texts...)},
	}
}

// allows decides a request by package authz.
func (a *access) allows(r *authz.Request) bool {
	if a.resourceAccount != "" {
		of := *r
		of.ResourceAccount = a.resourceAccount
		r = &of
	}
	return a.policies.Decide(r) == authz.Allowed
}

// referenceAllows decides a request with the context keys in values by package reference.
func (a *access) referenceAllows(t testing.TB, r *authz.Request, values map[string]bruteValue) bool {
	t.Helper()
	c := referenceRequest(t, r, values)
	if a.resourceAccount != "" {
		c.ResourceAccount = a.resourceAccount
	}
	c.Identity, c.Group, c.Boundary, c.Session = a.texts.Identity, a.texts.Group, a.texts.Boundary, a.texts.Session
	c.SCPs, c.RCPs, c.ResourcePolicy = a.texts.SCPs, a.texts.RCPs, a.texts.ResourcePolicy
	outcome, err := reference.Decide(c)
	if err != nil {
		t.Fatalf("the reference refuses a case: %v\n%+v", err, c)
	}
	return outcome == reference.Allowed
}

// requestSet is a set of the requests of a universe, a bit for each.
type requestSet []uint64

// allowedBy returns the requests of the universe that the access allows.
func (u *universe) allowedBy(a *access) requestSet {
	set := make(requestSet, (len(u.requests)+63)/64)
	for i := range u.requests {
		if a.allows(&u.requests[i]) {
			set[i/64] |= 1 << (i % 64)
		}
	}
	return set
}

// has reports whether the set has the request.
func (s requestSet) has(i int) bool { return s[i/64]>>(i%64)&1 == 1 }

// firstNotIn returns a request of the set that is not in the other set, or -1.
func (s requestSet) firstNotIn(other requestSet) int {
	for i := range s {
		if rest := s[i] &^ other[i]; rest != 0 {
			return i*64 + bits.TrailingZeros64(rest)
		}
	}
	return -1
}

// firstIn returns a request that is in both sets, or -1.
func (s requestSet) firstIn(other requestSet) int {
	for i := range s {
		if both := s[i] & other[i]; both != 0 {
			return i*64 + bits.TrailingZeros64(both)
		}
	}
	return -1
}

// describe returns a request of the universe for a message.
func (u *universe) describe(i int) string {
	r := &u.requests[i]
	return describe(r, u.contexts[i])
}

func describe(r *authz.Request, values map[string]bruteValue) string {
	text := fmt.Sprintf("%s on %q by %s", r.Action, r.Resource, r.Principal)
	for key, value := range values {
		if value.multi {
			text += fmt.Sprintf(", %s %q", key, value.texts)
		} else {
			text += fmt.Sprintf(", %s %q", key, value.texts[0])
		}
	}
	return text
}

// valuesOf returns the context keys of a witness.
func valuesOf(w *analysis.Witness) map[string]bruteValue {
	values := map[string]bruteValue{}
	for _, key := range w.Keys {
		if key.Multivalued || len(key.Values) > 0 {
			values[key.Name] = bruteValue{texts: key.Values, multi: key.Multivalued}
		}
	}
	return values
}

// confirm checks that both evaluators allow the witness by one access, and not by the other one. A nil access allows
// nothing.
func confirm(t testing.TB, w *analysis.Witness, by, not *access) error {
	t.Helper()
	if w == nil {
		return fmt.Errorf("a fail without a witness")
	}
	values := valuesOf(w)
	rebuilt := w.Request
	rebuilt.Context = contextOf(t, values)
	complete := w.Request // with the keys that follow from the principal
	complete.Context = contextOf(t, values)
	complete.Context.SetPrincipal(w.Request.Principal)
	for key, value := range w.Request.Principal.Keys() {
		for name, has := range values {
			if strings.EqualFold(name, key) && (has.multi || has.texts[0] != value) {
				return fmt.Errorf("the witness has %s %q, but its principal is %s", name, has.texts, w.Request.Principal)
			}
		}
	}
	for _, tc := range []struct {
		of   *access
		want bool
	}{{by, true}, {not, false}} {
		if tc.of == nil {
			continue
		}
		if got := tc.of.allows(&w.Request); got != tc.want {
			return fmt.Errorf("the witness is allowed: %v, want %v: %s", got, tc.want, describe(&w.Request, values))
		}
		if got := tc.of.allows(&rebuilt); got != tc.want {
			return fmt.Errorf("the request with only the witness's keys is allowed: %v, want %v: %s", got, tc.want,
				describe(&rebuilt, values))
		}
		if got := tc.of.allows(&complete); got != tc.want {
			return fmt.Errorf("the witness with the keys of its principal is allowed: %v, want %v: %s", got, tc.want,
				describe(&rebuilt, values))
		}
		if tc.of.beyondReference {
			continue
		}
		if got := tc.of.referenceAllows(t, &rebuilt, values); got != tc.want {
			return fmt.Errorf("the reference allows the witness: %v, want %v: %s", got, tc.want,
				describe(&rebuilt, values))
		}
	}
	return nil
}
