//go:build unix

package storetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// AsOrdinaryUser returns true if the permissions of files apply to the process. They do not apply to root. Then
// AsOrdinaryUser runs the test in a process of another user, reports its result and returns false, and the caller
// must return.
func AsOrdinaryUser(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("", "ordinary-user-*") //nolint:usetesting // only root can enter t.TempDir
	check(t, err)
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	program, err := os.Executable()
	check(t, err)
	text, err := os.ReadFile(program)
	check(t, err)
	copied, temporary := filepath.Join(dir, "test"), filepath.Join(dir, "tmp")
	check(t, os.WriteFile(copied, text, 0o755))
	check(t, os.Chmod(dir, 0o755))
	check(t, os.Mkdir(temporary, 0o700))
	check(t, os.Chown(temporary, nobody, nobody))

	cmd := exec.CommandContext(t.Context(), copied, "-test.run=^"+t.Name()+"$")
	cmd.Dir = temporary
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "HOME="+temporary)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("as another user: %v\n%s", err, out)
	}
	return false
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
