package planned

import (
	"maps"
	"slices"
)

// PredictedTypes returns the types of resources whose ARNs are predicted.
func PredictedTypes() []string { return slices.Sorted(maps.Keys(predictions)) }

// PolicyTypes returns the types of resources that have policies of their own.
func PolicyTypes() []string { return slices.Sorted(maps.Keys(policySources)) }

// PolicyResourceTypes returns the types in CloudFormation of the resources with policies.
func PolicyResourceTypes() []string {
	var names []string
	for _, source := range policySources {
		names = append(names, source.resourceType)
		if source.classify == nil {
			continue
		}
		for _, service := range []string{":s3express:", ":s3-outposts:", "/stream/", "/consumer/"} {
			names = append(names, source.classify(service))
		}
	}
	return names
}
