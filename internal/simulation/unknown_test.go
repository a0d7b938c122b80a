package simulation

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestOutcome_UnknownValues(t *testing.T) {
	const (
		denyAllExceptAna = `{"Statement": {"Effect": "Deny",` +
			` "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:user/ana", "123456789012"]}, "Action": "*", "Resource": "*"}}`
		denyEveryone  = `{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}`
		allowUniqueID = `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "AIDAAAAAAAAAAAAAAAAAA"}, "Action": "*",` +
			` "Resource": "*"}}`
	)
	allowed := user + `,` + read + `, "identity": ` + allowRead
	for _, tc := range []struct{ name, text, want string }{
		{"the question", `"<unknown>"`, "Unknown"},
		{"identity policies", `{` + user + `,` + read + `, "identity": "<unknown>"}`, "Unknown"},
		{"identity policies beside a denial",
			`{` + user + `,` + read + `, "identity": "<unknown>", "group": ` + denyRead + `}`, "ExplicitlyDenied"},
		{"a policy beside one that allows", `{` + user + `,` + read + `, "identity": [` + allowRead + `, "<unknown>"]}`,
			"Unknown"},
		{"a boundary", `{` + allowed + `, "boundary": "<unknown>"}`, "Unknown"},
		{"a boundary where nothing allows", `{` + user + `,` + read + `, "boundary": "<unknown>"}`, "Denied"},
		{"a boundary and NotPrincipal",
			`{` + user + `,` + read + `, "boundary": "<unknown>", "resource_policy": ` + denyAllExceptAna + `}`, "Denied"},
		{"a boundary, NotPrincipal and an Allow",
			`{` + allowed + `, "boundary": "<unknown>", "resource_policy": ` + denyAllExceptAna + `}`, "Unknown"},
		{"session policies", `{` + allowed + `, "session": "<unknown>"}`, "Unknown"},
		{"scps", `{` + allowed + `, "scps": "<unknown>"}`, "Unknown"},
		{"a level of scps", `{` + allowed + `, "scps": [` + allowRead + `, "<unknown>"]}`, "Unknown"},
		{"a level of scps below one that denies", `{` + allowed + `, "scps": [` + denyRead + `, "<unknown>"]}`,
			"ExplicitlyDenied"},
		{"rcps", `{` + allowed + `, "rcps": "<unknown>"}`, "Unknown"},
		{"a resource policy", `{` + allowed + `, "resource_policy": "<unknown>"}`, "Unknown"},
		{"a resource policy and no principal",
			`{` + read + `, "identity": ` + allowRead + `, "resource_policy": "<unknown>"}`, "Unknown"},
		{"an endpoint policy", `{` + allowed + `, "vpce": "<unknown>"}`, "Unknown"},
		{"an action under a statement for every action",
			`{` + user +
				`, "action": "<unknown>", "identity": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}`,
			"Allowed"},
		{"an action", `{` + user + `, "action": "<unknown>", "identity": ` + allowRead + `}`, "Unknown"},
		{"a resource",
			`{` + user +
				`, "action": "s3:GetObject", "resource": "<unknown>", "resource_account": "123456789012", "identity": ` +
				allowRead + `}`, "Allowed"},
		{"a resource and its account",
			`{` + user + `, "action": "s3:GetObject", "resource": "<unknown>", "identity": ` + allowRead + `}`, "Unknown"},
		{"a resource account",
			`{` + user +
				`, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resource_account": "<unknown>", "identity": ` +
				allowRead + `}`, "Unknown"},
		{"a principal", `{"principal": "<unknown>", ` + read + `, "identity": ` + allowRead + `}`, "Unknown"},
		{"a principal that may be a service, with an identity policy that denies",
			`{"principal": "<unknown>", ` + read + `, "identity": ` + denyRead + `}`, "Unknown"},
		{"a principal where the resource denies everyone",
			`{"principal": "<unknown>", ` + read + `, "resource_policy": ` + denyEveryone + `}`, "ExplicitlyDenied"},
		{"a unique id that no policy can name", `{` + allowed + `, "principal_id": "<unknown>"}`, "Allowed"},
		{"a unique id", `{` + user + `,` + read + `, "principal_id": "<unknown>", "resource_policy": ` + allowUniqueID + `}`,
			"Unknown"},
		{"a service-linked role", `{` + allowed + `, "service_linked_role": "<unknown>", "scps": [` + denyRead + `]}`,
			"Unknown"},
		{"a service-linked role without scps", `{` + allowed + `, "service_linked_role": "<unknown>"}`, "Allowed"},
		{"a management account", `{` + allowed + `, "management_account": "<unknown>", "scps": []}`, "Unknown"},
		{"a management account that does not change the outcome",
			`{` + allowed + `, "management_account": "<unknown>", "scps": [` + allowRead + `]}`, "Allowed"},
		{"a resource account that may be the management account",
			`{` + user +
				`, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resource_account": "<unknown>",
					"management_account": "999999999999",
			"identity": ` + allowRead + `, "rcps": [` + denyEveryone + `]}`, "Unknown"},
		{"a context value", `{` + allowed + `, "context": {"aws:SourceIp": "<unknown>"}}`, "Allowed"},
		{"a context value in the condition of a denial",
			`{` + allowed +
				`, "context": {"aws:SourceIp": "<unknown>"}, "group": {"Statement": {"Effect": "Deny", "Action": "*", ` +
				`"Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}}`, "Unknown"},
		{"a list of context values",
			`{` + allowed +
				`, "context": {"aws:TagKeys": ["a", "<unknown>"]}, "group": {"Statement": {"Effect": "Deny", "Action": "*", ` +
				`"Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}}}}`, "Unknown"},
		{"a context value that may be an empty list",
			`{` + user + `,` + read + `, "context": {"a:k": "<unknown>"}, "identity": {"Statement": [
			{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqualsIfExists": {"a:k": "x"}}},
			{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"a:k": "false"}}}]}}`, "Unknown"},
		{"a context value that may be a list of several",
			`{` + user + `,` + read + `, "context": {"a:k": "<unknown>"}, "identity": {"Statement":
			{"Effect": "Allow", "Action": "*", "Resource": "*",
			  "Condition": {"StringNotLike": {"a:k": "*"}, "Null": {"a:k": "false"}}}}}`, "Unknown"},
		{"context values that no policy uses",
			`{` + allowed +
				`, "context": {"a:a": "<unknown>", "a:b": "<unknown>", "a:c": "<unknown>", "a:d": "<unknown>", "a:e": "<unknown>",
			"a:f": "<unknown>", "a:g": "<unknown>", "a:h": "<unknown>", "a:i": "<unknown>"}}`, "Allowed"},
		{"more context values than the evaluator tries",
			`{` + user + `,` + read +
				`, "identity": {"Version": "2012-10-17",
					"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
			"StringLikeIfExists": {"a:a": "*", "A:B": "*", "a:c": "*", "a:d": ["*", "${a:e}", "${a:F, 'x'}"], "a:g": "*"}}}},
			"context": {"a:a": "<unknown>", "a:b": "<unknown>", "a:c": "<unknown>", "a:d": "<unknown>", "a:e": "<unknown>",
			  "a:f": "<unknown>", "a:g": "<unknown>"}}`, "Unknown"},
		{"a context value as a variable",
			`{` + user + `,` + read +
				`, "context": {"a:k": "<unknown>"}, "identity": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", ` +
				`"Action": "*", "Resource": "arn:aws:s3:::b/${a:k, 'k'}"}}}`, "Unknown"},
		{"a declared unknown key",
			`{` + allowed +
				`, "unknown_context_keys": "aws:SourceIp", "group": {"Statement": {"Effect": "Deny", "Action": "*", "Resource": ` +
				`"*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}}`, "Unknown"},
		{"the whole context",
			`{` + allowed +
				`, "context": "<unknown>", "group": {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", ` +
				`"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}}`, "Unknown"},
		{"an unknown name of a declared unknown key",
			`{` + allowed +
				`, "unknown_context_keys": ["<unknown>"], "group": {"Statement": {"Effect": "Deny", "Action": "*", "Resource": ` +
				`"*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}}`, "Unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := decode(t, tc.text)
			if got := c.Outcome().String(); got != tc.want {
				t.Errorf("outcome is %s, want %s", got, tc.want)
			}
			d := c.Explain()
			if got := d.Outcome.String(); got != tc.want {
				t.Errorf("explained outcome is %s, want %s", got, tc.want)
			}
			if d.Outcome == authz.Undecided && (len(d.DependsOn) == 0 || !strings.HasPrefix(d.Reason,
				"Unknown: the answer depends on ")) {
				t.Errorf("an unknown outcome does not list the values that it depends on: %q, %q", d.Reason, d.DependsOn)
			}
			if d.Outcome == authz.Undecided && len(d.Deciding) > 0 {
				t.Error("an unknown outcome has deciding statements")
			}
			if !c.Uncertain && !strings.Contains(tc.name, "declared") {
				t.Error("the question does not count as uncertain")
			}
			c.CouldAllow() // answers without panic
		})
	}
}

func TestOutcome_UnknownScalar(t *testing.T) {
	node := parseTree(t, `{`+user+`,`+read+`, "context": {"a:k": "<unknown>"}, "identity": {"Statement":
		{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringNotLike": {"a:k": "*"}}}}}`)
	context, _ := node.Member("context")
	value, _ := context.Member("a:k")
	value.Scalar = true
	c, err := Decode(node)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Outcome(); got != authz.ImplicitlyDenied || !c.Uncertain || c.HasHiddenUnknowns() {
		t.Errorf("%s, uncertain %v, hidden unknowns %v", got, c.Uncertain, c.HasHiddenUnknowns())
	}
}

func TestOutcome_UnknownNeverChangesDefiniteAnswer(t *testing.T) {
	// If any part of the question is replaced by an unknown value, the answer stays the same or becomes
	// Undecided.
	const question = `{"principal": "arn:aws:iam::123456789012:user/ana", "action": "s3:GetObject",
		"resource": "arn:aws:s3:::b/k",
		"resource_account": "123456789012", "management_account": "999999999999", "principal_id": "AIDAAAAAAAAAAAAAAAAAA",
		"context": {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ["a"]}, "service_linked_role": false,
		"unknown_context_keys": [],
		"identity": [` + allowRead + `], "group": {"g": ` + allowRead + `}, "boundary": ` + allowRead + `, "scps": [[` +
		allowRead + `]], "rcps": [],
		"resource_policy": {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
		  "Condition": {"IpAddress": {"aws:SourceIp": "192.168.0.0/16"}}},
		  {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
		  "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ana"}}},
		  {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
		  "Condition": {"StringNotEquals": {"aws:userid": "AIDAAAAAAAAAAAAAAAAAA"}}}]}}`
	whole := parseTree(t, question)
	want := decode(t, question).Outcome()
	var visit func(node *tree.Node, path string)
	visit = func(node *tree.Node, path string) {
		saved := *node
		*node = tree.Node{Kind: tree.Unknown}
		c, err := Decode(whole)
		if err != nil {
			t.Errorf("%s unknown: %v", path, err)
		} else if got := c.Outcome(); got != want && got != authz.Undecided {
			t.Errorf("%s unknown: got %s; the complete question is %s", path, got, want)
		}
		*node = saved
		for i := range node.Elements {
			visit(&node.Elements[i], path+"[]")
		}
		for i := range node.Members {
			visit(&node.Members[i].Value, path+"."+node.Members[i].Name)
		}
	}
	visit(&whole, "$")
}

func TestAbout(t *testing.T) {
	// The original action and resource are unknown. That must not affect the new question.
	base := decode(t, `{`+user+`, "action": "<unknown>", "identity": `+allowRead+`, "boundary": `+allowRead+`}`)
	known := func(text string) tree.Node { return tree.Node{Kind: tree.String, Text: text} }
	unknown := tree.Node{Kind: tree.Unknown}
	for _, tc := range []struct {
		action, resource tree.Node
		want             authz.Outcome
		uncertain        bool
	}{
		{known("s3:GetObject"), known("arn:aws:s3:::b/k"), authz.Allowed, false},
		{known("s3:PutObject"), known("arn:aws:s3:::b/k"), authz.ImplicitlyDenied, false},
		{unknown, known("arn:aws:s3:::b/k"), authz.Undecided, true},
		{known("s3:PutObject"), unknown, authz.ImplicitlyDenied, true},
	} {
		about, err := base.About(tc.action, tc.resource)
		if err != nil {
			t.Fatal(err)
		}
		if got := about.Outcome(); got != tc.want || about.Uncertain != tc.uncertain {
			t.Errorf("%v on %v: %s, uncertain %v; want %s, %v", tc.action, tc.resource, got, about.Uncertain, tc.want,
				tc.uncertain)
		}
	}
	if _, err := base.About(known("GetObject"), known("")); err == nil || !strings.Contains(err.Error(),
		"action: ") || !strings.Contains(err.Error(), "resource: ") {
		t.Errorf("About does not report both mistakes: %v", err)
	}
	if base.Outcome() != authz.Undecided || !base.Uncertain {
		t.Error("About changed the original question")
	}
}
