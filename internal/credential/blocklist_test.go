package credential

import (
	"crypto/rand"
	"regexp"
	"strings"
	"testing"
)

func TestBlocked_FindsGuessablePasswords(t *testing.T) {
	names := []string{"Maria.Sørensen", "northwind-prod"}
	for want, passwords := range map[string][]string{
		tooCommon: {
			"password", "Password1", "PASSWORD123!", "p@ssw0rd", "Pa$$w0rd2024", "passw0rd!!", "P4ssw0rd#1", "passwort99",
			"letmein!", "Welcome1", "We1c0me!", "welcome2026!", "qwerty123", "1q2w3e4r5t", "1qaz2wsx3edc", "zaq12wsx",
			"iloveyou2", "Sunshine123456789",
			"dragon1234567890", "dragondragon", "DragonDragon12", "trustno1", "abc123456789", "changeme!", "Summer2026!",
			"admin123456", "t3rraform1",
			"correcthorsebatterystaple", "123dragon", "!!!football!!", "letmeinletmeinletmein",
		},
		isRepetition: {
			"aaaaaaaaaaaaaaa", "123456789012345", "987654321098765", "abcdefghijklmno", "xkqxkqxkqxkqxkq", "1212121212121212",
			"!!!!!!!!!!!!!!!", "aaaa1111bbbb2222",
			"!@#$%^&*()!@#$%", "x9$kQ2mzx9$kQ2mz", "111222333444555", "ééééééééééééééé",
		},
		madeOfName: {
			"maria.sørensen", "MARIA.SØRENSEN1", "mariasørensen99", "nesnerøs.airam", "northwind-prod!", "Northwind-Prod2026",
			"dorpdniwhtron", "northwindprodnorthwindprod",
		},
		"": {
			"tramway line velvet", "correct horse battery", "a password for the tramway", "my dragon eats sunshine",
			"sunshine and monkeys", "dragon7391826450",
			"password is what I call it", "northwind-prod is where it blows", "kJ8#qL2!vN5@xR9", "493827165028374",
			"sørensen on the tramway", "ñandú en la pampa",
		},
	} {
		for _, password := range passwords {
			if got := blocked(password, names); got != want {
				t.Errorf("blocked(%q) = %q, want %q", password, got, want)
			}
		}
	}
}

func TestBlocked_AcceptsRandomPasswords(t *testing.T) {
	for range 20_000 {
		password := rand.Text()[:15]
		if reason := blocked(password, []string{"ana"}); reason != "" {
			t.Fatalf("blocked(%q) = %q, want no reason", password, reason)
		}
	}
}

func TestCommonPasswords_AreNormalized(t *testing.T) {
	if n := len(commonPasswords()); n < 2000 {
		t.Errorf("the list has only %d entries", n)
	}
	for word := range commonPasswords() {
		if word != strings.ToLower(word) {
			t.Errorf("%q is not in lower case, so no password matches it", word)
		}
		if !usablePassword(word) {
			t.Errorf("%q cannot be a password", word)
		}
	}
	// An entry that is a plain word must be found with decoration too.
	plain := regexp.MustCompile(`^[a-z]{4,}$`)
	for word := range commonPasswords() {
		if plain.MatchString(word) && blocked(strings.ToUpper(word[:1])+word[1:]+"2026!", nil) != tooCommon {
			t.Errorf("blocked accepts %q with decoration", word)
		}
	}
}

func FuzzBlocked(f *testing.F) {
	f.Add("P@ssw0rd1", "ana")
	f.Add("ééé", "é")
	f.Add("", "")
	f.Add("\xff\xfe", "1")
	f.Fuzz(func(_ *testing.T, password, name string) {
		blocked(password, []string{name})
	})
}
