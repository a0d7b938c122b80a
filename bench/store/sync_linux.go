package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData writes the file's data to the disk, like a commit of SQLite.
func syncData(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }
