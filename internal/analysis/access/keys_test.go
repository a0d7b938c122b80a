package access

import "testing"

// A key belongs to the requests of a chain of roles by its name.
func TestKeys_StepsOfChain(t *testing.T) {
	for _, test := range []struct {
		name, value           string
		first, later, session bool
	}{
		{"aws:SourceIp", "192.0.2.1", true, true, true},
		{"aws:PrincipalTag/team", "a", true, false, false},
		{"accounts.example.com:sub", "a", true, false, false},
		{"SAML:aud", "a", true, false, false},
		{"aws:MultiFactorAuthPresent", "true", true, false, false},
		{"aws:MultiFactorAuthPresent", "false", true, true, true},
		{"s3:prefix", "a", false, false, true},
	} {
		keys := []Key{{Name: test.name, Values: []string{test.value}}}
		first, later, session := len(FirstStepKeys(keys)) == 1, len(LaterStepKeys(keys)) == 1, len(SessionKeys(keys)) == 1
		if first != test.first || later != test.later || session != test.session {
			t.Errorf("%s: first step %v, later steps %v, session %v", test.name, first, later, session)
		}
	}
}
