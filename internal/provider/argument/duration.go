package argument

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Duration returns the validator of a positive duration in the format of Go, such as 72h.
func Duration() validator.String { return durationValidator{} }

type durationValidator struct{}

// Description returns the requirement of the validator.
func (durationValidator) Description(context.Context) string {
	return "must be a positive duration, such as 72h or 90m"
}

// MarkdownDescription returns the requirement of the validator.
func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString adds an error for a text that is not a positive duration.
func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest,
	resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
