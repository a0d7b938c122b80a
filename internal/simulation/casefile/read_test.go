package casefile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// format returns one line for each item: the node with its positions, or the error.
func format(items []Item) string {
	var lines []string
	for _, item := range items {
		if item.Err != nil {
			lines = append(lines, "error "+item.Err.Error())
			continue
		}
		var b strings.Builder
		write(&b, item.Node)
		lines = append(lines, b.String())
	}
	return strings.Join(lines, "\n")
}

func write(b *strings.Builder, n tree.Node) {
	fmt.Fprintf(b, "%s ", n.Pos)
	switch n.Kind {
	case tree.Object:
		b.WriteString("{")
		for i, m := range n.Members {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "%s %s: ", m.Pos, m.Name)
			write(b, m.Value)
		}
		b.WriteString("}")
	case tree.Array:
		b.WriteString("[")
		for i, e := range n.Elements {
			if i > 0 {
				b.WriteString(", ")
			}
			write(b, e)
		}
		b.WriteString("]")
	case tree.String:
		fmt.Fprintf(b, "%q", n.Text)
	default:
		b.WriteString(n.Text)
	}
}

func TestRead(t *testing.T) {
	for _, tc := range []struct{ name, file, text, want string }{
		{"JSON Lines", "a.jsonl", "{\"a\": 1}\n\n  {\"b\": 2}\n", "1:1 {1:2 a: 1:7 1}\n3:3 {3:4 b: 3:9 2}"},
		{"JSON Lines with a broken line", "a.jsonl", "{\"a\": 1}\n{\n{\"b\": 2}", "1:1 {1:2 a: 1:7 1}\nerror 2:2: The " +
			"JSON cannot be read: a name in double quotes was expected, found the end of the text.\n3:1 {3:2 b: 3:7 2}"},
		{"JSON Lines without extension", "-", "{\"a\": 1}\r\n{\"b\": 2}\r\n", "1:1 {1:2 a: 1:7 1}\n2:1 {2:2 b: 2:7 2}"},
		{"one JSON value on several lines", "a.json", "{\n\"a\": 1}", "1:1 {2:1 a: 2:6 1}"},
		{"a JSON list", "-", "[{\"a\": 1},\n2]", "1:2 {1:3 a: 1:8 1}\n2:1 2"},
		{"one line of JSON", "-", `{"a": [true, null, "x"]}`, `1:1 {1:2 a: 1:7 [1:8 true, 1:14 null, 1:20 "x"]}`},
		{"broken JSON", "a.json", "[1,", "error 1:4: The JSON cannot be read: a value is missing at the end of the text."},
		{"empty text", "-", " \n", ""},
		{"a YAML mapping", "a.yaml", "a: 1\nb: [x, 'y']", `1:1 {1:1 a: 1:4 1, 2:1 b: 2:4 [2:5 "x", 2:8 "y"]}`},
		{"a YAML list", "-", "- a: 1\n- b", "1:3 {1:3 a: 1:6 1}\n2:3 \"b\""},
		{"YAML documents", "a.yml", "---\na: 1\n---\n- b: 2\n---\n", "2:1 {2:1 a: 2:4 1}\n4:3 {4:3 b: 4:6 2}"},
		{"JSON in a YAML file", "a.yaml", `[{"a": "1"}]`, `1:2 {1:3 a: 1:8 "1"}`},
		{"scalars stay as written", "a.yaml", "- [yes, No, on, 012, 0x10, 1_000, 2012-10-17, 1:30, .5, +1, .inf, True, " +
			"NULL, 012345678901]",
			`1:3 [1:4 "yes", 1:9 "No", 1:13 "on", 1:17 "012", 1:22 "0x10", 1:28 "1_000", 1:35 "2012-10-17", 1:47 "1:30", ` +
				`1:53 ".5", 1:57 "+1", 1:61 ".inf", 1:67 "True", 1:73 "NULL", 1:79 "012345678901"]`},
		{"numbers, booleans and null", "a.yaml", "- [1, -1.5, 1e3, true, false, null, ~, ]", "1:3 [1:4 1, 1:7 -1.5, 1:13 " +
			"1e3, 1:18 true, 1:24 false, 1:31 null, 1:37 null]"},
		{"quoted scalars are strings", "a.yaml", "- ['1', \"true\", !!str null]\n- |\n  x\n- >\n  1",
			"1:3 [1:4 \"1\", 1:9 \"true\", 1:17 \"null\"]\n2:3 \"x\\n\"\n4:3 \"1\""},
		{"an alias", "a.yaml", "- &x {a: 1}\n- b: *x\n  c: *x", "1:3 {1:7 a: 1:10 1}\n2:3 {2:3 b: 1:3 {1:7 a: 1:10 1}, " +
			"3:3 c: 1:3 {1:7 a: 1:10 1}}"},
		{"an alias of itself", "a.yaml", "- &x [*x]", "error 1:7: The alias *x refers to a value that contains the alias."},
		{"duplicate name", "a.yaml", "- a: 1\n  a: 2\n- b", "error 2:3: The name \"a\" occurs twice in one object; readers " +
			"would keep only one of them.\n3:3 \"b\""},
		{"duplicate name in another case", "a.yaml", "a: 1\nA: 2",
			"error 2:1: The names \"a\" and \"A\" of one object differ in case " +
				"only."},
		{"a merge key", "a.yaml", "a: &x {}\n<<: *x", "error 2:1: Merge keys (<<) are not supported; write the names out, " +
			"or use an alias for a whole value."},
		{"a tag", "a.yaml", "a: !!binary aGk=", "error 1:4: The tag !!binary is not supported; leave it out."},
		{"a key that is a list", "a.yaml", "? [a]\n: 1", "error 1:3: A name must be a plain or quoted string."},
		{"broken YAML", "a.yaml", "a: 1\nb: [", "error 2:1: The YAML cannot be read: did not find expected node content."},
		{"an unknown anchor", "a.yaml", "a: *x", "error 1:1: The YAML cannot be read: unknown anchor 'x' referenced."},
		{"invalid UTF-8", "a.yaml", "a: 1\nb: \xff", "error 2:4: The file is not UTF-8."},
		{"deep nesting", "a.yaml", strings.Repeat("[", 100) + strings.Repeat("]", 100),
			"error 1:66: Values are nested more than " +
				"64 deep."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := format(Read(tc.file, []byte(tc.text))); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func TestRead_LimitsAliases(t *testing.T) {
	var b strings.Builder
	b.WriteString("- &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 30 {
		alias := fmt.Sprintf("*a%d", i)
		fmt.Fprintf(&b, "- &a%d [%s]\n", i+1, strings.Join([]string{alias, alias, alias, alias, alias, alias, alias,
			alias, alias, alias}, ", "))
	}
	items := Read("a.yaml", []byte(b.String()))
	last := items[len(items)-1]
	if last.Err == nil || !strings.Contains(last.Err.Message, "too many aliases") {
		t.Errorf("the last of %d items: %v", len(items), last.Err)
	}
	if len(items) > 8 {
		t.Errorf("Read did not stop at the limit: got %d items", len(items))
	}
}

func TestRead_OffsetsInJSONLines(t *testing.T) {
	text := "{\"a\": 1}\n{\"ä\": 2, \"b\": 3}\n"
	items := Read("a.jsonl", []byte(text))
	value, _ := items[1].Node.Member("b")
	if rest := text[value.Pos.Offset:]; !strings.HasPrefix(rest, "3}") {
		t.Errorf("the offset points at %q", rest)
	}
	if value.Pos.Line != 2 || value.Pos.Column != 15 {
		t.Errorf("the value is at %s", value.Pos)
	}
}
