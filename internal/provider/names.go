package provider

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// The characters that names, paths and ARNs may have:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
var (
	nameCharacters = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathCharacters = regexp.MustCompile(`^(/|/[\x21-\x7E]+/)$`)
	policyPath     = regexp.MustCompile(`^(/[A-Za-z0-9.,+@=_-]+)*/$`)
	policyARN      = regexp.MustCompile(`^arn:[\w-]+:iam::(\d{12}|aws):policy/\S+$`)
)

// nameIs returns validators for a name of at most so many characters.
func nameIs(most int) []validator.String {
	return []validator.String{
		stringvalidator.LengthBetween(1, most),
		stringvalidator.RegexMatches(nameCharacters, "must have only letters, digits and _+=,.@-"),
	}
}

// nameArgument returns the argument that names an object.
func nameArgument(of string, most int) schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, Validators: nameIs(most),
		MarkdownDescription: fmt.Sprintf("The name of the %s: up to %d letters, digits and `_+=,.@-`. Names are "+
			"unique without regard to case.", of, most),
	}
}

func pathIs(characters *regexp.Regexp, must string) []validator.String {
	return []validator.String{stringvalidator.LengthBetween(1, 512), stringvalidator.RegexMatches(characters, must)}
}

func pathArgument(of string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString("/"),
		Validators:          pathIs(pathCharacters, "must begin and end with a slash, such as /team/"),
		MarkdownDescription: fmt.Sprintf("The path of the %s, such as `/team/`. Default `/`.", of),
	}
}

// policyARNIs returns validators for the ARN of a managed policy.
func policyARNIs() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(policyARN, "must be the ARN of a managed policy, such "+
		"as arn:aws:iam::123456789012:policy/name")}
}

// replacing returns the attribute such that changing it replaces the object, which its description
// says too.
func replacing(attribute schema.StringAttribute, object string) schema.StringAttribute {
	attribute.PlanModifiers = append(attribute.PlanModifiers, stringplanmodifier.RequiresReplace())
	attribute.MarkdownDescription += " Changing this creates a new " + object + "."
	return attribute
}
