package credential

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
)

// NewID makes a unique identifier of AWS's form: the prefix that tells what it identifies (AIDA,
// AGPA, AROA, ANPA, AIPA …) and 17 random letters and digits, 85 bits.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func NewID(prefix string) string {
	return prefix + rand.Text()[:17]
}

// An access key id is a prefix of four letters and 80 bits in base32. AWS does not document them, but
// what others found holds for all newer ones (Tal Be'ery, "A short note on AWS key ID"; WithSecure,
// "A bitwise analysis of AWS access key identifiers"): the first bit is set, the next 40 are the
// account's number.
const (
	accessKeyIDPrefix = 4
	accessKeyIDBytes  = 10
	accountShift      = 7
	accountMask       = 0x7fffffffff80
	newGeneration     = 1 << 47
)

var (
	accountIDForm   = regexp.MustCompile(`^[0-9]{12}$`)
	accessKeyIDForm = regexp.MustCompile(`^[A-Z]{4}[A-Z2-7]{16}$`)
)

// NewAccessKeyID makes the id of an access key: AKIA for a user's, ASIA for a session's. The account
// can be read from it, as from AWS's own, which leaves 39 random bits: who stores one makes sure that
// there is no such key yet. It panics unless the prefix is four letters and the account 12 digits.
func NewAccessKeyID(prefix, accountID string) string {
	if !accountIDForm.MatchString(accountID) {
		panic(fmt.Sprintf("making an access key for account %q: an account is 12 digits", accountID))
	}
	account, err := strconv.ParseUint(accountID, 10, 40)
	if err != nil {
		panic(fmt.Sprintf("making an access key for account %q: %v", accountID, err))
	}
	// The first 48 bits fill the upper end of a word of 64; what is below the account stays random.
	raw := randomBytes(accessKeyIDBytes)
	const below = 64 - 48
	head := binary.BigEndian.Uint64(raw)
	head &^= (accountMask | newGeneration) << below
	head |= (account<<accountShift | newGeneration) << below
	binary.BigEndian.PutUint64(raw, head)

	id := prefix + base32.StdEncoding.EncodeToString(raw)
	if !accessKeyIDForm.MatchString(id) {
		panic(fmt.Sprintf("making an access key with prefix %q: a prefix is four capital letters", prefix))
	}
	return id
}

// AccountOfAccessKey reads the account from the id of an access key, 12 digits. It does not tell
// whether there is such a key.
func AccountOfAccessKey(id string) (string, error) {
	if !accessKeyIDForm.MatchString(id) {
		return "", fmt.Errorf("reading the account of access key %q: an id is four letters, AKIA or ASIA, and 16 of A–Z and 2–7", id)
	}
	raw, err := base32.StdEncoding.DecodeString(id[accessKeyIDPrefix:])
	if err != nil {
		return "", fmt.Errorf("reading the account of access key %q: %w", id, err)
	}
	head := binary.BigEndian.Uint64(raw) >> 16
	account := head & accountMask >> accountShift
	if head&newGeneration == 0 || account > 999_999_999_999 {
		return "", fmt.Errorf("reading the account of access key %q: it holds none, as ids of the older generation do not", id)
	}
	return fmt.Sprintf("%012d", account), nil
}

// NewSecretAccessKey makes a secret access key of AWS's form: 40 of A–Z, a–z, 0–9, + and /, 240 random
// bits.
func NewSecretAccessKey() string {
	return base64.StdEncoding.EncodeToString(randomBytes(30))
}
