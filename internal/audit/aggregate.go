package audit

import (
	"maps"
	"time"
)

// Aggregator holds refusals and reads until they are drained, and folds equal events into one, so that a flood gives
// few records. Events are equal if caller, operation, error and source address are equal. The record has the
// parameters of the first event.
//
// An Aggregator holds at most capacity different events. It folds further events by service, operation and error,
// without the callers. If even these are too many, it only counts the rest. So a record counts every event, and a
// flood causes at most capacity + 513 records between two drains.
//
// Only one goroutine at a time may use an Aggregator.
type Aggregator struct {
	capacity int
	callers  map[callerKey]*folded
	overflow map[operationKey]*folded
	rest     *folded
	order    []*folded // in the order of arrival
}

// maxOperations is the number of different operations and errors that an Aggregator records separately once it holds
// too many different events. IAM and STS together have fewer operations, and each may fail in several ways.
const maxOperations = 512

type operationKey struct{ source, name, errorCode string }

type callerKey struct {
	operationKey
	identity, principal, arn, user, accessKey, address string
}

// folded is a group of equal events that become one record.
type folded struct {
	event       Event
	count       int64
	first, last time.Time
	// by names the fields that the events share: "operation" or "none". It is empty if all fields of callerKey are equal.
	by string
}

// NewAggregator returns an Aggregator that holds at most capacity different events, and at least one.
func NewAggregator(capacity int) *Aggregator {
	a := &Aggregator{capacity: max(capacity, 1)}
	a.Drain()
	return a
}

// Add adds an event that happened now. The caller must not change its maps afterwards.
func (a *Aggregator) Add(now time.Time, e Event) {
	if a.Fold(now, e) {
		return
	}
	if len(a.callers) < a.capacity {
		a.callers[keyOf(e)] = a.hold(now, e, "")
		return
	}
	operation := keyOf(e).operationKey
	if f, ok := a.overflow[operation]; ok {
		f.add(now)
		return
	}
	if len(a.overflow) < maxOperations {
		a.overflow[operation] = a.hold(now, anonymous(e), "operation")
		return
	}
	if a.rest != nil {
		a.rest.add(now)
		return
	}
	e = anonymous(e)
	e.EventName, e.EventType, e.ErrorCode = "AggregatedEvents", TypeServiceEvent, ""
	a.rest = a.hold(now, e, "none")
}

// Fold counts an event if an equal one is held, and reports whether it did. The event needs only the fields that
// decide equality.
func (a *Aggregator) Fold(now time.Time, e Event) bool {
	f, ok := a.callers[keyOf(e)]
	if ok {
		f.add(now)
	}
	return ok
}

func keyOf(e Event) callerKey {
	identity := e.UserIdentity
	return callerKey{
		operationKey{e.EventSource, e.EventName, e.ErrorCode},
		identity.Type, identity.PrincipalID, identity.ARN, identity.UserName, identity.AccessKeyID, e.SourceIPAddress,
	}
}

// Drain returns and removes the events to record, in the order of arrival. The additionalEventData of an event that
// stands for several has their number and the times of the first and the last.
func (a *Aggregator) Drain() []Event {
	events := make([]Event, 0, len(a.order))
	for _, f := range a.order {
		events = append(events, f.record())
	}
	a.callers, a.overflow = map[callerKey]*folded{}, map[operationKey]*folded{}
	a.rest, a.order = nil, nil
	return events
}

func (a *Aggregator) hold(now time.Time, e Event, by string) *folded {
	f := &folded{event: e, count: 1, first: now, last: now, by: by}
	a.order = append(a.order, f)
	return f
}

func (f *folded) add(now time.Time) {
	f.count++
	f.last = now
}

// anonymous returns the event without the fields that identify its caller or request.
func anonymous(e Event) Event {
	return Event{
		EventVersion: e.EventVersion, UserIdentity: UserIdentity{Type: IdentityUnknown},
		EventTime: e.EventTime, EventSource: e.EventSource, EventName: e.EventName, AWSRegion: e.AWSRegion,
		ErrorCode: e.ErrorCode, EventID: e.EventID, ReadOnly: e.ReadOnly, EventType: e.EventType,
		ManagementEvent: e.ManagementEvent, RecipientAccountID: e.RecipientAccountID, EventCategory: e.EventCategory,
	}
}

func (f *folded) record() Event {
	e := f.event
	if f.count == 1 && f.by == "" {
		return e
	}
	e.AdditionalEventData = maps.Clone(e.AdditionalEventData)
	if e.AdditionalEventData == nil {
		e.AdditionalEventData = map[string]any{}
	}
	e.AdditionalEventData[KeyAggregatedEvents] = f.count
	e.AdditionalEventData[KeyFirstEventTime] = f.first.UTC().Format(time.RFC3339)
	e.AdditionalEventData[KeyLastEventTime] = f.last.UTC().Format(time.RFC3339)
	if f.by != "" {
		e.AdditionalEventData[KeyAggregatedBy] = f.by
	}
	return e
}
