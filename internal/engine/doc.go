// Package engine is the IAM service: the operations of AWS's IAM and STS APIs that this project
// offers, and those of its own, over a durable store. It has their rules, limits and errors.
//
// [Open] opens an account. [Engine.As] returns a [Client] that acts as one caller. The client's
// methods are the operations. Those of [IAMAPI] and [STSAPI] have the signatures of the AWS SDK's
// clients, so that a program can call the engine in process or AWS over the network. The engine
// ignores the option functions of those signatures, since it sends no request that they could
// change. [ExtensionAPI] has the operations that AWS's API lacks.
//
// An operation is one entry in the registry: its name, the callers that may use it, the permissions
// that it takes, and what it does. One dispatcher runs all operations, in this order:
//
//   - it copies and validates the input;
//   - if the input has a secret that could be guessed, it counts the attempt, in a transaction of
//     its own;
//   - if the operation has slow work, such as hashing a password, it authorizes the caller and
//     does that work;
//   - in one transaction, it identifies the caller, authorizes it, notes the use of its key or
//     role, runs the operation and writes the audit record.
//
// The records of calls that only read, and of calls that were refused, are held for a second and
// written together. Equal ones are counted in one record. An operation that fails changes nothing
// except the count of attempts.
//
// The zero [Caller] may do nothing. Callers come from [Engine.Authenticate], from [Anonymous] for a
// user that signs in and, for the embedded provider and the local command line only, from
// [LocalOperator]. A caller is passed to [Engine.As] and never travels in a context.
//
// Inputs are copied, and outputs belong to the caller. Outputs have the form that they have on the
// wire: documents percent-encoded, times in whole seconds, empty lists empty and not nil. Errors
// are the SDK's types where the service's model names them, and otherwise generic API errors with a
// code. [errors.As] finds both.
//
// The package knows neither HTTP nor Terraform.
package engine
