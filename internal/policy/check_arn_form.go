package policy

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// arnForm compares an ARN, written with a number of characters, with the forms that the resources of its service have
// in the catalog. It returns an empty code if the ARN has one of them. Otherwise problem is a sentence about the ARN,
// and remedy one about its correction.
func (c *checker) arnForm(arn *pattern.ARN, length int) (code Code, problem, remedy string) {
	service, literal := arn.Fields[pattern.ServiceField].LiteralText()
	if !literal || service != ascii.Fold(service) {
		return "", "", "" // other findings report both
	}
	types := c.catalog.ResourceTypes(service)
	if len(types) == 0 {
		if c.catalog.Service(service) != nil {
			return "", "", ""
		}
		return CodeUnknownService, fmt.Sprintf("no service has ARNs with the service %s", Quote(service)),
			"Correct the service"
	}
	if c.comparisons -= len(types) * comparisonsFor(length); c.comparisons < 0 || hasForm(types, arn) {
		return missingRegion(arn, types, service)
	}
	for _, field := range [...]struct {
		index int
		code  Code
		name  string
	}{
		{pattern.RegionField, CodeRegionNotAllowed, "region"}, {pattern.AccountField, CodeAccountNotAllowed, "account"},
	} {
		if isEmpty(&arn.Fields[field.index]) {
			continue
		}
		without := *arn
		without.Fields[field.index] = pattern.Pattern{}
		if hasForm(types, &without) {
			return field.code, fmt.Sprintf("the ARN of such a resource of %s has no %s", service, field.name),
				"Leave the field empty"
		}
	}
	return CodeInvalidARNResource, fmt.Sprintf("no type of resource of %s has an ARN of this form", service),
		"Correct the part after the fifth colon"
}

// missingRegion reports an ARN of an existing form without the region that such ARNs have. It does not report a missing
// account, because the ARNs of resources that AWS owns, such as documents of Systems Manager, have none.
func missingRegion(arn *pattern.ARN, types []*catalog.ResourceType, service string) (code Code, problem,
	remedy string) {
	if !isEmpty(&arn.Fields[pattern.RegionField]) || hasFormWith(types, arn, func(form *pattern.ARN) bool {
		return isEmpty(&form.Fields[pattern.RegionField])
	}) {
		return "", "", ""
	}
	return CodeMissingARNRegion, fmt.Sprintf("the ARN of such a resource of %s has a region", service),
		"Write the region, or \"*\" for any"
}

// isEmpty reports whether a field is empty text.
func isEmpty(field *pattern.Pattern) bool {
	text, literal := field.LiteralText()
	return literal && text == ""
}

func hasForm(types []*catalog.ResourceType, arn *pattern.ARN) bool {
	return hasFormWith(types, arn, func(*pattern.ARN) bool { return true })
}

// hasFormWith reports whether an ARN may have a form with a property.
func hasFormWith(types []*catalog.ResourceType, arn *pattern.ARN, property func(*pattern.ARN) bool) bool {
	for _, t := range types {
		forms := t.Patterns()
		for i := range forms {
			if property(&forms[i]) && mayNameSame(arn, &forms[i]) {
				return true
			}
		}
	}
	return false
}

// form reports an ARN that no resource has, according to the catalog.
func (c *checker) form(arn *pattern.ARN, v Text, at string) {
	if code, problem, remedy := c.arnForm(arn, len(v.Value)); code != "" {
		c.add(Warning, code, at, v.Pos, "In the catalog of %s, %s, so %s matches nothing. %s.", c.catalog.Date(), problem,
			Quote(v.Value), remedy)
	}
}
