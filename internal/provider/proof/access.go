package proof

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/grant"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Access is the access that a check is about.
type Access struct {
	Accesses []analysis.Access
	// Warnings are sentences about actions that are probably misspelt.
	Warnings []string
	// Known reports whether Terraform knows all of the access. The other fields are empty if it does not.
	Known bool
}

// DecodeAccess decodes the argument with this index: an object with actions and resources, or a list of such objects.
// It refuses invalid access even while another part is unknown.
func DecodeAccess(ctx context.Context, index int64, value types.Dynamic) (Access, *function.FuncError) {
	node, refusal := dynamic.Argument(ctx, index, value)
	if refusal != nil {
		return Access{}, refusal
	}
	out, err := readAccess(node)
	if err != nil {
		return Access{}, dynamic.ArgumentError(index, err)
	}
	return out, nil
}

func readAccess(node tree.Node) (Access, error) {
	if node.Kind == tree.Unknown {
		return Access{}, nil
	}
	parts := []tree.Node{node}
	if node.Kind == tree.Array {
		parts = node.Elements
	}
	if len(parts) == 0 {
		return Access{}, fmt.Errorf("the list is empty; name the access that must not be granted")
	}
	out := Access{Known: true}
	for i, part := range parts {
		at := ""
		if node.Kind == tree.Array {
			at = fmt.Sprintf("element %d: ", i)
		}
		one, warnings, known, err := readPart(part)
		if err != nil {
			return Access{}, fmt.Errorf("%s%w", at, err)
		}
		out.Known = out.Known && known
		out.Accesses, out.Warnings = append(out.Accesses, one), append(out.Warnings, warnings...)
	}
	if !out.Known {
		return Access{}, nil
	}
	return out, nil
}

// readPart reads one object.
func readPart(node tree.Node) (out analysis.Access, warnings []string, known bool, err error) {
	switch node.Kind {
	case tree.Object:
	case tree.Unknown:
		return out, nil, false, nil
	default:
		return out, nil, false, fmt.Errorf("expected an object with actions, resources or both; found %s", node.Kind)
	}
	lists := map[string][]string{}
	known = true
	for _, m := range node.Members {
		if m.Name != "actions" && m.Name != "resources" {
			return out, nil, false, fmt.Errorf("%q is not an attribute of an access; the attributes are actions and resources",
				m.Name)
		}
		elements, err := dynamic.Strings(m.Value, m.Name)
		if err != nil {
			return out, nil, false, err
		}
		for _, element := range elements {
			if element.Kind == tree.Unknown {
				known = false
				continue
			}
			lists[m.Name] = append(lists[m.Name], element.Text)
		}
	}
	if !known && len(lists) == 0 {
		return out, nil, false, nil
	}
	out, warnings, err = grant.Parse(lists["actions"], lists["resources"])
	return out, warnings, known, err
}

// ActionPatterns decodes the argument with this index: a pattern of actions, or a list of patterns. It refuses invalid
// patterns even while others are unknown; known reports whether Terraform knows all of them.
func ActionPatterns(ctx context.Context, index int64, value types.Dynamic) (
	patterns []string, known bool, refusal *function.FuncError,
) {
	node, refusal := dynamic.Argument(ctx, index, value)
	if refusal != nil {
		return nil, false, refusal
	}
	elements, err := dynamic.Strings(node, "patterns")
	if err != nil {
		return nil, false, dynamic.ArgumentError(index, err)
	}
	known = true
	for _, element := range elements {
		if element.Kind == tree.Unknown {
			known = false
			continue
		}
		patterns = append(patterns, element.Text)
	}
	if len(patterns) > 0 {
		if _, _, err := grant.Parse(patterns, nil); err != nil {
			return nil, false, dynamic.ArgumentError(index, err)
		}
	}
	return patterns, known, nil
}
