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
	AccessKeySecret      Purpose = "access key secret" //nolint:gosec // the name of a purpose, not a secret
	MFASeed              Purpose = "MFA seed"
	SessionToken         Purpose = "session token"
	AuthorizationMessage Purpose = "authorization message" // for DecodeAuthorizationMessage
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

// masterKey returns its bytes from a function, so that no printer, logger or encoder can show them by reflection.
type masterKey struct {
	id     string
	secret func() []byte
}

const masterKeySize = 32

// keyPrefix starts the text of a key, so that people and secret scanners recognize it.
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

// ParseKeyring reads the text that [Keyring.Encode] returns: one key a line, the current one first. It skips empty
// lines and lines that start with "# ". Each key has a checksum, so that ParseKeyring rejects a truncated or mistyped
// key. No error contains any of the text.
func ParseKeyring(text string) (*Keyring, error) {
	k := &Keyring{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		// A comment needs "# " or "#" alone. Otherwise a key whose first character was mistyped as "#" would be a
		// comment, and another key would become the current one.
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
		return masterKey{},
			fmt.Errorf("the line starts neither with %q, as a key does, nor with \"# \", as a comment does", keyPrefix)
	}
	raw, err := decodeBase64(text)
	if err != nil || len(raw) != masterKeySize+crc32.Size {
		return masterKey{},
			fmt.Errorf("a key consists of %q and %d letters, digits, - and _; this key is too short, too long or damaged",
				keyPrefix, base64.RawURLEncoding.EncodedLen(masterKeySize+crc32.Size))
	}
	secret, sum := raw[:masterKeySize], binary.BigEndian.Uint32(raw[masterKeySize:])
	if crc32.ChecksumIEEE(secret) != sum {
		return masterKey{}, errors.New("the checksum does not match; the key is mistyped or damaged")
	}
	return newMasterKey(slices.Clone(secret)), nil
}

// decodeBase64 decodes unpadded base64url and accepts only the canonical encoding. The standard decoder ignores line
// breaks and unused bits.
func decodeBase64(text string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil && base64.RawURLEncoding.EncodeToString(raw) != text {
		err = errors.New("not canonical base64url")
	}
	return raw, err
}

// Encode returns the keys as text, for a key file or IAM_MASTER_KEY. The text is secret: it opens everything that was
// sealed with the keys.
func (k *Keyring) Encode() string {
	var text strings.Builder
	for _, key := range k.keys {
		// A CRC finds every error in a single character. A truncated cryptographic hash would find it only with high
		// probability. The checksum need not be cryptographic, because the text contains the key anyway.
		raw := binary.BigEndian.AppendUint32(slices.Clone(key.secret()), crc32.ChecksumIEEE(key.secret()))
		text.WriteString(keyPrefix + base64.RawURLEncoding.EncodeToString(raw) + "\n")
	}
	return text.String()
}

// String returns the id of the current key and the number of earlier keys. It shows no key.
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

// derive computes HKDF-SHA-256 (RFC 5869). A master key is uniformly random, so it needs no salt. The info starts with
// the use. No use is a prefix of another, so different uses and purposes have different infos.
func derive(secret []byte, use string, purpose Purpose, size int) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "iam-as-code v1: "+use+": "+string(purpose), size)
	if err != nil {
		panic("deriving a key of a fixed size failed: " + err.Error())
	}
	return key
}
