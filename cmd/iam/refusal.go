package main

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
)

// refusal is an error that the service returned because it refused a call.
type refusal struct {
	operation string
	api       smithy.APIError
}

// asRefusal converts an error of the service into a refusal. It returns any other error unchanged,
// including a failure of the service itself.
func asRefusal(operation string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer {
		return err
	}
	return &refusal{operation, api}
}

// Error returns the error in the form of the AWS CLI.
func (r *refusal) Error() string {
	return printable(fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", r.api.ErrorCode(),
		r.operation, r.api.ErrorMessage()))
}

func (r *refusal) Unwrap() error { return r.api }

// withoutErrorCode returns an operation's error with its message alone. Commands that are only for the local
// operator use it.
func withoutErrorCode(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	if api.ErrorFault() == smithy.FaultServer {
		if cause := errors.Unwrap(api); cause != nil {
			return cause
		}
		return err
	}
	return errors.New(api.ErrorMessage())
}
