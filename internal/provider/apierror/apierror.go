// Package apierror turns errors of the API into diagnostics.
package apierror

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// Add adds the error of a call. attempted describes the call, such as `creating user "alice"`.
func Add(diags *diag.Diagnostics, attempted string, err error) {
	diags.AddError(UpperFirst(attempted)+" failed", Text(err))
}

// Text returns the text of an error. It starts with the error code of the API, which readers can
// look up.
func Text(err error) string {
	var refusal smithy.APIError
	if errors.As(err, &refusal) {
		return fmt.Sprintf("%s: %s", refusal.ErrorCode(), refusal.ErrorMessage())
	}
	return err.Error()
}

// IsMissing reports whether the API answered that the object does not exist.
func IsMissing(err error) bool {
	var missing *types.NoSuchEntityException
	return errors.As(err, &missing)
}

// UnlessMissing returns nil if the error is that the object does not exist, and otherwise the
// error. Deletions use it, because the object may already be deleted.
func UnlessMissing(err error) error {
	if IsMissing(err) {
		return nil
	}
	return err
}

// UpperFirst returns the text with a capital first letter.
func UpperFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// IsAssertionViolation reports whether the account refused a change because of an access assertion.
func IsAssertionViolation(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == engine.AccessAssertionViolation
}
