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

// minKeySize is the least length of a chain's key, in bytes: that of the hash, as RFC 2104, section 3 advises.
const minKeySize = sha256.Size

// Link is a record with its place in the trail.
type Link struct {
	// Number counts all records of the trail from 1, in the order of their commits and with no gaps.
	Number int64
	// Chain names the writer, as by [NewChainID], and Seq counts its records from 1.
	Chain string
	Seq   int64
	// Time is in whole seconds, so that every store gives it back as it was.
	Time time.Time
	// Body is the record as [Encode] wrote it.
	Body []byte
	// MAC authenticates all of the above and the record before it in the trail.
	MAC []byte
}

// NewChainID names a new writer's chain. The name begins with the id of the key that its records are
// authenticated with; keyID is not empty.
func NewChainID(keyID string) string {
	var random [9]byte
	_, _ = rand.Read(random[:]) // never fails
	return keyID + "-" + hex.EncodeToString(random[:])
}

// KeyID is the id of a chain's key, or empty for what is no chain's name.
func KeyID(chain string) string {
	i := strings.LastIndexByte(chain, '-')
	return chain[:max(i, 0)]
}

// Next makes the link of a record. last is the last one in the trail, whoever wrote it, or nil where there is none: it
// is read in the transaction that keeps the new one, which becomes number last.Number+1. seq is one more than that of
// the last record which this writer kept, or 1. It panics for a key of less than 32 bytes.
func Next(key []byte, last *Link, chain string, seq int64, at time.Time, body []byte) Link {
	if len(key) < minKeySize {
		panic("audit: a key of less than 32 bytes authenticates nothing")
	}
	link := Link{Number: 1, Chain: chain, Seq: seq, Time: at.UTC().Truncate(time.Second), Body: body}
	var before []byte
	if last != nil {
		link.Number, before = last.Number+1, last.MAC
	}
	link.MAC = newSigner(key).link(before, &link)
	return link
}

// signer computes the MACs under one key. Setting a key up costs as much as a short record, so it is kept.
type signer struct {
	mac     hash.Hash
	scratch []byte
}

func newSigner(key []byte) *signer {
	return &signer{mac: hmac.New(sha256.New, key)}
}

// link is the MAC of a link that follows a record with the MAC before. Every part has its length before it, so that no
// two links are the same bytes, and the first says what is authenticated, so that no checkpoint is a link.
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
	return binary.BigEndian.AppendUint64(b, uint64(n)) // #nosec G115 -- the bits are what counts
}
