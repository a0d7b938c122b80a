package main

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
)

// refusal is an answer of the service that says no.
type refusal struct {
	operation string
	api       smithy.APIError
}

// refused makes a refusal of an error of the service. Other errors, and those that are the service's own fault, stay
// what they are: to them there was no answer.
func refused(operation string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer {
		return err
	}
	return &refusal{operation, api}
}

// Error is the refusal as the aws command line tells it.
func (r *refusal) Error() string {
	return plain(fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", r.api.ErrorCode(), r.operation, r.api.ErrorMessage()))
}

func (r *refusal) Unwrap() error { return r.api }

// localError returns the error of an operation for the local operator in the engine's own words, without the form that
// it has on the wire.
func localError(err error) error {
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
