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

// The store counts failed attempts to guess passwords and one-time codes, and the engine makes
// further attempts wait. There are three counters. Each allows some failures without a wait. After
// that, each further failure doubles the wait:
//
//   - One user from one source: five failures without a wait, then up to 15 minutes. Most attackers
//     reach this limit first.
//   - One source, all users: twenty failures without a wait, then up to 15 minutes. This limit
//     stops attackers who try one password on many users.
//   - One user, all sources: ten failures without a wait, then up to one minute. This limit leaves
//     an attacker with many addresses about 1,400 guesses a day. The wait is short, and it does not
//     apply to a source from which the user signed in before, so that no attacker can lock a user
//     out.
//
// The engine counts an attempt before it checks the secret, and removes it from the count if the
// attempt succeeds. Concurrent attempts therefore gain nothing. Unknown users have counters too.
// The store contains user names only as keyed hashes, which also protects a password that somebody
// typed into the wrong field.
const (
	pairWithoutWait, sourceWithoutWait, userWithoutWait = 5, 20, 10
	longestWait, longestUserWait                        = 15 * time.Minute, time.Minute

	attemptLifetime     = 24 * time.Hour
	knownSourceLifetime = 90 * 24 * time.Hour
)

// guessedSecret is the kind of secret that an attempt may be guessing.
type guessedSecret string

const (
	passwordGuess guessedSecret = "password"
	codeGuess     guessedSecret = "code"
)

// counter describes one of the counters of failed attempts.
type counter struct {
	subject     string
	withoutWait int // the number of failures without a wait
	maxWait     time.Duration
}

// counters returns the counters of one attempt. The pair is the user and the source together.
// knownSource is the subject of the store record which says that the user signed in from this
// source before.
func (c *call) counters(
	kind guessedSecret, userName string,
) (pair, source, user counter, knownSource string, err error) {
	keys, err := c.engine.keysAt(c.tx)
	if err != nil {
		return pair, source, user, "", err
	}
	mac := hmac.New(sha256.New, keys.DeriveKey(credential.Purpose("attempts")))
	hashedSubject := func(counterName string, parts ...string) string {
		mac.Reset()
		mac.Write([]byte(strings.Join(parts, "\x00")))
		return string(kind) + " " + counterName + " " + hex.EncodeToString(mac.Sum(nil)[:16])
	}
	name, address := strings.ToLower(userName), sourceOf(c.caller.circumstances.Source)
	return counter{hashedSubject("pair", name, address), pairWithoutWait, longestWait},
		counter{string(kind) + " source " + address, sourceWithoutWait, longestWait},
		counter{hashedSubject("user", name), userWithoutWait, longestUserWait},
		hashedSubject("known", name, address), nil
}

// sourceOf returns the name of a source: an IPv4 address, or an IPv6 network of 64 bits, because
// one IPv6 customer has many addresses.
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

// countAttempt counts an attempt as failed, or refuses it during a wait. It runs in a transaction
// of its own, before the engine checks the secret.
func (c *call) countAttempt(kind guessedSecret, userName string) error {
	if err := c.tx.DropAttempts(c.now.Add(-attemptLifetime)); err != nil {
		return err
	}
	pair, source, user, knownSource, err := c.counters(kind, userName)
	if err != nil {
		return err
	}
	counters := []counter{pair, source, user}
	if previous, err := c.tx.Attempts(knownSource); err != nil {
		return err
	} else if c.now.Before(previous.Until) {
		counters = counters[:2]
	}
	counts := make([]store.Attempts, len(counters))
	for i, counter := range counters {
		if counts[i], err = c.tx.Attempts(counter.subject); err != nil {
			return err
		}
		if wait := counts[i].Until.Sub(c.now); wait > 0 {
			return clientError("Throttling", "Rate exceeded: too many failed attempts. Try again in %d seconds.",
				int(wait/time.Second))
		}
	}
	for i, counter := range counters {
		if err := c.tx.PutAttempts(counter.addFailure(counts[i], c.now)); err != nil {
			return err
		}
	}
	return nil
}

// addFailure returns the count with one more failure, and with the wait that follows from it.
func (n counter) addFailure(count store.Attempts, now time.Time) store.Attempts {
	if count.Last.Before(now.Add(-attemptLifetime)) {
		count.Failed = 0
	}
	count.Subject, count.Last = n.subject, now
	count.Failed++
	if excess := count.Failed - n.withoutWait; excess > 0 {
		wait := n.maxWait
		if excess < 20 { // a larger shift could overflow
			wait = min(wait, time.Second<<(excess-1))
		}
		count.Until = now.Add(wait)
	}
	return count
}

// clearFailures deletes the failures of a user after a successful attempt. From the count of the
// source it subtracts only this attempt. Otherwise, an attacker with a valid account could reset
// that count at any time.
func (c *call) clearFailures(kind guessedSecret, userName string) error {
	pair, source, user, knownSource, err := c.counters(kind, userName)
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
	return c.tx.PutAttempts(store.Attempts{Subject: knownSource, Last: c.now, Until: c.now.Add(knownSourceLifetime)})
}
