// Package argument builds the schemas and validators of arguments that several resources share: names, paths, ARNs of
// managed policies, permissions boundaries. It never reads the account.
package argument

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// The valid characters of names, paths and ARNs:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
var (
	nameCharacters = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathCharacters = regexp.MustCompile(`^(/|/[\x21-\x7E]+/)$`)
	policyPath     = regexp.MustCompile(`^(/[A-Za-z0-9.,+@=_-]+)*/$`)
	policyARN      = regexp.MustCompile(`^arn:[\w-]+:iam::(\d{12}|aws):policy/\S+$`)
)

// NameValidators returns the validators of a name of at most maxLength characters.
func NameValidators(maxLength int) []validator.String {
	return []validator.String{
		stringvalidator.LengthBetween(1, maxLength),
		stringvalidator.RegexMatches(nameCharacters, "must have only letters, digits and _+=,.@-"),
	}
}

// Name returns the argument for the name of an object. object is the word for it in the
// description, such as "user".
func Name(object string, maxLength int) schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, Validators: NameValidators(maxLength),
		MarkdownDescription: fmt.Sprintf("The name of the %s: up to %d letters, digits and `_+=,.@-`. Names are "+
			"unique without regard to case.", object, maxLength),
	}
}

// PolicyPath returns the argument for the path of a managed policy, which allows fewer characters
// than other paths.
func PolicyPath() schema.StringAttribute {
	a := Path("policy")
	a.Validators = pathValidators(policyPath, "must begin and end with a slash, such as /team/, with only letters, "+
		"digits and .,+@=_- between slashes")
	return a
}

func pathValidators(characters *regexp.Regexp, requirement string) []validator.String {
	return []validator.String{stringvalidator.LengthBetween(1, 512), stringvalidator.RegexMatches(characters, requirement)}
}

// Path returns the argument for the path of an object.
func Path(object string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString("/"),
		Validators:          pathValidators(pathCharacters, "must begin and end with a slash, such as /team/"),
		MarkdownDescription: fmt.Sprintf("The path of the %s, such as `/team/`. Default `/`.", object),
	}
}

// PolicyARNValidators returns the validators of the ARN of a managed policy.
func PolicyARNValidators() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(policyARN, "must be the ARN of a managed policy, such "+
		"as arn:aws:iam::123456789012:policy/name")}
}

// Replacing returns the attribute with a plan modifier that replaces the object when the attribute
// changes. The description says so.
func Replacing(attribute schema.StringAttribute, object string) schema.StringAttribute {
	attribute.PlanModifiers = append(attribute.PlanModifiers, stringplanmodifier.RequiresReplace())
	attribute.MarkdownDescription += " Changing this creates a new " + object + "."
	return attribute
}
