package engine

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// HandoverEvent is the event name of [Client.RecordHandover] in the audit trail.
const HandoverEvent = "RecordHandover"

// HandoverSubject returns the subject by which the audit trail finds the records about the handovers of an object.
func HandoverSubject(object string) string { return "handover:" + object }

// RecordHandoverInput describes a handover.
type RecordHandoverInput struct {
	// Object names the object. The caller chooses the names.
	Object string
	// Stays says that the object stays. Otherwise the record withdraws an earlier one.
	Stays bool
	// Successor names what takes the place of the object. It is optional.
	Successor string
}

// RecordHandoverOutput is the empty output of [Client.RecordHandover].
type RecordHandoverOutput struct{ ResultMetadata middleware.Metadata }

// RecordHandover records that a plan of the caller's Terraform configuration destroys an object at one address of the
// configuration and creates it at another. The object stays, whatever Terraform applies first. The operation changes
// nothing but the audit trail. Only the local operator may call RecordHandover.
func (c *Client) RecordHandover(ctx context.Context, in *RecordHandoverInput) (*RecordHandoverOutput, error) {
	return do(ctx, c, recordHandover, in)
}

var recordHandover = registerExtension(
	"Records that a plan destroys an object at one address of a configuration and creates it at another.",
	[]model.Member{
		required(member("Object", &arnShape, "The object.")),
		member("Stays", &booleanShape, "Whether the object stays. Otherwise the record withdraws an earlier one."),
		member("Successor", &arnShape, "What takes the place of the object."),
	},
	nil,
	operation[RecordHandoverInput, RecordHandoverOutput]{
		name: HandoverEvent, writes: true, audience: localOperatorOnly,
		run: func(c *call, in *RecordHandoverInput) (*RecordHandoverOutput, error) {
			c.addAuditSubject(HandoverSubject(in.Object))
			return &RecordHandoverOutput{}, nil
		},
	})
