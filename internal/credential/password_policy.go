package credential

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// PasswordPolicy defines which passwords are allowed and for how long. The first nine fields are those of
// AWS's PasswordPolicy. AWS has no fields for the others. The zero value allows any password.
type PasswordPolicy struct {
	MinimumPasswordLength      int
	RequireSymbols             bool
	RequireNumbers             bool
	RequireUppercaseCharacters bool
	RequireLowercaseCharacters bool
	AllowUsersToChangePassword bool
	MaxPasswordAge             int // in days; 0 for passwords that do not expire
	PasswordReusePrevention    int // the number of latest passwords that may not be reused
	HardExpiry                 bool

	// ThreeOfFourClasses requires three of the classes upper case, lower case, numbers and symbols, and rejects the
	// names that are passed to [PasswordPolicy.Check]. These are AWS's rules for an account without a policy.
	ThreeOfFourClasses bool
	// Blocklist rejects common and easily guessed passwords: see [PasswordPolicy.Check].
	Blocklist bool
}

// symbols lists the characters that AWS counts as symbols.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
const symbols = "!@#$%^&*()_+-=[]{}|'"

// DefaultPasswordPolicy returns the policy of an account on AWS that has set none: a password has at least eight
// characters and three of the four classes, is not the name of the user or account, and does not expire.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
func DefaultPasswordPolicy() PasswordPolicy {
	return PasswordPolicy{MinimumPasswordLength: 8, ThreeOfFourClasses: true}
}

// Profile returns the password policy that a standard requires. The names of the standards are "aws-default",
// "nist-800-63b-4", "cis" and "pci-dss-4". Profile returns false for any other name.
func Profile(name string) (PasswordPolicy, bool) {
	switch name {
	case "aws-default":
		return DefaultPasswordPolicy(), true

	// NIST SP 800-63B-4 (August 2025), section 3.1.1.2: at least 15 characters if the password may be the only
	// factor (8 if it never is), a blocklist, no rules about character classes, and no expiry.
	case "nist-800-63b-4":
		return PasswordPolicy{MinimumPasswordLength: 15, AllowUsersToChangePassword: true, Blocklist: true}, true

	// CIS Amazon Web Services Foundations Benchmark, "Ensure IAM password policy requires minimum length
	// of 14 or greater" and "… prevents password reuse" (1.8 and 1.9; 2.8 and 2.9 since version 7). Version 1.3
	// removed the rules about character classes and expiry.
	case "cis":
		return PasswordPolicy{MinimumPasswordLength: 14, AllowUsersToChangePassword: true, PasswordReusePrevention: 24}, true

	// PCI DSS 4.0.1: at least 12 characters with letters and digits (8.3.6), none of the last four passwords (8.3.7),
	// and a change every 90 days if the password is the only factor (8.3.9). AWS has no field that requires any
	// letter, so the profile requires a lower-case letter.
	case "pci-dss-4":
		return PasswordPolicy{MinimumPasswordLength: 12, RequireNumbers: true, RequireLowercaseCharacters: true,
			AllowUsersToChangePassword: true, PasswordReusePrevention: 4, MaxPasswordAge: 90}, true
	}
	return PasswordPolicy{}, false
}

// Check returns the requirements that a new password violates, in the words of AWS's PasswordPolicyViolation, or nil.
// names are the names that the password must not consist of: the name of the user and the alias of the account. Check
// does not check earlier passwords; see [ViolatesHistory].
//
// A policy with Blocklist rejects a password that is a common password or one of the names, even with a usual
// decoration: capitals, digits in place of letters, a few digits or symbols before or after, or a repetition. It also
// rejects a password that is only a sequence or a repetition. It accepts a longer password that contains a common
// word, as NIST SP 800-63B-4 requires.
func (p PasswordPolicy) Check(password string, names ...string) []string {
	length := utf8.RuneCountInString(password)
	if length > MaxPasswordLength {
		return []string{fmt.Sprintf("Password should have a maximum length of %d", MaxPasswordLength)}
	}
	var violations []string
	if length < p.MinimumPasswordLength {
		violations = append(violations, fmt.Sprintf("Password should have a minimum length of %d", p.MinimumPasswordLength))
	}

	classes := []struct {
		required bool
		found    bool
		text     string
	}{
		{p.RequireUppercaseCharacters, strings.ContainsFunc(password, isUpper),
			"Password should have at least one uppercase letter"},
		{p.RequireLowercaseCharacters, strings.ContainsFunc(password, isLower),
			"Password should have at least one lowercase letter"},
		{p.RequireNumbers, strings.ContainsFunc(password, isDigit), "Password should have at least one number"},
		{p.RequireSymbols, strings.ContainsAny(password, symbols), "Password should have at least one symbol"},
	}
	var missing []string
	for _, class := range classes {
		if class.found {
			continue
		}
		missing = append(missing, class.text)
		if class.required {
			violations = append(violations, class.text)
		}
	}
	if more := len(missing) - 1; p.ThreeOfFourClasses && more > 0 {
		violations = append(violations, fmt.Sprintf("Password should meet %d more of the following requirements: %s",
			more, strings.Join(missing, ", ")))
	}

	if p.ThreeOfFourClasses && isOneOf(password, names) {
		violations = append(violations, "Password should not be identical to the name of the user or the account")
	}
	if p.Blocklist {
		if reason := blocked(password, names); reason != "" {
			violations = append(violations, reason)
		}
	}
	return violations
}

func isOneOf(password string, names []string) bool {
	for _, name := range names {
		if strings.EqualFold(password, name) {
			return true
		}
	}
	return false
}

// AWS's classes contain only letters and digits of ASCII.
func isUpper(r rune) bool { return 'A' <= r && r <= 'Z' }
func isLower(r rune) bool { return 'a' <= r && r <= 'z' }
func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// ViolatesHistory reports whether the password is one of the latest passwords that the policy forbids to reuse. hashes
// lists the hashes of the user's passwords, from the current one to the oldest. Each comparison takes as long as a
// sign-in.
func ViolatesHistory(ctx context.Context, p PasswordPolicy, hashes []string, password string) (bool, error) {
	for _, hash := range hashes[:min(len(hashes), p.PasswordReusePrevention)] {
		same, _, err := VerifyPassword(ctx, hash, password)
		if same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// Expired reports whether a password that was last changed at the time changed has expired. HardExpiry tells the caller
// whether the user may still set a new password.
func (p PasswordPolicy) Expired(changed, now time.Time) bool {
	return p.MaxPasswordAge > 0 && !now.Before(changed.Add(time.Duration(p.MaxPasswordAge)*24*time.Hour))
}
