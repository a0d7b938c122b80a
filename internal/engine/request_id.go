package engine

import (
	"errors"
	"reflect"
	"regexp"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// Every call has a request id: the id in its [Circumstances], or else a new one.
// [awsmiddleware.GetRequestIDMetadata] reads the id from the ResultMetadata of an output, and
// [RequestID] reads it from an error. The audit record of the call has the same id. A record that
// counts several equal reads or failures has the id of the first one.

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._:/+=@-]{1,128}$`)

// validateRequestID returns an error for an id that is too long, or that has a character which an
// audit record must not contain. The empty id is valid: it requests a new id.
func validateRequestID(id string) error {
	if id != "" && !requestIDPattern.MatchString(id) {
		return validationError("The request id of %d bytes is too long or has an invalid character; "+
			"expected 1 to 128 letters, digits and ._:/+=@-", len(id))
	}
	return nil
}

// requestIDOrNew returns the id if it is valid, and otherwise a new one.
func requestIDOrNew(id string) string {
	if id == "" || validateRequestID(id) != nil {
		return newUUID()
	}
	return id
}

var metadataType = reflect.TypeFor[middleware.Metadata]()

// setRequestID sets the id in the ResultMetadata of an output struct.
func setRequestID(output reflect.Value, id string) {
	// The SDK's structs have the field at the end.
	for i := output.NumField() - 1; i >= 0; i-- {
		if field := output.Field(i); field.Type() == metadataType {
			awsmiddleware.SetRequestIDMetadata(field.Addr().Interface().(*middleware.Metadata), id)
			return
		}
	}
}

// RequestID returns the request id of a failed call. The result is false if the error does not come
// from a call.
func RequestID(err error) (string, bool) {
	var callError interface{ ServiceRequestID() string }
	if !errors.As(err, &callError) {
		return "", false
	}
	return callError.ServiceRequestID(), true
}

// requestError adds the request id to the error of a call. Its text does not contain the id.
type requestError struct {
	error
	id string
}

func withRequestID(err error, id string) error { return &requestError{err, id} }

// ServiceRequestID returns the request id. The errors of the SDK's clients have a method of the
// same name.
func (e *requestError) ServiceRequestID() string { return e.id }

func (e *requestError) Unwrap() error { return e.error }
