package simulation_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

const oneStatement = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

func TestDecodePolicies_AcceptsEveryForm(t *testing.T) {
	for name, tc := range map[string]struct {
		json string
		want []string
	}{
		"one policy":  {oneStatement, []string{"existing"}},
		"list":        {"[" + oneStatement + "," + oneStatement + "]", []string{"existing[0]", "existing[1]"}},
		"object":      {`{"dev":` + oneStatement + "}", []string{"dev"}},
		"no policies": {"[]", nil},
	} {
		t.Run(name, func(t *testing.T) {
			node, err := policy.ParseJSON([]byte(tc.json))
			if err != nil {
				t.Fatal(err)
			}
			policies, err := simulation.DecodePolicies("existing", authz.Identity, node)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range policies {
				names = append(names, p.Name)
			}
			if !slices.Equal(names, tc.want) {
				t.Errorf("the names are %q, want %q", names, tc.want)
			}
		})
	}
}

func TestDecodePolicies_MarksUnknownPolicies(t *testing.T) {
	policies, err := simulation.DecodePolicies("new", authz.Identity, tree.Node{Kind: tree.Unknown})
	if err != nil || len(policies) != 1 || !policies[0].Document.Unknown {
		t.Errorf("got %+v and the error %v, want one unknown document", policies, err)
	}
}

func TestDecodePolicies_NamesTheFieldOfAnError(t *testing.T) {
	for name, tc := range map[string]struct{ json, want string }{
		"not a policy":     {`[5]`, "new[0]: "},
		"unknown element":  {`{"a":{"Version":"2012-10-17","Statement":[{"Efect":"Allow"}]}}`, `new["a"]: `},
		"wrong layer":      {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}`, "new: "},
		"text of a policy": {`"{"`, "new: "},
	} {
		t.Run(name, func(t *testing.T) {
			node, err := policy.ParseJSON([]byte(tc.json))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := simulation.DecodePolicies("new", authz.Identity, node); err == nil ||
				!strings.Contains(err.Error(), tc.want) {
				t.Errorf("the error is %v, want one with %q", err, tc.want)
			}
		})
	}
}
