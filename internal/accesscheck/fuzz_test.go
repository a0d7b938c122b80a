package accesscheck

import (
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// FuzzFind_TrustPolicy compares an account without a role with one that has it. The trust policy comes from the person
// under review, so it must not crash the checks, and another spelling of it must have the same findings.
func FuzzFind_TrustPolicy(f *testing.F) {
	for _, test := range changes {
		for _, c := range test.after {
			if r, ok := c.(account.Role); ok {
				if text, ok := r.Trust.Text(); ok {
					f.Add(text)
				}
			}
		}
	}
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{` +
		`"AWS":["*","arn:aws:iam::999999999999:root"],"Service":"EC2.amazonaws.com"}}}`)
	before := newAccount(f)
	f.Fuzz(func(t *testing.T, text string) {
		after, err := before.With(withTrust("r", account.Text(text)))
		if err != nil {
			return // the account refuses the policy
		}
		want := ids(find(t, before, after, PublicTrust, CrossAccountTrust))
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatalf("the account accepts a text that cannot be read: %v", err)
		}
		spelled, err := doc.Canonical().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := before.With(withTrust("r", account.Text(string(spelled))))
		if err != nil {
			return // the canonical form may exceed a limit
		}
		if got := ids(find(t, before, again, PublicTrust, CrossAccountTrust)); !slices.Equal(got, want) {
			t.Errorf("%s\n%s\ngot %v, want %v", text, spelled, got, want)
		}
		if r := find(t, after, again); len(r.Findings)+len(r.Open) > 0 {
			t.Errorf("another spelling is a change: %s", outline(r))
		}
	})
}

// FuzzReadPolicyName reads the names that decisions give policies. Names in the account come from the person under
// review.
func FuzzReadPolicyName(f *testing.F) {
	f.Add("deploy", "ci")
	f.Add("a of role b", "c")
	f.Add("", " of user ")
	f.Fuzz(func(t *testing.T, inline, owner string) {
		for _, name := range []string{inline, inlinePrefix + inline + " of role " + owner, trustPrefix + owner} {
			p := readPolicyName(name)
			if describePolicy(name) == "" {
				t.Errorf("%q has no description", name)
			}
			if p.inline != "" && inlinePrefix+p.inline+" of "+p.kind.String()+" "+p.owner != name {
				t.Errorf("%q is read as the policy %q of the %s %q", name, p.inline, p.kind, p.owner)
			}
		}
	})
}
