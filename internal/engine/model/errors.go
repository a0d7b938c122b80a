package model

import "github.com/aws/smithy-go"

// Error is an error code as it goes over the wire.
type Error struct {
	Code string
	// Status is the HTTP status of an answer with it.
	Status int
	// Fault says whose it is: smithy.FaultClient is the wire's Sender, smithy.FaultServer its
	// Receiver.
	Fault smithy.ErrorFault
}

// LookupError finds an error by its code on the wire, such as NoSuchEntity: those of the models
// and those that every operation may give.
func LookupError(code string) (Error, bool) {
	if e, ok := modelledErrors[code]; ok {
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

// commonErrors has the status of the errors that no model names. See "Common Errors" in the API
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
