package provider

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestChanges_LoseNothing applies a configuration, changes it step by step, and expects an empty plan after each apply:
// whatever belongs to a changed object is still there.
func TestChanges_LoseNothing(t *testing.T) {
	for _, test := range []struct {
		folder string
		steps  [][]string // the arguments of each apply
	}{
		{"rename-user", [][]string{{}, {"-var=who=builder"}, {"-var=who=builder", "-var=home=/x/"}, {}}},
		{"rename-siblings", [][]string{{}, {"-var=who=anna"}, {"-var=who=anna", "-var=grp=devs"}, {}}},
		{"replace-role", [][]string{{}, {"-var=path=/x/"}, {"-var=path=/y/", "-var=force=true"}}},
		{"replace-user", [][]string{{}, {"-replace=iam_user.u"}}},
	} {
		t.Run(test.folder, func(t *testing.T) {
			w := newWorkingDir(t)
			w.copyFrom(filepath.Join("testdata", "changes", test.folder))
			before := ""
			for _, arguments := range test.steps {
				w.terraform(append([]string{"apply", "-auto-approve"}, arguments...)...)
				var variables []string
				for _, argument := range arguments {
					if strings.HasPrefix(argument, "-var") {
						variables = append(variables, argument)
					}
				}
				w.expectNoChanges(variables...)
				// The output "same" has ids that stay, and the output "new" ids that a replacement changes.
				now := w.terraform("output")
				if before != "" && (strings.Contains(now, "same") && now != before || strings.Contains(now, "new") && now == before) {
					t.Errorf("apply %q: the outputs were\n%sand are\n%s", arguments, before, now)
				}
				before = now
			}
		})
	}
}
