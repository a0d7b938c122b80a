//go:build !race

package authz

// raceDetector reports whether the tests run under the race detector.
const raceDetector = false
