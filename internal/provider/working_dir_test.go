package provider

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// workingDir is a folder in which a test runs the built binaries of Terraform, the provider and the iam command.
type workingDir struct {
	t        *testing.T
	cli      string // the path of Terraform
	dir      string
	env      []string
	binaries string // the folder of the iam command and the mirror of the provider
}

// buildBinaries builds the iam command and a mirror with the provider on the first call, and returns their folder.
var buildBinaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "iam-built-")
	if err != nil {
		return "", err
	}
	binariesDir = dir
	sources := []string{Address, "registry.opentofu.org/iam-as-code/iam"}
	targets := [][2]string{{filepath.Join(dir, "iam"), "../../cmd/iam"}}
	for _, source := range sources {
		file := filepath.Join(dir, filepath.FromSlash(source), "0.0.1", runtime.GOOS+"_"+runtime.GOARCH,
			"terraform-provider-iam_v0.0.1")
		targets = append(targets, [2]string{file, "../.."})
	}
	for _, target := range targets {
		build := exec.Command("go", "build", "-o", target[0], target[1]) // #nosec G204 -- the arguments are constants
		if output, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w\n%s", err, output)
		}
	}
	cliConfig := fmt.Sprintf(
		"provider_installation {\n  filesystem_mirror {\n    path    = %q\n    include = [%q, %q]\n  }\n  direct {\n    "+
			"exclude = [%[2]q, %[3]q]\n  }\n}\n",
		filepath.ToSlash(dir), sources[0], sources[1])
	return dir, os.WriteFile(filepath.Join(dir, "cli.tfrc"), []byte(cliConfig), 0o600)
})

var binariesDir string // the folder that buildBinaries created, or ""

func TestMain(m *testing.M) {
	code := m.Run()
	if binariesDir != "" {
		_ = os.RemoveAll(binariesDir)
	}
	os.Exit(code)
}

func newWorkingDir(t *testing.T) *workingDir {
	t.Helper()
	cli := terraformPath(t)
	binaries, err := buildBinaries()
	if err != nil {
		t.Fatal(err)
	}
	return &workingDir{t: t, cli: cli, dir: t.TempDir(), binaries: binaries, env: append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(binaries, "cli.tfrc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"TF_CLI_ARGS=-no-color",
	)}
}

// copyFrom copies the files of a folder to the working folder and runs terraform init.
func (w *workingDir) copyFrom(from string) {
	w.t.Helper()
	if err := os.CopyFS(w.dir, os.DirFS(from)); err != nil {
		w.t.Fatal(err)
	}
	w.terraform("init")
}

// writeFile writes one file.
func (w *workingDir) writeFile(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		w.t.Fatal(err)
	}
}

// writeConfig writes the configuration and runs terraform init.
func (w *workingDir) writeConfig(config string) {
	w.t.Helper()
	w.writeFile("main.tf",
		"terraform {\n  required_providers {\n    iam = { source = \"iam-as-code/iam\" }\n  }\n}\n"+config)
	w.terraform("init")
}

// run runs a command and returns its output and exit code.
func (w *workingDir) run(command string, arguments ...string) (output string, code int) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), command, arguments...)
	cmd.Dir, cmd.Env = w.dir, w.env
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// terraform runs a Terraform command that must succeed.
func (w *workingDir) terraform(arguments ...string) string {
	w.t.Helper()
	output, code := w.run(w.cli, arguments...)
	if code != 0 {
		w.t.Fatalf("terraform %s: exit code %d\n%s", strings.Join(arguments, " "), code, output)
	}
	return output
}

// iam runs an iam command that must succeed.
func (w *workingDir) iam(arguments ...string) string {
	w.t.Helper()
	output, code := w.run(filepath.Join(w.binaries, "iam"), arguments...)
	if code != 0 {
		w.t.Fatalf("iam %s: exit code %d\n%s", strings.Join(arguments, " "), code, output)
	}
	return output
}

// joinLines joins the lines of a text that Terraform has broken, and removes the bars at the left.
func joinLines(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}

// applyCleanly applies the configuration and expects an empty plan afterwards.
func (w *workingDir) applyCleanly(t *testing.T, variables ...string) {
	t.Helper()
	w.terraform(append([]string{"apply", "-auto-approve"}, variables...)...)
	w.expectNoChanges(variables...)
}

// expectNoChanges expects an empty plan.
func (w *workingDir) expectNoChanges(variables ...string) {
	w.t.Helper()
	output, code := w.run(w.cli, append([]string{"plan", "-detailed-exitcode"}, variables...)...)
	if code != 0 {
		w.t.Errorf("the plan after the apply ends with exit code %d:\n%s", code, output)
	}
}

// expectPlanError replaces a text of the configuration, expects that the plan fails with a message, and restores the
// configuration.
func (w *workingDir) expectPlanError(t *testing.T, before, after, message string) {
	t.Helper()
	path := filepath.Join(w.dir, "main.tf")
	text := string(require(os.ReadFile(path)))
	changed := strings.Replace(text, before, after, 1)
	if changed == text {
		t.Fatalf("the configuration does not contain %q", before)
	}
	requireNoError(os.WriteFile(path, []byte(changed), 0o600))
	if output, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(joinLines(output), message) {
		t.Errorf("the plan with %s ends with exit code %d:\n%s", after, code, output)
	}
	requireNoError(os.WriteFile(path, []byte(text), 0o600))
}

// repetitions returns how often a test runs Terraform if the order of its calls could matter: the default or, for a
// longer search, the number in the environment variable IAM_TEST_REPETITIONS.
func repetitions(byDefault int) int {
	if n, err := strconv.Atoi(os.Getenv("IAM_TEST_REPETITIONS")); err == nil && n > 0 {
		return n
	}
	return byDefault
}
