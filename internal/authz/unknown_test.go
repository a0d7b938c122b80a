package authz

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// unknownText is the text that withUnknown replaces by an unknown value.
const unknownText = "UNKNOWN"

// withUnknown parses a policy and replaces every string "UNKNOWN" by an unknown value.
func withUnknown(t testing.TB, text string) *policy.Document {
	t.Helper()
	node, err := policy.ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var blank func(n *tree.Node)
	blank = func(n *tree.Node) {
		if n.Kind == tree.String && n.Text == unknownText {
			*n = tree.Node{Kind: tree.Unknown, Pos: n.Pos}
		}
		for i := range n.Elements {
			blank(&n.Elements[i])
		}
		for i := range n.Members {
			blank(&n.Members[i].Value)
		}
	}
	blank(&node)
	doc, err := policy.Decode(node)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func unknownLayer(t testing.TB, kind LayerKind, text string) *Layer {
	t.Helper()
	l, err := CompileLayer(kind, []Policy{{"p", withUnknown(t, text)}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestDecide_UnknownTexts(t *testing.T) {
	tests := []struct {
		name       string
		statements []string
		context    string
		want       Outcome
	}{
		{"unknown resource", []string{`{"Effect":"Allow","Action":"s3:*","Resource":"UNKNOWN"}`}, "", Undecided},
		{"unknown resource of another action", []string{`{"Effect":"Allow","Action":"ec2:*","Resource":"UNKNOWN"}`}, "",
			ImplicitlyDenied},
		{"unknown resource beside one that matches",
			[]string{`{"Effect":"Allow","Action":"s3:*","Resource":["UNKNOWN","*"]}`}, "", Allowed},
		{"unknown NotResource", []string{`{"Effect":"Allow","Action":"s3:*","NotResource":["UNKNOWN"]}`}, "", Undecided},
		{"unknown NotResource beside one that matches",
			[]string{`{"Effect":"Allow","Action":"s3:*","NotResource":["UNKNOWN","*"]}`}, "", ImplicitlyDenied},
		{"unknown action", []string{`{"Effect":"Allow","Action":["UNKNOWN"],"Resource":"*"}`}, "", Undecided},
		{"unknown deny over a certain allow", []string{allowAll, `{"Effect":"Deny","Action":"s3:*","Resource":"UNKNOWN"}`},
			"", Undecided},
		{"unknown deny without an allow", []string{`{"Effect":"Deny","Action":"s3:*","Resource":"UNKNOWN"}`}, "", Denied},
		{"certain deny over an unknown allow", []string{denyAll, `{"Effect":"Allow","Action":"s3:*","Resource":"UNKNOWN"}`},
			"", ExplicitlyDenied},
		{"unknown effect", []string{`{"Effect":"UNKNOWN","Action":"*","Resource":"*"}`}, "", Undecided},
		{"unknown effect of a statement that does not match",
			[]string{allowAll, `{"Effect":"UNKNOWN","Action":"ec2:*","Resource":"*"}`}, "", Allowed},
		{"unknown value of a positive operator, key absent", []string{`{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:k":"UNKNOWN"}}}`}, "", ImplicitlyDenied},
		{"unknown value of a positive operator, key present", []string{`{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:k":"UNKNOWN"}}}`}, `{"aws:k":"v"}`, Undecided},
		{"unknown value of a negated operator, key absent", []string{`{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"StringNotEquals":{"aws:k":"UNKNOWN"}}}`}, "", Allowed},
		{"unknown value beside one that matches", []string{`{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"StringLike":{"aws:k":["UNKNOWN","v*"]}}}`}, `{"aws:k":"v1"}`, Allowed},
		{"unknown value beside one that a negated operator matches",
			[]string{`{"Effect":"Allow","Action":"*","Resource":"*",` +
				`"Condition":{"StringNotLike":{"aws:k":["UNKNOWN","v*"]}}}`}, `{"aws:k":"v1"}`, ImplicitlyDenied},
		{"unknown number, request without a number", []string{`{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"NumericEquals":{"aws:k":"UNKNOWN"}}}`}, `{"aws:k":"v"}`, ImplicitlyDenied},
		{"unknown Condition", []string{`{"Effect":"Allow","Action":"*","Resource":"*","Condition":"UNKNOWN"}`}, "",
			Undecided},
		{"unknown keys of an operator",
			[]string{`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":"UNKNOWN"}}`}, "", Undecided},
		{"unknown statement", []string{allowAll, `"UNKNOWN"`}, "", Undecided},
		{"unknown list of actions", []string{`{"Effect":"Allow","Action":"UNKNOWN","Resource":"*"}`}, "", Undecided},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: unknownLayer(t, Identity, statements(test.statements...))}
			r := request(t, bob, test.context)
			if got := p.Decide(r); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			d := p.Explain(r)
			if d.Outcome != test.want || (d.Outcome == Undecided) != (len(d.DependsOn) > 0) {
				t.Errorf("explained as %s, depending on %q", d.Outcome, d.DependsOn)
			}
		})
	}
}

func TestDecide_UnknownVersion(t *testing.T) {
	text := func(resource string) string {
		return `{"Version":"UNKNOWN","Statement":{"Effect":"Allow","Action":"*","Resource":"` + resource + `"}}`
	}
	for resource, want := range map[string]Outcome{"arn:aws:s3:::bkt/*": Allowed,
		"arn:aws:s3:::${aws:username}/k": Undecided} {
		p := Policies{Identity: unknownLayer(t, Identity, text(resource))}
		if got := p.Decide(request(t, bob, `{"aws:username":"bkt"}`)); got != want {
			t.Errorf("%s: %s, want %s", resource, got, want)
		}
	}
}

func TestDecide_UnknownPrincipalElement(t *testing.T) {
	text := statements(`{"Effect":"Allow","Principal":{"AWS":"UNKNOWN"},"Action":"s3:*","Resource":"*"}`)
	p := Policies{ResourcePolicy: unknownLayer(t, ResourcePolicy, text)}
	if got := p.Decide(request(t, bob, "")); got != Undecided {
		t.Errorf("grant to an unknown principal: %s", got)
	}
	p.Identity = layerOf(t, Identity, statements(allowAll))
	if got := p.Decide(request(t, bob, "")); got != Allowed {
		t.Errorf("beside an identity policy that allows: %s", got)
	}
}

func TestDecide_UnknownDocument(t *testing.T) {
	l, err := CompileLayer(Identity, []Policy{{"p", &policy.Document{Unknown: true}}})
	if err != nil {
		t.Fatal(err)
	}
	p := Policies{Identity: l}
	if got := p.Decide(request(t, bob, "")); got != Undecided {
		t.Errorf("unknown document: %s", got)
	}
	p.ServiceControl = []*Layer{layerOf(t, ServiceControl, statements(denyAll))}
	if got := p.Decide(request(t, bob, "")); got != ExplicitlyDenied {
		t.Errorf("with a service control policy that denies: %s", got)
	}
}

// TestDecide_UnknownKeyAcrossStatements has cases in which several statements test the same unknown
// value. The answer may be definite, although the verdict of each statement is not.
func TestDecide_UnknownKeyAcrossStatements(t *testing.T) {
	condition := func(effect, block string) string {
		return `{"Effect":"` + effect + `","Action":"*","Resource":"*","Condition":` + block + `}`
	}
	tests := []struct {
		name       string
		statements []string
		want       Outcome
	}{
		{"allowed either way",
			[]string{condition("Allow", `{"StringEquals":{"k":"a"}}`), condition("Allow", `{"StringNotEquals":{"k":"a"}}`)},
			Allowed},
		{"every pattern covered",
			[]string{condition("Allow", `{"StringLike":{"k":"a*"}}`), condition("Allow", `{"StringNotLike":{"k":"a?*"}}`)},
			Allowed},
		{"not every pattern covered",
			[]string{condition("Allow", `{"StringLike":{"k":"a?*"}}`), condition("Allow", `{"StringNotLike":{"k":"a*"}}`)},
			Undecided},
		{"contradictory condition", []string{condition("Allow", `{"StringEquals":{"k":"a"},"StringNotEquals":{"k":"a"}}`)},
			ImplicitlyDenied},
		{"allowed where denied",
			[]string{condition("Allow", `{"StringEquals":{"k":"a"}}`), condition("Deny", `{"StringLike":{"k":"a*"}}`)}, Denied},
		{"number range within a denied one",
			[]string{condition("Allow", `{"NumericLessThan":{"k":"10"}}`),
				condition("Deny", `{"NumericLessThan":{"k":"10.5"}}`)}, Denied},
		{"number range beyond a denied one",
			[]string{condition("Allow", `{"NumericLessThan":{"k":"10.5"}}`),
				condition("Deny", `{"NumericLessThan":{"k":"10"}}`)}, Undecided},
		{"address range within a denied one",
			[]string{condition("Allow", `{"IpAddress":{"k":"10.1.0.0/16"}}`),
				condition("Deny", `{"IpAddress":{"k":"10.0.0.0/8"}}`)}, Denied},
		{"contradictory dates",
			[]string{condition("Allow", `{"DateLessThan":{"k":"2024-01-01"},"DateGreaterThan":{"k":"2024-01-01"}}`)},
			ImplicitlyDenied},
		{"boolean that may be neither",
			[]string{condition("Allow", `{"Bool":{"k":"true"}}`), condition("Allow", `{"Bool":{"k":"false"}}`)}, Undecided},
		{"denied either way",
			[]string{condition("Deny", `{"StringEquals":{"k":"a"}}`), condition("Deny", `{"StringNotEquals":{"k":"a"}}`)},
			ExplicitlyDenied},
		{"set that would be empty and not empty",
			[]string{condition("Allow", `{"ForAllValues:StringEquals":{"k":"a"},"ForAnyValue:StringNotEquals":{"k":"a"}}`)},
			ImplicitlyDenied},
		{"IfExists with an unknown value", []string{condition("Allow", `{"StringEqualsIfExists":{"k":"a"}}`)}, Undecided},
		{"value that may not be an ARN",
			[]string{condition("Allow", `{"ArnLike":{"k":"arn:aws:s3:::a*"}}`),
				condition("Allow", `{"ArnNotLike":{"k":"arn:aws:s3:::a*"}}`)}, Undecided},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, statements(test.statements...))}
			r := request(t, bob, `{"K":null}`)
			if got := p.Decide(r); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			checkConsistent(t, &p, r)
		})
	}
}

func TestDecide_UnknownActionAndResource(t *testing.T) {
	some := `{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::bkt/*"}`
	others := `{"Effect":"Allow","NotAction":"s3:Get*","Resource":"*"}`
	elsewhere := `{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::bkt/*"}`
	tests := []struct {
		name             string
		action, resource bool
		statements       []string
		want             Outcome
	}{
		{"unknown action, some allowed", true, false, []string{some}, Undecided},
		{"unknown action, all allowed", true, false, []string{some, others}, Allowed},
		{"unknown resource, some allowed", false, true, []string{some}, Undecided},
		{"unknown resource, all allowed", false, true, []string{some, elsewhere}, Allowed},
		{"both unknown, all allowed", true, true, []string{some, others, elsewhere}, Allowed},
		{"both unknown, none allowed", true, true, []string{denyAll}, Undecided}, // GetCallerIdentity cannot be denied
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, statements(test.statements...))}
			r := request(t, "", "")
			r.Unknown.Action, r.Unknown.Resource = test.action, test.resource
			if got := p.Decide(r); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestDecide_UnknownResourceAccount(t *testing.T) {
	r := request(t, bob, "")
	r.ResourceAccount, r.Unknown.ResourceAccount = "", true
	identity := layerOf(t, Identity, statements(allowAll))
	p := Policies{Identity: identity}
	if got := p.Decide(r); got != Undecided {
		t.Errorf("without a resource policy: %s", got)
	}
	p.ResourcePolicy = layerOf(t, ResourcePolicy,
		statements(`{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"*","Resource":"*"}`))
	if got := p.Decide(r); got != Allowed {
		t.Errorf("with a resource policy that allows: %s", got)
	}
	if got := (&Policies{}).Decide(r); got != ImplicitlyDenied {
		t.Errorf("with nothing: %s", got)
	}
}

func TestDecide_UnknownAccountMayBeManagementAccount(t *testing.T) {
	r := request(t, bob, "")
	r.ResourceAccount, r.Unknown.ResourceAccount, r.ManagementAccount = "", true, "999999999999"
	p := Policies{
		Identity: layerOf(t, Identity, statements(allowAll)),
		ResourcePolicy: layerOf(t, ResourcePolicy,
			statements(`{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"*","Resource":"*"}`)),
		ResourceControl: []*Layer{layerOf(t, ResourceControl,
			statements(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`))},
	}
	if got := p.Decide(r); got != Undecided {
		t.Errorf("%s", got)
	}
	r.ManagementAccount = ""
	if got := p.Decide(r); got != ExplicitlyDenied {
		t.Errorf("without a management account: %s", got)
	}
}

func TestDecide_UnknownPrincipal(t *testing.T) {
	r := request(t, bob, "")
	r.Unknown.Principal = true
	p := Policies{Identity: layerOf(t, Identity, statements(allowAll))}
	if got := p.Decide(r); got != Undecided {
		t.Errorf("%s", got)
	}
	p.Identity = layerOf(t, Identity, statements(denyAll)) // if the principal is a service, the policy does not apply
	if got := p.Decide(r); got != Undecided {
		t.Errorf("with an identity policy that denies: %s", got)
	}
	p.ResourcePolicy = layerOf(t, ResourcePolicy,
		statements(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`))
	if got := p.Decide(r); got != ExplicitlyDenied {
		t.Errorf("with a deny for everyone: %s", got)
	}
}

func TestCouldAllow(t *testing.T) {
	condition := func(effect, block string) string {
		return `{"Effect":"` + effect + `","Action":"*","Resource":"*","Condition":` + block + `}`
	}
	tests := []struct {
		name       string
		statements []string
		context    string
		want       Possibility
	}{
		{"plain grant", []string{allowAll}, "", Possible},
		{"no grant", []string{`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`}, "", Never},
		{"conditional grant", []string{condition("Allow", `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)}, "", Possible},
		{"conditional grant, other value given",
			[]string{condition("Allow", `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)},
			`{"aws:MultiFactorAuthPresent":"false"}`, Never},
		{"contradictory conditions", []string{condition("Allow", `{"StringEquals":{"k":"a"},"StringLike":{"k":"b*"}}`)},
			"", Never},
		{"deny that covers the grant",
			[]string{condition("Allow", `{"StringEquals":{"k":"ab"}}`), condition("Deny", `{"StringLike":{"k":"a*"}}`)},
			"", Never},
		{"deny that leaves a gap",
			[]string{condition("Allow", `{"StringLike":{"k":"a*"}}`), condition("Deny", `{"StringLike":{"k":"a?*"}}`)}, "",
			Possible},
		{"deny unless a key has a value",
			[]string{allowAll, condition("Deny", `{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}`)}, "", Possible},
		{"deny without MFA", []string{allowAll, condition("Deny", `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`)},
			"", Possible},
		{"key required to be present and absent",
			[]string{condition("Allow", `{"Null":{"k":"true"},"StringLike":{"k":"?*"}}`)}, "", Never},
		{"key required to be absent",
			[]string{condition("Allow", `{"StringEqualsIfExists":{"k":"a"}}`), condition("Deny", `{"Null":{"k":"false"}}`)}, "",
			Possible},
		{"contradictory sets",
			[]string{condition("Allow", `{"ForAllValues:StringEquals":{"k":["a","b"]},"ForAnyValue:StringEquals":{"k":["c"]}}`)},
			"", Never},
		{"set of two values",
			[]string{condition("Allow", `{"ForAnyValue:StringEquals":{"k":"a"}}`),
				condition("Deny", `{"ForAllValues:StringEquals":{"k":"a"}}`)}, "", Possible},
		{"variable with a value that fits the resource",
			[]string{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:PrincipalTag/bucket}/k"}`}, "", Possible},
		{"variable with no value that fits the resource",
			[]string{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x${aws:username}"}`}, "", Never},
		{"one operator that ignores case",
			[]string{condition("Allow", `{"StringEquals":{"k":"A"},"StringEqualsIgnoreCase":{"k":"a"}}`)}, "", Possible},
		{"two keys",
			[]string{condition("Allow", `{"StringEquals":{"k":"a","l":"b"}}`),
				condition("Deny", `{"StringEquals":{"k":"a"},"StringNotEquals":{"l":"c"}}`)}, "", Never},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, statements(test.statements...))}
			if got := p.CouldAllow(request(t, bob, test.context)); got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
		})
	}
}

func TestCouldAllow_UnknownTexts(t *testing.T) {
	tests := []struct {
		name string
		text string
		want Possibility
	}{
		{"unknown resource",
			statements(`{"Effect":"Allow","Action":"*","Resource":"UNKNOWN","Condition":{"Bool":{"k":"true"}}}`), Unclear},
		{"known conditional grant beside an unknown one", statements(`{"Effect":"Allow","Action":"*",` +
			`"Resource":["UNKNOWN","*"],"Condition":{"Bool":{"k":"true"}}}`), Possible},
		{"unknown resource of another action", statements(`{"Effect":"Allow","Action":"ec2:*","Resource":"UNKNOWN"}`), Never},
		{"unknown deny", statements(allowAll, `{"Effect":"Deny","Action":"*","Resource":"UNKNOWN"}`), Unclear},
		{"unknown deny with a condition",
			statements(allowAll, `{"Effect":"Deny","Action":"*","Resource":"UNKNOWN","Condition":{"Bool":{"k":"true"}}}`),
			Possible},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: unknownLayer(t, Identity, test.text)}
			if got := p.CouldAllow(request(t, bob, "")); got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
		})
	}
}

// TestSearch_IsBounded has a hostile policy that would make the search very long. The search must stop
// and return an answer that claims nothing.
func TestSearch_IsBounded(t *testing.T) {
	var list []string
	for i := range 40 {
		key := "k" + strings.Repeat("x", i)
		list = append(list,
			`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"`+key+
				`":["*a*b*c*","*c*b*a*","a*b*c*d*e*"]},"StringNotLike":{"`+key+`z":"*q*r*s*"}}}`)
	}
	list = append(list, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"never":"${kx}"}}}`)
	p := Policies{Identity: layerOf(t, Identity, statements(list...))}
	if got := p.CouldAllow(request(t, bob, "")); got != Possible {
		t.Errorf("%d", got)
	}
	context := `{"never":"a"`
	for i := range 40 {
		context += `,"k` + strings.Repeat("x", i) + `":null`
	}
	if got := p.Decide(request(t, bob, context+"}")); got != Undecided {
		t.Errorf("%s", got)
	}
}
