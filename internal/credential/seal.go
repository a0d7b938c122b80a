package credential

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrDamaged reports that a sealed text was changed or truncated, or was sealed for another record or
// another purpose.
var ErrDamaged = errors.New("damaged, or sealed for another record")

// sealVersion starts every sealed text, and is bound into it.
const sealVersion = "v1"

var keyIDForm = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Seal encrypts the secret of a record, such as that of an access key under its id. The result,
// "v1.<key id>.<base64url>", opens only for the same purpose and record.
//
// The cipher is XChaCha20-Poly1305: its nonces of 192 bits may be drawn at random without end, while
// AES-GCM's of 96 would limit a key to some four billion texts, and one is sealed for every session.
func (k *Keyring) Seal(purpose Purpose, record string, plaintext []byte) (string, error) {
	if purpose == "" || record == "" {
		return "", errors.New("sealing a secret: the purpose or the record is empty")
	}
	key := k.keys[0]
	aead := key.aead(purpose)
	nonce := randomBytes(aead.NonceSize())
	sealed := aead.Seal(nonce, nonce, plaintext, boundTo(key.id, purpose, record))
	return sealVersion + "." + key.id + "." + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open decrypts a text that [Keyring.Seal] returned for the same purpose and record. It returns
// [ErrUnknownKey] if the keyring does not contain the key, and [ErrDamaged] otherwise.
func (k *Keyring) Open(purpose Purpose, record, sealed string) ([]byte, error) {
	keyID, body, err := splitSealed(sealed)
	if err != nil {
		return nil, fmt.Errorf("opening a sealed %s: %w", purpose, err)
	}
	key, err := k.find(keyID)
	if err != nil {
		return nil, fmt.Errorf("opening a sealed %s: %w", purpose, err)
	}
	aead := key.aead(purpose)
	if len(body) < aead.NonceSize() {
		return nil, fmt.Errorf("opening a sealed %s: %w", purpose, ErrDamaged)
	}
	nonce, ciphertext := body[:aead.NonceSize()], body[aead.NonceSize():]
	plaintext, err := aead.Open(nil, nonce, ciphertext, boundTo(key.id, purpose, record))
	if err != nil {
		return nil, fmt.Errorf("opening a sealed %s: %w", purpose, ErrDamaged)
	}
	return plaintext, nil
}

// splitSealed returns the id of the master key that a text was sealed with, and the sealed bytes.
func splitSealed(sealed string) (keyID string, body []byte, err error) {
	version, rest, _ := strings.Cut(sealed, ".")
	keyID, text, found := strings.Cut(rest, ".")
	if version != sealVersion || !found || !keyIDForm.MatchString(keyID) {
		return "", nil, ErrDamaged
	}
	body, err = decodeBase64(text)
	if err != nil {
		return "", nil, ErrDamaged
	}
	return keyID, body, nil
}

func (key masterKey) aead(purpose Purpose) cipher.AEAD {
	aead, err := chacha20poly1305.NewX(derive(key.secret(), "sealing key", purpose, chacha20poly1305.KeySize))
	if err != nil {
		panic("a key of the cipher's own size was refused: " + err.Error())
	}
	return aead
}

// boundTo is the additional data: each part with its length before it, so that no two lists of parts
// read the same.
func boundTo(keyID string, purpose Purpose, record string) []byte {
	var data []byte
	for _, part := range []string{sealVersion, keyID, string(purpose), record} {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}
