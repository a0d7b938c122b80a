package credential

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// MaxPasswordLength is the maximum number of characters of a password, as on AWS.
const MaxPasswordLength = 128

// ErrPasswordUnusable reports that a text cannot be a password under any policy.
var ErrPasswordUnusable = errors.New(
	"a password must have 1 to 128 characters from U+0020 to U+00FF, tabs or line breaks")

// hashing has the parameters and the result of argon2id (RFC 9106).
type hashing struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
	salt    []byte
	key     []byte
}

// The current settings. OWASP's Password Storage Cheat Sheet lists five settings of equal strength, from 46 MiB and one
// pass to 7 MiB and five passes, and recommends this one. It needs less than half the memory of the largest, which
// matters because all processors may hash at once. Settings with less memory help an attacker with many small
// processors.
const (
	hashMemory  = 19 * 1024
	hashPasses  = 2
	hashThreads = 1
	saltSize    = 16
	hashSize    = 32
)

// The maximum parameters of a stored hash, so that a manipulated hash cannot exhaust the machine.
const (
	maxHashMemory  = 128 * 1024
	maxHashPasses  = 10
	maxHashThreads = 4
	maxHashField   = 64 // bytes of salt or hash
)

// hashSlots limits the number of passwords that are hashed at once to the number of processors. A higher limit would
// need more memory and save no time.
var hashSlots = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))

// unmatchable is a hash with the current settings that no password matches.
var unmatchable = hashing{
	memory: hashMemory, passes: hashPasses, threads: hashThreads,
	salt: make([]byte, saltSize), key: make([]byte, hashSize),
}

// HashPassword returns the hash of a new password in the PHC string format:
// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". It waits for its turn until ctx ends.
//
// HashPassword does not normalize the password. NIST SP 800-63B-4 requires normalization of Unicode. AWS's API accepts
// only characters up to U+00FF. Each of them is its own canonical form (NFC), and HashPassword rejects all others.
func HashPassword(ctx context.Context, password string) (string, error) {
	if !usablePassword(password) {
		return "", fmt.Errorf("hashing a password: %w", ErrPasswordUnusable)
	}
	h := unmatchable
	h.salt = randomBytes(saltSize)
	key, err := h.compute(ctx, password)
	if err != nil {
		return "", err
	}
	h.key = key
	return h.String(), nil
}

// VerifyPassword reports whether the password matches the hash. outdated reports that the hash has other
// settings than the current ones, so that the caller should hash the password again. VerifyPassword returns
// an error if the hash cannot be read, or if ctx ends before its turn.
func VerifyPassword(ctx context.Context, hash, password string) (ok, outdated bool, err error) {
	h, err := parseHash(hash)
	if err != nil {
		return false, false, err
	}
	ok, err = h.verify(ctx, password)
	return ok, h.outdated(), err
}

// VerifyNoPassword takes as long as [VerifyPassword] for a user that does not exist or has no password, so
// that the duration does not reveal that. It accepts no password, and returns an error only if ctx ends.
func VerifyNoPassword(ctx context.Context, password string) error {
	_, err := unmatchable.verify(ctx, password)
	return err
}

func (h hashing) verify(ctx context.Context, password string) (bool, error) {
	// This check is the same for every user, so its speed reveals nothing about the user.
	if !usablePassword(password) {
		return false, nil
	}
	key, err := h.compute(ctx, password)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, h.key) == 1, nil
}

// compute hashes the password with h's settings and salt, to as many bytes as h.key has.
func (h hashing) compute(ctx context.Context, password string) ([]byte, error) {
	// If the context has ended and a slot is free, select would choose at random, so the context is checked first.
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("hashing a password: %w", err)
	}
	select {
	case hashSlots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("hashing a password: waiting while %d others are hashed: %w", cap(hashSlots), ctx.Err())
	}
	defer func() { <-hashSlots }()
	size := uint32(len(h.key)) //nolint:gosec // at most maxHashField
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.threads, size), nil
}

func (h hashing) outdated() bool {
	return h.memory != hashMemory || h.passes != hashPasses || h.threads != hashThreads ||
		len(h.salt) != saltSize || len(h.key) != hashSize
}

// usablePassword reports whether the text has the length and the characters that AWS's API allows for a password. They
// are those of passwordType in the service's model.
func usablePassword(password string) bool {
	if !utf8.ValidString(password) {
		return false
	}
	length := 0
	for _, r := range password {
		length++
		if length > MaxPasswordLength || r > 0xff || r < 0x20 && r != '\t' && r != '\n' && r != '\r' {
			return false
		}
	}
	return length > 0
}

// String returns the hash in the PHC string format.
// https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
func (h hashing) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.threads,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.key))
}

func parseHash(text string) (hashing, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != "v="+strconv.Itoa(argon2.Version) {
		return hashing{},
			errors.New("reading a stored password hash: the hash does not start with $argon2id$v=19$; set a new password")
	}
	var h hashing
	settings := strings.Split(fields[3], ",")
	if len(settings) != 3 {
		return hashing{}, errors.New("reading a stored password hash: the settings are not m=…,t=…,p=…; set a new password")
	}
	memory, errMemory := hashSetting(settings[0], "m=", maxHashMemory)
	passes, errPasses := hashSetting(settings[1], "t=", maxHashPasses)
	threads, errThreads := hashSetting(settings[2], "p=", maxHashThreads)
	if err := errors.Join(errMemory, errPasses, errThreads); err != nil {
		return hashing{}, err
	}
	if memory < 8*threads {
		return hashing{},
			errors.New("reading a stored password hash: the memory m is less than 8 times the threads p; set a new password")
	}
	h.memory, h.passes, h.threads = memory, passes, uint8(threads) //nolint:gosec // at most maxHashThreads

	var err error
	if h.salt, err = hashField(fields[4], 8); err != nil {
		return hashing{}, err
	}
	if h.key, err = hashField(fields[5], 16); err != nil {
		return hashing{}, err
	}
	// Only the canonical text of a hash is accepted.
	if h.String() != text {
		return hashing{}, errors.New("reading a stored password hash: the hash is not in canonical form; set a new password")
	}
	return h, nil
}

func hashSetting(text, name string, maximum uint32) (uint32, error) {
	digits, ok := strings.CutPrefix(text, name)
	n, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil || n < 1 || n > uint64(maximum) {
		return 0,
			fmt.Errorf("reading a stored password hash: the setting %s is not a number from 1 to %d; set a new password", name,
				maximum)
	}
	return uint32(n), nil
}

func hashField(text string, minimum int) ([]byte, error) {
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(raw) < minimum || len(raw) > maxHashField {
		return nil,
			fmt.Errorf("reading a stored password hash: the salt or the hash is not base64 "+
				"of %d to %d bytes; set a new password",
				minimum, maxHashField)
	}
	return raw, nil
}
