package simulation

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// DecodePolicies reads a set of policies for a layer, in the forms that a question accepts: one policy, a list of
// policies, or an object of name → policy. A policy without a name has the path of its field, such as existing[0]. A
// part that is not known yet is unknown in the documents. The error is of type [Errors].
func DecodePolicies(field string, layer authz.LayerKind, node tree.Node) ([]authz.Policy, error) {
	d := &decoder{origins: map[originKey]Origin{}}
	policies := d.policySet(layer, 0, node, field)
	d.compile(layer, 0, policies)
	if len(d.errors) > 0 {
		return nil, d.errors
	}
	return policies, nil
}
