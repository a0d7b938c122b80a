package contract

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	iam "github.com/aws/aws-sdk-go-v2/service/iam/types"
	sts "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// answerFaults describes each way in which an answer differs from the form that the API promises.
func answerFaults(name string, answer any) []string {
	var faults []string
	v := reflect.ValueOf(answer)
	if v.IsNil() {
		return []string{"the operation returned neither an answer nor an error"}
	}
	op, found := model.Lookup(name)
	if !found {
		return []string{"the service's model has no such operation"}
	}
	if op.Page != nil {
		for _, key := range op.Page.ResultKeys {
			if v.Elem().FieldByName(key).IsNil() {
				faults = append(faults, key+" is nil, want an empty list")
			}
		}
		truncated, marker := v.Elem().FieldByName("IsTruncated"), v.Elem().FieldByName("Marker")
		if truncated.Bool() == marker.IsNil() {
			faults = append(faults,
				fmt.Sprintf("IsTruncated is %v, but the answer has a Marker: %v", truncated.Bool(), !marker.IsNil()))
		}
	}
	walk(v, "", func(at string, v reflect.Value) {
		if t, isTime := v.Interface().(time.Time); isTime {
			if t.Location() != time.UTC || t.Nanosecond() != 0 || t.IsZero() {
				faults = append(faults, fmt.Sprintf("%s is %v, want a whole second of UTC", at, t))
			}
			return
		}
		if v.Kind() != reflect.String || !isDocument(at) {
			return
		}
		document, err := url.PathUnescape(v.String())
		switch {
		case err != nil:
			faults = append(faults, fmt.Sprintf("%s is not percent-encoded: %v", at, err))
		case strings.IndexFunc(v.String(), reserved) >= 0:
			faults = append(faults, fmt.Sprintf("%s has characters that RFC 3986 requires to be encoded: %s", at, v.String()))
		case !strings.HasPrefix(strings.TrimSpace(document), "{"):
			faults = append(faults, fmt.Sprintf("%s is not a JSON document: %s", at, document))
		}
	})
	return faults
}

// isDocument reports whether a member is a policy document.
func isDocument(at string) bool {
	return strings.HasSuffix(at, ".PolicyDocument") || strings.HasSuffix(at, ".AssumeRolePolicyDocument") ||
		strings.HasSuffix(at, ".Document")
}

// reserved reports whether a character must be encoded (RFC 3986, section 2.3). The percent sign is part of
// the encoding.
func reserved(r rune) bool {
	isLetter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	return !isLetter && (r < '0' || r > '9') && !strings.ContainsRune("-._~%", r)
}

// walk visits a value and, recursively, its members and elements.
func walk(v reflect.Value, at string, visit func(at string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), at, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), at, visit)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			walk(entries.Value(), at, visit)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			visit(at, v)
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				walk(v.Field(i), at+"."+f.Name, visit)
			}
		}
	default:
		visit(at, v)
	}
}

// overwrite overwrites a value and, recursively, its members and elements.
func overwrite(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			overwrite(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			overwrite(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.Zero(v.Type().Elem()))
		}
	case reflect.Struct:
		if t := reflect.TypeFor[time.Time](); v.Type() == t {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				overwrite(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("overwritten")
	case reflect.Int32, reflect.Int64:
		v.SetInt(-1)
	case reflect.Uint8:
		v.SetUint(0)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	}
}

// hasSDKType has for each error code a function that reports whether an error has the SDK's type for that code.
var hasSDKType = map[string]func(error) bool{
	"ConcurrentModification":        hasType[*iam.ConcurrentModificationException],
	"DeleteConflict":                hasType[*iam.DeleteConflictException],
	"EntityAlreadyExists":           hasType[*iam.EntityAlreadyExistsException],
	"EntityTemporarilyUnmodifiable": hasType[*iam.EntityTemporarilyUnmodifiableException],
	"InvalidAuthenticationCode":     hasType[*iam.InvalidAuthenticationCodeException],
	"InvalidInput":                  hasType[*iam.InvalidInputException],
	"InvalidUserType":               hasType[*iam.InvalidUserTypeException],
	"LimitExceeded":                 hasType[*iam.LimitExceededException],
	"NoSuchEntity":                  hasType[*iam.NoSuchEntityException],
	"PasswordPolicyViolation":       hasType[*iam.PasswordPolicyViolationException],
	"PolicyEvaluation":              hasType[*iam.PolicyEvaluationException],
	"PolicyNotAttachable":           hasType[*iam.PolicyNotAttachableException],
	"ReportExpired":                 hasType[*iam.CredentialReportExpiredException],
	"ReportInProgress":              hasType[*iam.CredentialReportNotReadyException],
	"ReportNotPresent":              hasType[*iam.CredentialReportNotPresentException],
	"ServiceFailure":                hasType[*iam.ServiceFailureException],
	"UnmodifiableEntity":            hasType[*iam.UnmodifiableEntityException],
	"MalformedPolicyDocument": hasEitherType[*iam.MalformedPolicyDocumentException,
		*sts.MalformedPolicyDocumentException],

	"ExpiredTokenException":                hasType[*sts.ExpiredTokenException],
	"InvalidAuthorizationMessageException": hasType[*sts.InvalidAuthorizationMessageException],
	"PackedPolicyTooLarge":                 hasType[*sts.PackedPolicyTooLargeException],
	"RegionDisabledException":              hasType[*sts.RegionDisabledException],
}

// hasType reports whether an error has a type.
func hasType[E error](err error) bool {
	_, found := errors.AsType[E](err)
	return found
}

// hasEitherType reports whether an error has one of two types.
func hasEitherType[E, F error](err error) bool { return hasType[E](err) || hasType[F](err) }

// errorFaults describes each way in which an error differs from the SDK's errors.
func errorFaults(name string, err error) []string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		var params smithy.InvalidParamsError // the SDK returns this error before it sends a request
		if errors.As(err, &params) {
			return nil
		}
		return []string{"the error is not a smithy.APIError"}
	}
	var faults []string
	if api.ErrorMessage() == "" {
		faults = append(faults, "the error has no message")
	}
	known, found := model.LookupError(api.ErrorCode())
	if !found {
		faults = append(faults, "the model does not define the error's code")
	} else if api.ErrorFault() != known.Fault {
		faults = append(faults, fmt.Sprintf("the error's fault is %s, want %s", api.ErrorFault(), known.Fault))
	}
	if hasType, found := hasSDKType[api.ErrorCode()]; found && !hasType(err) {
		faults = append(faults, "the error does not have the SDK's type for "+api.ErrorCode())
	}
	op, found := model.Lookup(name)
	if found && api.ErrorCode() == "MalformedPolicyDocument" &&
		(op.Service == "sts") != hasType[*sts.MalformedPolicyDocumentException](err) {
		faults = append(faults, "the error has the type of the other service")
	}
	return faults
}
