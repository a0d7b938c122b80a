package engine

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// ListResourceChangesInput says which changes to return.
type ListResourceChangesInput struct {
	// Subject is a unique id, an access key's id or an ARN; empty for changes to any entity.
	Subject string
	// After is the number of an audit record; only later changes are returned.
	After int64
}

// ListResourceChangesOutput has the changes, oldest first.
type ListResourceChangesOutput struct {
	Records []audit.Link
	// Last is the number of the last record of the audit trail, whatever it is about.
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

// ListResourceChanges returns the records of the changes to one entity. Reads and refused calls are left out. It is for
// the local operator.
func (c *Client) ListResourceChanges(ctx context.Context, in *ListResourceChangesInput) (*ListResourceChangesOutput, error) {
	return do(ctx, c, listResourceChanges, in)
}

var listResourceChanges = registerExtension("Returns the audit records of the changes to one entity.",
	[]model.Member{
		member("Subject", &arnShape, "A unique id, an access key's id or an ARN."),
		member("After", &countShape, "The number of an audit record; only later changes are returned."),
	},
	[]model.Member{
		member("Records", &auditRecordsShape, "The records of the changes, oldest first."),
		member("Last", &countShape, "The number of the last record of the audit trail."),
	},
	operation[ListResourceChangesInput, ListResourceChangesOutput]{
		name: "ListResourceChanges", audience: localOperatorOnly,
		run: func(c *call, in *ListResourceChangesInput) (*ListResourceChangesOutput, error) {
			out := &ListResourceChangesOutput{Records: []audit.Link{}}
			newest, err := lastLink(c.tx)
			if err != nil || newest == nil {
				return out, err
			}
			out.Last = newest.Number
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
