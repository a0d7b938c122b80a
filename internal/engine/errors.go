package engine

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	iam "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
)

// The following functions return errors of the SDK's types, for the errors that the service's model
// names. They format the message like fmt.Sprintf.

func noSuchEntity(format string, args ...any) error {
	return &iam.NoSuchEntityException{Message: message(format, args)}
}

func entityAlreadyExists(format string, args ...any) error {
	return &iam.EntityAlreadyExistsException{Message: message(format, args)}
}

func deleteConflict(format string, args ...any) error {
	return &iam.DeleteConflictException{Message: message(format, args)}
}

func limitExceeded(format string, args ...any) error {
	return &iam.LimitExceededException{Message: message(format, args)}
}

func invalidInput(format string, args ...any) error {
	return &iam.InvalidInputException{Message: message(format, args)}
}

func malformedPolicyDocument(format string, args ...any) error {
	return &iam.MalformedPolicyDocumentException{Message: message(format, args)}
}

func policyNotAttachable(format string, args ...any) error {
	return &iam.PolicyNotAttachableException{Message: message(format, args)}
}

func unmodifiableEntity(format string, args ...any) error {
	return &iam.UnmodifiableEntityException{Message: message(format, args)}
}

func message(format string, args []any) *string { return aws.String(fmt.Sprintf(format, args...)) }

// The following functions return the errors that every operation may return. The SDK has no types for
// them, so they are generic API errors with a code.

func validationError(format string, args ...any) error {
	return clientError("ValidationError", format, args...)
}

func accessDenied(format string, args ...any) error {
	return clientError("AccessDenied", format, args...)
}

func errMissingToken() error {
	return clientError("MissingAuthenticationToken", "Request is missing Authentication Token")
}

func errInvalidToken() error {
	return clientError("InvalidClientTokenId", "The security token included in the request is invalid.")
}

func errExpiredToken() error {
	return clientError("ExpiredToken", "The security token included in the request is expired")
}

// clientError returns a generic API error for a mistake of the caller.
func clientError(code, format string, args ...any) error {
	return &smithy.GenericAPIError{Code: code, Message: *message(format, args), Fault: smithy.FaultClient}
}

const readOnlyStore = "ReadOnlyStore"

// IsReadOnlyStore reports whether a call failed because it writes and the process can only read the store.
func IsReadOnlyStore(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == readOnlyStore
}

// errReadOnlyStore returns the error of an operation that writes to a store that the process can only
// read.
func errReadOnlyStore(path string) error {
	return clientError(readOnlyStore, "The account in %q cannot be written by this process, so only operations that "+
		"read are possible: change the permissions of the file and its directory, or use a copy that can be written.", path)
}

// serviceFailure reports an internal error of the engine. Its code and message are always the same, so
// that they reveal no files or tables to callers. Error adds the cause, for the operator's logs.
type serviceFailure struct {
	smithy.GenericAPIError
	cause error
}

func newServiceFailure(cause error) error {
	return &serviceFailure{
		GenericAPIError: smithy.GenericAPIError{
			Code:    "ServiceFailure",
			Message: "The request processing has failed because of an unknown error, exception or failure.",
			Fault:   smithy.FaultServer,
		},
		cause: cause,
	}
}

func (e *serviceFailure) Error() string { return e.GenericAPIError.Error() + ": " + e.cause.Error() }
func (e *serviceFailure) Unwrap() error { return e.cause }
