package authz

import (
	"fmt"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

func TestWitness_NamesContextKeys(t *testing.T) {
	allowIf := func(conditions string) string {
		return `{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + conditions + `}`
	}
	denyIf := func(conditions string) string { return strings.Replace(allowIf(conditions), "Allow", "Deny", 1) }
	for _, test := range []struct {
		name, context string
		statements    []string
		want          string // the keys; "-" if there is no witness
	}{
		{"allowed anyway", "", []string{allowAll}, ""},
		{"never allowed", "", []string{denyAll}, "-"},
		{"bool", "", []string{allowIf(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)},
			`aws:MultiFactorAuthPresent is "true"`},
		{"key as written", "", []string{allowIf(`{"Bool":{"AWS:MultifactorAuthPresent":"true"}}`)},
			`AWS:MultifactorAuthPresent is "true"`},
		{"two keys", "", []string{allowIf(`{"Bool":{"k":"true"},"StringEquals":{"l":["x","y"]}}`)},
			`k is "true" and l is "x"`},
		{"needless key", "", []string{allowIf(`{"StringEquals":{"l":"x"},"BoolIfExists":{"k":"true"}}`)}, `l is "x"`},
		{"absence suffices", "", []string{allowIf(`{"StringNotEquals":{"k":"x"}}`)}, ""},
		{"negated with presence", "", []string{allowIf(`{"StringNotEquals":{"k":"x"},"Null":{"k":"false"}}`)},
			`k is "value"`},
		{"pattern", "", []string{allowIf(`{"StringLike":{"s3:prefix":"home/*"}}`)}, `s3:prefix is "home/"`},
		{"address", "", []string{allowIf(`{"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}}`)}, `aws:SourceIp is "10.1.0.0"`},
		{"not an address", "",
			[]string{allowIf(`{"NotIpAddress":{"aws:SourceIp":"0.0.0.0/1"},"Null":{"aws:SourceIp":"false"}}`)},
			`aws:SourceIp is "::"`},
		{"number", "", []string{allowIf(`{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}`)},
			`aws:MultiFactorAuthAge is "3599"`},
		{"date", "", []string{allowIf(`{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}`)},
			`aws:CurrentTime is "2026-01-01T00:00:01Z"`},
		{"list", "", []string{allowIf(`{"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}}`)}, `aws:TagKeys is "a"`},
		{"deny without the key", "", []string{allowAll, denyIf(`{"Null":{"aws:SourceVpc":"true"}}`)},
			`aws:SourceVpc is "value"`},
		{"deny of a value", "", []string{allowIf(`{"Null":{"k":"false"}}`), denyIf(`{"StringEquals":{"k":"value"}}`)},
			`k is "other"`},
		{"given key", `{"k":"true"}`, []string{allowIf(`{"Bool":{"k":"true","l":"false"}}`)}, `l is "false"`},
		{"contradicted key", `{"k":"false"}`, []string{allowIf(`{"Bool":{"k":"true"}}`)}, "-"},
		{"variable", "", []string{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:SourceVpc}"}`},
			`aws:sourcevpc is "k"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, statements(test.statements...))}
			r := request(t, bob, test.context)
			keys, with, ok := p.Witness(r)
			var texts []string
			for _, k := range keys {
				texts = append(texts, k.String())
			}
			got := strings.Join(texts, " and ")
			if !ok {
				got = "-"
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if ok && p.Decide(&with) != Allowed {
				t.Error("the request is not allowed with these keys")
			}
		})
	}
}

func TestCouldAllow_ChoosesWithinSet(t *testing.T) {
	within := pattern.Set{
		Required: []pattern.Term{{Pattern: pattern.Glob("AROA:*")}},
		Excluded: []pattern.Term{{Pattern: pattern.Glob("*:admin")}},
	}
	for _, test := range []struct {
		condition string
		possible  Possibility
		outcome   Outcome
	}{
		{`{"StringLike":{"k":"AROA:*"}}`, Possible, Allowed},
		{`{"StringLike":{"k":"AROA:ops*"}}`, Possible, Undecided},
		{`{"StringLike":{"k":"*:admin"}}`, Never, ImplicitlyDenied},
		{`{"StringLike":{"k":"AROB:*"}}`, Never, ImplicitlyDenied},
		{`{"StringNotLike":{"k":"AROA:*"}}`, Never, ImplicitlyDenied},
		{`{"StringEqualsIgnoreCase":{"k":"aroa"}}`, Never, ImplicitlyDenied},
		{`{"StringEqualsIgnoreCase":{"k":"AROA:X"}}`, Possible, Undecided},
		{`{"Null":{"k":"true"}}`, Never, ImplicitlyDenied},
		{`{"NumericEquals":{"k":"1"}}`, Never, ImplicitlyDenied},
		{`{"ForAnyValue:StringLike":{"k":"AROA:ops"}}`, Possible, Undecided},
	} {
		p := Policies{Identity: layerOf(t, Identity, statements(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+
			test.condition+`}`))}
		r := request(t, bob, "")
		if err := r.Context.SetChoice("k", within); err != nil {
			t.Fatal(err)
		}
		if got := p.CouldAllow(r); got != test.possible {
			t.Errorf("%s: CouldAllow answers %d, want %d", test.condition, got, test.possible)
		}
		if got := p.Decide(r); got != test.outcome {
			t.Errorf("%s: Decide answers %s, want %s", test.condition, got, test.outcome)
		}
	}
}

func TestCouldAllow_LeavesClosedKeysAbsent(t *testing.T) {
	for key, want := range map[string]Possibility{"aws:PrincipalTag/team": Never, "aws:RequestTag/team": Possible} {
		p := Policies{Identity: layerOf(t, Identity, statements(
			fmt.Sprintf(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{%q:"false"}}}`, key)))}
		r := request(t, bob, "")
		r.Context.SetAbsentBelow("aws:PrincipalTag/")
		if got := p.CouldAllow(r); got != want {
			t.Errorf("%s: got %d, want %d", key, got, want)
		}
	}
}
