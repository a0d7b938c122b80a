package planfile

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// deferred returns the change of a data source that Terraform reads in apply.
func deferred(address, after, marks string) string {
	return change(address, `{"actions":["read"],"before":null,"after":`+after+`,"after_unknown":`+marks+`}`)
}

// compact returns JSON without the white space between its tokens.
func compact(t *testing.T, n tree.Node) string {
	t.Helper()
	if n.Kind == tree.String && strings.HasPrefix(n.Text, "{") {
		return show(parse(t, n.Text))
	}
	return show(n)
}

func TestResolve_WritesDeferredDocuments(t *testing.T) {
	const start = `{"Version":"2012-10-17","Statement":`
	for _, tc := range []struct{ name, arguments, marks, want string }{
		{"known arguments", `{"policy_id":"i","version":null,"statement":[{"sid":"s","effect":null,
			"actions":["s3:Put*","s3:Get*"],
			"not_actions":null,"resources":["arn:aws:s3:::b/&{aws:username}"],"not_resources":null,"condition":[],
				"principals":[],
			"not_principals":[]}]}`, `{}`, `{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"s","Effect":"Allow",
			"Action":["s3:Put*","s3:Get*"],"Resource":"arn:aws:s3:::b/${aws:username}"}]}`},
		{"older version", `{"version":"2008-10-17","statement":[{"effect":"Deny","not_actions":["s3:Get*"],
			"not_resources":["*"]}]}`,
			`{}`, `{"Version":"2008-10-17","Statement":[{"Effect":"Deny","NotAction":"s3:Get*","NotResource":"*"}]}`},
		{"principals", `{"statement":[{"actions":["sts:AssumeRole"],"principals":[{"type":"AWS",
			"identifiers":["111111111111"]},
			{"type":"Service","identifiers":["ec2.amazonaws.com"]},{"type":"AWS","identifiers":["222222222222"]}]}]}`, `{}`,
			start + `[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["111111111111","222222222222"],
			"Service":"ec2.amazonaws.com"}}]}`},
		{"everyone", `{"statement":[{"actions":["s3:*"],"principals":[{"type":"*","identifiers":["*"]}]}]}`, `{}`,
			start + `[{"Effect":"Allow","Action":"s3:*","Principal":"*"}]}`},
		{"conditions", `{"statement":[{"actions":["s3:*"],"resources":["*"],"condition":[
			{"test":"StringEquals","variable":"a:b","values":["x"]},{"test":"StringEquals","variable":"a:b","values":["y"]},
			{"test":"Bool","variable":"c:d","values":["true"]}]}]}`, `{}`,
			start + `[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"c:d":"true"},
			"StringEquals":{"a:b":["x","y"]}}}]}`},
		{"unknown resource", `{"statement":[{"actions":["s3:*"],"resources":["arn:aws:s3:::a",null]}]}`,
			`{"statement":[{"resources":[false,true]}]}`,
			start + `[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::a",<unknown>]}]}`},
		{"unknown list of resources", `{"statement":[{"actions":["s3:*"]}]}`, `{"statement":[{"resources":true}]}`,
			start + `[{"Effect":"Allow","Action":"s3:*","Resource":<unknown>}]}`},
		{"unknown action", `{"statement":[{"actions":[null],"resources":["*"]}]}`, `{"statement":[{"actions":[true]}]}`,
			start + `[{"Effect":"Allow","Action":<unknown>,"Resource":"*"}]}`},
		{"unknown principal", `{"statement":[{"actions":["s3:*"],"principals":[{"type":"AWS","identifiers":[null]}]}]}`,
			`{"statement":[{"principals":[{"identifiers":[true]}]}]}`,
			start + `[{"Effect":"Allow","Action":"s3:*","Principal":{"AWS":<unknown>}}]}`},
		{"unknown value of a condition", `{"statement":[{"actions":["s3:*"],"resources":["*"],"condition":[
			{"test":"StringLike","variable":"a:b","values":["x",null]},{"test":"NumericEquals","variable":"a:c",
				"values":[null]}]}]}`,
			`{"statement":[{"condition":[{"values":[false,true]},{"values":[true]}]}]}`,
			start + `[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"NumericEquals":{"a:c":<unknown>},
			"StringLike":{"a:b":["x","HOLE"]}}}]}`},
		{"unknown value in a version without variables", `{"version":"2008-10-17","statement":[{"actions":["s3:*"],
			"resources":["*"],"condition":[{"test":"StringLike","variable":"a:b","values":[null]}]}]}`,
			`{"statement":[{"condition":[{"values":[true]}]}]}`, `{"Version":"2008-10-17","Statement":[{"Effect":"Allow",
			"Action":"s3:*","Resource":"*","Condition":{"StringLike":{"a:b":<unknown>}}}]}`},
		{"unknown condition", `{"statement":[{"actions":["s3:*"],"resources":["*"]}]}`,
			`{"statement":[{"condition":true}]}`,
			start + `[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":<unknown>}]}`},
		{"unknown statements", `{}`, `{"statement":true}`, start + `[<unknown>]}`},
		{"unknown version", `{"statement":[{"actions":["s3:*"],"resources":["*"]}]}`, `{"version":true}`,
			`{"Version":<unknown>,"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`},
		{"sources", `{
			"source_policy_documents":["{\"Version\":\"2008-10-17\",\"Statement\":{\"Sid\":\"a\",\"Effect\":\"Deny\",
			\"Action\":\"*\",\"Resource\":\"*\"}}"],"statement":[{"sid":"b","actions":["s3:*"],"resources":["*"]}],
			"override_policy_documents":["{\"Statement\":[{\"Sid\":\"b\",\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",
			\"Resource\":\"*\"}]}",null]}`, `{}`, start + `[{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"},
			{"Sid":"b","Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}`},
		{"unknown source", `{"source_policy_documents":[null],"statement":[{"sid":"b","actions":["s3:*"],
			"resources":["*"]}]}`,
			`{"source_policy_documents":[true]}`,
			start + `[<unknown>,{"Sid":"b","Effect":"Allow","Action":"s3:*","Resource":"*"}]}`},
		{"unknown override", `{"override_policy_documents":[null],"statement":[{"sid":"b","actions":["s3:*"],
			"resources":["*"]}]}`,
			`{"override_policy_documents":[true]}`, `{"Version":<unknown>,"Statement":<unknown>}`},
		{"override of an unknown sid", `{"override_policy_documents":["{\"Statement\":[{\"Sid\":\"b\",\"Effect\":\"Allow\",
			\"Action\":\"s3:Get*\",\"Resource\":\"*\"}]}"],"statement":[{"actions":["s3:*"],"resources":["*"]}]}`,
			`{"statement":[{"sid":true}]}`, `{"Version":<unknown>,"Statement":[<unknown>]}`},
		{"later argument", `{"statement":[{"actions":["s3:*"],"resources":["*"],"later":"x"}]}`, `{}`, `<unknown>`},
		{"repeated sid in the sources", `{"source_policy_documents":["{\"Statement\":{\"Sid\":\"a\",\"Effect\":\"Deny\",
			\"Action\":\"*\",\"Resource\":\"*\"}}","{\"Statement\":{\"Sid\":\"a\",\"Effect\":\"Deny\",\"Action\":\"*\",
			\"Resource\":\"*\"}}"]}`, `{}`, `<unknown>`},
		{"source that is no document", `{"source_policy_documents":["x"]}`, `{}`, `<unknown>`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, typeName := range []string{"aws_iam_policy_document", "iam_policy_document"} {
				address := "data." + typeName + ".d"
				marks := strings.Replace(tc.marks, "{", `{"json":true,"minified_json":true,"id":true,`, 1)
				marks = strings.Replace(marks, ",}", "}", 1)
				p := resolved(t, Options{}, planText(deferred(address, strings.NewReplacer("\n", "", "\t",
					"").Replace(tc.arguments),
					marks)+","+created("aws_iam_policy.p", `{}`, `{"policy":true}`),
					root(block(address, "{}"), block("aws_iam_policy.p", `{"policy":`+refs(address+".json", address)+`}`)), ""))
				want := strings.NewReplacer("\n", "", "\t", "").Replace(tc.want)
				for _, attribute := range []string{"json", "minified_json"} {
					found := compact(t, after(t, p, address, attribute))
					if hole := strings.Index(found, "${terraform:"); hole >= 0 {
						end := hole + strings.Index(found[hole:], "}")
						if name := found[hole:end]; !strings.Contains(name, address+".statement[0].condition[0].values[1]") {
							t.Errorf("hole %q", name)
						}
						found = found[:hole] + "HOLE" + found[end+1:]
					}
					if found != want {
						t.Errorf("%s: found %s, want %s", attribute, found, want)
					}
				}
				policy := after(t, p, "aws_iam_policy.p", "policy")
				if isOpen := policy.HasUnknown(); isOpen != strings.Contains(want, "<unknown>") ||
					!isOpen && !tree.Equal(policy, after(t, p, address, "json")) {
					t.Errorf("the policy is %s", show(policy))
				}
				if reason := reasonFor(p.Unresolved, "aws_iam_policy.p", "policy"); (reason != "") != policy.HasUnknown() {
					t.Errorf("reason %q", reason)
				}
			}
		})
	}
}

// The text must be that of the provider, byte for byte, so that a known document is the same before and after.
func TestResolve_WritesTextOfProvider(t *testing.T) {
	p := resolved(t, Options{}, planText(deferred("data.aws_iam_policy_document.d",
		`{"statement":[{"actions":["s3:GetObject"],"resources":["arn:aws:s3:::b/<x>"]}]}`, `{"json":true,
			"minified_json":true}`),
		root(block("data.aws_iam_policy_document.d", "{}")), ""))
	const indented = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::b/\u003cx\u003e"
    }
  ]
}`
	if found := after(t, p, "data.aws_iam_policy_document.d", "json"); found.Text != indented {
		t.Errorf("found %s", found.Text)
	}
	const minified = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",` +
		`"Resource":"arn:aws:s3:::b/\u003cx\u003e"}]}`
	if found := after(t, p, "data.aws_iam_policy_document.d", "minified_json"); found.Text != minified {
		t.Errorf("found %s", found.Text)
	}
}

func TestResolve_FollowsReferencesInDocuments(t *testing.T) {
	const d = "data.aws_iam_policy_document.d"
	for _, tc := range []struct{ name, arguments, marks, blocks, want string }{
		{"principal", `{"statement":[{"actions":["s3:*"],"principals":[{"type":"AWS","identifiers":[null]}]}]}`,
			`{"statement":[{"principals":[{"identifiers":[true]}]}]}`,
			`[{"principals":[{"type":{"constant_value":"AWS"},"identifiers":` + refs("aws_iam_role.r.arn",
				"aws_iam_role.r") + `}]}]`,
			`[{"Effect":"Allow","Action":"s3:*","Principal":{"AWS":"arn:aws:iam::111111111111:role/r"}}]`},
		{"account in a principal", `{"statement":[{"actions":["s3:*"],"principals":[{"type":"AWS","identifiers":[null]}]}]}`,
			`{"statement":[{"principals":[{"identifiers":[true]}]}]}`,
			`[{"principals":[{"identifiers":` + refs("aws_iam_role.r.name", "aws_iam_role.r") + `}]}]`,
			`[{"Effect":"Allow","Action":"s3:*","Principal":{"AWS":<unknown>}}]`},
		// The plan file does not tell what stands beside the ARN of a bucket.
		{"resource", `{"statement":[{"actions":["s3:*"],"resources":[null]}]}`, `{"statement":[{"resources":[true]}]}`,
			`[{"resources":` + refs("aws_s3_bucket.b.arn", "aws_s3_bucket.b") + `}]`,
			`[{"Effect":"Allow","Action":"s3:*","Resource":<unknown>}]`},
		{"second statement", `{"statement":[{"actions":["s3:*"],"resources":["*"]},
			{"actions":["s3:*"],"principals":[{"type":"AWS","identifiers":[null]}]}]}`,
			`{"statement":[{},{"principals":[{"identifiers":[true]}]}]}`,
			`[{"resources":{}},{"principals":[{"identifiers":` + refs("aws_iam_role.r.arn", "aws_iam_role.r") + `}]}]`,
			`[{"Effect":"Allow","Action":"s3:*","Resource":"*"},
			{"Effect":"Allow","Action":"s3:*","Principal":{"AWS":"arn:aws:iam::111111111111:role/r"}}]`},
		{"source document", `{"source_policy_documents":[null]}`, `{"source_policy_documents":[true]}`,
			`[],"source_policy_documents":` + refs("data.aws_iam_policy_document.e.json", "data.aws_iam_policy_document.e"),
			`[{"Effect":"Allow","Action":"s3:Get*","Resource":<unknown>}]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := resolved(t, Options{}, planText(strings.Join([]string{
				existing("aws_iam_role.r", `{"arn":"arn:aws:iam::111111111111:role/r","name":"111111111111"}`),
				existing("aws_s3_bucket.b", `{"arn":"arn:aws:s3:::b"}`),
				deferred(d, tc.arguments, strings.Replace(tc.marks, "{", `{"json":true,`, 1)),
				deferred("data.aws_iam_policy_document.e", `{"statement":[{"actions":["s3:Get*"]}]}`,
					`{"json":true,"statement":[{"resources":true}]}`),
			}, ","), root(block(d, `{"statement":`+tc.blocks+`}`), block("data.aws_iam_policy_document.e", "{}")), ""))
			want := `{"Version":"2012-10-17","Statement":` + strings.NewReplacer("\n", "", "\t", "").Replace(tc.want) + "}"
			if found := compact(t, after(t, p, d, "json")); found != want {
				t.Errorf("found %s, want %s", found, want)
			}
		})
	}
}

func TestResolve_SettlesHolesOfSource(t *testing.T) {
	const d = "data.aws_iam_policy_document.d"
	s := &source{test: t, values: map[string]string{"aws_iam_policy_document.d statement": `[{
		"actions":["s3:<hole>","s3:Get*"],"resources":["arn:aws:s3:::<hole>/*","arn:aws:sqs:<hole>:1:q"],
		"principals":[{"type":"AWS","identifiers":["arn:aws:iam::<hole>:root"]}],
		"condition":[{"test":"StringEquals","variable":"a:b","values":["x-<hole>"]},
			{"test":"Bool","variable":"a:c","values":["<hole>"]}]}]`}}
	p := resolved(t, Options{Configuration: s}, planText(deferred(d, `{"source_policy_documents":["{}",null]}`,
		`{"json":true,"statement":true}`), root(block(d, `{"statement":[{}]}`)), ""))
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*",<unknown>],` +
		`"Resource":["arn:aws:s3:::<hole>/*",<unknown>],"Principal":{"AWS":<unknown>},` +
		`"Condition":{"Bool":{"a:c":<unknown>},"StringEquals":{"a:b":"x-<hole>"}}}]}`
	found := after(t, p, d, "json")
	if text := strings.ReplaceAll(show(found), planned.Hole("x.y"), "<hole>"); text != want {
		t.Errorf("found %s, want %s", text, want)
	}
}

// A document of the source that is merged may have holes in any place.
func TestResolve_SettlesHolesOfMergedDocuments(t *testing.T) {
	const d = "data.aws_iam_policy_document.d"
	s := &source{test: t, values: map[string]string{"aws_iam_policy_document.d source_policy_documents": `["{` +
		`\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"<hole>\",` +
		`\"Resource\":\"arn:aws:s3:::<hole>\"}]}"]`}}
	p := resolved(t, Options{Configuration: s}, planText(deferred(d, `{}`, `{"json":true,"source_policy_documents":true}`),
		root(block(d, `{"source_policy_documents":{}}`)), ""))
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":<unknown>,"Resource":"arn:aws:s3:::<hole>"}]}`
	if text := strings.ReplaceAll(show(after(t, p, d, "json")), planned.Hole("x.y"), "<hole>"); text != want {
		t.Errorf("found %s, want %s", text, want)
	}
}

// An author who writes a hole would state that two different values are equal.
func TestResolve_AuthorsWriteNoHoles(t *testing.T) {
	const d = "data.aws_iam_policy_document.d"
	p := resolved(t, Options{}, planText(deferred(d, `{"statement":[{"actions":["s3:*"],
		"resources":["arn:aws:s3:::&{terraform:x}/&{aws:username}","arn:aws:s3:::${Terraform:x}/*"],
		"condition":[{"test":"StringEquals","variable":"a:b","values":["&{TERRAFORM:x}"]}]}]}`, `{"json":true}`)+","+
		created("aws_iam_policy.p", `{"policy":"{\"Resource\":\"${terraform:x}\",\"a\":\"\\u0024{terraform:x}\"}"}`, `{}`),
		root(block(d, "{}")), `,"variables":{"v":{"value":"${terraform:x}"}}`))
	for _, text := range []string{after(t, p, d, "json").Text, after(t, p, "aws_iam_policy.p", "policy").Text,
		p.variables["v"].Text} {
		if !strings.Contains(text, "x}") || planned.HasHole(text) || planned.HasHole(strings.ToLower(text)) {
			t.Errorf("found %s", text)
		}
	}
	if json := after(t, p, d, "json").Text; !strings.Contains(json, "${aws:username}") || strings.Contains(json, "&{") {
		t.Errorf("found %s", json)
	}
}

func TestResolve_FillsInDeferredDataSources(t *testing.T) {
	p := resolved(t, Options{}, planText(strings.Join([]string{
		existing("aws_iam_role.r", `{"arn":"arn:aws-cn:iam::111111111111:role/r"}`),
		deferred("data.aws_caller_identity.c", `{}`, `{"account_id":true,"user_id":true}`),
		deferred("data.aws_partition.p", `{}`, `{"partition":true}`),
		deferred("data.aws_region.r", `{}`, `{"name":true}`),
	}, ","), "{}", ""))
	for _, tc := range []struct{ address, attribute, want string }{
		{"data.aws_caller_identity.c", "account_id", `"111111111111"`},
		{"data.aws_caller_identity.c", "user_id", "<unknown>"},
		{"data.aws_partition.p", "partition", `"aws-cn"`},
		{"data.aws_region.r", "name", "<unknown>"}, // the region is only a placeholder
	} {
		if found := show(after(t, p, tc.address, tc.attribute)); found != tc.want {
			t.Errorf("%s %s: found %s, want %s", tc.address, tc.attribute, found, tc.want)
		}
	}
}

func TestProviderConfigs_HaveConstants(t *testing.T) {
	p := mustRead(t, `{"format_version":"1.2","planned_values":{},"configuration":{"provider_config":{
		"module.m:aws.west":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","alias":"west",
			"module_address":"module.m",
		"version_constraint":"~> 6.0","expressions":{"region":{"constant_value":"us-west-2"},
			"profile":{"references":["var.p"]},
		"key":{},"assume_role":[{"role_arn":{"constant_value":"x"}}],
			"plan_checks":{"new_access":{"constant_value":"off"}}}}}}}`)
	if len(p.ProviderConfigs()) != 1 {
		t.Fatalf("found %+v", p.ProviderConfigs())
	}
	c := p.ProviderConfigs()[0]
	if c.Key != "module.m:aws.west" || c.Name != "aws" || c.Alias != "west" || c.Module != "module.m" ||
		c.Source != "registry.terraform.io/hashicorp/aws" {
		t.Errorf("found %+v", c)
	}
	want := `{"region":"us-west-2","profile":<unknown>,"key":<unknown>,"assume_role":[{"role_arn":"x"}],` +
		`"plan_checks":[{"new_access":"off"}]}`
	if found := show(c.Values); found != want {
		t.Errorf("found %s, want %s", found, want)
	}
}

func TestRead_FindsKeysOfProviders(t *testing.T) {
	text := `{"format_version":"1.2","planned_values":{},"resource_changes":[` + strings.Join([]string{
		created("aws_iam_role.a", `{}`, `{}`), inModule("module.m", created("aws_iam_role.b", `{}`, `{}`)),
		inModule("module.m.module.n[0]", created("aws_iam_role.c", `{}`, `{}`)),
		change("aws_iam_role.gone", `{"actions":["delete"],"before":{},"after":null}`),
	}, ",") + `],"configuration":{"provider_config":{%PROVIDERS%},"root_module":{
		"resources":[{"mode":"managed","type":"aws_iam_role","name":"a","provider_config_key":"aws.x"}],
		"module_calls":{"m":{"module":{"resources":[{"mode":"managed","type":"aws_iam_role","name":"b",
			"provider_config_key":"module.m:aws"}],"module_calls":{"n":{"module":{"resources":[
			{"mode":"managed","type":"aws_iam_role","name":"c","provider_config_key":"module.m.module.n:aws"}]}}}}}}}}}`
	const aws = `{"full_name":"registry.terraform.io/hashicorp/aws"}`
	for _, tc := range []struct{ name, providers, want string }{
		{"root only", `"aws":` + aws, "aws.x aws aws aws"},
		{"aliased", `"aws":` + aws + `,"aws.x":` + aws, "aws.x aws aws "},
		{"in a module", `"aws":` + aws + `,"module.m:aws":` + aws, "aws.x module.m:aws module.m:aws "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustRead(t, strings.Replace(text, "%PROVIDERS%", tc.providers, 1))
			var found []string
			for _, c := range p.Changes {
				found = append(found, c.ProviderKey)
			}
			if got := strings.Join(found, " "); got != tc.want {
				t.Errorf("found %q, want %q", got, tc.want)
			}
		})
	}
}
