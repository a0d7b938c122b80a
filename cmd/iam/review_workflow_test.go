package main

import (
	"encoding/json"
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

const (
	actionFolder   = "../../examples/github-action"
	gitlabTemplate = "../../examples/gitlab-ci/access-review.yml"
)

// reviewPipeline is a checkout of a pull request with the configuration of the example. Its Terraform knows only the
// plan of the example.
type reviewPipeline struct {
	t        *testing.T
	repo     string
	env      []string
	comments []string // that the pipeline wrote
}

// newReviewPipeline returns a pipeline whose code host has no comments yet. path and header are what a request for a
// new comment must have.
func newReviewPipeline(t *testing.T, path, header string) *reviewPipeline {
	t.Helper()
	p := &reviewPipeline{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/user":
			_, _ = io.WriteString(w, `{"id": 5}`)
			return
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, "[]")
			return
		}
		var body struct{ Body string }
		name, value, _ := strings.Cut(header, ": ")
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != path || r.Header.Get(name) != value {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		p.comments = append(p.comments, body.Body)
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(server.Close)

	dir := t.TempDir()
	p.repo = filepath.Join(dir, "repo")
	example, err := filepath.Abs("../../examples/review")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(p.repo, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.repo, "plan.json")); err != nil {
		t.Fatal(err)
	}
	terraform := "#!/bin/sh\ncase \"$*\" in\n'init -input=false' | 'plan -input=false -out=plan.out') ;;\n" +
		"'show -json plan.out') cat '" + example + "/plan.json' ;;\n*) echo \"terraform $*\" >&2; exit 1 ;;\nesac\n"
	event := `{"pull_request": {"number": 7, "base": {"ref": "main", "repo": {"full_name": "acme/infra"}},
"head": {"ref": "feature", "repo": {"full_name": "acme/infra"}}}}`
	for file, text := range map[string]string{"terraform": terraform, "event.json": event} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	action, err := filepath.Abs(actionFolder)
	if err != nil {
		t.Fatal(err)
	}
	p.env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir,
		"GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH=" + filepath.Join(dir, "event.json"),
		"GITHUB_API_URL=" + server.URL, "GITHUB_REPOSITORY=acme/infra", "GITHUB_ACTION_PATH=" + action,
		"GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary"), "RUNNER_TEMP=" + dir,
		"CI_API_V4_URL=" + server.URL, "CI_PROJECT_ID=5", "CI_MERGE_REQUEST_PROJECT_ID=5", "CI_MERGE_REQUEST_IID=7",
		"CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main", "GITLAB_TOKEN=token"}
	return p
}

// commit commits everything and clones the repository as the target branch.
func (p *reviewPipeline) commit() {
	p.t.Helper()
	if status, out := p.run("git init -q -b main && git add -A && " +
		"git -c user.name=t -c user.email=t@example.com commit -q -m main && " +
		"git clone -q . ../upstream && git remote add origin ../upstream && git fetch -q origin"); status != 0 {
		p.t.Fatal(out)
	}
}

// run runs a script as a step of the pipeline.
func (p *reviewPipeline) run(script string, env ...string) (status int, out string) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), "sh", "-e", "-c", script)
	cmd.Dir, cmd.Env = p.repo, slices.Concat(env, p.env)
	printed, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(printed)
}

// checkComment fails unless the pipeline wrote one comment, the review of the example.
func (p *reviewPipeline) checkComment() {
	p.t.Helper()
	if len(p.comments) != 1 {
		p.t.Fatalf("%d comments", len(p.comments))
	}
	for _, want := range []string{"<!-- iam review -->\n### Access review: 2 errors\n",
		"can now become administrator", "`main.tf:31`", "- new role `reporter` **gains**"} {
		if !strings.Contains(p.comments[0], want) {
			p.t.Errorf("the comment does not contain %q:\n%s", want, p.comments[0])
		}
	}
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// TestReviewWorkflow_Comments runs the steps of the workflow and of the Action of GitHub.
func TestReviewWorkflow_Comments(t *testing.T) {
	type step struct {
		Uses, Run string
		With, Env map[string]string
	}
	var workflow struct {
		Jobs map[string]struct{ Steps []step }
	}
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct{ Steps []step }
	}
	readYAML(t, filepath.Join(actionFolder, ".github", "workflows", "access-review.yml"), &workflow)
	readYAML(t, filepath.Join(actionFolder, "action.yml"), &action)
	p := newReviewPipeline(t, "/repos/acme/infra/issues/7/comments", "Authorization: Bearer token")
	p.commit()
	for _, s := range workflow.Jobs["review"].Steps {
		if s.Run != "" {
			if status, out := p.run(s.Run); status != 0 {
				t.Fatalf("status %d\n%s", status, out)
			}
		}
		if !strings.Contains(s.Uses, "/examples/github-action@") {
			continue
		}
		for input := range s.With {
			if _, ok := action.Inputs[input]; !ok {
				t.Errorf("the Action has no input %s", input)
			}
		}
		last := action.Runs.Steps[len(action.Runs.Steps)-1]
		var env []string
		for name, expression := range last.Env {
			input := strings.TrimSuffix(strings.TrimPrefix(expression, "${{ inputs."), " }}")
			value, ok := s.With[input]
			if !ok {
				value = action.Inputs[input].Default
			}
			env = append(env, name+"="+strings.ReplaceAll(value, "${{ github.token }}", "token"))
		}
		if status, out := p.run(last.Run, env...); status != 1 {
			t.Errorf("status %d, want 1\n%s", status, out)
		}
	}
	p.checkComment()
}

// TestReviewTemplate_Comments runs the job of the template of GitLab.
func TestReviewTemplate_Comments(t *testing.T) {
	var template map[string]struct {
		Script    []string
		Artifacts struct{ Paths []string }
	}
	readYAML(t, gitlabTemplate, &template)
	p := newReviewPipeline(t, "/projects/5/merge_requests/7/notes", "Private-Token: token")
	script, err := os.ReadFile(filepath.Join(actionFolder, "review.sh"))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(p.repo, ".gitlab", "access-review")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "review.sh"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	p.commit()
	job := template["access-review"]
	if status, out := p.run(strings.Join(job.Script, "\n")); status != 1 {
		t.Errorf("status %d, want 1\n%s", status, out)
	}
	p.checkComment()
	for _, file := range append(job.Artifacts.Paths, "access-review.xml") {
		if _, err := os.Stat(filepath.Join(p.repo, file)); err != nil {
			t.Error(err)
		}
	}
}
