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

// What the tests of keys, passwords, codes and sessions share.

// testClock is a clock that tests move.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newClockedEngine is newTestEngine with a clock that the test moves.
func newClockedEngine(t *testing.T) (*Engine, *testClock) {
	t.Helper()
	clock := &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	return openClocked(t, filepath.Join(t.TempDir(), "iam.db"), clock), clock
}

func openClocked(t *testing.T, path string, clock *testClock) *Engine {
	t.Helper()
	e, err := Open(t.Context(), Options{Path: path, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

var testCircumstances = Circumstances{Source: netip.MustParseAddr("192.0.2.7"), TLS: true, UserAgent: "test"}

// addUser makes a user with inline policies.
func addUser(t *testing.T, e *Engine, name string, policies ...string) {
	t.Helper()
	must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}))
	for i, document := range policies {
		must(operator(e).PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
			UserName: &name, PolicyName: aws.String("p" + string(rune('0'+i))), PolicyDocument: &document,
		}))
	}
}

// addRole makes a role with inline policies.
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

// allow is a policy that allows actions on everything.
func allow(actions ...string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}}`
}

// trustAccount lets everyone in the account assume a role whose own policies allow it.
const trustAccount = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}`

// withKey authenticates as a user with an access key made for it.
func withKey(t *testing.T, e *Engine, userName string) (c *Client, keyID string) {
	t.Helper()
	made := must(operator(e).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &userName})).AccessKey
	return must(authenticate(t, e, *made.AccessKeyId, *made.SecretAccessKey, "")), *made.AccessKeyId
}

// authenticate authenticates as a server does.
func authenticate(t *testing.T, e *Engine, keyID, secret, token string) (*Client, error) {
	t.Helper()
	caller, err := e.Authenticate(t.Context(), keyID, token, func(found string) bool {
		return subtle.ConstantTimeCompare([]byte(found), []byte(secret)) == 1
	}, testCircumstances)
	return e.As(caller), err
}

// session authenticates with temporary credentials.
func session(t *testing.T, e *Engine, c *ststypes.Credentials) (*Client, error) {
	t.Helper()
	return authenticate(t, e, *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

// testDevice is a virtual MFA device in a user's hand.
type testDevice struct {
	serial string
	seed   []byte
	clock  *testClock
}

func addDevice(t *testing.T, e *Engine, clock *testClock, name string) testDevice {
	t.Helper()
	made := must(operator(e).CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name})).VirtualMFADevice
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(made.Base32StringSeed))
	if err != nil {
		t.Fatal(err)
	}
	return testDevice{*made.SerialNumber, seed, clock}
}

// code is what the device shows some steps from now.
func (d testDevice) code(steps int) string {
	return credential.Code(d.seed, d.clock.Now().Add(time.Duration(steps)*30*time.Second))
}

// enabledDevice makes a device and assigns it to a user; a minute later its codes are fresh.
func enabledDevice(t *testing.T, e *Engine, clock *testClock, userName string) testDevice {
	t.Helper()
	d := addDevice(t, e, clock, userName)
	must(operator(e).EnableMFADevice(t.Context(), &iam.EnableMFADeviceInput{
		UserName: &userName, SerialNumber: &d.serial, AuthenticationCode1: aws.String(d.code(-1)), AuthenticationCode2: aws.String(d.code(0)),
	}))
	clock.pass(time.Minute)
	return d
}

const testPassword = "Correct-Horse-7"

// withPassword gives a user a password.
func withPassword(t *testing.T, e *Engine, userName string) {
	t.Helper()
	must(operator(e).CreateLoginProfile(t.Context(), &iam.CreateLoginProfileInput{UserName: &userName, Password: aws.String(testPassword)}))
}

// trailEvents are the records of the trail with a name.
func trailEvents(t *testing.T, e *Engine, name string) []audit.Event {
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

// isCode reports whether an error is of the API, with a code.
func isCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}
