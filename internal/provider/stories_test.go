package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each story is applied, planned again to no effect, and destroyed to nothing; what it says of itself beyond that is held true
// here too.
func TestStories(t *testing.T) {
	stories, err := filepath.Glob(filepath.FromSlash("../../examples/stories/*"))
	if err != nil || len(stories) < 8 {
		t.Fatalf("the stories are %v (%v)", stories, err)
	}
	further := map[string]func(t *testing.T, w *workplace){
		"developer": func(t *testing.T, w *workplace) {
			w.refuses(t, `Action   = ["s3:PutObject", "s3:GetObject"]`+"\n        Resource = \"${local.code}/*\"", `Action   = "*"`+"\n        Resource = \"*\"",
				`must never be allowed dynamodb:anything on arn:aws:dynamodb:eu-central-1:000000000000:table/payroll, and may. Allowed by policy "arn:aws:iam::000000000000:policy/developers/develop", statement 1 (UploadCode)`)
		},
		"mover": func(t *testing.T, w *workplace) {
			w.applies(t, "-var", "team=data")
			if got := w.iam("simulate", "--store", ".iam/iam.db", "--principal", "milo", "--action", "s3:GetObject", "--resource", "arn:aws:s3:::acme-data/plan.md"); !strings.HasPrefix(got, "Allowed") {
				t.Errorf("after the move: %s", got)
			}
		},
		"leaver": func(t *testing.T, w *workplace) {
			w.applies(t, "-var", "leaves=true")
			if got := w.iam("api", "ListAccessKeys", "UserName=lea"); !strings.Contains(got, "Inactive") {
				t.Errorf("the key of who left: %s", got)
			}
			w.applies(t, "-var", "leaves=true", "-var", "gone=true")
			if got := w.iam("api", "ListUsers"); strings.Contains(got, "lea") {
				t.Errorf("who is gone: %s", got)
			}
		},
	}
	for _, story := range stories {
		name := filepath.Base(story)
		t.Run(name, func(t *testing.T) {
			w := newWorkplace(t)
			w.copy(story)
			w.applies(t)
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

// applies applies the configuration, and expects that there is nothing to do then.
func (w *workplace) applies(t *testing.T, variables ...string) {
	t.Helper()
	w.terraform(append([]string{"apply", "-auto-approve"}, variables...)...)
	if output, code := w.run(w.cli, append([]string{"plan", "-detailed-exitcode"}, variables...)...); code != 0 {
		t.Errorf("the plan that follows ends with %d:\n%s", code, output)
	}
}

// refuses changes the configuration and expects that there is no plan, and why.
func (w *workplace) refuses(t *testing.T, before, after, why string) {
	t.Helper()
	path := filepath.Join(w.dir, "main.tf")
	text := string(must(os.ReadFile(path)))
	changed := strings.Replace(text, before, after, 1)
	if changed == text {
		t.Fatalf("the configuration has no %s", before)
	}
	must(0, os.WriteFile(path, []byte(changed), 0o600))
	if output, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(flat(output), why) {
		t.Errorf("with %s the plan ends with %d:\n%s", after, code, output)
	}
	must(0, os.WriteFile(path, []byte(text), 0o600))
}
