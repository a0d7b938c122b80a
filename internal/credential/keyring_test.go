package credential

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// rotate returns the keyring with a new current key before the keys of k.
func rotate(k *Keyring) *Keyring {
	return &Keyring{keys: append(NewKeyring().keys, k.keys...)}
}

func TestParseKeyring_RoundTrip(t *testing.T) {
	k := rotate(rotate(NewKeyring()))
	text := k.Encode()
	for name, variant := range map[string]string{
		"as encoded":             text,
		"without the last break": strings.TrimSuffix(text, "\n"),
		"with comments":          "# master keys of the store\n#\n\n" + text + "# end\n",
		"with Windows' breaks":   strings.ReplaceAll(text, "\n", "\r\n"),
	} {
		read, err := ParseKeyring(variant)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if read.Encode() != text {
			t.Errorf("%s: the keys are not those that were written, in their order", name)
		}
	}
}

func TestParseKeyring_RejectsEveryTypo(t *testing.T) {
	k := rotate(NewKeyring())
	text := k.Encode()
	replacements := []byte("A_-#z0 =.\n\r\t\x00\xff")
	for i := range text {
		corrupted := []string{text[:i] + text[i+1:]}
		for _, c := range replacements {
			corrupted = append(corrupted, text[:i]+string(c)+text[i:])
			if text[i] != c {
				corrupted = append(corrupted, text[:i]+string(c)+text[i+1:])
			}
		}
		for bit := range 7 {
			corrupted = append(corrupted, text[:i]+string([]byte{text[i] ^ 1<<bit})+text[i+1:])
		}
		for _, bad := range corrupted {
			read, err := ParseKeyring(bad)
			// White space around a line changes no key.
			if err == nil && read.Encode() != text {
				t.Fatalf("a change at %d was taken: other keys than were written", i)
			}
			if err == nil && strings.Join(strings.Fields(bad), " ") != strings.Join(strings.Fields(text), " ") {
				t.Fatalf("a change at %d was taken", i)
			}
			showsNoSecret(t, k, fmt.Sprint(err))
		}
	}
	for length := range len(strings.TrimSpace(text)) {
		read, err := ParseKeyring(text[:length])
		if err == nil && read.KeyID() != k.KeyID() {
			t.Fatalf("cut to %d bytes, the current key is another", length)
		}
		if err == nil && len(read.keys) == len(k.keys) {
			t.Fatalf("cut to %d bytes, all keys are still there", length)
		}
	}
}

func TestParseKeyring_RejectsEmptyAndDuplicateKeys(t *testing.T) {
	one := NewKeyring().Encode()
	for name, text := range map[string]string{
		"nothing":         "",
		"comments only":   "# a comment\n\n",
		"twice":           one + one,
		"two on one line": strings.TrimSpace(one) + " " + one,
		"only the prefix": keyPrefix,
		"hexadecimal":     strings.Repeat("0f", 32),
	} {
		if _, err := ParseKeyring(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestKeyring_Rotation(t *testing.T) {
	old := NewKeyring()
	sealed, err := old.Seal(MFASeed, "arn:aws:iam::000000000000:mfa/ana", []byte("seed"))
	if err != nil {
		t.Fatal(err)
	}
	rotated := rotate(old)
	if rotated.KeyID() == old.KeyID() || !rotated.Has(old.KeyID()) || !rotated.Has(rotated.KeyID()) || old.Has(rotated.KeyID()) {
		t.Fatalf("rotating %v gave %v", old, rotated)
	}
	if got, err := rotated.Open(MFASeed, "arn:aws:iam::000000000000:mfa/ana", sealed); err != nil || string(got) != "seed" {
		t.Errorf("the rotated keyring opens %q, %v", got, err)
	}
	if id, _, err := splitSealed(sealed); err != nil || id != old.KeyID() {
		t.Errorf("sealed under %q, %v; want %q", id, err, old.KeyID())
	}
	only := rotated.OnlyCurrent()
	if only.KeyID() != rotated.KeyID() || only.Has(old.KeyID()) {
		t.Errorf("only the current of %v is %v", rotated, only)
	}
	_, err = only.Open(MFASeed, "arn:aws:iam::000000000000:mfa/ana", sealed)
	if !errors.Is(err, ErrUnknownKey) || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), old.KeyID()) {
		t.Errorf("without the key: %v", err)
	}
}

func TestDeriveKey_KeysDiffer(t *testing.T) {
	k := rotate(NewKeyring())
	seen := map[string]string{}
	note := func(what string, key []byte) {
		if len(key) != 32 {
			t.Errorf("%s has %d bytes", what, len(key))
		}
		if other, ok := seen[string(key)]; ok {
			t.Errorf("%s is the same as %s", what, other)
		}
		seen[string(key)] = what
	}
	for _, purpose := range []Purpose{AccessKeySecret, MFASeed, SessionToken, AuthorizationMessage, Audit} {
		note("derived for "+string(purpose), k.DeriveKey(purpose))
		note("sealing for "+string(purpose), derive(k.keys[0].secret(), "sealing key", purpose, 32))
		note("earlier for "+string(purpose), derive(k.keys[1].secret(), "derived key", purpose, 32))
	}
	for _, key := range k.keys {
		note("master key", key.secret())
	}
}

// TestDeriveKey_IsStable holds what is on disk: a change here would make every store unreadable.
func TestDeriveKey_IsStable(t *testing.T) {
	k, err := ParseKeyring("iamkey1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh-RJn6K\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := k.KeyID(); got != "c9d07e692d76b14b" {
		t.Errorf("key id %s", got)
	}
	if got := hex.EncodeToString(k.DeriveKey(Audit)); got != "b9771063d96abe46f5b78b2a57ac0d380ebd5077ac3d33e73cd8eefd5b7d4d99" {
		t.Errorf("audit key %s", got)
	}
	if got, err := k.Open(MFASeed, "device", "v1.c9d07e692d76b14b.7gBW5-aQottwxglMUTpABwci382Sgp2blieBKTeObgBHa4GeQc7-s7IPolo"); err != nil || string(got) != "seed" {
		t.Errorf("opens %q, %v", got, err)
	}
}

// showsNoSecret looks for a keyring's keys in a text, in the encodings a printer may choose.
func showsNoSecret(t *testing.T, k *Keyring, text string) {
	t.Helper()
	for _, key := range k.keys {
		secret := key.secret()
		for _, form := range []string{
			string(secret), hex.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret),
			base64.RawURLEncoding.EncodeToString(secret)[:40], fmt.Sprint(secret), fmt.Sprintf("%#v", secret),
			strings.Trim(fmt.Sprint(secret[:8]), "[]"), fmt.Sprintf("%x", secret[:8]),
		} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
				t.Fatalf("a master key shows in %q", text)
			}
		}
	}
}

func TestKeyring_PrintsNoSecret(t *testing.T) {
	k := rotate(NewKeyring())
	type holder struct {
		Exported   *Keyring
		unexported Keyring
		key        masterKey
	}
	h := holder{k, *k, k.keys[0]}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t"} {
		for _, value := range []any{k, *k, h, &h, []*Keyring{k}, map[string]Keyring{"k": *k}, k.keys, k.keys[0]} {
			showsNoSecret(t, k, fmt.Sprintf(verb, value))
		}
	}
	for _, value := range []any{k, *k, h} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		showsNoSecret(t, k, string(text))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("keys", "pointer", k, "value", *k, "held", h)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("keys", "pointer", k, "value", *k, "held", h)
	showsNoSecret(t, k, log.String())
	if !strings.Contains(k.String(), k.KeyID()) {
		t.Errorf("a keyring is called %q", k)
	}
}

func FuzzParseKeyring(f *testing.F) {
	text := rotate(NewKeyring()).Encode()
	f.Add(text)
	f.Add("# \n" + text[:40])
	f.Add(keyPrefix)
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseKeyring(text)
		if err != nil {
			return
		}
		again, err := ParseKeyring(k.Encode())
		if err != nil || again.Encode() != k.Encode() {
			t.Fatalf("what was read does not come back: %v", err)
		}
		for _, line := range strings.Fields(k.Encode()) {
			if !strings.Contains(text, line) {
				t.Fatal("a key was read that is not in the text")
			}
		}
	})
}
