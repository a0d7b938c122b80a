package configuration_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/configuration"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestAttribute_LimitsWork(t *testing.T) {
	chain := func(n int, format string) string {
		var out strings.Builder
		for i := range n {
			fmt.Fprintf(&out, "  x%d = %s\n", i+1, strings.ReplaceAll(format, "X", fmt.Sprintf("local.x%d", i)))
		}
		return out.String()
	}
	for _, tc := range []struct{ name, locals, expr string }{
		{"range", "", "range(1e9)"},
		{"range with a step", "", "range(0, 1, 0.0000001)"},
		{"nested loops", "", "[for a in range(9999) : [for b in range(9999) : [for c in range(9999) : 1]]]"},
		{"doubled text", "x0 = \"aaaaaaaa\"\n" + chain(60, `"${X}${X}"`), "local.x60"},
		{"doubled list", "x0 = [1]\n" + chain(60, `[X, X]`), "local.x60"},
		{"doubled list in a text", "x0 = [1]\n" + chain(60, `[X, X]`), "jsonencode(local.x60)"},
		{"doubled object", "x0 = {}\n" + chain(60, `{ a = X, b = X }`), "flatten([local.x60])"},
		{"doubled concat", "x0 = [1]\n" + chain(60, `concat(X, X)`), "local.x60"},
		{"replace", "x0 = \"aaaaaaaa\"\n" + chain(60, `replace(X, "a", X)`), "local.x60"},
		{"replace with a pattern", "x0 = \"aaaaaaaa\"\n" + chain(60, `replace(X, "/(a)/", "$1$1$1$1")`), "local.x60"},
		{"join", "x0 = \"aaaaaaaa\"\n" + chain(60, `join(X, [X, X, X])`), "local.x60"},
		{"join of many", "", `join(join("", [for i in range(9999) : "aaaaaaaaaaaaaaaaaaaa"]), range(9999))`},
		{"format with a width", "", `format("%999999999d", 1)`},
		{"format with a width from an argument", "", `format("%*d", 999999999, 1)`},
		{"format of a number", "", `format("%f", "1e99999999")`},
		{"formatlist", "x0 = join(\"\", [for i in range(9999) : \"aaaaaaaaaaaaaaaaaaaa\"])",
			`formatlist(local.x0, range(9999))`},
		{"indent", "", `indent(999999999, "a\nb")`},
		{"product", "", `setproduct(range(9999), range(9999), range(9999))`},
		{"exponent", "", `"${1e999999999}"`},
		{"exponent of a text", "", `"${tonumber("1e999999999")}"`},
		{"power", "x0 = 1e1000\n" + chain(60, `X * X`), `"${local.x60}"`},
		{"floor", "", `floor("1e99999999")`},
		{"modulo", "", `"1e99999999" % 7`},
		{"comparison of numbers", "", `"1e99999999" < 7`},
		{"deep JSON", "", `jsondecode("` + strings.Repeat("[", 100_000) + `")`},
		{"deep YAML", "", `yamldecode("` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `")`},
		{"YAML aliases", "", `yamldecode("{a: &a [1,1,1,1,1,1,1,1,1,1], b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a], ` +
			`c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b], d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c], ` +
			`e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d], f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e], ` +
			`g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f], h: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g,*g]}")`},
		{"deep local values", "x0 = 1\n" + chain(5000, `X + 1`), "local.x5000"},
		{"long sum", "", "1" + strings.Repeat("+1", 10_000)},
		{"long index", "", "[1]" + strings.Repeat("[1+1]", 1000)},
		{"many conditions", "", strings.Repeat("true ? 1 : ", 10_000) + "1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := load(t, files("locals {\n"+tc.locals+"\n}\nresource \"a\" \"b\" {\n  x = "+tc.expr+"\n}"))
			start := time.Now()
			got, ok, err := c.Attribute(values{}, "", "managed", "a", "b", tree.Node{}, "x")
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("the evaluation took %v", took)
			}
			if !ok || err == nil || got.Kind != tree.Unknown {
				t.Errorf("got %.100s, %v, %v", show(got), ok, err)
			}
		})
	}
}

// TestAttribute_ReadsLargeConfigurations checks that the limits leave room for what is common.
func TestAttribute_ReadsLargeConfigurations(t *testing.T) {
	var source strings.Builder
	source.WriteString("locals {\n  all = [\n")
	for i := range 2000 {
		fmt.Fprintf(&source, "    { name = \"n%d\", actions = [\"s3:GetObject\", \"s3:PutObject\"] },\n", i)
	}
	source.WriteString("  ]\n  by_name = { for a in local.all : a.name => a }\n}\nresource \"a\" \"b\" {\n" +
		"  for_each = local.by_name\n  x = jsonencode([for a in each.value.actions : \"${each.key}:${a}\"])\n}\n")
	c := load(t, files(source.String()))
	start := time.Now()
	const n = 50
	for i := range n {
		index := node(fmt.Sprintf("n%d", i))
		got, _, err := c.Attribute(values{}, "", "managed", "a", "b", index, "x")
		if want := fmt.Sprintf(`["n%d:s3:GetObject","n%d:s3:PutObject"]`, i, i); show(got) != want {
			t.Fatalf("got %s, want %s: %v", show(got), want, err)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%d evaluations took %v", n, took)
	}
}

// TestLoad_StaysInFolder checks that neither a module nor a file leads outside of the root.
func TestLoad_StaysInFolder(t *testing.T) {
	outside, inside := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "secret.txt"), "secret")
	write(filepath.Join(outside, "main.tf"), `output "x" { value = "secret" }`)
	write(filepath.Join(inside, "main.tf"), `resource "a" "b" { x = [file("link.txt"), "a"] }`)
	if err := os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(inside, "link.txt")); err != nil {
		t.Skip("the system has no symbolic links:", err)
	}
	root, err := os.OpenRoot(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	c, err := configuration.Load(root.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := c.Attribute(values{}, "", "managed", "a", "b", tree.Node{}, "x")
	if show(got) != "[?, a]" {
		t.Errorf("got %s, %v", show(got), err)
	}
	if err := os.Symlink(outside, filepath.Join(inside, "m")); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(inside, "module.tf"), `module "m" { source = "./m" }`)
	if _, err := configuration.Load(root.FS(), "."); err == nil {
		t.Error("a module outside of the root was read")
	}
}

func FuzzAttribute(f *testing.F) {
	for _, seed := range []string{
		`jsonencode({ a = aws_s3_bucket.b.arn, b = [for x in toset(["a"]) : x] })`,
		`try(local.x[aws_s3_bucket.b.arn], "a")`,
		`"%{ for a in [1, 2] }${a}%{ endfor }${aws_s3_bucket.b.things}"`,
		`concat(aws_s3_bucket.b[*].arn, [null], var.v...)`,
		`merge({ a = 1 }, { (aws_s3_bucket.b.arn) = 2 })["a"] == 1 ? jsondecode("[1]") : yamldecode("a: [*b]")`,
		`templatefile("t.tpl", { a = aws_s3_bucket.b.arn })`,
		`replace("a", "/(.)/", "$1") != format("%s %v %#v", 1, null, [aws_s3_bucket.b.id])`,
		`slice(sort(distinct(flatten([[aws_s3_bucket.b.arn], setunion(["b"], ["c"])]))), 0, 1)`,
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, expr, template string) {
		defer time.AfterFunc(30*time.Second, func() { panic(fmt.Sprintf("hangs: %q, %q", expr, template)) }).Stop()
		from := files("variable \"v\" {\n  type = set(string)\n  default = [\"a\"]\n}\n" +
			"resource \"aws_s3_bucket\" \"b\" {}\nresource \"a\" \"b\" {\n  x = " + expr + "\n}\n")
		from["t.tpl"] = &fstest.MapFile{Data: []byte(template)}
		c, err := configuration.Load(from, ".")
		if err != nil {
			return
		}
		got, _, err := c.Attribute(values{instances: bucket}, "", "managed", "a", "b", tree.Node{}, "x")
		if text := show(got); strings.ContainsAny(text, "\ue000\ue001") &&
			!strings.ContainsAny(expr+template, "\ue000\ue001\\%") {
			t.Errorf("%q: the result has a token: %q", expr, text)
		}
		if err != nil && strings.Contains(err.Error(), "runtime error") {
			t.Errorf("%q: %v", expr, err)
		}
	})
}
