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

// answerFaults returns the faults of an answer: forms that the API promises and the answer does not have.
func answerFaults(name string, answer any) []string {
	var faults []string
	v := reflect.ValueOf(answer)
	if v.IsNil() {
		return []string{"it answered nil and no error"}
	}
	op, found := model.Lookup(name)
	if !found {
		return []string{"the service's model has no such operation"}
	}
	if op.Page != nil {
		for _, key := range op.Page.ResultKeys {
			if v.Elem().FieldByName(key).IsNil() {
				faults = append(faults, key+" is nil where it should be empty")
			}
		}
		truncated, marker := v.Elem().FieldByName("IsTruncated"), v.Elem().FieldByName("Marker")
		if truncated.Bool() == marker.IsNil() {
			faults = append(faults, fmt.Sprintf("IsTruncated is %v, and the presence of a Marker is %v", truncated.Bool(), !marker.IsNil()))
		}
	}
	walk(v, "", func(at string, v reflect.Value) {
		if t, isTime := v.Interface().(time.Time); isTime {
			if t.Location() != time.UTC || t.Nanosecond() != 0 || t.IsZero() {
				faults = append(faults, fmt.Sprintf("%s is %v, not a whole second of UTC", at, t))
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
	return strings.HasSuffix(at, ".PolicyDocument") || strings.HasSuffix(at, ".AssumeRolePolicyDocument") || strings.HasSuffix(at, ".Document")
}

// reserved reports whether a character must be encoded (RFC 3986, section 2.3). The percent sign is part of the encoding.
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

// modelled has for each error code a function that reports whether an error has the SDK's type for that code.
var modelled = map[string]func(error) bool{
	"ConcurrentModification":        is[*iam.ConcurrentModificationException],
	"DeleteConflict":                is[*iam.DeleteConflictException],
	"EntityAlreadyExists":           is[*iam.EntityAlreadyExistsException],
	"EntityTemporarilyUnmodifiable": is[*iam.EntityTemporarilyUnmodifiableException],
	"InvalidAuthenticationCode":     is[*iam.InvalidAuthenticationCodeException],
	"InvalidInput":                  is[*iam.InvalidInputException],
	"InvalidUserType":               is[*iam.InvalidUserTypeException],
	"LimitExceeded":                 is[*iam.LimitExceededException],
	"NoSuchEntity":                  is[*iam.NoSuchEntityException],
	"PasswordPolicyViolation":       is[*iam.PasswordPolicyViolationException],
	"PolicyEvaluation":              is[*iam.PolicyEvaluationException],
	"PolicyNotAttachable":           is[*iam.PolicyNotAttachableException],
	"ReportExpired":                 is[*iam.CredentialReportExpiredException],
	"ReportInProgress":              is[*iam.CredentialReportNotReadyException],
	"ReportNotPresent":              is[*iam.CredentialReportNotPresentException],
	"ServiceFailure":                is[*iam.ServiceFailureException],
	"UnmodifiableEntity":            is[*iam.UnmodifiableEntityException],
	"MalformedPolicyDocument":       either[*iam.MalformedPolicyDocumentException, *sts.MalformedPolicyDocumentException],

	"ExpiredTokenException":                is[*sts.ExpiredTokenException],
	"InvalidAuthorizationMessageException": is[*sts.InvalidAuthorizationMessageException],
	"PackedPolicyTooLarge":                 is[*sts.PackedPolicyTooLargeException],
	"RegionDisabledException":              is[*sts.RegionDisabledException],
}

func is[E error](err error) bool {
	_, found := errors.AsType[E](err)
	return found
}

func either[E, F error](err error) bool { return is[E](err) || is[F](err) }

// errorFaults returns the faults of an error: properties of the SDK's errors that it does not have.
func errorFaults(name string, err error) []string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		var params smithy.InvalidParamsError // the SDK's own, before a request is made
		if errors.As(err, &params) {
			return nil
		}
		return []string{"it is no smithy.APIError"}
	}
	var faults []string
	if api.ErrorMessage() == "" {
		faults = append(faults, "it has no message")
	}
	known, found := model.LookupError(api.ErrorCode())
	if !found {
		faults = append(faults, "nobody knows its code")
	} else if api.ErrorFault() != known.Fault {
		faults = append(faults, fmt.Sprintf("its fault is %s, not %s", api.ErrorFault(), known.Fault))
	}
	if typed, modelled := modelled[api.ErrorCode()]; modelled && !typed(err) {
		faults = append(faults, "it is not the SDK's type for "+api.ErrorCode())
	}
	op, found := model.Lookup(name)
	if found && api.ErrorCode() == "MalformedPolicyDocument" && (op.Service == "sts") != is[*sts.MalformedPolicyDocumentException](err) {
		faults = append(faults, "it is the other service's type")
	}
	return faults
}
