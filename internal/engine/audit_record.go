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

// The audit records of calls. A call that writes commits with its record; the records of reads and failures are held
// for a moment, and equal ones are counted in one.

// record appends the call's record to the audit trail, within the call's transaction.
func (op *operation[I, O]) record(c *call, in *I, out *O) (err error) {
	event := c.newEvent()
	event.ResponseElements = model.ResponseElements(op.model, out)
	op.complete(c, in, out, &event)
	c.link, err = c.engine.trail.append(c.tx, event, append(slices.Clone(c.subjects), resourceARNs(event)...))
	return err
}

// recordFailure holds the record of a call that failed. A call whose caller gave up waiting has none: nothing happened.
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

// recordRead holds the record of a call that changed nothing.
func (op *operation[I, O]) recordRead(c *call, in *I, out *O) { op.hold(c, in, out, c.newEvent()) }

// hold holds a record. One that equals a held record is only counted, before its parameters are written out.
func (op *operation[I, O]) hold(c *call, in *I, out *O, event audit.Event) {
	if op.describe == nil && c.engine.trail.fold(event) {
		return
	}
	op.complete(c, in, out, &event)
	c.engine.trail.hold(event)
}

// complete adds what the input and the operation say to a record.
func (op *operation[I, O]) complete(c *call, in *I, out *O, event *audit.Event) {
	event.RequestParameters = model.Parameters(op.model, in)
	event.ReadOnly = !op.writes
	if op.describe != nil {
		op.describe(c, in, out, event)
	}
}

// newEvent returns the call's record without parameters and outcome.
func (c *call) newEvent() audit.Event {
	event := c.engine.newEvent(c.now, c.caller.circumstances)
	event.UserIdentity = c.userIdentity()
	event.EventSource = c.service() + ".amazonaws.com"
	event.EventName = c.operation.Model().Name
	event.EventType = audit.TypeAPICall
	event.RequestID = c.requestID
	if c.caller.operator != "" {
		event.AdditionalEventData = addTo(event.AdditionalEventData, audit.KeyOperatingSystemUser, c.caller.operator)
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

// newEvent returns a record with the fields that every record of the account has.
func (e *Engine) newEvent(now time.Time, at Circumstances) audit.Event {
	event := audit.Event{
		EventVersion: audit.Version, EventTime: now, EventID: newUUID(), AWSRegion: region,
		UserAgent: at.UserAgent, ManagementEvent: true, EventCategory: "Management", RecipientAccountID: e.account,
	}
	if at.Source.IsValid() {
		event.SourceIPAddress = at.Source.Unmap().String()
	}
	if at.Run != "" {
		event.AdditionalEventData = addTo(nil, audit.KeyRun, at.Run)
	}
	return event
}

func addTo(data map[string]any, key string, value any) map[string]any {
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

// resourceType returns the type of a resource in CloudTrail's terms. It is empty for patterns, paths and "*".
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

// userIdentity returns the caller in CloudTrail's form.
func (c *call) userIdentity() audit.UserIdentity {
	who := c.principal
	identity := audit.UserIdentity{
		Type: audit.IdentityUnknown, AccountID: c.engine.account, AccessKeyID: c.caller.accessKeyID(),
		PrincipalID: who.userID, ARN: who.arn,
	}
	session := c.caller.session
	switch {
	case c.caller.operator != "":
		return audit.LocalOperator("aws", c.engine.account)
	case who.arn == "": // an unknown caller, or one that was refused before it was identified
		return identity
	case session == nil || session.Kind == credential.UserSession:
		identity.Type, identity.UserName = audit.IdentityIAMUser, who.identity.Name
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
			Type: "Role", PrincipalID: who.identity.ID, ARN: c.engine.identityARN(who.identity),
			AccountID: c.engine.account, UserName: who.identity.Name,
		}
		if who.identity.Kind == store.User {
			issuer.Type = audit.IdentityIAMUser
		}
		identity.SessionContext.SessionIssuer = issuer
	}
	return identity
}
