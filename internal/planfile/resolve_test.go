package planfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// created returns the change of a new resource.
func created(address, after, marks string) string {
	return change(address, `{"actions":["create"],"before":null,"after":`+after+`,"after_unknown":`+marks+`}`)
}

// existing returns the change of a resource that stays as it is.
func existing(address, value string) string {
	return change(address, `{"actions":["no-op"],"before":`+value+`,"after":`+value+`,"after_unknown":{}}`)
}

// inModule puts a change into a module instance.
func inModule(module, change string) string {
	return strings.Replace(change, `{"address":"`, `{"module_address":`+quote(module)+`,"address":"`+
		strings.ReplaceAll(module, `"`, `\"`)+".", 1)
}

// block returns the configuration of a resource.
func block(address, expressions string) string {
	parts := strings.Split(address, ".")
	mode := "managed"
	if parts[0] == "data" {
		mode, parts = "data", parts[1:]
	}
	return `{"mode":"` + mode + `","type":"` + parts[0] + `","name":"` + parts[1] + `","provider_config_key":"aws",
		"expressions":` + expressions + `}`
}

// refs returns an expression with references.
func refs(references ...string) string {
	quoted := make([]string, len(references))
	for i, reference := range references {
		quoted[i] = quote(reference)
	}
	return `{"references":[` + strings.Join(quoted, ",") + `]}`
}

func root(blocks ...string) string { return `{"resources":[` + strings.Join(blocks, ",") + `]}` }

func resolved(t *testing.T, o Options, text string) *Plan {
	t.Helper()
	p := mustRead(t, text)
	if err := p.Resolve(o); err != nil {
		t.Fatal(err)
	}
	return p
}

// after returns an attribute of a change.
func after(t *testing.T, p *Plan, address, attribute string) tree.Node {
	t.Helper()
	for i := range p.Changes {
		if p.Changes[i].Address == address {
			value, ok := p.Changes[i].After.Member(attribute)
			if !ok {
				t.Fatalf("%s has no %s", address, attribute)
			}
			return *value
		}
	}
	t.Fatalf("there is no %s", address)
	return tree.Node{}
}

// reasonFor returns why an attribute stays unknown, or why it is assumed.
func reasonFor(list []Unresolved, address, attribute string) string {
	for _, u := range list {
		if u.Address == address && u.Attribute == attribute {
			return u.Reason
		}
	}
	return ""
}

func TestResolve_FollowsReferences(t *testing.T) {
	attachment := func(index, expression string) (change, configuration string) {
		return created("aws_iam_role_policy_attachment.x"+index, `{"role":"r"}`, `{"policy_arn":true,"id":true}`),
			block("aws_iam_role_policy_attachment.x", `{"policy_arn":`+expression+`}`)
	}
	policies := existing(`aws_iam_policy.p["a"]`, `{"arn":"arn:a","name":"a"}`) + "," +
		existing(`aws_iam_policy.p["b"]`, `{"arn":"arn:b","name":"b"}`)
	counted := existing(`aws_iam_policy.p[0]`, `{"arn":"arn:0"}`) + "," + existing(`aws_iam_policy.p[1]`,
		`{"arn":"arn:1"}`)
	for _, tc := range []struct {
		name, others, index, expression string
		more                            string // further instances of the attachment
		want, reason                    string
	}{
		{name: "one resource", others: existing("aws_iam_policy.p", `{"arn":"arn:p"}`),
			expression: refs("aws_iam_policy.p.arn", "aws_iam_policy.p"), want: `"arn:p"`},
		{name: "instance by key", others: policies,
			expression: refs(`aws_iam_policy.p["b"].arn`, `aws_iam_policy.p["b"]`, "aws_iam_policy.p"), want: `"arn:b"`},
		{name: "instance by index", others: counted,
			expression: refs(`aws_iam_policy.p[1].arn`, `aws_iam_policy.p[1]`, "aws_iam_policy.p"), want: `"arn:1"`},
		{name: "each.key", others: policies, index: `["a"]`,
			more:       created(`aws_iam_role_policy_attachment.x["b"]`, `{}`, `{"policy_arn":true}`),
			expression: refs("aws_iam_policy.p", "each.key"), want: `"arn:a"`},
		{name: "count.index", others: counted, index: `[1]`,
			more:       created(`aws_iam_role_policy_attachment.x[0]`, `{}`, `{"policy_arn":true}`),
			expression: refs("aws_iam_policy.p", "count.index"), want: `"arn:1"`},
		{name: "each.key with other keys", others: policies, index: `["a"]`, expression: refs("aws_iam_policy.p",
			"each.key"),
			want: "<unknown>", reason: "does not show on which part"},
		{name: "several instances without a key", others: policies, expression: refs("aws_iam_policy.p"),
			want: "<unknown>", reason: "does not show on which part"},
		{name: "only instance without a key", others: existing("aws_iam_policy.p[0]", `{"arn":"arn:p"}`),
			expression: refs("aws_iam_policy.p"), want: `"arn:p"`},
		{name: "several resources", others: existing("aws_iam_policy.p", `{"arn":"arn:p"}`) + "," +
			existing("aws_iam_policy.q", `{"arn":"arn:q"}`),
			expression: refs("aws_iam_policy.p.arn", "aws_iam_policy.p", "aws_iam_policy.q.arn", "aws_iam_policy.q"),
			want:       "<unknown>", reason: "aws_iam_policy.p.arn and aws_iam_policy.q.arn"},
		{name: "variable beside it", others: existing("aws_iam_policy.p", `{"arn":"arn:p"}`),
			expression: refs("aws_iam_policy.p.arn", "aws_iam_policy.p", "var.v"),
			want:       "<unknown>", reason: "aws_iam_policy.p.arn and var.v"},
		{name: "unknown value", others: created("aws_iam_policy.p", `{}`, `{"arn":true}`),
			expression: refs("aws_iam_policy.p.tags", "aws_iam_policy.p"), want: "<unknown>", reason: "aws_iam_policy.p.tags"},
		{name: "local", expression: refs("local.x"), want: "<unknown>", reason: "local.x, which a plan file does not have"},
		{name: "no references", expression: "{}", want: "<unknown>", reason: "does not have its expression"},
		{name: "missing resource", expression: refs("aws_iam_policy.z.arn", "aws_iam_policy.z"), want: "<unknown>",
			reason: "aws_iam_policy.z.arn"},
		{name: "document in place of an ARN", others: existing("aws_iam_policy.p", `{"policy":"{}"}`),
			expression: refs("aws_iam_policy.p.policy", "aws_iam_policy.p"), want: "<unknown>",
			reason: "aws_iam_policy.p.policy"},
		{name: "variable", expression: refs("var.v"), want: `"arn:v"`},
		{name: "part of a variable", expression: refs("var.o.list[1]", "var.o.list", "var.o"), want: `"arn:w"`},
		{name: "missing part of a variable", expression: refs("var.o.list[2]", "var.o.list", "var.o"), want: "<unknown>",
			reason: "var.o.list[2], which the plan file does not have"},
		{name: "constant", expression: `{"constant_value":"arn:c"}`, want: `"arn:c"`},
		{name: "hostile index", expression: refs(`var.o[99999999999999999999]`), want: "<unknown>",
			reason: "It depends on"},
		{name: "malformed reference", expression: refs(`a..b[`), want: "<unknown>", reason: "It depends on"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			x, configuration := attachment(tc.index, tc.expression)
			changes := x
			for _, more := range []string{tc.others, tc.more} {
				if more != "" {
					changes += "," + more
				}
			}
			p := resolved(t, Options{}, planText(changes, root(configuration),
				`,"variables":{"v":{"value":"arn:v"},"o":{"value":{"list":["x","arn:w"]}}}`))
			address := "aws_iam_role_policy_attachment.x" + tc.index
			if found := show(after(t, p, address, "policy_arn")); found != tc.want {
				t.Errorf("found %s, want %s", found, tc.want)
			}
			reason := reasonFor(p.Unresolved, address, "policy_arn")
			if (reason == "") != (tc.reason == "") || !strings.Contains(reason, tc.reason) {
				t.Errorf("reason %q, want %q", reason, tc.reason)
			}
			assumed := reasonFor(p.Assumed, address, "policy_arn")
			if wanted := tc.reason == "" && tc.name != "constant"; (assumed != "") != wanted {
				t.Errorf("assumption %q, want one: %v", assumed, wanted)
			}
			if reasonFor(p.Unresolved, address, "id") != "" {
				t.Error("the id, which AWS chooses, must not be reported")
			}
		})
	}
}

func TestResolve_FollowsEachValue(t *testing.T) {
	configuration := strings.TrimSuffix(block("aws_iam_role_policy_attachment.x",
		`{"policy_arn":`+refs("each.value.arn", "each.value")+`}`), "}") + `,"for_each_expression":` +
		refs("aws_iam_policy.p") + `}`
	p := resolved(t, Options{}, planText(existing(`aws_iam_policy.p["a"]`, `{"arn":"arn:a"}`)+","+
		existing(`aws_iam_policy.p["b"]`, `{"arn":"arn:b"}`)+","+
		created(`aws_iam_role_policy_attachment.x["b"]`, `{}`, `{"policy_arn":true}`), root(configuration), ""))
	if found := show(after(t, p, `aws_iam_role_policy_attachment.x["b"]`, "policy_arn")); found != `"arn:b"` {
		t.Errorf("found %s", found)
	}
}

// modules is a root module that passes the ARN of its policy to instances of a module m, which attach it and return it.
const modules = `{"resources":[%ROOT%],"module_calls":{"m":{
	"expressions":{"policy":{"references":["aws_iam_policy.p","each.key"]},"name":{"constant_value":"arn:constant"}},
	"for_each_expression":{"references":["var.keys"]},
	"module":{
		"resources":[%CHILD%],
		"variables":{"policy":{},"name":{},"default":{"default":"arn:default"}},
		"outputs":{"arn":{"expression":{"references":["var.policy"]}},
			"own":{"expression":{"references":["aws_iam_policy.own.arn","aws_iam_policy.own"]}}}}}}}`

func TestResolve_FollowsModules(t *testing.T) {
	for _, tc := range []struct{ name, module, expression, want string }{
		{"variable", `module.m["a"]`, refs("var.policy"), `"arn:a"`},
		{"constant of the call", `module.m["a"]`, refs("var.name"), `"arn:constant"`},
		{"default of the variable", `module.m["a"]`, refs("var.default"), `"arn:default"`},
		{"missing variable", `module.m["a"]`, refs("var.other"), "<unknown>"},
		{"resource of the same instance", `module.m["b"]`, refs("aws_iam_policy.own.arn", "aws_iam_policy.own"),
			`"arn:own-b"`},
		{"output through a variable", "", refs(`module.m["b"].arn`, `module.m["b"]`), `"arn:b"`},
		{"output of a resource", "", refs(`module.m["b"].own`, `module.m["b"]`), `"arn:own-b"`},
		{"missing output", "", refs(`module.m["b"].other`, `module.m["b"]`), "<unknown>"},
		{"output without a key", "", refs(`module.m.arn`, `module.m`), "<unknown>"},
		{"missing instance", "", refs(`module.m["c"].arn`, `module.m["c"]`), "<unknown>"},
		{"module without an output", "", refs(`module.m`, `each.key`), "<unknown>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			x := created("aws_iam_role_policy_attachment.x", `{}`, `{"policy_arn":true}`)
			address := "aws_iam_role_policy_attachment.x"
			configuration := block(address, `{"policy_arn":`+tc.expression+`}`)
			rootModule := strings.NewReplacer("%ROOT%", configuration, "%CHILD%", "").Replace(modules)
			if tc.module != "" {
				x, address = inModule(tc.module, x), tc.module+"."+address
				rootModule = strings.NewReplacer("%ROOT%", "", "%CHILD%", configuration).Replace(modules)
			}
			p := resolved(t, Options{}, planText(strings.Join([]string{x,
				existing(`aws_iam_policy.p["a"]`, `{"arn":"arn:a"}`), existing(`aws_iam_policy.p["b"]`, `{"arn":"arn:b"}`),
				inModule(`module.m["a"]`, existing("aws_iam_policy.own", `{"arn":"arn:own-a"}`)),
				inModule(`module.m["b"]`, existing("aws_iam_policy.own", `{"arn":"arn:own-b"}`)),
			}, ","), rootModule, ""))
			if found := show(after(t, p, address, "policy_arn")); found != tc.want {
				t.Errorf("found %s, want %s", found, tc.want)
			}
		})
	}
}

// A variable that leads back to itself, which Terraform refuses, must not hang.
func TestResolve_EndsInCircles(t *testing.T) {
	p := resolved(t, Options{}, planText(inModule("module.m", created("aws_iam_role_policy_attachment.x", `{}`,
		`{"policy_arn":true}`)),
		`{"module_calls":{"m":{"expressions":{"v":`+refs("module.m.o", "module.m")+`},
			"module":{"outputs":{"o":{"expression":`+
			refs("var.v")+`}},"resources":[`+block("aws_iam_role_policy_attachment.x", `{"policy_arn":`+refs("var.v")+
			`}`)+`]}}}}`, ""))
	if len(p.Unresolved) != 1 {
		t.Errorf("found %+v", p.Unresolved)
	}
}

func TestResolve_FollowsListsOfReferences(t *testing.T) {
	groups := existing("aws_iam_group.a", `{"name":"a"}`) + "," + existing("aws_iam_group.b", `{"name":"b"}`) + "," +
		existing("aws_iam_group.all[0]", `{"name":"x"}`)
	a, b := []string{"aws_iam_group.a.name", "aws_iam_group.a"}, []string{"aws_iam_group.b.name", "aws_iam_group.b"}
	join := func(lists ...[]string) string {
		var all []string
		for _, list := range lists {
			all = append(all, list...)
		}
		return refs(all...)
	}
	for _, tc := range []struct{ name, value, marks, expression, want string }{
		{"all elements", `[null,null]`, `[true,true]`, join(a, b), `["a","b"]`},
		{"some elements", `["x",null]`, `[false,true]`, join(b), `["x","b"]`},
		{"reference of a known element", `["a",null]`, `[false,true]`, join(a, b), `["a","b"]`},
		{"more references", `[null]`, `[true]`, join(a, b), `[<unknown>]`},
		{"fewer references", `[null,null]`, `[true,true]`, join(a), `[<unknown>,<unknown>]`},
		{"one of them unknown", `[null,null]`, `[true,true]`, join(a, []string{"local.b"}), `["a",<unknown>]`},
		{"list in a variable", `[null,null]`, `[true,true]`, refs("var.groups"), `["v","w"]`},
		{"list of another length", `[null]`, `[true]`, refs("var.groups"), `[<unknown>]`},
		{"list with other elements", `["x",null]`, `[false,true]`, refs("var.groups"), `["x",<unknown>]`},
		{"sorted set", `["w",null]`, `[false,true]`, refs("var.groups"), `["w","v"]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := resolved(t, Options{}, planText(groups+","+created("aws_iam_user_group_membership.m",
				`{"user":"u","groups":`+tc.value+`}`, `{"groups":`+tc.marks+`}`),
				root(block("aws_iam_user_group_membership.m", `{"groups":`+tc.expression+`}`)),
				`,"variables":{"groups":{"value":["v","w"]}}`))
			if found := show(after(t, p, "aws_iam_user_group_membership.m", "groups")); found != tc.want {
				t.Errorf("found %s, want %s", found, tc.want)
			}
			reason := reasonFor(p.Unresolved, "aws_iam_user_group_membership.m", "groups")
			if (reason != "") != strings.Contains(tc.want, "<unknown>") {
				t.Errorf("reason %q", reason)
			}
		})
	}
}

func TestResolve_FollowsReferencesInBlocks(t *testing.T) {
	policies := existing("data.aws_iam_policy_document.a", `{"json":"{\"a\":1}"}`) + "," +
		existing("data.aws_iam_policy_document.b", `{"json":"{\"b\":1}"}`)
	inline := func(name, document string) string {
		return `{"name":` + name + `,"policy":` + refs("data.aws_iam_policy_document."+document+".json",
			"data.aws_iam_policy_document."+document) + `}`
	}
	for _, tc := range []struct{ name, blocks, want string }{
		{"blocks in another order", inline(`{"constant_value":"second"}`, "b") + "," +
			inline(`{"constant_value":"first"}`, "a"),
			`[{"name":"first","policy":"{\"a\":1}"},{"name":"second","policy":"{\"b\":1}"}]`},
		{"blocks that do not tell", inline(`{}`, "b") + "," + inline(`{}`, "a"),
			`[{"name":"first","policy":<unknown>},{"name":"second","policy":<unknown>}]`},
		{"another number of blocks", inline(`{"constant_value":"first"}`, "a"),
			`[{"name":"first","policy":<unknown>},{"name":"second","policy":<unknown>}]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := resolved(t, Options{}, planText(policies+","+created("aws_iam_role.r",
				`{"inline_policy":[{"name":"first"},{"name":"second"}]}`, `{"inline_policy":[{"policy":true},{"policy":true}]}`),
				root(block("aws_iam_role.r", `{"inline_policy":[`+tc.blocks+`]}`)), ""))
			if found := show(after(t, p, "aws_iam_role.r", "inline_policy")); found != tc.want {
				t.Errorf("found %s, want %s", found, tc.want)
			}
		})
	}
}

// The provider of AWS plans a list of a role as unknown if the configuration has none. A plan file does not have the
// dynamic blocks of a configuration, so that only its source tells.
func TestResolve_ComputedAttributes(t *testing.T) {
	for _, tc := range []struct {
		name         string
		source       *source
		after, known string // of inline_policy
		want, reason string
		assumed      bool
	}{
		{name: "without source", after: `{}`, known: "true", want: "null", assumed: true},
		{name: "not in the source", source: &source{}, after: `{}`, known: "true", want: "null"},
		{name: "no source of the module", source: &source{missing: true}, after: `{}`, known: "true", want: "null",
			assumed: true},
		{name: "dynamic blocks", source: &source{values: map[string]string{
			"aws_iam_role.r inline_policy": `[{"name":"x","policy":"<unknown>"}]`}}, after: `{}`, known: "true",
			want: `[{"name":"x","policy":<unknown>}]`, reason: "known only after apply"},
		{name: "unknown dynamic blocks", source: &source{values: map[string]string{
			"aws_iam_role.r inline_policy": `"<unknown>"`}}, after: `{}`, known: "true", want: "<unknown>",
			reason: "known only after apply"},
		{name: "error", source: &source{errors: map[string]string{"aws_iam_role.r inline_policy": "no such function"}},
			after: `{}`, known: "true", want: "<unknown>", reason: "no such function"},
		{name: "unknown part of dynamic blocks", source: &source{values: map[string]string{
			"aws_iam_role.r inline_policy": `[{"name":"x","policy":"{}"}]`}}, after: `{"inline_policy":[{"name":"x"}]}`,
			known: `[{"policy":true}]`, want: `[{"name":"x","policy":"{}"}]`},
		{name: "unknown part without source", after: `{"inline_policy":[{"name":"x"}]}`, known: `[{"policy":true}]`,
			want: `[{"name":"x","policy":<unknown>}]`, reason: "known only after apply"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var options Options
			if tc.source != nil {
				tc.source.test = t
				options.Configuration = tc.source
			}
			p := resolved(t, options, planText(created("aws_iam_role.r", tc.after, `{"inline_policy":`+tc.known+
				`,"managed_policy_arns":true,"unique_id":true}`), root(block("aws_iam_role.r", `{}`)), ""))
			if found := show(after(t, p, "aws_iam_role.r", "inline_policy")); found != tc.want {
				t.Errorf("found %s, want %s", found, tc.want)
			}
			if found := show(after(t, p, "aws_iam_role.r", "unique_id")); found != "<unknown>" {
				t.Errorf("found the id %s", found)
			}
			if reason := reasonFor(p.Unresolved, "aws_iam_role.r", "inline_policy"); (reason == "") != (tc.reason == "") ||
				!strings.Contains(reason, tc.reason) {
				t.Errorf("reason %q, want %q", reason, tc.reason)
			}
			if assumed := reasonFor(p.Assumed, "aws_iam_role.r", "inline_policy"); (assumed != "") != tc.assumed {
				t.Errorf("assumption %q", assumed)
			}
		})
	}
}

// The ARN of a bucket inside of a policy is not the policy.
func TestResolve_TakesOnlyDocumentsForPolicies(t *testing.T) {
	p := resolved(t, Options{}, planText(existing("aws_s3_bucket.b", `{"arn":"arn:aws:s3:::b"}`)+","+
		created("aws_iam_policy.p", `{}`, `{"policy":true}`),
		root(block("aws_iam_policy.p", `{"policy":`+refs("aws_s3_bucket.b.arn", "aws_s3_bucket.b")+`}`)), ""))
	if found := after(t, p, "aws_iam_policy.p", "policy"); found.Kind != tree.Unknown {
		t.Errorf("found %s", show(found))
	}
	if reason := reasonFor(p.Unresolved, "aws_iam_policy.p", "policy"); !strings.Contains(reason,
		"aws_s3_bucket.b.arn") {
		t.Errorf("reason %q", reason)
	}
}

// source is a configuration with fixed values, by "address attribute".
type source struct {
	values map[string]string
	errors map[string]string
	// missing says that the folder does not have the source of the module.
	missing bool
	// mentioned are the names in the expressions. If it is nil, the source does not tell them.
	mentioned []string
	test      *testing.T
	seen      func(v Values)
}

func (s *source) References(Values, string, string, string, string, string) ([]string, bool) {
	return s.mentioned, s.mentioned != nil
}

func (s *source) Attribute(v Values, module, mode, typeName, name string, index tree.Node, attribute string) (
	tree.Node, bool, error) {
	if s.seen != nil {
		s.seen(v)
	}
	if s.missing {
		return tree.Node{}, false, fmt.Errorf("%q: %w", module, ErrNoSource)
	}
	key := typeName + "." + name + " " + attribute
	if text, ok := s.errors[key]; ok {
		return tree.Node{}, true, errors.New(text)
	}
	text, ok := s.values[key]
	if !ok {
		return tree.Node{}, false, nil
	}
	return parse(s.test, text), true, nil
}

// A source whose expressions mention other names than those of the plan file is not the source of the plan.
func TestResolve_RefusesAnotherSource(t *testing.T) {
	references := refs("aws_s3_bucket.b.arn", "aws_s3_bucket.b", "data.aws_region.r.name", "data.aws_region.r",
		`module.m["a.b"].out`, `module.m["a.b"]`, "module.m", "each.key", "var.x")
	for _, tc := range []struct {
		mentioned []string
		want      string
	}{
		{[]string{"aws_s3_bucket.b", "data.aws_region.r", "module.m", "var.x"}, `"{}"`},
		{[]string{}, "unknown"},
		{[]string{"aws_s3_bucket.b", "data.aws_region.r", "module.m"}, "unknown"},
		{[]string{"aws_s3_bucket.b", "aws_s3_bucket.c", "data.aws_region.r", "module.m", "var.x"}, "unknown"},
	} {
		p, err := Read([]byte(planText(created("aws_iam_policy.q", `{"name":"q"}`, `{"policy":true}`),
			root(block("aws_iam_policy.q", `{"policy":`+references+`}`)), "")))
		if err == nil {
			err = p.Resolve(Options{Configuration: &source{test: t, mentioned: tc.mentioned,
				values: map[string]string{"aws_iam_policy.q policy": `"{}"`}}})
		}
		if err != nil {
			t.Fatal(err)
		}
		value, _ := p.Changes[0].After.Member("policy")
		if unknown := value.Kind == tree.Unknown; unknown != (tc.want == "unknown") {
			t.Errorf("%q: policy %+v, want %s", tc.mentioned, value, tc.want)
		}
		if told := len(p.Unresolved) > 0 && strings.Contains(p.Unresolved[0].Reason, "does not fit"); told != (tc.want ==
			"unknown") {
			t.Errorf("%q: unresolved %+v", tc.mentioned, p.Unresolved)
		}
	}
}

func TestResolve_AsksSource(t *testing.T) {
	text := planText(existing("aws_iam_policy.p", `{"arn":"arn:p"}`)+","+
		created("aws_iam_role_policy_attachment.x", `{"role":"r"}`, `{"policy_arn":true}`)+","+
		created("aws_iam_policy.q", `{"name":"q"}`, `{"policy":true}`)+","+
		created("aws_iam_user_group_membership.m", `{"groups":["b",null]}`, `{"groups":[false,true]}`),
		root(block("aws_iam_role_policy_attachment.x", `{"policy_arn":`+refs("aws_iam_policy.p.arn",
			"aws_iam_policy.p")+`}`),
			block("aws_iam_policy.q", `{"policy":`+refs("aws_s3_bucket.b")+`}`),
			block("aws_iam_user_group_membership.m", `{"groups":`+refs("local.groups")+`}`)), "")
	for _, tc := range []struct {
		name               string
		source             *source
		address, attribute string
		want, reason       string
		assumed            bool
	}{
		{name: "value", source: &source{values: map[string]string{
			"aws_iam_role_policy_attachment.x policy_arn": `"arn:source"`}},
			address: "aws_iam_role_policy_attachment.x", attribute: "policy_arn", want: `"arn:source"`},
		{name: "not in the source", source: &source{}, address: "aws_iam_role_policy_attachment.x", attribute: "policy_arn",
			want: `"arn:p"`, assumed: true},
		// A reference must not take the place of an expression that cannot be evaluated.
		{name: "error", source: &source{errors: map[string]string{
			"aws_iam_role_policy_attachment.x policy_arn": "no such function"}},
			address: "aws_iam_role_policy_attachment.x", attribute: "policy_arn", want: "<unknown>",
			reason: "no such function"},
		{name: "source of a module is missing", source: &source{missing: true}, address: "aws_iam_role_policy_attachment.x",
			attribute: "policy_arn", want: `"arn:p"`, assumed: true},
		{name: "unknown in the source", source: &source{values: map[string]string{
			"aws_iam_role_policy_attachment.x policy_arn": `"<unknown>"`}},
			address: "aws_iam_role_policy_attachment.x", attribute: "policy_arn", want: "<unknown>",
			reason: "It depends on aws_iam_policy.p.arn."},
		{name: "document with an unknown part", source: &source{values: map[string]string{
			"aws_iam_policy.q policy": `{"Statement":[{"Resource":"<unknown>"}]}`}}, address: "aws_iam_policy.q",
			attribute: "policy",
			want:      `{"Statement":[{"Resource":<unknown>}]}`, reason: "It depends on aws_s3_bucket.b."},
		{name: "set in another order", source: &source{values: map[string]string{
			"aws_iam_user_group_membership.m groups": `["a","b"]`}}, address: "aws_iam_user_group_membership.m",
			attribute: "groups", want: `["b","a"]`},
		{name: "source of another plan", source: &source{values: map[string]string{
			"aws_iam_user_group_membership.m groups": `["a","c"]`}}, address: "aws_iam_user_group_membership.m",
			attribute: "groups", want: `["b",<unknown>]`, reason: "does not fit the plan file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.source.test = t
			p := resolved(t, Options{Configuration: tc.source}, text)
			if found := show(after(t, p, tc.address, tc.attribute)); found != tc.want {
				t.Errorf("found %s, want %s", found, tc.want)
			}
			if reason := reasonFor(p.Unresolved, tc.address, tc.attribute); (reason == "") != (tc.reason == "") ||
				!strings.Contains(reason, tc.reason) {
				t.Errorf("reason %q, want %q", reason, tc.reason)
			}
			if assumed := reasonFor(p.Assumed, tc.address, tc.attribute); (assumed != "") != tc.assumed {
				t.Errorf("assumption %q", assumed)
			}
		})
	}
}

func TestValues_HaveInstancesAndVariables(t *testing.T) {
	calls := 0
	s := &source{test: t, seen: func(v Values) {
		calls++
		if value, ok := v.Variable("x"); !ok || value.Text != "1" {
			t.Errorf("found variable %+v", value)
		}
		if _, ok := v.Variable("y"); ok {
			t.Error("found a variable that the plan does not have")
		}
		var found []string
		for _, key := range []struct{ module, mode, typeName, name string }{
			{"", "managed", "aws_iam_role", "r"}, {`module.m["a"]`, "managed", "aws_iam_role", "r"},
			{"", "data", "aws_region", "x"}, {"", "data", "aws_iam_role", "r"}, {"", "managed", "aws_iam_role", "gone"},
		} {
			for _, in := range v.Instances(key.module, key.mode, key.typeName, key.name) {
				found = append(found, in.Address+" "+show(in.Attributes))
			}
		}
		want := `aws_iam_role.r[0] {"name":"r0"}; aws_iam_role.r[1] {"name":"r1"}; ` +
			`module.m["a"].aws_iam_role.r {"name":"ra"}; data.aws_region.x {"name":"eu-west-1"}`
		if got := strings.Join(found, "; "); got != want {
			t.Errorf("found %s, want %s", got, want)
		}
	}}
	resolved(t, Options{Configuration: s}, planText(strings.Join([]string{
		existing("aws_iam_role.r[0]", `{"name":"r0"}`), existing("aws_iam_role.r[1]", `{"name":"r1"}`),
		inModule(`module.m["a"]`, existing("aws_iam_role.r", `{"name":"ra"}`)),
		change("aws_iam_role.gone", `{"actions":["delete"],"before":{"name":"gone"},"after":null}`),
		strings.Replace(change("aws_iam_role.r[0]", `{"actions":["delete"],"before":{"name":"old"},"after":null}`),
			`"mode"`, `"deposed":"0","mode"`, 1),
		created("aws_iam_policy.p", `{}`, `{"policy":true}`),
	}, ","), root(block("aws_iam_policy.p", `{"policy":`+refs("local.x")+`}`)),
		`,"variables":{"x":{"value":1}},"prior_state":{"values":{"root_module":{"resources":[
		{"address":"data.aws_region.x","mode":"data","type":"aws_region","name":"x","values":{"name":"eu-west-1"}}]}}}`))
	if calls == 0 {
		t.Error("Resolve did not ask the source")
	}
}

func TestValues_HaveOutputs(t *testing.T) {
	found := map[string]string{}
	s := &source{test: t, seen: func(v Values) {
		outputs, ok := v.(Outputs)
		if !ok {
			t.Fatal("the values have no outputs")
		}
		for _, output := range []string{`module.m["b"] own`, `module.m["a"] arn`, `module.m["a"] other`, "module.gone own",
			" own", "malformed[ own", `module.m["c"] own`} {
			module, name, _ := strings.Cut(output, " ")
			value, ok := outputs.Output(module, name)
			if found[output] = show(value); !ok {
				found[output] = ""
			}
		}
	}}
	rootModule := strings.NewReplacer("%ROOT%", block("aws_iam_role_policy_attachment.x", `{"policy_arn":{}}`),
		"%CHILD%", "").Replace(modules)
	p := resolved(t, Options{Configuration: s}, planText(strings.Join([]string{
		created("aws_iam_role_policy_attachment.x", `{}`, `{"policy_arn":true}`),
		existing(`aws_iam_policy.p["a"]`, `{"arn":"arn:a"}`), existing(`aws_iam_policy.p["b"]`, `{"arn":"arn:b"}`),
		inModule(`module.m["a"]`, existing("aws_iam_policy.own", `{"arn":"arn:own-a"}`)),
		inModule(`module.m["b"]`, existing("aws_iam_policy.own", `{"arn":"arn:own-b"}`)),
	}, ","), rootModule, ""))
	want := map[string]string{`module.m["b"] own`: `"arn:own-b"`}
	for output, value := range found {
		if value != want[output] {
			t.Errorf("%s: found %s, want %s", output, value, want[output])
		}
	}
	if reason := reasonFor(p.Assumed, `module.m["b"]`, "own"); !strings.Contains(reason, "aws_iam_policy.own.arn") {
		t.Errorf("assumption %q", reason)
	}
}

func TestPlace_OfEachProvider(t *testing.T) {
	const aliased = `{"format_version":"1.2","planned_values":{},"resource_changes":[%CHANGES%],"configuration":{
		"provider_config":{
			"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{%MAIN%}},
			"aws.b":{"name":"aws","alias":"b","full_name":"registry.terraform.io/hashicorp/aws","expressions":{%OTHER%}}},
		"root_module":{"resources":[{"mode":"managed","type":"aws_iam_role","name":"r","provider_config_key":"aws"},
			{"mode":"managed","type":"aws_iam_role","name":"s","provider_config_key":"aws.b"},
			{"mode":"data","type":"aws_caller_identity","name":"c","provider_config_key":"aws.b"},
			{"mode":"data","type":"aws_partition","name":"c","provider_config_key":"aws.b"},
			{"mode":"data","type":"aws_region","name":"c","provider_config_key":"aws.b"},
			{"mode":"managed","type":"aws_sqs_queue","name":"q","provider_config_key":"aws.b"}]}},
				"variables":{"region":{"value":"eu-south-1"}}}`
	for _, tc := range []struct {
		name, changes, mainConfig, other string
		options                          planned.Place
		want                             planned.Place // of the second provider
		known                            bool
	}{
		{name: "nothing", want: planned.Place{Partition: "aws", Region: "us-east-1", Account: "000000000000"}},
		{name: "options", options: planned.Place{Partition: "aws-cn", Region: "cn-north-1", Account: "111111111111"},
			want: planned.Place{Partition: "aws-cn", Region: "cn-north-1", Account: "111111111111"}, known: true},
		{name: "data sources", changes: "," + existing("data.aws_caller_identity.c",
			`{"account_id":"222222222222"}`) + "," +
			existing("data.aws_partition.c", `{"partition":"aws-us-gov"}`) + "," + existing("data.aws_region.c",
			`{"name":"us-gov-west-1"}`),
			options: planned.Place{Region: "us-east-1", Account: "111111111111"},
			want:    planned.Place{Partition: "aws-us-gov", Region: "us-gov-west-1", Account: "222222222222"}, known: true},
		{name: "ARN of IAM", changes: "," + existing("aws_iam_role.s", `{"arn":"arn:aws:iam::333333333333:role/s"}`),
			options: planned.Place{Account: "111111111111"},
			want:    planned.Place{Partition: "aws", Region: "us-east-1", Account: "333333333333"}, known: true},
		{name: "other ARN", changes: "," + existing("aws_sqs_queue.q", `{"arn":"arn:aws:sqs:eu-west-3:333333333333:q"}`),
			want: planned.Place{Partition: "aws", Region: "eu-west-3", Account: "333333333333"}, known: true},
		{name: "constant region", other: `"region":{"constant_value":"cn-north-1"}`,
			want: planned.Place{Partition: "aws-cn", Region: "cn-north-1", Account: "000000000000"}},
		{name: "region in a variable", other: `"region":{"references":["var.region"]}`,
			want: planned.Place{Partition: "aws", Region: "eu-south-1", Account: "000000000000"}},
		{name: "assumed role", other: `"assume_role":[{"role_arn":{"constant_value":"arn:aws:iam::444444444444:role/x"}}]`,
			options: planned.Place{Account: "111111111111"},
			want:    planned.Place{Partition: "aws", Region: "us-east-1", Account: "444444444444"}, known: true},
		{name: "allowed account", other: `"allowed_account_ids":{"constant_value":["555555555555"]}`,
			want: planned.Place{Partition: "aws", Region: "us-east-1", Account: "555555555555"}, known: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			changes := existing("aws_iam_role.r", `{"arn":"arn:aws:iam::999999999999:role/r"}`) + tc.changes
			if !strings.Contains(tc.changes, "aws_iam_role.s") {
				changes += "," + created("aws_iam_role.s", `{}`, `{"arn":true}`)
			}
			p := resolved(t, Options{Place: tc.options}, strings.NewReplacer("%CHANGES%", changes, "%MAIN%", "",
				"%OTHER%", tc.other).Replace(aliased))
			for i := range p.Changes {
				c := &p.Changes[i]
				found, known := p.Place(c)
				if c.Address == "aws_iam_role.s" && (found != tc.want || known != tc.known) {
					t.Errorf("found %+v, %v; want %+v, %v", found, known, tc.want, tc.known)
				}
				if c.Address == "aws_iam_role.r" && (found.Account != "999999999999" || !known) {
					t.Errorf("found %+v for the other provider", found)
				}
			}
		})
	}
}

func TestPlace_RegionOfResource(t *testing.T) {
	p := mustRead(t, planText(created("aws_sqs_queue.q", `{"region":"eu-north-1"}`, `{}`), "{}", ""))
	if found, _ := p.Place(&p.Changes[0]); found.Region != "eu-north-1" {
		t.Errorf("found %+v", found)
	}
}
