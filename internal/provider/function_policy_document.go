package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy/document"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func newPolicyDocument() function.Function { return policyDocument{} }

type policyDocument struct{}

func (policyDocument) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "policy_document"
}

func (policyDocument) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Writes a policy document from statements",
		MarkdownDescription: "Writes the JSON text of a policy from statements with the arguments of the " +
			"`aws_iam_policy_document` data source. The " +
			"text is the same as that data source's, byte for byte. The function refuses statements that are invalid for " +
			"every kind of " +
			"policy, such as a condition operator that does not exist. While a part of the statements is unknown, the " +
			"result is unknown, " +
			"but the function already checks the known parts.",
		Parameters: []function.Parameter{
			dynamic.Parameter("statements", "One statement, a list of statements, or an object with `statements` and "+
				"optionally `version` "+
				"and `policy_id`. See below for the arguments of a statement."),
		},
		Return: function.StringReturn{},
	}
}

func (policyDocument) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	node, refusal := dynamic.Argument(ctx, 0, argument)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	from, err := blocksOf(&node)
	if err != nil {
		resp.Error = dynamic.ArgumentError(0, err)
		return
	}
	doc, faults := document.Build(from)
	if len(faults) > 0 {
		lines := make([]string, len(faults))
		for i, fault := range faults {
			lines[i] = fault.Error()
		}
		resp.Error = dynamic.ArgumentError(0, errors.New(strings.Join(lines, "\n")))
		return
	}
	// An unknown part may have any length, so no part of the text after it is certain.
	if node.HasUnknown() {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	indented, _ := document.JSON(&doc)
	resp.Error = resp.Result.Set(ctx, indented)
}

// blocksOf decodes the argument of the function: a statement, a list of statements, or an object with statements.
func blocksOf(node *tree.Node) (from document.Arguments, err error) {
	switch node.Kind {
	case tree.Unknown:
		from.Statements = []tree.Node{{Kind: tree.Unknown}}
	case tree.Array:
		from.Statements = node.Elements
	case tree.Object:
		statements, whole := node.Member("statements")
		if !whole {
			from.Statements = []tree.Node{*node}
			break
		}
		for _, m := range node.Members {
			switch m.Name {
			case "statements":
			case "version":
				from.Version = &m.Value
			case "policy_id":
				from.ID = &m.Value
			default:
				return from, fmt.Errorf("%q is not an argument of a document; "+
					"the arguments are statements, version and policy_id", m.Name)
			}
		}
		from.Statements = []tree.Node{*statements}
		if statements.Kind == tree.Array {
			from.Statements = statements.Elements
		}
	default:
		return from, fmt.Errorf("statements must be an object or a list of objects; found %s", node.Kind)
	}
	if len(from.Statements) == 0 {
		return from, errors.New("there are no statements; a policy must have at least one")
	}
	return from, nil
}
