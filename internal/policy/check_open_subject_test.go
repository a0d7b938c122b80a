package policy

import "testing"

func TestCheck_OpenSubject(t *testing.T) {
	const github, google = "token.actions.githubusercontent.com", "accounts.google.com"
	for name, tt := range map[string]struct{ host, condition, want string }{
		"any workflow of GitHub": {github, `"StringLike":{"token.actions.githubusercontent.com:sub":"*"}`,
			"SECURITY_WARNING MISSING_GITHUB_REPO_CONDITION_KEY"},
		"any subject in a list": {github, `"StringLike":{"token.actions.githubusercontent.com:sub":["repo:a/b:*","**"]}`,
			"WARNING SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED SECURITY_WARNING MISSING_GITHUB_REPO_CONDITION_KEY"},
		"any subject of another provider": {google, `"StringLikeIfExists":{"accounts.google.com:SUB":"*"}`,
			"SECURITY_WARNING MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL"},
		"one subject":  {google, `"StringLike":{"accounts.google.com:sub":"104*"}`, ""},
		"no subject":   {google, `"StringNotLike":{"accounts.google.com:sub":"*"}`, ""},
		"literal star": {google, `"StringEquals":{"accounts.google.com:sub":"${*}"}`, ""},
		"any subject of an unrelated host": {google,
			`"StringLike":{"accounts.google.com:aud":"x","example.com:sub":"*"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			findings := Validate([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"`+
				tt.host+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{`+tt.condition+`}}}`), Trust)
			got := ""
			for _, f := range findings {
				if got != "" {
					got += " "
				}
				got += f.Kind.String() + " " + string(f.Code)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q: %v", got, tt.want, findings)
			}
		})
	}
}
