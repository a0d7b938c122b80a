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

// sealVersion starts every sealed text. The ciphertext is bound to it.
const sealVersion = "v1"

var keyIDPattern = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Seal encrypts the secret of a record. The record may be the id of an access key, for example. The result,
// "v1.<key id>.<base64url>", opens only for the same purpose and record.
//
// The cipher is XChaCha20-Poly1305. Its nonces have 192 bits, so they may be random for any number of texts. AES-GCM
// has nonces of 96 bits, which would limit a key to about four billion texts, and every session needs one.
func (k *Keyring) Seal(purpose Purpose, record string, plaintext []byte) (string, error) {
	if purpose == "" || record == "" {
		return "", errors.New("sealing a secret: the purpose or the record is empty")
	}
	key := k.keys[0]
	aead := key.aead(purpose)
	nonce := randomBytes(aead.NonceSize())
	sealed := aead.Seal(nonce, nonce, plaintext, additionalData(key.id, purpose, record))
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
	plaintext, err := aead.Open(nil, nonce, ciphertext, additionalData(key.id, purpose, record))
	if err != nil {
		return nil, fmt.Errorf("opening a sealed %s: %w", purpose, ErrDamaged)
	}
	return plaintext, nil
}

// splitSealed returns the id of the master key that a text was sealed with, and the sealed bytes.
func splitSealed(sealed string) (keyID string, body []byte, err error) {
	version, rest, _ := strings.Cut(sealed, ".")
	keyID, text, found := strings.Cut(rest, ".")
	if version != sealVersion || !found || !keyIDPattern.MatchString(keyID) {
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
		panic("creating a cipher with a key of the right size: " + err.Error())
	}
	return aead
}

// additionalData returns the data that a ciphertext is bound to. Each part is preceded by its length, so that different
// parts never give the same bytes.
func additionalData(keyID string, purpose Purpose, record string) []byte {
	var data []byte
	for _, part := range []string{sealVersion, keyID, string(purpose), record} {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}
