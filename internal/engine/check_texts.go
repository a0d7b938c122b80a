package engine

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// CheckTags returns a sentence for each reason why an object cannot have these tags, which are in the order of their
// keys. The operations that set tags refuse the same tags.
func CheckTags(tags []Tag) []string {
	shape := inputShape("TagUser").Member("Tags")
	keys, values := shape.Member("Key"), shape.Member("Value")
	var problems []string
	for i, tag := range tags {
		if r, found := keys.Pattern.Invalid(tag.Key); found {
			problems = append(problems, fmt.Sprintf("The tag key %q contains %s. %s", tag.Key, character(r), tagCharacters))
		}
		if r, found := values.Pattern.Invalid(tag.Value); found {
			problems = append(problems, fmt.Sprintf("The value %q of the tag %q contains %s. %s", tag.Value, tag.Key,
				character(r), tagCharacters))
		}
		if reservedTag(tag.Key) || reservedTag(tag.Value) {
			problems = append(problems, fmt.Sprintf("The tag %q has the prefix aws: in its key or value, which is reserved for "+
				"AWS. Use another prefix.", tag.Key))
		}
		for _, other := range tags[:i] {
			if sameTagKey(other.Key, tag.Key) {
				problems = append(problems, fmt.Sprintf("The tag keys %q and %q differ only in case. IAM does not distinguish "+
					"them, so keep one of them.", other.Key, tag.Key))
			}
		}
	}
	if len(tags) > maxTags {
		problems = append(problems, fmt.Sprintf("There are %d tags, and an object can have %d.", len(tags), maxTags))
	}
	return problems
}

// Tag is the key and the value of a tag.
type Tag struct{ Key, Value string }

const tagCharacters = "Tags have only letters, digits, spaces and the characters _ . : / = + - @."

// CheckRoleDescription returns a sentence that says why a role cannot have a description, or "".
func CheckRoleDescription(text string) string {
	if r, found := inputShape("CreateRole").Member("Description").Pattern.Invalid(text); found {
		return fmt.Sprintf("The description contains %s. The description of a role has only the characters of Latin-1: "+
			"U+0020 to U+007E, U+00A1 to U+00FF, tab, line feed and carriage return.", character(r))
	}
	return ""
}

// inputShape returns the shape of the input of an operation.
func inputShape(operation string) *model.Shape {
	found, ok := model.Lookup(operation)
	if !ok {
		panic("the model has no operation " + operation)
	}
	return found.Input
}

// character returns a character with its code point, such as U+2014 "—".
func character(r rune) string { return fmt.Sprintf("%U %q", r, string(r)) }
