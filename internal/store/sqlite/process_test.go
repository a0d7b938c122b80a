package sqlite

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// childJobs contains the jobs that this test binary can run in a child process, on the store in its directory.
var childJobs = map[string]func() error{
	"write until killed": func() error { return writePairs(4, 1<<30) },
	"write forty":        func() error { return writePairs(4, 10) },
	"write one by one":   func() error { return writePairs(1, 20) },
	"open": func() error {
		s, err := Open(context.Background(), childFile)
		if err != nil {
			return err
		}
		var id string
		err = s.Write(context.Background(), func(tx store.Tx) error {
			found, err := tx.Setting("id")
			if errors.Is(err, store.ErrNotFound) {
				found = []byte(rand.Text())
				err = tx.PutSetting("id", found)
			}
			id = string(found)
			return err
		})
		_, printed := os.Stdout.WriteString(id)
		return errors.Join(err, printed, s.Close())
	},
}

// childFile is the path of a child process's store in its directory.
var childFile = filepath.Join(".iam", "iam.db")

// writePairs writes pairs of records in one transaction each, and prints the name of each pair after the
// store acknowledged it.
func writePairs(writers, each int) error {
	ctx := context.Background()
	s, err := Open(ctx, childFile)
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		wait.Go(func() {
			for n := range each {
				name := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, n)
				if errs[w] = s.Write(ctx, func(tx store.Tx) error {
					return errors.Join(tx.InsertIdentity(user(name)), tx.PutSetting("of-AIDA"+name, []byte(name)))
				}); errs[w] != nil {
					return
				}
				if _, errs[w] = os.Stdout.WriteString("acknowledged " + name + "\n"); errs[w] != nil {
					return
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(append(errs, s.Close())...)
}

// child returns a command that runs a job of childJobs in a child process, in a directory.
func child(t testing.TB, job, dir string, wrapper ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := slices.Concat(wrapper, []string{binary})
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+job)
	cmd.Stderr = os.Stderr
	return cmd
}

// acknowledged parses the output of writePairs. It ignores an incomplete last line.
func acknowledged(t testing.TB, output []byte) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for line := range bytes.Lines(output) {
		if name, whole := strings.CutSuffix(string(line), "\n"); whole {
			found[strings.TrimPrefix(name, "acknowledged ")] = true
		}
	}
	return found
}

// assertStored checks that every acknowledged pair exists, and that both records of every pair exist.
func assertStored(t testing.TB, s *Store, acknowledged map[string]bool) {
	t.Helper()
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	read(t, s, func(tx store.Tx) error {
		users, err := tx.Identities(store.User, store.Page{})
		if err != nil {
			return err
		}
		present := map[string]bool{}
		for _, u := range users {
			present[u.Name] = true
			if _, err := tx.Setting("of-" + u.ID); err != nil {
				return fmt.Errorf("pair %s is incomplete: %w", u.Name, err)
			}
		}
		for name := range acknowledged {
			if !present[name] {
				t.Errorf("pair %s was acknowledged and is missing", name)
			}
		}
		settings, err := one(tx.(*transaction), value[int], `SELECT count(*) FROM settings`)
		count, counted := tx.CountIdentities(store.User)
		if settings != len(users) || count != len(users) {
			t.Errorf("%d users, %d settings, counted %d", len(users), settings, count)
		}
		return errors.Join(err, counted)
	})
}

func TestWrite_SurvivesKill(t *testing.T) {
	rounds := 10
	if testing.Short() {
		rounds = 3
	}
	dir := t.TempDir()
	expected := map[string]bool{}
	for round := range rounds {
		cmd := child(t, "write until killed", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var printed bytes.Buffer
		lines := bufio.NewReader(out)
		for n := 0; ; n++ {
			line, err := lines.ReadBytes('\n')
			printed.Write(line)
			if err != nil {
				break
			}
			if n == 0 {
				// Kill the process at a different moment each time.
				time.AfterFunc(time.Duration(7*round+3)*time.Millisecond, func() { _ = cmd.Process.Kill() })
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child process ended before it was killed")
		}
		added := acknowledged(t, printed.Bytes())
		if len(added) == 0 {
			t.Fatal("the child process printed no acknowledged pair")
		}
		for name := range added {
			expected[name] = true
		}
		s := openAt(t, filepath.Join(dir, childFile))
		assertStored(t, s, expected)
		assertError(t, s.Close(), nil)
	}
	t.Logf("%d operations were acknowledged", len(expected))
}

func TestStore_SharedByProcesses(t *testing.T) {
	dir := t.TempDir()
	const processes = 3
	outputs := make([][]byte, processes)
	errs := make([]error, processes)
	var wait sync.WaitGroup
	for p := range processes { // each finds no file and tries to create it
		wait.Go(func() { outputs[p], errs[p] = child(t, "write forty", dir).Output() })
	}
	path := filepath.Join(dir, childFile)
	stores := []*Store{openAt(t, path), openAt(t, path)}
	for n := range 30 {
		write(t, stores[n%2], func(tx store.Tx) error {
			name := fmt.Sprint("parent", n)
			return errors.Join(tx.InsertIdentity(user(name)), tx.PutSetting("of-AIDA"+name, nil))
		})
		read(t, stores[(n+1)%2], func(tx store.Tx) error { // one store sees the commits of the other
			_, err := tx.Identity(store.User, fmt.Sprint("parent", n))
			return err
		})
	}
	wait.Wait()
	assertError(t, errors.Join(errs...), nil)
	expected := map[string]bool{}
	for _, output := range outputs {
		for name := range acknowledged(t, output) {
			expected[name] = true
		}
	}
	assertEqual(t, len(expected), processes*40)
	assertStored(t, stores[0], expected)
	assertEqual(t, readValue(t, stores[0], store.Tx.Revision), int64(processes*40+30))
}

func TestOpen_CreatesOneStoreForManyProcesses(t *testing.T) {
	for range 3 {
		dir := t.TempDir()
		ids := make([]string, 4)
		var wait sync.WaitGroup
		for n := range ids {
			wait.Go(func() {
				out, err := child(t, "open", dir).Output()
				if err != nil {
					t.Error(err)
				}
				ids[n] = string(out)
			})
		}
		wait.Wait()
		for _, id := range ids {
			if id != ids[0] || len(id) < 20 {
				t.Fatalf("got the ids %q, want one", ids)
			}
		}
	}
}

func TestWrite_SyncsBeforeReturn(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: ", err)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := child(t, "write one by one", t.TempDir(), strace, "-f", "-y", "-e", "trace=fsync,fdatasync,write", "-o", trace)
	cmd.Stderr = nil
	if out, err := cmd.Output(); err != nil {
		t.Skipf("strace does not work here: %v %s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}

	begun := regexp.MustCompile(`^(\d+) +f(?:data)?sync\(\d+<([^>]*)>`)
	resumed := regexp.MustCompile(`^(\d+) +<\.\.\. f(?:data)?sync resumed>`)
	syncing := map[string]string{} // the file that a thread syncs
	logSynced, acknowledgements, syncs := false, 0, 0
	for line := range strings.Lines(string(text)) {
		thread, file := "", ""
		if m := begun.FindStringSubmatch(line); m != nil {
			syncing[m[1]] = m[2]
			thread, file = m[1], m[2]
		} else if m := resumed.FindStringSubmatch(line); m != nil {
			thread, file = m[1], syncing[m[1]]
		}
		switch {
		case thread != "":
			if strings.HasSuffix(strings.TrimSpace(line), "= 0") && strings.HasSuffix(file, "-wal") {
				logSynced = true
				syncs++
			}
		case strings.Contains(line, `"acknowledged `):
			acknowledgements++
			if !logSynced {
				t.Errorf("the log was not synced before this acknowledgement: %s", line)
			}
			logSynced = false
		}
	}
	if acknowledgements != 20 {
		t.Errorf("the trace shows %d acknowledgements, want 20", acknowledgements)
	}
	t.Logf("%d syncs of the log, %d acknowledgements", syncs, acknowledgements)
}
