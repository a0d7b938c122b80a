package review

import (
	"strings"
	"testing"
	"time"
)

func TestReadRules_RefusesMistakes(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no object", "- 1\n", "the rules: expected an object"},
		{"unknown field", "check: {}\n", `unknown field "check"`},
		{"unknown check", "checks: {new_acces: error}\n", `unknown check "new_acces"`},
		{"severity", "checks: {new_access: fatal}\n", "must be error, warning, note or off"},
		{"acceptance without a reason", "accept: [{id: a, expires: 2027-01-31}]\n", "needs an id, a reason and the date"},
		{"acceptance without an end", "accept: [{id: a, reason: b}]\n", "needs an id, a reason and the date"},
		{"date", "accept: [{id: a, reason: b, expires: soon}]\n", `expires is "soon"`},
		{"id twice", "accept: [{id: a, reason: b, expires: 2027-01-31}, {id: a, reason: c, expires: 2027-01-31}]\n",
			"is accepted twice"},
		{"field of an acceptance", "accept: [{id: a, until: b}]\n", `unknown field "until"`},
		{"no YAML", "a: [", "1:"},
		{"two documents", "checks: {}\n---\nchecks: {}\n", "expected one object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadRules("rules.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got the error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestReadRules_Severities(t *testing.T) {
	rules, err := ReadRules("rules.yaml",
		[]byte("checks:\n  new_access: warning\n  public_trust: off\n  admin_grant: \"off\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for check, want := range map[string]Severity{"new_access": Warning, "public_trust": Off, "admin_grant": Off,
		"privilege_escalation": Error} {
		if got := rules.severity(check); got != want {
			t.Errorf("the severity of %s is %s, want %s", check, got, want)
		}
	}
}

// An acceptance counts until its last day is over in every time zone.
func TestAcceptance_Expires(t *testing.T) {
	a := Acceptance{ID: "a", Reason: "b", Expires: "2027-01-31"}
	for at, want := range map[string]bool{"2027-01-31T23:59:00Z": false, "2027-02-01T11:59:00Z": false,
		"2027-02-01T12:01:00Z": true} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.expired(now); got != want {
			t.Errorf("at %s expired is %t, want %t", at, got, want)
		}
	}
}

func FuzzReadRules(f *testing.F) {
	f.Add([]byte("checks: {new_access: warning}\naccept:\n- {id: a, reason: b, expires: 2027-01-31}\n"))
	f.Add([]byte(`{"accept": null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		rules, err := ReadRules("rules.yaml", text)
		if err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
		for _, a := range rules.accepted {
			if err == nil && (a.ID == "" || a.Reason == "" || a.Expires == "") {
				t.Fatalf("an incomplete acceptance %+v", a)
			}
		}
	})
}
