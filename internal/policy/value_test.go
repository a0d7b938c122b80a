package policy

import (
	"math/big"
	"testing"
	"time"
)

func TestParseNumber_ExactDecimals(t *testing.T) {
	for _, text := range []string{"", "-", ".5", "5.", "1e3", "0x10", " 1", "1 ", "1_000", "१", "--1", "1.2.3", "NaN",
		"Inf"} {
		if _, ok := ParseNumber(text); ok {
			t.Errorf("ParseNumber accepts %q", text)
		}
	}
	numbers := []string{"0", "-0", "+0.0", "1", "01.0", "10.0", "10", "9007199254740993", "9007199254740992", "-1.5",
		"-1.50", "-2", "0.1", "0.10", "0.01", "+7"}
	for _, a := range numbers {
		for _, b := range numbers {
			x, okX := ParseNumber(a)
			y, okY := ParseNumber(b)
			if !okX || !okY {
				t.Fatalf("ParseNumber refuses %q or %q", a, b)
			}
			ra, _ := new(big.Rat).SetString(a)
			rb, _ := new(big.Rat).SetString(b)
			if got, want := x.Compare(y), ra.Cmp(rb); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
				t.Errorf("%s against %s: %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]string{
		"2024":                           "2024-01-01T00:00:00Z",
		"2024-02":                        "2024-02-01T00:00:00Z",
		"2024-02-29":                     "2024-02-29T00:00:00Z",
		"2024-02-29T12:30Z":              "2024-02-29T12:30:00Z",
		"2024-02-29T12:30:15Z":           "2024-02-29T12:30:15Z",
		"2024-02-29T12:30:15+02:00":      "2024-02-29T10:30:15Z",
		"2024-02-29T00:30:15-05:30":      "2024-02-29T06:00:15Z",
		"2024-02-29T12:30:15.5Z":         "2024-02-29T12:30:15.5Z",
		"2024-02-29T12:30:15.123456789Z": "2024-02-29T12:30:15.123456789Z",
		"1704067200":                     "2024-01-01T00:00:00Z",
		"0":                              "1970-01-01T00:00:00Z",
		"-1":                             "1969-12-31T23:59:59Z",
		"-2024":                          "1969-12-31T23:26:16Z",
	} {
		got, ok := ParseDate(text)
		if !ok || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s is %s (%v), want %s", text, got.Format(time.RFC3339Nano), ok, want)
		}
	}
	for _, text := range []string{
		"", "20240101T000000Z", "2024-13", "2024-00", "2023-02-29", "2024-1-1", "2024-01-01T00:00:00",
		"2024-01-01 00:00:00Z", "2024-01-01T24:00:00Z",
		"2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.1234567890Z",
		"2024-01-01T00:00:00+0200",
		"2024-01-01T00:00:00z", "2024-01-01t00:00:00Z", "1704067200.5", "+1704067200", "99999999999999999999", "2024-",
		"202a", "--1",
	} {
		if at, ok := ParseDate(text); ok {
			t.Errorf("ParseDate accepts %q as %s", text, at)
		}
	}
}

// FuzzParseDate checks that package time accepts every date that ParseDate accepts.
func FuzzParseDate(f *testing.F) {
	f.Add("2024-02-29T12:30:15.5+02:00")
	f.Add("2024")
	f.Add("-12")
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := ParseDate(text)
		if want, err := time.Parse(time.RFC3339Nano, text); err == nil && len(text) > 10 && ok && !got.Equal(want) {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	})
}

func TestParseAddress(t *testing.T) {
	tests := []struct {
		network, address string
		want             bool
	}{
		{"203.0.113.0/24", "203.0.113.7", true},
		{"203.0.113.99/24", "203.0.113.7", true}, // host bits
		{"0.0.0.0/0", "8.8.8.8", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "8.8.8.8", false},
		{"::/0", "::ffff:8.8.8.8", true},
		{"8.8.8.8", "::ffff:8.8.8.8", false},
		{"2001:DB8:0:0:0:0:0:1", "2001:db8::1", true},
	}
	for _, test := range tests {
		p, okP := ParseRange(test.network)
		a, okA := ParseAddress(test.address)
		if !okP || !okA || p.Contains(a) != test.want {
			t.Errorf("%s contains %s: %v, want %v", test.network, test.address, p.Contains(a), test.want)
		}
	}
	for _, text := range []string{"", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/08", "010.0.0.1", "fe80::1%eth0",
		"10.0.0.0/255.0.0.0", "10.0.0.1 "} {
		if p, ok := ParseRange(text); ok {
			t.Errorf("ParseRange accepts %q as %s", text, p)
		}
	}
}
