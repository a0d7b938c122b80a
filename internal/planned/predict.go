package planned

import "github.com/iam-as-code/terraform-provider-iam/internal/tree"

// Place is where the resources of a plan are created. Predicted ARNs contain it.
type Place struct {
	Partition, Region, Account string
}

// Predict returns the attributes of a planned resource with its unknown ARN and the other attributes that follow from
// known ones filled in. A part that is not known yet is a [Hole]. address names the resource in holes.
func Predict(typeName, address string, attributes tree.Node, in Place) tree.Node {
	return attributes
}
