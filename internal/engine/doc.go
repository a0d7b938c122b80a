// Package engine is the IAM service. It implements operations of AWS's IAM and STS APIs, and
// operations of its own, with their rules, limits and errors. It stores the account in a database.
//
// [Open] opens an account. [Engine.As] returns a [Client] that acts as one caller. The client's
// methods are the operations. Those of [IAMAPI] and [STSAPI] have the signatures of the AWS SDK's
// clients, so that a program can call the engine in process or AWS over the network. The engine
// ignores the option functions of those signatures, since it sends no request that they could
// change. [ExtensionAPI] has the operations that AWS's API lacks.
//
// An operation is one entry in the registry. The entry has the operation's name, the callers that may
// use it, the permissions that they need, and the function that does the work. One dispatcher runs all
// operations, in this order:
//
//   - it copies and validates the input;
//   - if the input has a password or code that callers could try to guess, it counts the attempt, in a
//     transaction of its own;
//   - if the operation has slow work, such as hashing a password, it authorizes the caller and
//     does that work;
//   - in one transaction, it identifies the caller, authorizes the call, records the last use of the
//     caller's key or role, runs the operation and writes the audit record, with digests of the objects
//     that the operation changed.
//
// The process may lack the permission to write to the store. Then only operations that read work, and
// they leave no audit records.
//
// The engine holds the audit records of reads and of refused calls in memory for a second, and then
// writes them together. It counts equal ones in one record. An operation that fails changes nothing
// except the count of attempts.
//
// The zero [Caller] may do nothing. Callers come from [Engine.Authenticate], from [Anonymous] for a
// user that signs in and, only for the embedded provider and the local command line, from
// [LocalOperator]. Programs pass a caller to [Engine.As], never in a context.
//
// The engine copies inputs, and the caller owns outputs. Outputs have the same form as on the wire:
// documents are percent-encoded, times have whole seconds, and empty lists are not nil. If the
// service's model names an error, the error has the SDK's type. Otherwise it is a generic API error
// with a code. [errors.As] finds both.
//
// The package knows neither HTTP nor Terraform.
package engine
