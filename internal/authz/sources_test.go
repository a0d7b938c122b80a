package authz

import (
	"reflect"
	"slices"
	"testing"
)

func TestSources_ViewEqualsStatements(t *testing.T) {
	texts := []string{viewedPolicy, statements(allowAll, denyAll)}
	var parts []Part
	for i, text := range texts {
		c, err := CompileText(Identity, "p", text)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, Part{Compiled: c, Name: name(string(rune('a' + i)))})
	}
	layer := Unite(Identity, parts)
	p := Policies{Identity: &layer, Boundary: layerOf(t, Boundary, statements(allowAll), statements(denyAll))}
	want := slices.Collect(p.Statements())
	var sources Sources
	outlines := p.Outlines()
	if len(outlines) != len(want) {
		t.Fatalf("%d outlines of %d statements", len(outlines), len(want))
	}
	for i := range outlines {
		if got := sources.View(&outlines[i]); !reflect.DeepEqual(got, want[i]) {
			t.Errorf("statement %d: %+v, want %+v", i, got, want[i])
		}
	}
}

type name string

func (n name) String() string { return string(n) }
