package planfile

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// record runs Terraform in an empty folder. It applies the first configuration, and returns the plan of the second one.
func record(t *testing.T, first, second string) *Plan {
	t.Helper()
	if testing.Short() {
		t.Skip("this test runs Terraform, and -short is set")
	}
	dir := t.TempDir()
	run := func(args ...string) []byte {
		t.Helper()
		command := exec.Command(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), args...)
		command.Dir = dir
		command.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull, "TF_IN_AUTOMATION=1")
		var errors strings.Builder
		command.Stderr = &errors
		out, err := command.Output()
		if err != nil {
			t.Fatalf("terraform %s: %v\n%s\n%s", args[0], err, out, errors.String())
		}
		return out
	}
	write := func(configuration string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, "m"), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"main.tf": configuration, "m/main.tf": childModule} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(first)
	run("init", "-no-color")
	run("apply", "-auto-approve", "-no-color")
	write(second)
	run("init", "-no-color")
	run("plan", "-out=plan.out", "-no-color")
	return mustRead(t, string(run("show", "-json", "plan.out")))
}

const childModule = `
variable "text" {}
resource "terraform_data" "inside" { input = var.text }
output "id" { value = terraform_data.inside.id }
`

func TestRead_ReadsPlanOfTerraform(t *testing.T) {
	p := record(t, `
		resource "terraform_data" "unchanged" { input = "a" }
		resource "terraform_data" "updated" { input = "a" }
		resource "terraform_data" "replaced" { triggers_replace = "a" }
		resource "terraform_data" "created_first" {
			triggers_replace = "a"
			lifecycle { create_before_destroy = true }
		}
		resource "terraform_data" "deleted" {}
		resource "terraform_data" "forgotten" {}
		resource "terraform_data" "old" {}
		resource "terraform_data" "counted" { count = 2 }
		module "m" {
			source = "./m"
			text = "a"
		}`, `
		variable "secret" {
			default = "b"
			sensitive = true
		}
		resource "terraform_data" "unchanged" { input = "a" }
		resource "terraform_data" "updated" { input = var.secret }
		resource "terraform_data" "replaced" { triggers_replace = "b" }
		resource "terraform_data" "created_first" {
			triggers_replace = "b"
			lifecycle { create_before_destroy = true }
		}
		removed {
			from = terraform_data.forgotten
			lifecycle { destroy = false }
		}
		moved {
			from = terraform_data.old
			to = terraform_data.moved["x.y"]
		}
		resource "terraform_data" "moved" { for_each = toset(["x.y"]) }
		resource "terraform_data" "counted" { count = 1 }
		resource "terraform_data" "created" {
			input = { list = ["a", terraform_data.replaced.id], object = { known = 1, unknown = terraform_data.replaced.id } }
		}
		import {
			to = terraform_data.imported
			id = "x"
		}
		resource "terraform_data" "imported" {}
		data "terraform_remote_state" "deferred" {
			backend = "local"
			config = { path = terraform_data.created.id }
		}
		module "m" {
			source = "./m"
			text = "a"
		}
		module "n" {
			source = "./m"
			for_each = toset(["k"])
			text = module.m.id
		}`)
	if !p.Applyable || p.Errored || p.TerraformVersion == "" {
		t.Errorf("found %+v", p)
	}
	want := map[string]string{
		"terraform_data.unchanged": "no-op", "terraform_data.updated": "update", "terraform_data.replaced": "replace",
		"terraform_data.created_first": "replace, created first", "terraform_data.deleted": "delete",
		"terraform_data.forgotten": "forget", `terraform_data.moved["x.y"]`: "no-op from terraform_data.old",
		"terraform_data.counted[0]": "no-op", "terraform_data.counted[1]": "delete", "terraform_data.created": "create",
		"terraform_data.imported": "no-op imported", "data.terraform_remote_state.deferred": "read",
		"module.m.terraform_data.inside": "no-op", `module.n["k"].terraform_data.inside`: "create",
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		found := string(c.Action)
		if c.CreateFirst {
			found += ", created first"
		}
		if c.PreviousAddress != "" {
			found += " from " + c.PreviousAddress
		}
		if c.Importing {
			found += " imported"
		}
		if found != want[c.Address] {
			t.Errorf("%s: found %q, want %q", c.Address, found, want[c.Address])
		}
		delete(want, c.Address)
		switch c.Address {
		case "terraform_data.created":
			input, _ := c.After.Member("input")
			if got := show(*input); got != `{"list":["a",<unknown>],"object":{"known":1,"unknown":<unknown>}}` {
				t.Errorf("found %s", got)
			}
		case "terraform_data.updated":
			if !c.IsSensitive("input") || c.IsSensitive("id") {
				t.Error("the input must be sensitive, and the id must not")
			}
		case `module.n["k"].terraform_data.inside`:
			input, _ := c.After.Member("input")
			if input.Kind != tree.String || c.Module != `module.n["k"]` || c.ProviderKey != "terraform" {
				t.Errorf("found %+v", c)
			}
		}
	}
	for address, action := range want {
		t.Errorf("%s: the plan does not have it, want %q", address, action)
	}
}
