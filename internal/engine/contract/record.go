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
	// lacking is an ability that the service lacks, because of which the suite skipped a part.
	lacking string
}

// outcome is an operation and its error code, which is empty for success.
type outcome struct{ operation, code string }

func newRecord() *record { return &record{seen: map[outcome]bool{}} }

func (r *record) add(operation, code string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[outcome{operation, code}] = true
}

func (r *record) lack(ability string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lacking = ability
}

// cannotArise lists the errors of the model that no caller can cause, with the reason.
var cannotArise = []struct {
	code       string
	operations string // by name; empty is every operation
	why        string
}{
	{"ServiceFailure", "", "it tells of a fault of the service's own"},
	{"ConcurrentModification", "", "changes are made one after the other"},
	{"EntityTemporarilyUnmodifiable", "", "a change is complete when it is answered"},
	{"RegionDisabledException", "", "there is one region, and it is there"},
	{"LimitExceeded", `CreateAccountAlias CreateLoginProfile ChangePassword
		DeactivateMFADevice DeleteAccessKey DeleteAccountAlias DeleteAccountPasswordPolicy DeleteGroup DeleteGroupPolicy
		DeleteLoginProfile DeletePolicy DeletePolicyVersion DeleteRole DeleteRolePolicy DeleteUser DeleteUserPolicy
		DeleteVirtualMFADevice DetachGroupPolicy DetachRolePolicy DetachUserPolicy GenerateCredentialReport
		RemoveUserFromGroup ResyncMFADevice SetDefaultPolicyVersion UpdateAccessKey UpdateAccountPasswordPolicy
		UpdateGroup UpdateLoginProfile UpdateUser`, "nothing that the operation makes more of has a quota"},
	{"LimitExceeded", "CreateVirtualMFADevice", "the quota is on the devices of a user, and a new one is nobody's"},
	{"NoSuchEntity", "CreateGroup", "it names nothing that must exist"},
	{"NoSuchEntity", "UpdateAccountPasswordPolicy", "it makes the policy where there is none"},
	{"EntityAlreadyExists", "CreateAccountAlias", "aliases are unique among all accounts of AWS, and a service has one"},
	{"MalformedPolicyDocument", "UpdateAccountPasswordPolicy", "the password policy is made of parameters, which validation checks"},
	{"InvalidInput", "ListAttachedGroupPolicies ListAttachedRolePolicies ListAttachedUserPolicies", "validation checks all that it takes"},
	{"InvalidInput", "ListMFADeviceTags UntagMFADevice", "a serial number is an ARN or another text: what is none of a device is not found"},
	{"UnmodifiableEntity", `AttachRolePolicy DetachRolePolicy DeleteRole DeleteRolePolicy DeleteRolePermissionsBoundary
		PutRolePolicy PutRolePermissionsBoundary UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription`,
		"only service-linked roles are protected, and none of these operations makes one"},
	{"PolicyNotAttachable", `AttachGroupPolicy AttachRolePolicy AttachUserPolicy PutRolePermissionsBoundary
		PutUserPermissionsBoundary`, "only the policies of service-linked roles are, and none of these operations makes one"},
	{"PolicyEvaluation", "SimulateCustomPolicy SimulatePrincipalPolicy", "a policy that was accepted can be evaluated"},
	{"ReportInProgress", "GetCredentialReport", "a report is complete when its generation is answered"},
	{"ExpiredTokenException", "AssumeRole", "it tells of a web identity; an expired session is ExpiredToken, with every operation"},
}

// check fails for every operation that never succeeded, and for every error of the model that was neither seen nor listed
// in cannotArise. Errors may be missing if the suite skipped a part.
func (r *record) check(t *testing.T) {
	impossible := map[outcome]string{}
	for _, row := range cannotArise {
		for _, operation := range strings.Fields(cmp.Or(row.operations, strings.Join(operations(), " "))) {
			impossible[outcome{operation, row.code}] = row.why
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
			if !r.seen[o] && impossible[o] == "" && r.lacking == "" {
				t.Errorf("%s never returned %s", operation, code)
			}
		}
	}
	if r.lacking != "" {
		t.Logf("some errors were not tested, because the service lacks %s", r.lacking)
	}
	for _, o := range slices.SortedFunc(maps.Keys(r.seen), func(a, b outcome) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }) {
		if why := impossible[o]; why != "" {
			t.Errorf("%s returned %s, which cannotArise lists as impossible: %s", o.operation, o.code, why)
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
