package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/tagging"
)

func newPolicyResource() resource.Resource {
	return lifecycle.New[policyModel](lifecycle.Definition[policyModel]{
		TypeName: "iam_policy", MovedFrom: "aws_iam_policy", Schema: policySchema, Plan: planPolicy,
		PlanDestroy: planDestroyPolicy,
		WhenReplaced: "The account replaces a policy that keeps its name in one step: its attachments and permissions " +
			"boundaries move to the new policy, and are there all the time. If the ARN changes, the resources of the " +
			"attachments follow.",
		Identity: []lifecycle.IdentityAttribute{{Name: "arn", Description: "The ARN of the policy."}},
	})
}

type policyModel struct {
	Name        types.String    `tfsdk:"name"`
	NamePrefix  types.String    `tfsdk:"name_prefix"`
	Path        types.String    `tfsdk:"path"`
	Description types.String    `tfsdk:"description"`
	Policy      policytext.Text `tfsdk:"policy"`
	Tags        types.Map       `tfsdk:"tags"`

	TagsAll  types.Map    `tfsdk:"tags_all"`
	ID       types.String `tfsdk:"id"`
	ARN      types.String `tfsdk:"arn"`
	PolicyID types.String `tfsdk:"policy_id"`

	AttachmentCount types.Int64 `tfsdk:"attachment_count"`
}

func policySchema() schema.Schema {
	tags, tagsAll := tagging.Attributes()
	name, namePrefix := argument.NameOrPrefix("policy", 128, "path", "description")
	return schema.Schema{
		MarkdownDescription: "A managed policy. A changed document becomes a new default version. If the policy " +
			"already has the maximum number of versions, the provider deletes the oldest. The API cannot change the " +
			"name, the path or the description, so changing one of them creates a new policy.",
		Attributes: map[string]schema.Attribute{
			"name":        name,
			"name_prefix": namePrefix,
			"path":        argument.Replacing(argument.PolicyPath(), "policy"),
			"description": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "The purpose of the policy, in up to 1,000 " +
					"characters. Changing this creates a new policy.",
				Validators: []validator.String{stringvalidator.LengthAtMost(1000)},
				PlanModifiers: []planmodifier.String{lifecycle.KeepEmptyText(),
					stringplanmodifier.RequiresReplaceIf(textReplaces, replacingText, replacingText)},
			},
			"policy":    policytext.Argument("The policy document as JSON", policy.Identity),
			"tags":      tags,
			"tags_all":  tagsAll,
			"id":        lifecycle.IDAttribute("The ARN."),
			"arn":       schema.StringAttribute{Computed: true, MarkdownDescription: "The ARN. It is known at plan."},
			"policy_id": lifecycle.ConstantAttribute("The unique id, such as `ANPA…`."),
			"attachment_count": schema.Int64Attribute{
				Computed: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
				MarkdownDescription: "The number of users, groups and roles to which the policy was attached when Terraform " +
					"last read it.",
			},
		},
	}
}

const replacingText = "A change replaces the policy, unless both texts are empty."

// textReplaces requires a replacement if the text changes. The account stores a missing text as an empty one.
func textReplaces(_ context.Context, req planmodifier.StringRequest,
	resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = req.PlanValue.IsUnknown() || req.PlanValue.ValueString() != req.StateValue.ValueString()
}

// planPolicy computes the attributes that follow from the arguments, and checks the document's
// size.
func planPolicy(ctx context.Context, c *lifecycle.Change[policyModel]) {
	c.Plan.ARN = c.ARNOf(ctx, account.PolicyKind, c.Plan.Path, c.Plan.Name, c.Diags)
	c.Plan.ID = c.Plan.ARN
	c.Plan.TagsAll = tagging.WithDefaults(c.Plan.Tags, c.DefaultTags)
	c.CheckPolicy(ctx, path.Root("policy"), c.Plan.Policy, engine.ManagedPolicy, c.Diags)
	if c.State != nil && len(c.Replace) == 0 {
		c.NoteSameAccess(path.Root("policy"), fmt.Sprintf("policy %q", c.State.Name.ValueString()), c.State.Policy,
			c.Plan.Policy, c.Diags)
	}
}

func planDestroyPolicy(ctx context.Context, b *lifecycle.Base, state *policyModel, diags *diag.Diagnostics) {
	policyowner.WarnInTheWay(ctx, b, planned.IdentityObject(account.PolicyKind, state.Name.ValueString()),
		state.PolicyID.ValueString(), diags)
}

func (m *policyModel) Describe() string { return fmt.Sprintf("policy %q", m.ARN.ValueString()) }

// policyCalls are the calls that change a managed policy.
var policyCalls = []string{
	"CreatePolicy", "ReplacePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion",
	"DeletePolicy", "TagPolicy", "UntagPolicy",
}

func (m *policyModel) Identity() map[string]any {
	return map[string]any{"arn": m.ARN.ValueString()}
}

func (m *policyModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{Description: m.Describe(), ID: m.PolicyID.ValueString(), Calls: policyCalls,
		Adopts: true}
}

func (m *policyModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	existing, err := m.replacedPolicy(ctx, op)
	if err != nil {
		return err
	}
	if existing != "" {
		return m.replace(ctx, op, existing)
	}
	m.Name, m.NamePrefix = argument.GenerateName(m.Name, m.NamePrefix)
	created, err := op.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: m.Name.ValueStringPointer(), Path: m.Path.ValueStringPointer(),
		Description:    m.Description.ValueStringPointer(),
		PolicyDocument: m.Policy.ValueStringPointer(), Tags: tagging.ForAPI(ctx, m.TagsAll, op.Diags),
	})
	if err != nil {
		return err
	}
	m.setCreated(created.Policy)
	return nil
}

// setCreated sets the attributes of a new policy that the API computes.
func (m *policyModel) setCreated(created *iamtypes.Policy) {
	m.ARN, m.ID, m.PolicyID = types.StringPointerValue(created.Arn), types.StringPointerValue(created.Arn),
		types.StringPointerValue(created.PolicyId)
	m.AttachmentCount = types.Int64Value(int64(aws.ToInt32(created.AttachmentCount)))
}

func (m *policyModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	return m.setFromAPI(ctx, op.Base, op)
}

// setFromAPI sets the model from the answers of the API.
func (m *policyModel) setFromAPI(ctx context.Context, r *lifecycle.Base, c accountstore.API) error {
	got, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: m.ARN.ValueStringPointer()})
	if err != nil {
		return err
	}
	version, err := c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: m.ARN.ValueStringPointer(),
		VersionId: got.Policy.DefaultVersionId})
	if err != nil {
		return err
	}
	document, err := url.PathUnescape(*version.PolicyVersion.Document)
	if err != nil {
		return err
	}
	imported := m.PolicyID.IsNull()
	m.Name, m.Path = types.StringPointerValue(got.Policy.PolicyName), types.StringPointerValue(got.Policy.Path)
	m.NamePrefix = argument.PrefixOf(m.Name)
	m.ID, m.PolicyID = m.ARN, types.StringPointerValue(got.Policy.PolicyId)
	m.Description = lifecycle.OptionalText(m.Description, imported, got.Policy.Description)
	m.AttachmentCount = types.Int64Value(int64(aws.ToInt32(got.Policy.AttachmentCount)))
	m.Policy = m.Policy.KeepIfEqual(document)
	tags := tagging.Values(got.Policy.Tags)
	m.Tags, m.TagsAll = tagging.WithoutDefaults(m.Tags, imported, tags, r.DefaultTags), tagging.Map(tags)
	return nil
}

func (m *policyModel) Update(ctx context.Context, op *lifecycle.Operation, before *policyModel) error {
	arn := before.ARN.ValueStringPointer()
	if !m.Policy.Equal(before.Policy) {
		if err := newVersion(ctx, op, arn, m.Policy.ValueStringPointer()); err != nil {
			return err
		}
	}
	removed, set := tagging.Changes(ctx, before.TagsAll, m.TagsAll, op.Diags)
	if len(removed) > 0 {
		if _, err := op.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: arn, TagKeys: removed}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := op.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: arn, Tags: set}); err != nil {
			return err
		}
	}
	return nil
}

func (m *policyModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	replaces, err := op.Replaces(ctx, m.Name.ValueString())
	if err != nil || replaces {
		return err // Create replaces the policy, so that its attachments and boundaries are there all the time
	}
	live, err := op.Store.Live(ctx)
	if err != nil {
		return err
	}
	if p, ok := live.Policy(m.ARN.ValueString()); ok && p.ID != m.PolicyID.ValueString() {
		return nil // Create has replaced it
	}
	if err := policyowner.RemoveUses(ctx, op, m.PolicyID.ValueString(), m.ARN.ValueString()); err != nil {
		return err
	}
	return deletePolicy(ctx, op, m.ARN.ValueStringPointer())
}

// replacedPolicy returns the ARN of the policy that the plan replaces by this one, or "".
func (m *policyModel) replacedPolicy(ctx context.Context, op *lifecycle.Operation) (arn string, err error) {
	live, err := op.Store.Live(ctx)
	if err != nil {
		return "", err
	}
	if arn = live.PolicyNamed(m.Name.ValueString()); arn == "" {
		return "", nil
	}
	replaces, err := op.Replaces(ctx, m.Name.ValueString())
	if err != nil || !replaces {
		return "", err
	}
	return arn, nil
}

// replace replaces an existing policy in one step: each of its attachments and permissions boundaries is then one of
// the new policy.
func (m *policyModel) replace(ctx context.Context, op *lifecycle.Operation, existing string) error {
	replaced, err := op.ReplacePolicy(ctx, &engine.ReplacePolicyInput{
		PolicyArn: existing, PolicyName: m.Name.ValueString(), Path: m.Path.ValueString(),
		Description: m.Description.ValueString(), PolicyDocument: m.Policy.ValueString(),
		Tags: tagging.ForAPI(ctx, m.TagsAll, op.Diags),
	})
	if err != nil {
		return err
	}
	m.setCreated(&replaced.Policy)
	op.Replaced(ctx, m.Name.ValueString())
	return nil
}

// newVersion adds a document as the default version. If the policy has the maximum number of
// versions, newVersion deletes the oldest.
func newVersion(ctx context.Context, c accountstore.API, arn, document *string) error {
	in := &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: document, SetAsDefault: true}
	_, err := c.CreatePolicyVersion(ctx, in)
	var limitExceeded *iamtypes.LimitExceededException
	if !errors.As(err, &limitExceeded) {
		return err
	}
	versions, listErr := policyVersions(ctx, c, arn)
	if listErr != nil {
		return listErr
	}
	var oldest *iamtypes.PolicyVersion
	for _, v := range versions {
		if !v.IsDefaultVersion && (oldest == nil || v.CreateDate.Before(*oldest.CreateDate) ||
			v.CreateDate.Equal(*oldest.CreateDate) && versionNumber(v) < versionNumber(*oldest)) {
			oldest = &v
		}
	}
	if oldest == nil {
		return err
	}
	if _, err := c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn,
		VersionId: oldest.VersionId}); err != nil && !apierror.IsMissing(err) {
		return err
	}
	_, err = c.CreatePolicyVersion(ctx, in)
	return err
}

func policyVersions(ctx context.Context, c accountstore.API, arn *string) ([]iamtypes.PolicyVersion, error) {
	return paging.All(ctx, iam.NewListPolicyVersionsPaginator(c, &iam.ListPolicyVersionsInput{PolicyArn: arn}),
		func(page *iam.ListPolicyVersionsOutput) []iamtypes.PolicyVersion { return page.Versions })
}

// versionNumber returns the number in a version's id, such as 12 in v12.
func versionNumber(v iamtypes.PolicyVersion) (number int) {
	_, _ = fmt.Sscanf(*v.VersionId, "v%d", &number)
	return number
}

// deletePolicy deletes the versions of a policy, then the policy.
func deletePolicy(ctx context.Context, c accountstore.API, arn *string) error {
	versions, err := policyVersions(ctx, c, arn)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if v.IsDefaultVersion {
			continue
		}
		if _, err := c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn,
			VersionId: v.VersionId}); err != nil && !apierror.IsMissing(err) {
			return err
		}
	}
	_, err = c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})
	return err
}
