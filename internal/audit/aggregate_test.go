package audit

import (
	"fmt"
	"testing"
	"time"
)

// refusal returns an event with the fields that decide whether two events are equal.
func refusal(user, name, code, address string) Event {
	e := anEvent()
	e.UserIdentity.UserName, e.EventName, e.ErrorCode, e.SourceIPAddress = user, name, code, address
	return e
}

// countEvents returns the number of events that the records stand for.
func countEvents(t *testing.T, records []Event) int64 {
	t.Helper()
	total := int64(0)
	for _, e := range records {
		if _, err := Encode(e); err != nil {
			t.Fatal(err)
		}
		n, folded := e.AdditionalEventData[KeyAggregatedEvents].(int64)
		if !folded {
			n = 1
		}
		total += n
	}
	return total
}

func TestAggregator_FoldsEqualEvents(t *testing.T) {
	a := NewAggregator(10)
	original := refusal("alice", "GetUser", "AccessDenied", "192.0.2.1")
	original.RequestParameters = map[string]any{"userName": "first"}
	original.AdditionalEventData = map[string]any{KeyRun: "run-1"}
	a.Add(noon, original)
	for i := range 4 {
		repeated := original
		repeated.EventID, repeated.RequestParameters = fmt.Sprint("other-", i), map[string]any{"userName": fmt.Sprint(i)}
		a.Add(noon.Add(time.Duration(i+1)*time.Second), repeated)
	}
	withoutID := refusal("alice", "GetUser", "AccessDenied", "192.0.2.1")
	withoutID.EventID = ""
	if !a.Fold(noon.Add(4*time.Second), withoutID) {
		t.Error("Fold does not count an event that the aggregator holds")
	}
	if a.Fold(noon, refusal("bob", "GetUser", "AccessDenied", "192.0.2.1")) {
		t.Error("Fold counts an event that the aggregator does not hold")
	}
	for _, e := range []Event{
		refusal("bob", "GetUser", "AccessDenied", "192.0.2.1"),
		refusal("alice", "GetRole", "AccessDenied", "192.0.2.1"),
		refusal("alice", "GetUser", "Throttling", "192.0.2.1"),
		refusal("alice", "GetUser", "AccessDenied", "192.0.2.2"),
	} {
		a.Add(noon, e)
	}
	records := a.Drain()
	if len(records) != 5 || countEvents(t, records) != 10 {
		t.Fatalf("%d records for %d events, want 5 for 10", len(records), countEvents(t, records))
	}
	first := records[0]
	if first.EventID != original.EventID || first.RequestParameters["userName"] != "first" ||
		first.AdditionalEventData[KeyRun] != "run-1" ||
		first.AdditionalEventData[KeyAggregatedEvents] != int64(6) ||
		first.AdditionalEventData[KeyFirstEventTime] != "2026-03-04T12:00:00Z" ||
		first.AdditionalEventData[KeyLastEventTime] != "2026-03-04T12:00:04Z" {
		t.Errorf("the record of the equal events is %+v", first)
	}
	if len(original.AdditionalEventData) != 1 {
		t.Error("Add or Drain changed the caller's map")
	}
	for _, e := range records[1:] {
		if e.AdditionalEventData != nil {
			t.Errorf("the record of the single event %s has additional data: %v", e.EventName, e.AdditionalEventData)
		}
	}
	if len(a.Drain()) != 0 {
		t.Error("the second Drain returns records")
	}
}

func TestAggregator_BoundsRecordsOfFlood(t *testing.T) {
	const capacity = 100
	for name, event := range map[string]func(i int) Event{
		"one caller":      func(int) Event { return refusal("alice", "GetUser", "AccessDenied", "192.0.2.1") },
		"many callers":    func(i int) Event { return refusal(fmt.Sprint(i), "GetUser", "AccessDenied", "192.0.2.1") },
		"many addresses":  func(i int) Event { return refusal("alice", fmt.Sprint(i%50), "AccessDenied", fmt.Sprint(i)) },
		"many operations": func(i int) Event { return refusal("alice", fmt.Sprint(i), "AccessDenied", "192.0.2.1") },
		"many of each":    func(i int) Event { return refusal(fmt.Sprint(i%7), fmt.Sprint(i%1111), fmt.Sprint(i%13), "") },
	} {
		t.Run(name, func(t *testing.T) {
			flood := 50_000
			if name == "many callers" && !testing.Short() {
				flood = 1_000_000
			}
			a := NewAggregator(capacity)
			for i := range flood {
				a.Add(noon, event(i))
			}
			records := a.Drain()
			if len(records) > capacity+maxOperations+1 {
				t.Errorf("%d records, want at most %d", len(records), capacity+maxOperations+1)
			}
			if n := countEvents(t, records); n != int64(flood) {
				t.Errorf("the records stand for %d events, not %d", n, flood)
			}
		})
	}
}

func TestAggregator_OmitsCallerOfOverflow(t *testing.T) {
	a := NewAggregator(1)
	for _, user := range []string{"alice", "bob", "carol"} {
		a.Add(noon, refusal(user, "GetUser", "AccessDenied", "192.0.2.1"))
	}
	for i := range maxOperations {
		a.Add(noon, refusal("dave", fmt.Sprint(i), "AccessDenied", "192.0.2.1"))
	}
	records := a.Drain()
	byOperation, rest := records[1], records[len(records)-1]
	if identity := byOperation.UserIdentity; identity.Type != IdentityUnknown || identity.UserName != "" ||
		byOperation.SourceIPAddress != "" ||
		byOperation.ErrorCode != "AccessDenied" || byOperation.AdditionalEventData[KeyAggregatedBy] != "operation" ||
		byOperation.AdditionalEventData[KeyAggregatedEvents] != int64(2) {
		t.Errorf("the record of two events with the same operation is %+v", byOperation)
	}
	if rest.EventName != "AggregatedEvents" || rest.EventType != TypeServiceEvent ||
		rest.AdditionalEventData[KeyAggregatedEvents] != int64(1) {
		t.Errorf("the record of the remaining events is %+v", rest)
	}
}
