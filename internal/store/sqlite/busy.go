package sqlite

import (
	"fmt"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// busyTimeout is how long a write waits for other processes.
const busyTimeout = 10 * time.Second

func errBusy(path string) error {
	return fmt.Errorf(
		"another process has blocked writes to %s for %v; try again when that process is done: %w", path, busyTimeout, store.ErrBusy,
	)
}

// about adds a description of the subject to an error. It returns nil for nil.
func about(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
