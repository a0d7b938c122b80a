// Package planshare shares the planned changes of one run of Terraform between provider processes.
//
// Terraform starts a process for each provider configuration. With an alias for the same store, two processes plan
// changes of one account, and neither sees the plans of the other. The processes of a run have the same parent
// process. An [Exchange] is a file that all of them append to and read: a process first appends its own plan and then
// reads the plans of the others, so that of two plans at least one process sees both.
//
// The file is in the user's cache directory, only the user can read it, and it contains no secrets: only plans of
// resources that affect access, and access assertions. Terraform ends a process when its own resources are planned, so
// the plans of processes that end later count too. Those of processes that ended before an exchange was opened do not:
// they belong to an earlier plan of the same Terraform, as in terraform test, or to the plan that an apply follows. A
// later run deletes the file. An exchange decides nothing.
package planshare

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
)

// Message is what one process tells the others.
type Message struct {
	From    string // the sender
	Process int    // the id of the sender's process
	Kind    Kind
	// Change is the planned change of a resource.
	Change *planned.Change `json:",omitempty"`
	// Key and Name identify an access assertion. Name may be empty.
	Key       string               `json:",omitempty"`
	Name      string               `json:",omitempty"`
	Assertion *assertion.Assertion `json:",omitempty"`
}

// Kind is the kind of a message.
type Kind string

const (
	// Plan tells a planned change.
	Plan Kind = "plan"
	// AddAssertion tells an access assertion of the configuration.
	AddAssertion Kind = "assertion"
	// RemoveAssertion tells that an assertion is removed or replaced.
	RemoveAssertion Kind = "no assertion"
	// Forget tells that the sender begins a new plan.
	Forget Kind = "forget"
)

// Exchange is the file that the processes share. Several goroutines may use it.
type Exchange struct {
	id   string
	path string

	mu     sync.Mutex
	file   *os.File
	offset int64 // up to which the file was read
	// opened is the length of the file when it was opened, and ended has the senders before it that had ended then.
	opened int64
	ended  map[string]bool
}

// suffix is the suffix of the names of the files. A name begins with the id of the run's Terraform process.
const suffix = ".plan"

// Open opens the exchange of this run of Terraform for a store.
func Open(store string) (*Exchange, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(cache, "terraform-provider-iam")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	removeEnded(folder)
	terraform := os.Getppid()
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", StartOf(terraform), store))
	path := filepath.Join(folder, fmt.Sprintf("%d-%s%s", terraform, hex.EncodeToString(sum[:16]), suffix))
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	x := &Exchange{id: rand.Text(), path: path, file: file}
	if err := x.skipEnded(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return x, nil
}

// skipEnded finds the senders that have ended.
func (x *Exchange) skipEnded() error {
	earlier, err := x.Receive()
	if err != nil {
		return err
	}
	x.opened, x.offset, x.ended = x.offset, 0, map[string]bool{}
	for _, m := range earlier {
		if _, known := x.ended[m.From]; !known {
			x.ended[m.From] = !isRunning(m.Process)
		}
	}
	return nil
}

// removeEnded removes the files of runs that have ended.
func removeEnded(folder string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		terraform, _, isFile := strings.Cut(entry.Name(), "-")
		pid, err := strconv.Atoi(terraform)
		if isFile && err == nil && strings.HasSuffix(entry.Name(), suffix) && !isRunning(pid) {
			_ = os.Remove(filepath.Join(folder, entry.Name()))
		}
	}
}

// StartOf returns a text that differs between processes with the same id. It is empty if the operating system has no
// /proc.
func StartOf(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The name of the program ends with the last parenthesis. The start time is the twentieth field after it.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const startTime = 19
	if len(fields) <= startTime {
		return ""
	}
	return fields[startTime]
}

// Send tells the other processes something. It sets the sender.
func (x *Exchange) Send(m Message) error {
	m.From, m.Process = x.id, os.Getpid()
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	_, err = x.file.Write(append(line, '\n'))
	return err
}

// Receive returns the messages that other processes have sent since the last call, in their order.
func (x *Exchange) Receive() ([]Message, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	info, err := x.file.Stat()
	if err != nil || info.Size() <= x.offset {
		return nil, err
	}
	text := make([]byte, info.Size()-x.offset)
	if _, err := x.file.ReadAt(text, x.offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var received []Message
	for {
		line, rest, complete := bytes.Cut(text, []byte("\n"))
		if !complete {
			return received, nil // the sender has not finished the line yet
		}
		text = rest
		isEarlier := x.offset < x.opened
		x.offset += int64(len(line)) + 1
		var m Message
		if err := json.Unmarshal(line, &m); err != nil {
			return nil, fmt.Errorf("reading the plans of other processes in %s: %w", x.path, err)
		}
		if m.From != x.id && !(isEarlier && x.ended[m.From]) {
			received = append(received, m)
		}
	}
}

// Close closes the file. Its content remains for the other processes.
func (x *Exchange) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.file.Close()
}

// isRunning reports whether a process runs. On Windows, a process that ended can still be found while another process
// has a handle of it.
func isRunning(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer process.Release() //nolint:errcheck // nothing was acquired that must be released
	return runtime.GOOS == "windows" || process.Signal(syscall.Signal(0)) == nil
}
