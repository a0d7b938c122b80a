package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStories_ApplyAndDestroy applies each story, expects an empty plan, and destroys it. No object may remain.
// Some stories have additional checks.
func TestStories_ApplyAndDestroy(t *testing.T) {
	stories, err := filepath.Glob(filepath.FromSlash("../../examples/stories/*"))
	if err != nil || len(stories) < 8 {
		t.Fatalf("the stories are %v (%v)", stories, err)
	}
	additionalChecks := map[string]func(t *testing.T, w *workingDir){
		"developer": func(t *testing.T, w *workingDir) {
			w.expectPlanError(t, `Action   = ["s3:PutObject", "s3:GetObject"]`+"\n        Resource = \"${local.code}/*\"",
				`Action   = "*"`+"\n        Resource = \"*\"",
				`must never be allowed dynamodb:* on arn:aws:dynamodb:eu-central-1:000000000000:table/payroll, but is. `+
					`Allowed by policy "arn:aws:iam::000000000000:policy/developers/develop", statement 1 (UploadCode)`)
		},
		"mover": func(t *testing.T, w *workingDir) {
			w.applyCleanly(t, "-var", "team=data")
			if got := w.iam("simulate", "--store", ".iam/iam.db", "--principal", "milo", "--action", "s3:GetObject",
				"--resource", "arn:aws:s3:::acme-data/plan.md"); !strings.HasPrefix(got, "Allowed") {
				t.Errorf("the output of iam simulate after the move is %s", got)
			}
		},
		"leaver": func(t *testing.T, w *workingDir) {
			w.applyCleanly(t, "-var", "leaves=true")
			if got := w.iam("api", "ListAccessKeys", "UserName=lea"); !strings.Contains(got, "Inactive") {
				t.Errorf("the access keys of the leaver are %s, want an inactive one", got)
			}
			w.applyCleanly(t, "-var", "leaves=true", "-var", "gone=true")
			if got := w.iam("api", "ListUsers"); strings.Contains(got, "lea") {
				t.Errorf("the users after the deletion are %s", got)
			}
		},
	}
	for _, story := range stories {
		name := filepath.Base(story)
		t.Run(name, func(t *testing.T) {
			w := newWorkingDir(t)
			w.copyFrom(story)
			w.applyCleanly(t)
			if check := additionalChecks[name]; check != nil {
				check(t, w)
			}
			w.terraform("apply", "-auto-approve")
			w.terraform("destroy", "-auto-approve")
			for _, list := range [][]string{{"ListUsers"}, {"ListGroups"}, {"ListRoles"}, {"ListPolicies", "Scope=Local"}} {
				if got := w.iam(append([]string{"api"}, list...)...); strings.Contains(got, "Arn") {
					t.Errorf("objects remain after the destroy: %s returns %s", list, got)
				}
			}
			if _, err := os.Stat(filepath.Join(w.dir, ".iam", "iam.db")); err != nil {
				t.Error(err)
			}
		})
	}
}
