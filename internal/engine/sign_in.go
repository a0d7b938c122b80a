package engine

import (
	"context"
	"errors"

	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// SignInInput is what a user signs in with.
type SignInInput struct {
	UserName, Password string
	// Code is the one-time code of any of the user's MFA devices; it must be given if there is one.
	Code string
	// NewPassword, where it is given, takes the place of Password. It must be given when the password has expired or has to
	// be changed.
	NewPassword string
	// At is where the user is. Guesses are counted by its source.
	At Circumstances
}

// SignInOutput is a session as GetSessionToken makes one, for twelve hours.
type SignInOutput struct {
	ARN         string // the user's
	Credentials ststypes.Credentials
}

// SignIn makes a session for a user who has a password. AWS has no such operation in its API: it is what its console does.
//
// The code of the error is AccessDenied, with always the same message, whether the user, its password or the code is wrong, and the
// same work is done before. It is Throttling where too much was tried: see throttle.go. Only with the right password and
// code is it PasswordChangeRequired, where NewPassword has to be given; PasswordExpired, where only an administrator can
// help; or PasswordPolicyViolation for a new password that will not do.
func (e *Engine) SignIn(ctx context.Context, in SignInInput) (*SignInOutput, error) {
	now := e.now()
	s := &signIn{
		call: &call{ctx: ctx, engine: e, caller: Caller{circumstances: in.At}, requestID: newUUID(), now: now},
		in:   in,
	}
	out, err := s.do()
	if err != nil {
		err = asAPIError(err)
		s.recordFailure(err)
		return nil, err
	}
	return out, nil
}

func errSignIn() error {
	return accessDenied("Your authentication information is incorrect. Please try again.")
}

// signIn is one attempt to sign in.
type signIn struct {
	*call
	in SignInInput

	// What was found when it began. The user is empty where there is none.
	passwordOf
	rules   credential.PasswordPolicy
	alias   string
	devices int
	// rightCode says that the code is that of a device, or that there is no device.
	rightCode bool
}

func (s *signIn) do() (*SignInOutput, error) {
	if err := s.engine.store.Write(s.ctx, s.begins); err != nil {
		return nil, err
	}
	right, outdated, err := s.verify()
	if err != nil {
		return nil, err
	}
	if !right || !s.rightCode {
		return nil, errSignIn()
	}
	made, err := s.newPassword(outdated)
	if err != nil {
		// Who gets so far has proved who it is.
		absolve := s.engine.store.Write(s.ctx, func(tx store.Tx) error {
			s.tx = tx
			return s.absolveAttempt(passwordGuess, s.in.UserName)
		})
		return nil, errors.Join(err, absolve)
	}
	var out *SignInOutput
	err = s.engine.store.Write(s.ctx, func(tx store.Tx) error {
		s.begin(tx)
		out, err = s.succeed(made)
		return err
	})
	if err == nil {
		s.engine.trail.committed(s.link)
	}
	return out, err
}

// begins counts the attempt, and reads all that it takes to judge it. It commits whoever is named, beside which it does not
// show whether there was a user to read; the code is checked here, so that it makes no difference after the password.
func (s *signIn) begins(tx store.Tx) error {
	s.begin(tx)
	if err := s.find(); err != nil {
		return err
	}
	return s.chargeAttempt(passwordGuess, s.in.UserName)
}

func (s *signIn) find() (err error) {
	if s.rules, _, err = s.passwordPolicy(); err != nil {
		return err
	}
	if s.alias, err = s.call.alias(); err != nil {
		return err
	}
	s.passwordOf, s.devices, s.rightCode = passwordOf{}, 0, false
	user, err := s.tx.Identity(store.User, s.in.UserName)
	if err != nil {
		return unlessMissing(err)
	}
	s.user = user
	switch profile, err := s.tx.LoginProfile(user.ID); {
	case err == nil:
		s.profile = profile
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	_, s.devices, s.rightCode, err = s.findDevice()
	return err
}

// findDevice finds the user's device that a code is of, with the code spent. The code is right, too, where there is no device.
func (s *signIn) findDevice() (found store.MFADevice, devices int, right bool, err error) {
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
	made, err := hashNewPassword(s.ctx, s.rules, s.passwordOf, s.in.NewPassword, s.engine.account, s.alias)
	return &made, err
}

// succeed makes the session, and keeps with it all that follows from a sign-in.
func (s *signIn) succeed(made *newPassword) (*SignInOutput, error) {
	before := s.profile.Hash
	if err := s.find(); err != nil {
		return nil, err
	}
	if s.profile.Hash != before { // another password, or another user, meanwhile
		return nil, errSignIn()
	}
	device, devices, right, err := s.findDevice()
	if err != nil {
		return nil, err
	}
	if !right { // the code was used meanwhile
		return nil, errSignIn()
	}
	var mfaTime int64
	if devices > 0 {
		mfaTime = s.now.Unix()
		if err := s.tx.UpdateMFADevice(device); err != nil {
			return nil, err
		}
	}
	if err := s.become(s.user, s.engine.identityARN(s.user), s.user.ID); err != nil {
		return nil, err
	}
	session, credentials, err := s.newUserSession(mfaTime, defaultSession)
	if err != nil {
		return nil, err
	}
	if err := s.keepPassword(made); err != nil {
		return nil, err
	}
	if err := s.tx.SetPasswordLastUsed(s.user.ID, s.now); err != nil {
		return nil, err
	}
	if err := s.absolveAttempt(passwordGuess, s.in.UserName); err != nil {
		return nil, err
	}
	event := s.event("ConsoleLogin", "Success")
	if devices > 0 {
		event.AdditionalEventData["MFAIdentifier"] = s.engine.mfaSerial(device)
	}
	s.link, err = s.engine.trail.append(s.tx, event, []string{s.user.ID, session.AccessKeyID, s.principal.arn})
	return &SignInOutput{ARN: s.principal.arn, Credentials: *credentials}, err
}

// keepPassword keeps a new password, or a new hash of the old one.
func (s *signIn) keepPassword(made *newPassword) error {
	switch {
	case made == nil:
		return nil
	case s.in.NewPassword == "":
		s.profile.Hash = made.hash
		return s.tx.UpdateLoginProfile(s.profile)
	}
	if err := s.changePassword(&s.passwordOf, *made); err != nil {
		return err
	}
	s.profile.ResetRequired = false
	if err := s.tx.UpdateLoginProfile(s.profile); err != nil {
		return err
	}
	_, err := s.engine.trail.append(s.tx, s.event("PasswordUpdated", "Success"), []string{s.user.ID, s.engine.identityARN(s.user)})
	return err
}

// event is a CloudTrail record of the console's sign-in. A name that no user has is not recorded, as it may be a password
// that was typed into the wrong field.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
func (s *signIn) event(name, outcome string) audit.Event {
	event := s.engine.newEvent(s.now, s.in.At)
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
	return event
}

// recordFailure holds the record of an attempt that failed.
func (s *signIn) recordFailure(err error) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return
	}
	event := s.event("ConsoleLogin", "Failure")
	event.ErrorMessage = "Failed authentication"
	switch {
	case api.ErrorCode() != "AccessDenied":
		event.ErrorCode, event.ErrorMessage = api.ErrorCode(), api.ErrorMessage()
	case s.user.ID == "":
		event.ErrorMessage = "No username found in supplied account"
	}
	s.engine.trail.hold(event)
}
