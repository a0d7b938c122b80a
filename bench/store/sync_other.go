//go:build !linux

package main

import "os"

// syncData has the file's data on the disk when it returns.
func syncData(f *os.File) error { return f.Sync() }
