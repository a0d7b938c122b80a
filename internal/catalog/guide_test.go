package catalog_test

import (
	"os"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// TestGuide_ExampleIsCatalog loads the example in the guide that describes the format.
func TestGuide_ExampleIsCatalog(t *testing.T) {
	guide, err := os.ReadFile("../../templates/guides/policy-checks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(guide), "```text\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the guide has no example")
	}
	c := load(t, catalog.Default(), example)
	salary := c.Action("payroll:GetSalary")
	if salary == nil || !salary.Supplies(c.Key("payroll:Team")) || !salary.Supplies(c.Key("aws:ResourceTag/team")) ||
		!salary.Resources[0].Required {
		t.Errorf("got %+v", salary)
	}
	if set := c.Action("payroll:SetSalary"); set == nil || set.AccessLevel != catalog.Write ||
		len(set.DependentActions) != 1 || !c.Key("payroll:Approvers").Multivalued {
		t.Errorf("got %+v", set)
	}
}
