package provider

import (
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy/document"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func newPolicyDocumentDataSource() datasource.DataSource { return policyDocumentDataSource{} }

type policyDocumentDataSource struct{}

var _ datasource.DataSourceWithValidateConfig = policyDocumentDataSource{}

type policyDocumentModel struct {
	ID        types.String `tfsdk:"id"`
	JSON      types.String `tfsdk:"json"`
	Minified  types.String `tfsdk:"minified_json"`
	Kind      types.String `tfsdk:"kind"`
	PolicyID  types.String `tfsdk:"policy_id"`
	Version   types.String `tfsdk:"version"`
	Sources   types.List   `tfsdk:"source_policy_documents"`
	Overrides types.List   `tfsdk:"override_policy_documents"`
	Statement types.List   `tfsdk:"statement"`
}

func (policyDocumentDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_policy_document"
}

func (policyDocumentDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	texts := func(description string) schema.Attribute {
		return schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
	}
	principals := func(description string) schema.Block {
		return schema.ListNestedBlock{
			MarkdownDescription: description,
			NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"type": schema.StringAttribute{
					Required: true,
					MarkdownDescription: "The type of the principals: `AWS`, `Service`, `Federated` or `CanonicalUser`. The " +
						"type `*` with the single " +
						"identifier `*` writes `\"Principal\": \"*\"`.",
				},
				"identifiers": schema.SetAttribute{
					ElementType: types.StringType, Required: true,
					MarkdownDescription: "The principals, such as ARNs, account ids or names of services.",
				},
			}},
		}
	}
	const variables = " Write policy variables as `&{…}`, because `${…}` is Terraform's own syntax."
	resp.Schema = schema.Schema{
		MarkdownDescription: "Writes a policy document from blocks. The arguments, the merging and the text, byte for " +
			"byte, are those of " +
			"`aws_iam_policy_document`. It also checks the document while Terraform plans, and reports errors at the " +
			"block that causes them.",
		Attributes: map[string]schema.Attribute{
			"id":   schema.StringAttribute{Computed: true, MarkdownDescription: "A checksum of the document."},
			"json": schema.StringAttribute{Computed: true, MarkdownDescription: "The document as JSON, indented."},
			"minified_json": schema.StringAttribute{Computed: true, MarkdownDescription: "The document as JSON without " +
				"white space."},
			"kind": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The kind of policy: `identity`, `resource`, `trust`, `boundary`, `session`, " +
					"`service-control` (`scp`) or " +
					"`resource-control` (`rcp`). With `kind`, the data source also checks the rules of that kind; without it, " +
					"only the rules for all kinds.",
			},
			"policy_id": schema.StringAttribute{Optional: true, MarkdownDescription: "The `Id` of the document."},
			"version": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The version of the policy language, `2012-10-17` or `2008-10-17`. Default `2012-10-17`.",
			},
			"source_policy_documents": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Documents, as JSON, to start from. Each sid must be unique among them; a `statement` " +
					"block with the same sid replaces the statement.",
			},
			"override_policy_documents": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Documents, as JSON, to merge last, one after the other. Their statements replace " +
					"those with the same sid; the others are added.",
			},
		},
		Blocks: map[string]schema.Block{
			"statement": schema.ListNestedBlock{
				MarkdownDescription: "A statement of the document.",
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"sid": schema.StringAttribute{Optional: true, MarkdownDescription: "The id of the statement, " +
							"unique within the document."},
						"effect": schema.StringAttribute{Optional: true, MarkdownDescription: "`Allow` or `Deny`. Default " +
							"`Allow`."},
						"actions":     texts("The actions that the statement covers, such as `s3:GetObject` or `s3:Get*`."),
						"not_actions": texts("The actions that the statement does not cover; it covers all others."),
						"resources":   texts("The ARNs of the resources that the statement covers." + variables),
						"not_resources": texts("The ARNs of the resources that the statement does not cover; it covers all others." +
							variables),
					},
					Blocks: map[string]schema.Block{
						"principals":     principals("The principals that the statement covers."),
						"not_principals": principals("The principals that the statement does not cover; it covers all others."),
						"condition": schema.ListNestedBlock{
							MarkdownDescription: "A condition. All conditions of a statement must be met.",
							NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
								"test": schema.StringAttribute{Required: true, MarkdownDescription: "The condition operator, such " +
									"as `StringEquals`."},
								"variable": schema.StringAttribute{Required: true, MarkdownDescription: "The condition key, such as " +
									"`aws:PrincipalOrgID`."},
								"values": schema.ListAttribute{
									ElementType: types.StringType, Required: true,
									MarkdownDescription: "The values to compare with. One of them must match." + variables,
								},
							}},
						},
					},
				},
			},
		},
	}
}

// ValidateConfig reports errors in the known arguments even while others are unknown. Terraform reads a data source
// only when all of its arguments are known, which may be as late as apply. Read reports the warnings, because Terraform
// validates a data source again before it reads it, and would show them twice.
func (policyDocumentDataSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var model policyDocumentModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); !resp.Diagnostics.HasError() {
		var found diag.Diagnostics
		model.document(ctx, &found)
		resp.Diagnostics.Append(found.Errors()...)
	}
}

func (policyDocumentDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model policyDocumentModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	doc := model.document(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	indented, compact := document.JSON(&doc)
	model.JSON, model.Minified = types.StringValue(indented), types.StringValue(compact)
	model.ID = types.StringValue(strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(indented))), 10))
	if model.Version.IsNull() {
		model.Version = types.StringValue(policy.Version2012)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// document builds the document and reports every fault at the argument that contains it.
func (m *policyDocumentModel) document(ctx context.Context, diags *diag.Diagnostics) tree.Node {
	merged := tree.Node{Kind: tree.Object}
	complete := m.sources(ctx, &merged, diags)

	var from document.Arguments
	if !m.Version.IsNull() {
		from.Version = m.node(ctx, m.Version, diags)
	}
	if !m.PolicyID.IsNull() {
		from.ID = m.node(ctx, m.PolicyID, diags)
	}
	statements := m.node(ctx, m.Statement, diags)
	from.Statements = statements.Elements
	complete = complete && statements.Kind != tree.Unknown
	own, faults := document.Build(from)
	for _, fault := range faults {
		at := path.Empty()
		if fault.Statement >= 0 {
			at = path.Root("statement").AtListIndex(fault.Statement)
			if fault.Argument != "" {
				at = at.AtName(fault.Argument)
			}
		} else if fault.Argument != "" {
			at = path.Root(fault.Argument)
		}
		diags.AddAttributeError(at, "Invalid policy document", fault.Message)
	}
	if diags.HasError() {
		return merged
	}
	reported := m.check(own, diags)
	document.Merge(&merged, own)
	complete = m.overrides(ctx, &merged, diags) && complete
	if complete && !diags.HasError() {
		m.checkMerged(merged, reported, diags)
	}
	return merged
}

// node decodes an argument of the data source.
func (m *policyDocumentModel) node(ctx context.Context, value attr.Value, diags *diag.Diagnostics) *tree.Node {
	node, err := dynamic.Decode(ctx, value)
	if err != nil {
		diags.AddError("Invalid policy document", err.Error())
	}
	return &node
}

// documents parses a list of documents and passes each to a function. It skips null, as the AWS provider does.
// complete is false if any document is unknown.
func (m *policyDocumentModel) documents(
	ctx context.Context, list types.List, argument string, diags *diag.Diagnostics, each func(at path.Path, doc tree.Node),
) (complete bool) {
	if list.IsUnknown() {
		return false
	}
	complete = true
	var texts []types.String
	if diags.Append(list.ElementsAs(ctx, &texts, false)...); diags.HasError() {
		return false
	}
	for i, text := range texts {
		at := path.Root(argument).AtListIndex(i)
		switch {
		case text.IsUnknown():
			complete = false
			continue
		case text.IsNull():
			continue
		}
		doc, err := document.Parse(text.ValueString())
		if err != nil {
			diags.AddAttributeError(at, "Invalid policy document", fmt.Sprintf("%s[%d] cannot be merged:\n%s", argument, i, err))
			continue
		}
		each(at, doc)
	}
	return complete
}

// sources merges the source documents, which must not share a sid.
func (m *policyDocumentModel) sources(ctx context.Context, merged *tree.Node, diags *diag.Diagnostics) (complete bool) {
	var seen []string
	return m.documents(ctx, m.Sources, "source_policy_documents", diags, func(at path.Path, doc tree.Node) {
		statements := document.Statements(doc)
		for i := range statements {
			sid := document.Sid(&statements[i])
			if sid != "" && slices.Contains(seen, sid) {
				diags.AddAttributeError(at, fmt.Sprintf("Duplicate sid %q", sid),
					fmt.Sprintf("More than one document in source_policy_documents has a statement with the sid %q. Rename or "+
						"remove it, "+
						"or move one document to override_policy_documents.", sid))
			}
			if sid != "" {
				seen = append(seen, sid)
			}
		}
		document.Merge(merged, doc)
	})
}

// overrides merges the override documents.
func (m *policyDocumentModel) overrides(
	ctx context.Context, merged *tree.Node, diags *diag.Diagnostics,
) (complete bool) {
	return m.documents(ctx, m.Overrides, "override_policy_documents", diags, func(_ path.Path, doc tree.Node) {
		document.Merge(merged, doc)
	})
}

// kind returns the kind of policy to check against. ok is false if the argument is null or unknown.
func (m *policyDocumentModel) kind(diags *diag.Diagnostics) (kind policy.Kind, ok bool) {
	if m.Kind.IsNull() || m.Kind.IsUnknown() {
		return 0, false
	}
	kind, err := policy.ParseKind(m.Kind.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("kind"), fmt.Sprintf("Invalid kind of policy %q", m.Kind.ValueString()),
			err.Error())
		return 0, false
	}
	return kind, true
}

// check applies the rules of the kind to the statement blocks, so that diagnostics point at the blocks. It returns the
// findings.
func (m *policyDocumentModel) check(own tree.Node, diags *diag.Diagnostics) policy.Findings {
	kind, ok := m.kind(diags)
	if _, has := own.Member("Statement"); !ok || !has {
		return nil
	}
	found := policytext.Findings{Kind: kind, All: findingsOf(own, kind), At: func(f policy.Finding) path.Path {
		statement, argument := document.ArgumentOf(f.Path)
		if statement < 0 {
			return path.Empty()
		}
		at := path.Root("statement").AtListIndex(statement)
		if argument != "" {
			at = at.AtName(argument)
		}
		return at
	}}
	found.AddErrors(diags)
	found.AddWarnings(diags)
	return found.All
}

// checkMerged applies the rules of the kind to the merged document. It skips findings that check has already reported
// at a block.
func (m *policyDocumentModel) checkMerged(merged tree.Node, reported policy.Findings, diags *diag.Diagnostics) {
	kind, ok := m.kind(diags)
	if _, has := merged.Member("Statement"); !ok || !has || m.Sources.IsNull() && m.Overrides.IsNull() {
		return
	}
	found := policytext.Findings{Kind: kind, At: func(policy.Finding) path.Path { return path.Empty() }}
	for _, f := range findingsOf(merged, kind) {
		same := func(other policy.Finding) bool { return other.Message == f.Message }
		if !slices.ContainsFunc(reported, same) {
			found.All = append(found.All, f)
		}
	}
	found.AddErrors(diags)
	found.AddWarnings(diags)
}

func findingsOf(doc tree.Node, kind policy.Kind) policy.Findings {
	decoded, err := policy.Decode(doc)
	if err != nil {
		return nil //nolint:nilerr // document.Build and document.Parse have reported it
	}
	return policy.Check(decoded, kind)
}
