package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AuditFilter selects records of the audit trail. The zero filter selects all.
type AuditFilter = store.AuditFilter

// ListAuditRecordsInput selects audit records. The zero input selects all of them.
type ListAuditRecordsInput struct {
	Since     *time.Time // records at or after this time
	Until     *time.Time // records before this time
	EventName string
	Principal string // the ARN of the caller
	Subject   string // a unique id, an access key's id or an ARN
	// Descending returns the newest records first.
	Descending bool
	// MaxItems is the maximum number of records on a page, from 1 to 1000. The default is 1000.
	MaxItems *int32
	// Marker is the marker of the previous page. No page contains records that were written after the
	// first page was read.
	Marker string
}

// ListAuditRecordsOutput is a page of audit records.
type ListAuditRecordsOutput struct {
	Records     []audit.Link
	IsTruncated bool
	// Marker is the marker for the next page, or "" for the last page.
	Marker string

	ResultMetadata middleware.Metadata
}

// maxAuditRecords is the maximum number of records on a page.
const maxAuditRecords = 1000

// ListAuditRecords returns a page of audit records, oldest first unless the input says otherwise. It
// does not verify the records. Only the local operator may call ListAuditRecords.
func (c *Client) ListAuditRecords(ctx context.Context, in *ListAuditRecordsInput) (*ListAuditRecordsOutput, error) {
	return do(ctx, c, listAuditRecords, in)
}

var listAuditRecords = registerExtension("Returns a page of audit records.",
	[]model.Member{
		member("Since", &timeShape, "Only records at or after this time."),
		member("Until", &timeShape, "Only records before this time."),
		member("EventName", &nameShape, "Only records of this event, such as CreateUser."),
		member("Principal", &arnShape, "Only records of calls by the principal with this ARN."),
		member("Subject", &arnShape, "Only records about a unique id, an access key's id or an ARN."),
		member("Descending", &booleanShape, "Whether to return the newest records first."),
		member("MaxItems", &model.Shape{
			Name: "maxItems", Type: model.Integer, HasMin: true, Min: 1, HasMax: true, Max: maxAuditRecords,
		}, "The maximum number of records on a page."),
		member("Marker", &nameShape, "The marker of the previous page."),
	},
	[]model.Member{
		member("Records", &auditRecordsShape, "The records."),
		member("IsTruncated", &booleanShape, "Whether there is another page."),
		member("Marker", &nameShape, "The marker for the next page."),
	},
	operation[ListAuditRecordsInput, ListAuditRecordsOutput]{
		name: "ListAuditRecords", audience: localOperatorOnly,
		prepare: func(c *call, in *ListAuditRecordsInput) error {
			if in.Marker != "" { // records that are still held are newer than the first page
				return nil
			}
			return c.engine.trail.flush()
		},
		run: func(c *call, in *ListAuditRecordsInput) (*ListAuditRecordsOutput, error) {
			return c.auditPage(in)
		},
	})

// auditPosition is the content of a marker.
type auditPosition struct {
	last   int64 // the number of the last record of the previous page
	newest int64 // the number of the newest record when the first page was read
}

func (p auditPosition) marker() string { return fmt.Sprintf("%d-%d", p.last, p.newest) }

func parseAuditPosition(marker string) (auditPosition, error) {
	last, newest, _ := strings.Cut(marker, "-")
	var p auditPosition
	var errLast, errNewest error
	p.last, errLast = strconv.ParseInt(last, 10, 64)
	p.newest, errNewest = strconv.ParseInt(newest, 10, 64)
	if errLast != nil || errNewest != nil || p.last < 0 || p.newest < p.last {
		return p, validationError("Invalid Marker.")
	}
	return p, nil
}

// auditPage returns the page of audit records that an input selects.
func (c *call) auditPage(in *ListAuditRecordsInput) (*ListAuditRecordsOutput, error) {
	filter := AuditFilter{
		Since: aws.ToTime(in.Since), Until: aws.ToTime(in.Until), EventName: in.EventName, Principal: in.Principal,
		Subject: in.Subject, Descending: in.Descending,
	}
	var position auditPosition
	if in.Marker != "" {
		var err error
		if position, err = parseAuditPosition(in.Marker); err != nil {
			return nil, err
		}
		if !in.Descending {
			filter.After = position.last
		}
	} else if newest, err := lastLink(c.tx); err != nil {
		return nil, err
	} else if newest != nil {
		position.newest = newest.Number
	}
	size := maxAuditRecords
	if in.MaxItems != nil {
		size = int(*in.MaxItems)
	}
	out := &ListAuditRecordsOutput{Records: []audit.Link{}}
	for entry, err := range c.tx.AuditEntries(filter) {
		switch {
		case err != nil:
			return nil, err
		case entry.Number > position.newest:
			if in.Descending {
				continue
			}
			return out, nil
		case in.Descending && in.Marker != "" && entry.Number >= position.last:
			continue
		case len(out.Records) == size:
			position.last = out.Records[size-1].Number
			out.IsTruncated, out.Marker = true, position.marker()
			return out, nil
		}
		out.Records = append(out.Records, linkOf(entry))
	}
	return out, nil
}

// AuditRecords reads all pages of the records that an input selects. It returns no records that were
// written after the first page was read.
func AuditRecords(ctx context.Context, api AuditAPI, in *ListAuditRecordsInput) iter.Seq2[audit.Link, error] {
	return func(yield func(audit.Link, error) bool) {
		next := ListAuditRecordsInput{}
		if in != nil {
			next = *in
		}
		for {
			page, err := api.ListAuditRecords(ctx, &next)
			if err != nil {
				yield(audit.Link{}, err)
				return
			}
			for _, record := range page.Records {
				if !yield(record, nil) {
					return
				}
			}
			if !page.IsTruncated {
				return
			}
			next.Marker = page.Marker
		}
	}
}

// VerifyAuditTrailInput is the input of [Client.VerifyAuditTrail].
type VerifyAuditTrailInput struct {
	// Checkpoint is an earlier output of CreateAuditCheckpoint. With a checkpoint, the verification also
	// finds records that were removed from the end of the audit trail. It is optional.
	Checkpoint string
}

// VerifyAuditTrailOutput contains the report of a verification.
type VerifyAuditTrailOutput struct {
	Report audit.Report

	ResultMetadata middleware.Metadata
}

// VerifyAuditTrail checks that every record of the audit trail is unchanged and in its place, and that
// no record is missing. It also checks that every object of the account is as its last record left it,
// so it finds changes outside the engine. The report lists the problems. An error means that the audit
// trail or the account could not be read. Only the local operator may call VerifyAuditTrail.
func (c *Client) VerifyAuditTrail(ctx context.Context, in *VerifyAuditTrailInput) (*VerifyAuditTrailOutput, error) {
	return do(ctx, c, verifyAuditTrail, in)
}

var verifyAuditTrail = registerExtension(
	"Checks that the audit trail is unchanged, and that the account is as it says.",
	[]model.Member{member("Checkpoint", &arnShape, "An output of CreateAuditCheckpoint.")},
	[]model.Member{member("Report", &reportShape, "The report of the verification.")},
	operation[VerifyAuditTrailInput, VerifyAuditTrailOutput]{
		name: "VerifyAuditTrail", audience: localOperatorOnly,
		prepare: func(c *call, _ *VerifyAuditTrailInput) error { return c.engine.trail.flush() },
		run: func(c *call, in *VerifyAuditTrailInput) (*VerifyAuditTrailOutput, error) {
			var checkpoint *audit.Checkpoint
			if in.Checkpoint != "" {
				parsed, err := audit.ParseCheckpoint(in.Checkpoint)
				if err != nil {
					return nil, invalidInput("The checkpoint is invalid: %s", err)
				}
				checkpoint = &parsed
			}
			report, err := c.engine.verifyAudit(c.ctx, c.tx, checkpoint)
			return &VerifyAuditTrailOutput{Report: report}, err
		},
	})

// verifyAudit verifies the audit trail and compares the account with it, as a transaction sees both. It
// also checks the database itself.
func (e *Engine) verifyAudit(ctx context.Context, tx store.Tx, checkpoint *audit.Checkpoint) (audit.Report, error) {
	links := func(yield func(audit.Link, error) bool) {
		for entry, err := range tx.AuditEntries(AuditFilter{}) {
			if !yield(linkOf(entry), err) {
				return
			}
		}
	}
	report, err := audit.Verify(links, func(chain string) ([]byte, bool) {
		return e.auditKey(tx, audit.KeyID(chain))
	}, checkpoint, storedAccount{tx})
	if err != nil {
		return report, err
	}
	switch err := e.file.Check(ctx); {
	case errors.Is(err, store.ErrDamaged):
		report.AddDamage(err.Error())
	case err != nil:
		return report, err
	}
	return report, nil
}

// CreateAuditCheckpointInput is the empty input of [Client.CreateAuditCheckpoint].
type CreateAuditCheckpointInput struct{}

// CreateAuditCheckpointOutput contains a checkpoint.
type CreateAuditCheckpointOutput struct {
	// Checkpoint is a line of text, for a later VerifyAuditTrail.
	Checkpoint string

	ResultMetadata middleware.Metadata
}

// CreateAuditCheckpoint returns a text that later proves which records the audit trail had. Store the
// text in a place that writers of the store cannot change. The last record that the checkpoint covers
// is the record of this call. Only the local operator may call CreateAuditCheckpoint.
func (c *Client) CreateAuditCheckpoint(ctx context.Context,
	in *CreateAuditCheckpointInput) (*CreateAuditCheckpointOutput, error) {
	return do(ctx, c, createAuditCheckpoint, in)
}

var createAuditCheckpoint = registerExtension("Returns a text that later proves which records the audit trail had.",
	nil,
	[]model.Member{member("Checkpoint", &arnShape, "The checkpoint, a line of text.")},
	operation[CreateAuditCheckpointInput, CreateAuditCheckpointOutput]{
		name: "CreateAuditCheckpoint", writes: true, usesOnly: true, audience: localOperatorOnly,
		prepare: func(c *call, _ *CreateAuditCheckpointInput) error { return c.engine.trail.flush() },
		run: func(*call, *CreateAuditCheckpointInput) (*CreateAuditCheckpointOutput, error) {
			return &CreateAuditCheckpointOutput{}, nil
		},
		afterRecord: func(c *call, _ *CreateAuditCheckpointInput, out *CreateAuditCheckpointOutput) error {
			keys, err := c.engine.keysAt(c.tx)
			if err != nil {
				return err
			}
			checkpoint, err := audit.NewCheckpoint(keys.DeriveKey(credential.Audit), c.link.Chain, c.link.Time, &c.link)
			out.Checkpoint = checkpoint.String()
			return err
		},
	})
