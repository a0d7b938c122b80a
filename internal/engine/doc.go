// Package engine is the IAM service: every operation of AWS's IAM and STS APIs that this project
// offers, with its rules, limits and errors, over a durable store.
//
// [Open] opens an account; [Engine.As] gives a [Client] that acts as one caller and has the
// operations as methods, with the signatures of the AWS SDK's own clients. What is asked of the
// SDK's client can so be asked of the engine, in process, and the other way round. The option
// functions of those signatures are ignored: there is no request whose making they could change.
//
// An operation is one entry in the registry: its name, what it asks of its caller's permissions, and
// what it does. One dispatcher does the rest for all of them, in this order:
//
//   - the input is copied and validated;
//   - where it has a one-time code, an attempt is counted, in a transaction of its own;
//   - what takes long, such as hashing a password, is done, if the caller may;
//   - in one transaction, the caller is looked up as it is now, its permissions are decided about, the
//     use of its key or role is noted, the operation runs, and its audit record is written.
//
// The records of calls that only read, and of those that were refused, are held for a second and
// written together; equal ones are counted in one. An operation that fails has changed nothing but
// the count of attempts. What AWS's API has no operation for, such as the quotas or the end of
// sessions, is done in the same way by methods of the Client, and is recorded under a name of its own.
//
// The zero [Caller] may do nothing. A caller comes from [Engine.Authenticate] or, for the embedded
// provider and the local command line only, from [LocalOperator]; it is handed over in [Engine.As]
// and never travels in a context.
//
// What goes in is copied and what comes out is the caller's to keep. Answers are what the wire
// would carry: documents percent-encoded, times in whole seconds, empty lists empty and not nil.
// Errors are the SDK's types for what the service's model names, and otherwise a generic API error
// with a code; find both with [errors.As].
//
// The package knows neither HTTP nor Terraform.
package engine
