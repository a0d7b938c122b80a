package engine

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// AdoptedEvent is the event name of [Client.AdoptResource] in the audit trail.
const AdoptedEvent = "AdoptResource"

const confirmedEvent = "ConfirmResource"

// AdoptResourceInput names an object that a configuration now manages.
type AdoptResourceInput struct {
	// UniqueID is the id of a user, group, role, managed policy or access assertion, or the serial number of an MFA
	// device. It is required.
	UniqueID string
	// Kind is the kind of an object that belongs to the entity. It is empty for the entity itself.
	Kind ResourceKind
	// Name is the name of that object, see [ResourceKind].
	Name string
}

// AdoptResourceOutput is the output of [Client.AdoptResource].
type AdoptResourceOutput struct {
	// Resource identifies the object in later records. It does not change with a name.
	Resource string

	ResultMetadata middleware.Metadata
}

// AdoptResource records that a Terraform configuration now manages an object that it did not create. It changes nothing
// but the audit trail, which thus shows the objects that no configuration manages. Only the local operator may call
// AdoptResource.
func (c *Client) AdoptResource(ctx context.Context, in *AdoptResourceInput) (*AdoptResourceOutput, error) {
	return do(ctx, c, adoptResource, in)
}

var adoptResource = registerExtension(
	"Records that a Terraform configuration manages an object that it did not create.", resourceMembers(),
	[]model.Member{member("Resource", &arnShape, "The id of the object in audit records.")},
	operation[AdoptResourceInput, AdoptResourceOutput]{
		name: AdoptedEvent, writes: true, usesOnly: true, audience: localOperatorOnly,
		run: func(c *call, in *AdoptResourceInput) (*AdoptResourceOutput, error) {
			key, err := c.recordedResource(in.UniqueID, in.Kind, in.Name)
			return &AdoptResourceOutput{Resource: key}, err
		},
	})

// ConfirmResourceInput names an object that the state of a configuration has.
type ConfirmResourceInput struct {
	// UniqueID is the id of a user, group, role, managed policy or access assertion, or the serial number of an MFA
	// device. It is required.
	UniqueID string
	// Kind is the kind of an object that belongs to the entity. It is empty for the entity itself.
	Kind ResourceKind
	// Name is the name of that object, see [ResourceKind].
	Name string
}

// ConfirmResourceOutput is the output of [Client.ConfirmResource].
type ConfirmResourceOutput struct {
	// Resource identifies the object in later records. It does not change with a name.
	Resource string

	ResultMetadata middleware.Metadata
}

// ConfirmResource records that the state of the caller's configuration has an object. The provider records it for an
// object of a run that did not end in good order. It changes nothing but the audit trail. Only the local operator may
// call ConfirmResource.
func (c *Client) ConfirmResource(ctx context.Context, in *ConfirmResourceInput) (*ConfirmResourceOutput, error) {
	return do(ctx, c, confirmResource, in)
}

var confirmResource = registerExtension(
	"Records that the state of the caller's Terraform configuration has an object.", resourceMembers(),
	[]model.Member{member("Resource", &arnShape, "The id of the object in audit records.")},
	operation[ConfirmResourceInput, ConfirmResourceOutput]{
		name: confirmedEvent, writes: true, audience: localOperatorOnly,
		run: func(c *call, in *ConfirmResourceInput) (*ConfirmResourceOutput, error) {
			key, err := c.recordedResource(in.UniqueID, in.Kind, in.Name)
			return &ConfirmResourceOutput{Resource: key}, err
		},
	})

// AdoptsEntity reports whether an event is the adoption of the entity itself, and not of an object that belongs to it.
func AdoptsEntity(event audit.Event) bool {
	return event.EventName == AdoptedEvent && event.RequestParameters["kind"] == nil
}

// recordedResource looks up an object of the account that the record of the call is about, and returns its key.
func (c *call) recordedResource(uniqueID string, kind ResourceKind, name string) (string, error) {
	_, key, err := c.resource(uniqueID, kind, name)
	if err == nil && kind == MFADeviceResource {
		c.addAuditSubject(name)
	}
	return key, err
}
