package engine

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// ListResourceChangesInput selects the changes to return.
type ListResourceChangesInput struct {
	// Subject is a unique id, the id of an access key, or an ARN. If it is empty, the changes to all
	// entities are returned.
	Subject string
	// After is the number of an audit record. Only later records are returned.
	After int64
}

// ListResourceChangesOutput contains the audit records of the changes, oldest first.
type ListResourceChangesOutput struct {
	Records []audit.Link
	// Last is the number of the last record in the audit trail, including records of other subjects
	// and of reads.
	Last int64

	ResultMetadata middleware.Metadata
}

// Events decodes the records.
func (out *ListResourceChangesOutput) Events() ([]audit.Event, error) {
	events := make([]audit.Event, 0, len(out.Records))
	for _, record := range out.Records {
		event, err := audit.Decode(record.Body)
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}

// ListResourceChanges returns the audit records of the changes to one entity, without reads and
// failed calls. Only the local operator may call it.
func (c *Client) ListResourceChanges(ctx context.Context, in *ListResourceChangesInput) (*ListResourceChangesOutput,
	error) {
	return do(ctx, c, listResourceChanges, in)
}

var listResourceChanges = registerExtension("Returns the audit records of the changes to one entity.",
	[]model.Member{
		member("Subject", &arnShape, "A unique id, the id of an access key, or an ARN."),
		member("After", &integerShape, "The number of an audit record. Only later records are returned."),
	},
	[]model.Member{
		member("Records", &auditRecordsShape, "The audit records of the changes, oldest first."),
		member("Last", &integerShape, "The number of the last record of the audit trail."),
	},
	operation[ListResourceChangesInput, ListResourceChangesOutput]{
		name: "ListResourceChanges", audience: localOperatorOnly,
		run: func(c *call, in *ListResourceChangesInput) (*ListResourceChangesOutput, error) {
			out := &ListResourceChangesOutput{Records: []audit.Link{}}
			last, err := lastLink(c.tx)
			if err != nil || last == nil {
				return out, err
			}
			out.Last = last.Number
			for entry, err := range c.tx.AuditEntries(AuditFilter{After: in.After, Subject: in.Subject}) {
				if err != nil {
					return nil, err
				}
				event, err := audit.Decode(entry.Body)
				if err != nil {
					return nil, err
				}
				if !event.ReadOnly && event.ErrorCode == "" {
					out.Records = append(out.Records, linkOf(entry))
				}
			}
			return out, nil
		},
	})

// signInEvent is the event name of [Client.SignIn] in the audit trail.
const signInEvent = "ConsoleLogin"

// ChangesObjects reports whether an event changed objects of the account. It is false for reads, failed calls, calls
// that left everything as it was, and uses of an identity such as a sign-in, even if the use marked a one-time code as
// used.
func ChangesObjects(event audit.Event) bool {
	if event.ReadOnly || event.ErrorCode != "" || event.EventName == signInEvent {
		return false
	}
	if op, ok := Lookup(event.EventName); ok && op.UsesOnly() {
		return false
	}
	return len(event.ObjectIDs()) > 0
}
