package assertion

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

func TestCheck_OutsidePrincipals(t *testing.T) {
	const (
		other    = "444455556666"
		github   = "token.actions.githubusercontent.com"
		provider = "arn:aws:iam::" + accountID + ":oidc-provider/" + github
		saml     = "arn:aws:iam::" + accountID + ":saml-provider/corp"
		assumeID = "sts:AssumeRoleWithWebIdentity"
	)
	federated := func(name string) string { return `{"Federated":"` + name + `"}` }
	open := Block{Actions: []string{"sts:AssumeRole*"}}
	allow := func(action string, keys ...Key) Block {
		return Block{Allow: true, Actions: []string{action}, Resources: []string{roleARN("a")}, Context: keys}
	}
	for _, tt := range []struct {
		name, principal, trust string
		block                  Block
		want                   string
	}{
		{"account trusted by id", other, trusts("Allow", aws(other), assume, ""), open,
			"The account 444455556666 must never be allowed sts:AssumeRole on arn:aws:iam::123456789012:role/a, but is."},
		{"account trusted by root", other, trusts("Allow", aws("arn:aws:iam::"+other+":root"), assume, ""), open, "but is"},
		{"root of a trusted account", "arn:aws:iam::" + other + ":root", trusts("Allow", aws(other), assume, ""), open,
			"The account 444455556666 must never"},
		{"user of the account trusted", other, trusts("Allow", aws("arn:aws:iam::"+other+":user/eve"), assume, ""), open,
			"but is"},
		{"another account trusted", other, trusts("Allow", aws("777788889999"), assume, ""), open, ""},
		{"own account trusted", other, trusts("Allow", aws(accountID), assume, ""), open, ""},
		{"everyone trusted", other, trusts("Allow", `"*"`, assume, ""), open, "but is"},
		{"everyone of the own account", "*", trusts("Allow", `"*"`, assume,
			`{"StringEquals":{"aws:PrincipalAccount":"`+accountID+`"}}`), open, ""},
		{"everyone but the own account", "*", trusts("Allow", `"*"`, assume,
			`{"StringNotEquals":{"aws:PrincipalAccount":"`+accountID+`"}}`), open, "but could be"},
		{"everyone of an account", other, trusts("Allow", `"*"`, assume,
			`{"StringEquals":{"aws:PrincipalAccount":"`+other+`"}}`), open, "but is"},
		{"everyone with an ARN", other, trusts("Allow", `"*"`, assume,
			`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::`+other+`:role/ci-*"}}`), open,
			`allowed if aws:PrincipalArn is "arn:aws:iam::444455556666:role/ci-"`},
		{"everyone with an ARN of another account", other, trusts("Allow", `"*"`, assume,
			`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::777788889999:role/ci-*"}}`), open, ""},
		{"everyone with an ARN of the own account", "*", trusts("Allow", `"*"`, assume,
			`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::`+accountID+`:role/ci-*"}}`), open, ""},
		{"organization", "*", trusts("Allow", `"*"`, assume, `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), open,
			`allowed if aws:PrincipalOrgID is "o-1"`},
		{"organization in the context", "*", trusts("Allow", `"*"`, assume,
			`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), withKey(open, "aws:PrincipalOrgID", "o-2"), ""},
		{"account trusted, anyone", "*", trusts("Allow", aws(other), assume, ""), open, "Anyone outside the account must"},
		{"provider trusted, anyone", "*", trusts("Allow", federated(provider), assumeID, ""), open,
			"allowed sts:AssumeRoleWithWebIdentity on"},
		{"service trusted, anyone", "*", trusts("Allow", `{"Service":"ec2.amazonaws.com"}`, assume, ""), open, ""},
		{"user of the account trusted, anyone", "*", trusts("Allow", aws(userARN("ana")), assume, ""), open, ""},
		{"service", "ec2.amazonaws.com", trusts("Allow", `{"Service":"ec2.amazonaws.com"}`, assume, ""), open,
			"The service ec2.amazonaws.com must never"},
		{"another service", "lambda.amazonaws.com", trusts("Allow", `{"Service":"ec2.amazonaws.com"}`, assume, ""), open, ""},
		{"service for a source account", "ec2.amazonaws.com", trusts("Allow", `{"Service":"ec2.amazonaws.com"}`, assume,
			`{"StringEquals":{"aws:SourceAccount":"`+accountID+`"}}`), open, "allowed if aws:SourceAccount is"},
		{"user outside", "arn:aws:iam::" + other + ":user/eve", trusts("Allow", aws(other), assume, ""), open,
			"arn:aws:iam::444455556666:user/eve must never"},
		{"another user outside", "arn:aws:iam::" + other + ":user/eve",
			trusts("Allow", aws("arn:aws:iam::"+other+":user/bob"), assume, ""), open, ""},
		{"session outside", "arn:aws:sts::" + other + ":assumed-role/ops/x",
			trusts("Allow", aws("arn:aws:iam::"+other+":role/path/ops"), assume, ""), open, "but is"},
		{"provider by host", github, trusts("Allow", federated(provider), assumeID,
			`{"StringLike":{"`+github+`:sub":"repo:org/*"}}`), open, "allowed if token.actions.githubusercontent.com:sub is"},
		{"provider by ARN", provider, trusts("Allow", federated(provider), assumeID, ""), open, "but is"},
		{"SAML provider", saml, trusts("Allow", federated(saml), "sts:AssumeRoleWithSAML", ""), open,
			"allowed sts:AssumeRoleWithSAML on"},
		{"another provider", "accounts.google.com", trusts("Allow", federated(provider), assumeID, ""), open, ""},
		{"host in the context", github, trusts("Allow", federated(provider), assumeID,
			`{"StringLike":{"`+github+`:sub":"repo:org/*"}}`), withKey(open, github+":sub", "repo:evil/x"), ""},
		{"anonymous", "anonymous", trusts("Allow", `"*"`, assume, ""), open, "An anonymous caller must never"},
		{"anonymous with an account", "anonymous", trusts("Allow", `"*"`, assume,
			`{"StringEquals":{"aws:PrincipalAccount":"`+other+`"}}`), open, ""},
		{"through the role", other, trusts("Allow", aws(other), assume, ""), noPayroll,
			"The account 444455556666 must never be allowed s3:GetObject on arn:aws:s3:::payroll/*, but may assume role a, " +
				"which may assume role b, which is."},
		{"not through the role", other, trusts("Allow", aws(accountID), assume, ""), noPayroll, ""},

		{"allowed", other, trusts("Allow", aws(other), assume, ""), allow(assume), ""},
		{"not allowed", other, trusts("Allow", aws("777788889999"), assume, ""), allow(assume), "but is not"},
		{"allowed to one user only", other, trusts("Allow", aws("arn:aws:iam::"+other+":user/eve"), assume, ""),
			allow(assume), "but is not"},
		{"allowed with an external id", other, trusts("Allow", aws(other), assume, `{"StringEquals":{"sts:ExternalId":"x"}}`),
			allow(assume, Key{Name: "sts:ExternalId", Values: []string{"x"}}), ""},
		{"not allowed without the external id", other, trusts("Allow", aws(other), assume,
			`{"StringEquals":{"sts:ExternalId":"x"}}`), allow(assume), "sts:ExternalId"},
		{"provider allowed", github, trusts("Allow", federated(provider), assumeID,
			`{"StringLike":{"`+github+`:sub":"repo:org/*"}}`),
			allow(assumeID, Key{Name: github + ":sub", Values: []string{"repo:org/x"}}), ""},
		{"service allowed", "ec2.amazonaws.com", trusts("Allow", `{"Service":"ec2.amazonaws.com"}`, assume, ""),
			allow(assume), ""},
		{"bucket not allowed", other, trusts("Allow", aws(other), assume, ""),
			Block{Allow: true, Actions: []string{"s3:GetObject"}, Resources: []string{payroll}}, "but is not"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := accountWith(t, user("ana"), role("a", trust(tt.trust)),
				role("b", trust(trusts("Allow", aws(roleARN("a")), assume, "")), readsPayroll))
			assertion := Assertion{Principal: tt.principal, Blocks: []Block{tt.block}}
			if problems := assertion.Validate(); len(problems) > 0 {
				t.Fatalf("got the problems %v", problems)
			}
			result, err := assertion.Check(a)
			if err != nil {
				t.Fatal(err)
			}
			expectFindings(t, result, tt.want)
		})
	}
}

func withKey(b Block, key, value string) Block {
	b.Context = append(b.Context, Key{Name: key, Values: []string{value}})
	return b
}

func TestCheck_AmbiguousPrincipals(t *testing.T) {
	a := accountWith(t, user("anonymous"), user("jane.doe"), user("gitlab.com"))
	for principal, valid := range map[string]bool{
		"anonymous": true, "gitlab.com": true, "jane.doe": true, "john.doe": false, accountID: false,
		"arn:aws:iam::" + accountID + ":root": false, "arn:aws:iam::" + accountID + ":user/anonymous": true,
		"999988887777": true,
	} {
		_, err := Assertion{Principal: principal, Blocks: []Block{{Actions: []string{"s3:GetObject"}}}}.Check(a)
		if (err == nil) != valid {
			t.Errorf("%s: got the error %v, want valid = %v", principal, err, valid)
		}
	}
}

// TestCheck_AsksAboutTrustPolicies checks that a block about actions of trust policies concerns the roles of the
// account.
func TestCheck_AsksAboutTrustPolicies(t *testing.T) {
	trusting := role("a", trust(trusts("Allow", aws(userARN("ana")), assume, "")))
	for name, tt := range map[string]struct {
		changes []account.Change
		block   Block
		want    string
	}{
		"any resource": {[]account.Change{trusting}, Block{Actions: []string{assume}},
			"allowed sts:AssumeRole on arn:aws:iam::123456789012:role/a, but is"},
		"pattern of actions": {[]account.Change{trusting}, Block{Actions: []string{"sts:*"}}, "role/a, but is"},
		"all actions":        {[]account.Change{trusting}, Block{Actions: []string{"*"}}, "role/a, but is"},
		"every resource": {[]account.Change{trusting}, Block{Actions: []string{assume}, Resources: []string{"*"}},
			"role/a, but is"},
		"pattern of roles": {[]account.Change{trusting}, Block{Actions: []string{assume}, Resources: []string{roleARN("*")}},
			"role/a, but is"},
		"other roles": {[]account.Change{trusting}, Block{Actions: []string{assume},
			Resources: []string{roleARN("b*")}}, ""},
		"other actions": {[]account.Change{trusting}, Block{Actions: []string{"s3:*"}}, ""},
		"tags": {[]account.Change{role("a", trust(trusts("Allow", aws(userARN("ana")), "sts:TagSession", "")))},
			Block{Actions: []string{"sts:TagSession"}}, "allowed sts:TagSession on arn:aws:iam::123456789012:role/a, but is"},
		"not trusted": {[]account.Change{role("a", trust(trusts("Allow", aws(userARN("bob")), assume, "")))},
			Block{Actions: []string{"*"}}, ""},
		"denied": {[]account.Change{trusting, user("ana", statement("Deny", assume, roleARN("a"), ""))},
			Block{Actions: []string{"*"}}, ""},
		"trusted through the account": {[]account.Change{
			role("a", trust(trusts("Allow", aws(accountID), assume, ""))),
			user("ana", statement("Allow", assume, roleARN("a"), "")),
		}, Block{Actions: []string{assume}}, "role/a, but is"},
		"allowed by identity policies, for a role that does not exist": {[]account.Change{
			role("a", trust(trusts("Allow", aws(userARN("bob")), assume, ""))),
			user("ana", statement("Allow", assume, roleARN("a*"), "")),
		}, Block{Actions: []string{assume}}, "allowed sts:AssumeRole on arn:aws:iam::123456789012:role/a*, but is"},
		"allowed by identity policies only": {[]account.Change{
			role("a", trust(trusts("Allow", aws(userARN("bob")), assume, ""))),
			user("ana", statement("Allow", assume, roleARN("a"), "")),
		}, Block{Actions: []string{assume}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := accountWith(t, append([]account.Change{user("ana")}, tt.changes...)...)
			result, err := Assertion{Principal: "ana", Blocks: []Block{tt.block}}.Check(a)
			if err != nil {
				t.Fatal(err)
			}
			expectFindings(t, result, tt.want)
		})
	}
}
