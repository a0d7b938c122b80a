package planfile

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// planText returns the text of a plan with these changes and this root module. Each change is an object without the
// fields that follow from its address.
func planText(changes, rootModule, more string) string {
	return `{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{}},
		"resource_changes":[` + changes + `],
		"configuration":{"provider_config":{"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws"}},
		"root_module":` + rootModule + `}` + more + `}`
}

// change returns a change of a resource in the root module, as a plan file has it.
func change(address, change string) string {
	parts := strings.Split(address, ".")
	mode, index := "managed", ""
	if parts[0] == "data" {
		mode, parts = "data", parts[1:]
	}
	name, key, indexed := strings.Cut(parts[1], "[")
	if indexed {
		index = `"index":` + strings.TrimSuffix(key, "]") + `,`
	}
	return `{"address":` + quote(address) + `,"mode":"` + mode + `","type":"` + parts[0] + `","name":"` + name +
		`",` + index +
		`"provider_name":"registry.terraform.io/hashicorp/aws","change":` + change + `}`
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

func mustRead(t *testing.T, text string) *Plan {
	t.Helper()
	p, err := Read([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

// parse reads a value from JSON, in which the string "<unknown>" is an unknown value, and <hole> in a string is a hole.
func parse(t *testing.T, text string) tree.Node {
	t.Helper()
	n, err := newScanner([]byte(text)).node()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return withUnknown(n)
}

func withUnknown(n tree.Node) tree.Node {
	if n.Kind == tree.String && n.Text == "<unknown>" {
		return unknown
	}
	n.Text = strings.ReplaceAll(n.Text, "<hole>", planned.Hole("x.y"))
	for i := range n.Elements {
		n.Elements[i] = withUnknown(n.Elements[i])
	}
	for i := range n.Members {
		n.Members[i].Value = withUnknown(n.Members[i].Value)
	}
	return n
}

// show writes a value as JSON, with <unknown> for an unknown value.
func show(n tree.Node) string {
	var b strings.Builder
	write(&b, n)
	return b.String()
}

func write(b *strings.Builder, n tree.Node) {
	switch n.Kind {
	case tree.Unknown:
		b.WriteString("<unknown>")
	case tree.String:
		b.WriteString(quote(n.Text))
	case tree.Array:
		b.WriteString("[")
		for i := range n.Elements {
			if i > 0 {
				b.WriteString(",")
			}
			write(b, n.Elements[i])
		}
		b.WriteString("]")
	case tree.Object:
		b.WriteString("{")
		for i := range n.Members {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(quote(n.Members[i].Name) + ":")
			write(b, n.Members[i].Value)
		}
		b.WriteString("}")
	case tree.Null:
		b.WriteString("null")
	default:
		b.WriteString(n.Text)
	}
}

func TestRead_RefusesOtherFiles(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"empty", " \n", "it is empty"},
		{"binary plan", "PK\x03\x04rest", "binary plan"},
		{"UTF-16", "\xff\xfe{\x00", "UTF-16"},
		{"text", "hello", "not the JSON of a plan"},
		{"list", "[]", "not the JSON of a plan"},
		{"state", `{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}`, "it is a state"},
		{"raw state", `{"version":4,"serial":1,"lineage":"x","resources":[]}`, "it is a state"},
		{"log", `{"@level":"info"}` + "\n" + `{"@level":"info"}`, "log of `terraform plan -json`"},
		{"one line of log", `{"@level":"info"}`, "log of `terraform plan -json`"},
		{"schemas", `{"format_version":"1.0","provider_schemas":{}}`, "not the JSON of a plan"},
		{"no version", `{"resource_changes":[]}`, "not the JSON of a plan"},
		{"only a version", `{"format_version":"1.2"}`, "not the JSON of a plan"},
		{"older version", `{"format_version":"0.2","resource_changes":[]}`, `version "0.2"`},
		{"newer version", `{"format_version":"2.0","resource_changes":[]}`, `version "2.0"`},
		{"version of a wrong kind", `{"format_version":1,"resource_changes":[]}`, "a string was expected"},
		{"name twice", `{"format_version":"1.2","resource_changes":[],"resource_changes":[]}`, "occurs twice"},
		{"name twice, with an escape", `{"format_version":"1.2","resource_changes":[],"resource\u005fchanges":[]}`,
			"occurs twice"},
		{"not closed", `{"format_version":"1.2","resource_changes":[`, "line 1, column 45"},
		{"more text", `{"format_version":"1.2","resource_changes":[]} x`, "more text after the end"},
		{"deep", `{"format_version":"1.2","x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`,
			"nested more than 256 deep"},
		{"invalid UTF-8", "{\"format_version\":\"1.2\",\"a\":\"\xff\"}", "not UTF-8"},
		{"half a surrogate pair", `{"format_version":"1.2","a":"\ud800"}`, "surrogate pair"},
		{"changes of a wrong kind", `{"format_version":"1.2","resource_changes":{}}`, "a list was expected"},
		{"change without address", `{"format_version":"1.2","resource_changes":[{"type":"x"}]}`, "no address or no type"},
		{"name twice in a value", planText(change("aws_iam_role.r", `{"actions":["create"],"before":null,
			"after":{"a":1,"a":2}}`),
			"{}", ""), `the name "a" occurs twice`},
		{"unknown mode", strings.Replace(planText(change("aws_iam_role.r", `{"actions":["create"],"after":{}}`), "{}", ""),
			"managed", "other", 1), `mode "other"`},
		{"unknown action", planText(change("aws_iam_role.r", `{"actions":["create","paint"],"after":{}}`), "{}", ""),
			`actions ["create" "paint"] are not known`},
		{"no action", planText(change("aws_iam_role.r", `{"after":{}}`), "{}", ""), "actions [] are not known"},
		{"creation without a value", planText(change("aws_iam_role.r", `{"actions":["create"],"after":null}`), "{}", ""),
			"the value after"},
		{"update without a value", planText(change("aws_iam_role.r", `{"actions":["update"],"after":{}}`), "{}", ""),
			"the value before"},
		{"deletion with a value", planText(change("aws_iam_role.r", `{"actions":["delete"],"before":{},"after":{}}`),
			"{}", ""),
			"there is a value after"},
		{"value of a wrong kind", planText(change("aws_iam_role.r", `{"actions":["create"],"after":[]}`), "{}", ""),
			"expected an object or null"},
		{"marks of a wrong kind", planText(change("aws_iam_role.r", `{"actions":["create"],"after":{},
			"after_unknown":{"a":"b"}}`),
			"{}", ""), "after_unknown: expected true, false"},
		{"two changes of one resource", planText(change("aws_iam_role.r", `{"actions":["create"],"after":{}}`)+","+
			change("aws_iam_role.r", `{"actions":["delete"],"before":{}}`), "{}", ""), "aws_iam_role.r occurs twice"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := Read([]byte(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestRead_ReadsEveryKindOfChange(t *testing.T) {
	for _, tc := range []struct {
		name, change string
		want         Change
	}{
		{"unchanged", `{"actions":["no-op"],"before":{"a":1},"after":{"a":1},"after_unknown":{}}`, Change{Action: NoOp}},
		{"created", `{"actions":["create"],"before":null,"after":{"a":1}}`, Change{Action: Create}},
		{"updated", `{"actions":["update"],"before":{},"after":{"a":1}}`, Change{Action: Update}},
		{"deleted", `{"actions":["delete"],"before":{},"after":null,"after_unknown":false}`, Change{Action: Delete}},
		{"replaced", `{"actions":["delete","create"],"before":{},"after":{"a":1}}`, Change{Action: Replace}},
		{"replaced, created first", `{"actions":["create","delete"],"before":{},"after":{"a":1}}`,
			Change{Action: Replace, CreateFirst: true}},
		{"forgotten", `{"actions":["forget"],"before":{},"after":null}`, Change{Action: Forget}},
		{"imported", `{"actions":["no-op"],"before":{},"after":{},"importing":{"id":"x"}}`, Change{Action: NoOp,
			Importing: true}},
		{"not imported", `{"actions":["no-op"],"before":{},"after":{},"importing":null}`, Change{Action: NoOp}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := mustRead(t, planText(change(`aws_iam_role.r["k"]`, tc.change), "{}", ""))
			if len(p.Changes) != 1 {
				t.Fatalf("%d changes", len(p.Changes))
			}
			c := p.Changes[0]
			if c.Action != tc.want.Action || c.CreateFirst != tc.want.CreateFirst || c.Importing != tc.want.Importing {
				t.Errorf("found %+v", c)
			}
			if c.Address != `aws_iam_role.r["k"]` || c.Type != "aws_iam_role" || c.Name != "r" || c.Index.Text != "k" ||
				c.IsData || c.ProviderKey != "aws" || c.Provider != "registry.terraform.io/hashicorp/aws" {
				t.Errorf("found %+v", c)
			}
		})
	}
}

func TestRead_ReadsOtherFields(t *testing.T) {
	moved := strings.Replace(change("data.aws_iam_role.r[0]", `{"actions":["read"],"before":null,"after":{"a":1},
		"later":1}`),
		`"mode"`, `"previous_address":"aws_iam_role.q","action_reason":"read_because_dependency_pending","deposed":"",
		"module_address":"module.m[\"a\"]","later":{},"mode"`, 1)
	deposed := strings.Replace(change("aws_iam_role.s", `{"actions":["delete"],"before":{},"after":null}`),
		`"mode"`, `"deposed":"0123abcd","mode"`, 1)
	p := mustRead(t, planText(moved+","+deposed, "{}",
		`,"applyable":false,"complete":false,"errored":true,"later":[{}],"resource_drift":[`+
			change("aws_iam_role.s", `{"actions":["update"],"before":{"a":1},"after":{"a":2}}`)+`],
		"deferred_changes":[{"reason":"provider_config_unknown","resource_change":{"address":"aws_iam_role.later"}}]`))
	c := p.Changes[0]
	if !c.IsData || c.Action != Defer || c.PreviousAddress != "aws_iam_role.q" || c.Module != `module.m["a"]` ||
		c.Reason != "read_because_dependency_pending" || c.Index.Kind != tree.Number || c.Deposed {
		t.Errorf("found %+v", c)
	}
	if !p.Changes[1].Deposed {
		t.Errorf("found %+v", p.Changes[1])
	}
	if p.Applyable || p.Complete || !p.Errored || p.TerraformVersion != "1.11.4" || p.FormatVersion != "1.2" {
		t.Errorf("found %+v", p)
	}
	if len(p.Drift) != 1 || show(p.Drift[0].After) != `{"a":2}` {
		t.Errorf("found drift %+v", p.Drift)
	}
	if err := p.Resolve(Options{}); err != nil {
		t.Fatal(err)
	}
	if len(p.Unresolved) != 1 || p.Unresolved[0].Address != "aws_iam_role.later" ||
		!strings.Contains(p.Unresolved[0].Reason, "provider_config_unknown") {
		t.Errorf("found %+v", p.Unresolved)
	}
}

func TestRead_DefaultsOfOlderVersions(t *testing.T) {
	p := mustRead(t, "\ufeff"+`{"format_version":"1.0","planned_values":{}}`)
	if !p.Applyable || !p.Complete || p.Errored || len(p.Changes) != 0 {
		t.Errorf("found %+v", p)
	}
}

// A resource that Terraform forgets and creates anew is two changes, because the old object stays.
func TestRead_ForgetThenCreate(t *testing.T) {
	for _, actions := range []string{`["create","forget"]`, `["forget","create"]`} {
		p := mustRead(t, planText(change("aws_iam_role.r", `{"actions":`+actions+`,"before":{"a":1},
			"after":{"a":2}}`), "{}", ""))
		if len(p.Changes) != 2 || p.Changes[0].Action != Forget || p.Changes[1].Action != Create ||
			show(p.Changes[0].Before) != `{"a":1}` || p.Changes[0].After.Kind != tree.Null ||
			show(p.Changes[1].After) != `{"a":2}` || p.Changes[1].Before.Kind != tree.Null {
			t.Errorf("%s: found %+v", actions, p.Changes)
		}
	}
}

func TestRead_IgnoresEphemeralResources(t *testing.T) {
	p := mustRead(t, strings.Replace(planText(change("aws_x.r", `{"actions":["open"],"after":{}}`), "{}", ""),
		"managed", "ephemeral", 1))
	if len(p.Changes) != 0 {
		t.Errorf("found %+v", p.Changes)
	}
}

// The plan leaves resources out if it is limited to others. They stay as they are.
func TestRead_AddsResourcesOfPriorState(t *testing.T) {
	p := mustRead(t, planText(change("aws_iam_role.r", `{"actions":["no-op"],"before":{},"after":{}}`), "{}",
		`,"prior_state":{"values":{"root_module":{"resources":[
			{"address":"aws_iam_role.r","mode":"managed","type":"aws_iam_role","name":"r","values":{"name":"r"}},
			{"address":"aws_iam_role.d","mode":"managed","type":"aws_iam_role","name":"d","deposed_key":"00",
				"values":{"name":"d"}},
			{"address":"data.aws_region.x","mode":"data","type":"aws_region","name":"x","values":{"name":"eu-west-1"}}],
		"child_modules":[{"address":"module.m[0]","resources":[
			{"address":"module.m[0].aws_iam_role.q[1]","mode":"managed","type":"aws_iam_role","name":"q","index":1,
			"values":{"name":"q","secret":"s"},"sensitive_values":{"secret":true}}]}]}}}`))
	if len(p.Changes) != 2 {
		t.Fatalf("found %+v", p.Changes)
	}
	c := p.Changes[1]
	if c.Address != "module.m[0].aws_iam_role.q[1]" || c.Module != "module.m[0]" || c.Action != NoOp ||
		show(c.Before) != `{"name":"q","secret":"s"}` || !tree.Equal(c.Before, c.After) || c.Index.Text != "1" {
		t.Errorf("found %+v", c)
	}
	if !c.IsSensitive("secret") || c.IsSensitive("name") {
		t.Error("the value of secret must be sensitive, and the name must not")
	}
}

func TestIsSensitive_FindsMarks(t *testing.T) {
	p := mustRead(t, planText(change("aws_iam_role.r", `{"actions":["update"],"before":{},"after":{},
		"before_sensitive":{"a":true,"b":{"c":[false]}},"after_sensitive":{"d":[{"e":true}],"b":false}}`)+","+
		change("aws_iam_role.s", `{"actions":["create"],"before":null,"after":{},"before_sensitive":false,
			"after_sensitive":true}`),
		"{}", ""))
	for attribute, want := range map[string]bool{"a": true, "b": false, "d": true, "x": false} {
		if found := p.Changes[0].IsSensitive(attribute); found != want {
			t.Errorf("%s: found %v", attribute, found)
		}
	}
	if !p.Changes[1].IsSensitive("x") {
		t.Error("all values of the second resource are sensitive")
	}
}

// A shared tree of the value before and after must not change with either of them.
func TestRead_KeepsValueBeforeChange(t *testing.T) {
	p := mustRead(t, planText(change("aws_iam_role.r", `{"actions":["update"],"before":{"a":{"b":1},"c":[1]},
		"after":{"a":{"b":1},"c":[1]},"after_unknown":{"a":{"b":true},"c":[true]}}`), "{}", ""))
	c := p.Changes[0]
	if show(c.Before) != `{"a":{"b":1},"c":[1]}` || show(c.After) != `{"a":{"b":<unknown>},"c":[<unknown>]}` {
		t.Errorf("found before %s, after %s", show(c.Before), show(c.After))
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(planText(change("aws_iam_role.r", `{"actions":["create"],"before":null,"after":{"a":[null]},
		"after_unknown":{"a":[true],"policy":true}}`), `{"resources":[{"mode":"managed","type":"aws_iam_role","name":"r",
		"expressions":{"policy":{"references":["aws_iam_role.q.arn","aws_iam_role.q"]},"a":{"references":["var.x",
			"module.m.o"]}}}],
		"module_calls":{"m":{"expressions":{"v":{"references":["each.value.x"]}},
			"module":{"outputs":{"o":{"expression":{}}}}}}}`,
		`,"variables":{"x":{"value":[1]}},"prior_state":{"values":{"root_module":{}}}`)))
	f.Add([]byte(planText(change("data.aws_iam_policy_document.d", `{"actions":["read"],"before":null,
		"after":{"statement":[{"actions":["a:b"],"condition":[{"test":"StringEquals","variable":"v","values":[null]}]}]},
		"after_unknown":{"json":true,"statement":[{"condition":[{"values":[true]}],"resources":[true]}]}}`), "{}", "")))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Read(text)
		if err != nil {
			return
		}
		before := len(p.Changes)
		if err := p.Resolve(Options{}); err != nil || len(p.Changes) != before {
			t.Errorf("Resolve: %v", err)
		}
		for i := range p.Changes {
			p.Place(&p.Changes[i])
		}
	})
}
