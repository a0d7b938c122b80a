package proof

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Requests decodes the argument with this index: a request in the form of the function simulate, or a list of requests,
// without identity policies. It refuses invalid requests even while a part of them is unknown; known reports whether
// Terraform knows all of them.
func Requests(ctx context.Context, index int64, value types.Dynamic) (
	out []*simulation.Case, known bool, refusal *function.FuncError,
) {
	node, err := dynamic.Decode(ctx, value)
	if err != nil {
		return nil, false, dynamic.ArgumentError(index, err)
	}
	if node.Kind == tree.Unknown {
		return nil, false, nil
	}
	nodes := []tree.Node{node}
	if node.Kind == tree.Array {
		nodes = node.Elements
	}
	if len(nodes) == 0 {
		return nil, false, dynamic.ArgumentError(index, errors.New("the list has no request; give at least one"))
	}
	known = !node.HasUnknown()
	for i := range nodes {
		if nodes[i].Kind == tree.Unknown {
			continue
		}
		one, err := readRequest(nodes[i])
		if err != nil {
			if node.Kind == tree.Array {
				err = fmt.Errorf("request %d: %w", i, err)
			}
			return nil, false, dynamic.ArgumentError(index, err)
		}
		out = append(out, one)
	}
	return out, known, nil
}

func readRequest(node tree.Node) (*simulation.Case, error) {
	for i := range node.Members {
		switch m := &node.Members[i]; m.Name {
		case "id", "note", "expect":
			return nil, fmt.Errorf("%s: only an access test in a file has this field, a request does not; remove it", m.Name)
		case "identity":
			return nil, errors.New("identity: the policy is the only identity policy of a request; remove this field")
		case "resource":
			if m.Value.Kind == tree.String {
				if err := simulation.CheckResource(m.Value.Text); err != nil {
					return nil, err
				}
			}
		}
	}
	c, err := simulation.Decode(node)
	if err != nil {
		return nil, err
	}
	return c, nil
}
