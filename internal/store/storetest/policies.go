package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func testPolicy(t *testing.T, s store.Store) {
	own := store.Policy{ID: "ANPA1", Name: "Read", Path: "/team/", Description: "d", Created: noon,
		Updated:        noon.Add(time.Hour),
		DefaultVersion: 2, LastVersion: 2, Tags: []store.Tag{{Key: "k", Value: "v"}}}
	awsManaged := policy("read")
	awsManaged.ID, awsManaged.Owner = "ANPA2", "aws"
	idle := policy("Idle")
	Insert(t, s, own, awsManaged, idle, store.PolicyVersion{PolicyID: own.ID, Number: 1, Document: "one", Created: noon},
		store.PolicyVersion{PolicyID: own.ID, Number: 2, Document: "two", Created: noon.Add(time.Hour)},
		store.PolicyVersion{PolicyID: awsManaged.ID, Number: 1, Document: "aws", Created: noon}, user("anna"))
	write(t, s, func(tx store.Tx) error {
		return errors.Join(tx.Attach("AIDAanna", own.ID), tx.Attach("AIDAanna", own.ID), tx.Attach("AIDAanna", awsManaged.ID))
	})
	own.Attachments, awsManaged.Attachments = 1, 1

	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.Policy, error) { return tx.Policy("", "READ") }), own)
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.Policy, error) { return tx.Policy("aws", "READ") }),
		awsManaged)
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]store.PolicyVersion, error) { return tx.PolicyVersions(own.ID) }),
		[]store.PolicyVersion{{PolicyID: own.ID, Number: 2, Document: "two", Created: noon.Add(time.Hour)},
			{PolicyID: own.ID, Number: 1, Document: "one", Created: noon}})
	assertEqual(t,
		readValue(t, s, func(tx store.Tx) (store.PolicyVersion, error) { return tx.PolicyVersion(own.ID, 1) }).Document,
		"one")
	assertEqual(t, readValue(t, s, func(tx store.Tx) (int, error) { return tx.CountPolicyVersions() }), 2)
	assertEqual(t, readValue(t, s, func(tx store.Tx) (int, error) { return tx.CountPolicies("") }), 2)

	ownAccount := ""
	for _, test := range []struct {
		filter store.PolicyFilter
		page   store.Page
		want   string
	}{
		{store.PolicyFilter{}, store.Page{}, "Idle Read readaws"},
		{store.PolicyFilter{Owner: &ownAccount}, store.Page{}, "Idle Read"},
		{store.PolicyFilter{Attached: true}, store.Page{}, "Read readaws"},
		{store.PolicyFilter{Usage: store.AsPermissions}, store.Page{}, "Read readaws"},
		{store.PolicyFilter{Usage: store.AsBoundary}, store.Page{}, ""},
		{store.PolicyFilter{}, store.Page{After: "read/"}, "readaws"},
		{store.PolicyFilter{}, store.Page{After: "read/aws"}, ""},
		{store.PolicyFilter{}, store.Page{After: "READ"}, ""},
		{store.PolicyFilter{}, store.Page{Limit: 2}, "Idle Read"},
		{store.PolicyFilter{}, store.Page{PathPrefix: "/team/"}, "Read"},
	} {
		found := policyNames(readValue(t, s,
			func(tx store.Tx) ([]store.Policy, error) { return tx.Policies(test.filter, test.page) }))
		if found != test.want {
			t.Errorf("%+v %+v: got %q, want %q", test.filter, test.page, found, test.want)
		}
	}
	assertEqual(t, policyNames(readValue(t, s, func(tx store.Tx) ([]store.Policy, error) {
		return tx.AttachedPolicies("AIDAanna", store.Page{After: "read/"})
	})), "readaws")

	own.DefaultVersion, own.Description, own.Tags = 1, "e", nil
	write(t, s, func(tx store.Tx) error { return errors.Join(tx.UpdatePolicy(own), tx.DeletePolicyVersion(own.ID, 2)) })
	assertEqual(t, readValue(t, s, func(tx store.Tx) (store.Policy, error) { return tx.PolicyByID(own.ID) }), own)
	write(t, s, func(tx store.Tx) error {
		return errors.Join(tx.Detach("AIDAanna", own.ID), tx.DeletePolicy(own.ID))
	})
	assertEqual(t, readValue(t, s, func(tx store.Tx) ([]store.PolicyVersion, error) { return tx.PolicyVersions(own.ID) }),
		[]store.PolicyVersion(nil))
}
