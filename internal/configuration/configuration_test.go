package configuration_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/iam-as-code/terraform-provider-iam/internal/configuration"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// values are the values of a plan. A text "?" in an attribute is unknown.
type values struct {
	variables map[string]any
	instances map[string][]instance // by the address without the index
}

type instance struct {
	index      any
	attributes map[string]any
}

func (v values) Variable(name string) (tree.Node, bool) {
	value, ok := v.variables[name]
	return node(value), ok
}

func (v values) Instances(module, mode, typeName, name string) (out []planfile.Instance) {
	address := typeName + "." + name
	if mode == "data" {
		address = "data." + address
	}
	if module != "" {
		address = module + "." + address
	}
	for _, i := range v.instances[address] {
		at := address
		if i.index != nil {
			text, err := json.Marshal(i.index)
			if err != nil {
				panic(err)
			}
			at += "[" + string(text) + "]"
		}
		out = append(out, planfile.Instance{Address: at, Index: node(i.index), Attributes: node(i.attributes)})
	}
	return out
}

func node(v any) tree.Node {
	switch v := v.(type) {
	case nil:
		return tree.Node{}
	case string:
		if v == "?" {
			return tree.Node{Kind: tree.Unknown}
		}
		return tree.Node{Kind: tree.String, Text: v}
	case []any:
		n := tree.Node{Kind: tree.Array}
		for _, element := range v {
			n.Elements = append(n.Elements, node(element))
		}
		return n
	case map[string]any:
		n := tree.Node{Kind: tree.Object}
		for name, value := range v {
			n.Members = append(n.Members, tree.Member{Name: name, Value: node(value)})
		}
		return n
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	if v == true || v == false {
		return tree.Node{Kind: tree.Bool, Text: string(text)}
	}
	return tree.Node{Kind: tree.Number, Text: string(text)}
}

// show writes a node in one line, with texts as they are and unknown nodes as "?".
func show(n tree.Node) string {
	switch n.Kind {
	case tree.Unknown:
		return "?"
	case tree.Array:
		parts := make([]string, 0, len(n.Elements))
		for _, element := range n.Elements {
			parts = append(parts, show(element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case tree.Object:
		parts := make([]string, 0, len(n.Members))
		for _, m := range n.Members {
			parts = append(parts, m.Name+": "+show(m.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case tree.Null:
		return "null"
	}
	return n.Text
}

// files returns a file system. A text without file names is main.tf. Others have lines like "-- name --".
func files(text string) fstest.MapFS {
	out := fstest.MapFS{}
	name, content := "main.tf", []string{}
	flush := func() {
		if len(content) > 0 || name != "main.tf" {
			out[name] = &fstest.MapFile{Data: []byte(strings.Join(content, "\n") + "\n")}
		}
		content = nil
	}
	for _, line := range strings.Split(text, "\n") {
		if after, ok := strings.CutPrefix(line, "-- "); ok {
			flush()
			name = strings.TrimSuffix(after, " --")
			continue
		}
		content = append(content, line)
	}
	flush()
	return out
}

func document(statement string) string {
	return `{"Statement":[` + statement + `],"Version":"2012-10-17"}`
}

var bucket = map[string][]instance{"aws_s3_bucket.b": {{attributes: map[string]any{"arn": "?", "bucket": "logs",
	"id": "?", "region": "?", "tags": map[string]any{"a": "b"}, "things": "?", "description": "?",
	"rules": []any{"x", "y"}, "blocks": []any{map[string]any{"k": "v"}}}}}}

func TestAttribute_Values(t *testing.T) {
	const policy = `resource "aws_iam_policy" "p" {
	policy = `
	const declared = `
		}
		resource "aws_s3_bucket" "b" {}
		`
	const arn = "${terraform:aws_s3_bucket.b.arn}"
	for _, tc := range []struct {
		name, source, want string
	}{
		{"literal", `"a"`, `a`},
		{"attribute", `aws_s3_bucket.b.bucket`, `logs`},
		{"unknown attribute", `aws_s3_bucket.b.arn`, arn},
		{"attribute of another kind", `aws_s3_bucket.b.things`, `?`},
		{"template", `"${aws_s3_bucket.b.arn}/*"`, arn + `/*`},
		{"attribute by index", `aws_s3_bucket.b["arn"]`, arn},
		{"map", `aws_s3_bucket.b.tags["a"]`, `b`},
		{"resource as an object", `values({ x = aws_s3_bucket.b })[0].arn`, arn},
		{"join", `join("/", [aws_s3_bucket.b.arn, "*"])`, arn + `/*`},
		{"format", `format("%s/*", aws_s3_bucket.b.arn)`, arn + `/*`},
		{"format of an unknown value", `format("a%sb", aws_s3_bucket.b.things)`,
			`a${terraform:aws_iam_policy.p.policy-1.1}b`},
		{"template of an unknown value", `"a${aws_s3_bucket.b.things}b"`, `a${terraform:aws_iam_policy.p.policy-1.1}b`},
		{"formatlist", `formatlist("%s/*", [aws_s3_bucket.b.arn, "a"])`, `[` + arn + `/*, a/*]`},
		{"concat", `concat([aws_s3_bucket.b.arn], ["a"])`, `[` + arn + `, a]`},
		{"for", `[for a in [aws_s3_bucket.b.arn] : "${a}/x"]`, `[` + arn + `/x]`},
		{"splat", `[aws_s3_bucket.b][*].arn`, `[` + arn + `]`},
		{"merge", `merge({ a = aws_s3_bucket.b.arn }, { b = 1 })`, `{a: ` + arn + `, b: 1}`},
		{"compact", `compact([aws_s3_bucket.b.arn, ""])`, `[` + arn + `]`},
		{"coalesce", `coalesce("", null, aws_s3_bucket.b.arn)`, arn},
		{"try", `try(aws_s3_bucket.b.arn, "a")`, arn},
		{"try of a missing attribute", `try({}.x, "a")`, `a`},
		{"can", `[can({}.x), can("a")]`, `[false, true]`},
		{"lookup", `lookup({ a = 1 }, "b", 2)`, `2`},
		{"json in json", `jsondecode(jsonencode({ a = aws_s3_bucket.b.arn })).a`, arn},
		{"unknown json in json", `jsondecode(jsonencode({ a = aws_s3_bucket.b.things })).a`, `?`},
		{"conditional", `1 == 1 ? aws_s3_bucket.b.arn : null`, arn},
		{"not null", `aws_s3_bucket.b.arn != null ? "a" : "b"`, `a`},
		{"heredoc directive", "<<-EOT\n%{ for a in [\"x\", \"y\"] ~}\n${a},\n%{ endfor ~}\nEOT\n", "x,\ny,\n"},
		{"escape", `"$${aws:username}"`, `${aws:username}`},

		// The content of an unknown text must not decide.
		{"comparison", `aws_s3_bucket.b.arn == "a" ? "x" : "y"`, `?`},
		{"comparison of lists", `[aws_s3_bucket.b.arn] == ["a"]`, `?`},
		{"comparison of lengths", `[aws_s3_bucket.b.arn] == ["a", "b"]`, `false`},
		{"null of an attribute that may be null", `aws_s3_bucket.b.region == null`, `?`},
		{"upper", `upper(aws_s3_bucket.b.arn)`, `?`},
		{"length", `length(aws_s3_bucket.b.arn)`, `?`},
		{"length of a list", `length([aws_s3_bucket.b.arn])`, `1`},
		{"length of a set", `length(toset([aws_s3_bucket.b.arn, "a"]))`, `?`},
		{"for over a set", `length([for a in toset([aws_s3_bucket.b.arn, "a"]) : a])`, `?`},
		{"contains", `contains([aws_s3_bucket.b.arn], "a")`, `?`},
		{"contains that is certain", `contains([aws_s3_bucket.b.arn, "a"], "a")`, `true`},
		{"split", `split(":", aws_s3_bucket.b.arn)[0]`, `?`},
		{"replace", `replace(aws_s3_bucket.b.arn, "a", "b")`, `?`},
		{"regex", `regex("a", aws_s3_bucket.b.arn)`, `?`},
		{"substr", `substr(aws_s3_bucket.b.arn, 0, 1)`, `?`},
		{"sort", `sort([aws_s3_bucket.b.arn, "a"])[0]`, `?`},
		{"sha256", `sha256(aws_s3_bucket.b.arn)`, `?`},
		{"base64", `base64encode(aws_s3_bucket.b.arn)`, `?`},
		{"key", `{ a = 1 }[aws_s3_bucket.b.arn]`, `?`},
		{"try of a key", `try({ a = 1 }[aws_s3_bucket.b.arn], "x")`, `?`},
		{"can of a key", `can({ a = 1 }[aws_s3_bucket.b.arn])`, `?`},
		{"try of a number", `try(1 + aws_s3_bucket.b.arn, "x")`, `?`},
		{"try of an attribute of an attribute", `try(aws_s3_bucket.b.arn.x, "x")`, `?`},
		{"try of an unknown value", `try(jsonencode({ a = aws_s3_bucket.b.things.x }), "x")`, `?`},
		{"try of a local value", `try(local.missing, "x")`, `x`},
		{"lookup of a key", `lookup({ a = 1 }, aws_s3_bucket.b.arn, 2)`, `?`},
		{"object key", `{ (aws_s3_bucket.b.arn) = 1 }`, `?`},
		{"for with a condition", `[for a in [aws_s3_bucket.b.arn] : a if a != "x"]`, `?`},
		{"for with a key", `{ for a in [aws_s3_bucket.b.arn] : a => 1 }`, `?`},
		{"distinct", `length(distinct([aws_s3_bucket.b.arn, "a"]))`, `?`},
		{"compact of a text that may be empty", `compact([aws_s3_bucket.b.region])`, `?`},
		{"coalesce of a text that may be empty", `coalesce(aws_s3_bucket.b.region, "a")`, `?`},
		{"format with a width", `format("%-3s", aws_s3_bucket.b.arn)`, `?`},
		{"text as a condition", `aws_s3_bucket.b.arn ? 1 : 2`, `?`},
		{"directive", `"y%{ if aws_s3_bucket.b.arn == "a" }x%{ endif }"`, `y${terraform:aws_iam_policy.p.policy-1.1}`},
		{"unknown condition with equal branches", `aws_s3_bucket.b.arn == "a" || true`, `true`},
		{"unknown function", `[provider::iam::x("a"), "b", cidrhost("10.0.0.0/8", 1)]`, `[?, b, ?]`},
		{"time", `[timestamp(), uuid()]`, `[?, ?]`},
		{"workspace", `[terraform.workspace, path.cwd, path.module, path.root]`, `[?, ?, ., .]`},

		// The plan does not tell a list from a set, nor a map from an object.
		{"list of the plan", `aws_s3_bucket.b.rules`, `[x, y]`},
		{"list of the plan in JSON", `jsonencode(aws_s3_bucket.b.rules)`, `["x","y"]`},
		{"list of the plan in a function", `concat(aws_s3_bucket.b.rules, ["z"])`, `[x, y, z]`},
		{"element of a list of the plan", `aws_s3_bucket.b.blocks[0].k`, `v`},
		{"splat of a list of the plan", `aws_s3_bucket.b.blocks[*].k`, `[v]`},
		{"for over a list of the plan", `[for v in aws_s3_bucket.b.rules : upper(v)]`, `[X, Y]`},
		{"for over a list of the plan with keys", `[for k, v in aws_s3_bucket.b.rules : k]`, `[?, ?]`},
		{"try of an element of a list of the plan", `try(aws_s3_bucket.b.rules[0], "z")`, `?`},
		{"try of a list of the plan in a function", `try(concat(aws_s3_bucket.b.rules, []), "z")`, `?`},
		{"try of a list of the plan", `try(aws_s3_bucket.b.rules, "z")`, `[x, y]`},
		{"can of an element of a list of the plan", `can(aws_s3_bucket.b.blocks[0])`, `?`},
		{"try of a missing part of the plan", `try(aws_s3_bucket.b.blocks[0].x, "z")`, `?`},
		{"comparison of a list of the plan", `aws_s3_bucket.b.rules == ["x", "y"]`, `?`},
		{"comparison of a map of the plan", `aws_s3_bucket.b.tags == { a = "b" }`, `?`},
		{"comparison of lists from functions", `tolist([{ a = 1 }])[*].a == tolist([1])`, `true`},
		{"list of the plan in a conditional", `true ? aws_s3_bucket.b.rules : []`, `[x, y]`},
		{"length of a list of the plan", `length(aws_s3_bucket.b.rules) == 2`, `true`},

		// Documents.
		{"jsonencode", `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*",
			Resource = ["${aws_s3_bucket.b.arn}/*", "arn:aws:s3:::${aws_s3_bucket.b.id}/*"] }] })`,
			`{Statement: [{Action: s3:*, Effect: Allow, Resource: [?, arn:aws:s3:::${terraform:aws_s3_bucket.b.id}/*]}], ` +
				`Version: 2012-10-17}`},
		{"jsonencode with holes", `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*",
			Resource = "arn:aws:s3:::${aws_s3_bucket.b.id}/*" }] })`,
			document(`{"Action":"s3:*","Effect":"Allow","Resource":"arn:aws:s3:::${terraform:aws_s3_bucket.b.id}/*"}`)},
		{"jsonencode with an unknown value", `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow",
			Action = aws_s3_bucket.b.things, Resource = "*" }] })`,
			`{Statement: [{Action: ?, Effect: Allow, Resource: *}], Version: 2012-10-17}`},
		{"jsonencode of an unknown function", `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow",
			Action = "s3:*", Resource = cidrhost("x", 1) }] })`,
			`{Statement: [{Action: s3:*, Effect: Allow, Resource: ?}], Version: 2012-10-17}`},
		{"heredoc", "<<EOT\n" + document(`{"Effect":"Allow","Action":"s3:*",
			"Resource":"arn:aws:s3:::${aws_s3_bucket.b.id}/*"}`) + "\nEOT\n",
			document(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${terraform:aws_s3_bucket.b.id}/*"}`)},
		{"heredoc with a text that could be JSON", "<<EOT\n" + document(`{"Effect":"Allow","Action":"s3:*",
			"Resource":"arn:aws:s3:::${aws_s3_bucket.b.description}/*"}`) + "\nEOT\n", `?`},
		{"document that is unknown", `"${aws_s3_bucket.b.things}"`, `?`},
		{"document that is unknown in a heredoc", "<<EOT\n${aws_s3_bucket.b.things}\nEOT\n", `?`},
		{"hole in a key", `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*",
			Condition = { StringEquals = { "${aws_s3_bucket.b.id}:sub" = "x" } } }] })`,
			`{Statement: [{Action: *, Condition: {StringEquals: ?}, Effect: Allow, Resource: *}], Version: 2012-10-17}`},
		{"hole in a key of a heredoc", "<<EOT\n" + document(`{"Effect":"Allow","Action":"s3:*","Resource":"*",
			"Condition":{"StringEquals":{"${aws_s3_bucket.b.id}:sub":"x"}}}`) + "\nEOT\n",
			`{Statement: [{Effect: Allow, Action: s3:*, Resource: *, Condition: {StringEquals: ?}}], Version: 2012-10-17}`},

		// The author of the source cannot write a hole.
		{"literal hole", `"$${terraform:aws_s3_bucket.b.id}"`, `${text-terraform:aws_s3_bucket.b.id}`},
		{"literal hole in another case", `"$${TerraForm:aws_s3_bucket.b.id}"`, `${text-terraform:aws_s3_bucket.b.id}`},
		{"literal hole beside a hole", `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*",
			Resource = "arn:aws:s3:::$${terraform:x}/${aws_s3_bucket.b.id}" }] })`,
			document(`{"Action":"s3:*","Effect":"Allow",` +
				`"Resource":"arn:aws:s3:::${text-terraform:x}/${terraform:aws_s3_bucket.b.id}"}`)},
		{"literal hole with an escape", `"{\"a\":\"$\\u007bterraform:x}\"}"`, `{"a":"${text-terraform:x}"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := load(t, files(policy+tc.source+declared))
			got, ok, err := c.Attribute(values{instances: bucket}, "", "managed", "aws_iam_policy", "p", tree.Node{}, "policy")
			if !ok {
				t.Fatalf("the attribute was not found: %v", err)
			}
			if show(got) != tc.want {
				t.Errorf("got  %s\nwant %s\nreason: %v", show(got), tc.want, err)
			}
			if (err != nil) != (got.Kind == tree.Unknown) {
				t.Errorf("got the error %v with %s", err, show(got))
			}
		})
	}
}

func load(t *testing.T, from fstest.MapFS) *configuration.Configuration {
	t.Helper()
	c, err := configuration.Load(from, ".")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestReferences_NamesWhatAnExpressionMentions(t *testing.T) {
	c := load(t, files(`
-- main.tf --
resource "aws_iam_policy" "p" {
  for_each = toset(["a"])
  policy = jsonencode({ Resource = [for b in var.buckets : "${aws_s3_bucket.b[b].arn}/${each.key}"],
    Principal = data.aws_region.r.name, Action = local.actions, Sid = module.m["a.b"].out })
  name = "constant"
}
`))
	for attribute, want := range map[string]string{
		"policy": "aws_s3_bucket.b data.aws_region.r local.actions module.m var.buckets", "name": "", "path": "none",
	} {
		names, ok := c.References(nil, "", "managed", "aws_iam_policy", "p", attribute)
		if got := strings.Join(names, " "); ok && got != want || !ok && want != "none" {
			t.Errorf("%s: got %q, %t, want %q", attribute, got, ok, want)
		}
	}
}
