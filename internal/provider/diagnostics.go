package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// addFailure adds the error of a call. attempted says what was attempted, such as `creating user "alice"`.
func addFailure(diags *diag.Diagnostics, attempted string, err error) {
	diags.AddError(upperFirst(attempted)+" failed", errorText(err))
}

// errorText returns the text of an error. It starts with the error code of the API, which readers can look up.
func errorText(err error) string {
	var refusal smithy.APIError
	if errors.As(err, &refusal) {
		return fmt.Sprintf("%s: %s", refusal.ErrorCode(), refusal.ErrorMessage())
	}
	return err.Error()
}

// isMissing reports whether the API answered that the object does not exist.
func isMissing(err error) bool {
	var missing *types.NoSuchEntityException
	return errors.As(err, &missing)
}

// unlessMissing returns nil for the error that the object does not exist, and otherwise the error. An object to be deleted may
// be deleted already.
func unlessMissing(err error) error {
	if isMissing(err) {
		return nil
	}
	return err
}

func upperFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
