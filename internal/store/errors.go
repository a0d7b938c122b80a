package store

import "errors"

// Errors that callers distinguish with [errors.Is].
var (
	// ErrNotFound reports that a record does not exist: the one that was looked up, or one that a write
	// refers to, such as the user that a policy is attached to.
	ErrNotFound = errors.New("not found")
	// ErrExists reports that another record already has the name or the id.
	ErrExists = errors.New("exists already")
	// ErrInUse reports that a record cannot be deleted because another record refers to it.
	ErrInUse = errors.New("in use")
	// ErrBusy reports that another process blocked the database for too long. Nothing was written, and
	// the caller may try again.
	ErrBusy = errors.New("the database is busy")
	// ErrReadOnly reports a write to a store that the process may only read.
	ErrReadOnly = errors.New("the store is read-only")
	// ErrDamaged reports that another program changed the database, or that it is damaged.
	ErrDamaged = errors.New("the database is damaged")
	// ErrClosed reports that the store is closed.
	ErrClosed = errors.New("the store is closed")
)
