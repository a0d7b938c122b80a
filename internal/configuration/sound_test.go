package configuration_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/configuration"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// expressions look into texts in many ways. a is aws_s3_bucket.b.arn.
var expressions = append(strings.Split(strings.TrimSpace(`
a == "x" ? "one" : "two"
a != "x" && true
!(a == "x")
[a] == ["x"]
{ k = a } == { k = "x" }
a == null
coalesce(a, "x")
compact([a, "x"])
contains([a], "x")
contains(["x"], a)
index(["x", a], "x")
index(["y", a, "x"], "x")
length(a)
length([a, "x"])
length(toset([a, "x"]))
length(distinct([a, "x"]))
distinct(["x", a])
sort([a, "m"])
toset([a, "x"])
tolist(toset([a, "x"]))
concat(tolist(toset([a, "x"])), ["y"])
[for v in toset([a, "x"]) : v]
toset([a, "x"])[*]
setunion([a], ["x"])
setintersection([a], ["x"])
setsubtract(["x"], [a])
length(setproduct([a, "x"], ["y"]))
length(setproduct(toset([a, "x"]), ["y"]))
lookup({ x = 1 }, a, 2)
try({ x = 1 }[a], 2)
can({ x = 1 }[a])
try(tonumber(a), 0)
can(tonumber(a))
try(jsondecode(a), 0)
can(jsondecode(a))
can(regex("x", a))
try(regex("x", a), "y")
regexall("x", a)
replace(a, "x", "y")
replace("x", a, "y")
replace("x", "x", a)
split(":", a)
split(a, "x:y")
upper(a)
lower(a)
title(a)
trimspace(a)
trimprefix(a, "x")
trim(a, "x")
substr(a, 0, 1)
strrev(a)
chomp(a)
startswith(a, "x")
endswith(a, "x")
strcontains(a, "x")
base64encode(a)
base64decode(a)
md5(a)
sha1(a)
sha256(a)
sha512(a)
urlencode(a)
indent(2, a)
format("%s", a)
format("%5s", a)
format("%q", a)
format("%d", a)
format(a, "x")
format("%s %s", a, "y")
format("%.1s", a)
format("%v", [a])
format("%#v", a)
formatlist("%s", [a, "x"])
formatlist("%s", toset([a, "x"]))
join(",", [a, "x"])
join(a, ["x", "y"])
join(",", toset([a, "x"]))
jsonencode(a)
jsonencode([a, { k = a }])
length(jsonencode(a))
jsondecode(jsonencode({ k = a })).k == "x"
jsondecode("{\"k\":\"${a}\"}").k
can(jsondecode("{\"k\":${a}}"))
yamldecode("k: ${a}")
yamldecode(jsonencode({ k = a }))
jsonencode({ (a) = 1 })
{ (a) = 1 }
{ (a) = 1, x = 2 }
merge({ x = 1 }, { (a) = 2 })
zipmap([a], [1])
zipmap(["k"], [a])
keys({ (a) = 1 })
{ for v in [a] : v => 1 }
{ for v in [a, "x"] : v => v... }
[for v in [a, "x"] : v if v != "x"]
[for v in [a] : upper(v)]
values({ k = a })
element([a, "x"], 1)
element([a, "x"], length(a))
slice([a, "x"], 0, 1)
reverse([a, "x"])
one([a])
one(toset([a]))
one([for v in [a, "x"] : v if v == "x"])
flatten([[a], [["x"]]])
chunklist([a, "x", "y"], 2)
range(length(a))
max(length(a), 1)
tostring(a)
tobool(a)
a ? 1 : 2
"${a}" == "x" ? 1 : 2
"%{ if a == "x" }y%{ else }z%{ endif }"
"%{ for v in [a, "x"] }${v}%{ endfor }"
"x%{ for v in toset([a, "x"]) }.%{ endfor }"
alltrue([a == "x"])
anytrue([a == "x", true])
a == "x" || true
a == "x" && false
a < "x"
a + 1
-a
coalescelist([a], ["x"])
coalescelist(compact([a]), ["x"])
[a, "x"][a == "x" ? 0 : 1]
{ x = a }["x"]
try(a.x, "y")
can(a.x)
try(a[0], "y")
a[*]
a.*
[a][*]
true ? a : "x"
true ? [a] : ["x", "y"]
true ? toset([a, "x"]) : toset([])
length(true ? tolist(toset([a, "x"])) : [])
try(a == "x" ? {}.q : 1, 2)
can(a == "x" ? {}.q : 1)
try([for v in [a] : v if v == "x"][0], "none")
templatefile("t.tpl", { v = a })
csvdecode("h\n${a}")
parseint(a, 10)
matchkeys(["p"], [a], ["x"])
transpose({ k = [a] })
sum([a])
local.set
length(local.set)
[for v in local.set : v]
jsonencode(local.set)
length(jsondecode(jsonencode(local.set)))
jsonencode([for v in sort([a, "x"]) : v])
jsonencode({ k = sort([a, "x"]) })
jsonencode({ k = distinct([a, "x"]) })
length(jsondecode(jsonencode(distinct([a, "x"]))))
distinct([a, "x"])[0]
try(distinct([a, "x"])[1], "y")
sort([a, "x"])[0]
concat(distinct([a, "x"]), ["y"])
length(setunion([a], toset([a, "x"])))
jsonencode(jsonencode(local.set))
try(jsonencode(local.set), "y")
local.typed
local.typed.l
jsonencode({ Version = "2012-10-17", Statement = { Resource = "arn:aws:s3:::${a}", Action = upper(a), Sid = "s" } })
jsonencode({ Version = "2012-10-17", Statement = [for v in toset([a, "x"]) : { Resource = v }] })
trimspace(jsonencode({ k = a }))
replace(jsonencode({ k = a }), "k", "q")
jsonencode(jsonencode({ k = a }))
jsondecode(jsondecode(jsonencode(jsonencode({ k = a })))).k
"${jsonencode({ k = a })}"
"{\"k\": \"${a}\"}"
"[\"${a}\"]"
"${a}"
"${a}{}"
" ${a}"
join("", ["{\"k\":\"", a, "\"}"])
`), "\n"), "<<EOT\n"+`{"Version": "2012-10-17", "Statement": [{"Action": "${a}", "Effect": "Allow",
	"Resource": ["arn:aws:s3:::${a}", "${a}"]}]}`+"\nEOT\n")

// knownValues are values that a may turn out to have.
var knownValues = []string{"x", "m", "1", "true", "y:z", "arn:aws:s3:::logs", strings.Repeat("z", 50)}

// evaluate returns the value of an expression with an attribute a.
func evaluate(t *testing.T, expr, attribute string, a any) (tree.Node, bool) {
	t.Helper()
	from := files("locals {\n  a = aws_s3_bucket.b." + attribute + "\n  set = module.m.set\n" +
		"  typed = module.m.typed\n}\n" +
		"module \"m\" {\n  source = \"./m\"\n  set = [local.a, \"x\"]\n" +
		"  typed = { l = toset([local.a, \"x\"]), n = 1 }\n}\n" +
		"resource \"aws_s3_bucket\" \"b\" {}\nresource \"aws_iam_policy\" \"p\" {\n  policy = " + expr + "\n}\n" +
		"-- t.tpl --\n%{ if v == \"x\" }one%{ else }two%{ endif } ${v}\n" +
		"-- m/main.tf --\nvariable \"set\" {\n  type = set(string)\n}\nvariable \"typed\" {\n" +
		"  type = object({ l = list(string), n = string })\n}\n" +
		"output \"set\" {\n  value = var.set\n}\noutput \"typed\" {\n  value = var.typed\n}")
	c, err := configuration.Load(from, ".")
	if err != nil {
		return tree.Node{}, false
	}
	got, ok, _ := c.Attribute(values{instances: map[string][]instance{"aws_s3_bucket.b": {{attributes: map[string]any{
		attribute: a}}}}}, "", "managed", "aws_iam_policy", "p", tree.Node{}, "policy")
	return got, ok
}

// checkSound reports a part of the value of an expression that is wrong for a value of a.
func checkSound(t *testing.T, expr string) (certain bool) {
	t.Helper()
	expr = strings.NewReplacer("(a", "(local.a", "[a", "[local.a", " a", " local.a", "{a", "{local.a", "!a", "!local.a",
		"-a", "-local.a").Replace(" " + expr)
	// An ARN is neither null nor empty, and a region may be.
	for _, attribute := range []string{"arn", "region"} {
		open, ok := evaluate(t, expr, attribute, "?")
		if !ok {
			return false
		}
		certain = open.Kind != tree.Unknown
		for _, a := range knownValues {
			checkValue(t, expr, attribute, open, a)
		}
		if attribute == "region" {
			checkValue(t, expr, attribute, open, "")
			checkValue(t, expr, attribute, open, nil)
		}
	}
	return certain
}

// checkValue reports a part of the value open that is wrong if the attribute has the value a.
func checkValue(t *testing.T, expr, attribute string, open tree.Node, a any) {
	t.Helper()
	closed, ok := evaluate(t, expr, attribute, a)
	if !ok {
		t.Fatalf("%s: cannot be evaluated with %q", expr, a)
	}
	if closed.Kind == tree.Unknown {
		return // the expression fails with this value, and so does the plan
	}
	if a == nil && (open.HasUnknown() || strings.Contains(show(open), "${terraform:")) {
		return // a hole may be null
	}
	asSet := strings.Contains(expr, "set") || strings.Contains(expr, "distinct") || strings.Contains(expr, "sort")
	text, _ := a.(string)
	c := comparison{a: text, hole: "aws_s3_bucket.b." + attribute, asSet: asSet}
	if path := c.mismatch(open, closed); path != "" {
		t.Errorf("%s: got %s, which is wrong at %s for %q: %s", expr, show(open), path, a, show(closed))
	}
}

// comparison compares a value with holes and the value with the text a in place of them.
type comparison struct {
	a, hole string
	asSet   bool // the order of a list of texts, and texts that are in it twice, do not matter
}

// mismatch returns the path of a part in which the values differ.
func (c comparison) mismatch(open, closed tree.Node) string {
	if open.Kind == tree.Unknown {
		return ""
	}
	parsed, err := policy.ParseJSON([]byte(closed.Text))
	isJSON := closed.Kind == tree.String && err == nil && (parsed.Kind == tree.Object || parsed.Kind == tree.Array)
	if open.Kind != closed.Kind && isJSON {
		closed = parsed
	}
	anyText := false
	text := planned.ReplaceHoles(open.Text, func(name string) string {
		anyText = anyText || name != c.hole
		return c.a
	})
	if open.Kind == tree.String && isJSON {
		if one, err := policy.ParseJSON([]byte(text)); err == nil && one.Kind != tree.String {
			return c.mismatch(one, parsed)
		}
	}
	if anyText && closed.Kind == tree.String {
		return ""
	}
	if c.asSet && open.Kind == tree.Array && closed.Kind == tree.Array {
		open, closed = c.sorted(open), c.sorted(closed)
	}
	if open.Kind != closed.Kind || text != closed.Text || len(open.Elements) != len(closed.Elements) ||
		len(open.Members) != len(closed.Members) {
		return "."
	}
	for i := range open.Elements {
		if path := c.mismatch(open.Elements[i], closed.Elements[i]); path != "" {
			return "[]" + path
		}
	}
	for i := range open.Members {
		if open.Members[i].Name != closed.Members[i].Name {
			return "."
		}
		if path := c.mismatch(open.Members[i].Value, closed.Members[i].Value); path != "" {
			return "." + open.Members[i].Name + path
		}
	}
	return ""
}

// sorted returns a list of texts in order, each once. Any unknown text may be one of them.
func (c comparison) sorted(n tree.Node) tree.Node {
	var elements []tree.Node
	for _, element := range n.Elements {
		if element.Kind != tree.String && element.Kind != tree.Unknown {
			return n
		}
		if element.Kind == tree.Unknown {
			element = tree.Node{Kind: tree.String, Text: c.a}
		}
		element.Text = planned.ReplaceHoles(element.Text, func(string) string { return c.a })
		elements = append(elements, element)
	}
	compare := func(x, y tree.Node) int { return strings.Compare(x.Text, y.Text) }
	slices.SortFunc(elements, compare)
	n.Elements = slices.CompactFunc(elements, func(x, y tree.Node) bool { return x.Text == y.Text })
	return n
}

// TestAttribute_TrueForEveryValue checks that the value of an expression is true for each value that an unknown
// attribute may get.
func TestAttribute_TrueForEveryValue(t *testing.T) {
	certain := 0
	for _, expr := range expressions {
		if checkSound(t, expr) {
			certain++
		}
	}
	if certain < len(expressions)/4 {
		t.Errorf("only %d of %d values are known in part", certain, len(expressions))
	}
}

func FuzzAttribute_TrueForEveryValue(f *testing.F) {
	for _, expr := range expressions {
		f.Add(expr)
	}
	f.Fuzz(func(t *testing.T, expr string) { checkSound(t, expr) })
}
