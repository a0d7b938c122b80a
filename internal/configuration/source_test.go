package configuration_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/configuration"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// unknownBucket returns the instances of a bucket whose attributes are unknown.
func unknownBucket(address string, indices ...any) map[string][]instance {
	if len(indices) == 0 {
		indices = []any{nil}
	}
	out := map[string][]instance{}
	for _, index := range indices {
		out[address] = append(out[address], instance{index: index, attributes: map[string]any{"arn": "?", "id": "?"}})
	}
	return out
}

func TestAttribute_Sources(t *testing.T) {
	allow := func(resource string) string {
		return document(`{"Action":"s3:GetObject","Effect":"Allow","Resource":"` + resource + `"}`)
	}
	const statement = `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject",
		Resource = RESOURCE }] })`
	for _, tc := range []struct {
		name, source string
		values       values
		module       string
		mode         string // managed if empty
		address      string // aws_iam_policy.p if empty
		index        any
		attribute    string // policy if empty
		want         string
	}{
		{name: "variable", source: `
			variable "bucket" { default = "default" }
			resource "aws_iam_policy" "p" { policy = var.bucket }`,
			values: values{variables: map[string]any{"bucket": "given"}}, want: "given"},
		{name: "default of a variable", source: `
			variable "bucket" {
				type = object({ name = string, tags = optional(map(string), { a = "b" }) })
				default = { name = "x" }
			}
			resource "aws_iam_policy" "p" { policy = "${var.bucket.name}${var.bucket.tags.a}" }`, want: "xb"},
		{name: "variable without a value", source: `
			variable "bucket" {}
			resource "aws_iam_policy" "p" { policy = var.bucket }`, want: "?"},
		{name: "local values", source: `
			locals {
				base  = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${aws_s3_bucket.b.id}/*" }]
				extra = concat(local.base, [])
				doc   = merge({ Version = "2012-10-17" }, { Statement = local.extra })
			}
			resource "aws_s3_bucket" "b" {}
			resource "aws_iam_policy" "p" { policy = jsonencode(local.doc) }`,
			values: values{instances: unknownBucket("aws_s3_bucket.b")},
			want:   allow("arn:aws:s3:::${terraform:aws_s3_bucket.b.id}/*")},
		{name: "predicted ARN", source: `
			resource "aws_s3_bucket" "b" {}
			resource "aws_iam_policy" "p" { policy = ` +
			strings.Replace(statement, "RESOURCE", `"${aws_s3_bucket.b.arn}/*"`, 1) + `}`,
			values: values{instances: map[string][]instance{"aws_s3_bucket.b": {{attributes: map[string]any{
				"arn": "arn:aws:s3:::${terraform:aws_s3_bucket.b.bucket}"}}}}},
			want: allow("arn:aws:s3:::${terraform:aws_s3_bucket.b.bucket}/*")},
		{name: "part of a predicted ARN", source: `
			resource "aws_s3_bucket" "b" {}
			resource "aws_iam_policy" "p" { policy = split(":::", aws_s3_bucket.b.arn)[1] }`,
			values: values{instances: map[string][]instance{"aws_s3_bucket.b": {{attributes: map[string]any{
				"arn": "arn:aws:s3:::${terraform:aws_s3_bucket.b.bucket}"}}}}}, want: "?"},
		{name: "for_each over a map", source: `
			resource "aws_iam_policy" "p" {
				for_each = { a = { path = "x" }, b = { path = "y" } }
				policy   = "${each.key}/${each.value.path}"
			}`, index: "b", want: "b/y"},
		{name: "for_each over a set", source: `
			resource "aws_iam_policy" "p" {
				for_each = toset(["a", "b"])
				policy   = "${each.key}/${each.value}"
			}`, index: "b", want: "b/b"},
		{name: "count", source: `
			resource "aws_s3_bucket" "b" { count = 2 }
			resource "aws_iam_policy" "p" {
				count  = 2
				policy = aws_s3_bucket.b[count.index].arn
			}`, index: 1, values: values{instances: unknownBucket("aws_s3_bucket.b", 0, 1)},
			want: "${terraform:aws_s3_bucket.b[1].arn}"},
		{name: "splat over count", source: `
			resource "aws_s3_bucket" "b" { count = 2 }
			resource "aws_iam_policy" "p" { policy = aws_s3_bucket.b[*].arn }`,
			values: values{instances: unknownBucket("aws_s3_bucket.b", 0, 1)},
			want:   "[${terraform:aws_s3_bucket.b[0].arn}, ${terraform:aws_s3_bucket.b[1].arn}]"},
		{name: "for over for_each", source: `
			resource "aws_s3_bucket" "b" { for_each = toset(["x", "y"]) }
			resource "aws_iam_policy" "p" { policy = [for k, b in aws_s3_bucket.b : "${k}=${b.id}"] }`,
			values: values{instances: unknownBucket("aws_s3_bucket.b", "x", "y")},
			want:   `[x=${terraform:aws_s3_bucket.b["x"].id}, y=${terraform:aws_s3_bucket.b["y"].id}]`},
		{name: "instances that the plan lacks", source: `
			resource "aws_s3_bucket" "b" { count = 2 }
			resource "aws_iam_policy" "p" { policy = aws_s3_bucket.b[*].arn }`,
			values: values{instances: unknownBucket("aws_s3_bucket.b", 0)}, want: "?"},
		{name: "resource with count 0", source: `
			resource "aws_s3_bucket" "b" { count = 0 }
			resource "aws_iam_policy" "p" { policy = length(aws_s3_bucket.b) }`, want: "0"},
		{name: "module with an argument", source: `
			resource "aws_s3_bucket" "b" {}
			module "m" {
				source = "./modules/m"
				arn    = aws_s3_bucket.b.arn
			}
			-- modules/m/main.tf --
			variable "arn" { type = string }
			resource "aws_iam_policy" "p" { policy = "${var.arn}/*" }`,
			module: "module.m", values: values{instances: unknownBucket("aws_s3_bucket.b")},
			want: "${terraform:aws_s3_bucket.b.arn}/*"},
		{name: "modules with keys", source: `
			module "m" {
				source   = "./m"
				for_each = { a = "x", b = "y" }
				name     = "${each.key}-${each.value}"
			}
			-- m/main.tf --
			variable "name" {}
			module "n" {
				source = "../n"
				count  = 2
				name   = "${var.name}-${count.index}"
			}
			-- n/main.tf --
			variable "name" { type = string }
			resource "aws_s3_bucket" "b" {}
			resource "aws_iam_policy" "p" { policy = "${var.name}:${aws_s3_bucket.b.arn}" }`,
			module: `module.m["b"].module.n[1]`,
			values: values{instances: unknownBucket(`module.m["b"].module.n[1].aws_s3_bucket.b`)},
			want:   `b-y-1:${terraform:module.m["b"].module.n[1].aws_s3_bucket.b.arn}`},
		{name: "output of a module", source: `
			module "m" { source = "./m" }
			resource "aws_iam_policy" "p" { policy = module.m.arn }
			-- m/main.tf --
			resource "aws_s3_bucket" "b" {}
			output "arn" { value = aws_s3_bucket.b.arn }`,
			values: values{instances: unknownBucket("module.m.aws_s3_bucket.b")},
			want:   "${terraform:module.m.aws_s3_bucket.b.arn}"},
		{name: "outputs of modules with keys", source: `
			module "m" {
				source   = "./m"
				for_each = toset(["a", "b"])
				name     = each.key
			}
			resource "aws_iam_policy" "p" {
				for_each = toset(["a", "b"])
				policy   = "${module.m[each.key].name} of ${join(",", values(module.m)[*].name)}"
			}
			-- m/main.tf --
			variable "name" {}
			output "name" { value = var.name }`, index: "b", want: "b of a,b"},
		{name: "installed module", source: `
			module "m" { source = "org/m/aws" }
			resource "aws_iam_policy" "p" { policy = module.m.name }
			-- .terraform/modules/modules.json --
			{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"registry.terraform.io/org/m/aws",
			"Dir":".terraform/modules/m"}]}
			-- .terraform/modules/m/main.tf --
			output "name" { value = "installed" }`, want: "installed"},
		{name: "installed module of another source", source: `
			module "m" { source = "org/m/aws" }
			resource "aws_iam_policy" "p" { policy = module.m.name }
			-- .terraform/modules/modules.json --
			{"Modules":[{"Key":"m","Source":"registry.terraform.io/org/other/aws","Dir":".terraform/modules/m"}]}
			-- .terraform/modules/m/main.tf --
			output "name" { value = "installed" }`, want: "?"},
		{name: "free text in a heredoc and in jsonencode", source: `
			resource "aws_s3_object" "o" {}
			resource "aws_iam_policy" "p" { policy = [jsonencode({ Version = "2012-10-17", Statement = [{
				Resource = "arn:aws:s3:::${aws_s3_object.o.id}" }] }), "{\"a\": \"${aws_s3_object.o.id}\"}"] }`,
			values: values{instances: unknownBucket("aws_s3_object.o")},
			want:   `[{"Statement":[{"Resource":"arn:aws:s3:::${terraform:aws_s3_object.o.id}"}],"Version":"2012-10-17"}, ?]`},
		{name: "free text of a hole in the plan", source: `
			resource "terraform_data" "o" {}
			resource "aws_iam_policy" "p" { policy = ["{\"a\": \"${terraform_data.o.input}\"}", terraform_data.o.doc] }`,
			values: values{instances: map[string][]instance{"terraform_data.o": {{attributes: map[string]any{
				"input": "${terraform:x}", "doc": `{"a":"${terraform:x}"}`}}}}}, want: `[?, {a: ?}]`},
		{name: "hole in a variable", source: `
			variable "v" {}
			resource "aws_iam_policy" "p" { policy = var.v }`,
			values: values{variables: map[string]any{"v": "${terraform:x}"}}, want: "${text-terraform:x}"},
		{name: "module that is not there", source: `
			module "m" { source = "org/m/aws" }
			resource "aws_iam_policy" "p" { policy = module.m.name }`, want: "?"},
		{name: "module arguments that do not fit", source: `
			module "m" {
				source = "./m"
				count  = "x"
			}
			resource "aws_iam_policy" "p" { policy = module.m[0].name }
			-- m/main.tf --
			output "name" { value = "a" }`, want: "?"},
		{name: "template file", source: `
			resource "aws_s3_bucket" "b" {}
			resource "aws_iam_policy" "p" {
				policy = templatefile("${path.module}/p.json.tftpl", { name = aws_s3_bucket.b.id, more = ["x", "y"] })
			}
			-- p.json.tftpl --
			{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [
			%{ for m in more ~}
			"arn:aws:s3:::${m}",
			%{ endfor ~}
			"arn:aws:s3:::${name}/*"]}]}`,
			values: values{instances: unknownBucket("aws_s3_bucket.b")},
			want: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":[` +
				`"arn:aws:s3:::x","arn:aws:s3:::y","arn:aws:s3:::${terraform:aws_s3_bucket.b.id}/*"]}]}`},
		{name: "template file without a name", source: `
			resource "aws_iam_policy" "p" { policy = templatefile("p.tftpl", {}) }
			-- p.tftpl --
			${name}`, want: "?"},
		{name: "template file of itself", source: `
			resource "aws_iam_policy" "p" { policy = templatefile("p.tftpl", {}) }
			-- p.tftpl --
			${templatefile("p.tftpl", {})}`, want: "?"},
		{name: "YAML file", source: `
			resource "aws_iam_policy" "p" { policy = jsonencode(yamldecode(file("${path.module}/p.yaml"))) }
			-- p.yaml --
			Version: "2012-10-17"
			Statement: [{Effect: Allow, Action: s3:GetObject, Resource: "*"}]`, want: allow("*")},
		{name: "file outside of the folder", source: `
			resource "aws_iam_policy" "p" { policy = [file("../x"), file("/etc/passwd"), file("m/../../x"), "a"] }`,
			want: "[?, ?, ?, a]"},
		{name: "data policy document", source: `
			resource "aws_s3_bucket" "b" {}
			data "aws_iam_policy_document" "d" {
				statement {
					sid       = "Read"
					actions   = ["s3:GetObject"]
					resources = ["arn:aws:s3:::${aws_s3_bucket.b.id}/&{aws:username}/*"]
					condition {
						test     = "StringEquals"
						variable = "aws:PrincipalOrgID"
						values   = ["o-1"]
					}
				}
			}
			resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.d.json }`,
			values: values{instances: unknownBucket("aws_s3_bucket.b")},
			want: document(`{"Action":["s3:GetObject"],"Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-1"]}},` +
				`"Effect":"Allow","Resource":["arn:aws:s3:::${terraform:aws_s3_bucket.b.id}/${aws:username}/*"],"Sid":"Read"}`)},
		{name: "data policy document from the plan", source: `
			data "aws_iam_policy_document" "d" {}
			resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.d.json }`,
			values: values{instances: map[string][]instance{"data.aws_iam_policy_document.d": {{attributes: map[string]any{
				"json": `{"Statement":[]}`}}}}}, want: `{"Statement":[]}`},
		{name: "statements of a data policy document", source: `
			resource "aws_s3_bucket" "b" {}
			data "aws_iam_policy_document" "d" {
				dynamic "statement" {
					for_each = { read = ["s3:GetObject"], write = ["s3:PutObject"] }
					content {
						sid       = statement.key
						actions   = statement.value
						resources = ["${aws_s3_bucket.b.arn}/*"]
						dynamic "principals" {
							for_each = ["a"]
							iterator = who
							content {
								type        = "AWS"
								identifiers = [who.value]
							}
						}
					}
				}
				statement { actions = ["*"] }
			}`, mode: "data", address: "aws_iam_policy_document.d", attribute: "statement",
			values: values{instances: unknownBucket("aws_s3_bucket.b")},
			want: `[{actions: [s3:GetObject], principals: [{identifiers: [a], type: AWS}], ` +
				`resources: [${terraform:aws_s3_bucket.b.arn}/*], sid: read}, ` +
				`{actions: [s3:PutObject], principals: [{identifiers: [a], type: AWS}], ` +
				`resources: [${terraform:aws_s3_bucket.b.arn}/*], sid: write}, {actions: [*]}]`},
		{name: "inline policies", source: `
			resource "aws_iam_role" "r" {
				inline_policy {
					name   = "a"
					policy = jsonencode({})
				}
				dynamic "inline_policy" {
					for_each = aws_s3_bucket.b
					content { name = inline_policy.value }
				}
			}
			resource "aws_s3_bucket" "b" { count = 1 }`, address: "aws_iam_role.r", attribute: "inline_policy",
			want: `[{name: a, policy: {}}, ?]`},
		{name: "JSON syntax", source: `
			-- main.tf.json --
			{"//": "comment", "resource": {"aws_s3_bucket": {"b": {}}, "aws_iam_policy": [{"p": {"count": 1,
			"policy": "${jsonencode({\"a\" = \"${aws_s3_bucket.b.id}-${count.index}-${local.x[0].y}\"})}"}}]},
			"locals": {"x": [{"y": "$${z}", "${\"k\"}": 1}]}}`, index: 0,
			values: values{instances: unknownBucket("aws_s3_bucket.b")}, want: `{a: ?}`},
		{name: "JSON syntax for blocks", source: `
			-- main.tf.json --
			{"data": {"aws_iam_policy_document": {"d": {"statement": {"sid": "a"}, "dynamic": {"statement": {
			"for_each": ["b", "c"], "content": {"sid": "${statement.value}"}}}}}}}`,
			mode: "data", address: "aws_iam_policy_document.d", attribute: "statement", want: `[{sid: a}, {sid: b}, {sid: c}]`},
		{name: "override", source: `
			locals { x = "a" }
			resource "aws_iam_policy" "p" {
				name   = "kept"
				policy = "first"
			}
			-- override.tf --
			resource "aws_iam_policy" "p" { policy = "${local.x}" }
			-- z_override.tf.json --
			{"locals": {"x": "b"}}`, want: "b"},
		{name: "override of blocks", source: `
			resource "aws_iam_role" "p" {
				inline_policy { name = "a" }
				inline_policy { name = "b" }
				other { name = "a" }
			}
			-- x_override.tf --
			resource "aws_iam_role" "p" {
				inline_policy { name = "c" }
			}`, address: "aws_iam_role.p", attribute: "inline_policy", want: "[{name: c}]"},
		{name: "OpenTofu file with the same value", source: `
			resource "aws_iam_policy" "p" { policy = ["x", local.x] }
			locals { x = "a" }
			-- other.tf --
			locals { y = "a" }
			-- other.tofu --
			locals { y = "b" }`, want: "[x, a]"},
		{name: "OpenTofu file with another value", source: `
			resource "aws_iam_policy" "p" { policy = ["x", local.x] }
			-- other.tf --
			locals { x = "a" }
			-- other.tofu --
			locals { x = "b" }`, want: "[x, ?]"},
		{name: "local value of itself", source: `
			locals {
				x = local.y
				y = local.x
			}
			resource "aws_iam_policy" "p" { policy = local.x }`, want: "?"},
		{name: "output of itself", source: `
			module "m" {
				source = "./m"
				x      = module.m.x
			}
			resource "aws_iam_policy" "p" { policy = module.m.x }
			-- m/main.tf --
			variable "x" {}
			output "x" { value = var.x }`, want: "?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := load(t, files(strings.ReplaceAll(tc.source, "\t", "")))
			mode, address, attribute := tc.mode, tc.address, tc.attribute
			if mode == "" {
				mode = "managed"
			}
			if address == "" {
				address = "aws_iam_policy.p"
			}
			if attribute == "" {
				attribute = "policy"
			}
			typeName, name, _ := strings.Cut(address, ".")
			got, ok, err := c.Attribute(tc.values, tc.module, mode, typeName, name, node(tc.index), attribute)
			if !ok {
				t.Fatalf("the attribute was not found: %v", err)
			}
			if show(got) != tc.want {
				t.Errorf("got  %s\nwant %s\nreason: %v", show(got), tc.want, err)
			}
		})
	}
}

func TestAttribute_NotFound(t *testing.T) {
	c := load(t, files(`resource "aws_iam_policy" "p" { policy = "a" }
		module "gone" { source = "org/x/aws" }`))
	for _, tc := range []struct{ name, module, mode, typeName, attribute, wantError string }{
		{"type", "", "managed", "aws_iam_user", "policy", ""},
		{"mode", "", "data", "aws_iam_policy", "policy", ""},
		{"attribute", "", "managed", "aws_iam_policy", "path", ""},
		{"module", "module.m", "managed", "aws_iam_policy", "policy", `no module "m"`},
		{"module that is not there", "module.gone", "managed", "aws_iam_policy", "policy", "not in the folder"},
		{"address", "module.m[", "managed", "aws_iam_policy", "policy", "not the address of a module"},
	} {
		_, ok, err := c.Attribute(values{}, tc.module, tc.mode, tc.typeName, "p", tree.Node{}, tc.attribute)
		if tc.wantError == "" && (ok || err != nil) || tc.wantError != "" && (err == nil ||
			!strings.Contains(err.Error(), tc.wantError)) {
			t.Errorf("%s: got %v and the error %v, want the error %q", tc.name, ok, err, tc.wantError)
		}
	}
}

// outputs are values with the outputs of a module without source.
type outputs struct{ values }

func (o outputs) Output(module, name string) (tree.Node, bool) {
	return tree.Node{Kind: tree.String, Text: "arn:" + module + "." + name}, name == "arn"
}

// The plan file tells outputs of modules whose source is not in the folder.
func TestAttribute_OutputsOfModulesWithoutSource(t *testing.T) {
	for _, tc := range []struct{ expression, want string }{
		{"module.gone.arn", "arn:module.gone.arn"},
		{`"${module.gone.arn}/x"`, "arn:module.gone.arn/x"},
		{"module.gone[0].arn", "arn:module.gone[0].arn"},
		{`module.gone["a"].arn`, `arn:module.gone["a"].arn`},
		{"module.gone[1/0].arn", "?"},
		{"module.gone[null].arn", "?"},
		{"module.gone[[]].arn", "?"},
		{"module.gone[aws_iam_role.r.x].arn", "?"},
		{"module.gone.other", "?"},
		{"module.gone", "?"},
		{"module.gone[0]", "?"},
		{"module.gone[*].arn", "?"},
	} {
		c := load(t, files("resource \"aws_iam_policy\" \"p\" {\n policy = "+tc.expression+"\n}\n"+
			`module "gone" { source = "org/x/aws" }`))
		got, ok, err := c.Attribute(outputs{}, "", "managed", "aws_iam_policy", "p", tree.Node{}, "policy")
		if !ok || show(got) != tc.want {
			t.Errorf("%s: got %s, %v; want %s", tc.expression, show(got), err, tc.want)
		}
		if got, ok, _ := c.Attribute(values{}, "", "managed", "aws_iam_policy", "p", tree.Node{}, "policy"); !ok ||
			got.Kind != tree.Unknown {
			t.Errorf("%s: got %s without a plan", tc.expression, show(got))
		}
	}
}

func TestPosition(t *testing.T) {
	c := load(t, files("\nresource \"aws_iam_policy\" \"p\" {}\nmodule \"m\" { source = \"./m\" }\n-- m/x.tf.json --\n"+
		"{\"data\": {\"aws_iam_policy_document\": {\n\"d\": {}}}}"))
	for _, tc := range []struct {
		module, mode, typeName, name string
		want                         configuration.Position
	}{
		{"", "managed", "aws_iam_policy", "p", configuration.Position{File: "main.tf", Line: 2}},
		{"module.m", "data", "aws_iam_policy_document", "d", configuration.Position{File: "m/x.tf.json", Line: 2}},
		{"module.m", "data", "aws_iam_policy_document", "e", configuration.Position{}},
		{"module.n", "data", "aws_iam_policy_document", "d", configuration.Position{}},
	} {
		got, ok := c.Position(tc.module, tc.mode, tc.typeName, tc.name)
		if got != tc.want || ok != (tc.want.Line > 0) {
			t.Errorf("%+v: got %+v, %v", tc, got, ok)
		}
	}
}

func TestProviderBlock(t *testing.T) {
	c := load(t, files(`
		provider "iam" {
			path = "${path.module}/x"
			plan_checks {
				admin_grant = var.level
				accept {
					id = "a"
				}
				accept {
					id = "b"
				}
			}
		}
		provider "iam" {
			alias = "other"
			path  = aws_x.y.z
		}
		variable "level" {}`))
	for _, tc := range []struct{ name, alias, want string }{
		{"iam", "", "{path: ./x, plan_checks: [{accept: [{id: a}, {id: b}], admin_grant: error}]}"},
		{"iam", "other", "{alias: other, path: ?}"},
		{"aws", "", "null"},
	} {
		got, at, ok := c.ProviderBlock(values{variables: map[string]any{"level": "error"}}, tc.name, tc.alias)
		if show(got) != tc.want || ok != (tc.want != "null") || ok != (at.Line > 0) {
			t.Errorf("%s %s: got %s at %+v, %v", tc.name, tc.alias, show(got), at, ok)
		}
	}
}

func TestLoad_Refuses(t *testing.T) {
	for _, tc := range []struct{ name, source, want string }{
		{"syntax", "locals {\n x = \n}", "main.tf:2: Invalid expression"},
		{"JSON syntax", "-- a.tf.json --\n{\n\"locals\": {,}}", "a.tf.json:2: "},
		{"more JSON", "-- a.tf.json --\n{} {}", "a.tf.json:1: there is more text"},
		{"template in JSON", "-- a.tf.json --\n{\n\"locals\": {\"a\": \"${\"}}", "a.tf.json:2: "},
		{"duplicate", "resource \"a\" \"b\" {}\nresource \"a\" \"b\" {}", "main.tf:2: resource \"a.b\" is defined twice"},
		{"local value twice", "locals { a = 1 }\nlocals { a = 1 }", "main.tf:2: the local value \"a\" is defined twice"},
		{"override of nothing", "locals { a = 1 }\n-- override.tf --\nresource \"a\" \"b\" {}",
			"override.tf:1: there is no resource"},
		{"labels", "resource \"a\" {}", "main.tf:1: a block of kind resource has 1 labels"},
		{"nothing", "-- README --\nx", "has no Terraform configuration"},
		{"module outside", "module \"m\" { source = \"../x\" }", "main.tf:1: module \"m\": the source \"../x\" is outside"},
		{"module that is missing", "module \"m\" { source = \"./x\" }", "x: file does not exist"},
		{"module of itself", "module \"m\" { source = \"./\" }", "calls itself"},
		{"deep brackets", "locals { a = " + strings.Repeat("[", 5000), "nested too deeply"},
		{"deep templates", "locals { a = " + strings.Repeat(`"${`, 5000), "nested too deeply"},
		{"operators", "locals { a = " + strings.Repeat("!", 5000) + "true }", "nested too deeply"},
		{"deep JSON", "-- a.tf.json --\n" + strings.Repeat("[", 5000), "nested more than"},
		{"deep template in JSON", "-- a.tf.json --\n{\"locals\": {\"a\": \"${" + strings.Repeat("[", 5000) + "\"}}",
			"nested too deeply"},
		{"large file", "-- a.tf --\n" + strings.Repeat("#\n", 3<<20), "is larger than"},
	} {
		_, err := configuration.Load(files(tc.source), ".")
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got the error %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := configuration.Load(files("locals { a = 1 }"), "../x"); err == nil {
		t.Error("a folder outside of the file system was accepted")
	}
}
