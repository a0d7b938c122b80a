package accesscheck

import (
	"fmt"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// TestFind_ThousandPrincipals finds the one change among many principals.
func TestFind_ThousandPrincipals(t *testing.T) {
	changes := []account.Change{managed("read", allow("s3:Get*", "*", ""), allow("ec2:Describe*", "*", ""))}
	for i := range 50 {
		changes = append(changes, account.Group{Name: fmt.Sprintf("g%d", i), Attached: []string{prefix + "policy/read"}})
	}
	for i := range 500 {
		changes = append(changes,
			account.User{Name: fmt.Sprintf("u%d", i), Groups: []string{fmt.Sprintf("g%d", i%50)},
				Inline: inline("own", allow("s3:*", fmt.Sprintf("arn:aws:s3:::b%d/*", i), ""))},
			account.Role{Name: fmt.Sprintf("r%d", i), Inline: inline("own", allow("sqs:SendMessage", "*", "")),
				Trust: trusts(fmt.Sprintf(`{"AWS":"%suser/u%d"}`, prefix, i), "sts:AssumeRole", "")})
	}
	before := newAccount(t, changes...)
	after, err := before.With(role("ci", inline("p", attachSelf)...))
	if err != nil {
		t.Fatal(err)
	}
	if got := outline(find(t, before, after, PrivilegeEscalation, AdminGrant, PublicTrust, CrossAccountTrust,
		NewAccess)); got != "privilege_escalation ci, new_access ci" {
		t.Errorf("got %s", got)
	}
}
