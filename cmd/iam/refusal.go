package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
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

// Error returns the error in the form of the AWS CLI, without the encoded reasons of a denial.
func (r *refusal) Error() string {
	message := r.api.ErrorMessage()
	if denied := r.denied(); denied != nil {
		message = denied.Summary
	}
	return r.text(message)
}

// print writes the error and, for a caller who may decode the reasons of a denial, the reasons. encoded says
// whether the error includes the encoded reasons instead.
func (r *refusal) print(out io.Writer, encoded bool) {
	if encoded {
		_, _ = fmt.Fprintln(out, r.text(r.api.ErrorMessage()))
		return
	}
	_, _ = fmt.Fprintln(out, r.Error())
	if denied := r.denied(); denied != nil && denied.Explanation != "" {
		_, _ = fmt.Fprintln(out, printableLines(denied.Explanation))
	}
}

func (r *refusal) denied() *engine.DeniedError {
	var denied *engine.DeniedError
	errors.As(error(r.api), &denied)
	return denied
}

func (r *refusal) text(message string) string {
	return printableLines(fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", r.api.ErrorCode(),
		r.operation, message))
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
