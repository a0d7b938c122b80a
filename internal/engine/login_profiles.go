package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// passwordHistory is the number of earlier passwords that are stored: the most that a password
// policy can forbid to reuse.
const passwordHistory = 24

// CreateLoginProfile sets the password of a user without one.
func (c *Client) CreateLoginProfile(ctx context.Context, in *iam.CreateLoginProfileInput, _ ...func(*iam.Options)) (*iam.CreateLoginProfileOutput, error) {
	return do(ctx, c, createLoginProfile, in)
}

var createLoginProfile = register(operation[iam.CreateLoginProfileInput, iam.CreateLoginProfileOutput]{
	name: "CreateLoginProfile", writes: true,
	access: onUser(func(in *iam.CreateLoginProfileInput) *string { return in.UserName }),
	prepare: func(c *call, in *iam.CreateLoginProfileInput) error {
		return c.prepareChange(*in.Password, func() (userPassword, error) {
			user, err := c.userOrSelf(in.UserName)
			if err != nil {
				return userPassword{}, err
			}
			if err := c.requireNoLoginProfile(user); err != nil {
				return userPassword{}, err
			}
			history, err := c.tx.PasswordHistory(user.ID) // of earlier profiles
			return userPassword{user, store.LoginProfile{History: history}}, err
		})
	},
	run: func(c *call, in *iam.CreateLoginProfileInput) (*iam.CreateLoginProfileOutput, error) {
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		if err := c.requireNoLoginProfile(user); err != nil {
			return nil, err
		}
		made := store.LoginProfile{
			UserID: user.ID, Created: c.now, Changed: c.now, ResetRequired: in.PasswordResetRequired,
			Hash: c.prepared.(newPassword).hash, //nolint:forcetypeassert // by prepare
		}
		out := apiLoginProfile(user, made)
		return &iam.CreateLoginProfileOutput{LoginProfile: &out}, c.tx.InsertLoginProfile(made)
	},
})

func (c *call) requireNoLoginProfile(user store.Identity) error {
	_, err := c.tx.LoginProfile(user.ID)
	switch {
	case err == nil:
		return entityAlreadyExists("Login Profile for user %s already exists.", user.Name)
	case errors.Is(err, store.ErrNotFound):
		return nil
	}
	return err
}

func apiLoginProfile(user store.Identity, p store.LoginProfile) iamtypes.LoginProfile {
	return iamtypes.LoginProfile{
		UserName: aws.String(user.Name), CreateDate: aws.Time(p.Created), PasswordResetRequired: p.ResetRequired,
	}
}

// GetLoginProfile returns since when a user has a password.
func (c *Client) GetLoginProfile(ctx context.Context, in *iam.GetLoginProfileInput, _ ...func(*iam.Options)) (*iam.GetLoginProfileOutput, error) {
	return do(ctx, c, getLoginProfile, in)
}

var getLoginProfile = register(operation[iam.GetLoginProfileInput, iam.GetLoginProfileOutput]{
	name:   "GetLoginProfile",
	access: onUser(func(in *iam.GetLoginProfileInput) *string { return in.UserName }),
	run: func(c *call, in *iam.GetLoginProfileInput) (*iam.GetLoginProfileOutput, error) {
		found, err := c.loginProfile(in.UserName)
		if err != nil {
			return nil, err
		}
		out := apiLoginProfile(found.user, found.profile)
		return &iam.GetLoginProfileOutput{LoginProfile: &out}, nil
	},
})

// userPassword is a user and its password, if there is one.
type userPassword struct {
	user    store.Identity
	profile store.LoginProfile
}

// passwords returns the hashes of the user's passwords, latest first.
func (of userPassword) passwords() []string {
	if of.profile.Hash == "" {
		return of.profile.History
	}
	return append([]string{of.profile.Hash}, of.profile.History...)
}

// loginProfile looks up the password of a user, or of the user that calls.
func (c *call) loginProfile(userName *string) (userPassword, error) {
	user, err := c.userOrSelf(userName)
	if err != nil {
		return userPassword{}, err
	}
	p, err := c.tx.LoginProfile(user.ID)
	if errors.Is(err, store.ErrNotFound) {
		err = noSuchEntity("Login Profile for User %s cannot be found.", user.Name)
	}
	return userPassword{user, p}, err
}

// UpdateLoginProfile replaces a user's password.
func (c *Client) UpdateLoginProfile(ctx context.Context, in *iam.UpdateLoginProfileInput, _ ...func(*iam.Options)) (*iam.UpdateLoginProfileOutput, error) {
	return do(ctx, c, updateLoginProfile, in)
}

var updateLoginProfile = register(operation[iam.UpdateLoginProfileInput, iam.UpdateLoginProfileOutput]{
	name: "UpdateLoginProfile", writes: true,
	access: onUser(func(in *iam.UpdateLoginProfileInput) *string { return in.UserName }),
	prepare: func(c *call, in *iam.UpdateLoginProfileInput) error {
		if in.Password == nil {
			return nil
		}
		return c.prepareChange(*in.Password, func() (userPassword, error) { return c.loginProfile(in.UserName) })
	},
	run: func(c *call, in *iam.UpdateLoginProfileInput) (*iam.UpdateLoginProfileOutput, error) {
		found, err := c.loginProfile(in.UserName)
		if err != nil {
			return nil, err
		}
		if in.Password != nil {
			if err := c.changePassword(&found, c.prepared.(newPassword)); err != nil { //nolint:forcetypeassert // by prepare
				return nil, err
			}
		}
		if in.PasswordResetRequired != nil {
			found.profile.ResetRequired = *in.PasswordResetRequired
		}
		return &iam.UpdateLoginProfileOutput{}, c.tx.UpdateLoginProfile(found.profile)
	},
})

// DeleteLoginProfile deletes a user's password.
func (c *Client) DeleteLoginProfile(ctx context.Context, in *iam.DeleteLoginProfileInput, _ ...func(*iam.Options)) (*iam.DeleteLoginProfileOutput, error) {
	return do(ctx, c, deleteLoginProfile, in)
}

var deleteLoginProfile = register(operation[iam.DeleteLoginProfileInput, iam.DeleteLoginProfileOutput]{
	name: "DeleteLoginProfile", writes: true,
	access: onUser(func(in *iam.DeleteLoginProfileInput) *string { return in.UserName }),
	run: func(c *call, in *iam.DeleteLoginProfileInput) (*iam.DeleteLoginProfileOutput, error) {
		found, err := c.loginProfile(in.UserName)
		if err != nil {
			return nil, err
		}
		return &iam.DeleteLoginProfileOutput{}, c.tx.DeleteLoginProfile(found.user.ID)
	},
})

// ChangePassword changes the password of the user that calls.
func (c *Client) ChangePassword(ctx context.Context, in *iam.ChangePasswordInput, _ ...func(*iam.Options)) (*iam.ChangePasswordOutput, error) {
	return do(ctx, c, changePassword, in)
}

var changePassword = register(operation[iam.ChangePasswordInput, iam.ChangePasswordOutput]{
	name: "ChangePassword", writes: true,
	access: func(c *call, _ *iam.ChangePasswordInput) ([]access, error) {
		if c.principal.authz.Kind != authz.User {
			return nil, &iamtypes.InvalidUserTypeException{Message: aws.String("Only IAM Users can change their own password")}
		}
		return c.ownPasswordAccess(c.accessTo(c.principal.identity))
	},
	prepare: func(c *call, in *iam.ChangePasswordInput) error {
		userName := c.principal.identity.Name
		err := c.engine.store.Write(c.ctx, func(tx store.Tx) error {
			c.tx = tx
			return c.countAttempt(passwordGuess, userName)
		})
		if err != nil {
			return err
		}
		var old userPassword
		return c.prepareChange(*in.NewPassword, func() (found userPassword, err error) {
			old, err = c.loginProfile(nil)
			return old, err
		}, func() error {
			right, _, err := credential.VerifyPassword(c.ctx, old.profile.Hash, *in.OldPassword)
			switch {
			case err != nil:
				return err
			case !right:
				return accessDenied("The old password was incorrect.")
			}
			return c.engine.store.Write(c.ctx, func(tx store.Tx) error {
				c.tx = tx
				return c.clearFailures(passwordGuess, userName)
			})
		})
	},
	run: func(c *call, _ *iam.ChangePasswordInput) (*iam.ChangePasswordOutput, error) {
		found, err := c.loginProfile(nil)
		if err != nil {
			return nil, err
		}
		if err := c.changePassword(&found, c.prepared.(newPassword)); err != nil { //nolint:forcetypeassert // by prepare
			return nil, err
		}
		found.profile.ResetRequired = false
		return &iam.ChangePasswordOutput{}, c.tx.UpdateLoginProfile(found.profile)
	},
})

// ownPasswordAccess returns the access, or none if the password policy lets users change their
// passwords and no policy of the caller denies it. Such a password policy grants iam:ChangePassword
// for the user itself and iam:GetAccountPasswordPolicy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
func (c *call) ownPasswordAccess(need access) ([]access, error) {
	p, _, err := c.passwordPolicy()
	if err != nil || !p.AllowUsersToChangePassword || c.principal.authz.Kind != authz.User {
		return []access{need}, err
	}
	of, err := c.callerAccess()
	if err != nil {
		return nil, err
	}
	asked := need
	if asked.action == "" {
		asked.action = c.action()
	}
	policies, request, err := c.request(of, asked)
	if err != nil {
		return nil, err
	}
	if policies.Decide(&request) == authz.ImplicitlyDenied {
		return nil, nil
	}
	return []access{need}, nil
}

// newPassword is a password that was checked and hashed outside a transaction.
type newPassword struct {
	hash string
	// after is the hash of the password that it replaces, at the time of the check.
	after string
}

// prepareChange checks and hashes a new password for the user that find reads in a transaction. The
// checks in before come first, so that their result does not depend on the new password.
func (c *call) prepareChange(password string, find func() (userPassword, error), before ...func() error) error {
	var of userPassword
	var rules credential.PasswordPolicy
	var alias string
	err := c.engine.store.Read(c.ctx, func(tx store.Tx) (err error) {
		c.tx = tx
		if of, err = find(); err != nil {
			return err
		}
		if rules, _, err = c.passwordPolicy(); err != nil {
			return err
		}
		alias, err = c.alias()
		return err
	})
	if err != nil {
		return err
	}
	for _, check := range before {
		if err := check(); err != nil {
			return err
		}
	}
	made, err := hashNewPassword(c.ctx, rules, of, password, c.engine.account, alias)
	c.prepared = made
	return err
}

// hashNewPassword refuses a password that violates the password policy, and hashes it otherwise.
func hashNewPassword(ctx context.Context, rules credential.PasswordPolicy, of userPassword, password string, accountNames ...string) (newPassword, error) {
	names := []string{of.user.Name}
	for _, name := range accountNames {
		if name != "" {
			names = append(names, name)
		}
	}
	if short := rules.Check(password, names...); len(short) > 0 {
		return newPassword{}, passwordPolicyViolation(strings.Join(short, "; "))
	}
	again, err := credential.ViolatesHistory(ctx, rules, of.passwords(), password)
	if err != nil {
		return newPassword{}, err
	}
	if again {
		return newPassword{}, passwordPolicyViolation("Policy constraint violation with password reuse prevention during password change.")
	}
	hash, err := credential.HashPassword(ctx, password)
	return newPassword{hash: hash, after: of.profile.Hash}, err
}

func passwordPolicyViolation(text string) error {
	return &iamtypes.PasswordPolicyViolationException{Message: aws.String(text)}
}

// changePassword replaces the password that the new one was prepared for.
func (c *call) changePassword(of *userPassword, made newPassword) error {
	if of.profile.Hash != made.after {
		return &iamtypes.EntityTemporarilyUnmodifiableException{
			Message: aws.String("Login Profile for User " + of.user.Name + " was changed by another request at the same time. Try again."),
		}
	}
	history := of.passwords()
	of.profile.History = history[:min(len(history), passwordHistory)]
	of.profile.Hash, of.profile.Changed = made.hash, c.now
	return nil
}
