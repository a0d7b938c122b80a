package credential

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// Purpose is the purpose of a key. Keys of different purposes are independent: a text sealed for one
// purpose does not open for another.
type Purpose string

// The purposes.
const (
	AccessKeySecret      Purpose = "access key secret" //nolint:gosec // names secrets, is none
	MFASeed              Purpose = "MFA seed"
	SessionToken         Purpose = "session token"
	AuthorizationMessage Purpose = "authorization message" // of DecodeAuthorizationMessage
	Audit                Purpose = "audit"
)

// ErrUnknownKey reports that the keyring does not contain the required master key. The error that wraps
// it names the id of the key.
var ErrUnknownKey = errors.New("no such master key in the keyring")

// Keyring holds the master keys of a store. New secrets are sealed with the current key. Earlier keys
// only open older secrets. [NewKeyring] and [ParseKeyring] return a Keyring. It is immutable, and several
// goroutines may use it.
type Keyring struct {
	keys []masterKey // the current one first
}

// masterKey hides its bytes behind a function: no printer, logger or encoder shows them, however
// deep it reflects.
type masterKey struct {
	id     string
	secret func() []byte
}

const masterKeySize = 32

// keyPrefix starts the text of a key, so that people and secret scanners know one when they see it.
const keyPrefix = "iamkey1_"

// NewKeyring returns a keyring with one new random key.
func NewKeyring() *Keyring {
	return &Keyring{keys: []masterKey{newMasterKey(randomBytes(masterKeySize))}}
}

func newMasterKey(secret []byte) masterKey {
	return masterKey{
		id:     hex.EncodeToString(derive(secret, "key id", "", 8)),
		secret: func() []byte { return secret },
	}
}

// ParseKeyring reads the text that [Keyring.Encode] gives: a key a line, the current one first.
// Empty lines, and lines that start with "# ", are skipped. Each key has a checksum, so that one cut
// short or mistyped is refused. No error shows any of the text.
func ParseKeyring(text string) (*Keyring, error) {
	k := &Keyring{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		// "#" alone would make a comment of a key whose first character was mistyped, and so change
		// which key is the current one.
		if line == "" || line == "#" || strings.HasPrefix(line, "# ") {
			continue
		}
		key, err := parseMasterKey(line)
		if err != nil {
			return nil, fmt.Errorf("reading master keys: line %d: %w", i+1, err)
		}
		if k.Has(key.id) {
			return nil, fmt.Errorf("reading master keys: line %d: duplicate key %s; remove one", i+1, key.id)
		}
		k.keys = append(k.keys, key)
	}
	if len(k.keys) == 0 {
		return nil, fmt.Errorf("reading master keys: no key found; a key is a line that starts with %q", keyPrefix)
	}
	return k, nil
}

func parseMasterKey(line string) (masterKey, error) {
	text, ok := strings.CutPrefix(line, keyPrefix)
	if !ok {
		return masterKey{}, fmt.Errorf("the line starts neither with %q, as a key does, nor with \"# \", as a comment does", keyPrefix)
	}
	raw, err := decodeBase64(text)
	if err != nil || len(raw) != masterKeySize+crc32.Size {
		return masterKey{}, fmt.Errorf("a key consists of %q and %d letters, digits, - and _; this key is too short, too long or damaged",
			keyPrefix, base64.RawURLEncoding.EncodedLen(masterKeySize+crc32.Size))
	}
	secret, sum := raw[:masterKeySize], binary.BigEndian.Uint32(raw[masterKeySize:])
	if crc32.ChecksumIEEE(secret) != sum {
		return masterKey{}, errors.New("the checksum does not match; the key is mistyped or damaged")
	}
	return newMasterKey(slices.Clone(secret)), nil
}

// decodeBase64 reads unpadded base64url that could not be written in another way: the standard
// decoder skips line breaks and, unless strict, unused bits.
func decodeBase64(text string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil && base64.RawURLEncoding.EncodeToString(raw) != text {
		err = errors.New("not canonical base64url")
	}
	return raw, err
}

// Encode gives the keys themselves as text, for a key file or IAM_MASTER_KEY: whoever has it can
// open everything that was sealed.
func (k *Keyring) Encode() string {
	var text strings.Builder
	for _, key := range k.keys {
		// A CRC finds every error of one character, which a cut-off cryptographic hash only
		// most likely would. It need not keep anything secret: the key stands beside it.
		raw := binary.BigEndian.AppendUint32(slices.Clone(key.secret()), crc32.ChecksumIEEE(key.secret()))
		text.WriteString(keyPrefix + base64.RawURLEncoding.EncodeToString(raw) + "\n")
	}
	return text.String()
}

// String names the current key without showing any.
func (k *Keyring) String() string {
	if len(k.keys) == 0 {
		return "keyring without keys"
	}
	return fmt.Sprintf("keyring with key %s and %d earlier", k.KeyID(), len(k.keys)-1)
}

// KeyID returns the id of the current key, 16 hexadecimal digits. The id does not reveal the key and may
// be shown.
func (k *Keyring) KeyID() string {
	return k.keys[0].id
}

// Has reports whether the keyring contains the key with this id.
func (k *Keyring) Has(keyID string) bool {
	_, err := k.find(keyID)
	return err == nil
}

func (k *Keyring) find(keyID string) (masterKey, error) {
	i := slices.IndexFunc(k.keys, func(key masterKey) bool { return key.id == keyID })
	if i < 0 {
		return masterKey{}, fmt.Errorf("%w: %s", ErrUnknownKey, keyID)
	}
	return k.keys[i], nil
}

// OnlyCurrent returns a keyring without the earlier keys.
func (k *Keyring) OnlyCurrent() *Keyring {
	return &Keyring{keys: k.keys[:1:1]}
}

// DeriveKey derives a key of 32 bytes for a purpose from the current master key. It differs from the key
// that [Keyring.Seal] uses for the same purpose.
func (k *Keyring) DeriveKey(purpose Purpose) []byte {
	return derive(k.keys[0].secret(), "derived key", purpose, masterKeySize)
}

// derive is HKDF-SHA-256 (RFC 5869). A master key is uniformly random, so it needs no salt. The use
// comes first in the info and no use is the beginning of another, so that no two infos are the same.
func derive(secret []byte, use string, purpose Purpose, size int) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "iam-as-code v1: "+use+": "+string(purpose), size)
	if err != nil {
		panic("deriving a key of a fixed size failed: " + err.Error())
	}
	return key
}
