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
	MaxPasswordAge             int // days; 0 for no end
	PasswordReusePrevention    int // how many of the latest passwords may not come again
	HardExpiry                 bool

	// ThreeOfFourClasses asks for three of upper case, lower case, numbers and symbols, and that the
	// password be none of the names it is checked with: AWS's rules where no policy is set.
	ThreeOfFourClasses bool
	// Blocklist refuses what is commonly used or to be expected: see [PasswordPolicy.Check].
	Blocklist bool
}

// symbols are what AWS counts as such.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
const symbols = "!@#$%^&*()_+-=[]{}|'"

// DefaultPasswordPolicy is what holds on AWS where an account has set no policy: eight characters,
// three of the four classes, not the name of the account, for ever.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
func DefaultPasswordPolicy() PasswordPolicy {
	return PasswordPolicy{MinimumPasswordLength: 8, ThreeOfFourClasses: true}
}

// Profile gives the password policy that a standard asks for: "aws-default", "nist-800-63b-4", "cis" or
// "pci-dss-4".
func Profile(name string) (PasswordPolicy, bool) {
	switch name {
	case "aws-default":
		return DefaultPasswordPolicy(), true

	// NIST SP 800-63B-4 (August 2025), section 3.1.1.2: 15 characters where the password may be the
	// only factor (8 would do where it never is), a blocklist, no rules of composition, no change
	// unless the password is known to others.
	case "nist-800-63b-4":
		return PasswordPolicy{MinimumPasswordLength: 15, AllowUsersToChangePassword: true, Blocklist: true}, true

	// CIS Amazon Web Services Foundations Benchmark, "Ensure IAM password policy requires minimum length
	// of 14 or greater" and "… prevents password reuse" (1.8 and 1.9; 2.8 and 2.9 since version 7). Its
	// rules of composition and expiry went with version 1.3.
	case "cis":
		return PasswordPolicy{MinimumPasswordLength: 14, AllowUsersToChangePassword: true, PasswordReusePrevention: 24}, true

	// PCI DSS 4.0.1: 8.3.6, 12 characters, numeric and alphabetic; 8.3.7, none of the last four; 8.3.9, a
	// change every 90 days where the password is the only factor. AWS's fields know letters by their case
	// only: lower case stands for alphabetic.
	case "pci-dss-4":
		return PasswordPolicy{MinimumPasswordLength: 12, RequireNumbers: true, RequireLowercaseCharacters: true,
			AllowUsersToChangePassword: true, PasswordReusePrevention: 4, MaxPasswordAge: 90}, true
	}
	return PasswordPolicy{}, false
}

// Check says in what a new password falls short, in the words of AWS's PasswordPolicyViolation, or
// nothing if it will do. The names are what it should not be made of: the user's name, the account's
// alias. [ViolatesHistory] is asked apart.
//
// A policy with Blocklist refuses a password that as a whole is a commonly used one or one of the names,
// also with the usual decoration (capitals, digits for letters, a few digits or symbols before or
// after, written twice), and one that only repeats or counts. Words within a longer password are
// left alone, as NIST SP 800-63B-4 demands.
func (p PasswordPolicy) Check(password string, names ...string) []string {
	length := utf8.RuneCountInString(password)
	if length > MaxPasswordLength {
		return []string{fmt.Sprintf("Password should have a maximum length of %d", MaxPasswordLength)}
	}
	var short []string
	if length < p.MinimumPasswordLength {
		short = append(short, fmt.Sprintf("Password should have a minimum length of %d", p.MinimumPasswordLength))
	}

	classes := []struct {
		required bool
		found    bool
		text     string
	}{
		{p.RequireUppercaseCharacters, strings.ContainsFunc(password, isUpper), "Password should have at least one uppercase letter"},
		{p.RequireLowercaseCharacters, strings.ContainsFunc(password, isLower), "Password should have at least one lowercase letter"},
		{p.RequireNumbers, strings.ContainsFunc(password, isDigit), "Password should have at least one number"},
		{p.RequireSymbols, strings.ContainsAny(password, symbols), "Password should have at least one symbol"},
	}
	var absent []string
	for _, class := range classes {
		if class.found {
			continue
		}
		absent = append(absent, class.text)
		if class.required {
			short = append(short, class.text)
		}
	}
	if more := len(absent) - 1; p.ThreeOfFourClasses && more > 0 {
		short = append(short, fmt.Sprintf("Password should meet %d more of the following requirements: %s", more, strings.Join(absent, ", ")))
	}

	if p.ThreeOfFourClasses && isOneOf(password, names) {
		short = append(short, "Password should not be identical to the name of the user or the account")
	}
	if p.Blocklist {
		if reason := blocked(password, names); reason != "" {
			short = append(short, reason)
		}
	}
	return short
}

func isOneOf(password string, names []string) bool {
	for _, name := range names {
		if strings.EqualFold(password, name) {
			return true
		}
	}
	return false
}

// AWS's classes are of the basic Latin alphabet only.
func isUpper(r rune) bool { return 'A' <= r && r <= 'Z' }
func isLower(r rune) bool { return 'a' <= r && r <= 'z' }
func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// ViolatesHistory reports whether the password is one of the latest that the policy forbids to reuse. hashes
// lists the user's passwords, latest first, beginning with the current one. Each hash takes as long as a
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

// Expired reports whether a password that was last changed at a time has expired. The caller decides the
// consequence by HardExpiry.
func (p PasswordPolicy) Expired(changed, now time.Time) bool {
	return p.MaxPasswordAge > 0 && !now.Before(changed.Add(time.Duration(p.MaxPasswordAge)*24*time.Hour))
}
