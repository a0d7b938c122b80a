package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAlias_SharesPlan has two provider configurations for the same store. Terraform runs each of them in a process of
// its own, and together they violate an assertion.
func TestAlias_SharesPlan(t *testing.T) {
	cache := t.TempDir()
	config := func(action string) string {
		return fmt.Sprintf(`
provider "iam" {}
provider "iam" {
  alias = "b"
}
resource "iam_user" "ana" { name = "ana" }
resource "iam_policy" "wide" {
  name   = "wide"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Wide", Effect = "Allow", Action = %q, Resource = "*" }] })
}
resource "iam_access_assertion" "ana" {
  principal = iam_user.ana.arn
  deny {
    actions   = ["s3:DeleteObject"]
    resources = ["arn:aws:s3:::pay/x"]
  }
}
resource "iam_user_policy_attachment" "a" {
  provider   = iam.b
  user       = iam_user.ana.name
  policy_arn = iam_policy.wide.arn
}`, action)
	}
	for i := range repetitions(3) {
		w := newWorkingDir(t)
		w.env = append(w.env, "XDG_CACHE_HOME="+cache)
		w.writeConfig(config("s3:*"))
		output, code := w.run(w.cli, "plan")
		if code != 1 || !strings.Contains(joinLines(output), "would be violated: s3:DeleteObject on arn:aws:s3:::pay/x") {
			t.Fatalf("run %d: the plan ends with exit code %d:\n%s", i, code, output)
		}
		w.writeConfig(config("sqs:*"))
		w.terraform("apply", "-auto-approve")
		w.terraform("destroy", "-auto-approve")
	}
	// The processes of one run remove the files of the runs before.
	left, err := filepath.Glob(filepath.Join(cache, "terraform-provider-iam", "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("the processes left the files %v %v, want one", left, err)
	}
	for path, want := range map[string]os.FileMode{filepath.Dir(left[0]): 0o700, left[0]: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v %v, want %v", path, info.Mode(), err, want)
		}
	}
}
