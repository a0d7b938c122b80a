// Package storetest tests an implementation of [store.Store] through the contract alone. Every
// implementation runs the whole suite in a test of its own:
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) (open func() store.Store) { … })
//	}
//
// If a test of one database finds a new rule, its test belongs here, so that every implementation follows it.
package storetest

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// NewDatabase creates an empty database for one test, and returns a function that opens stores on it.
// Each call of open returns another store on the same database, as another process would. The function
// fails the test if it cannot, and closes what it opened when the test ends.
type NewDatabase func(t testing.TB) (open func() store.Store)

// Run tests the implementation that newDatabase creates.
func Run(t *testing.T, newDatabase NewDatabase) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"Identity_RoundTrip", testIdentity},
		{"Page_OrdersByFoldedName", testPage},
		{"InlinePolicy_KeepsFirstSpelling", testInlinePolicy},
		{"Policy_RoundTrip", testPolicy},
		{"AccessKey_RoundTrip", testAccessKey},
		{"EachAccessKey_AllowsChanges", testEachAccessKey},
		{"PasswordHistory_OutlivesLoginProfile", testPasswordHistory},
		{"MFADevice_RoundTrip", testMFADevice},
		{"AccessAssertion_RoundTrip", testAccessAssertion},
		{"Setting_RoundTrip", testSetting},
		{"PutRevocation_KeepsLaterTimes", testRevocation},
		{"Attempts_RoundTrip", testAttempts},
		{"AuditEntries_AppliesFilter", testAuditEntries},
		{"AppendAudit_LeavesNoGaps", testAuditNumbers},
		{"ChangedSince_ListsChanges", testChangedSince},
		{"ChangedSince_RejectsUnknownRevision", testUnknownRevision},
		{"AccountReader_ReadsEverything", testAccountReader},
		{"Read_SeesOneMoment", testReadSnapshot},
		{"Read_RefusesChanges", testReadOnly},
		{"Read_StopsWithContext", testReadContext},
		{"Tx_EndsWithFunction", testLateUse},
		{"Write_FailureIsIsolated", testIsolatedFailure},
		{"Write_IgnoresContextOnceRunning", testWriteContext},
		{"Write_StopsWaitingWithContext", testWaitingContext},
		{"Close_RefusesLaterCalls", testClose},
		{"Tx_MatchesModel", testModel},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newDatabase(t)()) })
	}
	t.Run("Write_RefusedChangesNothing", func(t *testing.T) { testRefusals(t, newDatabase) })
	t.Run("Store_SharesDatabase", func(t *testing.T) { testSharedDatabase(t, newDatabase(t)) })
}
