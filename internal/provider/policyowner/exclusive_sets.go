package policyowner

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/exclusiveset"
)

// ExclusiveAttachments describes the set of all managed policies that are attached to an owner.
func ExclusiveAttachments(owner Owner) exclusiveset.Set {
	return exclusiveset.Set{
		TypeName: "iam_" + owner.name + "_policy_attachments_exclusive", Owner: owner.name + "_name", Members: "policy_arns",
		Description: fmt.Sprintf("All managed policies that are attached to a %s. The resource attaches the listed "+
			"policies and detaches every other policy, no matter who attached it. If you also use "+
			"`iam_%[1]s_policy_attachment`, list its policies here as well.", owner.name),
		MembersDescription: "The ARNs of the policies. An empty set detaches all.",
		MemberValidators:   argument.PolicyARNValidators(),
		List:               owner.Attached, Add: owner.attach, Remove: owner.detach, UniqueID: owner.UniqueID,
		Calls: []string{"Attach" + owner.title + "Policy", "Detach" + owner.title + "Policy"}, Max: owner.maxAttached,
		Object: func(name, arn string) planned.Object { return planned.AttachmentObject(owner.kind, name, arn) },
	}
}

// ExclusiveInlinePolicies describes the set of all inline policies of an owner, by name.
func ExclusiveInlinePolicies(owner Owner) exclusiveset.Set {
	return exclusiveset.Set{
		TypeName: "iam_" + owner.name + "_policies_exclusive", Owner: owner.name + "_name", Members: "policy_names",
		FoldCase: true,
		Description: fmt.Sprintf("All inline policies of a %s, by name. The resource deletes every inline policy "+
			"that it does not list, no matter who created it. Create the listed ones with `iam_%[1]s_policy`.", owner.name),
		MembersDescription: "The names of the policies. An empty set deletes all.",
		MemberValidators:   argument.NameValidators(128),
		List:               owner.InlineNames, Remove: owner.deleteInline, UniqueID: owner.UniqueID,
		Object: func(name, policy string) planned.Object { return planned.InlineObject(owner.kind, name, policy) },
		Calls:  []string{"Put" + owner.title + "Policy", "Delete" + owner.title + "Policy"},
	}
}
