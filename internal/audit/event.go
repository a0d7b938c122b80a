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

// Version is the version of CloudTrail's record form that new events are written in.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
const Version = "1.11"

// The services that events come from: the values of eventSource.
const (
	SourceIAM    = "iam.amazonaws.com"
	SourceSTS    = "sts.amazonaws.com"
	SourceSignin = "signin.amazonaws.com"
)

// What gave rise to an event: the values of eventType.
const (
	TypeAPICall       = "AwsApiCall"
	TypeConsoleSignIn = "AwsConsoleSignIn"
	TypeServiceEvent  = "AwsServiceEvent" // not by a request: a checkpoint, a change of keys
)

// The types of userIdentity.
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

// Keys of additionalEventData that CloudTrail does not have itself.
const (
	KeyOperatingSystemUser = "operatingSystemUser" // who the local operator is on this machine
	KeyRun                 = "run"                 // the id of the Terraform run
	KeyAggregatedEvents    = "aggregatedEvents"    // how many events one record stands for
	KeyFirstEventTime      = "firstEventTime"      // of the first of them
	KeyLastEventTime       = "lastEventTime"       // of the last of them
	KeyAggregatedBy        = "aggregatedBy"        // what they have in common
)

// Hidden stands, as in CloudTrail, for what must not be recorded, such as a name that no user has: it may be a
// password that was typed in the wrong field.
const Hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// MaxEventSize is how long a record may be, in bytes: 1 MB, the larger of the sizes that CloudTrail has. No change that
// IAM accepts makes a longer one, so the parameters of a change are never left out.
const MaxEventSize = 1 << 20

// CloudTrail's limits for parts of a record, in bytes.
const (
	maxElements = 100 << 10 // of requestParameters or responseElements, in a record that is too long otherwise
	maxText     = 1 << 10   // of userAgent and errorMessage
)

// Event is one record, with CloudTrail's names, in the order that CloudTrail writes them.
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
	// RequestParameters and ResponseElements are null where there are none. Whoever fills them leaves secrets out.
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

// UserIdentity says who made the request.
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

// SessionContext says what temporary credentials were made from.
type SessionContext struct {
	SessionIssuer       *SessionIssuer       `json:"sessionIssuer,omitempty"`
	WebIDFederationData *WebIDFederationData `json:"webIdFederationData,omitempty"`
	Attributes          *SessionAttributes   `json:"attributes,omitempty"`
	SourceIdentity      string               `json:"sourceIdentity,omitempty"`
}

// SessionIssuer is the role or user that the session is of.
type SessionIssuer struct {
	Type        string `json:"type"` // Role, User or Root
	PrincipalID string `json:"principalId,omitempty"`
	ARN         string `json:"arn,omitempty"`
	AccountID   string `json:"accountId,omitempty"`
	UserName    string `json:"userName,omitempty"`
}

// WebIDFederationData is what a web identity's session came from.
type WebIDFederationData struct {
	FederatedProvider string            `json:"federatedProvider,omitempty"`
	Attributes        map[string]string `json:"attributes,omitempty"`
}

// SessionAttributes are when the session began and whether with MFA, which CloudTrail writes as a text.
type SessionAttributes struct {
	CreationDate     time.Time `json:"creationDate"`
	MFAAuthenticated bool      `json:"mfaAuthenticated,string"`
}

// Resource is one that the event touched.
type Resource struct {
	AccountID string `json:"accountId,omitempty"`
	Type      string `json:"type,omitempty"` // such as AWS::IAM::Role
	ARN       string `json:"ARN,omitempty"`
}

// TLSDetails says how the connection was protected.
type TLSDetails struct {
	TLSVersion               string `json:"tlsVersion,omitempty"`
	CipherSuite              string `json:"cipherSuite,omitempty"`
	ClientProvidedHostHeader string `json:"clientProvidedHostHeader,omitempty"`
}

// LocalOperator is the identity of who works on the store directly. Its type is Root, with no access key: alarms on
// the use of root see it, rightly. Who it was on the machine belongs in additionalEventData under
// [KeyOperatingSystemUser], not in userName or invokedBy, which tools read as an alias or an AWS service.
func LocalOperator(partition, accountID string) UserIdentity {
	return UserIdentity{
		Type:        IdentityRoot,
		PrincipalID: accountID,
		ARN:         "arn:" + partition + ":iam::" + accountID + ":root",
		AccountID:   accountID,
	}
}

// Encode writes the event as one line of JSON, always the same for the same event. One without a version is new: it
// gets the current version and is a management event. What every record must say and this one does not is an error.
// As in CloudTrail, long texts are cut, and in a record longer than [MaxEventSize] long parameters are left out, with
// "omitted" in their place.
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
			err = fmt.Errorf("it has %d bytes, %d are allowed", len(body), MaxEventSize)
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
	enc.SetEscapeHTML(false) // CloudTrail does not
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// cut shortens a text to what a record may have of it, between characters.
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

// Decode reads a record that Encode wrote. Fields that it does not know are left out, as CloudTrail asks of
// readers, but the record must be of major version 1 and say what every record says.
func Decode(body []byte) (Event, error) {
	if len(body) > MaxEventSize {
		return Event{}, fmt.Errorf("reading an audit record: it has %d bytes, %d are allowed", len(body), MaxEventSize)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // so that a long number stays what it was
	var e Event
	if err := dec.Decode(&e); err != nil {
		return Event{}, fmt.Errorf("reading an audit record: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Event{}, errors.New("reading an audit record: something follows it")
	}
	if err := e.check(); err != nil {
		return Event{}, fmt.Errorf("reading an audit record: %w", err)
	}
	return e, nil
}

// check finds what no record may lack, and what could not be written again.
func (e *Event) check() error {
	if !strings.HasPrefix(e.EventVersion, "1.") {
		return fmt.Errorf("its eventVersion is %q, only 1.x is known", e.EventVersion)
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
			return fmt.Errorf("it has no %s", field.name)
		}
	}
	if !recordable(e.EventTime) {
		return errors.New("it has no eventTime between the years 1 and 9999")
	}
	if s := e.UserIdentity.SessionContext; s != nil && s.Attributes != nil && !recordable(s.Attributes.CreationDate) {
		return errors.New("its session has no creationDate between the years 1 and 9999")
	}
	return nil
}

// recordable reports whether a time is set and can be written as CloudTrail writes times.
func recordable(t time.Time) bool {
	year := t.UTC().Year()
	return !t.IsZero() && year >= 1 && year <= 9999
}
