package provider

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// workingDir is a folder in which a test runs Terraform and the iam command as a user does, with the built binaries.
type workingDir struct {
	t    *testing.T
	cli  string
	dir  string
	env  []string
	path string // the folder of the iam command
}

// built builds the iam command and a mirror with the provider, once, and returns their folder.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "iam-built-")
	if err != nil {
		return "", err
	}
	builtDir = dir
	addresses := []string{Address, "registry.opentofu.org/iam-as-code/iam"}
	targets := [][2]string{{filepath.Join(dir, "iam"), "../../cmd/iam"}}
	for _, address := range addresses {
		file := filepath.Join(dir, filepath.FromSlash(address), "0.0.1", runtime.GOOS+"_"+runtime.GOARCH,
			"terraform-provider-iam_v0.0.1")
		targets = append(targets, [2]string{file, "../.."})
	}
	for _, target := range targets {
		if output, err := exec.Command("go", "build", "-o", target[0], target[1]).CombinedOutput(); err != nil { // #nosec G204 -- see above
			return "", fmt.Errorf("%w\n%s", err, output)
		}
	}
	mirror := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path    = %q\n    include = [%q, %q]\n  }\n  direct {\n    exclude = [%[2]q, %[3]q]\n  }\n}\n",
		filepath.ToSlash(dir), addresses[0], addresses[1])
	return dir, os.WriteFile(filepath.Join(dir, "cli.tfrc"), []byte(mirror), 0o600)
})

var builtDir string // the folder that built created, if any test needed it

func TestMain(m *testing.M) {
	code := m.Run()
	if builtDir != "" {
		_ = os.RemoveAll(builtDir)
	}
	os.Exit(code)
}

func newWorkingDir(t *testing.T) *workingDir {
	t.Helper()
	cli := terraformPath(t)
	binaries, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return &workingDir{t: t, cli: cli, dir: t.TempDir(), path: binaries, env: append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(binaries, "cli.tfrc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color",
	)}
}

// copyFrom copies the files of a folder and runs terraform init.
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
	output, code := w.run(filepath.Join(w.path, "iam"), arguments...)
	if code != 0 {
		w.t.Fatalf("iam %s: exit code %d\n%s", strings.Join(arguments, " "), code, output)
	}
	return output
}

// unwrap joins the lines of a text that Terraform may have broken anywhere.
func unwrap(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}

// applyCleanly applies the configuration and expects that the next plan is empty.
func (w *workingDir) applyCleanly(t *testing.T, variables ...string) {
	t.Helper()
	w.terraform(append([]string{"apply", "-auto-approve"}, variables...)...)
	if output, code := w.run(w.cli, append([]string{"plan", "-detailed-exitcode"}, variables...)...); code != 0 {
		t.Errorf("the plan that follows ends with %d:\n%s", code, output)
	}
}

// failsPlan changes the configuration, expects that the plan fails with a message, and restores the configuration.
func (w *workingDir) failsPlan(t *testing.T, before, after, why string) {
	t.Helper()
	path := filepath.Join(w.dir, "main.tf")
	text := string(must(os.ReadFile(path)))
	changed := strings.Replace(text, before, after, 1)
	if changed == text {
		t.Fatalf("the configuration has no %s", before)
	}
	must(0, os.WriteFile(path, []byte(changed), 0o600))
	if output, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(unwrap(output), why) {
		t.Errorf("with %s the plan ends with %d:\n%s", after, code, output)
	}
	must(0, os.WriteFile(path, []byte(text), 0o600))
}
