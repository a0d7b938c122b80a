package engine

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

// Helpers for the tests of access keys, passwords, one-time codes and sessions.

// testClock is a clock that shows the time that the test sets.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newTestClock() *testClock { return &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newClockedEngine creates an account whose engine uses a test clock.
func newClockedEngine(t *testing.T) (*Engine, *testClock) {
	t.Helper()
	clock := newTestClock()
	return openWithClock(t, filepath.Join(t.TempDir(), "iam.db"), clock), clock
}

// openWithClock opens the account in a database file with a test clock.
func openWithClock(t *testing.T, path string, clock *testClock) *Engine {
	t.Helper()
	return openTestEngine(t, Options{Path: path, Now: clock.Now})
}

var testCircumstances = Circumstances{Source: netip.MustParseAddr("192.0.2.7"), TLS: true, UserAgent: "test"}

// addUser creates a user with inline policies.
func addUser(t *testing.T, e *Engine, name string, policies ...string) {
	t.Helper()
	must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}))
	for i, document := range policies {
		must(operator(e).PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
			UserName: &name, PolicyName: aws.String("p" + string(rune('0'+i))), PolicyDocument: &document,
		}))
	}
}

// addRole creates a role with inline policies.
func addRole(t *testing.T, e *Engine, name, trust string, policies ...string) (arn string) {
	t.Helper()
	out := must(operator(e).CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: &trust, MaxSessionDuration: aws.Int32(7200),
	}))
	for i, document := range policies {
		must(operator(e).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: &name, PolicyName: aws.String("p" + string(rune('0'+i))), PolicyDocument: &document,
		}))
	}
	return *out.Role.Arn
}

// allow returns a policy that allows actions on all resources.
func allow(actions ...string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) +
		`"],"Resource":"*"}}`
}

// trustAccount is a trust policy. It lets all principals of the account assume the role whose own
// policies allow this.
const trustAccount = `{"Version":"2012-10-17",` +
	`"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":["sts:AssumeRole","sts:TagSession",` +
	`"sts:SetSourceIdentity"]}}`

// newKeyClient creates an access key for a user and returns a client that uses it.
func newKeyClient(t *testing.T, e *Engine, userName string) (c *Client, keyID string) {
	t.Helper()
	created := must(operator(e).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &userName})).AccessKey
	return must(authenticate(t, e, *created.AccessKeyId, *created.SecretAccessKey, "")), *created.AccessKeyId
}

// authenticate returns a client for the credentials of a request, like a server.
func authenticate(t *testing.T, e *Engine, keyID, secret, token string) (*Client, error) {
	t.Helper()
	caller, err := e.Authenticate(t.Context(), keyID, token, func(storedSecret string) bool {
		return subtle.ConstantTimeCompare([]byte(storedSecret), []byte(secret)) == 1
	}, testCircumstances)
	return e.As(caller), err
}

// sessionClient returns a client that uses temporary credentials.
func sessionClient(t *testing.T, e *Engine, c *ststypes.Credentials) (*Client, error) {
	t.Helper()
	return authenticate(t, e, *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

// testDevice is a virtual MFA device that computes its codes from the test clock.
type testDevice struct {
	serial string
	seed   []byte
	clock  *testClock
}

// addDevice creates a virtual MFA device. No user has it yet.
func addDevice(t *testing.T, e *Engine, clock *testClock, name string) testDevice {
	t.Helper()
	created := must(operator(e).CreateVirtualMFADevice(t.Context(),
		&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name})).VirtualMFADevice
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(created.Base32StringSeed))
	if err != nil {
		t.Fatal(err)
	}
	return testDevice{*created.SerialNumber, seed, clock}
}

// code returns the code that the device shows a number of 30-second steps from now.
func (d testDevice) code(steps int) string {
	return credential.Code(d.seed, d.clock.Now().Add(time.Duration(steps)*30*time.Second))
}

// addEnabledDevice creates a device and enables it for a user. It then advances the clock by a minute,
// so that the next code is not one that was used to enable the device.
func addEnabledDevice(t *testing.T, e *Engine, clock *testClock, userName string) testDevice {
	t.Helper()
	d := addDevice(t, e, clock, userName)
	must(operator(e).EnableMFADevice(t.Context(), &iam.EnableMFADeviceInput{
		UserName: &userName, SerialNumber: &d.serial, AuthenticationCode1: aws.String(d.code(-1)),
		AuthenticationCode2: aws.String(d.code(0)),
	}))
	clock.advance(time.Minute)
	return d
}

const testPassword = "Correct-Horse-7"

// addPassword creates a password for a user.
func addPassword(t *testing.T, e *Engine, userName string) {
	t.Helper()
	must(operator(e).CreateLoginProfile(t.Context(),
		&iam.CreateLoginProfileInput{UserName: &userName, Password: aws.String(testPassword)}))
}

// auditEventsNamed returns the audit events with a name.
func auditEventsNamed(t *testing.T, e *Engine, name string) []audit.Event {
	t.Helper()
	var events []audit.Event
	for link, err := range e.AuditEvents(context.Background(), AuditFilter{EventName: name}) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, must(audit.Decode(link.Body)))
	}
	return events
}

// hasErrorCode reports whether an error is an API error with a certain code.
func hasErrorCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}
