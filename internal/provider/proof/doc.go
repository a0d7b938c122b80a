// Package proof reads the arguments of the functions that ask package analysis about all requests, and builds their
// results.
package proof
