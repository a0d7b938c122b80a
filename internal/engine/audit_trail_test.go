package engine

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// storedEvents returns the names of the events in the store. It does not write held events to the
// store first.
func storedEvents(t *testing.T, e *Engine) string {
	t.Helper()
	var names []string
	err := e.store.Read(t.Context(), func(tx store.Tx) error {
		for entry, err := range tx.AuditEntries(store.AuditFilter{}) {
			if err != nil {
				return err
			}
			names = append(names, must(audit.Decode(entry.Body)).EventName)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestAuditTrail_WritesHeldEventsAfterOneSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newTestEngine(t)
		must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ann")}))
		for range 3 {
			must(operator(e).GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("ann")}))
		}
		time.Sleep(time.Second - time.Nanosecond)
		synctest.Wait()
		if got := storedEvents(t, e); got != "CreateStore CreateUser" {
			t.Errorf("before one second has passed, the store has the events %q, want CreateStore and CreateUser", got)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got := storedEvents(t, e); got != "CreateStore CreateUser GetUser" {
			t.Errorf("after one second, the store has the events %q, want also one GetUser", got)
		}
	})
}
