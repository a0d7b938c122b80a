package engine

import (
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// TestOperations_HaveKnownActions checks that the catalog has the action of each operation. Otherwise the checks of
// policies and assertions would report the action as a typing error.
func TestOperations_HaveKnownActions(t *testing.T) {
	withoutOwnAction := []string{
		"SignIn", // needs no permission
		// These need the permission for another action.
		"RevokeUserSessions", "RevokeRoleSessions", "RevokeAccessKeySessions", "GetPasswordProfile", "SetPasswordProfile",
	}
	localOperatorOnlyOperations := []string{
		"AdoptResource", "ConfirmResource", "CreateAuditCheckpoint", "CreateBackup", "DescribeAWSPolicies", "DescribeOrigin",
		"DescribeRun", "DescribeStore", "EndRun", "ExportAccount", "GetAccount", "GetLimits", "ImportAccount",
		"ListAuditRecords", "ListDependents", "ListResourceChanges", "LoadAWSPolicies", "RecordHandover", "ReplacePolicy",
		"RevealAccessKey", "RotateMasterKey", "SetLimits", "UnprotectAccessAssertion", "VerifyAuditTrail",
	}
	for op := range Operations() {
		name, service := op.Model().Name, op.Model().Service
		if slices.Contains(withoutOwnAction, name) || slices.Contains(localOperatorOnlyOperations, name) {
			continue
		}
		if service != "sts" {
			service = "iam"
		}
		if catalog.Default().Find(service+":"+name).Status != catalog.Known {
			t.Errorf("the catalog does not have %s:%s: add it to tools/catalog/additions.txt and run make generate", service,
				name)
		}
	}
}
