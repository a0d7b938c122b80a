package engine

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// This file builds the audit records of calls. The record of a call that writes commits together
// with its changes. The audit trail holds the records of reads and failed calls for a second, and
// counts equal ones in one record.

// record appends the call's record to the audit trail, within the call's transaction.
func (op *operation[I, O]) record(c *call, in *I, out *O) (err error) {
	event := c.newEvent()
	event.ResponseElements = model.ResponseElements(op.model, out)
	op.addDetails(c, in, out, &event)
	c.recordOverride(&event)
	if tracker, ok := c.tx.(*changeTracker); ok {
		c.changedObjects = len(tracker.changes) > 0
	}
	c.link, err = c.engine.trail.append(c.tx, event, append(slices.Clone(c.subjects), resourceARNs(event)...))
	return err
}

// recordFailure passes the record of a failed call to the audit trail. A call that the caller
// canceled gets no record, because it had no effect.
func (op *operation[I, O]) recordFailure(c *call, in *I, err error) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return
	}
	c.recordFailedUse()
	event := c.newEvent()
	event.ErrorCode = api.ErrorCode()
	event.ErrorMessage, _, _ = strings.Cut(api.ErrorMessage(), encodedMessage)
	op.hold(c, in, nil, event)
}

// recordRead passes the record of a call that only reads to the audit trail.
func (op *operation[I, O]) recordRead(c *call, in *I, out *O) { op.hold(c, in, out, c.newEvent()) }

// hold passes a record to the audit trail, which holds it for a second. If the audit trail already
// holds an equal record, hold only increases its count, without the cost of a complete record.
func (op *operation[I, O]) hold(c *call, in *I, out *O, event audit.Event) {
	if op.describe == nil && c.engine.trail.fold(event) {
		return
	}
	op.addDetails(c, in, out, &event)
	c.engine.trail.hold(event)
}

// addDetails adds the request parameters and the operation's own description to a record.
func (op *operation[I, O]) addDetails(c *call, in *I, out *O, event *audit.Event) {
	event.RequestParameters = model.Parameters(op.model, in)
	event.ReadOnly = !op.writes
	if op.describe != nil {
		op.describe(c, in, out, event)
	}
}

// newEvent returns the call's record without request parameters, response and error.
func (c *call) newEvent() audit.Event {
	event := c.engine.newEvent(c.now, c.caller.circumstances)
	event.UserIdentity = c.userIdentity()
	event.EventSource = c.service() + ".amazonaws.com"
	event.EventName = c.operation.Model().Name
	event.EventType = audit.TypeAPICall
	event.RequestID = c.requestID
	if c.caller.operator != "" {
		event.AdditionalEventData = setEntry(event.AdditionalEventData, audit.KeyOperatingSystemUser, c.caller.operator)
	}
	for _, arn := range c.resources {
		if kind := resourceType(arn); kind != "" {
			resource := audit.Resource{AccountID: c.engine.account, Type: kind, ARN: arn}
			if !slices.Contains(event.Resources, resource) {
				event.Resources = append(event.Resources, resource)
			}
		}
	}
	return event
}

// newEvent returns a record with the fields that all records of the account have in common.
func (e *Engine) newEvent(now time.Time, circumstances Circumstances) audit.Event {
	event := audit.Event{
		EventVersion: audit.Version, EventTime: now, EventID: newUUID(), AWSRegion: region,
		UserAgent: circumstances.UserAgent, ManagementEvent: true, EventCategory: "Management", RecipientAccountID: e.account,
	}
	if circumstances.Source.IsValid() {
		event.SourceIPAddress = circumstances.Source.Unmap().String()
	}
	if circumstances.Run != "" {
		event.AdditionalEventData = setEntry(nil, audit.KeyRun, circumstances.Run)
	}
	if circumstances.Configuration != "" {
		event.AdditionalEventData = setEntry(event.AdditionalEventData, audit.KeyConfiguration, circumstances.Configuration)
	}
	return event
}

// setEntry sets an entry of a map and returns the map. It creates the map if it is nil.
func setEntry(data map[string]any, key string, value any) map[string]any {
	if data == nil {
		data = map[string]any{}
	}
	data[key] = value
	return data
}

func resourceARNs(event audit.Event) []string {
	arns := make([]string, 0, len(event.Resources))
	for _, r := range event.Resources {
		arns = append(arns, r.ARN)
	}
	return arns
}

// resourceType returns the type of a resource as CloudTrail names it. It returns "" for patterns,
// paths and "*".
func resourceType(arn string) string {
	_, resource, ok := strings.Cut(arn, ":iam::")
	if !ok || strings.Contains(arn, "*") || strings.HasSuffix(arn, "/") {
		return ""
	}
	_, resource, _ = strings.Cut(resource, ":")
	kind, _, _ := strings.Cut(resource, "/")
	switch kind {
	case "user":
		return "AWS::IAM::User"
	case "group":
		return "AWS::IAM::Group"
	case "role":
		return "AWS::IAM::Role"
	case "policy":
		return "AWS::IAM::ManagedPolicy"
	case "mfa":
		return "AWS::IAM::VirtualMFADevice"
	}
	return ""
}

// userIdentity describes the caller in the form of CloudTrail.
func (c *call) userIdentity() audit.UserIdentity {
	principal := c.principal
	identity := audit.UserIdentity{
		Type: audit.IdentityUnknown, AccountID: c.engine.account, AccessKeyID: c.caller.accessKeyID(),
		PrincipalID: principal.userID, ARN: principal.arn,
	}
	session := c.caller.session
	switch {
	case c.caller.operator != "":
		return audit.LocalOperator("aws", c.engine.account)
	case principal.arn == "": // the call was refused before the engine identified the caller
		return identity
	case session == nil || session.Kind == credential.UserSession:
		identity.Type, identity.UserName = audit.IdentityIAMUser, principal.identity.Name
	case session.Kind == credential.AssumedRole:
		identity.Type = audit.IdentityAssumedRole
	case session.Kind == credential.FederatedUser:
		identity.Type = audit.IdentityFederatedUser
	}
	if session == nil {
		return identity
	}
	identity.SessionContext = &audit.SessionContext{
		Attributes: &audit.SessionAttributes{
			CreationDate: time.Unix(session.Issued, 0), MFAAuthenticated: session.MFATime != 0,
		},
		SourceIdentity: session.SourceIdentity,
	}
	if session.Kind != credential.UserSession {
		issuer := &audit.SessionIssuer{
			Type: "Role", PrincipalID: principal.identity.ID, ARN: c.engine.identityARN(principal.identity),
			AccountID: c.engine.account, UserName: principal.identity.Name,
		}
		if principal.identity.Kind == store.User {
			issuer.Type = audit.IdentityIAMUser
		}
		identity.SessionContext.SessionIssuer = issuer
	}
	return identity
}
