package credential

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestOpen_RequiresPurposeAndRecord(t *testing.T) {
	k := NewKeyring()
	secret := NewSecretAccessKey()
	sealed, err := k.Seal(AccessKeySecret, "AKIAQAAAAAAAAAAAAAAA", []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^v1\.[0-9a-f]{16}\.[A-Za-z0-9_-]+$`).MatchString(sealed) || strings.Contains(sealed, secret) {
		t.Errorf("sealed text %q", sealed)
	}
	other, err := k.Seal(AccessKeySecret, "AKIAQAAAAAAAAAAAAAAA", []byte(secret))
	if err != nil || other == sealed {
		t.Errorf("two sealed texts of the same secret are equal, or: %v", err)
	}
	for _, tc := range []struct {
		name    string
		keyring *Keyring
		purpose Purpose
		record  string
		want    error
	}{
		{"same purpose and record", k, AccessKeySecret, "AKIAQAAAAAAAAAAAAAAA", nil},
		{"another record", k, AccessKeySecret, "AKIAQAAAAAAAAAAAAAAB", ErrDamaged},
		{"no record", k, AccessKeySecret, "", ErrDamaged},
		{"another purpose", k, MFASeed, "AKIAQAAAAAAAAAAAAAAA", ErrDamaged},
		{"letter moved from record to purpose", k, AccessKeySecret + "A", "KIAQAAAAAAAAAAAAAAA", ErrDamaged},
		{"another keyring", NewKeyring(), AccessKeySecret, "AKIAQAAAAAAAAAAAAAAA", ErrUnknownKey},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.keyring.Open(tc.purpose, tc.record, sealed)
			if !errors.Is(err, tc.want) || tc.want == nil && string(got) != secret || tc.want != nil && got != nil {
				t.Errorf("Open returns %q, %v; want error %v", got, err, tc.want)
			}
		})
	}
}

func TestOpen_RejectsTampering(t *testing.T) {
	k := NewKeyring()
	for _, plaintext := range []string{"", "s", "secret", strings.Repeat("long ", 50)} {
		sealed, err := k.Seal(MFASeed, "device", []byte(plaintext))
		if err != nil {
			t.Fatal(err)
		}
		check := func(change string, at int, tampered string) {
			got, err := k.Open(MFASeed, "device", tampered)
			if err == nil || got != nil {
				t.Fatalf("%s at %d: Open returns %q", change, at, got)
			}
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnknownKey) {
				t.Fatalf("%s at %d: %v", change, at, err)
			}
		}
		for i := range sealed {
			check("cut", i, sealed[:i])
			check("deleted", i, sealed[:i]+sealed[i+1:])
			for bit := range 8 {
				check("bit changed", i, sealed[:i]+string([]byte{sealed[i] ^ 1<<bit})+sealed[i+1:])
			}
			for _, c := range "\n\r =.A_" {
				check("inserted", i, sealed[:i]+string(c)+sealed[i:])
			}
		}
		for _, c := range "\n\r =.A_" {
			check("appended", len(sealed), sealed+string(c))
		}
	}
}

func TestSeal_RequiresPurposeAndRecord(t *testing.T) {
	k := NewKeyring()
	if _, err := k.Seal("", "record", []byte("s")); err == nil {
		t.Error("Seal accepts an empty purpose")
	}
	if _, err := k.Seal(MFASeed, "", []byte("s")); err == nil {
		t.Error("Seal accepts an empty record")
	}
}

func TestSplitSealed_RejectsOtherText(t *testing.T) {
	for _, text := range []string{"", "secret", "v1.", "v1.0123456789abcdef", "v2.0123456789abcdef.AAAA",
		"v1.0123456789ABCDEF.AAAA", "v1.0123456789abcdef.A A"} {
		if id, _, err := splitSealed(text); !errors.Is(err, ErrDamaged) {
			t.Errorf("splitSealed(%q) = %q, %v", text, id, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	k := NewKeyring()
	sealed, err := k.Seal(MFASeed, "device", []byte("seed"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed, "device")
	f.Add("v1."+k.KeyID()+".", "device")
	f.Add("v1.0123456789abcdef.AAAA", "")
	f.Fuzz(func(t *testing.T, text, record string) {
		got, err := k.Open(MFASeed, record, text)
		if err == nil && (text != sealed || record != "device" || !bytes.Equal(got, []byte("seed"))) {
			t.Fatalf("Open accepts %q for %q", text, record)
		}
	})
}
