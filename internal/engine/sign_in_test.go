package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

const signInFailed = "AccessDenied: Your authentication information is incorrect. Please try again."

// fromAddress returns the circumstances of a call from this address.
func fromAddress(address string) Circumstances {
	return Circumstances{Source: netip.MustParseAddr(address)}
}

func TestSignIn_PasswordAndCode(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("iam:ListUsers"))
	addUser(t, e, "bob")
	addUser(t, e, "nopassword")
	addPassword(t, e, "ann")
	addPassword(t, e, "bob")
	d := addEnabledDevice(t, e, clock, "ann")
	var sourceNumber int
	signIn := func(user, password, code string) (*SignInOutput, error) {
		sourceNumber++ // another source for each attempt, so that no attempt has to wait
		return e.As(Anonymous(fromAddress(fmt.Sprintf("192.0.2.%d", sourceNumber)))).SignIn(ctx,
			&SignInInput{UserName: user, Password: password, Code: code})
	}
	for _, tt := range []struct{ user, password, code string }{
		{"nobody", testPassword, ""},
		{"nopassword", testPassword, ""},
		{"bob", "wrong", ""},
		{"bob", "", ""},
		{"bob", strings.Repeat("x", 500), ""},
		{"ann", testPassword, ""},
		{"ann", testPassword, "000000"},
		{"ann", testPassword, d.code(-3)}, // this code enabled the device
		{"ann", "wrong", d.code(0)},
		{"", "", ""},
	} {
		_, err := signIn(tt.user, tt.password, tt.code)
		wantOutcome(t, err, signInFailed)
	}

	out, err := signIn("bob", testPassword, "")
	if err != nil {
		t.Fatal(err)
	}
	bob := must(sessionClient(t, e, out.Credentials))
	if got := must(bob.GetCallerIdentity(ctx, nil)); *got.Arn != iamARNPrefix+"user/bob" || out.ARN != *got.Arn {
		t.Errorf("GetCallerIdentity returned %s, SignIn returned %s", *got.Arn, out.ARN)
	}
	if remaining := out.Credentials.Expiration.Sub(clock.Now()); remaining != 12*time.Hour {
		t.Errorf("the session expires in %s, want 12 hours", remaining)
	}
	out, err = signIn("ANN", testPassword, d.code(0))
	if err != nil {
		t.Fatal(err)
	}
	wantOutcome(t, errorOf(must(sessionClient(t, e, out.Credentials)).ListUsers(ctx, nil)), "")
	_, err = signIn("ann", testPassword, d.code(0))
	wantOutcome(t, err, signInFailed) // the code was used before
	if last := must(operator(e).GetUser(ctx,
		&iam.GetUserInput{UserName: aws.String("ann")})).User.PasswordLastUsed; last == nil || !last.Equal(clock.Now()) {
		t.Errorf("the password was last used at %v, want now", last)
	}

	clock.advance(12 * time.Hour)
	wantOutcome(t, errorOf(sessionClient(t, e, out.Credentials)),
		"ExpiredToken: The security token included in the request is expired")

	events := auditEventsNamed(t, e, "ConsoleLogin")
	var successes, withMFA, unknownUsers int
	for _, event := range events {
		if event.EventSource != audit.SourceSignin || event.EventType != audit.TypeConsoleSignIn ||
			event.UserIdentity.Type != audit.IdentityIAMUser {
			t.Errorf("got audit record %+v, want a console sign-in of an IAM user", event)
		}
		if event.ResponseElements["ConsoleLogin"] == "Success" {
			successes++
		}
		if event.AdditionalEventData["MFAUsed"] == "Yes" {
			withMFA++
		}
		if event.UserIdentity.UserName == audit.Hidden {
			unknownUsers++
			if event.ErrorMessage != "No username found in supplied account" || event.UserIdentity.ARN != "" {
				t.Errorf("got audit record %+v for an unknown user", event)
			}
		}
	}
	if successes != 2 || unknownUsers != 2 || withMFA != 6 || len(events) != 13 {
		t.Errorf("got %d records, %d of a success, %d with MFA and %d of unknown users; want 13, 2, 6 and 2", len(events),
			successes, withMFA, unknownUsers)
	}
}

func TestSignIn_RequiredPasswordChange(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann")
	addPassword(t, e, "ann")
	ann := aws.String("ann")
	signIn := func(password, replacement string) error {
		return errorOf(e.As(Anonymous(testCircumstances)).SignIn(ctx,
			&SignInInput{UserName: "ann", Password: password, NewPassword: replacement}))
	}
	wantOutcome(t, signIn(testPassword, "Another-Horse-8"),
		"AccessDenied: The account's password policy does not let users change their passwords when they sign in.")

	must(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: ann, PasswordResetRequired: aws.Bool(true)}))
	const mustChange = "PasswordChangeRequired: The password of user ann must be changed. Sign in with both the " +
		"present password and a new one."
	wantOutcome(t, signIn("wrong", ""), signInFailed)
	wantOutcome(t, signIn("wrong", "Another-Horse-8"), signInFailed)
	wantOutcome(t, signIn(testPassword, ""), mustChange)
	wantOutcome(t, signIn(testPassword, "short"), "PasswordPolicyViolation: Password should have a minimum length of 8; …")
	wantOutcome(t, signIn(testPassword, "Another-Horse-8"), "")
	wantOutcome(t, signIn("Another-Horse-8", ""), "")
	wantOutcome(t, signIn(testPassword, ""), signInFailed)
	if events := auditEventsNamed(t, e, "PasswordUpdated"); len(events) != 1 {
		t.Errorf("got %d records of password changes, want 1", len(events))
	}

	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: aws.Int32(90)}))
	clock.advance(90*24*time.Hour - time.Second)
	wantOutcome(t, signIn("Another-Horse-8", ""), "")
	clock.advance(time.Second)
	wantOutcome(t, signIn("Another-Horse-8", ""), mustChange)
	must(c.UpdateAccountPasswordPolicy(ctx,
		&iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: aws.Int32(90), HardExpiry: aws.Bool(true)}))
	wantOutcome(t, signIn("Another-Horse-8", "Third-Horse-9"),
		"PasswordExpired: The password of user ann has expired. An administrator must set a new password.")
	wantOutcome(t, signIn("wrong", ""), signInFailed)
	must(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: ann, Password: aws.String("Third-Horse-9")}))
	wantOutcome(t, signIn("Third-Horse-9", ""), "")
}

func TestSignIn_ThrottlesKnownAndUnknownUsers(t *testing.T) {
	t.Parallel()
	for _, user := range []string{"ann", "nobody"} {
		t.Run(user, func(t *testing.T) {
			e, clock := newClockedEngine(t)
			addUser(t, e, "ann")
			guess := func(address string) error {
				return errorOf(e.As(Anonymous(fromAddress(address))).SignIn(t.Context(),
					&SignInInput{UserName: user, Password: ""}))
			}
			for range pairWithoutWait {
				wantOutcome(t, guess("192.0.2.1"), signInFailed)
			}
			for wait := time.Second; wait <= 8*time.Second; wait *= 2 {
				wantOutcome(t, guess("192.0.2.1"), signInFailed)
				wantOutcome(t, guess("192.0.2.1"),
					fmt.Sprintf("Throttling: Rate exceeded: too many failed attempts. Try again in %d seconds.", wait/time.Second))
				clock.advance(wait)
			}
			// Another source need not wait, but guesses from many sources together reach the limit of the
			// user.
			wantOutcome(t, guess("192.0.2.2"), signInFailed)
			for i := range 20 {
				if err := guess(fmt.Sprintf("192.0.2.%d", 10+i)); hasErrorCode(err, "Throttling") {
					return
				}
			}
			t.Error("21 guesses from different sources did not have to wait")
		})
	}
}

func TestSignIn_AttackerCannotLockUserOut(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	addUser(t, e, "ann")
	addPassword(t, e, "ann")
	signIn := func(address, password string) error {
		return errorOf(e.As(Anonymous(fromAddress(address))).SignIn(t.Context(),
			&SignInInput{UserName: "ann", Password: password}))
	}
	wantOutcome(t, signIn("198.51.100.1", testPassword), "")
	for i := range 40 {
		_ = signIn(fmt.Sprintf("192.0.2.%d", i), "")
	}
	if err := signIn("192.0.2.99", ""); !hasErrorCode(err, "Throttling") {
		t.Errorf("after 40 guesses from other sources, the next guess returned %v, want Throttling", err)
	}
	wantOutcome(t, signIn("198.51.100.1", testPassword), "") // the user signed in from this source before
	for i := range 40 {
		_ = signIn(fmt.Sprintf("192.0.2.%d", 100+i), "")
	}
	clock.advance(longestUserWait)
	wantOutcome(t, signIn("203.0.113.5", testPassword), "") // a new source has to wait for one minute
}

func TestSignIn_ConcurrentGuesses(t *testing.T) {
	t.Parallel()
	e, _ := newClockedEngine(t)
	addUser(t, e, "ann")
	var checked atomic.Int64
	var guesses sync.WaitGroup
	for range 40 {
		guesses.Go(func() {
			err := errorOf(e.As(Anonymous(testCircumstances)).SignIn(context.Background(), &SignInInput{UserName: "ann"}))
			if hasErrorCode(err, "AccessDenied") {
				checked.Add(1)
			}
		})
	}
	guesses.Wait()
	if n := checked.Load(); n != pairWithoutWait+1 {
		t.Errorf("the engine checked %d concurrent guesses, want %d", n, pairWithoutWait+1)
	}
}

func TestSignIn_ThrottlesSource(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	addUser(t, e, "mallory")
	addPassword(t, e, "mallory")
	signIn := func(user, password string) error {
		return errorOf(e.As(Anonymous(fromAddress("2001:db8::1"))).SignIn(t.Context(),
			&SignInInput{UserName: user, Password: password}))
	}
	for i := range sourceWithoutWait {
		wantOutcome(t, signIn(fmt.Sprintf("user%d", i), ""), signInFailed)
		if i%4 == 0 { // successful attempts do not reset the count of the source
			wantOutcome(t, signIn("mallory", testPassword), "")
		}
	}
	wantOutcome(t, signIn("one-more", ""), signInFailed)
	wantOutcome(t, signIn("and-another", ""), "Throttling: Rate exceeded: …")
	err := errorOf(e.As(Anonymous(fromAddress("2001:db8::2"))).SignIn(t.Context(), &SignInInput{UserName: "third"}))
	wantOutcome(t, err, "Throttling: Rate exceeded: …") // the same network
	wantOutcome(t,
		errorOf(e.As(Anonymous(fromAddress("2001:db8:1::2"))).SignIn(t.Context(), &SignInInput{UserName: "third"})),
		signInFailed)
	clock.advance(25 * time.Hour)
	wantOutcome(t, signIn("and-another", ""), signInFailed)
}

// TestSecrets_NeverInErrorsOrAuditTrail makes calls with secrets fail. No error and no audit record
// may contain a secret.
func TestSecrets_NeverInErrorsOrAuditTrail(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann", allow("iam:ChangePassword"))
	addPassword(t, e, "ann")
	d := addEnabledDevice(t, e, clock, "ann")
	key := must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	ann := must(authenticate(t, e, *key.AccessKeyId, *key.SecretAccessKey, ""))
	out := must(e.As(Anonymous(testCircumstances)).SignIn(ctx,
		&SignInInput{UserName: "ann", Password: testPassword, Code: d.code(0)}))
	const canary = "canary-Canary-1"
	canaries := []string{
		canary, testPassword, *key.SecretAccessKey, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken,
		credential.Base32(d.seed), "135791",
	}
	checkNoSecret := func(where, text string) {
		t.Helper()
		for i, secret := range canaries {
			if strings.Contains(text, secret) {
				t.Errorf("%s contains secret %d", where, i)
			}
		}
	}
	for i, err := range []error{
		errorOf(e.As(Anonymous(testCircumstances)).SignIn(ctx, &SignInInput{UserName: canary, Password: canary})),
		errorOf(e.As(Anonymous(testCircumstances)).SignIn(ctx,
			&SignInInput{UserName: "ann", Password: canary, Code: "135791"})),
		errorOf(e.As(Anonymous(testCircumstances)).SignIn(ctx,
			&SignInInput{UserName: "ann", Password: testPassword, Code: "135791", NewPassword: canary})),
		errorOf(ann.ChangePassword(ctx,
			&iam.ChangePasswordInput{OldPassword: aws.String(canary), NewPassword: aws.String(canary)})),
		errorOf(c.CreateLoginProfile(ctx,
			&iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: aws.String(canary)})),
		errorOf(c.UpdateLoginProfile(ctx,
			&iam.UpdateLoginProfileInput{UserName: aws.String("bob"), Password: aws.String(canary + "\u0100")})),
		errorOf(c.ResyncMFADevice(ctx,
			&iam.ResyncMFADeviceInput{UserName: aws.String("ann"), SerialNumber: &d.serial,
				AuthenticationCode1: aws.String("135791"), AuthenticationCode2: aws.String("135791")})),
		errorOf(authenticate(t, e, *key.AccessKeyId, canary, "")),
		errorOf(authenticate(t, e, *out.Credentials.AccessKeyId, canary, *out.Credentials.SessionToken)),
		errorOf(authenticate(t, e, *key.AccessKeyId, canary, *out.Credentials.SessionToken)),
		errorOf(c.RotateMasterKey(ctx, &RotateMasterKeyInput{MasterKey: canary})),
	} {
		if err == nil {
			t.Errorf("call %d succeeded, want an error", i)
			continue
		}
		checkNoSecret(fmt.Sprintf("the error of call %d", i), err.Error())
	}
	for link, err := range e.AuditEvents(ctx, AuditFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		checkNoSecret("an audit record", string(link.Body))
	}
	checkNoSecret("a printed session", fmt.Sprint(json.Marshal(ann.caller.session)))
}
