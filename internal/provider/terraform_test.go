package provider

import (
	"os"
	"os/exec"
	"testing"
)

// terraformPath returns the Terraform or OpenTofu binary to test with. It skips the test in short
// mode, which leaves out all tests that run Terraform, and fails it where there is no binary.
func terraformPath(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs Terraform, which -short leaves out")
	}
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatal("this test runs Terraform: install it, or set TF_ACC_TERRAFORM_PATH")
	}
	return path
}
