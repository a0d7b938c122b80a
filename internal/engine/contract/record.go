package contract

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// record holds the results that the suite saw of each operation.
type record struct {
	mu   sync.Mutex
	seen map[outcome]bool
	// skipReason is the reason why the suite skipped a part, or empty.
	skipReason string
}

// outcome is an operation and its error code, which is empty for success.
type outcome struct{ operation, code string }

func newRecord() *record { return &record{seen: map[outcome]bool{}} }

// add records the result of a call.
func (r *record) add(operation, code string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[outcome{operation, code}] = true
}

// skip records that the suite skipped a part.
func (r *record) skip(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skipReason = reason
}

// cannotArise lists the errors of the model that no caller can cause, with the reason.
var cannotArise = []struct {
	code       string
	operations string // by name; empty is every operation
	reason     string
}{
	{"ServiceFailure", "", "the error reports a fault of the service itself"},
	{"ConcurrentModification", "", "the service applies changes one after the other"},
	{"EntityTemporarilyUnmodifiable", "", "a change is complete when the operation returns"},
	{"RegionDisabledException", "", "the only region is enabled"},
	{"LimitExceeded", `CreateAccountAlias CreateLoginProfile ChangePassword
		DeactivateMFADevice DeleteAccessKey DeleteAccountAlias DeleteAccountPasswordPolicy DeleteGroup DeleteGroupPolicy
		DeleteLoginProfile DeletePolicy DeletePolicyVersion DeleteRole DeleteRolePolicy DeleteUser DeleteUserPolicy
		DeleteVirtualMFADevice DetachGroupPolicy DetachRolePolicy DetachUserPolicy GenerateCredentialReport
		RemoveUserFromGroup ResyncMFADevice SetDefaultPolicyVersion UpdateAccessKey UpdateAccountPasswordPolicy
		UpdateGroup UpdateLoginProfile UpdateUser`, "the operation adds nothing that a quota limits"},
	{"LimitExceeded", "CreateVirtualMFADevice", "the quota limits the devices of a user, and a new device has no user"},
	{"NoSuchEntity", "CreateGroup", "the input refers to no other entity"},
	{"NoSuchEntity", "UpdateAccountPasswordPolicy", "the operation creates a missing policy"},
	{"EntityAlreadyExists", "CreateAccountAlias",
		"aliases are unique among accounts, and the service has only one account"},
	{"MalformedPolicyDocument", "UpdateAccountPasswordPolicy",
		"the input contains no document, and validation checks its members"},
	{"InvalidInput", "ListAttachedGroupPolicies ListAttachedRolePolicies ListAttachedUserPolicies",
		"validation rejects every invalid input"},
	{"InvalidInput", "ListMFADeviceTags UntagMFADevice", "a serial number that belongs to no device gives NoSuchEntity"},
	{"UnmodifiableEntity", `AttachRolePolicy DetachRolePolicy DeleteRole DeleteRolePolicy DeleteRolePermissionsBoundary
		PutRolePolicy PutRolePermissionsBoundary UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription`,
		"only service-linked roles are unmodifiable, and the suite cannot create one"},
	{"PolicyNotAttachable", `AttachGroupPolicy AttachRolePolicy AttachUserPolicy PutRolePermissionsBoundary
		PutUserPermissionsBoundary`,
		"only policies of service-linked roles are not attachable, and the suite cannot create one"},
	{"PolicyEvaluation", "SimulateCustomPolicy SimulatePrincipalPolicy",
		"the service can evaluate every policy that it accepts"},
	{"ReportInProgress", "GetCredentialReport", "a report is complete when GenerateCredentialReport returns"},
	{"ExpiredTokenException", "AssumeRole", "the error is for web identities; an expired session gives ExpiredToken"},
}

// check fails for every operation that never succeeded, and for every error of the model that was neither
// seen nor listed in cannotArise. Errors may be missing if the suite skipped a part.
func (r *record) check(t *testing.T) {
	impossible := map[outcome]string{}
	for _, row := range cannotArise {
		for _, operation := range strings.Fields(cmp.Or(row.operations, strings.Join(operations(), " "))) {
			impossible[outcome{operation, row.code}] = row.reason
		}
	}
	for _, operation := range operations() {
		if !r.seen[outcome{operation, ""}] {
			t.Errorf("%s never succeeded", operation)
		}
		op, found := model.Lookup(operation)
		if !found {
			t.Errorf("the service's model has no operation %s", operation)
			continue
		}
		for _, code := range op.Errors {
			o := outcome{operation, code}
			if !r.seen[o] && impossible[o] == "" && r.skipReason == "" {
				t.Errorf("%s never returned %s", operation, code)
			}
		}
	}
	if r.skipReason != "" {
		t.Logf("some errors were not tested: %s", r.skipReason)
	}
	for _, o := range slices.SortedFunc(maps.Keys(r.seen),
		func(a, b outcome) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }) {
		if reason := impossible[o]; reason != "" {
			t.Errorf("%s returned %s, which cannotArise lists as impossible: %s", o.operation, o.code, reason)
		}
	}
}

// operations lists all operations of the interfaces.
func operations() []string {
	var names []string
	for _, service := range []reflect.Type{reflect.TypeFor[IAM](), reflect.TypeFor[STS]()} {
		for i := range service.NumMethod() {
			names = append(names, service.Method(i).Name)
		}
	}
	return names
}
