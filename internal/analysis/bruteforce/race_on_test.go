//go:build race

package bruteforce

// raceDetector reports whether the tests run under the race detector.
const raceDetector = true
