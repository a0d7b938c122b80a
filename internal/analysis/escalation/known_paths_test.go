package escalation

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// knownPath is an account in which the principal x can rise as one of the known paths says.
type knownPath struct {
	// role says that x is a role.
	role bool
	// own are the statements of x. rest is the account around it.
	own  []string
	rest []account.Change
	// x changes x before the account is made.
	x func(*account.User, *account.Role)
	// want are the actions of the path.
	want string
	// closed are statements of x in an account in which the path is closed.
	closed []string
}

const (
	userX   = prefix + "user/x"
	userY   = prefix + "user/y"
	roleX   = prefix + "role/x"
	roleY   = prefix + "role/y"
	policyP = prefix + "policy/p"
)

// administratorY is a user who is administrator.
var administratorY = []account.Change{account.User{Name: "y", Attached: []string{admin}}}

// plainY is a user who may do nothing of interest.
var plainY = []account.Change{account.User{Name: "y"}}

// roleOf returns the role y.
func roleOf(trust account.Document, attached ...string) account.Change {
	return account.Role{Name: "y", Trust: trust, Attached: attached}
}

var harmless = managed("p", doc(allow("s3:GetObject", "*", "")))

var knownPaths = map[string]knownPath{
	"iam-001": {own: []string{allow("iam:CreatePolicyVersion", policyP, "")}, rest: []account.Change{harmless},
		x:    func(u *account.User, _ *account.Role) { u.Attached = []string{policyP} },
		want: "x iam:CreatePolicyVersion", closed: []string{allow("iam:CreatePolicyVersion", policyP+"-other", "")}},
	"iam-002": {own: []string{allow("iam:CreateAccessKey", userY, "")}, rest: administratorY,
		want: "x iam:CreateAccessKey", closed: []string{allow("iam:CreateAccessKey", userX, "")}},
	"iam-003": {own: []string{allow("iam:CreateAccessKey", userY, ""), allow("iam:DeleteAccessKey", userY, "")},
		rest: administratorY, want: "x iam:CreateAccessKey",
		closed: []string{allow("iam:DeleteAccessKey", userY, "")}},
	"iam-004": {own: []string{allow("iam:CreateLoginProfile", userY, "")}, rest: administratorY,
		want: "x iam:CreateLoginProfile", closed: []string{allow("iam:CreateLoginProfile", "*", ""),
			deny("iam:CreateLoginProfile", prefix+"user/*", "")}},
	"iam-005": {role: true, own: []string{allow("iam:PutRolePolicy", roleX, "")}, want: "x iam:PutRolePolicy",
		closed: []string{allow("iam:PutRolePolicy", roleY, "")}},
	"iam-006": {own: []string{allow("iam:UpdateLoginProfile", userY, "")}, rest: administratorY,
		want: "x iam:UpdateLoginProfile", closed: []string{allow("iam:UpdateLoginProfile", userX, "")}},
	"iam-007": {own: []string{allow("iam:PutUserPolicy", userX, "")}, want: "x iam:PutUserPolicy",
		closed: []string{allow("iam:PutUserPolicy", userX, `,"Condition":{"StringEquals":{"iam:PermissionsBoundary":"`+
			policyP+`"}}`)}},
	"iam-008": {own: []string{allow("iam:AttachUserPolicy", userX, "")}, want: "x iam:AttachUserPolicy",
		closed: []string{allow("iam:AttachUserPolicy", userX, `,"Condition":{"ArnEquals":{"iam:PolicyARN":"`+policyP+`"}}`)},
		rest:   []account.Change{harmless}},
	"iam-009": {role: true, own: []string{allow("iam:AttachRolePolicy", roleX, "")}, want: "x iam:AttachRolePolicy",
		closed: []string{allow("iam:AttachRolePolicy", roleX, ""), deny("iam:AttachRolePolicy", "*", "")}},
	"iam-010": {own: []string{allow("iam:AttachGroupPolicy", prefix+"group/g", "")}, want: "x iam:AttachGroupPolicy",
		rest:   []account.Change{account.Group{Name: "g"}, account.Group{Name: "h"}},
		x:      func(u *account.User, _ *account.Role) { u.Groups = []string{"g"} },
		closed: []string{allow("iam:AttachGroupPolicy", prefix+"group/h", "")}},
	"iam-011": {own: []string{allow("iam:PutGroupPolicy", prefix+"group/g", "")}, want: "x iam:PutGroupPolicy",
		rest:   []account.Change{account.Group{Name: "g"}, account.Group{Name: "h"}},
		x:      func(u *account.User, _ *account.Role) { u.Groups = []string{"g"} },
		closed: []string{allow("iam:PutGroupPolicy", prefix+"group/h", "")}},
	"iam-012": {own: []string{allow("iam:UpdateAssumeRolePolicy", roleY, "")},
		rest: []account.Change{roleOf(trustsEC2, admin)}, want: "x iam:UpdateAssumeRolePolicy, x sts:AssumeRole",
		closed: []string{allow("iam:UpdateAssumeRolePolicy", roleY, ""), deny("sts:AssumeRole", "*", "")}},
	"iam-013": {own: []string{allow("iam:AddUserToGroup", prefix+"group/g", "")}, want: "x iam:AddUserToGroup",
		rest:   []account.Change{account.Group{Name: "g", Attached: []string{admin}}, account.Group{Name: "h"}},
		closed: []string{allow("iam:AddUserToGroup", prefix+"group/h", "")}},
	"iam-014": {own: []string{allow("iam:AttachRolePolicy", roleY, ""), allow("sts:AssumeRole", roleY, "")},
		rest: []account.Change{roleOf(trustsUser)}, want: "x sts:AssumeRole, x iam:AttachRolePolicy",
		closed: []string{allow("sts:AssumeRole", roleY, "")}},
	"iam-015": {own: []string{allow("iam:AttachUserPolicy", userY, ""), allow("iam:CreateAccessKey", userY, "")},
		rest: plainY, want: "x iam:CreateAccessKey, x iam:AttachUserPolicy",
		closed: []string{allow("iam:AttachUserPolicy", userY, "")}},
	"iam-016": {own: []string{allow("iam:CreatePolicyVersion", policyP, ""), allow("sts:AssumeRole", roleY, "")},
		rest: []account.Change{harmless, roleOf(trustsUser, policyP)}, want: "x sts:AssumeRole, x iam:CreatePolicyVersion",
		closed: []string{allow("iam:CreatePolicyVersion", policyP, ""), deny("sts:AssumeRole", roleY, "")}},
	"iam-017": {own: []string{allow("iam:PutRolePolicy", roleY, ""), allow("sts:AssumeRole", roleY, "")},
		rest: []account.Change{roleOf(trustsUser)}, want: "x sts:AssumeRole, x iam:PutRolePolicy",
		closed: []string{allow("iam:PutRolePolicy", roleX, ""), allow("sts:AssumeRole", roleY, "")}},
	"iam-018": {own: []string{allow("iam:PutUserPolicy", userY, ""), allow("iam:CreateAccessKey", userY, "")},
		rest: plainY, want: "x iam:CreateAccessKey, x iam:PutUserPolicy",
		closed: []string{allow("iam:CreateAccessKey", userY, "")}},
	"iam-019": {own: []string{allow("iam:AttachRolePolicy", roleY, ""), allow("iam:UpdateAssumeRolePolicy", roleY, "")},
		rest:   []account.Change{roleOf(trustsEC2)},
		want:   "x iam:UpdateAssumeRolePolicy, x sts:AssumeRole, x iam:AttachRolePolicy",
		closed: []string{allow("iam:AttachRolePolicy", roleY, "")}},
	"iam-020": {own: []string{allow("iam:CreatePolicyVersion", policyP, ""), allow("iam:UpdateAssumeRolePolicy", roleY,
		"")},
		rest:   []account.Change{harmless, roleOf(trustsEC2, policyP)},
		want:   "x iam:UpdateAssumeRolePolicy, x sts:AssumeRole, x iam:CreatePolicyVersion",
		closed: []string{allow("iam:UpdateAssumeRolePolicy", roleY, "")}},
	"iam-021": {own: []string{allow("iam:PutRolePolicy", roleY, ""), allow("iam:UpdateAssumeRolePolicy", roleY, "")},
		rest:   []account.Change{roleOf(trustsEC2)},
		want:   "x iam:UpdateAssumeRolePolicy, x sts:AssumeRole, x iam:PutRolePolicy",
		closed: []string{allow("iam:PutRolePolicy", roleY, "")}},
	"sts-001": {own: []string{allow("sts:AssumeRole", roleY, "")}, rest: []account.Change{roleOf(trustsAccount, admin)},
		want: "x sts:AssumeRole", closed: []string{allow("sts:AssumeRole", roleX, "")}},
}

// build returns the account of a known path, with the given statements for x.
func (k *knownPath) build(t *testing.T, own []string) *account.Account {
	t.Helper()
	if k.role {
		return newAccount(t, append([]account.Change{account.Role{Name: "x", Trust: trustsEC2, Inline: inline(own...)}},
			k.rest...)...)
	}
	u := account.User{Name: "x", Inline: inline(own...)}
	if k.x != nil {
		k.x(&u, nil)
	}
	return newAccount(t, append([]account.Change{u}, k.rest...)...)
}

func (k *knownPath) start() string {
	if k.role {
		return "role/x"
	}
	return "user/x"
}

func TestFind_KnownPaths(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/escalation-paths.json")
	if err != nil {
		t.Fatal(err)
	}
	var published []struct {
		ID       string
		Services []string
	}
	if err := json.Unmarshal(text, &published); err != nil {
		t.Fatal(err)
	}
	tested := 0
	for _, p := range published {
		if strings.Trim(strings.Join(p.Services, ""), "iamst") != "" {
			continue // needs a service other than IAM and STS
		}
		t.Run(p.ID, func(t *testing.T) {
			k, ok := knownPaths[p.ID]
			if !ok {
				t.Fatal("no account for the path")
			}
			r := find(t, k.build(t, k.own), k.start(), Administrator())
			if len(r.Paths) != 1 || outline(&r.Paths[0]) != k.want {
				t.Errorf("paths %s, want %s", describeResult(r), k.want)
			}
			if r = find(t, k.build(t, k.closed), k.start(), Administrator()); len(r.Paths)+len(r.Already)+len(r.Open) > 0 {
				t.Errorf("the path is closed, but found %s", describeResult(r))
			}
		})
		tested++
	}
	if tested != len(knownPaths) || tested != 22 {
		t.Errorf("%d paths tested, %d accounts", tested, len(knownPaths))
	}
}

func describeResult(r *Result) string {
	var out []string
	for i := range r.Already {
		out = append(out, "already "+r.Already[i].String())
	}
	for i := range r.Paths {
		out = append(out, outline(&r.Paths[i]))
	}
	for _, o := range r.Open {
		out = append(out, "open: "+o.Reason)
	}
	return "[" + strings.Join(out, "; ") + "]"
}
