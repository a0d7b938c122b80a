package engine

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func TestGetAccountSummary_CountsAndQuotas(t *testing.T) {
	e := newPopulatedEngine(t)
	storeLimits(t, e, `{"users":7,"policies":100,"versions_per_policy":3}`)
	writeStore(t, e, func(tx store.Tx) error {
		user, err := tx.Identity(store.User, "ann")
		if err != nil {
			return err
		}
		for i, owner := range []string{"", user.ID} {
			if err := tx.InsertMFADevice(store.MFADevice{Name: fmt.Sprint("d", i), Path: "/", Created: e.now(), Seed: "sealed",
				UserID: owner}); err != nil {
				return err
			}
		}
		return nil
	})
	got := must(operator(e).GetAccountSummary(t.Context(), &iam.GetAccountSummaryInput{})).SummaryMap
	for name, want := range map[string]int32{
		"Users": 1, "UsersQuota": 7, "Groups": 1, "GroupsQuota": 300, "Roles": 1, "Policies": 1, "PoliciesQuota": 100,
		"PolicyVersionsInUse": 1, "PolicyVersionsInUseQuota": 10_000, "VersionsPerPolicyQuota": 3,
		"AttachedPoliciesPerUserQuota": 10,
		"MFADevices":                   2, "MFADevicesInUse": 1, "AccountMFAEnabled": 0, "GlobalEndpointTokenVersion": 2,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %d, want %d", name, value, want)
		}
	}
	for _, name := range iamtypes.SummaryKeyType("").Values() {
		if _, ok := got[string(name)]; !ok {
			t.Errorf("the summary lacks %s", name)
		}
	}
}
