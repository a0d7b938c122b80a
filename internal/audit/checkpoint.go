package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// checkpointPrefix marks the text of a checkpoint and its format version.
const checkpointPrefix = "iam-audit-checkpoint-1."

// Checkpoint identifies the last record of the trail at one moment. A copy outside the store reveals that the end
// of the trail, or all of it, was cut off or replaced later. Its size does not depend on the length of the trail,
// because the MAC of the last record covers all records before it.
type Checkpoint struct {
	// Chain is the chain of the writer that created the checkpoint. It identifies the key.
	Chain string
	Time  time.Time // in whole seconds
	// Number is the number of the last record, and so the number of records. Head is its MAC.
	Number int64
	Head   []byte
	// MAC authenticates the fields above.
	MAC []byte
}

// NewCheckpoint creates a checkpoint of a trail whose last record is last, with the key of the writer's chain. It
// panics if the key has less than 32 bytes.
func NewCheckpoint(key []byte, chain string, at time.Time, last *Link) (Checkpoint, error) {
	if len(key) < minKeySize {
		panic("audit: the key has less than 32 bytes")
	}
	if last == nil {
		return Checkpoint{}, errors.New("creating a checkpoint: the audit trail is empty, so there is no record to refer to")
	}
	if len(last.MAC) != sha256.Size {
		return Checkpoint{},
			fmt.Errorf("creating a checkpoint: the MAC of record %d has %d bytes, not %d: verify the audit trail",
				last.Number, len(last.MAC), sha256.Size)
	}
	c := Checkpoint{Chain: chain, Time: at.UTC().Truncate(time.Second), Number: last.Number, Head: last.MAC}
	c.MAC = newSigner(key).checkpoint(&c)
	return c, nil
}

func (s *signer) checkpoint(c *Checkpoint) []byte {
	s.mac.Reset()
	s.mac.Write(appendPart(nil, "iam audit checkpoint 1"))
	s.mac.Write(c.payload())
	return s.mac.Sum(nil)
}

// payload encodes all fields but the MAC: number, time, head and chain.
func (c *Checkpoint) payload() []byte {
	b := appendNumber(nil, c.Number)
	b = appendNumber(b, c.Time.Unix())
	b = append(b, c.Head...)
	return append(b, c.Chain...)
}

// String returns the checkpoint as one line of text without spaces, for [ParseCheckpoint].
func (c Checkpoint) String() string {
	return checkpointPrefix + base64.RawURLEncoding.EncodeToString(append(c.payload(), c.MAC...))
}

// ParseCheckpoint reads the result of [Checkpoint.String] and ignores white space around it. It does not
// authenticate the checkpoint: [Verify] does, because that needs the key.
func ParseCheckpoint(text string) (Checkpoint, error) {
	encoded, ok := strings.CutPrefix(strings.TrimSpace(text), checkpointPrefix)
	if !ok {
		return Checkpoint{},
			fmt.Errorf("reading a checkpoint: the text does not begin with %q; pass the whole printed line", checkpointPrefix)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") {
		return Checkpoint{}, errors.New("reading a checkpoint: a character is missing or wrong; pass the whole printed line")
	}
	const numbers = 16
	if len(b) <= numbers+2*sha256.Size {
		return Checkpoint{}, errors.New("reading a checkpoint: the text is too short; pass the whole printed line")
	}
	head, mac := b[numbers:numbers+sha256.Size:numbers+sha256.Size], b[len(b)-sha256.Size:]
	c := Checkpoint{
		Chain:  string(b[numbers+sha256.Size : len(b)-sha256.Size]),
		Time:   time.Unix(readNumber(b[8:]), 0).UTC(),
		Number: readNumber(b),
		Head:   head,
		MAC:    mac,
	}
	if c.Number < 1 || !recordable(c.Time) {
		return Checkpoint{},
			errors.New("reading a checkpoint: the number or the time is invalid; pass the whole printed line")
	}
	return c, nil
}

func readNumber(b []byte) int64 {
	return int64(binary.BigEndian.Uint64(b)) // #nosec G115 -- restores the sign
}

// authentic reports whether the checkpoint was created with the key.
func (c *Checkpoint) authentic(key []byte) bool {
	return len(key) >= minKeySize && hmac.Equal(c.MAC, newSigner(key).checkpoint(c))
}
