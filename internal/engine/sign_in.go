package engine

import (
	"context"
	"errors"

	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// SignInInput is what a user signs in with.
type SignInInput struct {
	UserName, Password string
	// Code is the one-time code of any of the user's MFA devices. It is required if there is a device.
	Code string
	// NewPassword, where it is given, replaces Password. It is required when the password has expired or must be
	// changed.
	NewPassword string
}

// SignInOutput is a session as GetSessionToken makes one, for twelve hours.
type SignInOutput struct {
	ARN         string // the user's
	Credentials *ststypes.Credentials

	ResultMetadata middleware.Metadata
}

// SignIn makes a session for a user who has a password. AWS has no such operation in its API: its console does this. The
// caller may be [Anonymous]. Failed attempts are counted by the source of its circumstances.
//
// If the user, the password or the code is wrong, the error is AccessDenied, always with the same message and after the
// same work. After too many attempts it is Throttling; see throttle.go. With the right password and code it may be
// PasswordChangeRequired, which asks for NewPassword; PasswordExpired, where only an administrator can help; or
// PasswordPolicyViolation for a new password that does not follow the password policy.
func (c *Client) SignIn(ctx context.Context, in *SignInInput) (*SignInOutput, error) {
	return do(ctx, c, signInOperation, in)
}

var signInOperation = registerExtension("Makes a session for a user with a password.",
	[]model.Member{
		member("UserName", &passwordShape, "The user's name."),
		sensitive(member("Password", &passwordShape, "The user's password.")),
		sensitive(member("Code", &passwordShape, "The one-time code of an MFA device of the user.")),
		sensitive(member("NewPassword", &passwordShape, "The password that replaces the present one.")),
	},
	[]model.Member{
		{Name: "ARN", Wire: "Arn", Shape: &arnShape, Doc: "The user's ARN."},
		member("Credentials", outputShape("GetSessionToken", "Credentials"), "The session's credentials."),
	},
	operation[SignInInput, SignInOutput]{
		name: "SignIn", writes: true, audience: anonymousCallers,
		attempt: func(c *call, in *SignInInput) error {
			s := &signIn{call: c, in: *in}
			c.prepared = s
			return c.engine.store.Write(c.ctx, s.countAndRead)
		},
		prepare: func(c *call, _ *SignInInput) error { return c.prepared.(*signIn).checkPassword() },
		run:     func(c *call, _ *SignInInput) (*SignInOutput, error) { return c.prepared.(*signIn).makeSession() },
		describe: func(c *call, _ *SignInInput, _ *SignInOutput, event *audit.Event) {
			s, _ := c.prepared.(*signIn)
			if s == nil { // refused before the attempt
				s = &signIn{call: c}
			}
			s.describe(event)
		},
	})

func errSignIn() error {
	return accessDenied("Your authentication information is incorrect. Please try again.")
}

// signIn is one attempt to sign in.
type signIn struct {
	*call
	in SignInInput

	// What was found at the beginning. The user is empty where there is none.
	userPassword
	rules   credential.PasswordPolicy
	alias   string
	devices int
	// rightCode says that the code is that of a device, or that there is no device.
	rightCode bool
	// device is the one that the code was of.
	device store.MFADevice
	// replacement is the new password, or a new hash of the present one; nil to leave it.
	replacement *newPassword
}

// countAndRead counts the attempt and reads everything that is needed to judge it. It commits for unknown users too, and
// next to that it does not show whether there was a user to read. The code is checked here, so that it makes no
// difference in time after the password.
func (s *signIn) countAndRead(tx store.Tx) error {
	s.begin(tx)
	if err := s.find(); err != nil {
		return err
	}
	return s.countAttempt(passwordGuess, s.in.UserName)
}

// checkPassword verifies the password and prepares what replaces it.
func (s *signIn) checkPassword() error {
	right, outdated, err := s.verify()
	if err != nil {
		return err
	}
	if !right || !s.rightCode {
		return errSignIn()
	}
	s.replacement, err = s.newPassword(outdated)
	if err == nil {
		return nil
	}
	// The right password and code prove who the user is.
	clearing := s.engine.store.Write(s.ctx, func(tx store.Tx) error {
		s.tx = tx
		return s.clearFailures(passwordGuess, s.in.UserName)
	})
	return errors.Join(err, clearing)
}

func (s *signIn) find() (err error) {
	if s.rules, _, err = s.passwordPolicy(); err != nil {
		return err
	}
	if s.alias, err = s.call.alias(); err != nil {
		return err
	}
	s.userPassword, s.devices, s.rightCode = userPassword{}, 0, false
	user, err := s.tx.Identity(store.User, s.in.UserName)
	if err != nil {
		return ignoreNotFound(err)
	}
	s.user = user
	switch profile, err := s.tx.LoginProfile(user.ID); {
	case err == nil:
		s.profile = profile
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	_, s.devices, s.rightCode, err = s.acceptDeviceCode()
	return err
}

// acceptDeviceCode finds the user's device that the one-time code belongs to, and marks the code as used in the returned
// device. A user without devices needs no code, so the code then counts as correct.
func (s *signIn) acceptDeviceCode() (found store.MFADevice, devices int, right bool, err error) {
	of, err := s.tx.MFADevicesOf(s.user.ID)
	if err != nil || len(of) == 0 {
		return found, 0, err == nil, err
	}
	for i := range of { // all of them, so that the time does not tell which
		ok, err := s.acceptCode(&of[i], s.in.Code)
		if err != nil {
			return found, len(of), false, err
		}
		if ok {
			found, right = of[i], true
		}
	}
	return found, len(of), right, nil
}

// verify checks the password, with as much work where there is none.
func (s *signIn) verify() (right, outdated bool, err error) {
	if s.profile.Hash == "" {
		return false, false, credential.VerifyNoPassword(s.ctx, s.in.Password)
	}
	return credential.VerifyPassword(s.ctx, s.profile.Hash, s.in.Password)
}

// newPassword prepares the new password if one is given, and refuses if one has to be. A hash with outdated settings is
// made anew.
func (s *signIn) newPassword(outdated bool) (*newPassword, error) {
	expired := s.rules.Expired(s.profile.Changed, s.now)
	mustChange := expired || s.profile.ResetRequired
	switch {
	case expired && s.rules.HardExpiry:
		return nil, clientError("PasswordExpired", "The password of user %s has expired. An administrator has to set it anew.", s.user.Name)
	case s.in.NewPassword == "" && mustChange:
		return nil, clientError("PasswordChangeRequired", "The password of user %s has to be changed: sign in with a new one beside it.", s.user.Name)
	case s.in.NewPassword == "" && outdated:
		hash, err := credential.HashPassword(s.ctx, s.in.Password)
		return &newPassword{hash: hash, after: s.profile.Hash}, err
	case s.in.NewPassword == "":
		return nil, nil
	case !mustChange && !s.rules.AllowUsersToChangePassword:
		return nil, accessDenied("The account's password policy does not let users change their passwords when they sign in.")
	}
	made, err := hashNewPassword(s.ctx, s.rules, s.userPassword, s.in.NewPassword, s.engine.account, s.alias)
	return &made, err
}

// makeSession makes the session, and stores what follows from a sign-in.
func (s *signIn) makeSession() (*SignInOutput, error) {
	before := s.profile.Hash
	if err := s.find(); err != nil {
		return nil, err
	}
	if s.profile.Hash != before { // the password or the user was replaced meanwhile
		return nil, errSignIn()
	}
	device, devices, right, err := s.acceptDeviceCode()
	if err != nil {
		return nil, err
	}
	if !right { // the code was used meanwhile
		return nil, errSignIn()
	}
	var mfaTime int64
	if devices > 0 {
		mfaTime, s.device = s.now.Unix(), device
		if err := s.tx.UpdateMFADevice(device); err != nil {
			return nil, err
		}
	}
	if err := s.setPrincipal(s.user, s.engine.identityARN(s.user), s.user.ID); err != nil {
		return nil, err
	}
	session, credentials, err := s.newUserSession(mfaTime, defaultSession)
	if err != nil {
		return nil, err
	}
	if err := s.storePassword(); err != nil {
		return nil, err
	}
	if err := s.tx.SetPasswordLastUsed(s.user.ID, s.now); err != nil {
		return nil, err
	}
	if err := s.clearFailures(passwordGuess, s.in.UserName); err != nil {
		return nil, err
	}
	s.addAuditSubject(s.user.ID)
	s.addAuditSubject(session.AccessKeyID)
	s.addAuditSubject(s.principal.arn)
	return &SignInOutput{ARN: s.principal.arn, Credentials: credentials}, nil
}

// storePassword stores the replacement of the password: a new one, or a new hash of the present one.
func (s *signIn) storePassword() error {
	switch {
	case s.replacement == nil:
		return nil
	case s.in.NewPassword == "":
		s.profile.Hash = s.replacement.hash
		return s.tx.UpdateLoginProfile(s.profile)
	}
	if err := s.changePassword(&s.userPassword, *s.replacement); err != nil {
		return err
	}
	s.profile.ResetRequired = false
	if err := s.tx.UpdateLoginProfile(s.profile); err != nil {
		return err
	}
	event := s.engine.newEvent(s.now, s.caller.circumstances)
	s.complete(&event, "PasswordUpdated", "Success")
	_, err := s.engine.trail.append(s.tx, event, []string{s.user.ID, s.engine.identityARN(s.user)})
	return err
}

// describe turns the call's record into CloudTrail's record of a console sign-in.
func (s *signIn) describe(event *audit.Event) {
	event.RequestParameters, event.ReadOnly = nil, false
	if event.ErrorCode == "" {
		s.complete(event, "ConsoleLogin", "Success")
		if s.devices > 0 {
			event.AdditionalEventData["MFAIdentifier"] = s.engine.mfaSerial(s.device)
		}
		return
	}
	s.complete(event, "ConsoleLogin", "Failure")
	if event.ErrorCode == "AccessDenied" {
		event.ErrorCode, event.ErrorMessage = "", "Failed authentication"
		if s.user.ID == "" {
			event.ErrorMessage = "No username found in supplied account"
		}
	}
}

// complete fills in a record of the console's sign-in. A name that no user has is not recorded, as it may be a password
// that was typed into the wrong field.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
func (s *signIn) complete(event *audit.Event, name, outcome string) {
	event.EventSource, event.EventName, event.EventType = audit.SourceSignin, name, audit.TypeConsoleSignIn
	event.RequestID = s.requestID
	event.UserIdentity = audit.UserIdentity{Type: audit.IdentityIAMUser, AccountID: s.engine.account, UserName: audit.Hidden}
	if s.user.ID != "" {
		event.UserIdentity.PrincipalID, event.UserIdentity.UserName = s.user.ID, s.user.Name
		event.UserIdentity.ARN = s.engine.identityARN(s.user)
	}
	event.ResponseElements = map[string]any{name: outcome}
	used := "No"
	if s.devices > 0 {
		used = "Yes"
	}
	event.AdditionalEventData = addTo(event.AdditionalEventData, "MFAUsed", used)
}
