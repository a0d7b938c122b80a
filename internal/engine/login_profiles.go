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

// passwordHistory is the number of earlier passwords that the store keeps for a user. A password
// policy can forbid to reuse at most so many.
const passwordHistory = 24

// CreateLoginProfile sets the password of a user who has no password.
func (c *Client) CreateLoginProfile(ctx context.Context, in *iam.CreateLoginProfileInput,
	_ ...func(*iam.Options)) (*iam.CreateLoginProfileOutput, error) {
	return do(ctx, c, createLoginProfile, in)
}

var createLoginProfile = register(operation[iam.CreateLoginProfileInput, iam.CreateLoginProfileOutput]{
	name: "CreateLoginProfile", writes: true,
	access: onUser(func(in *iam.CreateLoginProfileInput) *string { return in.UserName }),
	prepare: func(c *call, in *iam.CreateLoginProfileInput) error {
		return c.preparePasswordChange(*in.Password, func() (userPassword, error) {
			user, err := c.userOrSelf(in.UserName)
			if err != nil {
				return userPassword{}, err
			}
			if err := c.requireNoLoginProfile(user); err != nil {
				return userPassword{}, err
			}
			history, err := c.tx.PasswordHistory(user.ID) // the passwords of deleted login profiles
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
		profile := store.LoginProfile{
			UserID: user.ID, Created: c.now, Changed: c.now, ResetRequired: in.PasswordResetRequired,
			Hash: c.prepared.(newPassword).hash, //nolint:forcetypeassert // set by prepare
		}
		out := apiLoginProfile(user, profile)
		return &iam.CreateLoginProfileOutput{LoginProfile: &out}, c.tx.InsertLoginProfile(profile)
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

// GetLoginProfile returns the creation date of a user's password.
func (c *Client) GetLoginProfile(ctx context.Context, in *iam.GetLoginProfileInput,
	_ ...func(*iam.Options)) (*iam.GetLoginProfileOutput, error) {
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

// userPassword is a user with the user's login profile. The profile has no hash if the user has no
// password.
type userPassword struct {
	user    store.Identity
	profile store.LoginProfile
}

// hashes returns the hashes of the user's present and earlier passwords, newest first.
func (p userPassword) hashes() []string {
	if p.profile.Hash == "" {
		return p.profile.History
	}
	return append([]string{p.profile.Hash}, p.profile.History...)
}

// loginProfile looks up the login profile of a user or, without a name, of the calling user.
func (c *call) loginProfile(userName *string) (userPassword, error) {
	user, err := c.userOrSelf(userName)
	if err != nil {
		return userPassword{}, err
	}
	profile, err := c.tx.LoginProfile(user.ID)
	if errors.Is(err, store.ErrNotFound) {
		err = noSuchEntity("Login Profile for User %s cannot be found.", user.Name)
	}
	return userPassword{user, profile}, err
}

// UpdateLoginProfile changes a user's password, or whether the user must change it at the next sign-in, or both.
func (c *Client) UpdateLoginProfile(ctx context.Context, in *iam.UpdateLoginProfileInput,
	_ ...func(*iam.Options)) (*iam.UpdateLoginProfileOutput, error) {
	return do(ctx, c, updateLoginProfile, in)
}

var updateLoginProfile = register(operation[iam.UpdateLoginProfileInput, iam.UpdateLoginProfileOutput]{
	name: "UpdateLoginProfile", writes: true,
	access: onUser(func(in *iam.UpdateLoginProfileInput) *string { return in.UserName }),
	prepare: func(c *call, in *iam.UpdateLoginProfileInput) error {
		if in.Password == nil {
			return nil
		}
		return c.preparePasswordChange(*in.Password, func() (userPassword, error) { return c.loginProfile(in.UserName) })
	},
	run: func(c *call, in *iam.UpdateLoginProfileInput) (*iam.UpdateLoginProfileOutput, error) {
		found, err := c.loginProfile(in.UserName)
		if err != nil {
			return nil, err
		}
		if in.Password != nil {
			if err := c.changePassword(&found, c.prepared.(newPassword)); err != nil { //nolint:forcetypeassert // set by prepare
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
func (c *Client) DeleteLoginProfile(ctx context.Context, in *iam.DeleteLoginProfileInput,
	_ ...func(*iam.Options)) (*iam.DeleteLoginProfileOutput, error) {
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

// ChangePassword changes the password of the calling user.
func (c *Client) ChangePassword(ctx context.Context, in *iam.ChangePasswordInput,
	_ ...func(*iam.Options)) (*iam.ChangePasswordOutput, error) {
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
		return c.preparePasswordChange(*in.NewPassword, func() (found userPassword, err error) {
			old, err = c.loginProfile(nil)
			return old, err
		}, func() error {
			correct, _, err := credential.VerifyPassword(c.ctx, old.profile.Hash, *in.OldPassword)
			switch {
			case err != nil:
				return err
			case !correct:
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
		if err := c.changePassword(&found, c.prepared.(newPassword)); err != nil { //nolint:forcetypeassert // set by prepare
			return nil, err
		}
		found.profile.ResetRequired = false
		return &iam.ChangePasswordOutput{}, c.tx.UpdateLoginProfile(found.profile)
	},
})

// ownPasswordAccess returns the access that the caller needs for an operation on its own password
// or on the password policy. It returns none if the password policy lets users change their
// passwords, unless a policy of the caller explicitly denies the access. Such a password policy
// grants every user iam:GetAccountPasswordPolicy, and iam:ChangePassword on that user.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
func (c *call) ownPasswordAccess(need access) ([]access, error) {
	p, _, err := c.passwordPolicy()
	if err != nil || !p.AllowUsersToChangePassword || c.principal.authz.Kind != authz.User {
		return []access{need}, err
	}
	caller, err := c.callerAccess()
	if err != nil {
		return nil, err
	}
	withAction := need
	if withAction.action == "" {
		withAction.action = c.action()
	}
	policies, request, err := c.authzRequest(caller, withAction)
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
	// replacedHash is the hash of the old password at the time of the check.
	replacedHash string
}

// preparePasswordChange checks and hashes a new password. find reads the user and the old password
// in a transaction. The prechecks run before any check of the new password, so that their result
// does not depend on it.
func (c *call) preparePasswordChange(
	password string, find func() (userPassword, error), prechecks ...func() error,
) error {
	var old userPassword
	var rules credential.PasswordPolicy
	var alias string
	err := c.engine.store.Read(c.ctx, func(tx store.Tx) (err error) {
		c.tx = tx
		if old, err = find(); err != nil {
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
	for _, check := range prechecks {
		if err := check(); err != nil {
			return err
		}
	}
	prepared, err := hashNewPassword(c.ctx, rules, old, password, c.engine.account, alias)
	c.prepared = prepared
	return err
}

// hashNewPassword checks a password against the password policy and hashes it. The password must
// not contain the name of the user or of the account.
func hashNewPassword(
	ctx context.Context, rules credential.PasswordPolicy, old userPassword, password string, accountNames ...string,
) (newPassword, error) {
	names := []string{old.user.Name}
	for _, name := range accountNames {
		if name != "" {
			names = append(names, name)
		}
	}
	if violations := rules.Check(password, names...); len(violations) > 0 {
		return newPassword{}, passwordPolicyViolation(strings.Join(violations, "; "))
	}
	reused, err := credential.ViolatesHistory(ctx, rules, old.hashes(), password)
	if err != nil {
		return newPassword{}, err
	}
	if reused {
		return newPassword{},
			passwordPolicyViolation("Policy constraint violation with password reuse prevention during password change.")
	}
	hash, err := credential.HashPassword(ctx, password)
	return newPassword{hash: hash, replacedHash: old.profile.Hash}, err
}

func passwordPolicyViolation(text string) error {
	return &iamtypes.PasswordPolicyViolationException{Message: aws.String(text)}
}

// changePassword sets the new password in the user's profile. It fails if another request changed
// the old password after the new one was checked.
func (c *call) changePassword(current *userPassword, prepared newPassword) error {
	if current.profile.Hash != prepared.replacedHash {
		return &iamtypes.EntityTemporarilyUnmodifiableException{
			Message: aws.String("Login Profile for User " + current.user.Name +
				" was changed by another request at the same time. Try again."),
		}
	}
	hashes := current.hashes()
	current.profile.History = hashes[:min(len(hashes), passwordHistory)]
	current.profile.Hash, current.profile.Changed = prepared.hash, c.now
	return nil
}
