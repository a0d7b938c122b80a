// Command bench compares the policy evaluator of this repository with three other authorization engines:
// cedar-go, OPA and casbin.
//
// Each engine gets the same statements in its own language and the same requests. All engines must give the
// same answers before anything is measured. One run measures all engines in one process, in interleaved
// rounds. The ratios are therefore comparable between machines; the absolute times are not.
//
//	go run .                          the whole table
//	go run . -scenario c -engine iam,cedar-go
//	go test                           only check that the engines agree
//	go test -bench Decide/b/iam       one cell, with the usual profiling flags
//
// README.md describes the measurements and how they are made fair.
//
// The module is separate from the product, so that the product does not depend on the other engines.
package main
