package engine

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// The provider records the end of each run that changed the account. If Terraform or the provider is killed, the record
// is missing. The state may then lack objects that the run made, and the next run has to look for them.

const endRunEvent = "EndRun"

// EndRunInput names a run.
type EndRunInput struct {
	// Run is the id of a Terraform run. The default is the run of the caller.
	Run string
}

// EndRunOutput is the empty output of [Client.EndRun].
type EndRunOutput struct{ ResultMetadata middleware.Metadata }

// EndRun records that a Terraform run ended in good order. It changes nothing but the audit trail. Only the local
// operator may call EndRun.
func (c *Client) EndRun(ctx context.Context, in *EndRunInput) (*EndRunOutput, error) {
	return do(ctx, c, endRun, in)
}

var endRun = registerExtension("Records that a Terraform run ended in good order.",
	[]model.Member{member("Run", &idShape, "The id of a Terraform run. The default is the run of the caller.")}, nil,
	operation[EndRunInput, EndRunOutput]{
		name: endRunEvent, writes: true, audience: localOperatorOnly,
		run: func(c *call, in *EndRunInput) (*EndRunOutput, error) {
			run, err := c.runOrOwn(in.Run)
			if err == nil {
				c.addAuditSubject(run)
			}
			return &EndRunOutput{}, err
		},
	})

// DescribeRunInput names a run.
type DescribeRunInput struct {
	// Run is the id of a Terraform run. The default is the run of the caller.
	Run string
}

// DescribeRunOutput describes the run.
type DescribeRunOutput struct {
	// Ended reports whether a provider process of the run ended in good order. A run of HCP Terraform has several
	// processes; [Origin.RunEnded] tells whether one ended after the creation of an object.
	Ended bool

	ResultMetadata middleware.Metadata
}

// DescribeRun returns whether a Terraform run ended in good order. Only the local operator may call DescribeRun.
func (c *Client) DescribeRun(ctx context.Context, in *DescribeRunInput) (*DescribeRunOutput, error) {
	return do(ctx, c, describeRun, in)
}

var describeRun = registerExtension("Returns whether a Terraform run ended in good order.",
	[]model.Member{member("Run", &idShape, "The id of a Terraform run. The default is the run of the caller.")},
	[]model.Member{member("Ended", &booleanShape, "Whether the run ended in good order.")},
	operation[DescribeRunInput, DescribeRunOutput]{
		name: "DescribeRun", audience: localOperatorOnly,
		run: func(c *call, in *DescribeRunInput) (*DescribeRunOutput, error) {
			run, err := c.runOrOwn(in.Run)
			if err != nil {
				return nil, err
			}
			ended, err := endedRuns{}.after(c.tx, run, 0)
			return &DescribeRunOutput{Ended: ended}, err
		},
	})

// runOrOwn returns a run, or the run of the caller if it is empty.
func (c *call) runOrOwn(run string) (string, error) {
	if run == "" {
		run = c.caller.circumstances.Run
	}
	if run == "" {
		return "", validationError("Run is required, because the caller does not belong to a run.")
	}
	return run, nil
}

// endedRuns caches the number of the last record of the end of each run. The number is 0 for a run that did not end.
type endedRuns map[string]int64

// after reports whether a run ended after the record with a number.
func (r endedRuns) after(tx store.Tx, run string, number int64) (bool, error) {
	if run == "" {
		return false, nil
	}
	last, known := r[run]
	if !known {
		filter := AuditFilter{Subject: run, EventName: endRunEvent, Descending: true, Limit: 1}
		for entry, err := range tx.AuditEntries(filter) {
			if err != nil {
				return false, err
			}
			last = entry.Number
		}
		r[run] = last
	}
	return last > number, nil
}
