package credential

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	shorterThan8 = "Password should have a minimum length of 8"
	noUpper      = "Password should have at least one uppercase letter"
	noLower      = "Password should have at least one lowercase letter"
	noNumber     = "Password should have at least one number"
	noSymbol     = "Password should have at least one symbol"
	tooCommon    = "Password should not be a commonly used password"
	isRepetition = "Password should not be a repetition or a sequence of characters"
	madeOfName   = "Password should not be made of the name of the user or the account"
	isName       = "Password should not be identical to the name of the user or the account"
)

func TestProfile_ChecksRequirements(t *testing.T) {
	for _, tc := range []struct {
		profile, password string
		want              []string
	}{
		{"aws-default", "Tr4mway lin", nil},
		{"aws-default", "tr4mway|", nil},
		{"aws-default", "Tr4mway", []string{shorterThan8}},
		{"aws-default", "tramwayline",
			[]string{"Password should meet 2 more of the following requirements: " +
				strings.Join([]string{noUpper, noNumber, noSymbol}, ", ")}},
		{"aws-default", "Tramwayline",
			[]string{"Password should meet 1 more of the following requirements: " +
				strings.Join([]string{noNumber, noSymbol}, ", ")}},
		{"aws-default", "çç ññ öö",
			[]string{"Password should meet 3 more of the following requirements: " +
				strings.Join([]string{noUpper, noLower, noNumber, noSymbol}, ", ")}},
		{"aws-default", "Ana.Ops-1", []string{isName}},
		{"aws-default", "Password1", nil}, // AWS accepts this password
		{"aws-default", "",
			[]string{shorterThan8,
				"Password should meet 3 more of the following requirements: " +
					strings.Join([]string{noUpper, noLower, noNumber, noSymbol}, ", ")}},

		{"nist-800-63b-4", "tramway line ve", nil},
		{"nist-800-63b-4", "tramway line v", []string{"Password should have a minimum length of 15"}},
		{"nist-800-63b-4", "ééééañòtherwörd", nil}, // fifteen characters in more bytes
		{"nist-800-63b-4", "passwordpassword", []string{tooCommon}},
		{"nist-800-63b-4", "P@ssw0rd1234567890", []string{tooCommon}},
		{"nist-800-63b-4", "ana.ops-1ana.ops-1", []string{madeOfName}},
		{"nist-800-63b-4", "123456789012345", []string{isRepetition}},
		{"nist-800-63b-4", "aaaaaaaaaaaaaaa", []string{isRepetition}},

		{"cis", "tramway line v", nil},
		{"cis", "tramway line ", []string{"Password should have a minimum length of 14"}},

		{"pci-dss-4", "tramway line5", nil},
		{"pci-dss-4", "tramway line", []string{noNumber}},
		{"pci-dss-4", "493 827 1650 2", []string{noLower}},
		{"pci-dss-4", "tramway 5", []string{"Password should have a minimum length of 12"}},
	} {
		policy, ok := Profile(tc.profile)
		if !ok {
			t.Fatalf("Profile does not know %q", tc.profile)
		}
		got := policy.Check(tc.password, "ana.ops-1", "tramways")
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s, %q:\n got %q\nwant %q", tc.profile, tc.password, got, tc.want)
		}
	}
	if _, ok := Profile("fips"); ok {
		t.Error("Profile accepts the unknown name \"fips\"")
	}
}

func TestProfile_ReuseAndAge(t *testing.T) {
	for name, want := range map[string]struct{ reuse, age int }{
		"aws-default": {0, 0}, "nist-800-63b-4": {0, 0}, "cis": {24, 0}, "pci-dss-4": {4, 90},
	} {
		policy, _ := Profile(name)
		if policy.PasswordReusePrevention != want.reuse || policy.MaxPasswordAge != want.age {
			t.Errorf("%s: reuse %d, age %d; want %v", name, policy.PasswordReusePrevention, policy.MaxPasswordAge, want)
		}
	}
}

func TestCheck_ReturnsEachViolation(t *testing.T) {
	all := PasswordPolicy{RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true,
		RequireLowercaseCharacters: true}
	for password, want := range map[string]string{
		"aB3'": "", "ab3|": noUpper, "AB3-": noLower, "aBc]": noNumber, "a B3": noSymbol, "aB3~": noSymbol, "ÄB3+": noLower,
		"öa3_": noUpper, "aB²{": noNumber,
	} {
		if got := strings.Join(all.Check(password, "ana"), "; "); got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
	if got := all.Check(strings.Repeat("x", 129), "ana"); !slices.Equal(got,
		[]string{"Password should have a maximum length of 128"}) {
		t.Errorf("129 characters: %q", got)
	}
	if got := (PasswordPolicy{}).Check("x", "x"); got != nil {
		t.Errorf("the zero policy requires %q", got)
	}
}

func TestViolatesHistory_ComparesLatestPasswords(t *testing.T) {
	var hashes []string
	for _, password := range []string{"current one", "previous one", "oldest one"} {
		hashes = append(hashes, hashOf(t, password))
	}
	for _, tc := range []struct {
		reuse    int
		password string
		want     bool
	}{
		{0, "current one", false},
		{1, "current one", true},
		{1, "previous one", false},
		{2, "previous one", true},
		{2, "oldest one", false},
		{24, "oldest one", true},
		{24, "new one", false},
	} {
		got, err := ViolatesHistory(t.Context(), PasswordPolicy{PasswordReusePrevention: tc.reuse}, hashes, tc.password)
		if got != tc.want || err != nil {
			t.Errorf("%q with the %d latest passwords: %v, %v", tc.password, tc.reuse, got, err)
		}
	}
	if _, err := ViolatesHistory(t.Context(), PasswordPolicy{PasswordReusePrevention: 1}, []string{"damaged"},
		"x"); err == nil {
		t.Error("ViolatesHistory skips a hash that it cannot read")
	}
}

func TestExpired_AtMaxAge(t *testing.T) {
	changed := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		days int
		now  time.Time
		want bool
	}{
		{0, changed.AddDate(100, 0, 0), false},
		{90, changed.AddDate(0, 0, 90).Add(-time.Second), false},
		{90, changed.AddDate(0, 0, 90), true},
		{1, changed.Add(-time.Hour), false},
	} {
		if got := (PasswordPolicy{MaxPasswordAge: tc.days}).Expired(changed, tc.now); got != tc.want {
			t.Errorf("%v after the change, with a maximum age of %d days: expired %v", tc.now.Sub(changed), tc.days, got)
		}
	}
}
