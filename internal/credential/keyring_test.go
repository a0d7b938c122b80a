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

// rotate returns a keyring with a new current key and the keys of k as earlier keys.
func rotate(k *Keyring) *Keyring {
	return &Keyring{keys: append(NewKeyring().keys, k.keys...)}
}

func TestParseKeyring_RoundTrip(t *testing.T) {
	k := rotate(rotate(NewKeyring()))
	text := k.Encode()
	for name, variant := range map[string]string{
		"encoded text":        text,
		"no final line break": strings.TrimSuffix(text, "\n"),
		"comments":            "# master keys of the store\n#\n\n" + text + "# end\n",
		"Windows line breaks": strings.ReplaceAll(text, "\n", "\r\n"),
	} {
		read, err := ParseKeyring(variant)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if read.Encode() != text {
			t.Errorf("%s: ParseKeyring returns other keys, or another order", name)
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
			// White space around a line does not change a key.
			if err == nil && read.Encode() != text {
				t.Fatalf("a change at %d gives other keys without an error", i)
			}
			if err == nil && strings.Join(strings.Fields(bad), " ") != strings.Join(strings.Fields(text), " ") {
				t.Fatalf("ParseKeyring accepts a change at %d", i)
			}
			checkNoSecret(t, k, fmt.Sprint(err))
		}
	}
	for length := range len(strings.TrimSpace(text)) {
		read, err := ParseKeyring(text[:length])
		if err == nil && read.KeyID() != k.KeyID() {
			t.Fatalf("the text cut to %d bytes has another current key", length)
		}
		if err == nil && len(read.keys) == len(k.keys) {
			t.Fatalf("the text cut to %d bytes still has all keys", length)
		}
	}
}

func TestParseKeyring_RejectsEmptyAndDuplicateKeys(t *testing.T) {
	key := NewKeyring().Encode()
	for name, text := range map[string]string{
		"empty text":      "",
		"comments only":   "# a comment\n\n",
		"key twice":       key + key,
		"two on one line": strings.TrimSpace(key) + " " + key,
		"only the prefix": keyPrefix,
		"hexadecimal":     strings.Repeat("0f", 32),
	} {
		if _, err := ParseKeyring(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestKeyring_OpensWithEarlierKey(t *testing.T) {
	old := NewKeyring()
	sealed, err := old.Seal(MFASeed, "arn:aws:iam::000000000000:mfa/ana", []byte("seed"))
	if err != nil {
		t.Fatal(err)
	}
	rotated := rotate(old)
	if rotated.KeyID() == old.KeyID() || !rotated.Has(old.KeyID()) || !rotated.Has(rotated.KeyID()) ||
		old.Has(rotated.KeyID()) {
		t.Fatalf("the rotation of %v is %v", old, rotated)
	}
	if got, err := rotated.Open(MFASeed, "arn:aws:iam::000000000000:mfa/ana", sealed); err != nil ||
		string(got) != "seed" {
		t.Errorf("Open with the rotated keyring returns %q, %v", got, err)
	}
	if id, _, err := splitSealed(sealed); err != nil || id != old.KeyID() {
		t.Errorf("the text was sealed with key %q, %v; want %q", id, err, old.KeyID())
	}
	current := rotated.OnlyCurrent()
	if current.KeyID() != rotated.KeyID() || current.Has(old.KeyID()) {
		t.Errorf("OnlyCurrent of %v returns %v", rotated, current)
	}
	_, err = current.Open(MFASeed, "arn:aws:iam::000000000000:mfa/ana", sealed)
	if !errors.Is(err, ErrUnknownKey) || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), old.KeyID()) {
		t.Errorf("Open without the earlier key: %v", err)
	}
}

func TestDeriveKey_KeysDiffer(t *testing.T) {
	k := rotate(NewKeyring())
	names := map[string]string{} // by key
	add := func(name string, key []byte) {
		if len(key) != 32 {
			t.Errorf("%s has %d bytes", name, len(key))
		}
		if other, ok := names[string(key)]; ok {
			t.Errorf("%s is equal to %s", name, other)
		}
		names[string(key)] = name
	}
	for _, purpose := range []Purpose{AccessKeySecret, MFASeed, SessionToken, AuthorizationMessage, Audit} {
		add("derived key of "+string(purpose), k.DeriveKey(purpose))
		add("sealing key of "+string(purpose), derive(k.keys[0].secret(), "sealing key", purpose, 32))
		add("earlier derived key of "+string(purpose), derive(k.keys[1].secret(), "derived key", purpose, 32))
	}
	for _, key := range k.keys {
		add("master key", key.secret())
	}
}

// TestDeriveKey_IsStable compares keys with constants: a change of the derivation would make every store unreadable.
func TestDeriveKey_IsStable(t *testing.T) {
	k, err := ParseKeyring("iamkey1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh-RJn6K\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := k.KeyID(); got != "c9d07e692d76b14b" {
		t.Errorf("KeyID() = %s", got)
	}
	if got := hex.EncodeToString(
		k.DeriveKey(Audit)); got != "b9771063d96abe46f5b78b2a57ac0d380ebd5077ac3d33e73cd8eefd5b7d4d99" {
		t.Errorf("the audit key is %s", got)
	}
	if got, err := k.Open(MFASeed, "device",
		"v1.c9d07e692d76b14b.7gBW5-aQottwxglMUTpABwci382Sgp2blieBKTeObgBHa4GeQc7-s7IPolo"); err != nil ||
		string(got) != "seed" {
		t.Errorf("Open returns %q, %v", got, err)
	}
}

// checkNoSecret fails the test if the text contains a key of the keyring in an encoding that a printer may use.
func checkNoSecret(t *testing.T, k *Keyring, text string) {
	t.Helper()
	for _, key := range k.keys {
		secret := key.secret()
		for _, form := range []string{
			string(secret), hex.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret),
			base64.RawURLEncoding.EncodeToString(secret)[:40], fmt.Sprint(secret), fmt.Sprintf("%#v", secret),
			strings.Trim(fmt.Sprint(secret[:8]), "[]"), fmt.Sprintf("%x", secret[:8]),
		} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
				t.Fatalf("%q contains a master key", text)
			}
		}
	}
}

func TestKeyring_PrintsNoSecret(t *testing.T) {
	k := rotate(NewKeyring())
	type wrapper struct {
		Exported   *Keyring
		unexported Keyring
		key        masterKey
	}
	w := wrapper{k, *k, k.keys[0]}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t"} {
		for _, value := range []any{k, *k, w, &w, []*Keyring{k}, map[string]Keyring{"k": *k}, k.keys, k.keys[0]} {
			checkNoSecret(t, k, fmt.Sprintf(verb, value))
		}
	}
	for _, value := range []any{k, *k, w} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		checkNoSecret(t, k, string(text))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("keys", "pointer", k, "value", *k, "wrapped", w)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("keys", "pointer", k, "value", *k, "wrapped", w)
	checkNoSecret(t, k, log.String())
	if !strings.Contains(k.String(), k.KeyID()) {
		t.Errorf("String() = %q, want the id of the current key", k)
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
			t.Fatalf("ParseKeyring of the encoded keys: %v", err)
		}
		for _, line := range strings.Fields(k.Encode()) {
			if !strings.Contains(text, line) {
				t.Fatal("ParseKeyring returns a key that is not in the text")
			}
		}
	})
}
