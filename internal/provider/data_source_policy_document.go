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
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/document"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
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

func (policyDocumentDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
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
					MarkdownDescription: "The type of the principals: `AWS`, `Service`, `Federated` or `CanonicalUser`. With `*` and the one identifier `*` " +
						"the document has `\"Principal\": \"*\"`.",
				},
				"identifiers": schema.SetAttribute{
					ElementType: types.StringType, Required: true,
					MarkdownDescription: "The principals, such as ARNs, account ids or names of services.",
				},
			}},
		}
	}
	const variables = " Policy variables are written `&{…}`, since `${…}` is Terraform's own."
	resp.Schema = schema.Schema{
		MarkdownDescription: "Writes a policy document from blocks, with the arguments and the merging of `aws_iam_policy_document` and the same text, " +
			"byte for byte, and checks it while Terraform plans: what no policy can hold is an error at the block that asks for it.",
		Attributes: map[string]schema.Attribute{
			"id":            schema.StringAttribute{Computed: true, MarkdownDescription: "A checksum of the document."},
			"json":          schema.StringAttribute{Computed: true, MarkdownDescription: "The document as JSON, indented."},
			"minified_json": schema.StringAttribute{Computed: true, MarkdownDescription: "The document as JSON without white space."},
			"kind": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What the document is for: `identity`, `resource`, `trust`, `boundary`, `session`, `service-control` (`scp`) or " +
					"`resource-control` (`rcp`). With it the rules of that kind are checked too; without it only what holds for all of them.",
			},
			"policy_id": schema.StringAttribute{Optional: true, MarkdownDescription: "The document's `Id`."},
			"version": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The version of the policy language, `2012-10-17` or `2008-10-17`. Default `2012-10-17`.",
			},
			"source_policy_documents": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Documents, as JSON, that this one starts from. Their sids must be unique among them; a `statement` block with the same sid replaces theirs.",
			},
			"override_policy_documents": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Documents, as JSON, whose statements replace those with the same sid and are added otherwise, one document after the other.",
			},
		},
		Blocks: map[string]schema.Block{
			"statement": schema.ListNestedBlock{
				MarkdownDescription: "A statement of the document.",
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"sid":           schema.StringAttribute{Optional: true, MarkdownDescription: "The statement's id, unique in the document."},
						"effect":        schema.StringAttribute{Optional: true, MarkdownDescription: "`Allow` or `Deny`. Default `Allow`."},
						"actions":       texts("The actions that the statement is about, such as `s3:GetObject` or `s3:Get*`."),
						"not_actions":   texts("The actions that the statement is not about; it is about all others."),
						"resources":     texts("The ARNs of the resources that the statement is about." + variables),
						"not_resources": texts("The ARNs of the resources that the statement is not about; it is about all others." + variables),
					},
					Blocks: map[string]schema.Block{
						"principals":     principals("Who the statement is about."),
						"not_principals": principals("Who the statement is not about; it is about everyone else."),
						"condition": schema.ListNestedBlock{
							MarkdownDescription: "A condition; all of a statement must hold.",
							NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
								"test":     schema.StringAttribute{Required: true, MarkdownDescription: "The condition operator, such as `StringEquals`."},
								"variable": schema.StringAttribute{Required: true, MarkdownDescription: "The condition key, such as `aws:PrincipalOrgID`."},
								"values": schema.ListAttribute{
									ElementType: types.StringType, Required: true,
									MarkdownDescription: "The values to compare with, one of which has to match." + variables,
								},
							}},
						},
					},
				},
			},
		},
	}
}

// ValidateConfig checks what is known of the arguments, when some values are unknown too: Terraform reads
// a data source only once all of its arguments are known, which may be as late as apply.
func (policyDocumentDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model policyDocumentModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); !resp.Diagnostics.HasError() {
		model.document(ctx, &resp.Diagnostics)
	}
}

func (policyDocumentDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model policyDocumentModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	var found diag.Diagnostics
	doc := model.document(ctx, &found)
	if resp.Diagnostics.Append(found.Errors()...); resp.Diagnostics.HasError() { // the warnings are ValidateConfig's
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

// document makes the document and reports every fault at the argument it is in.
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
	m.check(own, diags)
	document.Merge(&merged, own)
	complete = m.overrides(ctx, &merged, diags) && complete
	if complete && !diags.HasError() {
		m.checkMerged(merged, diags)
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

// documents reads a list of documents. Those that are null are passed over, as by the AWS provider.
func (m *policyDocumentModel) documents(ctx context.Context, list types.List, argument string, diags *diag.Diagnostics, each func(at path.Path, doc tree.Node)) (complete bool) {
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

func (m *policyDocumentModel) sources(ctx context.Context, merged *tree.Node, diags *diag.Diagnostics) (complete bool) {
	var seen []string
	return m.documents(ctx, m.Sources, "source_policy_documents", diags, func(at path.Path, doc tree.Node) {
		statements := document.Statements(doc)
		for i := range statements {
			sid := document.Sid(&statements[i])
			if sid != "" && slices.Contains(seen, sid) {
				diags.AddAttributeError(at, "Duplicate sid", fmt.Sprintf(
					"The sid %q occurs more than once in source_policy_documents. Rename or remove it, or let one document override the other through override_policy_documents.", sid))
			}
			if sid != "" {
				seen = append(seen, sid)
			}
		}
		document.Merge(merged, doc)
	})
}

func (m *policyDocumentModel) overrides(ctx context.Context, merged *tree.Node, diags *diag.Diagnostics) (complete bool) {
	return m.documents(ctx, m.Overrides, "override_policy_documents", diags, func(_ path.Path, doc tree.Node) { document.Merge(merged, doc) })
}

// kind is the kind of policy to check against, if one is given and known.
func (m *policyDocumentModel) kind(diags *diag.Diagnostics) (policy.Kind, bool) {
	if m.Kind.IsNull() || m.Kind.IsUnknown() {
		return 0, false
	}
	kind, err := policy.ParseKind(m.Kind.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("kind"), "Unknown kind of policy", err.Error())
		return 0, false
	}
	return kind, true
}

// check applies the rules of the kind to the statement blocks, where errors can point at them.
func (m *policyDocumentModel) check(own tree.Node, diags *diag.Diagnostics) {
	kind, ok := m.kind(diags)
	if _, has := own.Member("Statement"); !ok || !has {
		return
	}
	for _, f := range findingsOf(own, kind) {
		statement, argument := document.ArgumentOf(f.Path)
		at := path.Empty()
		if statement >= 0 {
			at = path.Root("statement").AtListIndex(statement)
			if argument != "" {
				at = at.AtName(argument)
			}
		}
		report(diags, at, f)
	}
}

// checkMerged applies the rules of the kind to what other documents brought in.
func (m *policyDocumentModel) checkMerged(merged tree.Node, diags *diag.Diagnostics) {
	kind, ok := m.kind(diags)
	if _, has := merged.Member("Statement"); !ok || !has || m.Sources.IsNull() && m.Overrides.IsNull() {
		return
	}
	reported := map[string]bool{}
	for _, d := range *diags {
		reported[d.Detail()] = true
	}
	for _, f := range findingsOf(merged, kind).Errors() {
		if !reported[f.Message] {
			diags.AddError("Invalid policy document", fmt.Sprintf("In the merged document, at %s: %s", f.Path, f.Message))
		}
	}
}

func findingsOf(doc tree.Node, kind policy.Kind) policy.Findings {
	decoded, err := policy.Decode(doc)
	if err != nil {
		return nil //nolint:nilerr // document.Build and document.Parse have reported it
	}
	return policy.Check(decoded, kind)
}

// report makes a diagnostic of a finding: an error of an error, a warning of a warning. Suggestions are
// for validate_policy; on every plan they would only be noise.
func report(diags *diag.Diagnostics, at path.Path, f policy.Finding) {
	switch f.Kind {
	case policy.Error:
		diags.AddAttributeError(at, "Invalid policy document", f.Message)
	case policy.SecurityWarning, policy.Warning:
		diags.AddAttributeWarning(at, "Policy document: "+f.Message, string(f.Code))
	case policy.Suggestion:
	}
}
