package provider

import (
	"os"
	"os/exec"
	"testing"
)

// terraformPath returns the path of the Terraform or OpenTofu binary for tests. It skips the test in short mode,
// and fails the test if there is no binary.
func terraformPath(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("this test runs Terraform, and -short is set")
	}
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatal("this test needs Terraform on PATH: install Terraform, or set TF_ACC_TERRAFORM_PATH")
	}
	return path
}
