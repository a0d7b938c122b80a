package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
)

// TestProviderSchemas_SameAsTerraform compares the output with the schema that the Terraform CLI prints for
// the provider.
func TestProviderSchemas_SameAsTerraform(t *testing.T) {
	cli := os.Getenv("TF")
	if cli == "" {
		cli = "terraform"
	}
	if _, err := exec.LookPath(cli); err != nil {
		t.Fatalf("the test needs %s on PATH; set TF to the path of a Terraform CLI", cli)
	}

	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "terraform-provider-iam"), ".")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %s\n%s", err, out)
	}
	write(t, filepath.Join(dir, "main.tf"),
		`terraform {
		  required_providers {
		    iam = { source = "iam-as-code/iam" }
		  }
		}`)
	write(t, filepath.Join(dir, "cli.tfrc"), fmt.Sprintf(
		`provider_installation {
		  dev_overrides { "iam-as-code/iam" = %q }
		}`, dir))

	show := exec.Command(cli, "providers", "schema", "-json")
	show.Dir = dir
	show.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1")
	var stderr bytes.Buffer
	show.Stderr = &stderr
	out, err := show.Output()
	if err != nil {
		t.Fatalf("%s: %s\n%s", show, err, stderr.Bytes())
	}
	var printed tfjson.ProviderSchemas
	if err := json.Unmarshal(out, &printed); err != nil {
		t.Fatal(err)
	}
	generated, err := providerSchemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if len(printed.Schemas) != 1 {
		t.Fatalf("%s printed %d providers, want one", cli, len(printed.Schemas))
	}
	for _, want := range printed.Schemas {
		got := generated.Schemas["iam"]
		// An older CLI does not print newer kinds of objects.
		if want.ListResourceSchemas == nil {
			got.ListResourceSchemas = nil
		}
		if want.ResourceIdentitySchemas == nil {
			got.ResourceIdentitySchemas = nil
		}
		if g, w := indented(t, got), indented(t, want); g != w {
			t.Errorf("the generated schema differs from the output of %s.\ngot:\n%s\nwant:\n%s", cli, g, w)
		}
	}
}

func indented(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
