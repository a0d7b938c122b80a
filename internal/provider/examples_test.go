package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// requiredProviders is the block with which an example runs as it stands; the test brings its own.
var requiredProviders = regexp.MustCompile(`(?s)^terraform \{\n.*?\n\}\n`)

// TestExamples applies every example of the documentation.
func TestExamples(t *testing.T) {
	documented := map[string]bool{}
	for _, pattern := range []string{"functions/*/function.tf", "data-sources/*/data-source.tf"} {
		files, err := filepath.Glob(filepath.FromSlash("../../examples/" + pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no examples like %s (%v)", pattern, err)
		}
		for _, file := range files {
			name := filepath.Base(filepath.Dir(file))
			documented[name] = true
			t.Run(name, func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				resource.UnitTest(t, resource.TestCase{
					TerraformVersionChecks:   functionsNeed,
					ProtoV6ProviderFactories: protoV6ProviderFactories,
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

// TestExampleWithTerraformTest runs an example's test file with terraform test and the provider's binary, as
// a user does.
func TestExampleWithTerraformTest(t *testing.T) {
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		var err error
		if terraform, err = exec.LookPath("terraform"); err != nil {
			t.Skip("terraform is not on PATH")
		}
	}
	plugins, module := t.TempDir(), t.TempDir()
	run := func(dir, command string, arguments ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), command, arguments...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(plugins, "cli.tfrc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		output, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", command, arguments, err, output)
		}
		return string(output)
	}
	run("../..", "go", "build", "-o", filepath.Join(plugins, "terraform-provider-iam"), ".")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n    %q = %q\n  }\n  direct {}\n}\n",
		Address, filepath.ToSlash(plugins), "registry.opentofu.org/iam-as-code/iam", filepath.ToSlash(plugins))
	if err := os.WriteFile(filepath.Join(plugins, "cli.tfrc"), []byte(overrides), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(module, os.DirFS("../../examples/functions/could_allow")); err != nil {
		t.Fatal(err)
	}
	if output := run(module, terraform, "test", "-no-color"); !strings.Contains(output, "2 passed, 0 failed") {
		t.Errorf("terraform test said\n%s", output)
	}
}

// TestREADMEShowsTheQuickstart holds the README's transcript of make demo to the lines of the example.
func TestREADMEShowsTheQuickstart(t *testing.T) {
	example, err := os.ReadFile("../../examples/quickstart/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(example), "\n") {
		if !strings.Contains(line, "!provider::iam::could_allow(") {
			continue
		}
		for _, shown := range []string{fmt.Sprintf("on main.tf line %d,", i+1), fmt.Sprintf("%d: %s", i+1, line)} {
			if !strings.Contains(string(readme), shown) {
				t.Errorf("the README does not show %q", shown)
			}
		}
		return
	}
	t.Error("the example has no gate")
}
