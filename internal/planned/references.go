package planned

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Reference is a user, group, role or managed policy that an attribute of a planned resource names. It must exist when
// Terraform applies the resource.
type Reference struct {
	Attribute string
	Kind      account.Kind
	Name      string // the name, or the ARN of a policy
	// Kept says that the resource names it already, so that applying the plan does not refer to it again.
	Kept bool
}

// policyReferences lists the attributes that name managed policies.
var policyReferences = []string{"policy_arn", "policy_arns", "permissions_boundary"}

// BoundaryAttribute is the attribute that names a permissions boundary.
const BoundaryAttribute = "permissions_boundary"

// References returns everything that the attributes of a planned resource name, as far as it is known. A changed
// resource that is replaced refers to all of it again.
func References(c Change) []Reference {
	var found []Reference
	add := func(attribute string, kind account.Kind) {
		name := func(text string) string { return text }
		if kind != account.PolicyKind {
			name = ProvisionalName // as in the account
		}
		var before []string
		if !c.Replaced {
			before = textsOf(c.Before, attribute)
		}
		for _, text := range textsOf(c.After, attribute) {
			found = append(found, Reference{attribute, kind, name(text), slices.Contains(before, text)})
		}
	}
	for _, owner := range ownerAttributes[c.Type] {
		add(owner.Attribute, owner.Kind)
	}
	if c.Type == "aws_iam_policy_attachment" {
		for _, owners := range ownerSets {
			add(owners.Attribute, owners.Kind)
		}
	}
	if c.Type == "aws_iam_role" {
		add("managed_policy_arns", account.PolicyKind)
	}
	for _, attribute := range policyReferences {
		add(attribute, account.PolicyKind)
	}
	return found
}

// textsOf returns the known texts in an attribute, which is a text or a list of texts. Holes are as in [Edits].
func textsOf(value tree.Node, attribute string) []string {
	n, ok := value.Member(attribute)
	if !ok {
		return nil
	}
	var texts []string
	for _, element := range slices.Concat(n.Elements, []tree.Node{*n}) {
		if element.Kind != tree.String {
			continue
		}
		if t := textOf(attribute, element.Text); t.value != "" {
			texts = append(texts, t.value)
		}
	}
	return texts
}
