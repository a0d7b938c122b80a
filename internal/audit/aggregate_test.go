package audit

import (
	"fmt"
	"testing"
	"time"
)

// refusal is an event of one caller and operation.
func refusal(user, name, code, address string) Event {
	e := anEvent()
	e.UserIdentity.UserName, e.EventName, e.ErrorCode, e.SourceIPAddress = user, name, code, address
	return e
}

// events is how many events the records stand for.
func events(t *testing.T, records []Event) int64 {
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
	given := refusal("alice", "GetUser", "AccessDenied", "192.0.2.1")
	given.RequestParameters = map[string]any{"userName": "first"}
	given.AdditionalEventData = map[string]any{KeyRun: "run-1"}
	a.Add(noon, given)
	for i := range 4 {
		other := given
		other.EventID, other.RequestParameters = fmt.Sprint("other-", i), map[string]any{"userName": fmt.Sprint(i)}
		a.Add(noon.Add(time.Duration(i+1)*time.Second), other)
	}
	bare := refusal("alice", "GetUser", "AccessDenied", "192.0.2.1")
	bare.EventID = ""
	if !a.Fold(noon.Add(4*time.Second), bare) {
		t.Error("an event that is held is not folded")
	}
	if a.Fold(noon, refusal("bob", "GetUser", "AccessDenied", "192.0.2.1")) {
		t.Error("an event that is not held is folded")
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
	if len(records) != 5 || events(t, records) != 10 {
		t.Fatalf("%d records", len(records))
	}
	first := records[0]
	if first.EventID != given.EventID || first.RequestParameters["userName"] != "first" || first.AdditionalEventData[KeyRun] != "run-1" ||
		first.AdditionalEventData[KeyAggregatedEvents] != int64(6) || first.AdditionalEventData[KeyFirstEventTime] != "2026-03-04T12:00:00Z" ||
		first.AdditionalEventData[KeyLastEventTime] != "2026-03-04T12:00:04Z" {
		t.Errorf("the folded one is %+v", first)
	}
	if len(given.AdditionalEventData) != 1 {
		t.Error("the caller's map was changed")
	}
	for _, e := range records[1:] {
		if e.AdditionalEventData != nil {
			t.Errorf("%s came once, and says %v", e.EventName, e.AdditionalEventData)
		}
	}
	if len(a.Drain()) != 0 {
		t.Error("what was drained is held still")
	}
}

func TestAggregator_BoundsFlood(t *testing.T) {
	const capacity = 100
	for name, event := range map[string]func(i int) Event{
		"of one caller":       func(int) Event { return refusal("alice", "GetUser", "AccessDenied", "192.0.2.1") },
		"of many callers":     func(i int) Event { return refusal(fmt.Sprint(i), "GetUser", "AccessDenied", "192.0.2.1") },
		"of many addresses":   func(i int) Event { return refusal("alice", fmt.Sprint(i%50), "AccessDenied", fmt.Sprint(i)) },
		"of many operations":  func(i int) Event { return refusal("alice", fmt.Sprint(i), "AccessDenied", "192.0.2.1") },
		"of many of all kind": func(i int) Event { return refusal(fmt.Sprint(i%7), fmt.Sprint(i%1111), fmt.Sprint(i%13), "") },
	} {
		t.Run(name, func(t *testing.T) {
			flood := 50_000
			if name == "of many callers" && !testing.Short() {
				flood = 1_000_000
			}
			a := NewAggregator(capacity)
			for i := range flood {
				a.Add(noon, event(i))
			}
			records := a.Drain()
			if len(records) > capacity+maxOperations+1 {
				t.Errorf("%d records", len(records))
			}
			if n := events(t, records); n != int64(flood) {
				t.Errorf("the records stand for %d events, not %d", n, flood)
			}
		})
	}
}

func TestAggregator_FoldedEventsNameNoCaller(t *testing.T) {
	a := NewAggregator(1)
	for _, user := range []string{"alice", "bob", "carol"} {
		a.Add(noon, refusal(user, "GetUser", "AccessDenied", "192.0.2.1"))
	}
	for i := range maxOperations {
		a.Add(noon, refusal("dave", fmt.Sprint(i), "AccessDenied", "192.0.2.1"))
	}
	records := a.Drain()
	byOperation, rest := records[1], records[len(records)-1]
	if who := byOperation.UserIdentity; who.Type != IdentityUnknown || who.UserName != "" || byOperation.SourceIPAddress != "" ||
		byOperation.ErrorCode != "AccessDenied" || byOperation.AdditionalEventData[KeyAggregatedBy] != "operation" ||
		byOperation.AdditionalEventData[KeyAggregatedEvents] != int64(2) {
		t.Errorf("two of an operation: %+v", byOperation)
	}
	if rest.EventName != "AggregatedEvents" || rest.EventType != TypeServiceEvent || rest.AdditionalEventData[KeyAggregatedEvents] != int64(1) {
		t.Errorf("the rest: %+v", rest)
	}
}
