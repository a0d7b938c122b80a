package simulation

import (
	"errors"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

const (
	allowRead = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	denyRead  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]}`
	user      = `"principal": "arn:aws:iam::123456789012:user/ana"`
	read      = `"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resource_account": "123456789012"`
)

// parseTree parses JSON and replaces each string "<unknown>" by an unknown value.
func parseTree(t *testing.T, text string) tree.Node {
	t.Helper()
	node, err := policy.ParseJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	replaceUnknowns(&node)
	return node
}

func replaceUnknowns(node *tree.Node) {
	if node.Kind == tree.String && node.Text == "<unknown>" {
		node.Kind = tree.Unknown
	}
	for i := range node.Elements {
		replaceUnknowns(&node.Elements[i])
	}
	for i := range node.Members {
		replaceUnknowns(&node.Members[i].Value)
	}
}

func decode(t *testing.T, text string) *Case {
	t.Helper()
	c, err := Decode(parseTree(t, text))
	if err != nil {
		t.Fatalf("%s:\n%v", text, err)
	}
	return c
}

// asText returns the policy as a JSON string.
func asText(doc string) string { return `"` + strings.ReplaceAll(doc, `"`, `\"`) + `"` }

func TestDecode(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"no policies", `{` + user + `,` + read + `}`, "ImplicitlyDenied"},
		{"a list of policies", `{` + read + `, "identity": [` + allowRead + `]}`, "Allowed"},
		{"one policy", `{` + read + `, "identity": ` + allowRead + `}`, "Allowed"},
		{"a policy as text", `{` + read + `, "identity": ` + asText(allowRead) + `}`, "Allowed"},
		{"policies by name", `{` + read + `, "identity": {"a": ` + allowRead + `, "b": ` + asText(denyRead) + `}}`,
			"ExplicitlyDenied"},
		{"no policy by name", `{` + read + `, "identity": {}}`, "ImplicitlyDenied"},
		{"groups", `{` + read + `, "group": {"readers": ` + allowRead + `}}`, "Allowed"},
		{"null fields", `{` + read + `, "identity": ` + allowRead + `, "boundary": null, "scps": null, "principal": null}`,
			"Allowed"},
		{"a boundary that denies", `{` + read + `, "identity": ` + allowRead + `, "boundary": ` + denyRead + `}`,
			"ExplicitlyDenied"},
		{"a boundary in a list", `{` + read + `, "identity": ` + allowRead + `, "boundary": [` + allowRead + `]}`, "Allowed"},
		{"an empty list of scps", `{` + read + `, "identity": ` + allowRead + `, "scps": []}`, "ImplicitlyDenied"},
		{"an empty level of scps", `{` + read + `, "identity": ` + allowRead + `, "scps": [[]]}`, "ImplicitlyDenied"},
		{"levels in every form",
			`{` + read + `, "identity": ` + allowRead + `, "scps": [[` + allowRead + `], ` + allowRead + `, {"all": ` +
				allowRead + `}]}`, "Allowed"},
		{"an empty list of rcps", `{` + read + `, "identity": ` + allowRead + `, "rcps": []}`, "Allowed"},
		{"an empty list of session policies", `{` + user + `,` + read + `, "identity": ` + allowRead + `, "session": []}`,
			"Allowed"},
		{"no resource", `{"action": "s3:GetObject", "identity": ` + allowRead + `}`, "Allowed"},
		{"an account id as a number",
			`{"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resource_account": 123456789012, "identity": ` +
				allowRead + `}`, "Allowed"},
		{"single and multivalued context",
			`{` + read +
				`, "context": {"a:b": 1, "a:c": true, "a:d": ["x", 2]}, "identity": {"Version":"2012-10-17",
					"Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
			"Condition":{"NumericEquals":{"a:b":"1"},"Bool":{"a:c":"true"},"ForAllValues:StringEquals":{"a:d":["x","2"]}}}]}}`,
			"Allowed"},
		{"a service-linked role",
			`{"principal": "arn:aws:iam::123456789012:role/x", "service_linked_role": true, ` + read + `, "identity": ` +
				allowRead + `, "scps": []}`, "Allowed"},
		{"fields in any order",
			`{"service_linked_role": true, "principal_id": "AROAAAAAAAAAAAAAAAAAA", "scps": [], "identity": ` + allowRead +
				`, ` + read + `, "principal": "arn:aws:iam::123456789012:role/x"}`, "Allowed"},
		{"a unique id",
			`{"principal": "arn:aws:iam::123456789012:user/x", "principal_id": "AIDAAAAAAAAAAAAAAAAAA", ` + read +
				`, "resource_policy": {"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Principal":{"AWS":"AIDAAAAAAAAAAAAAAAAAA"},"Action":"s3:GetObject","Resource":"*"}]}}`,
			"Allowed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := decode(t, tc.text)
			if got := c.Outcome().String(); got != tc.want {
				t.Errorf("outcome is %s, want %s", got, tc.want)
			}
			if got := c.Explain().Outcome.String(); got != tc.want {
				t.Errorf("explained outcome is %s, want %s", got, tc.want)
			}
			if c.Uncertain || c.HasHiddenUnknowns() {
				t.Error("a question without unknown values counts as uncertain")
			}
		})
	}
}

func TestDecode_Errors(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	for _, tc := range []struct {
		name, text string
		want       []string // parts of the errors, in order
	}{
		{"a list as the question", `[]`, []string{"1:1: An access question must be an object; found a list."}},
		{"no action", `{}`, []string{"1:1: action: The question has no action"}},
		{"unknown field", `{` + read + `, "bounary": null}`,
			[]string{`bounary: Unknown field; perhaps "boundary" was meant.`}},
		{"unknown field without a similar name", `{` + read + `, "xyzzy": 1}`, []string{"xyzzy: Unknown field."}},
		{"several mistakes", `{"action": "s3:*", "resource": "", "resource_account": "12"}`,
			[]string{`1:12: action: "s3:*" has a wildcard`, "resource: This is an empty string",
				`resource_account: "12" is not an account id`}},
		{"account id as a number without its zeros", `{"action": "s3:GetObject", "management_account": 12345678901}`,
			[]string{"loses its leading zeros"}},
		{"a long resource", `{"action": "s3:GetObject", "resource": "` + long + `"}`, []string{"resource: This has 8193 " +
			"bytes; the limit is 8192."}},
		{"a principal of the wrong form", `{` + read + `, "principal": "ana"}`, []string{`principal: "ana" is not a caller`}},
		{"a resource policy without principal",
			`{` + read + `, "resource_policy": {"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}}`,
			[]string{"resource_policy: This policy can be evaluated only for a given caller"}},
		{"an endpoint policy without principal",
			`{` + read + `, "vpce": {"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}}`,
			[]string{"vpce: This policy can be evaluated only for a given caller"}},
		{"an id without principal", `{` + read + `, "principal_id": "AIDAAAAAAAAAAAAAAAAAA"}`,
			[]string{"principal_id: This field describes the principal"}},
		{"expect misspelt", `{` + read + `, "expect": "Allow"}`,
			[]string{`expect: "Allow" is not an outcome; perhaps "Allowed" was meant`}},
		{"a flag of the wrong type", `{` + read + `, "service_linked_role": "yes"}`, []string{"service_linked_role: This " +
			"must be true or false; found a string."}},
		{"a null context value", `{` + read + `, "context": {"a:b": null}}`,
			[]string{`context["a:b"]: The value is null; leave the key out`}},
		{"a null in a context list", `{` + read + `, "context": {"a:b": ["x", null]}}`,
			[]string{`context["a:b"][1]: A value in the list is null`}},
		{"policies beside levels of scps", `{` + read + `, "scps": [` + allowRead + `, ` + asText(denyRead) + `]}`,
			[]string{"scps: The list has 2 policies that are not in a level"}},
		{"the ARN of a policy", `{` + read + `, "identity": {"read": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}`,
			[]string{`identity["read"]: Expected a policy document, found the ARN ` +
				`"arn:aws:iam::aws:policy/ReadOnlyAccess". Give the text of the policy`}},
		{"a known and an unknown resource policy",
			`{` + user + `,` + read + `, "resource_policy": ` + ownAccount + `, "unknown_resource_policy": true}`,
			[]string{"unknown_resource_policy: The question has a resource_policy"}},
		{"an unknown resource policy of the wrong type", `{` + read + `, "unknown_resource_policy": "yes"}`,
			[]string{"unknown_resource_policy: This must be true or false; found a string."}},
		{"an object as a context value", `{` + read + `, "context": {"a:b": {}}}`, []string{`found an object`}},
		{"a key given twice", `{` + read + `, "context": {"a:b": 1}, "unknown_context_keys": ["A:B"]}`,
			[]string{`unknown_context_keys[0]: the context key "A:B" is given twice`}},
		{"an empty key", `{` + read + `, "context": {"": 1}}`, []string{"a context key is empty"}},
		{"a context that is a list", `{` + read + `, "context": []}`, []string{"context: The context must be an object"}},
		{"an empty boundary", `{` + read + `, "boundary": []}`, []string{"boundary: There must be exactly one policy " +
			"here, or the field left out; found 0."}},
		{"two boundaries", `{` + read + `, "boundary": [` + allowRead + `,` + allowRead + `]}`, []string{"found 2"}},
		{"scps that are one policy", `{` + read + `, "scps": ` + allowRead + `}`, []string{"scps: This must be a list of " +
			"levels"}},
		{"a null level", `{` + read + `, "scps": [null]}`, []string{"scps[0]: The level is null"}},
		{"a null policy", `{` + read + `, "identity": [null]}`, []string{"identity[0]: The policy is null"}},
		{"a policy without name", `{` + read + `, "identity": {"": ` + allowRead + `}}`,
			[]string{`identity[""]: The policy's name is empty.`}},
		{"an empty policy", `{` + read + `, "identity": " "}`, []string{"identity: The policy is an empty string"}},
		{"a number as a policy", `{` + read + `, "identity": {"dev": 1}}`,
			[]string{`identity["dev"]: A policy is an object, or a string of JSON; found a number.`}},
		{"a misspelt element", `{` + read + `, "identity": {"statement": []}}`, []string{"MISSING_STATEMENT",
			`perhaps "Statement" was meant`}},
		{"position inside a policy", "{" + read + ", \"identity\": [\n{\"Statement\": [{\"Effect\": \"allow\", " +
			"\"Action\": \"*\", \"Resource\": \"*\"}]}]}",
			[]string{`2:27: identity[0]: Effect is "allow"`}},
		{"position inside a policy given as text", `{` + read + `, "identity": {"dev": "{\n\"Statement\": 1}"}}`,
			[]string{`identity["dev"]: Statement must be`}},
		{"principal in an identity policy", "{" + read + ", \"identity\": [\n{\"Statement\": [{\"Effect\": \"Allow\", " +
			"\"Action\": \"*\", \"Resource\": \"*\", \"Principal\": \"*\"}]}]}",
			[]string{"2:16: identity[0]: The statement names principals"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := Decode(parseTree(t, tc.text))
			var found Errors
			if !errors.As(err, &found) {
				t.Fatalf("got case %v, error %v, want Errors", c, err)
			}
			lines := strings.Split(found.Error(), "\n")
			if len(lines) != len(tc.want) {
				t.Fatalf("got %d errors, want %d:\n%s", len(lines), len(tc.want), found)
			}
			for i, want := range tc.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("error %d is\n  %s\nwant in it\n  %s", i, lines[i], want)
				}
			}
		})
	}
}

func TestDecode_ErrorPositions(t *testing.T) {
	broken := `{"Statement": [
		{"Effect": "Allow", "Action": "s3", "Resource": "*"}]}`
	find := func(t *testing.T, err error) *Error {
		t.Helper()
		var found Errors
		if !errors.As(err, &found) || len(found) != 1 {
			t.Fatalf("got %v, want one error", err)
		}
		return found[0]
	}
	t.Run("text", func(t *testing.T) {
		node := parseTree(t, `{`+read+`}`)
		node.Members = append(node.Members, tree.Member{Name: "boundary", Value: tree.Node{Kind: tree.String,
			Text: broken, Pos: tree.Pos{Line: 7, Column: 3}}})
		_, err := Decode(node)
		e := find(t, err)
		if e.Field() != "boundary" || e.Pos.Line != 7 || e.Within.Line != 2 || e.Within.Column != 33 ||
			e.JSONPath != "$.Statement[0].Action" || e.Code != policy.CodeInvalidAction {
			t.Errorf("%+v", e)
		}
		if !strings.Contains(e.Error(), "line 2, column 33 of its text") {
			t.Error(e)
		}
	})
	t.Run("file", func(t *testing.T) {
		load := func(ref string) ([]byte, string, bool, error) {
			return []byte(broken), "dev.json", strings.HasPrefix(ref, "file:"), nil
		}
		_, err := DecodeWith(parseTree(t, `{`+read+`, "identity": {"dev": "file:x"}}`), load)
		e := find(t, err)
		if e.Path != `identity["dev"]` || e.Field() != "identity" || e.Source != "dev.json" || e.Within.Line != 2 {
			t.Errorf("%+v", e)
		}
	})
	t.Run("file that cannot be read", func(t *testing.T) {
		load := func(string) ([]byte, string, bool, error) {
			return nil, "", true, errors.New("the file does not exist")
		}
		_, err := DecodeWith(parseTree(t, `{`+read+`, "scps": ["file:x"]}`), load)
		if e := find(t, err); e.Path != "scps[0]" || e.Message != "The file does not exist." {
			t.Errorf("%+v", e)
		}
	})
	t.Run("without positions", func(t *testing.T) {
		node := parseTree(t, `{`+read+`, "identity": [`+strings.ReplaceAll(broken, "\n", "")+`]}`)
		removePositions(&node)
		_, err := Decode(node)
		if e := find(t, err); e.Pos.Known() || e.Within.Known() || e.JSONPath != "$.Statement[0].Action" {
			t.Errorf("%+v", e)
		}
	})
}

func removePositions(node *tree.Node) {
	node.Pos = tree.Pos{}
	for i := range node.Elements {
		removePositions(&node.Elements[i])
	}
	for i := range node.Members {
		node.Members[i].Pos = tree.Pos{}
		removePositions(&node.Members[i].Value)
	}
}

func TestOrigin(t *testing.T) {
	c := decode(t,
		`{`+read+`, "identity": [`+allowRead+`], "group": {"readers": `+asText(allowRead)+`}, "boundary": `+allowRead+
			`, "scps": [[`+allowRead+`]]}`)
	want := map[authz.LayerKind]struct {
		policy string
		form   Form
	}{
		authz.Identity: {"identity[0]", Inline}, authz.Group: {"readers", AsText},
		authz.Boundary: {"boundary", Inline}, authz.ServiceControl: {"scps[0][0]", Inline},
	}
	d := c.Explain()
	if len(d.Layers) != len(want) {
		t.Fatalf("%d layers, want %d", len(d.Layers), len(want))
	}
	for _, l := range d.Layers {
		ref := l.Deciding[0]
		origin, ok := c.Origin(ref)
		if w := want[l.Layer]; ref.Policy != w.policy || !ok || origin.Form != w.form || !origin.Pos.Known() {
			t.Errorf("layer %s: policy %q, origin %+v", l.Name(), ref.Policy, origin)
		}
	}
}
