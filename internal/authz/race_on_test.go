//go:build race

package authz

// raceDetector says whether the tests run under the race detector.
const raceDetector = true
