// Command iam answers access questions, checks policies, and manages an account in
// a file. It is for reviewers at a terminal, for pipelines, and for operators of an
// account. The output of "iam help" is its manual.
//
// The package has flags, files and output formats, and no rules of IAM. Package
// simulation reads questions, authz and policy know the policy language, and engine
// runs the operations.
package main

import "os"

// version is the released version. The linker sets it: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
