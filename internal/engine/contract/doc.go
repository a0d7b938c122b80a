// Package contract is a test suite for implementations of the IAM and STS APIs. It states what a caller may
// rely on. [Run] tests any implementation: the engine itself, the AWS SDK's client in front of the engine, or
// a service on the network. An implementation is a [Service]; the suite calls it only through the interfaces
// [IAM] and [STS]. [RunExtension] tests the operations that AWS's APIs lack.
//
// Each subject has its scenarios in a file. The function call checks the rules for every call: the service
// does not share inputs or answers with the caller, documents are percent-encoded, times are whole seconds of
// UTC, lists are not nil, and errors have the SDK's types.
//
// The suite covers every result that an operation can have. Run fails if no scenario saw an operation succeed, or if no
// scenario saw an error of the service's model. The table cannotArise lists the errors that no caller can
// cause, with the reason for each.
//
// The package is for tests only and not a part of the product.
package contract
