package authz

import "testing"

// TestParsePrincipal_LookAlikesDoNotMatch checks that a policy does not apply to a principal that only
// resembles the named principal.
func TestParsePrincipal_LookAlikesDoNotMatch(t *testing.T) {
	tests := []struct {
		name, listed, caller, id string
		want                     Outcome
	}{
		{"root of the account in another partition", `{"AWS":"arn:aws-cn:iam::111122223333:root"}`,
			"arn:aws:iam::111122223333:user/bob", "", ImplicitlyDenied},
		{"root of the account in the same partition", `{"AWS":"arn:aws-cn:iam::111122223333:root"}`,
			"arn:aws-cn:iam::111122223333:user/bob", "", Allowed},
		{"account by its id", `{"AWS":"111122223333"}`, "arn:aws-cn:iam::111122223333:user/bob", "", Allowed},
		{"role in another partition", `{"AWS":"arn:aws-cn:iam::111122223333:role/app"}`,
			"arn:aws:sts::111122223333:assumed-role/app/s", "", ImplicitlyDenied},
		{"role of another account", `{"AWS":"arn:aws:iam::123456789012:role/app"}`,
			"arn:aws:sts::111122223333:assumed-role/app/s", "", ImplicitlyDenied},
		{"session with the name of a role", `{"AWS":"arn:aws:iam::111122223333:role/admin"}`,
			"arn:aws:sts::111122223333:assumed-role/app/admin", "", ImplicitlyDenied},
		{"user with the name of a role", `{"AWS":"arn:aws:iam::111122223333:role/app"}`, "arn:aws:iam::111122223333:user/app",
			"", ImplicitlyDenied},
		{"federated user with the name of a user", `{"AWS":"arn:aws:iam::111122223333:user/bob"}`,
			"arn:aws:sts::111122223333:federated-user/bob", "", ImplicitlyDenied},
		{"user with another path", `{"AWS":"arn:aws:iam::111122223333:user/bob"}`, "arn:aws:iam::111122223333:user/x/bob", "",
			ImplicitlyDenied},
		{"session named like a role's unique id", `{"AWS":"AROAEXAMPLE1"}`, "arn:aws:sts::111122223333:assumed-role/app/s",
			"AROAEXAMPLE2:AROAEXAMPLE1", ImplicitlyDenied},
		{"unique id of a role", `{"AWS":"AROAEXAMPLE1"}`, "arn:aws:sts::111122223333:assumed-role/app/s", "AROAEXAMPLE1:s",
			Allowed},
		{"service listed as an identity provider", `{"Federated":"ec2.amazonaws.com"}`, "ec2.amazonaws.com", "",
			ImplicitlyDenied},
		{"identity provider listed as a service", `{"Service":"accounts.google.com"}`, "accounts.google.com", "",
			ImplicitlyDenied},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{
				Identity: layerOf(t, Identity, statements(allowAll)),
				ResourcePolicy: layerOf(t, ResourcePolicy,
					statements(`{"Effect":"Allow","Principal":`+test.listed+`,"Action":"*","Resource":"*"}`)),
			}
			r := request(t, test.caller, "")
			r.ResourceAccount, r.Principal.ID = "999999999999", test.id
			if got := p.Decide(r); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
	for _, text := range []string{"arn:aws:sts::111122223333:assumed-role/app/s/x",
		"arn:aws:sts::111122223333:assumed-role//s", "arn:aws:iam::111122223333:user/", "arn:aws:iam::1111:user/x", "*", "",
		"arn:aws:iam::111122223333:group/g"} {
		if p, err := ParsePrincipal(text); err == nil {
			t.Errorf("ParsePrincipal accepts %q as %v", text, p.Kind)
		}
	}
}

// TestDecide_ResourcesOwnedByAWS checks that an identity policy alone can allow reading a managed policy
// of AWS, which belongs to the account "aws".
func TestDecide_ResourcesOwnedByAWS(t *testing.T) {
	p := Policies{Identity: layerOf(t, Identity, statements(allowAll))}
	r := request(t, bob, "")
	r.Action, r.Resource, r.ResourceAccount = MustAction("iam:GetPolicy"), "arn:aws:iam::aws:policy/ReadOnlyAccess", ""
	if got := p.Decide(r); got != Allowed {
		t.Errorf("got %s, want Allowed", got)
	}
}
