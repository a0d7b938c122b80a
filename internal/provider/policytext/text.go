// Package policytext implements the type of arguments that contain a policy document as JSON. Texts
// with the same meaning are equal. Validation refuses a text that is invalid for its kind of
// policy. [Findings] turns the findings about a policy into Terraform's diagnostics.
package policytext

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Type is the type of a policy document of one kind.
type Type struct {
	basetypes.StringType
	Kind policy.Kind
}

// Text is a policy document as JSON.
type Text struct {
	basetypes.StringValue
	Kind policy.Kind
}

var (
	_ basetypes.StringTypable                    = Type{}
	_ basetypes.StringValuableWithSemanticEquals = Text{}
)

// String names the type in messages.
func (t Type) String() string { return "Type(" + t.Kind.String() + ")" }

// Equal reports whether another type is of the same kind of policy.
func (t Type) Equal(o attr.Type) bool {
	other, ok := o.(Type)
	return ok && other.Kind == t.Kind
}

// ValueType returns a null text of the kind.
func (t Type) ValueType(context.Context) attr.Value { return Text{Kind: t.Kind} }

// ValueFromString converts a string.
func (t Type) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable,
	diag.Diagnostics) {
	return Text{StringValue: in, Kind: t.Kind}, nil
}

// ValueFromTerraform converts a value of a plan, a state or a configuration.
func (t Type) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("expected a string, got %T", value)
	}
	return Text{StringValue: text, Kind: t.Kind}, nil
}

// Type returns the type of the text.
func (p Text) Type(context.Context) attr.Type { return Type{Kind: p.Kind} }

// Equal reports whether another value is the same text.
func (p Text) Equal(o attr.Value) bool {
	other, ok := o.(Text)
	return ok && other.StringValue.Equal(p.StringValue)
}

// StringSemanticEquals reports whether two texts have the same meaning and the same Sids.
func (p Text) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(Text)
	return ok && samePolicy(p.ValueString(), o.ValueString(), p.Kind), nil
}

// Document returns the parsed policy, or the errors of the text. The caller must not change the policy.
func (p Text) Document() (*policy.Document, error) {
	parsed := parses.get(p.ValueString(), p.Kind)
	return parsed.document, parsed.err
}

// AddWarnings adds the warnings about the policy to the diagnostics, unless it is null or unknown.
func (p Text) AddWarnings(at path.Path, diags *diag.Diagnostics) {
	if !p.IsNull() && !p.IsUnknown() {
		findingsOf(p.ValueString(), p.Kind, at).AddWarnings(diags)
	}
}

// findingsOf returns the findings about the text of an argument.
func findingsOf(text string, kind policy.Kind, at path.Path) Findings {
	return Findings{Kind: kind, All: parses.get(text, kind).findings(),
		At: func(policy.Finding) path.Path { return at }}
}

// KeepIfEqual returns p if it has the same meaning as a text from the API, and otherwise that text.
func (p Text) KeepIfEqual(text string) Text {
	if samePolicy(p.ValueString(), text, p.Kind) {
		return p
	}
	return Text{StringValue: types.StringValue(text), Kind: p.Kind}
}

// samePolicy reports whether two texts describe the same policy.
func samePolicy(a, b string, kind policy.Kind) bool {
	if a == b {
		return true
	}
	one, other := parses.get(a, kind), parses.get(b, kind)
	return one.err == nil && other.err == nil && policy.Equal(one.document, other.document)
}

// SameTrust reports whether two texts describe the same trust policy.
func SameTrust(a, b string) bool { return samePolicy(a, b, policy.Trust) }

// keepEquivalent plans no change for a text that has the same meaning as the text in the state.
type keepEquivalent struct{ kind policy.Kind }

// Description describes the plan modifier.
func (keepEquivalent) Description(context.Context) string {
	return "A document with the same meaning is not a change."
}

// MarkdownDescription describes the plan modifier.
func (k keepEquivalent) MarkdownDescription(ctx context.Context) string { return k.Description(ctx) }

// PlanModifyString plans the text of the state if the planned text has the same meaning.
func (k keepEquivalent) PlanModifyString(_ context.Context, req planmodifier.StringRequest,
	resp *planmodifier.StringResponse) {
	if !req.StateValue.IsNull() && !req.PlanValue.IsUnknown() &&
		samePolicy(req.StateValue.ValueString(), req.PlanValue.ValueString(), k.kind) {
		resp.PlanValue = req.StateValue
	}
}

// valid refuses a text that has errors. It checks only the configuration, because the account may contain a policy with
// an error that AWS accepts, and Terraform must be able to read and to destroy it.
type valid struct{ kind policy.Kind }

// Description describes the validator.
func (v valid) Description(context.Context) string {
	return fmt.Sprintf("The text must be a valid %s policy.", v.kind)
}

// MarkdownDescription describes the validator.
func (v valid) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString adds an error for each error in the policy.
func (v valid) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		findingsOf(req.ConfigValue.ValueString(), v.kind, req.Path).AddErrors(&resp.Diagnostics)
	}
}

// Argument returns a required argument that contains a policy of a kind.
func Argument(description string, kind policy.Kind) schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, CustomType: Type{Kind: kind},
		MarkdownDescription: description + ". Terraform checks it during validation, and the plan shows warnings about " +
			"it. A text with the same meaning and the same Sids is not a change; the state then keeps the earlier text. If " +
			"another text allows and denies the same requests, the plan has a warning that access does not change.",
		Validators:    []validator.String{valid{kind}},
		PlanModifiers: []planmodifier.String{keepEquivalent{kind}},
	}
}
