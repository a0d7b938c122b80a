package review

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"
)

// reviewScript is the script that the GitHub Action and the GitLab template run.
const reviewScript = "../../examples/github-action/review.sh"

// comment is a comment as the API of GitHub or GitLab has it.
type comment struct {
	ID     int            `json:"id"`
	Body   string         `json:"body"`
	User   map[string]any `json:"user,omitempty"`
	Author map[string]any `json:"author,omitempty"`
}

// codeHost is the part of the API of GitHub or GitLab that the script uses.
type codeHost struct {
	*httptest.Server
	mutex    sync.Mutex
	comments []comment
	requests []string
	// status is the status of all requests that change something, if it is not 0.
	status int
}

const (
	githubToken = "ghs_0123456789abcdef"
	gitlabToken = "glpat-0123456789abcdef"
)

func newCodeHost(t *testing.T) *codeHost {
	t.Helper()
	h := &codeHost{comments: []comment{}}
	h.Server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.Close)
	return h
}

func (h *codeHost) serve(w http.ResponseWriter, r *http.Request) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.requests = append(h.requests, r.Method+" "+r.URL.Path)
	isGitHub := strings.HasPrefix(r.URL.Path, "/repos/acme/infra/")
	if isGitHub && r.Header.Get("Authorization") != "Bearer "+githubToken ||
		!isGitHub && r.Header.Get("Private-Token") != gitlabToken {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodGet && h.status != 0 {
		w.WriteHeader(h.status)
		return
	}
	var body struct{ Body string }
	if r.Method != http.MethodGet {
		text, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(text, &body)
		}
		if err != nil || r.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /user":
		fmt.Fprint(w, `{"id": 77, "username": "project_5_bot"}`)
	case "GET /repos/acme/infra/issues/12/comments", "GET /projects/5/merge_requests/12/notes":
		size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		from := min((page-1)*size, len(h.comments))
		_ = json.NewEncoder(w).Encode(h.comments[from:min(from+size, len(h.comments))])
	case "POST /repos/acme/infra/issues/12/comments":
		h.comments = append(h.comments, comment{ID: 1000 + len(h.comments), Body: body.Body,
			User: map[string]any{"login": "github-actions[bot]"}})
		w.WriteHeader(http.StatusCreated)
	case "POST /projects/5/merge_requests/12/notes":
		h.comments = append(h.comments, comment{ID: 1000 + len(h.comments), Body: body.Body,
			Author: map[string]any{"id": 77}})
		w.WriteHeader(http.StatusCreated)
	default:
		for i := range h.comments {
			id := strconv.Itoa(h.comments[i].ID)
			switch r.Method + " " + r.URL.Path {
			case "PATCH /repos/acme/infra/issues/comments/" + id, "PUT /projects/5/merge_requests/12/notes/" + id:
				h.comments[i].Body = body.Body
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	}
}

// add adds comments.
func (h *codeHost) add(comments ...comment) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.comments = append(h.comments, comments...)
}

// refuse answers every request that changes something with a status.
func (h *codeHost) refuse(status int) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.status = status
}

// all returns the comments.
func (h *codeHost) all() []comment {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Clone(h.comments)
}

// calls returns the requests.
func (h *codeHost) calls() []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Clone(h.requests)
}

// pipeline is a checkout of a pull request in which the script runs.
type pipeline struct {
	t         *testing.T
	host      *codeHost
	dir, repo string
	env       map[string]string
}

// newPipeline returns a checkout of a pull request, whose iam prints a report and ends with a status.
func newPipeline(t *testing.T, report string, status int) *pipeline {
	t.Helper()
	for _, program := range []string{"git", "curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the script needs %s, which is not on PATH", program)
		}
	}
	p := &pipeline{t: t, host: newCodeHost(t), dir: t.TempDir()}
	p.repo = filepath.Join(p.dir, "checkout")
	p.write("bin/iam", "#!/bin/sh\n"+
		`printf '%s\n' "$@" >"$FAKE/arguments"`+"\n"+
		`while [ $# -gt 0 ]; do [ "$1" != --policy ] || cp "$2" "$FAKE/policy"; shift; done`+"\n"+
		`cat "$FAKE/report"; echo "iam says something" >&2; exit `+strconv.Itoa(status)+"\n")
	if err := os.Chmod(filepath.Join(p.dir, "bin", "iam"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.write("report", report)
	p.write("summary", "")
	p.write("upstream/iam-review.yaml", "from: main\n")
	p.git("upstream", "init", "-q", "-b", "main")
	p.commit("upstream")
	p.git(".", "clone", "-q", "upstream", "checkout")
	p.git("checkout", "switch", "-q", "-c", "feature")
	p.write("checkout/iam-review.yaml", "from: the pull request\n")
	p.write("checkout/plan.json", "{}")
	p.commit("checkout")
	p.env = map[string]string{
		"PATH": filepath.Join(p.dir, "bin") + ":" + os.Getenv("PATH"), "HOME": p.dir, "FAKE": p.dir, "TMPDIR": p.dir,
	}
	return p
}

func (p *pipeline) github() *pipeline {
	p.event("acme/infra")
	for key, value := range map[string]string{
		"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": filepath.Join(p.dir, "event.json"),
		"GITHUB_API_URL": p.host.URL, "GITHUB_REPOSITORY": "acme/infra", "GITHUB_TOKEN": githubToken,
		"GITHUB_STEP_SUMMARY": filepath.Join(p.dir, "summary"),
	} {
		p.env[key] = value
	}
	return p
}

// event writes the event of a pull request from a repository.
func (p *pipeline) event(head string) {
	p.write("event.json", fmt.Sprintf(`{"pull_request": {"number": 12, "base": {"ref": "main", "repo": {"full_name":
"acme/infra"}}, "head": {"ref": "feature", "repo": {"full_name": %q}}}}`, head))
}

func (p *pipeline) gitlab() *pipeline {
	for key, value := range map[string]string{
		"CI_API_V4_URL": p.host.URL, "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "12",
		"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "GITLAB_TOKEN": gitlabToken,
	} {
		p.env[key] = value
	}
	return p
}

func (p *pipeline) write(file, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pipeline) read(file string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, file))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		p.t.Fatal(err)
	}
	return string(text)
}

func (p *pipeline) git(dir string, args ...string) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), "git", args...)
	cmd.Dir = filepath.Join(p.dir, dir)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir}
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("git %v: %s\n%s", args, err, out)
	}
}

func (p *pipeline) commit(dir string) {
	p.t.Helper()
	p.git(dir, "add", "-A")
	p.git(dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "c")
}

// run runs the script and returns its exit status, its output and its messages.
func (p *pipeline) run(args ...string) (status int, stdout, stderr string) {
	p.t.Helper()
	script, err := filepath.Abs(reviewScript)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.runCommand(append([]string{"sh", script}, args...)...)
}

func (p *pipeline) runCommand(args ...string) (status int, stdout, stderr string) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), args[0], args[1:]...)
	cmd.Dir = p.repo
	for key, value := range p.env {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	printed := out.String() + log.String()
	if strings.Contains(printed, githubToken) || strings.Contains(printed, gitlabToken) {
		p.t.Error("the script prints the token")
	}
	if left, _ := filepath.Glob(filepath.Join(p.dir, "tmp.*")); len(left) > 0 {
		p.t.Errorf("the script leaves %v behind", left)
	}
	return cmd.ProcessState.ExitCode(), out.String(), log.String()
}

var ciSystems = map[string]func(*pipeline) *pipeline{"github": (*pipeline).github, "gitlab": (*pipeline).gitlab}

const plainReport = Marker + "\n### Access review: 1 error\n"

func TestReviewScript_CreatesAndUpdatesComment(t *testing.T) {
	t.Parallel()
	for ci, start := range ciSystems {
		t.Run(ci, func(t *testing.T) {
			t.Parallel()
			hostile := markdownOf(t, hostileReport(), 0)
			p := start(newPipeline(t, plainReport, 1))
			// Others may write the marker too, and texts that look like the answer of the API.
			fake := comment{ID: 1, Body: plainReport + `"}, {"id": 666, "body": "` + Marker,
				User: map[string]any{"login": "mallory"}, Author: map[string]any{"id": 7}}
			own := comment{ID: 2, Body: "Another comment.\n" + Marker,
				User: map[string]any{"login": "github-actions[bot]"}, Author: map[string]any{"id": 77}}
			for range 130 {
				p.host.add(fake, own)
			}
			before := len(p.host.all())
			for i, report := range []string{plainReport, hostile, plainReport} {
				p.write("report", report)
				status, stdout, stderr := p.run(ci, "plan.json", "--source", ".")
				if status != 1 || stdout != "" {
					t.Fatalf("status %d, output %q\n%s", status, stdout, stderr)
				}
				all := p.host.all()
				if len(all) != before+1 || all[before].Body != report {
					t.Fatalf("run %d: %d comments, the last is\n%s", i, len(all), all[len(all)-1].Body)
				}
			}
			for _, c := range p.host.all()[:before] {
				if c.Body != fake.Body && c.Body != own.Body {
					t.Fatalf("another comment is changed: %s", c.Body)
				}
			}
			want := "review\nplan.json\n--source\n.\n--policy\n"
			if got := p.read("arguments"); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "\n--format\nmarkdown\n") {
				t.Errorf("iam has the arguments %q", got)
			}
			if p.read("summary") != "" {
				t.Error("the summary has the report too")
			}
		})
	}
}

func TestReviewScript_PassesStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 1, 2} {
		p := newPipeline(t, plainReport, status).github()
		if got, _, stderr := p.run("github", "plan.json"); got != status {
			t.Errorf("status %d, want %d\n%s", got, status, stderr)
		}
	}
}

// A comment about an earlier commit must not stay as if it were about this one.
func TestReviewScript_NoAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		report string
		status int
	}{
		"error":          {"", 2},
		"crash":          {plainReport, 139},
		"usage":          {"Usage: iam\n", 0},
		"no report":      {"", 0},
		"foreign report": {"text\n" + Marker + "\n", 1},
	} {
		p := newPipeline(t, test.report, test.status).github()
		p.host.add(comment{ID: 5, Body: Marker + "\nAccess review: access does not change.\n",
			User: map[string]any{"login": "github-actions[bot]"}})
		status, _, stderr := p.run("github", "plan.json")
		if status != 2 || !strings.Contains(p.host.all()[0].Body, "### Access review: no answer") {
			t.Errorf("%s: status %d, comment %q\n%s", name, status, p.host.all()[0].Body, stderr)
		}
	}
}

// The author of a pull request must not choose what fails it.
func TestReviewScript_PolicyOfTargetBranch(t *testing.T) {
	t.Parallel()
	for ci, start := range ciSystems {
		p := start(newPipeline(t, plainReport, 0))
		// A branch or a tag of the checkout with a similar name is not the target branch either.
		p.git("checkout", "branch", "-f", "main", "feature")
		p.git("checkout", "tag", "origin/main", "feature")
		p.write("upstream/iam-review.yaml", "from: main, later\n")
		p.commit("upstream")
		if status, _, stderr := p.run(ci, "plan.json"); status != 0 || p.read("policy") != "from: main, later\n" {
			t.Errorf("%s: status %d, policy %q\n%s", ci, status, p.read("policy"), stderr)
		}

		p = start(newPipeline(t, plainReport, 0))
		p.env["IAM_REVIEW_POLICY"] = "missing.yaml"
		p.write("checkout/missing.yaml", "from: the pull request\n")
		status, _, stderr := p.run(ci, "plan.json")
		if status != 0 || p.read("policy") != "" || !strings.Contains(stderr, `the branch "main" has no missing.yaml`) {
			t.Errorf("%s: status %d, policy %q\n%s", ci, status, p.read("policy"), stderr)
		}
	}
}

func TestReviewScript_WithoutCredentialsToFetch(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, plainReport, 0).github()
	p.git("checkout", "remote", "set-url", "origin", filepath.Join(p.dir, "gone"))
	if status, _, stderr := p.run("github", "plan.json"); status != 0 || p.read("policy") != "from: main\n" {
		t.Errorf("status %d, policy %q\n%s", status, p.read("policy"), stderr)
	}
	p.git("checkout", "update-ref", "-d", "refs/remotes/origin/main")
	p.git("checkout", "remote", "remove", "origin")
	if status, _, stderr := p.run("github", "plan.json"); status != 2 || !strings.Contains(stderr, "fetch-depth: 0") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	status, _, stderr := p.gitlab().run("gitlab", "plan.json")
	if status != 2 || !strings.Contains(stderr, "cannot fetch") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

func TestReviewScript_ReportWithoutComment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change   func(*pipeline)
		message  string
		requests int // to the code host
	}{
		"fork":             {func(p *pipeline) { p.event("mallory/infra") }, "comes from a fork", 0},
		"deleted fork":     {func(p *pipeline) { p.event("") }, "comes from a fork", 0},
		"no token":         {func(p *pipeline) { delete(p.env, "GITHUB_TOKEN") }, "GITHUB_TOKEN is not set", 0},
		"broken token":     {func(p *pipeline) { p.env["GITHUB_TOKEN"] = "a\"\nurl = \"x" }, "no token has", 0},
		"wrong token":      {func(p *pipeline) { p.env["GITHUB_TOKEN"] = "ghs_1" }, "HTTP status 401", 1},
		"no permission":    {func(p *pipeline) { p.host.refuse(403) }, "HTTP status 403", 2},
		"no API":           {func(p *pipeline) { p.env["GITHUB_API_URL"] = "http://127.0.0.1:1" }, "127.0.0.1", 0},
		"other repository": {func(p *pipeline) { p.env["GITHUB_REPOSITORY"] = "acme/other" }, "HTTP status", 1},
	} {
		p := newPipeline(t, plainReport, 1).github()
		test.change(p)
		status, stdout, stderr := p.run("github", "plan.json")
		if status != 1 || stdout != "" || !strings.Contains(stderr, test.message) {
			t.Errorf("%s: status %d, output %q\n%s", name, status, stdout, stderr)
		}
		if got := p.read("summary"); got != plainReport {
			t.Errorf("%s: the summary is %q", name, got)
		}
		if len(p.host.calls()) != test.requests {
			t.Errorf("%s: the requests are %q", name, p.host.calls())
		}
	}
}

func TestReviewScript_GitLabReportWithoutComment(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*pipeline){
		"fork": func(p *pipeline) {
			p.env["CI_PROJECT_ID"], p.env["CI_MERGE_REQUEST_PROJECT_URL"] = "6", filepath.Join(p.dir, "upstream")
			p.git("checkout", "remote", "set-url", "origin", filepath.Join(p.dir, "gone"))
			p.git(".", "clone", "-q", "--bare", "upstream", "upstream.git")
		},
		"no token": func(p *pipeline) { delete(p.env, "GITLAB_TOKEN") },
		"refused":  func(p *pipeline) { p.host.refuse(500) },
	} {
		p := newPipeline(t, plainReport, 1).gitlab()
		change(p)
		status, stdout, stderr := p.run("gitlab", "plan.json")
		if status != 1 || stdout != plainReport || p.read("policy") != "from: main\n" {
			t.Errorf("%s: status %d, output %q\n%s", name, status, stdout, stderr)
		}
	}
}

func TestReviewScript_RefusesOtherPipelines(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(*pipeline)
		args    []string
		message string
	}{
		"target event": {func(p *pipeline) { p.env["GITHUB_EVENT_NAME"] = "pull_request_target" },
			[]string{"github", "plan.json"}, `found "pull_request_target"`},
		"push": {func(p *pipeline) { p.write("event.json", "{}") }, []string{"github", "plan.json"},
			"not the pipeline"},
		"broken push": {func(p *pipeline) { p.write("event.json", "{") }, []string{"github", "plan.json"}, ""},
		"number": {func(p *pipeline) { p.gitlab().env["CI_MERGE_REQUEST_IID"] = "1/../2" },
			[]string{"gitlab", "plan.json"}, "not the pipeline"},
		"other system": {func(*pipeline) {}, []string{"jenkins", "plan.json"}, `found "jenkins"`},
		"no plan":      {func(*pipeline) {}, []string{"github"}, "usage:"},
	} {
		p := newPipeline(t, plainReport, 0).github()
		test.change(p)
		status, _, stderr := p.run(test.args...)
		if status != 2 || !strings.Contains(stderr, test.message) || p.read("arguments") != "" || len(p.host.calls()) > 0 {
			t.Errorf("%s: status %d, requests %q\n%s", name, status, p.host.calls(), stderr)
		}
	}
}

// The Action passes its inputs on as arguments, and none of them is code.
func TestAction_RunsScript(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../examples/github-action/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct {
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	for _, step := range action.Runs.Steps {
		if strings.Contains(step.Run, "${{") {
			t.Errorf("a script of the Action contains an expression: %s", step.Run)
		}
	}
	step := action.Runs.Steps[len(action.Runs.Steps)-1]
	for name, test := range map[string]struct {
		inputs map[string]string
		want   string
	}{
		"defaults": {map[string]string{"PLAN": "plan.json", "SOURCE": "."}, "review\nplan.json\n--source\n.\n"},
		"all": {map[string]string{"PLAN": "a b.json", "SOURCE": "$(touch hostile)", "ACCOUNT_FILE": "acc ount.json",
			"HTML": "r*.html", "SARIF": "`touch hostile`"},
			"review\na b.json\n--source\n$(touch hostile)\n--account-file\nacc ount.json\n--write\nhtml=r*.html\n" +
				"--write\nsarif=`touch hostile`\n"},
	} {
		p := newPipeline(t, plainReport, 1).github()
		script, err := filepath.Abs(filepath.Dir(reviewScript))
		if err != nil {
			t.Fatal(err)
		}
		p.env["GITHUB_ACTION_PATH"] = script
		for input := range step.Env {
			switch input {
			case "GITHUB_TOKEN", "IAM_REVIEW_AUTHOR", "IAM_REVIEW_POLICY":
			default:
				p.env[input] = test.inputs[input]
			}
		}
		status, stdout, stderr := p.runCommand("sh", "-e", "-c", step.Run)
		if status != 1 || stdout != "" || len(p.host.all()) != 1 {
			t.Errorf("%s: status %d, output %q\n%s", name, status, stdout, stderr)
		}
		got, _, _ := strings.Cut(p.read("arguments"), "--policy\n")
		if got != test.want {
			t.Errorf("%s: iam has the arguments %q, want %q", name, got, test.want)
		}
		if _, err := os.Stat(filepath.Join(p.repo, "hostile")); err == nil {
			t.Errorf("%s: an input runs as code", name)
		}
	}
}

func TestInstallScript_ComparesChecksum(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	packed := gzip.NewWriter(&archive)
	files := tar.NewWriter(packed)
	for _, name := range []string{"LICENSE", "iam"} {
		content := "#!/bin/sh\necho installed\n"
		if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1.2.3/iam_1.2.3_") || !strings.HasSuffix(r.URL.Path, ".tar.gz") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(archive.Bytes())
	}))
	t.Cleanup(server.Close)
	script, err := filepath.Abs("../../examples/github-action/install.sh")
	if err != nil {
		t.Fatal(err)
	}
	right := fmt.Sprintf("%x", sha256.Sum256(archive.Bytes()))
	for name, test := range map[string]struct {
		version, sum, message string
		installed             bool
	}{
		"right":      {"1.2.3", right, "", true},
		"wrong":      {"1.2.3", strings.Repeat("0", 64), "expected 0000", false},
		"no sum":     {"1.2.3", "", "set the SHA-256 checksum", false},
		"no version": {"9.9.9", right, "404", false},
	} {
		folder := filepath.Join(t.TempDir(), "bin")
		cmd := exec.CommandContext(t.Context(), "sh", script, folder)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "IAM_RELEASES=" + server.URL, "IAM_VERSION=" + test.version,
			"IAM_SHA256=" + test.sum}
		out, err := cmd.CombinedOutput()
		_, missing := os.Stat(filepath.Join(folder, "iam"))
		if (err == nil) != test.installed || (missing == nil) != test.installed ||
			!strings.Contains(string(out), test.message) {
			t.Errorf("%s: %v, %v\n%s", name, err, missing, out)
		}
	}
}
