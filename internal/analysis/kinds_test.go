package analysis_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// TestNoNewAccess_Kinds has cases about policies that name principals, and about those of organizations.
func TestNoNewAccess_Kinds(t *testing.T) {
	bucket := func(effect, principal, condition string) string {
		s := `{"Effect":"` + effect + `",` + principal + `,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"`
		if condition != "" {
			s += `,"Condition":` + condition
		}
		return s + `}`
	}
	aws := func(name string) string { return `"Principal":{"AWS":"` + name + `"}` }
	assume := func(principal string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}`
	}
	const (
		account, user, role = "111122223333", "arn:aws:iam::111122223333:user/bob", "arn:aws:iam::111122223333:role/app"
		session             = "arn:aws:sts::111122223333:assumed-role/app/s"
		everyone            = `"Principal":"*"`
	)
	for _, tc := range []struct {
		name              string
		kind              policy.Kind
		existing, updated string
		want              analysis.Verdict
	}{
		{"a user of the account", policy.Resource, bucket("Allow", aws(account), ""), bucket("Allow", aws(user), ""),
			analysis.Pass},
		{"the account of the user", policy.Resource, bucket("Allow", aws(user), ""), bucket("Allow", aws(account), ""),
			analysis.Fail},
		{"everyone", policy.Resource, bucket("Allow", aws(account), ""), bucket("Allow", everyone, ""), analysis.Fail},
		{"a session of a role", policy.Resource, bucket("Allow", aws(role), ""), bucket("Allow", aws(session), ""),
			analysis.Pass},
		{"the role of a session", policy.Resource, bucket("Allow", aws(session), ""), bucket("Allow", aws(role), ""),
			analysis.Fail},
		{"a role by its key", policy.Resource,
			bucket("Allow", everyone, `{"ArnEquals":{"aws:PrincipalArn":"`+role+`"}}`), bucket("Allow", aws(role), ""),
			analysis.Pass},
		{"a session by the key of its role", policy.Resource,
			bucket("Allow", everyone, `{"ArnEquals":{"aws:PrincipalArn":"`+role+`"}}`), bucket("Allow", aws(session), ""),
			analysis.Fail},
		{"ids of sessions", policy.Resource,
			bucket("Allow", aws(role), `{"StringLike":{"aws:userid":"AROA1:*"}}`), bucket("Allow", aws(role), ""),
			analysis.Fail},
		{"a user with the name of another account's", policy.Resource, bucket("Deny", everyone, ""),
			bucket("Allow", `"Principal":{"AWS":["`+user+`","444455556666"]}`,
				`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:user/bob"}}`), analysis.Fail},
		{"a user with a path", policy.Resource, bucket("Allow", aws(user), ""),
			bucket("Allow", everyone, `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/*/bob"}}`), analysis.Fail},
		{"a part of an account id", policy.Resource, bucket("Allow", everyone,
			`{"StringLike":{"aws:PrincipalAccount":"1*"}}`),
			bucket("Allow", everyone, `{"StringLike":{"aws:PrincipalAccount":"12*"}}`), analysis.Unknown},
		{"the end of an account id", policy.Resource, bucket("Allow", everyone,
			`{"StringLike":{"aws:PrincipalArn":"*9012:user/x"}}`),
			bucket("Allow", everyone, `{"StringLike":{"aws:PrincipalArn":"*12:user/x"}}`), analysis.Unknown},
		{"an account by the beginning of an ARN", policy.Resource, bucket("Allow", aws(account), ""),
			bucket("Allow", everyone, `{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:*"}}`), analysis.Pass},
		{"a federated user", policy.Resource, bucket("Deny", aws(user), ""), bucket("Allow", everyone,
			`{"StringEquals":{"aws:PrincipalType":"FederatedUser"},"ArnLike":{"aws:PrincipalArn":"*:federated-user/zoe"}}`),
			analysis.Pass}, // an ARN pattern needs six fields
		{"a federated user by its ARN", policy.Resource, bucket("Deny", aws(user), ""), bucket("Allow", everyone,
			`{"StringLike":{"aws:PrincipalArn":"*:federated-user/zoe"}}`), analysis.Fail},
		{"a federated user by its id", policy.Resource, bucket("Deny", aws(user), ""), bucket("Allow", everyone,
			`{"StringEquals":{"aws:PrincipalType":"FederatedUser"},"StringLike":{"aws:userid":"*:zoe"}}`), analysis.Fail},
		{"services by a pattern", policy.Resource, bucket("Deny", aws(user), ""), bucket("Allow", everyone,
			`{"StringLike":{"aws:PrincipalServiceName":"s3*"}}`), analysis.Fail},
		{"a user by its key", policy.Resource,
			bucket("Allow", everyone, `{"ArnEquals":{"aws:PrincipalArn":"`+user+`"}}`), bucket("Allow", aws(user), ""),
			analysis.Pass},
		{"an account by its key", policy.Resource,
			bucket("Allow", aws(account), ""), bucket("Allow", everyone,
				`{"StringEquals":{"aws:PrincipalAccount":"`+account+`"}}`), analysis.Pass},
		{"roles by a pattern", policy.Resource,
			bucket("Allow", everyone, `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app*"}}`),
			bucket("Allow", everyone, `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ap*"}}`), analysis.Fail},
		{"users by their name", policy.Resource,
			bucket("Allow", everyone, `{"StringLike":{"aws:username":"*"}}`),
			bucket("Allow", everyone, `{"StringEquals":{"aws:PrincipalType":"User"}}`), analysis.Pass},
		{"services", policy.Resource,
			bucket("Allow", everyone, `{"Bool":{"aws:PrincipalIsAWSService":"true"}}`),
			bucket("Allow", `"Principal":{"Service":"ec2.amazonaws.com"}`, ""), analysis.Pass},
		{"everyone but one user", policy.Resource, bucket("Allow", everyone, "") + "," + bucket("Deny", aws(user), ""),
			bucket("Allow", everyone, ""), analysis.Fail},
		{"NotPrincipal", policy.Resource,
			bucket("Allow", everyone, "") + "," + bucket("Deny", `"NotPrincipal":{"AWS":["`+user+`","`+account+`"]}`, ""),
			bucket("Allow", aws(user), ""), analysis.Pass},
		{"NotPrincipal and another user", policy.Resource,
			bucket("Allow", everyone, "") + "," + bucket("Deny", `"NotPrincipal":{"AWS":["`+user+`","`+account+`"]}`, ""),
			bucket("Allow", aws("arn:aws:iam::111122223333:user/eve"), ""), analysis.Fail},
		{"a trusted account", policy.Trust, assume(`{"AWS":"` + account + `"}`), assume(`{"AWS":"` + role + `"}`),
			analysis.Pass},
		{"a service beside it", policy.Trust, assume(`{"AWS":"` + account + `"}`), assume(`{"AWS":"` + account +
			`","Service":"ec2.amazonaws.com"}`),
			analysis.Fail},
		{"actions that no trust policy governs", policy.Trust, assume(`{"AWS":"` + account + `"}`),
			`{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"NotAction":"sts:*"}`, analysis.Pass},
		{"the root user cannot assume a role", policy.Trust, assume(`{"AWS":"` + user + `"}`),
			`{"Effect":"Allow","Principal":{"AWS":"` + user + `"},"Action":"sts:AssumeRole"}`, analysis.Pass},
		{"a service control policy", policy.ServiceControl, `{"Effect":"Allow","Action":"*","Resource":"*"}`,
			`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, analysis.Pass},
		{"a service control policy with less denied", policy.ServiceControl,
			`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}`,
			`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:Get*","Resource":"*"}`, analysis.Fail},
		{"a resource control policy", policy.ResourceControl,
			`{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*"}`,
			`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`, analysis.Pass},
		{"a resource control policy that denies less", policy.ResourceControl,
			`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`,
			`{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*"}`, analysis.Fail},
		{"a boundary", policy.Boundary, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`,
			`{"Effect":"Allow","Action":"*","Resource":"*"}`,
			analysis.Fail},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer, err := analysis.NoNewAccess(tc.kind, statements(t, tc.existing), statements(t, tc.updated),
				analysis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if answer.Verdict != tc.want {
				t.Errorf("got %v, want %v: %s %v", answer.Verdict, tc.want, answer.Message, answer.Open)
			}
			if answer.Verdict == analysis.Fail && len(answer.Reasons) == 0 && tc.kind != policy.ResourceControl {
				t.Error("no reasons")
			}
		})
	}
}

// TestNotGranted_IDOfSession checks that a witness has the id that the policy asks for.
func TestNotGranted_IDOfSession(t *testing.T) {
	p := statements(t, `{"Effect":"Allow","Principal":{"AWS":["arn:aws:sts::123456789012:assumed-role/app/s",
		"arn:aws:iam::123456789012:role/app"]},"Action":"*","Resource":"*","Condition":{"StringLike":{"aws:userid":"*:t"}}}`)
	answer, err := analysis.NotGranted(policy.Resource, p, []analysis.Access{{Actions: []string{"x:b"}}},
		analysis.Options{})
	if err != nil || answer.Verdict != analysis.Fail {
		t.Fatal(answer, err)
	}
	if len(answer.Witness.Keys) != 1 || answer.Witness.Keys[0].Name != "aws:userid" ||
		!strings.HasSuffix(answer.Witness.Keys[0].Values[0], ":t") {
		t.Errorf("keys %v of %v", answer.Witness.Keys, answer.Witness.Request.Principal)
	}
}

// TestWithin_UnnamedPrincipal compares the policies of principals that are not known, whose keys are free.
func TestWithin_UnnamedPrincipal(t *testing.T) {
	anyone := analysis.Subject{Policies: authz.Policies{Identity: layerOf(t, authz.Identity,
		`{"Effect":"Allow","Action":"x:a","Resource":"*","Condition":{"StringEquals":{"aws:username":"ann"}}}`)}}
	all := analysis.Subject{Policies: authz.Policies{Identity: layerOf(t, authz.Identity,
		`{"Effect":"Allow","Action":"x:a","Resource":"*"}`)}}
	for _, tc := range []struct {
		a, b analysis.Subject
		want analysis.Verdict
	}{{anyone, all, analysis.Pass}, {all, anyone, analysis.Fail}, {anyone, anyone, analysis.Pass}} {
		if answer, err := analysis.Within(tc.a, tc.b, analysis.Options{}); err != nil || answer.Verdict != tc.want {
			t.Errorf("got %v, want %v: %s %v", answer.Verdict, tc.want, answer.Message, err)
		}
	}
}
