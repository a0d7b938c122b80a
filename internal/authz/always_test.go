package authz

import "testing"

func TestAlwaysAllows(t *testing.T) {
	mfa := func(effect, value string) string {
		return `{"Effect":"` + effect + `","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"` +
			value + `"}}}`
	}
	for _, test := range []struct {
		name       string
		statements []string
		want       bool
	}{
		{"allowed", []string{allowAll}, true},
		{"nothing allows", []string{mfa("Deny", "true")}, false},
		{"condition", []string{mfa("Allow", "true")}, false},
		{"conditional deny", []string{allowAll, mfa("Deny", "false")}, false},
		{"two statements for all values", []string{mfa("Allow", "true"), mfa("Allow", "false")}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, statements(test.statements...))}
			if got := p.AlwaysAllows(request(t, bob, "")); got != test.want {
				t.Errorf("AlwaysAllows is %v", got)
			}
		})
	}
}

func TestLimitChoice_OtherKeysAreAbsent(t *testing.T) {
	p := Policies{Identity: layerOf(t, Identity, statements(
		`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a"}}}`))}
	for limit, want := range map[string]Possibility{"aws:SourceIp": Never, "S3:": Possible} {
		r := request(t, bob, "")
		r.Context.LimitChoice(limit)
		if got := p.CouldAllow(r); got != want {
			t.Errorf("limited to %s: %v, want %v", limit, got, want)
		}
		if _, _, ok := p.Witness(r); ok != (want == Possible) {
			t.Errorf("limited to %s: witness %v", limit, ok)
		}
	}
}
