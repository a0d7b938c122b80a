package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Version is the version of CloudTrail's record format that Encode writes.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
const Version = "1.11"

// The values of eventSource: the service that the request was sent to.
const (
	SourceIAM    = "iam.amazonaws.com"
	SourceSTS    = "sts.amazonaws.com"
	SourceSignin = "signin.amazonaws.com"
)

// The values of eventType.
const (
	TypeAPICall       = "AwsApiCall"
	TypeConsoleSignIn = "AwsConsoleSignIn"
	TypeServiceEvent  = "AwsServiceEvent" // an event without a request, such as an import
)

// The types of a userIdentity.
const (
	IdentityRoot          = "Root"
	IdentityIAMUser       = "IAMUser"
	IdentityAssumedRole   = "AssumedRole"
	IdentityFederatedUser = "FederatedUser"
	IdentityWebIdentity   = "WebIdentityUser"
	IdentitySAML          = "SAMLUser"
	IdentityAWSAccount    = "AWSAccount"
	IdentityAWSService    = "AWSService"
	IdentityUnknown       = "Unknown"
)

// Keys of additionalEventData that CloudTrail does not define.
const (
	KeyOperatingSystemUser  = "operatingSystemUser"        // the operating system's name of the local operator
	KeyRun                  = "run"                        // the id of the Terraform run
	KeyConfiguration        = "configuration"              // the id of the Terraform configuration of the run
	KeyOverriddenAssertions = "overriddenAccessAssertions" // the access assertions that a change violates on purpose
	KeyOverrideReason       = "overrideReason"             // the reason for that
	KeyAggregatedEvents     = "aggregatedEvents"           // the number of events that one record stands for
	KeyFirstEventTime       = "firstEventTime"             // the time of the first of these events
	KeyLastEventTime        = "lastEventTime"              // the time of the last of these events
	KeyAggregatedBy         = "aggregatedBy"               // the fields that these events share
	KeyObjects              = "objects"                    // the changed objects of the account: a list of [ObjectChange]
	// KeyFoundObjects lists the objects that existed when the trail began to record objects, as [ObjectChange].
	KeyFoundObjects = "foundObjects"
)

// Hidden replaces a value that must not be recorded, as in CloudTrail. An example is an unknown user name, which may
// be a password typed into the wrong field.
const Hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// MaxEventSize is the maximum size of a record in bytes: 1 MB, the larger of CloudTrail's limits. No change that IAM
// accepts needs a longer record, so the parameters of a change are never left out.
const MaxEventSize = 1 << 20

// CloudTrail's limits for parts of a record, in bytes.
const (
	maxElements = 100 << 10 // of requestParameters or responseElements, in a record that is too long otherwise
	maxText     = 1 << 10   // of userAgent and errorMessage
)

// Event is one record, with CloudTrail's names in CloudTrail's order.
type Event struct {
	EventVersion string       `json:"eventVersion"`
	UserIdentity UserIdentity `json:"userIdentity"`
	// EventTime is written in UTC and whole seconds.
	EventTime       time.Time `json:"eventTime"`
	EventSource     string    `json:"eventSource"`
	EventName       string    `json:"eventName"`
	AWSRegion       string    `json:"awsRegion"`
	SourceIPAddress string    `json:"sourceIPAddress"`
	UserAgent       string    `json:"userAgent"`
	ErrorCode       string    `json:"errorCode,omitempty"`
	ErrorMessage    string    `json:"errorMessage,omitempty"`
	// RequestParameters and ResponseElements are null if empty. The caller must leave out secrets.
	RequestParameters   map[string]any `json:"requestParameters"`
	ResponseElements    map[string]any `json:"responseElements"`
	AdditionalEventData map[string]any `json:"additionalEventData,omitempty"`
	RequestID           string         `json:"requestID,omitempty"`
	EventID             string         `json:"eventID"`
	ReadOnly            bool           `json:"readOnly"`
	Resources           []Resource     `json:"resources,omitempty"`
	EventType           string         `json:"eventType"`
	ManagementEvent     bool           `json:"managementEvent"`
	RecipientAccountID  string         `json:"recipientAccountId"`
	SharedEventID       string         `json:"sharedEventID,omitempty"`
	EventCategory       string         `json:"eventCategory"`
	TLSDetails          *TLSDetails    `json:"tlsDetails,omitempty"`
}

// UserIdentity identifies the caller of the request.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type UserIdentity struct {
	Type             string          `json:"type"`
	PrincipalID      string          `json:"principalId,omitempty"`
	ARN              string          `json:"arn,omitempty"`
	AccountID        string          `json:"accountId,omitempty"`
	AccessKeyID      string          `json:"accessKeyId,omitempty"`
	UserName         string          `json:"userName,omitempty"`
	SessionContext   *SessionContext `json:"sessionContext,omitempty"`
	InvokedBy        string          `json:"invokedBy,omitempty"` // the AWS service that passed the request on
	IdentityProvider string          `json:"identityProvider,omitempty"`
}

// SessionContext describes the origin of temporary credentials.
type SessionContext struct {
	SessionIssuer       *SessionIssuer       `json:"sessionIssuer,omitempty"`
	WebIDFederationData *WebIDFederationData `json:"webIdFederationData,omitempty"`
	Attributes          *SessionAttributes   `json:"attributes,omitempty"`
	SourceIdentity      string               `json:"sourceIdentity,omitempty"`
}

// SessionIssuer is the role or user that the session belongs to.
type SessionIssuer struct {
	Type        string `json:"type"` // Role, User or Root
	PrincipalID string `json:"principalId,omitempty"`
	ARN         string `json:"arn,omitempty"`
	AccountID   string `json:"accountId,omitempty"`
	UserName    string `json:"userName,omitempty"`
}

// WebIDFederationData describes the origin of a web identity session.
type WebIDFederationData struct {
	FederatedProvider string            `json:"federatedProvider,omitempty"`
	Attributes        map[string]string `json:"attributes,omitempty"`
}

// SessionAttributes has the start of the session and whether it used MFA, which CloudTrail writes as text.
type SessionAttributes struct {
	CreationDate     time.Time `json:"creationDate"`
	MFAAuthenticated bool      `json:"mfaAuthenticated,string"`
}

// Resource is a resource that the event affects.
type Resource struct {
	AccountID string `json:"accountId,omitempty"`
	Type      string `json:"type,omitempty"` // such as AWS::IAM::Role
	ARN       string `json:"ARN,omitempty"`
}

// TLSDetails describes the encryption of the connection.
type TLSDetails struct {
	TLSVersion               string `json:"tlsVersion,omitempty"`
	CipherSuite              string `json:"cipherSuite,omitempty"`
	ClientProvidedHostHeader string `json:"clientProvidedHostHeader,omitempty"`
}

// LocalOperator returns the identity of an operator who works on the store directly. Its type is Root without an
// access key, so that alarms on the use of root report it. The name of the operating system's user belongs in
// additionalEventData under [KeyOperatingSystemUser], not in userName or invokedBy, which tools read as an alias or
// an AWS service.
func LocalOperator(partition, accountID string) UserIdentity {
	return UserIdentity{
		Type:        IdentityRoot,
		PrincipalID: accountID,
		ARN:         "arn:" + partition + ":iam::" + accountID + ":root",
		AccountID:   accountID,
	}
}

// Encode writes the event as one line of JSON. Equal events give equal text. An event without a version gets the
// current version and becomes a management event. Encode returns an error if a required field is missing. As in
// CloudTrail, it cuts long texts, and replaces long parameters of a record longer than [MaxEventSize] by "omitted".
func Encode(e Event) ([]byte, error) {
	if e.EventVersion == "" {
		e.EventVersion, e.ManagementEvent, e.EventCategory = Version, true, "Management"
	}
	e.EventTime = e.EventTime.UTC().Truncate(time.Second)
	if s := e.UserIdentity.SessionContext; s != nil && s.Attributes != nil {
		session, attributes := *s, *s.Attributes
		attributes.CreationDate = attributes.CreationDate.UTC().Truncate(time.Second)
		session.Attributes = &attributes
		e.UserIdentity.SessionContext = &session
	}
	e.UserAgent, e.ErrorMessage = cut(e.UserAgent), cut(e.ErrorMessage)
	body, err := e.encode()
	if err == nil && len(body) > MaxEventSize {
		for _, elements := range []*map[string]any{&e.RequestParameters, &e.ResponseElements} {
			if len(asJSON(*elements)) > maxElements {
				*elements = map[string]any{"omitted": true}
			}
		}
		if body, err = e.encode(); err == nil && len(body) > MaxEventSize {
			err = fmt.Errorf("the record has %d bytes, but at most %d are allowed", len(body), MaxEventSize)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("writing the audit record of %s: %w", e.EventName, err)
	}
	return body, nil
}

func (e *Event) encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // CloudTrail does not escape <, > and &
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// cut shortens a text to the maximum length, between two characters.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// Decode reads a record that Encode wrote. It ignores unknown fields, as CloudTrail requires of readers. The record
// must have major version 1 and all required fields.
func Decode(body []byte) (Event, error) {
	if len(body) > MaxEventSize {
		return Event{},
			fmt.Errorf("reading an audit record: the record has %d bytes, but at most %d are allowed", len(body), MaxEventSize)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // so that long numbers are not rounded
	var e Event
	if err := dec.Decode(&e); err != nil {
		return Event{}, fmt.Errorf("reading an audit record: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Event{}, errors.New("reading an audit record: unexpected text after the record")
	}
	if err := e.check(); err != nil {
		return Event{}, fmt.Errorf("reading an audit record: %w", err)
	}
	return e, nil
}

// check rejects an event without a required field, or with a time that cannot be written.
func (e *Event) check() error {
	if !strings.HasPrefix(e.EventVersion, "1.") {
		return fmt.Errorf("unknown eventVersion %q, want 1.x", e.EventVersion)
	}
	for _, field := range []struct{ name, value string }{
		{"userIdentity.type", e.UserIdentity.Type},
		{"eventSource", e.EventSource},
		{"eventName", e.EventName},
		{"eventID", e.EventID},
		{"eventType", e.EventType},
		{"recipientAccountId", e.RecipientAccountID},
		{"eventCategory", e.EventCategory},
	} {
		if field.value == "" {
			return fmt.Errorf("the record has no %s", field.name)
		}
	}
	if !recordable(e.EventTime) {
		return errors.New("the eventTime is not between the years 1 and 9999")
	}
	if s := e.UserIdentity.SessionContext; s != nil && s.Attributes != nil && !recordable(s.Attributes.CreationDate) {
		return errors.New("the creationDate of the session is not between the years 1 and 9999")
	}
	return nil
}

// recordable reports whether a time is set and can be written as CloudTrail writes times.
func recordable(t time.Time) bool {
	year := t.UTC().Year()
	return !t.IsZero() && year >= 1 && year <= 9999
}
