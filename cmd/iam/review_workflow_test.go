package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is the part of a workflow or an Action of GitHub that the test runs.
type workflow struct {
	Jobs map[string]struct {
		Steps []workflowStep
	}
	Inputs map[string]struct{ Default string }
	Runs   struct{ Steps []workflowStep }
}

type workflowStep struct {
	Uses, Run string
	With, Env map[string]string
}

func readWorkflow(t *testing.T, file string) workflow {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "github-action", file))
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestReviewWorkflow_Comments runs the steps of the workflow and of the Action, with a Terraform that knows only the
// example's plan, and compares the comment with the review of the guide.
func TestReviewWorkflow_Comments(t *testing.T) {
	var comments []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, "[]")
			return
		}
		var body struct{ Body string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/repos/acme/infra/issues/7/comments" ||
			r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		comments = append(comments, body.Body)
		w.WriteHeader(http.StatusCreated)
	}))
	defer server.Close()

	dir := t.TempDir()
	example, err := filepath.Abs("../../examples/review")
	if err != nil {
		t.Fatal(err)
	}
	bin, repo := filepath.Join(dir, "bin"), filepath.Join(dir, "repo")
	if err := os.CopyFS(repo, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(repo, "plan.json")); err != nil {
		t.Fatal(err)
	}
	write := func(file, text string) {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(bin, "terraform"), "#!/bin/sh\ncase \"$*\" in\n"+
		"'init -input=false' | 'plan -input=false -out=plan.out') ;;\n"+
		"'show -json plan.out') cat '"+example+"/plan.json' ;;\n*) echo \"terraform $*\" >&2; exit 1 ;;\nesac\n")
	write(filepath.Join(dir, "event.json"), `{"pull_request": {"number": 7, "base": {"ref": "main", "repo": {"full_name":
"acme/infra"}}, "head": {"ref": "feature", "repo": {"full_name": "acme/infra"}}}}`)
	action, err := filepath.Abs("../../examples/github-action")
	if err != nil {
		t.Fatal(err)
	}
	environment := []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir,
		"GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH=" + filepath.Join(dir, "event.json"),
		"GITHUB_API_URL=" + server.URL, "GITHUB_REPOSITORY=acme/infra", "GITHUB_ACTION_PATH=" + action,
		"GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary"), "RUNNER_TEMP=" + dir}
	run := func(script string, extra ...string) (int, string) {
		cmd := exec.CommandContext(t.Context(), "bash", "-e", "-c", script)
		cmd.Dir, cmd.Env = repo, slices.Concat(extra, environment)
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(out)
	}
	if status, out := run("git init -q -b main && git add -A && " +
		"git -c user.name=t -c user.email=t@example.com commit -q -m main && " +
		"git clone -q . ../upstream && git remote add origin ../upstream && git fetch -q origin"); status != 0 {
		t.Fatal(out)
	}

	reviewed := false
	for _, step := range readWorkflow(t, ".github/workflows/access-review.yml").Jobs["review"].Steps {
		switch {
		case step.Run != "":
			if status, out := run(step.Run); status != 0 {
				t.Fatalf("status %d\n%s", status, out)
			}
		case strings.Contains(step.Uses, "/examples/github-action@"):
			reviewed = true
			definition := readWorkflow(t, "action.yml")
			for input := range step.With {
				if _, ok := definition.Inputs[input]; !ok {
					t.Errorf("the Action has no input %s", input)
				}
			}
			last := definition.Runs.Steps[len(definition.Runs.Steps)-1]
			var extra []string
			for name, expression := range last.Env {
				input := strings.TrimSuffix(strings.TrimPrefix(expression, "${{ inputs."), " }}")
				value, ok := step.With[input]
				if !ok {
					value = definition.Inputs[input].Default
				}
				if input == "token" {
					value = "token"
				}
				extra = append(extra, fmt.Sprintf("%s=%s", name, value))
			}
			if status, out := run(last.Run, extra...); status != 1 {
				t.Errorf("status %d, want 1\n%s", status, out)
			}
		}
	}
	if !reviewed || len(comments) != 1 {
		t.Fatalf("%d comments", len(comments))
	}
	for _, want := range []string{"<!-- iam review -->\n### Access review: 2 errors\n",
		"becomes able to rise to administrator", "`main.tf:31`", "- new role `reporter` **gains**"} {
		if !strings.Contains(comments[0], want) {
			t.Errorf("the comment does not contain %q:\n%s", want, comments[0])
		}
	}
}
