package contract

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func inlinePolicies(e *env) {
	e.user("u")
	e.group("g")
	e.role("r")
	for _, of := range []struct {
		kind   string
		quota  int
		put    func(e *env, who, name, document string, wanted ...string)
		get    func(e *env, who, name string, wanted ...string) string
		delete func(e *env, who, name string, wanted ...string)
		list   func(e *env, who string, wanted ...string) []string
		who    string
	}{
		{
			kind: "user", who: "u", quota: 2048,
			put: func(e *env, who, name, document string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.PutUserPolicy, &iam.PutUserPolicyInput{UserName: &who, PolicyName: &name, PolicyDocument: &document}, wanted)
			},
			get: func(e *env, who, name string, wanted ...string) string {
				e.Helper()
				in := &iam.GetUserPolicyInput{UserName: &who, PolicyName: &name}
				if len(wanted) > 0 {
					fail(e, IAM.GetUserPolicy, in, wanted[0], wanted[1:]...)
					return ""
				}
				out := succeed(e, IAM.GetUserPolicy, in)
				return *out.UserName + " " + *out.PolicyName + " " + decoded(e, out.PolicyDocument)
			},
			delete: func(e *env, who, name string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: &who, PolicyName: &name}, wanted)
			},
			list: func(e *env, who string, wanted ...string) []string {
				e.Helper()
				in := &iam.ListUserPoliciesInput{UserName: &who}
				if len(wanted) > 0 {
					fail(e, IAM.ListUserPolicies, in, wanted[0], wanted[1:]...)
					return nil
				}
				return succeed(e, IAM.ListUserPolicies, in).PolicyNames
			},
		},
		{
			kind: "group", who: "g", quota: 5120,
			put: func(e *env, who, name, document string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: &who, PolicyName: &name, PolicyDocument: &document}, wanted)
			},
			get: func(e *env, who, name string, wanted ...string) string {
				e.Helper()
				in := &iam.GetGroupPolicyInput{GroupName: &who, PolicyName: &name}
				if len(wanted) > 0 {
					fail(e, IAM.GetGroupPolicy, in, wanted[0], wanted[1:]...)
					return ""
				}
				out := succeed(e, IAM.GetGroupPolicy, in)
				return *out.GroupName + " " + *out.PolicyName + " " + decoded(e, out.PolicyDocument)
			},
			delete: func(e *env, who, name string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: &who, PolicyName: &name}, wanted)
			},
			list: func(e *env, who string, wanted ...string) []string {
				e.Helper()
				in := &iam.ListGroupPoliciesInput{GroupName: &who}
				if len(wanted) > 0 {
					fail(e, IAM.ListGroupPolicies, in, wanted[0], wanted[1:]...)
					return nil
				}
				return succeed(e, IAM.ListGroupPolicies, in).PolicyNames
			},
		},
		{
			kind: "role", who: "r", quota: 10240,
			put: func(e *env, who, name, document string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: &who, PolicyName: &name, PolicyDocument: &document}, wanted)
			},
			get: func(e *env, who, name string, wanted ...string) string {
				e.Helper()
				in := &iam.GetRolePolicyInput{RoleName: &who, PolicyName: &name}
				if len(wanted) > 0 {
					fail(e, IAM.GetRolePolicy, in, wanted[0], wanted[1:]...)
					return ""
				}
				out := succeed(e, IAM.GetRolePolicy, in)
				return *out.RoleName + " " + *out.PolicyName + " " + decoded(e, out.PolicyDocument)
			},
			delete: func(e *env, who, name string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: &who, PolicyName: &name}, wanted)
			},
			list: func(e *env, who string, wanted ...string) []string {
				e.Helper()
				in := &iam.ListRolePoliciesInput{RoleName: &who}
				if len(wanted) > 0 {
					fail(e, IAM.ListRolePolicies, in, wanted[0], wanted[1:]...)
					return nil
				}
				return succeed(e, IAM.ListRolePolicies, in).PolicyNames
			},
		},
	} {
		e.part(of.kind, func(e *env) {
			first, second := allow("s3:GetObject", "*"), " { \"Version\" : \"2012-10-17\",\n\"Statement\":[]}"
			second = strings.Replace(second, "[]", `{"Effect":"Deny","Action":"*","Resource":"*"}`, 1)
			equal(e, "before", of.list(e, of.who), []string{})
			of.put(e, of.who, "Zed", first)
			of.put(e, of.who, "alpha", first)
			of.put(e, of.who, "alpha", second) // replaces
			equal(e, "names", of.list(e, of.who), []string{"alpha", "Zed"})
			of.get(e, of.who, "ALPHA")
			of.put(e, of.who, "ZED", first)
			equal(e, "policies, one of them under a name that differs in case only", len(of.list(e, of.who)), 2)
			of.put(e, of.who, "Zed", first)
			equal(e, "first", of.get(e, of.who, "Zed"), of.who+" Zed "+first)
			equal(e, "second, as it was written", of.get(e, of.who, "alpha"), of.who+" alpha "+second)

			of.put(e, of.who, "bad", "{", "MalformedPolicyDocument")
			of.put(e, of.who, "bad", trusting("*"), "MalformedPolicyDocument")
			missing := "The " + of.kind + " policy with name bad cannot be found."
			of.get(e, of.who, "bad", "NoSuchEntity", missing)
			of.delete(e, of.who, "bad", "NoSuchEntity", missing)
			nobody := "The " + of.kind + " with name nobody cannot be found."
			of.put(e, "nobody", "p", first, "NoSuchEntity", nobody)
			of.get(e, "nobody", "p", "NoSuchEntity", nobody)
			of.delete(e, "nobody", "p", "NoSuchEntity", nobody)
			of.list(e, "nobody", "NoSuchEntity", nobody)

			of.delete(e, of.who, "Zed")
			of.delete(e, of.who, "alpha")
			equal(e, "after", of.list(e, of.who), []string{})

			// A quota limits the total size of all inline policies of an identity. It does not count white space.
			half := of.quota / 2
			of.put(e, of.who, "one", sized(half)+strings.Repeat(" ", 100))
			of.put(e, of.who, "two", sized(of.quota-half))
			of.put(e, of.who, "two", sized(of.quota-half)) // in place of itself
			of.put(e, of.who, "two", sized(of.quota-half+1), "LimitExceeded", "Maximum policy size of")
			of.put(e, of.who, "three", allow("*", "*"), "LimitExceeded", "Maximum policy size of")
		})
	}
}

// documents tests which policy documents are valid.
func documents(e *env) {
	type operationOn func(e *env, document string) error
	kinds := map[string]operationOn{
		"managed": func(e *env, document string) error {
			_, err := call(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: &document})
			return err
		},
		"inline": func(e *env, document string) error {
			_, err := call(e, IAM.PutUserPolicy, &iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("p"), PolicyDocument: &document})
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
			"nothing":              `{}`,
			"no JSON":              `{"Version":"2012-10-17",`,
			"a list":               `[]`,
			"a text":               `"text"`,
			"twice a key":          `{"Version":"2012-10-17","Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
			"an unknown version":   `{"Version":"2012-10-18","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
			"no statement":         `{"Version":"2012-10-17","Statement":[]}`,
			"no effect":            `{"Version":"2012-10-17","Statement":{"Action":"*","Resource":"*"}}`,
			"an unknown effect":    `{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`,
			"no action":            `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}`,
			"two kinds of action":  `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}`,
			"an action of nobody":  `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}`,
			"no resource":          `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*"}}`,
			"a resource of no ARN": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"bucket"}}`,
			"a principal":          `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`,
			"an unknown element":   `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","When":"now"}}`,
			"an unknown operator":  `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"aws:username":"u"}}}}`,
			"twice a Sid":          `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}]}`,
			"a Sid with a space":   `{"Version":"2012-10-17","Statement":{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"}}`,
		} {
			if got := codeOf(put(e, document)); got != "MalformedPolicyDocument" {
				e.Errorf("a policy (%s) with %s: %q, want MalformedPolicyDocument", kind, name, got)
			}
		}
		for name, document := range map[string]string{
			"one statement":      `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
			"lists":              `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["*"]}]}`,
			"NotAction":          `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::secret/*"}]}`,
			"a variable":         `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}]}`,
			"a condition":        `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}]}`,
			"an action to come":  `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"nosuch:Thing","Resource":"*"}]}`,
			"letters beyond A–Z": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/Ä ÿ"}]}`,
		} {
			if err := put(e, document); err != nil {
				e.Errorf("a policy (%s) with %s: %v", kind, name, err)
			} else if kind == "managed" {
				succeed(e, IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: new(e.arn("policy/p"))})
			}
		}
	}
}
