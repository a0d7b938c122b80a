package engine

import (
	"encoding/json"
	"testing"
)

func TestExportAccount_AWSForm(t *testing.T) {
	e := newPopulatedEngine(t)
	var form map[string][]map[string]any
	if err := json.Unmarshal(must(operator(e).ExportAccount(t.Context(), nil)).Text, &form); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"UserDetailList": 1, "GroupDetailList": 1, "RoleDetailList": 1, "Policies": 2} {
		if len(form[name]) != want {
			t.Errorf("%s has %d entries, want %d", name, len(form[name]), want)
		}
	}
}
