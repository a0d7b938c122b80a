package audit

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// anEvent returns an event with only the required fields.
func anEvent() Event {
	return Event{
		UserIdentity: UserIdentity{Type: IdentityIAMUser}, EventTime: noon, EventSource: SourceIAM, EventName: "CreateUser",
		EventID: "6b0d2f47-8a91-4c35-b6e8-4d2c9f0a7b13", EventType: TypeAPICall, RecipientAccountID: "123456789012",
	}
}

// goldenEvents returns one event of each kind, as the engine creates them.
func goldenEvents() map[string]Event {
	const account = "123456789012"
	alice := UserIdentity{
		Type: IdentityIAMUser, PrincipalID: "AIDACKCEVSQ6C2EXAMPLE", ARN: "arn:aws:iam::" + account + ":user/Alice",
		AccountID: account, AccessKeyID: "AKIAIOSFODNN7EXAMPLE", UserName: "Alice",
	}
	event := func(source, name, eventType string, identity UserIdentity) Event {
		return Event{
			UserIdentity: identity, EventTime: time.Date(2026, 7, 29, 11, 18, 3, 5e8, time.FixedZone("", 7200)),
			EventSource: source, EventName: name,
			AWSRegion: "us-east-1", SourceIPAddress: "198.51.100.14", UserAgent: "aws-cli/2.17.9 md/<none> & more",
			EventType: eventType,
			EventID:   "6b0d2f47-8a91-4c35-b6e8-4d2c9f0a7b13", RecipientAccountID: account,
		}
	}

	createUser := event(SourceIAM, "CreateUser", TypeAPICall, alice)
	createUser.RequestID = "9a8b7c6d-5e4f-4321-a098-7b6c5d4e3f2a"
	createUser.RequestParameters = map[string]any{"userName": "Bob",
		"tags": []any{map[string]any{"key": "owner", "value": "platform"}}}
	createUser.ResponseElements = map[string]any{"user": map[string]any{
		"path": "/", "userName": "Bob", "userId": "AIDAEXAMPLE", "arn": "arn:aws:iam::" + account + ":user/Bob",
		"createDate": "Jul 29, 2026, 9:18:03 AM",
	}}
	createUser.TLSDetails = &TLSDetails{TLSVersion: "TLSv1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
		ClientProvidedHostHeader: "iam.amazonaws.com"}

	assumeRole := event(SourceSTS, "AssumeRole", TypeAPICall, alice)
	assumeRole.RequestID = createUser.RequestID
	assumeRole.RequestParameters = map[string]any{"roleArn": "arn:aws:iam::" + account + ":role/Dev",
		"roleSessionName": "alice", "durationSeconds": 3600}
	assumeRole.ResponseElements = map[string]any{
		"credentials": map[string]any{"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "expiration": "Jul 29, 2026, 10:18:03 AM"},
		"assumedRoleUser": map[string]any{"assumedRoleId": "AROAEXAMPLE:alice",
			"arn": "arn:aws:sts::" + account + ":assumed-role/Dev/alice"},
	}
	assumeRole.ReadOnly = true
	assumeRole.Resources = []Resource{{AccountID: account, Type: "AWS::IAM::Role",
		ARN: "arn:aws:iam::" + account + ":role/Dev"}}

	session := event(SourceIAM, "DeleteUser", TypeAPICall, UserIdentity{
		Type: IdentityAssumedRole, PrincipalID: "AROAEXAMPLE:alice",
		ARN:       "arn:aws:sts::" + account + ":assumed-role/Dev/alice",
		AccountID: account, AccessKeyID: "ASIAIOSFODNN7EXAMPLE",
		SessionContext: &SessionContext{
			SessionIssuer: &SessionIssuer{Type: "Role", PrincipalID: "AROAEXAMPLE",
				ARN: "arn:aws:iam::" + account + ":role/Dev", AccountID: account, UserName: "Dev"},
			Attributes:     &SessionAttributes{CreationDate: noon, MFAAuthenticated: true},
			SourceIdentity: "alice",
		},
	})
	session.ErrorCode, session.ErrorMessage = "AccessDenied",
		"User: arn:aws:sts::"+account+":assumed-role/Dev/alice is not authorized to perform: iam:DeleteUser"
	session.RequestID = createUser.RequestID

	signIn := event(SourceSignin, "ConsoleLogin", TypeConsoleSignIn,
		UserIdentity{Type: IdentityIAMUser, AccountID: account, UserName: Hidden})
	signIn.ErrorMessage = "No username found in supplied account"
	signIn.ResponseElements = map[string]any{"ConsoleLogin": "Failure"}
	signIn.AdditionalEventData = map[string]any{"LoginTo": "https://example.com/", "MobileVersion": "No", "MFAUsed": "No"}

	local := event(SourceIAM, "CreateUser", TypeAPICall, LocalOperator("aws", account))
	local.SourceIPAddress = "127.0.0.1"
	local.AdditionalEventData = map[string]any{KeyOperatingSystemUser: "alice", KeyRun: "run-CZcmD7eagjhyX0vN"}

	return map[string]Event{"create_user": createUser, "assume_role": assumeRole, "session_refused": session,
		"sign_in_failed": signIn, "local_operator": local}
}

func TestEncode_FormatIsStable(t *testing.T) {
	for name, event := range goldenEvents() {
		t.Run(name, func(t *testing.T) {
			body, err := Encode(event)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".json")
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, append(body, '\n'), "", "  "); err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, pretty.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(pretty.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", pretty.Bytes(), want)
			}
			decoded, err := Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := Encode(decoded); err != nil || !bytes.Equal(again, body) {
				t.Errorf("Encode of the decoded record returns %s, %v", again, err)
			}
		})
	}
}

// keysOf returns the keys of a JSON object in order. The keys of nested objects follow that of their object.
func keysOf(t *testing.T, text []byte) []string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	var names []string
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
		switch name {
		case "userIdentity", "sessionContext", "sessionIssuer", "tlsDetails":
			for _, inner := range keysOf(t, value) {
				names = append(names, name.(string)+"."+inner)
			}
		}
	}
	return names
}

// TestEncode_HasCloudTrailFields compares the names and order of fields with records that AWS documents: "CloudTrail
// record contents" and "AWS Management Console sign-in events" in the CloudTrail User Guide, and "Logging IAM and AWS
// STS API calls" in the IAM User Guide.
func TestEncode_HasCloudTrailFields(t *testing.T) {
	for name, documented := range map[string]string{
		"create_user": "eventVersion userIdentity userIdentity.type userIdentity.principalId userIdentity.arn " +
			"userIdentity.accountId " +
			"userIdentity.accessKeyId userIdentity.userName eventTime eventSource eventName awsRegion " +
			"sourceIPAddress userAgent " +
			"requestParameters responseElements requestID eventID readOnly eventType managementEvent recipientAccountId " +
			"eventCategory " +
			"tlsDetails tlsDetails.tlsVersion tlsDetails.cipherSuite tlsDetails.clientProvidedHostHeader",
		"assume_role": "eventVersion userIdentity userIdentity.type userIdentity.principalId userIdentity.arn " +
			"userIdentity.accountId " +
			"userIdentity.accessKeyId userIdentity.userName eventTime eventSource eventName awsRegion " +
			"sourceIPAddress userAgent " +
			"requestParameters responseElements requestID eventID readOnly resources eventType managementEvent " +
			"recipientAccountId eventCategory",
		"session_refused": "eventVersion userIdentity userIdentity.type userIdentity.principalId userIdentity.arn " +
			"userIdentity.accountId " +
			"userIdentity.accessKeyId userIdentity.sessionContext userIdentity.sessionContext.sessionIssuer " +
			"userIdentity.sessionContext.sessionIssuer.type userIdentity.sessionContext.sessionIssuer.principalId " +
			"userIdentity.sessionContext.sessionIssuer.arn userIdentity.sessionContext.sessionIssuer.accountId " +
			"userIdentity.sessionContext.sessionIssuer.userName userIdentity.sessionContext.attributes " +
			"userIdentity.sessionContext.sourceIdentity " +
			"eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage requestParameters " +
			"responseElements requestID eventID readOnly eventType managementEvent recipientAccountId eventCategory",
		"sign_in_failed": "eventVersion userIdentity userIdentity.type userIdentity.accountId userIdentity.userName " +
			"eventTime eventSource " +
			"eventName awsRegion sourceIPAddress userAgent errorMessage requestParameters responseElements " +
			"additionalEventData eventID " +
			"readOnly eventType managementEvent recipientAccountId eventCategory",
	} {
		t.Run(name, func(t *testing.T) {
			body, err := Encode(goldenEvents()[name])
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(keysOf(t, body), " "); got != documented {
				t.Errorf("got  %s\nwant %s", got, documented)
			}
		})
	}
}

func TestDecode_ReadsAWSRecord(t *testing.T) {
	e, err := Decode(
		[]byte(`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","sessionContext":{"sessionIssuer":{},
		"webIdFederationData":{},"attributes":{"mfaAuthenticated":"false","creationDate":"2019-06-18T22:28:31Z"}},
		"credentialId":"new"},
		"eventTime":"2019-06-19T00:18:31Z","eventSource":"iam.amazonaws.com","eventName":"PutUserPolicy",
		"requestParameters":{"n":12345678901234567890},
		"responseElements":null,"eventID":"7116c6a1-EXAMPLE","readOnly":false,"eventType":"AwsApiCall",
		"recipientAccountId":"123456789012",
		"eventCategory":"Management","vpcEndpointId":"vpce-1"}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := Encode(e)
	if err != nil || !bytes.Contains(body, []byte(`"n":12345678901234567890`)) ||
		!bytes.Contains(body, []byte(`"mfaAuthenticated":"false"`)) {
		t.Errorf("Encode of the decoded record returns %s, %v", body, err)
	}
}

func TestEncode_RejectsIncompleteEvent(t *testing.T) {
	for want, change := range map[string]func(e *Event){
		"no userIdentity.type":  func(e *Event) { e.UserIdentity.Type = "" },
		"no eventSource":        func(e *Event) { e.EventSource = "" },
		"no eventName":          func(e *Event) { e.EventName = "" },
		"no eventID":            func(e *Event) { e.EventID = "" },
		"no eventType":          func(e *Event) { e.EventType = "" },
		"no recipientAccountId": func(e *Event) { e.RecipientAccountID = "" },
		"no eventCategory":      func(e *Event) { e.EventVersion = "1.08" },
		"want 1.x":              func(e *Event) { e.EventVersion = "2.0" },
		"the eventTime is not":  func(e *Event) { e.EventTime = time.Time{} },
		"the creationDate of the session is not": func(e *Event) {
			e.UserIdentity.SessionContext = &SessionContext{Attributes: &SessionAttributes{}}
		},
		"unsupported type": func(e *Event) { e.RequestParameters = map[string]any{"f": func() {}} },
		"are allowed":      func(e *Event) { e.UserIdentity.PrincipalID = strings.Repeat("x", MaxEventSize) },
	} {
		t.Run(want, func(t *testing.T) {
			e := anEvent()
			change(&e)
			if _, err := Encode(e); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEncode_ShortensLongParts(t *testing.T) {
	e := anEvent()
	e.UserAgent, e.ErrorMessage = strings.Repeat("x", 5000), strings.Repeat("é", 5000)
	policy := strings.Repeat("\n", 131072) // the longest that IAM accepts, and JSON escapes every character
	e.RequestParameters = map[string]any{"policyDocument": policy}
	e.ResponseElements = map[string]any{"short": true}
	recoded := func() Event {
		body, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		return decoded
	}
	got := recoded()
	if got.UserAgent != e.UserAgent[:1024] || got.ErrorMessage != e.ErrorMessage[:1024] ||
		got.RequestParameters["policyDocument"] != policy {
		t.Errorf("the lengths are: user agent %d, error message %d, parameters %d", len(got.UserAgent), len(got.ErrorMessage),
			len(got.RequestParameters))
	}
	e.ErrorMessage = "x" + e.ErrorMessage
	e.RequestParameters = map[string]any{"policyInputList": []string{policy, policy, policy, policy}}
	got = recoded()
	if got.ErrorMessage != e.ErrorMessage[:1023] || got.RequestParameters["omitted"] != true ||
		got.ResponseElements["short"] != true {
		t.Errorf("the error message has %d bytes, the parameters are %v, the elements %v", len(got.ErrorMessage),
			got.RequestParameters, got.ResponseElements)
	}
	if _, omitted := e.RequestParameters["omitted"]; omitted {
		t.Error("Encode changed the caller's event")
	}
}

func TestEncode_LeavesEventUnchanged(t *testing.T) {
	e := anEvent()
	created := noon.Add(time.Millisecond)
	e.UserIdentity.SessionContext = &SessionContext{Attributes: &SessionAttributes{CreationDate: created}}
	if _, err := Encode(e); err != nil {
		t.Fatal(err)
	}
	if !e.UserIdentity.SessionContext.Attributes.CreationDate.Equal(created) {
		t.Error("Encode changed the caller's session")
	}
}

func TestDecode_RejectsOtherJSON(t *testing.T) {
	valid, err := Encode(anEvent())
	if err != nil {
		t.Fatal(err)
	}
	for want, body := range map[string]string{
		"EOF":                   "",
		"cannot unmarshal":      "[]",
		"want 1.x":              "{}",
		"unexpected text after": string(valid) + "{}",
		"are allowed":           string(valid) + strings.Repeat(" ", MaxEventSize),
		"unknown eventVersion":  "null",
		"the eventTime is not":  strings.Replace(string(valid), "2026-03-04T12:00:00Z", "0001-01-01T00:00:00Z", 1),
	} {
		if _, err := Decode([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %q", body, err, want)
		}
	}
}

// FuzzDecode decodes any bytes. Encode must accept every decoded event, and decoding must then give the same event.
func FuzzDecode(f *testing.F) {
	for _, event := range goldenEvents() {
		body, err := Encode(event)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := Decode(body)
		if err != nil {
			return
		}
		once, err := Encode(e)
		if err != nil {
			if strings.Contains(err.Error(), "are allowed") { // escaped text may be longer than the original
				return
			}
			t.Fatalf("Encode of the decoded event: %v", err)
		}
		again, err := Decode(once)
		if err != nil {
			t.Fatalf("Decode of the encoded event: %v", err)
		}
		if twice, err := Encode(again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("the first encoding is\n%s\nthe second\n%s\nwith error %v", once, twice, err)
		}
	})
}
