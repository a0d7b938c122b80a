package store

import (
	"errors"
	"fmt"
	"time"
)

// Errors that callers tell apart with [errors.Is].
var (
	// ErrNotFound is what a lookup answers for what is not there, and a write for a record that it
	// refers to: a policy attached to a user that does not exist.
	ErrNotFound = errors.New("not found")
	// ErrExists is what a write answers where another record has the name, or the id, already.
	ErrExists = errors.New("exists already")
	// ErrInUse is what a deletion answers while another record refers to what it would delete.
	ErrInUse = errors.New("in use")
	// ErrBusy is what Write answers where another process kept the store to itself for too long.
	// What was to be written was not, and may be tried again.
	ErrBusy = errors.New("the database is busy")
	// ErrClosed is what a store that was closed answers.
	ErrClosed = errors.New("the store is closed")
)

// busyTimeout is how long a write waits for other processes.
const busyTimeout = 10 * time.Second

func errBusy(path string) error {
	return fmt.Errorf("another process has kept %s from being written for %v; try again when it is done: %w", path, busyTimeout, ErrBusy)
}

// about says what an error is about; it keeps nil.
func about(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
