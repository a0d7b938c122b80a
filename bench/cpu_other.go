//go:build !unix

package main

import "time"

var start = time.Now()

// cpuTime returns the elapsed time, because this platform does not report CPU time.
func cpuTime() time.Duration { return time.Since(start) }
