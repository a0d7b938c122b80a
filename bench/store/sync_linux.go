package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData has the file's data on the disk when it returns, as SQLite's commits do.
func syncData(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }
