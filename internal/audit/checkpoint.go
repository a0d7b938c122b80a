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

// checkpointPrefix says what the text of a checkpoint is, and in which form.
const checkpointPrefix = "iam-audit-checkpoint-1."

// Checkpoint says how far the trail went at one moment: kept elsewhere, it shows when the end of the trail, or all of
// it, was cut off or replaced afterwards. It is as short for a long trail as for a short one, since the MAC of the last
// record stands for all before it.
type Checkpoint struct {
	// Chain is that of the writer who made the checkpoint; it leads to the key.
	Chain string
	Time  time.Time // in whole seconds
	// Number is that of the last record, and so how many there were; Head is that record's MAC.
	Number int64
	Head   []byte
	// MAC authenticates all of the above.
	MAC []byte
}

// NewCheckpoint makes a checkpoint of a trail that ends with last, under the key of the chain, which is that of the
// writer who makes it. It panics for a key of less than 32 bytes.
func NewCheckpoint(key []byte, chain string, at time.Time, last *Link) (Checkpoint, error) {
	if len(key) < minKeySize {
		panic("audit: a key of less than 32 bytes authenticates nothing")
	}
	if last == nil {
		return Checkpoint{}, errors.New("making a checkpoint: the audit trail is empty, so there is nothing to hold fast")
	}
	if len(last.MAC) != sha256.Size {
		return Checkpoint{}, fmt.Errorf("making a checkpoint: the MAC of record %d has %d bytes, not %d: verify the trail", last.Number, len(last.MAC), sha256.Size)
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

// payload is all but the MAC: number, time, head, and the chain to the end.
func (c *Checkpoint) payload() []byte {
	b := appendNumber(nil, c.Number)
	b = appendNumber(b, c.Time.Unix())
	b = append(b, c.Head...)
	return append(b, c.Chain...)
}

// String is the checkpoint as one line of text without spaces, for [ParseCheckpoint].
func (c Checkpoint) String() string {
	return checkpointPrefix + base64.RawURLEncoding.EncodeToString(append(c.payload(), c.MAC...))
}

// ParseCheckpoint reads what String wrote; white space around it is ignored. It does not authenticate the checkpoint:
// that takes the key, and is for [Verify].
func ParseCheckpoint(text string) (Checkpoint, error) {
	encoded, ok := strings.CutPrefix(strings.TrimSpace(text), checkpointPrefix)
	if !ok {
		return Checkpoint{}, fmt.Errorf("reading a checkpoint: it does not begin with %q: give the whole line that was printed", checkpointPrefix)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") {
		return Checkpoint{}, errors.New("reading a checkpoint: a character in it is missing or wrong: give the whole line that was printed")
	}
	const numbers = 16
	if len(b) <= numbers+2*sha256.Size {
		return Checkpoint{}, errors.New("reading a checkpoint: it is too short: give the whole line that was printed")
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
		return Checkpoint{}, errors.New("reading a checkpoint: its number or time is none: give the whole line that was printed")
	}
	return c, nil
}

func readNumber(b []byte) int64 {
	return int64(binary.BigEndian.Uint64(b)) // #nosec G115 -- the bits are what counts
}

// authentic reports whether a holder of the key made the checkpoint.
func (c *Checkpoint) authentic(key []byte) bool {
	return len(key) >= minKeySize && hmac.Equal(c.MAC, newSigner(key).checkpoint(c))
}
