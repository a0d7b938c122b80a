package planned

import (
	"maps"
	"slices"
)

// PredictedTypes returns the types of resources whose ARNs are predicted.
func PredictedTypes() []string { return slices.Sorted(maps.Keys(predictions)) }
