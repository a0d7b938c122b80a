package simulation

import (
	"strings"
	"testing"
)

const (
	breakGlass = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},` +
		`{"Effect":"Deny","Action":"*","Resource":"*","Condition":` +
		`{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/break-glass"}}}]}`
	ownFolder = `{"Version":"2012-10-17","Statement":` +
		`[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}/*"}]}`
	ownAccount = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",` +
		`"Condition":{"StringNotEquals":{"aws:PrincipalAccount":"123456789012"}}}]}`
	byID = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",` +
		`"Condition":{"StringLike":{"aws:userid":"AROAAAAAAAAAAAAAAAAAA:*"}}}]}`
)

func TestOutcome_PrincipalKeys(t *testing.T) {
	const (
		get     = `"action": "s3:GetObject", "resource": "arn:aws:s3:::b/ana/k", "resource_account": "123456789012"`
		role    = `"principal": "arn:aws:iam::123456789012:role/break-glass"`
		session = `"principal": "arn:aws:sts::123456789012:assumed-role/break-glass/ana"`
		all     = `"identity": {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	)
	for _, tc := range []struct{ name, text, want, note string }{
		{"a role that a Deny exempts", role + `, "scps": [` + breakGlass + `],` + all, "Allowed", ""},
		{"a user that a Deny does not exempt", user + `, "scps": [` + breakGlass + `],` + all, "ExplicitlyDenied", ""},
		{"an unnamed principal", `"scps": [` + breakGlass + `],` + all, "ExplicitlyDenied", ""},
		{"a session, whose role may have a path", session + `, "scps": [` + breakGlass + `],` + all, "Unknown",
			"The ARN of a session does not contain the path of its role."},
		{"a session with the ARN of its role", session + `, "scps": [` + breakGlass + `],` + all +
			`, "context": {"aws:principalarn": "arn:aws:iam::123456789012:role/break-glass"}`, "Allowed", ""},
		{"a given key", role + `, "scps": [` + breakGlass + `],` + all +
			`, "context": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/dev"}`, "ExplicitlyDenied", ""},
		{"an absent key", role + `, "scps": [` + breakGlass + `],` + all + `, "context": {"aws:PrincipalArn": []}`,
			"ExplicitlyDenied", ""},
		{"a key declared as unknown", role + `, "scps": [` + breakGlass + `],` + all +
			`, "unknown_context_keys": ["aws:PrincipalArn"]`, "Unknown", ""},
		{"a variable with the user's name", user + `, "identity": ` + ownFolder, "Allowed", ""},
		{"a role has no user name", role + `, "identity": ` + ownFolder, "ImplicitlyDenied", ""},
		{"the principal's account", user + `,` + all + `, "resource_policy": ` + ownAccount, "Allowed", ""},
		{"the account of a service", `"principal": "ec2.amazonaws.com", "resource_policy": ` + ownAccount,
			"ExplicitlyDenied", ""},
		{"a unique id", role + `, "principal_id": "AROAAAAAAAAAAAAAAAAAA", "identity": ` + byID, "Allowed", ""},
		{"another unique id", role + `, "principal_id": "AROABBBBBBBBBBBBBBBBB", "identity": ` + byID,
			"ImplicitlyDenied", ""},
		{"a role without a unique id", role + `, "identity": ` + byID, "Unknown", "The value of aws:userid is the unique id"},
		{"a session without a unique id", session + `, "identity": ` + byID, "Unknown", "principal_id"},
		{"a user without a unique id", user + `, "identity": ` + byID, "Unknown", "principal_id"},
		{"a unique id that is not known yet", role + `, "principal_id": "<unknown>", "identity": ` + byID, "Unknown", ""},
		{"a principal that is not known yet", `"principal": "<unknown>", "resource_policy": ` + breakGlassBucket,
			"Unknown", ""},
		{"a context that is not known yet", role + `, "context": "<unknown>", "scps": [` + breakGlass + `],` + all,
			"Unknown", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := decode(t, `{`+get+`,`+tc.text+`}`)
			d := c.Explain()
			if got := d.Outcome.String(); got != tc.want || c.Outcome() != d.Outcome {
				t.Errorf("got %s, without reasons %s, want %s\n%s", got, c.Outcome(), tc.want, d.Reason)
			}
			if notes := strings.Join(d.Notes, "\n"); tc.note == "" && strings.Contains(notes, "definite answer") ||
				!strings.Contains(notes, tc.note) {
				t.Errorf("got notes %q, want %q", notes, tc.note)
			}
		})
	}
}

const breakGlassBucket = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*",` +
	`"Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/break-glass"}}}]}`

func TestOutcome_UnknownResourcePolicy(t *testing.T) {
	const other = `"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resource_account": "999999999999"`
	for _, tc := range []struct{ name, text, want string }{
		{"where nothing else allows", user + `,` + read, "Unknown"},
		{"where the identity policy allows", user + `,` + read + `, "identity": ` + allowRead, "Unknown"},
		{"where the identity policy denies", user + `,` + read + `, "identity": ` + denyRead, "ExplicitlyDenied"},
		{"without a principal", read + `, "identity": ` + allowRead, "Unknown"},
		{"across accounts without an Allow", user + `,` + other, "Denied"},
		{"across accounts", user + `,` + other + `, "identity": ` + allowRead, "Unknown"},
		{"a service", `"principal": "ec2.amazonaws.com",` + other, "Unknown"},
	} {
		c := decode(t, `{`+tc.text+`, "unknown_resource_policy": true}`)
		d := c.Explain()
		if got := d.Outcome.String(); got != tc.want {
			t.Errorf("%s: got %s, want %s: %s", tc.name, got, tc.want, d.Reason)
		}
		if c.Uncertain {
			t.Errorf("%s: a declared unknown counts as a value that is not known yet", tc.name)
		}
	}
	c := decode(t, `{`+user+`,`+read+`, "unknown_resource_policy": false}`)
	if got := c.Outcome().String(); got != "ImplicitlyDenied" {
		t.Errorf("false: got %s", got)
	}
	c = decode(t, `{`+user+`,`+read+`, "resource_policy": `+ownAccount+`, "unknown_resource_policy": "<unknown>"}`)
	if c.Outcome().String() != "Unknown" || !c.Uncertain {
		t.Errorf("not known yet: got %s, uncertain %v", c.Outcome(), c.Uncertain)
	}
}

func TestExplain_NotesLevelWithoutAllow(t *testing.T) {
	for scps, want := range map[string]string{
		`[[` + allowRead + `], [` + denyWrite + `]]`: "scps[1] has only Deny statements",
		`[[` + allowRead + `,` + denyWrite + `]]`:    "",
		`[[` + allowRead + `], []]`:                  "",
		`[[` + allowRead + `], [` + denyRead + `]]`:  "",
		`[[` + allowRead + `], ["<unknown>"]]`:       "",
	} {
		d := decode(t, `{`+user+`,`+read+`, "identity": `+allowRead+`, "scps": `+scps+`}`).Explain()
		if got := strings.Join(d.Notes, "\n"); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got notes %q, want %q", scps, got, want)
		}
	}
}

const denyWrite = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}`
