package engine

import (
	"errors"
	"reflect"
	"regexp"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// Every call has a request id: the one of its [Circumstances], or a new one. The answer carries it in its
// ResultMetadata, as [awsmiddleware.GetRequestIDMetadata] reads it, and an error as [RequestID] reads it. The audit
// record of the call has the same id. Where equal reads or failures are counted in one record, it has the first one's.

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._:/+=@-]{1,128}$`)

// validateRequestID refuses an id that does not belong into an audit record. The empty id asks for a new one.
func validateRequestID(id string) error {
	if id != "" && !requestIDPattern.MatchString(id) {
		return validationError("The request id has an invalid character or %d bytes; expected 1 to 128 letters, digits and ._:/+=@-", len(id))
	}
	return nil
}

// requestIDOf returns the given id if it is valid, or else a new one.
func requestIDOf(given string) string {
	if given == "" || validateRequestID(given) != nil {
		return newUUID()
	}
	return given
}

var metadataType = reflect.TypeFor[middleware.Metadata]()

// setRequestID puts the id into the ResultMetadata of an output, which is a struct.
func setRequestID(output reflect.Value, id string) {
	// The SDK's structs have the field at the end.
	for i := output.NumField() - 1; i >= 0; i-- {
		if field := output.Field(i); field.Type() == metadataType {
			awsmiddleware.SetRequestIDMetadata(field.Addr().Interface().(*middleware.Metadata), id)
			return
		}
	}
}

// RequestID returns the request id of a call that failed; false where the error is not a call's.
func RequestID(err error) (string, bool) {
	var with interface{ ServiceRequestID() string }
	if !errors.As(err, &with) {
		return "", false
	}
	return with.ServiceRequestID(), true
}

// requestError is the error of a call with its request id. Its text is the error's alone.
type requestError struct {
	error
	id string
}

func withRequestID(err error, id string) error { return &requestError{err, id} }

// ServiceRequestID returns the request id, under the name that the errors of the SDK's clients have for it.
func (e *requestError) ServiceRequestID() string { return e.id }

func (e *requestError) Unwrap() error { return e.error }
