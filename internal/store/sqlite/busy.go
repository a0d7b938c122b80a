package sqlite

import (
	"fmt"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// busyTimeout is how long a write waits for other processes.
const busyTimeout = 10 * time.Second

// errBusy returns an error that matches ErrBusy and says how to proceed.
func errBusy(path string) error {
	return fmt.Errorf(
		"another process has blocked writes to %s for %v; try again when that process is done: %w", path, busyTimeout,
		store.ErrBusy,
	)
}

// describe puts a description of the operation or the record before an error. It returns nil for nil.
func describe(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
