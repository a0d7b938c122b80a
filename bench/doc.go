// Command bench compares the policy evaluator of this repository with three
// other authorization engines: cedar-go, OPA and casbin.
//
// Every engine is given the same statements, each in its own idiom, and the
// same requests, and must give the same answers before anything is timed.
// One run measures all of them in one process, in interleaved rounds, so that
// the ratios hold on whatever machine runs it; the absolute times do not
// travel.
//
//	go run .                          the whole table
//	go run . -scenario c -engine iam,cedar-go
//	go test                           only the check that the engines agree
//	go test -bench Decide/b/iam       one cell, with the usual profiling flags
//
// README.md says what is measured and how it is kept fair.
//
// The module is separate from the product, so that the peers are no dependency
// of it.
package main
