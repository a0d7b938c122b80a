package planaccount

import (
	"sync"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// attachmentValue returns the value of an iam_role_policy_attachment.
func attachmentValue(role, arn string) tree.Node {
	text := func(s string) tree.Node { return tree.Node{Kind: tree.String, Text: s} }
	return tree.Node{Kind: tree.Object, Members: []tree.Member{
		{Name: "role", Value: text(role)}, {Name: "policy_arn", Value: text(arn)},
	}}
}

// Terraform plans the two resources of a handover at the same time. The last record of the object must say that it
// stays, because the destruction in apply trusts the last record.
func TestAccount_WithHandovers_LastRecordKnowsBoth(t *testing.T) {
	value := attachmentValue("r", "arn:aws:iam::000000000000:policy/p")
	null := tree.Node{Kind: tree.Null}
	const typeName = "iam_role_policy_attachment"
	for range 200 {
		p := newPlannedAccount(t, Off)
		last := map[planned.Object]bool{}
		var wait sync.WaitGroup
		for number, c := range []planned.Change{
			{Type: typeName, Before: value, After: null}, {Type: typeName, Before: null, After: value},
		} {
			c.Number = number
			wait.Go(func() {
				found := p.PlanObjects(c, null)
				p.WithHandovers(append(found.HandedOver, found.Dropped...),
					func(object planned.Object, handedOver bool) { last[object] = handedOver })
			})
		}
		wait.Wait()
		object := planned.Object{Kind: planned.Attachment, OwnerKind: account.RoleKind, Owner: "r",
			Name: "arn:aws:iam::000000000000:policy/p"}
		if stays, recorded := last[object]; !stays || !recorded {
			t.Fatalf("the last records are %v", last)
		}
	}
}
