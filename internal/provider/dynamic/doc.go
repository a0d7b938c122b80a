// Package dynamic decodes Terraform values of any type.
//
// Policies, requests and statements reach the provider as dynamic arguments: the author may write
// JSON text, an object, a tuple, a list, a set or a map, and any part of it may be unknown. Decode
// turns all of them into one tree (package tree), the input of the packages policy, simulation and
// document. The functions in arguments.go read one argument of a provider function and report
// errors at that argument.
package dynamic
