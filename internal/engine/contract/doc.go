// Package contract is what whoever uses the IAM and STS APIs in the SDK's shape may rely on, as one
// suite of tests: [Run] puts it to any implementation, the engine itself, the SDK's client in front
// of the engine, or a service on the network. An implementation is a [Service], and the suite asks it
// nothing but through the interfaces [IAM] and [STS].
//
// Scenarios stand by subject in a file each. What holds for every call, whatever it is about, is
// checked with every call, see try: neither inputs nor answers are shared with the service, documents
// are percent-encoded, times are whole seconds of UTC, lists are never nil, errors are the SDK's types.
//
// Whatever an operation can answer, some scenario makes it answer: Run fails for an operation that was
// never seen to succeed, and for an error of the service's model that was never seen, unless it is in
// the table of those that cannot arise, with the reason.
//
// It is for tests alone and no part of the program.
package contract
