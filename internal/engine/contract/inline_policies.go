package contract

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func inlinePolicies(e *env) {
	e.user("u")
	e.group("g")
	e.role("r")
	for _, test := range []struct {
		kind   string
		quota  int
		put    func(e *env, owner, name, document string, wantError ...string)
		get    func(e *env, owner, name string, wantError ...string) string
		delete func(e *env, owner, name string, wantError ...string)
		list   func(e *env, owner string, wantError ...string) []string
		owner  string
	}{
		{
			kind: "user", owner: "u", quota: 2048,
			put: func(e *env, owner, name, document string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.PutUserPolicy,
					&iam.PutUserPolicyInput{UserName: &owner, PolicyName: &name, PolicyDocument: &document}, wantError)
			},
			get: func(e *env, owner, name string, wantError ...string) string {
				e.Helper()
				in := &iam.GetUserPolicyInput{UserName: &owner, PolicyName: &name}
				if len(wantError) > 0 {
					fail(e, IAM.GetUserPolicy, in, wantError[0], wantError[1:]...)
					return ""
				}
				out := succeed(e, IAM.GetUserPolicy, in)
				return *out.UserName + " " + *out.PolicyName + " " + decodeDocument(e, out.PolicyDocument)
			},
			delete: func(e *env, owner, name string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: &owner, PolicyName: &name}, wantError)
			},
			list: func(e *env, owner string, wantError ...string) []string {
				e.Helper()
				in := &iam.ListUserPoliciesInput{UserName: &owner}
				if len(wantError) > 0 {
					fail(e, IAM.ListUserPolicies, in, wantError[0], wantError[1:]...)
					return nil
				}
				return succeed(e, IAM.ListUserPolicies, in).PolicyNames
			},
		},
		{
			kind: "group", owner: "g", quota: 5120,
			put: func(e *env, owner, name, document string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.PutGroupPolicy,
					&iam.PutGroupPolicyInput{GroupName: &owner, PolicyName: &name, PolicyDocument: &document}, wantError)
			},
			get: func(e *env, owner, name string, wantError ...string) string {
				e.Helper()
				in := &iam.GetGroupPolicyInput{GroupName: &owner, PolicyName: &name}
				if len(wantError) > 0 {
					fail(e, IAM.GetGroupPolicy, in, wantError[0], wantError[1:]...)
					return ""
				}
				out := succeed(e, IAM.GetGroupPolicy, in)
				return *out.GroupName + " " + *out.PolicyName + " " + decodeDocument(e, out.PolicyDocument)
			},
			delete: func(e *env, owner, name string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: &owner, PolicyName: &name}, wantError)
			},
			list: func(e *env, owner string, wantError ...string) []string {
				e.Helper()
				in := &iam.ListGroupPoliciesInput{GroupName: &owner}
				if len(wantError) > 0 {
					fail(e, IAM.ListGroupPolicies, in, wantError[0], wantError[1:]...)
					return nil
				}
				return succeed(e, IAM.ListGroupPolicies, in).PolicyNames
			},
		},
		{
			kind: "role", owner: "r", quota: 10240,
			put: func(e *env, owner, name, document string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.PutRolePolicy,
					&iam.PutRolePolicyInput{RoleName: &owner, PolicyName: &name, PolicyDocument: &document}, wantError)
			},
			get: func(e *env, owner, name string, wantError ...string) string {
				e.Helper()
				in := &iam.GetRolePolicyInput{RoleName: &owner, PolicyName: &name}
				if len(wantError) > 0 {
					fail(e, IAM.GetRolePolicy, in, wantError[0], wantError[1:]...)
					return ""
				}
				out := succeed(e, IAM.GetRolePolicy, in)
				return *out.RoleName + " " + *out.PolicyName + " " + decodeDocument(e, out.PolicyDocument)
			},
			delete: func(e *env, owner, name string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: &owner, PolicyName: &name}, wantError)
			},
			list: func(e *env, owner string, wantError ...string) []string {
				e.Helper()
				in := &iam.ListRolePoliciesInput{RoleName: &owner}
				if len(wantError) > 0 {
					fail(e, IAM.ListRolePolicies, in, wantError[0], wantError[1:]...)
					return nil
				}
				return succeed(e, IAM.ListRolePolicies, in).PolicyNames
			},
		},
	} {
		e.part(test.kind, func(e *env) {
			first, second := allow("s3:GetObject", "*"), " { \"Version\" : \"2012-10-17\",\n\"Statement\":[]}"
			second = strings.Replace(second, "[]", `{"Effect":"Deny","Action":"*","Resource":"*"}`, 1)
			equal(e, "policies of a new identity", test.list(e, test.owner), []string{})
			test.put(e, test.owner, "Zed", first)
			test.put(e, test.owner, "alpha", first)
			test.put(e, test.owner, "alpha", second) // replaces
			equal(e, "names", test.list(e, test.owner), []string{"alpha", "Zed"})
			test.get(e, test.owner, "ALPHA")
			test.put(e, test.owner, "ZED", first)
			equal(e, "number of policies after putting Zed as ZED", len(test.list(e, test.owner)), 2)
			test.put(e, test.owner, "Zed", first)
			equal(e, "first policy", test.get(e, test.owner, "Zed"), test.owner+" Zed "+first)
			equal(e, "second policy, as written", test.get(e, test.owner, "alpha"), test.owner+" alpha "+second)

			test.put(e, test.owner, "invalid", "{", "MalformedPolicyDocument")
			test.put(e, test.owner, "invalid", trustPolicy("*"), "MalformedPolicyDocument")
			missing := "The " + test.kind + " policy with name invalid cannot be found."
			test.get(e, test.owner, "invalid", "NoSuchEntity", missing)
			test.delete(e, test.owner, "invalid", "NoSuchEntity", missing)
			nobody := "The " + test.kind + " with name nobody cannot be found."
			test.put(e, "nobody", "p", first, "NoSuchEntity", nobody)
			test.get(e, "nobody", "p", "NoSuchEntity", nobody)
			test.delete(e, "nobody", "p", "NoSuchEntity", nobody)
			test.list(e, "nobody", "NoSuchEntity", nobody)

			test.delete(e, test.owner, "Zed")
			test.delete(e, test.owner, "alpha")
			equal(e, "policies after the deletion", test.list(e, test.owner), []string{})

			// A quota limits the total size of all inline policies of an identity. It does not count white space.
			half := test.quota / 2
			test.put(e, test.owner, "one", policyOfSize(half)+strings.Repeat(" ", 100))
			test.put(e, test.owner, "two", policyOfSize(test.quota-half))
			test.put(e, test.owner, "two", policyOfSize(test.quota-half)) // replaces itself
			test.put(e, test.owner, "two", policyOfSize(test.quota-half+1), "LimitExceeded", "Maximum policy size of")
			test.put(e, test.owner, "three", allow("*", "*"), "LimitExceeded", "Maximum policy size of")
		})
	}
}

// documents tests which policy documents are valid.
func documents(e *env) {
	type putPolicy func(e *env, document string) error
	kinds := map[string]putPolicy{
		"managed": func(e *env, document string) error {
			_, err := call(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: &document})
			return err
		},
		"inline": func(e *env, document string) error {
			_, err := call(e, IAM.PutUserPolicy,
				&iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("p"), PolicyDocument: &document})
			return err
		},
	}
	e.user("u")
	for _, text := range []string{
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
	} {
		fail(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: &text},
			"MalformedPolicyDocument", "Policy document must be version 2012-10-17 or greater.")
	}
	for kind, put := range kinds {
		for name, document := range map[string]string{
			"empty object":           `{}`,
			"incomplete JSON":        `{"Version":"2012-10-17",`,
			"list instead of object": `[]`,
			"text instead of object": `"text"`,
			"duplicate key": `{"Version":"2012-10-17","Version":"2012-10-17",` +
				`"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
			"unknown version": `{"Version":"2012-10-18","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
			"no statement":    `{"Version":"2012-10-17","Statement":[]}`,
			"no effect":       `{"Version":"2012-10-17","Statement":{"Action":"*","Resource":"*"}}`,
			"unknown effect":  `{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`,
			"no action":       `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}`,
			"Action and NotAction": `{"Version":"2012-10-17",` +
				`"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}`,
			"action without a service": `{"Version":"2012-10-17",` +
				`"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}`,
			"no resource": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*"}}`,
			"resource that is not an ARN": `{"Version":"2012-10-17",` +
				`"Statement":{"Effect":"Allow","Action":"*","Resource":"bucket"}}`,
			"principal": `{"Version":"2012-10-17",` +
				`"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`,
			"unknown element": `{"Version":"2012-10-17",` +
				`"Statement":{"Effect":"Allow","Action":"*","Resource":"*","When":"now"}}`,
			"unknown operator": `{"Version":"2012-10-17",` +
				`"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"aws:username":"u"}}}}`,
			"duplicate Sid": `{"Version":"2012-10-17",` +
				`"Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"*",` +
				`"Resource":"*"}]}`,
			"Sid with a space": `{"Version":"2012-10-17",` +
				`"Statement":{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"}}`,
		} {
			if got := codeOf(put(e, document)); got != "MalformedPolicyDocument" {
				e.Errorf("%s policy, %s: %q, want MalformedPolicyDocument", kind, name, got)
			}
		}
		for name, document := range map[string]string{
			"one statement": `{"Version":"2012-10-17",` +
				`"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
			"lists": `{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["*"]}]}`,
			"NotAction": `{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::secret/*"}]}`,
			"policy variable": `{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}]}`,
			"condition": `{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","Action":"*","Resource":"*",` +
				`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}]}`,
			"action of an unknown service": `{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","Action":"nosuch:Thing","Resource":"*"}]}`,
			"non-ASCII letters": `{"Version":"2012-10-17",` +
				`"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/Ä ÿ"}]}`,
		} {
			if err := put(e, document); err != nil {
				e.Errorf("%s policy, %s: %v", kind, name, err)
			} else if kind == "managed" {
				succeed(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: new(e.arn("policy/p"))})
			}
		}
	}
}
