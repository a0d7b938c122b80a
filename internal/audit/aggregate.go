package audit

import (
	"maps"
	"time"
)

// Aggregator holds refusals and reads until they are drained, and folds equal ones into one event, so that a flood of
// them is a few records. Equal are those of the same caller, operation, error and source address, whatever their
// parameters: the record has those of the first.
//
// At most as many different events are held as its capacity says. Further ones are folded by service, operation and
// error alone, without their callers; where there are too many of those as well, only the number of the rest is
// recorded. So every event is counted in some record, and what a flood costs in memory and records is bounded: at
// most capacity + 513 between two drains.
//
// It is not safe for use by several goroutines at once.
type Aggregator struct {
	capacity int
	callers  map[callerKey]*folded
	overflow map[operationKey]*folded
	rest     *folded
	order    []*folded // as they came
}

// maxOperations is how many different operations and errors are told apart where there are too many callers. IAM and
// STS together have fewer operations; one may fail in several ways.
const maxOperations = 512

type operationKey struct{ source, name, errorCode string }

type callerKey struct {
	operationKey
	identity, principal, arn, user, accessKey, address string
}

// folded is events that are one record.
type folded struct {
	event       Event
	count       int64
	first, last time.Time
	by          string // what they have in common, if not the caller
}

// NewAggregator makes one that holds at most capacity different events, or one if that is less.
func NewAggregator(capacity int) *Aggregator {
	a := &Aggregator{capacity: max(capacity, 1)}
	a.Drain()
	return a
}

// Add takes an event that happened now. Maps in it must not be changed afterwards.
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

// Fold takes an event that equals one that is held, and reports whether there is one; if not, nothing is done. The event
// needs no more than what equal ones have in common.
func (a *Aggregator) Fold(now time.Time, e Event) bool {
	f, ok := a.callers[keyOf(e)]
	if ok {
		f.add(now)
	}
	return ok
}

func keyOf(e Event) callerKey {
	who := e.UserIdentity
	return callerKey{
		operationKey{e.EventSource, e.EventName, e.ErrorCode},
		who.Type, who.PrincipalID, who.ARN, who.UserName, who.AccessKeyID, e.SourceIPAddress,
	}
}

// Drain gives the events to record, in the order in which the first of each came, and forgets them. One that stands
// for several says how many, with the times of the first and the last, in additionalEventData.
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

// anonymous is what events of different callers have in common.
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
