package credential

import (
	"regexp"
	"strings"
	"testing"
)

func TestNewID_HasAWSFormat(t *testing.T) {
	for name, tc := range map[string]struct {
		create func() string
		format string
	}{
		"user":              {func() string { return NewID("AIDA") }, `^AIDA[A-Z2-7]{17}$`},
		"role":              {func() string { return NewID("AROA") }, `^AROA[A-Z2-7]{17}$`},
		"access key":        {func() string { return NewAccessKeyID("AKIA", "123456789012") }, `^AKIA[Q-Z2-7][A-Z2-7]{15}$`},
		"session key":       {func() string { return NewAccessKeyID("ASIA", "000000000000") }, `^ASIA[Q-Z2-7][A-Z2-7]{15}$`},
		"secret access key": {NewSecretAccessKey, `^[A-Za-z0-9+/]{40}$`},
	} {
		t.Run(name, func(t *testing.T) {
			format, seen := regexp.MustCompile(tc.format), map[string]bool{}
			for range 1000 {
				id := tc.create()
				if !format.MatchString(id) {
					t.Fatalf("%q does not match %s", id, tc.format)
				}
				if seen[id] {
					t.Fatalf("%q was created twice among a thousand", id)
				}
				seen[id] = true
			}
		})
	}
}

// TestNewID_CharactersAreUniform counts the characters. If one were drawn with a modulus, some characters would occur
// markedly more often than others.
func TestNewID_CharactersAreUniform(t *testing.T) {
	for name, tc := range map[string]struct {
		draw     func() string
		alphabet int
	}{
		"ids":              {func() string { return NewID("") }, 32},
		"access key ids":   {func() string { return NewAccessKeyID("AKIA", "123456789012")[13:] }, 32},
		"secret keys":      {NewSecretAccessKey, 64},
		"session key tail": {func() string { return NewAccessKeyID("ASIA", "999999999999")[13:] }, 32},
	} {
		t.Run(name, func(t *testing.T) {
			count, drawn := map[rune]int{}, 0
			for drawn < 200_000 {
				for _, r := range tc.draw() {
					count[r]++
					drawn++
				}
			}
			if len(count) != tc.alphabet {
				t.Fatalf("%d different characters, want %d", len(count), tc.alphabet)
			}
			// Each character occurs about 3,000 or 6,000 times. The bias of a modulus would be 12 % or more; chance stays
			// below 10 %.
			expected := float64(drawn) / float64(tc.alphabet)
			for r, n := range count {
				if ratio := float64(n) / expected; ratio < 0.9 || ratio > 1.1 {
					t.Errorf("%q occurs %.2f times as often as expected", r, ratio)
				}
			}
		})
	}
}

func TestAccountOfAccessKey_ReadsAccount(t *testing.T) {
	for id, want := range map[string]string{
		"ASIAY34FZKBOKMUTVV7A": "609629065308", // published by Aidan Steele and Tal Be'ery
		"ASIAQNZGKIQY56JQ7WML": "029608264753", // published by Tal Be'ery
	} {
		if got, err := AccountOfAccessKey(id); err != nil || got != want {
			t.Errorf("AccountOfAccessKey(%s) = %s, %v; want %s", id, got, err, want)
		}
	}
	for _, account := range []string{"000000000000", "000000000001", "123456789012", "999999999999"} {
		for range 100 {
			if got, err := AccountOfAccessKey(NewAccessKeyID("AKIA", account)); err != nil || got != account {
				t.Fatalf("the key of account %s gives account %s, %v", account, got, err)
			}
		}
	}
}

func TestAccountOfAccessKey_RejectsOtherIDs(t *testing.T) {
	for _, id := range []string{
		"", "AKIA", "AKIAIOSFODNN7EXAMPLE", // AWS's example, of the older generation
		"AKIAI" + strings.Repeat("A", 15), "AKIAQ" + strings.Repeat("A", 14), "AKIAQ" + strings.Repeat("A", 16),
		"AKIAQ" + strings.Repeat("1", 15), "akiaq" + strings.Repeat("a", 15), "AKIA" + strings.Repeat("7", 16),
	} {
		if account, err := AccountOfAccessKey(id); err == nil {
			t.Errorf("AccountOfAccessKey(%q) = %s, want an error", id, account)
		}
	}
}

func TestNewAccessKeyID_RejectsInvalidArguments(t *testing.T) {
	for _, tc := range []struct{ prefix, account string }{{"AKIA", ""}, {"AKIA", "12345678901"}, {"AKIA", "1234567890ab"},
		{"AKI", "123456789012"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("NewAccessKeyID accepts prefix %q and account %q", tc.prefix, tc.account)
				}
			}()
			NewAccessKeyID(tc.prefix, tc.account)
		}()
	}
}
