package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// failed says that a call did not succeed. attempted is what was to be done, such as `creating user "alice"`.
func addFailure(diags *diag.Diagnostics, attempted string, err error) {
	diags.AddError(upperFirst(attempted)+" failed", errorText(err))
}

// errorText is an error of the API with its code, which people look up.
func errorText(err error) string {
	var refusal smithy.APIError
	if errors.As(err, &refusal) {
		return fmt.Sprintf("%s: %s", refusal.ErrorCode(), refusal.ErrorMessage())
	}
	return err.Error()
}

// isMissing reports whether the API answered that there is no such thing.
func isMissing(err error) bool {
	var missing *types.NoSuchEntityException
	return errors.As(err, &missing)
}

// unlessMissing is the error, if it is not that there is no such thing: what is to be deleted may be gone already.
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
