package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each story is applied, planned again without changes, and destroyed without leftovers. Some have further checks.
func TestStories(t *testing.T) {
	stories, err := filepath.Glob(filepath.FromSlash("../../examples/stories/*"))
	if err != nil || len(stories) < 8 {
		t.Fatalf("the stories are %v (%v)", stories, err)
	}
	further := map[string]func(t *testing.T, w *workingDir){
		"developer": func(t *testing.T, w *workingDir) {
			w.failsPlan(t, `Action   = ["s3:PutObject", "s3:GetObject"]`+"\n        Resource = \"${local.code}/*\"", `Action   = "*"`+"\n        Resource = \"*\"",
				`must never be allowed dynamodb:anything on arn:aws:dynamodb:eu-central-1:000000000000:table/payroll, but is. Allowed by policy "arn:aws:iam::000000000000:policy/developers/develop", statement 1 (UploadCode)`)
		},
		"mover": func(t *testing.T, w *workingDir) {
			w.applyCleanly(t, "-var", "team=data")
			if got := w.iam("simulate", "--store", ".iam/iam.db", "--principal", "milo", "--action", "s3:GetObject", "--resource", "arn:aws:s3:::acme-data/plan.md"); !strings.HasPrefix(got, "Allowed") {
				t.Errorf("after the move: %s", got)
			}
		},
		"leaver": func(t *testing.T, w *workingDir) {
			w.applyCleanly(t, "-var", "leaves=true")
			if got := w.iam("api", "ListAccessKeys", "UserName=lea"); !strings.Contains(got, "Inactive") {
				t.Errorf("the key of the leaver: %s", got)
			}
			w.applyCleanly(t, "-var", "leaves=true", "-var", "gone=true")
			if got := w.iam("api", "ListUsers"); strings.Contains(got, "lea") {
				t.Errorf("after the deletion the users are %s", got)
			}
		},
	}
	for _, story := range stories {
		name := filepath.Base(story)
		t.Run(name, func(t *testing.T) {
			w := newWorkingDir(t)
			w.copyFrom(story)
			w.applyCleanly(t)
			if more := further[name]; more != nil {
				more(t, w)
			}
			w.terraform("apply", "-auto-approve")
			w.terraform("destroy", "-auto-approve")
			for _, list := range []string{"ListUsers", "ListGroups", "ListRoles", "ListPolicies"} {
				if got := w.iam("api", list); strings.Contains(got, "Arn") {
					t.Errorf("%s after the destroy: %s", list, got)
				}
			}
			if _, err := os.Stat(filepath.Join(w.dir, ".iam", "iam.db")); err != nil {
				t.Error(err)
			}
		})
	}
}
