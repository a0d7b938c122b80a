package planfile

import (
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestFill_FillsInUnknownParts(t *testing.T) {
	for _, tc := range []struct{ name, value, from, want string }{
		{"all of it", `"<unknown>"`, `{"a":1}`, `{"a":1}`},
		{"nothing known", `["<unknown>"]`, `"<unknown>"`, `[<unknown>]`},
		{"attribute", `{"a":"x","b":"<unknown>"}`, `{"b":"y","c":"z"}`, `{"a":"x","b":"y"}`},
		{"number in a string", `{"a":"1","b":"<unknown>"}`, `{"a":1,"b":true}`, `{"a":"1","b":true}`},
		{"null for an argument that is left out", `{"a":null,"b":"<unknown>"}`, `{"b":1}`, `{"a":null,"b":1}`},
		{"hole for a known text", `{"a":"x","b":"<unknown>"}`, `{"a":"<hole>","b":1}`, `{"a":"x","b":1}`},
		{"JSON in another form", `{"a":"{}","b":"<unknown>"}`, `{"a":"{ }","b":1}`, `{"a":"{}","b":1}`},
		{"other text", `{"a":"x","b":"<unknown>"}`, `{"a":"y","b":1}`, ""},
		{"other kind", `{"a":["x"],"b":"<unknown>"}`, `{"a":"x","b":1}`, ""},
		{"list", `["a","<unknown>"]`, `["a","b"]`, `["a","b"]`},
		{"list in another order", `["<unknown>","a","<unknown>"]`, `["a","b","c"]`, `["b","a","c"]`},
		{"list of another length", `["<unknown>"]`, `["a","b"]`, ""},
		{"element twice", `["a","a","<unknown>"]`, `["a","b","c"]`, ""},
		{"any number of elements", `[{"a":"<unknown>"},{"a":1}]`, `["<unknown>"]`, `[{"a":<unknown>},{"a":1}]`},
		{"blocks in another order", `[{"n":"x","p":"<unknown>"},{"n":"y","p":"<unknown>"}]`,
			`[{"n":"y","p":1},{"n":"x","p":2}]`, `[{"n":"x","p":2},{"n":"y","p":1}]`},
		{"one block as an object", `[{"n":"x","p":"<unknown>"}]`, `{"n":"x","p":1}`, `[{"n":"x","p":1}]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found, fits := fill(parse(t, tc.value), parse(t, tc.from))
			if fits != (tc.want != "") || fits && show(found) != tc.want {
				t.Errorf("found %s, %v; want %s", show(found), fits, tc.want)
			}
		})
	}
}

func TestFill_EndsForLongLists(t *testing.T) {
	value, from := tree.Node{Kind: tree.Array}, tree.Node{Kind: tree.Array}
	for range 100_000 {
		value.Elements = append(value.Elements, tree.Node{Kind: tree.String, Text: "a"})
		from.Elements = append(from.Elements, tree.Node{Kind: tree.String, Text: "b"})
	}
	value.Elements[0], from.Elements[len(from.Elements)-1].Text = unknown, "a"
	if _, fits := fill(value, from); fits {
		t.Error("the lists must not fit")
	}
}

// FuzzFill checks that fill keeps what Terraform has computed.
func FuzzFill(f *testing.F) {
	f.Add([]byte(`{"a":["x","<unknown>"],"b":"<unknown>"}`), []byte(`{"a":["y","x"],"b":[null]}`))
	f.Fuzz(func(t *testing.T, valueText, fromText []byte) {
		value, err := newScanner(valueText).node()
		if err != nil {
			return
		}
		from, err := newScanner(fromText).node()
		if err != nil {
			return
		}
		value, from = withUnknown(value), withUnknown(from)
		before := show(value) + show(from)
		if filled, fits := fill(value, from); fits && !keeps(filled, value) {
			t.Errorf("found %s", show(filled))
		}
		if show(value)+show(from) != before {
			t.Error("fill has changed its arguments")
		}
	})
}

// keeps reports whether a value has everything that is known of another one.
func keeps(filled, value tree.Node) bool {
	return value.Kind == tree.Unknown || filled.Kind == value.Kind && filled.Text == value.Text &&
		slices.EqualFunc(filled.Elements, value.Elements, keeps) &&
		slices.EqualFunc(filled.Members, value.Members, func(a, b tree.Member) bool {
			return a.Name == b.Name && keeps(a.Value, b.Value)
		})
}
