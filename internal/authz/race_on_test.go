//go:build race

package authz

// raceDetector tells whether the tests run under the race detector.
const raceDetector = true
