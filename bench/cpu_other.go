//go:build !unix

package main

import "time"

var start = time.Now()

// cpuTime stands in with the time passed.
func cpuTime() time.Duration { return time.Since(start) }
