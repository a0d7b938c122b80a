package model

import "github.com/aws/smithy-go"

// Error is an error code of the wire format.
type Error struct {
	Code string
	// Status is the HTTP status of a response with this error.
	Status int
	// Fault says who caused the error: smithy.FaultClient is Sender in the wire format, smithy.FaultServer is Receiver.
	Fault smithy.ErrorFault
}

// LookupError returns the error with a code, such as NoSuchEntity. It knows the errors of the models and the
// errors that every operation can return.
func LookupError(code string) (Error, bool) {
	if e, ok := modelErrors[code]; ok {
		return e, true
	}
	status, ok := commonErrors[code]
	if !ok {
		return Error{}, false
	}
	fault := smithy.FaultClient
	if status >= 500 {
		fault = smithy.FaultServer
	}
	return Error{Code: code, Status: status, Fault: fault}, true
}

// commonErrors has the statuses of the errors that the models do not list. See "Common Errors" in the API
// references of IAM and STS.
var commonErrors = map[string]int{
	"AccessDenied":                403,
	"ExpiredToken":                403,
	"IncompleteSignature":         400,
	"InternalFailure":             500,
	"InvalidAction":               400,
	"InvalidClientTokenId":        403,
	"InvalidParameterCombination": 400,
	"InvalidParameterValue":       400,
	"InvalidQueryParameter":       400,
	"MalformedQueryString":        404,
	"MissingAction":               400,
	"MissingAuthenticationToken":  403,
	"MissingParameter":            400,
	"OptInRequired":               403,
	"RequestExpired":              400,
	"ServiceUnavailable":          503,
	"SignatureDoesNotMatch":       403,
	"Throttling":                  400,
	"ValidationError":             400,
}
