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

// NewID returns a new unique identifier in AWS's format: a prefix for the kind of object (AIDA, AGPA, AROA, ANPA,
// AIPA …) and 17 random letters and digits, which have 85 bits.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func NewID(prefix string) string {
	return prefix + rand.Text()[:17]
}

// An access key id is a prefix of four letters and 80 bits in base32. AWS does not document the bits. According to Tal
// Be'ery ("A short note on AWS key ID") and WithSecure ("A bitwise analysis of AWS access key identifiers"), the first
// bit of all newer ids is set, and the next 40 bits are the number of the account.
const (
	accessKeyIDPrefix = 4
	accessKeyIDBytes  = 10
	accountShift      = 7
	accountMask       = 0x7fffffffff80
	newGeneration     = 1 << 47
)

var (
	accountIDPattern   = regexp.MustCompile(`^[0-9]{12}$`)
	accessKeyIDPattern = regexp.MustCompile(`^[A-Z]{4}[A-Z2-7]{16}$`)
)

// NewAccessKeyID returns a new id of an access key. The prefix is AKIA for the key of a user and ASIA for the key of a
// session. Like ids of AWS, the id contains the account, so it has only 39 random bits. The caller must check that no
// stored key has the same id. NewAccessKeyID panics unless the prefix has four capital letters and the account 12
// digits.
func NewAccessKeyID(prefix, accountID string) string {
	if !accountIDPattern.MatchString(accountID) {
		panic(fmt.Sprintf("creating an access key id for account %q: an account id has 12 digits", accountID))
	}
	account, err := strconv.ParseUint(accountID, 10, 40)
	if err != nil {
		panic(fmt.Sprintf("creating an access key id for account %q: %v", accountID, err))
	}
	// The account is in the upper 48 bits of a 64-bit word. The bits below the account stay random.
	raw := randomBytes(accessKeyIDBytes)
	const shift = 64 - 48
	head := binary.BigEndian.Uint64(raw)
	head &^= (accountMask | newGeneration) << shift
	head |= (account<<accountShift | newGeneration) << shift
	binary.BigEndian.PutUint64(raw, head)

	id := prefix + base32.StdEncoding.EncodeToString(raw)
	if !accessKeyIDPattern.MatchString(id) {
		panic(fmt.Sprintf("creating an access key id with prefix %q: a prefix has four capital letters", prefix))
	}
	return id
}

// AccountOfAccessKey returns the account id that the id of an access key contains. It does not check whether the key
// exists.
func AccountOfAccessKey(id string) (string, error) {
	if !accessKeyIDPattern.MatchString(id) {
		return "", fmt.Errorf("reading the account of access key %q: an id has four letters, such as AKIA or ASIA, and 16 "+
			"characters of A–Z and 2–7", id)
	}
	raw, err := base32.StdEncoding.DecodeString(id[accessKeyIDPrefix:])
	if err != nil {
		return "", fmt.Errorf("reading the account of access key %q: %w", id, err)
	}
	head := binary.BigEndian.Uint64(raw) >> 16
	account := head & accountMask >> accountShift
	if head&newGeneration == 0 || account > 999_999_999_999 {
		return "",
			fmt.Errorf("reading the account of access key %q: the id contains no account, because it is of the older generation",
				id)
	}
	return fmt.Sprintf("%012d", account), nil
}

// NewSecretAccessKey returns a new secret access key in AWS's format: 40 characters of A–Z, a–z, 0–9, + and /, which
// have 240 random bits.
func NewSecretAccessKey() string {
	return base64.StdEncoding.EncodeToString(randomBytes(30))
}
