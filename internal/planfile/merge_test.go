package planfile

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestMerge_FillsInUnknownParts(t *testing.T) {
	for _, tc := range []struct{ name, value, marks, want string }{
		{"nothing", `{"a":1}`, `{}`, `{"a":1}`},
		{"null", `{"a":1}`, `null`, `{"a":1}`},
		{"missing attribute", `{"a":1}`, `{"b":true}`, `{"a":1,"b":<unknown>}`},
		{"known attribute", `{"a":1}`, `{"a":false}`, `{"a":1}`},
		{"value of an unknown attribute", `{"a":1}`, `{"a":true}`, `{"a":<unknown>}`},
		{"element", `{"a":[null,"x"]}`, `{"a":[true,false]}`, `{"a":[<unknown>,"x"]}`},
		{"all elements", `{"a":[null,null]}`, `{"a":[true,true]}`, `{"a":[<unknown>,<unknown>]}`},
		{"nested", `{"a":[{"b":"x"}]}`, `{"a":[{"c":true}]}`, `{"a":[{"b":"x","c":<unknown>}]}`},
		{"map", `{"a":{"b":"x"}}`, `{"a":{"c":true}}`, `{"a":{"b":"x","c":<unknown>}}`},
		{"missing object", `{}`, `{"a":{"b":true,"c":false}}`, `{"a":{"b":<unknown>}}`},
		{"missing list", `{}`, `{"a":[{"b":true},false]}`, `{"a":[{"b":<unknown>},<unknown>]}`},
		{"no marks in a missing value", `{}`, `{"a":{},"b":[],"c":[{}]}`, `{}`},
		{"more marks than elements", `{"a":["x"]}`, `{"a":[false,true]}`, `{"a":["x",<unknown>]}`},
		{"fewer marks than elements", `{"a":["x","y"]}`, `{"a":[true]}`, `{"a":[<unknown>,"y"]}`},
		{"object for a string", `{"a":"x"}`, `{"a":{"b":true}}`, `{"a":<unknown>}`},
		{"list for null", `{"a":null}`, `{"a":[true]}`, `{"a":<unknown>}`},
		{"list for an object", `{"a":{"b":1}}`, `{"a":[false]}`, `{"a":{"b":1}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if found := show(merge(parse(t, tc.value), parse(t, tc.marks))); found != tc.want {
				t.Errorf("found %s, want %s", found, tc.want)
			}
		})
	}
}

// split does what Terraform does: it writes a value with unknown parts as a value and marks. It omits an unknown
// attribute, and writes null for an unknown element.
func split(n tree.Node) (value, marks tree.Node) {
	switch n.Kind {
	case tree.Unknown:
		return tree.Node{Kind: tree.Null, Text: "null"}, tree.Node{Kind: tree.Bool, Text: "true"}
	case tree.Array:
		value.Kind, marks.Kind = tree.Array, tree.Array
		for _, element := range n.Elements {
			v, m := split(element)
			value.Elements, marks.Elements = append(value.Elements, v), append(marks.Elements, m)
		}
		return value, marks
	case tree.Object:
		value.Kind, marks.Kind = tree.Object, tree.Object
		for _, m := range n.Members {
			v, mark := split(m.Value)
			if m.Value.Kind != tree.Unknown {
				value.Members = append(value.Members, tree.Member{Name: m.Name, Value: v})
			}
			if mark.Kind != tree.Bool || mark.Text == "true" {
				marks.Members = append(marks.Members, tree.Member{Name: m.Name, Value: mark})
			}
		}
		return value, marks
	}
	return n, tree.Node{Kind: tree.Bool, Text: "false"}
}

// randomValue returns a value with unknown parts. Unknown attributes are the last of their object, as merge writes
// them.
func randomValue(r *rand.Rand, depth int) tree.Node {
	switch kind := r.IntN(7); {
	case kind == 0:
		return unknown
	case kind == 1:
		return tree.Node{Kind: tree.Null, Text: "null"}
	case kind < 4 || depth == 0:
		return tree.Node{Kind: tree.String, Text: strconv.Itoa(r.IntN(9))}
	case kind == 4:
		n := tree.Node{Kind: tree.Array}
		for range r.IntN(4) {
			n.Elements = append(n.Elements, randomValue(r, depth-1))
		}
		return n
	}
	n := tree.Node{Kind: tree.Object}
	var open []tree.Member
	for i := range r.IntN(20) {
		m := tree.Member{Name: strconv.Itoa(i), Value: randomValue(r, depth-1)}
		if m.Value.Kind == tree.Unknown {
			open = append(open, m)
		} else {
			n.Members = append(n.Members, m)
		}
	}
	n.Members = append(n.Members, open...)
	return n
}

func TestMerge_ReversesWhatTerraformWrites(t *testing.T) {
	for seed := range uint64(500) {
		want := randomValue(rand.New(rand.NewPCG(seed, 0)), 4)
		value, marks := split(want)
		if found := merge(value, marks); !tree.Equal(found, want) {
			t.Fatalf("seed %d: found %s, want %s", seed, show(found), show(want))
		}
	}
}

// FuzzMerge checks that a marked value never counts as known, whatever the trees are.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":2}]}`), []byte(`{"a":[true,{"b":[true]},{"c":true}],"d":{"e":true}}`))
	f.Add([]byte(`[null]`), []byte(`true`))
	f.Fuzz(func(t *testing.T, valueText, marksText []byte) {
		value, err := newScanner(valueText).node()
		if err != nil {
			return
		}
		marks, err := newScanner(marksText).node()
		if err != nil || checkMarks("marks", marks) != nil {
			return
		}
		before := show(value)
		merged := merge(value, marks)
		checkMarked(t, merged, marks)
		if merged.HasUnknown() != hasMark(marks) {
			t.Errorf("unknown parts: %v, marks: %v", merged.HasUnknown(), hasMark(marks))
		}
		if show(value) != before {
			t.Error("merge has changed the value")
		}
	})
}

func checkMarked(t *testing.T, merged, marks tree.Node) {
	if merged.Kind == tree.Unknown {
		return
	}
	if marks.Kind == tree.Bool && marks.Text == "true" {
		t.Errorf("found %s for an unknown value", show(merged))
	}
	for _, m := range marks.Members {
		if value, ok := merged.Member(m.Name); ok {
			checkMarked(t, *value, m.Value)
		} else if hasMark(m.Value) {
			t.Errorf("%q is missing", m.Name)
		}
	}
	for i, m := range marks.Elements {
		if i < len(merged.Elements) {
			checkMarked(t, merged.Elements[i], m)
		} else if hasMark(m) {
			t.Errorf("element %d is missing", i)
		}
	}
}
