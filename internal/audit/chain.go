package audit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"
	"time"
)

// minKeySize is the minimum length of a key in bytes. It is the length of the hash, as RFC 2104, section 3 recommends.
const minKeySize = sha256.Size

// Link is a record with its position in the trail.
type Link struct {
	// Number counts all records of the trail from 1, in the order of their commits, without gaps.
	Number int64
	// Chain identifies the writer, see [NewChainID]. Seq counts the records of this writer from 1.
	Chain string
	Seq   int64
	// Time is in whole seconds, so that every store returns it unchanged.
	Time time.Time
	// Body is the record as [Encode] wrote it.
	Body []byte
	// MAC authenticates the fields above and the previous record of the trail.
	MAC []byte
}

// NewChainID returns a new name for the chain of a writer. The name begins with the id of the key that
// authenticates its records. keyID must not be empty.
func NewChainID(keyID string) string {
	var random [9]byte
	_, _ = rand.Read(random[:]) // never fails
	return keyID + "-" + hex.EncodeToString(random[:])
}

// KeyID returns the id of the key of a chain, or "" if the text is not the name of a chain.
func KeyID(chain string) string {
	i := strings.LastIndexByte(chain, '-')
	return chain[:max(i, 0)]
}

// Next returns the link for a new record, with the number last.Number+1. last is the last record of the trail by any
// writer, or nil for an empty trail. The caller reads it in the transaction that stores the new record. seq is one
// more than the Seq of the writer's previous record, or 1. Next panics if the key has less than 32 bytes.
func Next(key []byte, last *Link, chain string, seq int64, at time.Time, body []byte) Link {
	if len(key) < minKeySize {
		panic("audit: the key has less than 32 bytes")
	}
	link := Link{Number: 1, Chain: chain, Seq: seq, Time: at.UTC().Truncate(time.Second), Body: body}
	var before []byte
	if last != nil {
		link.Number, before = last.Number+1, last.MAC
	}
	link.MAC = newSigner(key).link(before, &link)
	return link
}

// signer computes MACs with one key. It is reused, because preparing a key costs as much as a short record.
type signer struct {
	mac     hash.Hash
	scratch []byte
}

func newSigner(key []byte) *signer {
	return &signer{mac: hmac.New(sha256.New, key)}
}

// link computes the MAC of a link whose previous record has the MAC before. Each part is preceded by its length, so
// that different links never give the same bytes. The first part separates links from checkpoints.
func (s *signer) link(before []byte, l *Link) []byte {
	b := appendPart(s.scratch[:0], "iam audit link 1")
	b = appendPart(b, before)
	b = appendNumber(b, l.Number)
	b = appendPart(b, l.Chain)
	b = appendNumber(b, l.Seq)
	b = appendNumber(b, l.Time.Unix())
	b = appendNumber(b, int64(len(l.Body)))
	s.scratch = b
	s.mac.Reset()
	s.mac.Write(b)
	s.mac.Write(l.Body)
	return s.mac.Sum(nil)
}

func appendPart[T ~string | ~[]byte](b []byte, part T) []byte {
	return append(appendNumber(b, int64(len(part))), part...)
}

func appendNumber(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(n)) // #nosec G115 -- readNumber restores the sign
}
