package accesscheck

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

func TestFind_Causes(t *testing.T) {
	attach := managed("deploy", attachSelf)
	admin := account.Role{Name: "admin", Trust: role("").Trust, Attached: []string{adminARN}}
	for name, test := range map[string]struct {
		before, after []account.Change
		check         Check
		want          Object // the first cause
	}{
		"inline policy": {[]account.Change{role("ci")}, []account.Change{role("ci", inline("p", attachSelf)...)},
			PrivilegeEscalation, Object{Kind: account.RoleKind, Name: "ci", Inline: "p"}},
		"inline policy of a new role": {nil, []account.Change{role("ci", inline("p", attachSelf)...)},
			PrivilegeEscalation, Object{Kind: account.RoleKind, Name: "ci", Inline: "p"}},
		"attachment": {[]account.Change{attach, role("ci")},
			[]account.Change{attach, account.Role{Name: "ci", Trust: role("").Trust, Attached: []string{attach.ARN}}},
			PrivilegeEscalation, Object{Kind: account.RoleKind, Name: "ci", Attached: attach.ARN}},
		"document of a managed policy": {
			[]account.Change{managed("deploy", allow("s3:GetObject", "*", "")),
				account.Role{Name: "ci", Trust: role("").Trust, Attached: []string{attach.ARN}}},
			[]account.Change{attach, account.Role{Name: "ci", Trust: role("").Trust, Attached: []string{attach.ARN}}},
			PrivilegeEscalation, Object{Kind: account.PolicyKind, Name: attach.ARN}},
		"membership": {
			[]account.Change{account.Group{Name: "admins", Attached: []string{adminARN}}, account.User{Name: "x"}},
			[]account.Change{account.Group{Name: "admins", Attached: []string{adminARN}},
				account.User{Name: "x", Groups: []string{"admins"}}},
			AdminGrant, Object{Kind: account.UserKind, Name: "x", Group: "admins"}},
		"attachment to a group": {
			[]account.Change{account.Group{Name: "admins"}, account.User{Name: "x", Groups: []string{"admins"}}},
			[]account.Change{account.Group{Name: "admins", Attached: []string{adminARN}},
				account.User{Name: "x", Groups: []string{"admins"}}},
			AdminGrant, Object{Kind: account.GroupKind, Name: "admins", Attached: adminARN}},
		"inline policy of a group": {
			[]account.Change{account.Group{Name: "admins"}, account.User{Name: "x", Groups: []string{"admins"}}},
			[]account.Change{account.Group{Name: "admins", Inline: inline("p", allow("*", "*", ""))},
				account.User{Name: "x", Groups: []string{"admins"}}},
			AdminGrant, Object{Kind: account.GroupKind, Name: "admins", Inline: "p"}},
		"trust policy of another role": {
			[]account.Change{admin, account.User{Name: "x", Inline: inline("p", allow("sts:AssumeRole", "*", ""))}},
			[]account.Change{account.Role{Name: "admin", Trust: trusts(`{"AWS":"`+accountID+`"}`, "sts:AssumeRole", ""),
				Attached: []string{adminARN}},
				account.User{Name: "x", Inline: inline("p", allow("sts:AssumeRole", "*", ""))}},
			PrivilegeEscalation, Object{Kind: account.RoleKind, Name: "admin", Trust: true}},
		"administrator that was harmless": {
			[]account.Change{withTrust("admin", trusts(`{"AWS":"`+prefix+`user/x"}`, "sts:AssumeRole", "")),
				account.User{Name: "x"}},
			[]account.Change{account.Role{Name: "admin", Attached: []string{adminARN},
				Trust: trusts(`{"AWS":"`+prefix+`user/x"}`, "sts:AssumeRole", "")}, account.User{Name: "x"}},
			PrivilegeEscalation, Object{Kind: account.RoleKind, Name: "admin", Attached: adminARN}},
		"denial removed": {
			[]account.Change{role("ci", inline("p", attachSelf)[0], inline("deny", deny("iam:*", "*"))[0])},
			[]account.Change{role("ci", inline("p", attachSelf)...)},
			PrivilegeEscalation, Object{Kind: account.RoleKind, Name: "ci", Inline: "deny"}},
		"boundary removed": {
			[]account.Change{managed("boundary", allow("s3:*", "*", "")), account.User{Name: "x",
				Inline: inline("p", allow("*", "*", "")), Boundary: prefix + "policy/boundary"}},
			[]account.Change{managed("boundary", allow("s3:*", "*", "")), account.User{Name: "x",
				Inline: inline("p", allow("*", "*", ""))}},
			AdminGrant, Object{Kind: account.UserKind, Name: "x"}},
		"boundary widened": {
			[]account.Change{managed("boundary", allow("s3:*", "*", "")), account.User{Name: "x",
				Inline: inline("p", allow("*", "*", "")), Boundary: prefix + "policy/boundary"}},
			[]account.Change{managed("boundary", allow("*", "*", "")), account.User{Name: "x",
				Inline: inline("p", allow("*", "*", "")), Boundary: prefix + "policy/boundary"}},
			AdminGrant, Object{Kind: account.PolicyKind, Name: prefix + "policy/boundary"}},
		"trust of a stranger": {[]account.Change{role("r")},
			[]account.Change{withTrust("r", trusts(other, "sts:AssumeRole", ""))},
			CrossAccountTrust, Object{Kind: account.RoleKind, Name: "r", Trust: true}},
	} {
		t.Run(name, func(t *testing.T) {
			// An unrelated change must not be the cause.
			after := newAccount(t, append(test.after, role("another", inline("p", allow("s3:*", "*", ""))...))...)
			r := find(t, newAccount(t, test.before...), after, test.check)
			if len(r.Findings) != 1 {
				t.Fatalf("got %s, want one finding", outline(r))
			}
			causes := r.Findings[0].Causes
			if len(causes) == 0 || causes[0] != test.want {
				t.Errorf("got the causes %+v, want %+v first", causes, test.want)
			}
			for _, cause := range causes {
				if cause.Name == "another" {
					t.Errorf("an unrelated role is a cause: %+v", causes)
				}
			}
		})
	}
}

func TestFind_CausesIgnoreCopiesOfVersions(t *testing.T) {
	deploy := managed("deploy", allow("s3:GetObject", "*", ""))
	copied := deploy
	copied.Versions = append([]account.Version{{ID: "v2", Document: deploy.Versions[0].Document}}, deploy.Versions...)
	before := account.Role{Name: "ci", Trust: role("").Trust, Attached: []string{deploy.ARN}}
	after := before
	after.Trust = trusts(`{"AWS":"111122223333"}`, "sts:AssumeRole", "")
	found := find(t, newAccount(t, deploy, before), newAccount(t, copied, after), CrossAccountTrust)
	want := Object{Kind: account.RoleKind, Name: "ci", Trust: true}
	if len(found.Findings) != 1 || len(found.Findings[0].Causes) != 1 || found.Findings[0].Causes[0] != want {
		t.Errorf("findings: %+v, want one, caused by %+v alone", found.Findings, want)
	}
}
