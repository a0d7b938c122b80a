// Command iam answers access questions and checks policies, and works on an
// account in a file: for a reviewer at a terminal, for a pipeline that must not
// let a mistake through, and for who keeps the account. What "iam help" says of
// its commands is their manual.
//
// It holds no rules of its own. What a question means is in
// internal/simulation, what a policy means in internal/authz and
// internal/policy, what an operation does in internal/engine; here are flags,
// files and the forms in which answers are written.
package main

import "os"

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
