package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// policyTextType is the type of an argument that is a policy document as JSON. Two texts that mean the same are one value, of
// which the author's text is kept; one that is not valid for its kind is refused when Terraform validates.
type policyTextType struct {
	basetypes.StringType
	kind policy.Kind
}

// policyText is a policy document as JSON.
type policyText struct {
	basetypes.StringValue
	kind policy.Kind
}

var (
	_ basetypes.StringTypable                    = policyTextType{}
	_ basetypes.StringValuableWithSemanticEquals = policyText{}
	_ xattr.ValidateableAttribute                = policyText{}
)

func (t policyTextType) String() string { return "policyTextType(" + t.kind.String() + ")" }

func (t policyTextType) Equal(o attr.Type) bool {
	other, ok := o.(policyTextType)
	return ok && other.kind == t.kind
}

func (t policyTextType) ValueType(context.Context) attr.Value { return policyText{kind: t.kind} }

func (t policyTextType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return policyText{StringValue: in, kind: t.kind}, nil
}

func (t policyTextType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("a policy is a string, and this is %T", value)
	}
	return policyText{StringValue: text, kind: t.kind}, nil
}

func (p policyText) Type(context.Context) attr.Type { return policyTextType{kind: p.kind} }

func (p policyText) Equal(o attr.Value) bool {
	other, ok := o.(policyText)
	return ok && other.StringValue.Equal(p.StringValue)
}

// StringSemanticEquals reports whether two texts mean the same, Sids included.
func (p policyText) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(policyText)
	return ok && samePolicy(p.ValueString(), o.ValueString()), nil
}

// ValidateAttribute refuses a document that is not valid for its kind, with the place in its text.
func (p policyText) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if p.IsNull() || p.IsUnknown() {
		return
	}
	for _, finding := range policy.Validate([]byte(p.ValueString()), p.kind).Errors() {
		resp.Diagnostics.AddAttributeError(req.Path, fmt.Sprintf("Not a valid %s policy", p.kind), finding.String())
	}
}

// read is the policy after text was read from the API: as it was, if that means the same.
func (p policyText) read(text string) policyText {
	if samePolicy(p.ValueString(), text) {
		return p
	}
	return policyText{StringValue: types.StringValue(text), kind: p.kind}
}

func samePolicy(a, b string) bool {
	if a == b {
		return true
	}
	one, err := policy.Parse([]byte(a))
	if err != nil {
		return false
	}
	other, err := policy.Parse([]byte(b))
	return err == nil && policy.Equal(one, other)
}

// keepsEquivalent plans no change for a policy that is written anew and means the same.
type keepsEquivalent struct{}

func (keepsEquivalent) Description(context.Context) string {
	return "A document that means the same is no change."
}

func (k keepsEquivalent) MarkdownDescription(ctx context.Context) string { return k.Description(ctx) }

func (keepsEquivalent) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !req.StateValue.IsNull() && !req.PlanValue.IsUnknown() && samePolicy(req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// policyArgument is a required argument that is a policy.
func policyArgument(description string, kind policy.Kind) schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, CustomType: policyTextType{kind: kind},
		MarkdownDescription: description + ". It is checked while Terraform validates. A text that means the same, Sids included, is no change, and yours is kept in the state.",
		PlanModifiers:       []planmodifier.String{keepsEquivalent{}},
	}
}
