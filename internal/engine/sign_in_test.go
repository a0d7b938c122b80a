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

const incorrect = "AccessDenied: Your authentication information is incorrect. Please try again."

func from(address string) Circumstances { return Circumstances{Source: netip.MustParseAddr(address)} }

func TestSignIn_PasswordAndCode(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("iam:ListUsers"))
	addUser(t, e, "bob")
	addUser(t, e, "nopassword")
	withPassword(t, e, "ann")
	withPassword(t, e, "bob")
	d := enabledDevice(t, e, clock, "ann")
	var sourceNumber int
	signIn := func(user, password, code string) (*SignInOutput, error) {
		sourceNumber++ // as the throttle has its own test
		return e.As(Anonymous(from(fmt.Sprintf("192.0.2.%d", sourceNumber)))).SignIn(ctx, &SignInInput{UserName: user, Password: password, Code: code})
	}
	for _, tt := range []struct{ user, password, code string }{
		{"nobody", testPassword, ""},
		{"nopassword", testPassword, ""},
		{"bob", "wrong", ""},
		{"bob", "", ""},
		{"bob", strings.Repeat("x", 500), ""},
		{"ann", testPassword, ""},
		{"ann", testPassword, "000000"},
		{"ann", testPassword, d.code(-3)}, // it was enabled with this one
		{"ann", "wrong", d.code(0)},
		{"", "", ""},
	} {
		_, err := signIn(tt.user, tt.password, tt.code)
		wantOutcome(t, err, incorrect)
	}

	out, err := signIn("bob", testPassword, "")
	if err != nil {
		t.Fatal(err)
	}
	bob := must(session(t, e, out.Credentials))
	if got := must(bob.GetCallerIdentity(ctx, nil)); *got.Arn != inAccount+"user/bob" || out.ARN != *got.Arn {
		t.Errorf("he is %s", *got.Arn)
	}
	if left := out.Credentials.Expiration.Sub(clock.Now()); left != 12*time.Hour {
		t.Errorf("the session lives for %s", left)
	}
	out, err = signIn("ANN", testPassword, d.code(0))
	if err != nil {
		t.Fatal(err)
	}
	wantOutcome(t, done(must(session(t, e, out.Credentials)).ListUsers(ctx, nil)), "")
	_, err = signIn("ann", testPassword, d.code(0))
	wantOutcome(t, err, incorrect) // it has served
	if last := must(operator(e).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")})).User.PasswordLastUsed; last == nil || !last.Equal(clock.Now()) {
		t.Errorf("the password was last used %v", last)
	}

	clock.pass(12 * time.Hour)
	wantOutcome(t, done(session(t, e, out.Credentials)), "ExpiredToken: The security token included in the request is expired")

	events := trailEvents(t, e, "ConsoleLogin")
	var ok, mfa, hidden int
	for _, event := range events {
		if event.EventSource != audit.SourceSignin || event.EventType != audit.TypeConsoleSignIn || event.UserIdentity.Type != audit.IdentityIAMUser {
			t.Errorf("recorded %+v", event)
		}
		if event.ResponseElements["ConsoleLogin"] == "Success" {
			ok++
		}
		if event.AdditionalEventData["MFAUsed"] == "Yes" {
			mfa++
		}
		if event.UserIdentity.UserName == audit.Hidden {
			hidden++
			if event.ErrorMessage != "No username found in supplied account" || event.UserIdentity.ARN != "" {
				t.Errorf("recorded %+v", event)
			}
		}
	}
	if ok != 2 || hidden != 2 || mfa != 6 || len(events) != 13 {
		t.Errorf("of %d records, %d succeeded, %d had MFA and %d no user", len(events), ok, mfa, hidden)
	}
}

func TestSignIn_RequiredPasswordChange(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann")
	withPassword(t, e, "ann")
	ann := aws.String("ann")
	signIn := func(password, fresh string) error {
		return done(e.As(Anonymous(testCircumstances)).SignIn(ctx, &SignInInput{UserName: "ann", Password: password, NewPassword: fresh}))
	}
	wantOutcome(t, signIn(testPassword, "Another-Horse-8"), "AccessDenied: The account's password policy does not let users change their passwords when they sign in.")

	must(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: ann, PasswordResetRequired: aws.Bool(true)}))
	const mustChange = "PasswordChangeRequired: The password of user ann must be changed. Sign in with both the present password and a new one."
	wantOutcome(t, signIn("wrong", ""), incorrect)
	wantOutcome(t, signIn("wrong", "Another-Horse-8"), incorrect)
	wantOutcome(t, signIn(testPassword, ""), mustChange)
	wantOutcome(t, signIn(testPassword, "short"), "PasswordPolicyViolation: Password should have a minimum length of 8; …")
	wantOutcome(t, signIn(testPassword, "Another-Horse-8"), "")
	wantOutcome(t, signIn("Another-Horse-8", ""), "")
	wantOutcome(t, signIn(testPassword, ""), incorrect)
	if events := trailEvents(t, e, "PasswordUpdated"); len(events) != 1 {
		t.Errorf("%d changes are recorded", len(events))
	}

	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: aws.Int32(90)}))
	clock.pass(90*24*time.Hour - time.Second)
	wantOutcome(t, signIn("Another-Horse-8", ""), "")
	clock.pass(time.Second)
	wantOutcome(t, signIn("Another-Horse-8", ""), mustChange)
	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: aws.Int32(90), HardExpiry: aws.Bool(true)}))
	wantOutcome(t, signIn("Another-Horse-8", "Third-Horse-9"), "PasswordExpired: The password of user ann has expired. An administrator must set a new password.")
	wantOutcome(t, signIn("wrong", ""), incorrect)
	must(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: ann, Password: aws.String("Third-Horse-9")}))
	wantOutcome(t, signIn("Third-Horse-9", ""), "")
}

func TestSignIn_ThrottlesKnownAndUnknownUsers(t *testing.T) {
	t.Parallel()
	for _, user := range []string{"ann", "nobody"} {
		t.Run(user, func(t *testing.T) {
			e, clock := newClockedEngine(t)
			addUser(t, e, "ann")
			guess := func(at string) error {
				return done(e.As(Anonymous(from(at))).SignIn(t.Context(), &SignInInput{UserName: user, Password: ""}))
			}
			for range pairFree {
				wantOutcome(t, guess("192.0.2.1"), incorrect)
			}
			for wait := time.Second; wait <= 8*time.Second; wait *= 2 {
				wantOutcome(t, guess("192.0.2.1"), incorrect)
				wantOutcome(t, guess("192.0.2.1"), fmt.Sprintf("Throttling: Rate exceeded: after so many failed attempts, the next is looked at in %d seconds.", wait/time.Second))
				clock.pass(wait)
			}
			// Elsewhere there is room, though not without end.
			wantOutcome(t, guess("192.0.2.2"), incorrect)
			for i := range 20 {
				if err := guess(fmt.Sprintf("192.0.2.%d", 10+i)); isCode(err, "Throttling") {
					return
				}
			}
			t.Error("from many sources, guessing is free")
		})
	}
}

func TestSignIn_StrangerCannotLockUserOut(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	addUser(t, e, "ann")
	withPassword(t, e, "ann")
	signIn := func(at, password string) error {
		return done(e.As(Anonymous(from(at))).SignIn(t.Context(), &SignInInput{UserName: "ann", Password: password}))
	}
	wantOutcome(t, signIn("198.51.100.1", testPassword), "")
	for i := range 40 {
		_ = signIn(fmt.Sprintf("192.0.2.%d", i), "")
	}
	if err := signIn("192.0.2.99", ""); !isCode(err, "Throttling") {
		t.Errorf("after 40 guesses from elsewhere, the next gives %v", err)
	}
	wantOutcome(t, signIn("198.51.100.1", testPassword), "") // a source that is known
	for i := range 40 {
		_ = signIn(fmt.Sprintf("192.0.2.%d", 100+i), "")
	}
	clock.pass(longestUserWait)
	wantOutcome(t, signIn("203.0.113.5", testPassword), "") // and a new one, a minute later
}

func TestSignIn_ConcurrentGuesses(t *testing.T) {
	t.Parallel()
	e, _ := newClockedEngine(t)
	addUser(t, e, "ann")
	var looked atomic.Int64
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			err := done(e.As(Anonymous(testCircumstances)).SignIn(context.Background(), &SignInInput{UserName: "ann"}))
			if isCode(err, "AccessDenied") {
				looked.Add(1)
			}
		})
	}
	all.Wait()
	if n := looked.Load(); n != pairFree+1 {
		t.Errorf("%d guesses were looked at", n)
	}
}

func TestSignIn_ThrottlesSource(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	addUser(t, e, "mallory")
	withPassword(t, e, "mallory")
	signIn := func(user, password string) error {
		return done(e.As(Anonymous(from("2001:db8::1"))).SignIn(t.Context(), &SignInInput{UserName: user, Password: password}))
	}
	for i := range sourceFree {
		wantOutcome(t, signIn(fmt.Sprintf("user%d", i), ""), incorrect)
		if i%4 == 0 { // that one succeeds now and then wins it nothing
			wantOutcome(t, signIn("mallory", testPassword), "")
		}
	}
	wantOutcome(t, signIn("one-more", ""), incorrect)
	wantOutcome(t, signIn("and-another", ""), "Throttling: Rate exceeded: …")
	err := done(e.As(Anonymous(from("2001:db8::2"))).SignIn(t.Context(), &SignInInput{UserName: "third"}))
	wantOutcome(t, err, "Throttling: Rate exceeded: …") // the same network
	wantOutcome(t, done(e.As(Anonymous(from("2001:db8:1::2"))).SignIn(t.Context(), &SignInInput{UserName: "third"})), incorrect)
	clock.pass(25 * time.Hour)
	wantOutcome(t, signIn("and-another", ""), incorrect)
}

// Whatever fails, secrets are in no error, no record and no row.
func TestSecrets_NeverInErrorsOrAuditTrail(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann", allow("iam:ChangePassword"))
	withPassword(t, e, "ann")
	d := enabledDevice(t, e, clock, "ann")
	made := must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	ann := must(authenticate(t, e, *made.AccessKeyId, *made.SecretAccessKey, ""))
	out := must(e.As(Anonymous(testCircumstances)).SignIn(ctx, &SignInInput{UserName: "ann", Password: testPassword, Code: d.code(0)}))
	const canary = "canary-Canary-1"
	canaries := []string{
		canary, testPassword, *made.SecretAccessKey, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken,
		credential.Base32(d.seed), "135791",
	}
	leaked := func(where, text string) {
		t.Helper()
		for i, one := range canaries {
			if strings.Contains(text, one) {
				t.Errorf("%s holds canary %d", where, i)
			}
		}
	}
	for i, err := range []error{
		done(e.As(Anonymous(testCircumstances)).SignIn(ctx, &SignInInput{UserName: canary, Password: canary})),
		done(e.As(Anonymous(testCircumstances)).SignIn(ctx, &SignInInput{UserName: "ann", Password: canary, Code: "135791"})),
		done(e.As(Anonymous(testCircumstances)).SignIn(ctx, &SignInInput{UserName: "ann", Password: testPassword, Code: "135791", NewPassword: canary})),
		done(ann.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: aws.String(canary), NewPassword: aws.String(canary)})),
		done(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: aws.String(canary)})),
		done(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: aws.String("bob"), Password: aws.String(canary + "\u0100")})),
		done(c.ResyncMFADevice(ctx, &iam.ResyncMFADeviceInput{UserName: aws.String("ann"), SerialNumber: &d.serial, AuthenticationCode1: aws.String("135791"), AuthenticationCode2: aws.String("135791")})),
		done(authenticate(t, e, *made.AccessKeyId, canary, "")),
		done(authenticate(t, e, *out.Credentials.AccessKeyId, canary, *out.Credentials.SessionToken)),
		done(authenticate(t, e, *made.AccessKeyId, canary, *out.Credentials.SessionToken)),
		done(c.RotateMasterKey(ctx, &RotateMasterKeyInput{MasterKey: canary})),
	} {
		if err == nil {
			t.Errorf("attempt %d succeeded", i)
			continue
		}
		leaked(fmt.Sprintf("the error of attempt %d", i), err.Error())
	}
	for link, err := range e.AuditEvents(ctx, AuditFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		leaked("the trail", string(link.Body))
	}
	leaked("a printed output", fmt.Sprint(json.Marshal(ann.caller.session)))
}
