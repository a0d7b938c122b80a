package authz

import "testing"

// TestDecide_StaysUnknownWhileValuesDiffer has cases whose answer depends on the unknown values. Each is
// a former bug: the answer was definite, and wrong for some value.
func TestDecide_StaysUnknownWhileValuesDiffer(t *testing.T) {
	condition := func(effect, block string) string {
		return `{"Effect":"` + effect + `","Action":"*","Resource":"*","Condition":` + block + `}`
	}
	all := layerOf(t, Identity, statements(allowAll))
	unknownResource := func(r *Request) {
		r.Unknown.Resource, r.ResourceAccount, r.ManagementAccount = true, "", "123456789012"
	}
	tests := []struct {
		name     string
		policies Policies
		who      string
		context  string
		change   func(*Request)
	}{
		{"action that may need the resource's policy",
			Policies{Identity: all,
				ResourcePolicy: layerOf(t, ResourcePolicy,
					statements(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}`))},
			bob, "", func(r *Request) { r.Unknown.Action = true }},
		{"resource that may not belong to the management account",
			Policies{
				Identity: all,
				ResourcePolicy: layerOf(t, ResourcePolicy,
					statements(`{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"*","Resource":"*"}`)),
				ResourceControl: []*Layer{layerOf(t, ResourceControl,
					statements(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`))},
			}, bob, "", unknownResource},
		{"unnamed principal that may belong to the management account",
			Policies{Identity: all, ServiceControl: []*Layer{layerOf(t, ServiceControl, statements(denyAll))}}, "", "",
			unknownResource},
		{"variable with more values than those tried",
			Policies{Identity: layerOf(t, Identity,
				statements(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${k}"}`))},
			bob, `{"k":null}`, func(r *Request) { r.Resource = "arn:aws:s3:::bkt/value" }},
		{"epoch milliseconds, which are seconds of a distant year",
			Policies{Identity: layerOf(t, Identity, statements(condition("Allow", `{"DateLessThan":{"k":"1700000000000"}}`)))},
			bob, `{"k":null}`, nil},
		{"date after the year 9999",
			Policies{Identity: layerOf(t, Identity, statements(condition("Allow", `{"DateGreaterThan":{"k":"300000000000"}}`)))},
			bob, `{"k":null}`, nil},
		{"date before the year 0",
			Policies{Identity: layerOf(t, Identity, statements(condition("Allow", `{"DateLessThan":{"k":"0000"}}`)))}, bob,
			`{"k":null}`, nil},
		{"instant of the year 10000 in another time zone",
			Policies{Identity: layerOf(t, Identity,
				statements(condition("Allow", `{"DateGreaterThan":{"k":"9999-12-31T23:59:59.999999998Z"},`+
					`"DateLessThan":{"k":"9999-12-31T23:59:59.5-00:01"}}`)))}, bob, `{"k":null}`, nil},
		{"variable under an operator that ignores case",
			Policies{Identity: layerOf(t, Identity,
				statements(condition("Allow", `{"StringEqualsIgnoreCase":{"d":"X-${k}"}}`)))}, bob, `{"k":null,"d":"x-abc"}`, nil},
		{"boolean variable in another case",
			Policies{Identity: layerOf(t, Identity,
				statements(condition("Allow", `{"Bool":{"d":"${k}"}}`), condition("Deny", `{"StringEquals":{"d":"${k}"}}`)))}, bob,
			`{"k":null,"d":"true"}`, nil},
		{"key that may have a list",
			Policies{Identity: layerOf(t, Identity, statements(condition("Allow", `{"StringLike":{"k":"*"}}`)))}, bob,
			`{"k":null}`, nil},
		{"list that may be empty",
			Policies{Identity: layerOf(t, Identity,
				statements(condition("Allow", `{"Null":{"k":"true"},"StringEqualsIfExists":{"k":"a"}}`)))}, bob, `{"k":null}`, nil},
		{"empty text, absent for a set operator and no number for a plain one",
			Policies{Identity: layerOf(t, Identity, statements(
				condition("Allow", `{"ForAllValues:NumericLessThan":{"k":"1"}}`),
				condition("Deny", `{"NumericNotEqualsIfExists":{"k":"7"}}`)))}, bob, `{"k":null}`, nil},
		{"variable that may have no value",
			Policies{Identity: layerOf(t, Identity,
				statements(condition("Allow", `{"ArnNotEquals":{"d":"arn:aws:s3:::${k}"}}`)))}, bob,
			`{"k":null,"d":"no ARN"}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, test.who, test.context)
			if test.change != nil {
				test.change(r)
			}
			if got := test.policies.Decide(r); got != Undecided {
				t.Errorf("got %s, want Unknown", got)
			}
			checkConsistent(t, &test.policies, r)
			open := request(t, test.who, "")
			open.Context = NewContext()
			for key, v := range r.Context.values {
				if !v.unknown {
					open.Context = open.Context.with(key, v)
				}
			}
			if open.Resource = r.Resource; test.change == nil || len(r.Context.values) > 0 {
				if got := test.policies.CouldAllow(open); got != Possible {
					t.Errorf("CouldAllow answers %d, want Possible", got)
				}
			}
		})
	}
}

func TestSetUnknownValue_IsPresentAndSingle(t *testing.T) {
	p := Policies{Identity: layerOf(t, Identity,
		statements(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"k":"*"}}}`))}
	r := request(t, bob, "")
	if err := r.Context.SetUnknownValue("k"); err != nil {
		t.Fatal(err)
	}
	if got := p.Decide(r); got != Allowed {
		t.Errorf("got %s, want Allowed", got)
	}
}
