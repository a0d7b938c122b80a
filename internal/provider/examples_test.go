package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
)

// requiredProviders matches the terraform block of an example. The test replaces it, because it runs the
// provider itself.
var requiredProviders = regexp.MustCompile(`(?s)^terraform \{\n.*?\n\}\n`)

// TestExamples_Apply applies every example of the documentation.
func TestExamples_Apply(t *testing.T) {
	documented := map[string]bool{}
	for _, pattern := range []string{
		"functions/*/function.tf", "data-sources/*/data-source.tf", "resources/*/resource.tf",
		"ephemeral-resources/*/ephemeral-resource.tf",
	} {
		files, err := filepath.Glob(filepath.FromSlash("../../examples/" + pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no examples match %s (%v)", pattern, err)
		}
		for _, file := range files {
			name := filepath.Base(filepath.Dir(file))
			documented[name] = true
			t.Run(name, func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				t.Setenv(accountstore.PathVariable, filepath.Join(t.TempDir(), "iam.db"))
				terraformPath(t)
				resource.UnitTest(t, resource.TestCase{
					TerraformVersionChecks:   requireFunctions,
					ProtoV6ProviderFactories: factoriesOf(t, newProvider("test", time.Now)),
					Steps:                    []resource.TestStep{{Config: requiredProviders.ReplaceAllString(string(text), "")}},
				})
			})
		}
	}
	for _, name := range registeredNames(t) {
		if !documented[name] {
			t.Errorf("%s has no example", name)
		}
	}
}

// TestExamples_PassTerraformTest runs terraform test in an example that has a test file.
func TestExamples_PassTerraformTest(t *testing.T) {
	w := newWorkingDir(t)
	w.copyFrom("../../examples/functions/could_allow")
	if filepath.Base(w.cli) == "tofu" {
		// OpenTofu 1.12.6 crashes when an assertion calls a provider function. The guide "Test access in modules"
		// shows this workaround: the module calls the function, and the assertion reads an output.
		w.writeFile("may_read.tf", `output "may_read" {
  value = provider::iam::allows(var.team_policy, "s3:GetObject", "arn:aws:s3:::team/report.csv")
}`)
		w.writeFile("access.tftest.hcl", `run "own_bucket" {
  command = plan

  assert {
    condition     = output.may_read
    error_message = "The team must be able to read its reports."
  }
}`)
		if output := w.terraform("test"); !strings.Contains(output, "1 passed, 0 failed") {
			t.Errorf("the output of tofu test is\n%s", output)
		}
		return
	}
	if output := w.terraform("test"); !strings.Contains(output, "2 passed, 0 failed") {
		t.Errorf("the output of terraform test is\n%s", output)
	}
}

// TestExamples_QuickstartMatchesREADME checks that the transcript in the README quotes the lines of the example.
func TestExamples_QuickstartMatchesREADME(t *testing.T) {
	example, err := os.ReadFile("../../examples/quickstart/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(example), "\n") {
		if !strings.HasPrefix(line, "resource \"iam_access_assertion\"") {
			continue
		}
		for _, quote := range []string{fmt.Sprintf("on main.tf line %d,", i+1), fmt.Sprintf("%d: %s", i+1, line)} {
			if !strings.Contains(string(readme), quote) {
				t.Errorf("the README does not contain %q", quote)
			}
		}
		return
	}
	t.Error("the example has no access assertion")
}
