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

// SignInInput has the credentials of a user who signs in.
type SignInInput struct {
	UserName, Password string
	// Code is a one-time code of any of the user's MFA devices. It is required if the user has a
	// device.
	Code string
	// NewPassword replaces Password if it is not empty. It is required if the password has expired or
	// needs a change.
	NewPassword string
}

// SignInOutput has a session of twelve hours, like those of GetSessionToken.
type SignInOutput struct {
	ARN         string // the ARN of the user
	Credentials *ststypes.Credentials

	ResultMetadata middleware.Metadata
}

// SignIn creates a session for a user who has a password. AWS has no such operation in its API,
// because its console signs users in. The caller may be [Anonymous]. The engine counts failed
// attempts by the source in the caller's circumstances.
//
// If the user, the password or the code is wrong, SignIn returns AccessDenied, always with the same
// message and after the same work. After too many failed attempts it returns Throttling;
// throttle.go explains the limits. With the correct password and code, SignIn can still return:
//
//   - PasswordChangeRequired if NewPassword is required and empty,
//   - PasswordExpired if only an administrator can set a new password,
//   - PasswordPolicyViolation if the new password violates the password policy.
func (c *Client) SignIn(ctx context.Context, in *SignInInput) (*SignInOutput, error) {
	return do(ctx, c, signInOperation, in)
}

var signInOperation = registerExtension("Creates a session for a user with a password.",
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
		name: "SignIn", writes: true, usesOnly: true, audience: anonymousCallers,
		attempt: func(c *call, in *SignInInput) error {
			s := &signIn{call: c, in: *in}
			c.prepared = s
			return c.engine.store.Write(c.ctx, s.countAndRead)
		},
		prepare: func(c *call, _ *SignInInput) error { return c.prepared.(*signIn).checkPassword() },
		run:     func(c *call, _ *SignInInput) (*SignInOutput, error) { return c.prepared.(*signIn).createSession() },
		describe: func(c *call, _ *SignInInput, _ *SignInOutput, event *audit.Event) {
			s, _ := c.prepared.(*signIn)
			if s == nil { // the dispatcher refused the call before the attempt
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

	// find sets the fields from here to codeAccepted. The user is empty if no user has the name.
	userPassword
	rules   credential.PasswordPolicy
	alias   string
	devices int
	// codeAccepted reports whether the code belongs to a device of the user, or the user has no
	// device.
	codeAccepted bool

	// device is the device that the code belongs to. createSession sets it.
	device store.MFADevice
	// replacement is the new password, or a new hash of the present one. Nil leaves the password
	// unchanged. checkPassword sets it.
	replacement *newPassword
}

// countAndRead counts the attempt, reads the user and checks the code. It commits for unknown users
// too. A commit takes much longer than the reads, so the duration of the call does not reveal
// whether the user exists. The check of the code comes before the check of the password, so that
// the duration of the sign-in does not reveal whether the password was correct.
func (s *signIn) countAndRead(tx store.Tx) error {
	s.begin(tx)
	if err := s.find(); err != nil {
		return err
	}
	return s.countAttempt(passwordGuess, s.in.UserName)
}

// checkPassword verifies the password and prepares its replacement, if there is one.
func (s *signIn) checkPassword() error {
	correct, outdated, err := s.verify()
	if err != nil {
		return err
	}
	if !correct || !s.codeAccepted {
		return errSignIn()
	}
	s.replacement, err = s.newPassword(outdated)
	if err == nil {
		return nil
	}
	// The new password was refused, but the correct password and code prove that this was no guess.
	clearErr := s.engine.store.Write(s.ctx, func(tx store.Tx) error {
		s.tx = tx
		return s.clearFailures(passwordGuess, s.in.UserName)
	})
	return errors.Join(err, clearErr)
}

// find reads the user, the password and the devices as the transaction sees them.
func (s *signIn) find() (err error) {
	if s.rules, _, err = s.passwordPolicy(); err != nil {
		return err
	}
	if s.alias, err = s.call.alias(); err != nil {
		return err
	}
	s.userPassword, s.devices, s.codeAccepted = userPassword{}, 0, false
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
	_, s.devices, s.codeAccepted, err = s.acceptDeviceCode()
	return err
}

// acceptDeviceCode finds the user's device that the one-time code belongs to, and marks the code as
// used in the returned device. A user without devices needs no code, so the code then counts as
// correct.
func (s *signIn) acceptDeviceCode() (device store.MFADevice, count int, accepted bool, err error) {
	devices, err := s.tx.MFADevicesOf(s.user.ID)
	if err != nil || len(devices) == 0 {
		return device, 0, err == nil, err
	}
	for i := range devices { // check all devices, so that the duration does not reveal which one matched
		ok, err := s.acceptCode(&devices[i], s.in.Code)
		if err != nil {
			return device, len(devices), false, err
		}
		if ok {
			device, accepted = devices[i], true
		}
	}
	return device, len(devices), accepted, nil
}

// verify checks the password. It does the same amount of work if the user does not exist or has no
// password.
func (s *signIn) verify() (correct, outdated bool, err error) {
	if s.profile.Hash == "" {
		return false, false, credential.VerifyNoPassword(s.ctx, s.in.Password)
	}
	return credential.VerifyPassword(s.ctx, s.profile.Hash, s.in.Password)
}

// newPassword prepares the new password of the input. It returns an error if a new password is
// required and missing. If the present hash has outdated settings, newPassword hashes the present
// password again.
func (s *signIn) newPassword(outdated bool) (*newPassword, error) {
	expired := s.rules.Expired(s.profile.Changed, s.now)
	mustChange := expired || s.profile.ResetRequired
	switch {
	case expired && s.rules.HardExpiry:
		return nil, clientError("PasswordExpired",
			"The password of user %s has expired. An administrator must set a new password.", s.user.Name)
	case s.in.NewPassword == "" && mustChange:
		return nil, clientError("PasswordChangeRequired",
			"The password of user %s must be changed. Sign in with both the present password and a new one.", s.user.Name)
	case s.in.NewPassword == "" && outdated:
		hash, err := credential.HashPassword(s.ctx, s.in.Password)
		return &newPassword{hash: hash, replacedHash: s.profile.Hash}, err
	case s.in.NewPassword == "":
		return nil, nil
	case !mustChange && !s.rules.AllowUsersToChangePassword:
		return nil, accessDenied("The account's password policy does not let users change their passwords when they sign in.")
	}
	prepared, err := hashNewPassword(s.ctx, s.rules, s.userPassword, s.in.NewPassword, s.engine.account, s.alias)
	return &prepared, err
}

// createSession creates the session. It also stores the used code, the replacement of the password
// and the time of the sign-in.
func (s *signIn) createSession() (*SignInOutput, error) {
	checkedHash := s.profile.Hash
	if err := s.find(); err != nil {
		return nil, err
	}
	if s.profile.Hash != checkedHash { // another call replaced the password or the user since the check
		return nil, errSignIn()
	}
	device, devices, accepted, err := s.acceptDeviceCode()
	if err != nil {
		return nil, err
	}
	if !accepted { // another call used the code since the check
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
	session, credentials, err := s.newUserSession(mfaTime, defaultTokenDuration)
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

// storePassword stores the replacement of the password, if there is one.
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
	s.setEventFields(&event, "PasswordUpdated", "Success")
	_, err := s.engine.trail.append(s.tx, event, []string{s.user.ID, s.engine.identityARN(s.user)})
	return err
}

// describe changes the call's audit record into the form of CloudTrail's records of console
// sign-ins.
func (s *signIn) describe(event *audit.Event) {
	event.RequestParameters, event.ReadOnly = nil, false
	if event.ErrorCode == "" {
		s.setEventFields(event, signInEvent, "Success")
		if s.devices > 0 {
			event.AdditionalEventData["MFAIdentifier"] = s.engine.mfaSerial(s.device)
		}
		return
	}
	s.setEventFields(event, signInEvent, "Failure")
	if event.ErrorCode == "AccessDenied" {
		event.ErrorCode, event.ErrorMessage = "", "Failed authentication"
		if s.user.ID == "" {
			event.ErrorMessage = "No username found in supplied account"
		}
	}
}

// setEventFields sets the fields of a sign-in record. It hides a name that no user has, because it
// may be a password that somebody typed into the wrong field.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
func (s *signIn) setEventFields(event *audit.Event, name, outcome string) {
	event.EventSource, event.EventName, event.EventType = audit.SourceSignin, name, audit.TypeConsoleSignIn
	event.RequestID = s.requestID
	event.UserIdentity = audit.UserIdentity{Type: audit.IdentityIAMUser, AccountID: s.engine.account,
		UserName: audit.Hidden}
	if s.user.ID != "" {
		event.UserIdentity.PrincipalID, event.UserIdentity.UserName = s.user.ID, s.user.Name
		event.UserIdentity.ARN = s.engine.identityARN(s.user)
	}
	event.ResponseElements = map[string]any{name: outcome}
	used := "No"
	if s.devices > 0 {
		used = "Yes"
	}
	event.AdditionalEventData = setEntry(event.AdditionalEventData, "MFAUsed", used)
}
