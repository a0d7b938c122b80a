package authz

import (
	"strings"
	"testing"
)

func TestExplain_FixedAnswers(t *testing.T) {
	root := "arn:aws:iam::123456789012:root"
	all, none := statements(allowAll), statements(denyAll)
	for _, test := range []struct {
		name, principal, action, identity string
		outcome                           Outcome
		reason                            string
	}{
		{"GetCallerIdentity", bob, "sts:GetCallerIdentity", none, Allowed,
			"Allowed: sts:GetCallerIdentity needs no permission, and no policy can deny it."},
		{"anonymous GetCallerIdentity", "anonymous", "sts:GetCallerIdentity", all, ImplicitlyDenied,
			"Implicitly denied: sts:GetCallerIdentity needs a signed request, and an anonymous caller cannot sign one."},
		{"GetSessionToken", bob, "sts:getsessiontoken", none, Allowed,
			"Allowed: sts:GetSessionToken needs no permission, and no policy can deny it."},
		{"GetSessionToken in a session", session, "sts:GetSessionToken", all, ImplicitlyDenied,
			"Implicitly denied: sts:GetSessionToken needs the access key of a user or of the root user."},
		{"AssumeRole by the root user", root, "sts:AssumeRole", all, ImplicitlyDenied,
			"Implicitly denied: the root user cannot assume a role."},
		{"TagSession by the root user", root, "sts:TagSession", all, Allowed,
			"Allowed: the root user has full access to its account."},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, test.identity)}
			r := request(t, test.principal, "")
			r.Action = MustAction(test.action)
			d := p.Explain(r)
			if d.Outcome != test.outcome || d.Reason != test.reason || d.NearestMiss != nil {
				t.Errorf("got %s, %q, nearest miss %v", d.Outcome, d.Reason, d.NearestMiss)
			}
		})
	}
}

// TestDecide_FixedAnswersOfUnknownRequests checks that an answer that depends on the unknown action or principal is
// Unknown.
func TestDecide_FixedAnswersOfUnknownRequests(t *testing.T) {
	all, none := statements(allowAll), statements(denyAll)
	for _, test := range []struct {
		name, principal, action, identity string
		unknown                           Unknown
		want                              Outcome
	}{
		{"a user and any action, allowed", bob, "x:y", all, Unknown{Action: true}, Allowed},
		{"a user and any action, denied", bob, "x:y", none, Unknown{Action: true}, Undecided},
		{"a session and any action", session, "x:y", all, Unknown{Action: true}, Undecided},
		{"the root user and any action", "arn:aws:iam::123456789012:root", "x:y", all, Unknown{Action: true}, Undecided},
		{"anyone and GetCallerIdentity", bob, "sts:GetCallerIdentity", all, Unknown{Principal: true}, Undecided},
		{"anyone and GetSessionToken", bob, "sts:GetSessionToken", all, Unknown{Principal: true}, Undecided},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, test.identity)}
			r := request(t, test.principal, "")
			r.Action, r.Unknown = MustAction(test.action), test.unknown
			if got := p.Decide(r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestExplain_NotesMissingPolicy(t *testing.T) {
	const (
		role = "arn:aws:iam::123456789012:role/app"
		key  = "arn:aws:kms:eu-west-1:123456789012:key/1"
	)
	trust := layerOf(t, ResourcePolicy,
		statements(`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`))
	for _, test := range []struct {
		name, action, resource, account string
		policy                          *Layer
		identity                        string
		note                            string
	}{
		{"a role", "sts:AssumeRole", role, "", nil, allowAll, "ignores the trust policy of " + role + ","},
		{"a role, not allowed", "sts:AssumeRole", role, "", nil, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`,
			"ignores the trust policy of " + role + ","},
		{"some role", "sts:TagSession", "*", "", nil, allowAll, "ignores the trust policy of the role,"},
		{"a role that is denied", "sts:AssumeRole", role, "", nil, denyAll, ""},
		{"a role with its trust policy", "sts:AssumeRole", role, "", trust, allowAll, ""},
		{"a role of another account", "sts:AssumeRole", role, "111122223333", nil, allowAll, ""},
		{"a key", "kms:Decrypt", key, "", nil, allowAll, "ignores the key policy of " + key + ","},
		{"a call without a key", "kms:ListKeys", "*", "", nil, allowAll, ""},
		{"another action", "s3:GetObject", object, "", nil, allowAll, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, statements(test.identity)), ResourcePolicy: test.policy}
			r := request(t, bob, "")
			r.Action, r.Resource, r.ResourceAccount = MustAction(test.action), test.resource, test.account
			notes := p.Explain(r).Notes
			if got := strings.Join(notes, " "); !strings.Contains(got, test.note) || (got == "") != (test.note == "") {
				t.Errorf("got notes %q, want %q", notes, test.note)
			}
		})
	}
}
