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

// workplace is a folder in which Terraform is run as a user does, with the provider's binary.
type workplace struct {
	t    *testing.T
	cli  string
	dir  string
	env  []string
	path string // of the iam command
}

// built is the folder with the iam command and a mirror with the provider, made once.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "iam-built-")
	if err != nil {
		return "", err
	}
	leftBehind = dir
	addresses := []string{Address, "registry.opentofu.org/iam-as-code/iam"}
	targets := [][2]string{{filepath.Join(dir, "iam"), "../../cmd/iam"}}
	for _, address := range addresses {
		file := filepath.Join(dir, filepath.FromSlash(address), "0.0.1", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-iam_v0.0.1")
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

var leftBehind string // by built, if any test needed it

func TestMain(m *testing.M) {
	code := m.Run()
	if leftBehind != "" {
		_ = os.RemoveAll(leftBehind)
	}
	os.Exit(code)
}

func newWorkplace(t *testing.T) *workplace {
	t.Helper()
	cli := terraformPath(t)
	binaries, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return &workplace{t: t, cli: cli, dir: t.TempDir(), path: binaries, env: append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(binaries, "cli.tfrc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color",
	)}
}

// copy puts a folder's files into the workplace.
func (w *workplace) copy(from string) {
	w.t.Helper()
	if err := os.CopyFS(w.dir, os.DirFS(from)); err != nil {
		w.t.Fatal(err)
	}
	w.terraform("init")
}

// put writes one file.
func (w *workplace) put(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		w.t.Fatal(err)
	}
}

// write writes the configuration.
func (w *workplace) write(config string) {
	w.t.Helper()
	w.put("main.tf", "terraform {\n  required_providers {\n    iam = { source = \"iam-as-code/iam\" }\n  }\n}\n"+config)
	w.terraform("init")
}

// run runs a command and gives what it prints and its exit code.
func (w *workplace) run(command string, arguments ...string) (output string, code int) {
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

// terraform runs Terraform, which must succeed.
func (w *workplace) terraform(arguments ...string) string {
	w.t.Helper()
	output, code := w.run(w.cli, arguments...)
	if code != 0 {
		w.t.Fatalf("terraform %s: exit code %d\n%s", strings.Join(arguments, " "), code, output)
	}
	return output
}

// iam runs the iam command, which must succeed.
func (w *workplace) iam(arguments ...string) string {
	w.t.Helper()
	output, code := w.run(filepath.Join(w.path, "iam"), arguments...)
	if code != 0 {
		w.t.Fatalf("iam %s: exit code %d\n%s", strings.Join(arguments, " "), code, output)
	}
	return output
}

// flat is a text whose lines Terraform may have broken anywhere.
func flat(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}
