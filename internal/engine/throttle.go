package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Failed attempts to guess passwords and one-time codes are counted in the store, and slowed down.
// There are three counts. Each allows some failures without a wait, and then a wait that doubles
// with each further failure:
//
//   - a user from one source: five free, then up to 15 minutes. A guesser meets this limit first.
//   - a source, for all users: twenty free, then up to 15 minutes, against trying one password on
//     many users.
//   - a user from all sources: ten free, then up to one minute, against guessers with many
//     addresses, who get about 1,400 guesses a day. The wait is short and does not apply to a
//     source from which the user signed in before, so that no stranger can lock a user out.
//
// An attempt is counted before it is checked, and uncounted if it succeeds, so that concurrent
// attempts gain nothing. Unknown users are counted like known ones. Names are stored only as codes
// under a secret key, which also hides a password that was typed into the wrong field.
const (
	pairFree, sourceFree, userFree = 5, 20, 10
	longestWait, longestUserWait   = 15 * time.Minute, time.Minute

	attemptLifetime     = 24 * time.Hour
	knownSourceLifetime = 90 * 24 * time.Hour
)

// secretKind is the kind of secret that is guessed.
type secretKind string

const (
	passwordGuess secretKind = "password"
	codeGuess     secretKind = "code"
)

// counter is one of the counts of failures.
type counter struct {
	subject string
	free    int
	longest time.Duration
}

// counters returns the counts of one attempt. known is the subject of the note that the user signed
// in from this source before.
func (c *call) counters(kind secretKind, userName string) (pair, source, user counter, known string, err error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return pair, source, user, "", err
	}
	mac := hmac.New(sha256.New, keys.DeriveKey(credential.Purpose("attempts")))
	hidden := func(what string, parts ...string) string {
		mac.Reset()
		mac.Write([]byte(strings.Join(parts, "\x00")))
		return string(kind) + " " + what + " " + hex.EncodeToString(mac.Sum(nil)[:16])
	}
	name, from := strings.ToLower(userName), sourceOf(c.caller.circumstances.Source)
	return counter{hidden("pair", name, from), pairFree, longestWait},
		counter{string(kind) + " source " + from, sourceFree, longestWait},
		counter{hidden("user", name), userFree, longestUserWait},
		hidden("known", name, from), nil
}

// sourceOf names a source: an IPv4 address, or an IPv6 network, since one IPv6 customer has many
// addresses.
func sourceOf(address netip.Addr) string {
	address = address.Unmap()
	switch {
	case !address.IsValid():
		return "local"
	case address.Is4():
		return address.String()
	}
	network, err := address.WithZone("").Prefix(64)
	if err != nil {
		return address.String()
	}
	return network.String()
}

// countAttempt counts an attempt as failed, or refuses it while a wait lasts. It runs in a
// transaction of its own, before the attempt is checked.
func (c *call) countAttempt(kind secretKind, userName string) error {
	if err := c.tx.DropAttempts(c.now.Add(-attemptLifetime)); err != nil {
		return err
	}
	pair, source, user, known, err := c.counters(kind, userName)
	if err != nil {
		return err
	}
	counters := []counter{pair, source, user}
	if came, err := c.tx.Attempts(known); err != nil {
		return err
	} else if c.now.Before(came.Until) {
		counters = counters[:2]
	}
	counts := make([]store.Attempts, len(counters))
	for i, counter := range counters {
		if counts[i], err = c.tx.Attempts(counter.subject); err != nil {
			return err
		}
		if wait := counts[i].Until.Sub(c.now); wait > 0 {
			return clientError("Throttling", "Rate exceeded: after so many failed attempts, the next is looked at in %d seconds.", int(wait/time.Second))
		}
	}
	for i, counter := range counters {
		if err := c.tx.PutAttempts(counter.failed(counts[i], c.now)); err != nil {
			return err
		}
	}
	return nil
}

// failed returns the count with one more failure.
func (n counter) failed(count store.Attempts, now time.Time) store.Attempts {
	if count.Last.Before(now.Add(-attemptLifetime)) {
		count.Failed = 0
	}
	count.Subject, count.Last = n.subject, now
	count.Failed++
	if over := count.Failed - n.free; over > 0 {
		wait := n.longest
		if over < 20 {
			wait = min(wait, time.Second<<(over-1))
		}
		count.Until = now.Add(wait)
	}
	return count
}

// clearFailures deletes the failures of a user that succeeded. The source keeps its failures except
// this attempt; otherwise a guesser with a password of its own could reset the count at any time.
func (c *call) clearFailures(kind secretKind, userName string) error {
	pair, source, user, known, err := c.counters(kind, userName)
	if err != nil {
		return err
	}
	for _, counter := range []counter{pair, user} {
		if err := c.tx.DeleteAttempts(counter.subject); err != nil {
			return err
		}
	}
	count, err := c.tx.Attempts(source.subject)
	if err != nil {
		return err
	}
	count.Subject, count.Failed, count.Until = source.subject, max(0, count.Failed-1), time.Time{}
	if count.Failed == 0 {
		err = c.tx.DeleteAttempts(source.subject)
	} else {
		err = c.tx.PutAttempts(count)
	}
	if err != nil {
		return err
	}
	return c.tx.PutAttempts(store.Attempts{Subject: known, Last: c.now, Until: c.now.Add(knownSourceLifetime)})
}
