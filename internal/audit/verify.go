package audit

import (
	"cmp"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"
)

// These limits bound how many problems Verify remembers while it reads, so that it can relate them to each other.
// Verify still finds and counts problems beyond the limits, but it may describe them less exactly.
const (
	maxGaps       = 1000
	maxMismatches = 64
)

// Verify checks a whole trail from its first record, in the order of the numbers, and compares the account with the
// records that it could verify. It stores only the records that have problems, and the digests of the objects. keyFor
// returns the key of a chain, or false if the key is not available; [KeyID] returns the id of that key. checkpoint and
// account may be nil. Verify returns an error, and no report, only if links or account yield an error.
func Verify(links iter.Seq2[Link, error], keyFor func(chain string) ([]byte, bool), checkpoint *Checkpoint,
	account Account) (Report, error) {
	v := verifier{
		keyFor: keyFor, signers: map[string]*signer{}, chains: map[string]*chainState{}, checkpoint: checkpoint,
		objects:      newObjectLedger(),
		previousMACs: [][]byte{nil}, previousGood: true, // the first record has no previous one
	}
	for link, err := range links {
		if err != nil {
			return Report{}, fmt.Errorf("verifying the audit trail after record %d: %w", v.last, err)
		}
		v.checkNext(&link)
	}
	v.finishing = true
	if account != nil {
		if err := v.compareAccount(account); err != nil {
			return Report{}, err
		}
	}
	v.finish()
	return v.report, nil
}

// verifier is the state of a verification after some of the records.
type verifier struct {
	keyFor     func(chain string) ([]byte, bool)
	signers    map[string]*signer // by key
	chains     map[string]*chainState
	checkpoint *Checkpoint
	objects    *objectLedger
	report     Report

	last int64 // the highest number so far
	// previousMACs has the MACs that the next record may follow: the stored MAC of the previous record and, if that
	// one does not verify, the MAC that it should have. It is nil if the previous record is missing.
	previousMACs [][]byte
	// previousGood reports whether the previous record verified. If so, a record that does not follow it is bad itself.
	previousGood      bool
	checkpointMatched bool // the trail has the record that the checkpoint refers to
	finishing         bool // all records have been read

	gaps       []gap
	jumps      []jump
	mismatches []mismatch
	bad        []int64 // the numbers of records that did not verify
}

// chainState is the state of one chain. seq, number and good describe its last record.
type chainState struct {
	signer *signer // nil if the key is not available
	seq    int64
	number int64
	good   bool // the record verified

	// unverifiable counts the records that cannot be verified without the key, from number first to number last.
	unverifiable, first, last int64
}

// gap is a range of numbers without records: from is the first one, and to is one more than the last.
type gap struct {
	from, to     int64
	previousMACs [][]byte // the MACs that the record numbered from may follow
}

// jump is a range of positions that no record of a chain has, between two records of that chain.
type jump struct {
	chain      string
	from, last int64  // the first and the last position
	prev, next int64  // the numbers of the records before and after the jump
	nextEvent  string // the event id of the record after the jump
	good       bool   // both records verified
}

// mismatch is a record that fails verification at its position in the audit trail. It may have been changed,
// added or moved.
type mismatch struct {
	link         Link
	signer       *signer
	previousMACs [][]byte // the MACs that a record with its number may follow
	kind         Kind
	detail       string
}

// checkNext checks the next record.
func (v *verifier) checkNext(l *Link) {
	v.report.Records++
	chain := v.chainOf(l.Chain)
	switch {
	case l.Number < 1:
		v.addRecordProblem(Changed, l, fmt.Sprintf("its number is %d, but numbers begin at 1", l.Number))
		return
	case l.Number <= v.last:
		v.checkLate(l, chain)
		return
	case l.Number > v.last+1:
		g := gap{from: v.last + 1, to: l.Number, previousMACs: v.previousMACs}
		if len(v.gaps) < maxGaps {
			v.gaps = append(v.gaps, g)
		} else {
			v.add(g.problem())
		}
		v.previousMACs, v.previousGood = nil, false
	}
	v.last = l.Number
	v.check(l, chain)
	if v.checkpoint != nil && l.Number == v.checkpoint.Number {
		v.checkpointMatched = slices.ContainsFunc(v.previousMACs, func(mac []byte) bool {
			return hmac.Equal(mac, v.checkpoint.Head)
		})
	}
}

// chainOf returns the state of a chain, and creates it for a new chain.
func (v *verifier) chainOf(name string) *chainState {
	if state, ok := v.chains[name]; ok {
		return state
	}
	state := &chainState{good: true}
	if key, ok := v.keyFor(name); ok && len(key) >= minKeySize {
		if state.signer = v.signers[string(key)]; state.signer == nil {
			state.signer = newSigner(key)
			v.signers[string(key)] = state.signer
		}
	}
	v.chains[name] = state
	return state
}

// check verifies a record whose number is higher than all before it, and sets the MACs that the next record may
// follow.
func (v *verifier) check(l *Link, chain *chainState) {
	if chain.signer == nil {
		if chain.unverifiable == 0 {
			chain.first = l.Number
		}
		chain.unverifiable++
		chain.last = l.Number
		v.markBad(l)
		v.previousMACs, v.previousGood = [][]byte{slices.Clone(l.MAC)}, false
		return
	}
	good := chain.signer.verifies(l, l.Number, v.previousMACs)
	if !good && !v.previousGood && len(v.mismatches) < maxMismatches {
		// The previous record may be the moved one, so that this record follows the MAC of another mismatch.
		good = slices.ContainsFunc(v.mismatches, func(m mismatch) bool {
			return chain.signer.verifies(l, l.Number, [][]byte{m.link.MAC})
		})
	}
	stored := slices.Clone(l.MAC)
	if good {
		v.objects.add(l)
		v.advance(l, chain, true)
		v.previousMACs, v.previousGood = [][]byte{stored}, true
		return
	}

	m := mismatch{link: *l, signer: chain.signer, previousMACs: v.previousMACs}
	m.link.Body, m.link.MAC = slices.Clone(l.Body), stored
	m.kind, m.detail = v.classify(l, chain)
	if l.Seq > chain.seq {
		v.advance(l, chain, false)
	}
	v.markBad(l)
	candidates := [][]byte{stored}
	for _, mac := range v.previousMACs {
		candidates = append(candidates, chain.signer.link(mac, l))
	}
	v.previousMACs, v.previousGood = candidates[:min(len(candidates), 3)], false
	if len(v.mismatches) == maxMismatches {
		v.addRecordProblem(m.kind, &m.link, m.detail)
		return
	}
	v.mismatches = append(v.mismatches, m)
	v.relateLast()
}

// verifies reports whether the link was created with the number, after a record with one of the MACs.
func (s *signer) verifies(l *Link, number int64, previousMACs [][]byte) bool {
	if !l.Time.Equal(l.Time.Truncate(time.Second)) {
		return false // links are written with whole seconds, so the time was changed
	}
	renumbered := *l
	renumbered.Number = number
	return slices.ContainsFunc(previousMACs, func(mac []byte) bool { return hmac.Equal(l.MAC, s.link(mac, &renumbered)) })
}

// classify returns the most likely problem of a record that does not verify. Later records may show another one.
func (v *verifier) classify(l *Link, chain *chainState) (Kind, string) {
	switch {
	case v.previousMACs == nil:
		return Unchecked, "the record before it is missing, so this record cannot be checked"
	case !v.previousGood:
		return Unchecked, "the record before it does not verify, so this record cannot be checked and may be changed too"
	case chain.good && l.Seq <= chain.seq:
		return Duplicated,
			fmt.Sprintf("an earlier record has position %d of the chain, so this record was copied or changed", l.Seq)
	}
	return Changed, "its MAC does not match, so the record was changed or was added without the key"
}

// relateLast compares the newest mismatch with the earlier ones and with the gaps. If one record verifies at the
// number of another or in a gap, it was moved from there.
func (v *verifier) relateLast() {
	newest := &v.mismatches[len(v.mismatches)-1]
	for i := range v.mismatches[:len(v.mismatches)-1] {
		other := &v.mismatches[i]
		for _, pair := range [2][2]*mismatch{{newest, other}, {other, newest}} {
			moved, origin := pair[0], pair[1]
			// If two neighbours were exchanged, one of them follows the other.
			macs := append(slices.Clone(origin.previousMACs), newest.link.MAC, other.link.MAC)
			if moved.signer.verifies(&moved.link, origin.link.Number, macs) {
				moved.setMovedFrom(origin.link.Number)
			}
		}
	}
	for _, g := range v.gaps[:min(len(v.gaps), maxMismatches)] {
		if newest.signer.verifies(&newest.link, g.from, g.previousMACs) {
			newest.setMovedFrom(g.from)
		}
	}
	v.clearFollowers(newest.link.MAC)
}

func (m *mismatch) setMovedFrom(number int64) {
	m.kind, m.detail = Reordered, fmt.Sprintf("it was written as record %d", number)
}

// clearFollowers removes the unchecked mismatches that follow the record with the MAC: they verify after all.
func (v *verifier) clearFollowers(mac []byte) {
	v.mismatches = slices.DeleteFunc(v.mismatches, func(m mismatch) bool {
		good := m.kind == Unchecked && m.signer.verifies(&m.link, m.link.Number, [][]byte{mac})
		if good {
			v.bad = slices.DeleteFunc(v.bad, func(number int64) bool { return number == m.link.Number })
		}
		return good
	})
}

// advance makes a record the last one of its chain, and notes positions that were left out or used twice.
func (v *verifier) advance(l *Link, chain *chainState, good bool) {
	switch {
	case l.Seq > chain.seq+1 && len(v.jumps) < maxGaps:
		v.jumps = append(v.jumps, jump{
			chain: l.Chain, from: chain.seq + 1, last: l.Seq - 1,
			prev: chain.number, next: l.Number, nextEvent: eventID(l.Body), good: good && chain.good,
		})
	case l.Seq <= chain.seq && chain.good:
		v.addRecordProblem(Duplicated, l, fmt.Sprintf("an earlier record has position %d of the chain as well", l.Seq))
	}
	chain.seq, chain.number, chain.good = l.Seq, l.Number, good
}

// checkLate checks a record that comes after a record with the same or a higher number.
func (v *verifier) checkLate(l *Link, chain *chainState) {
	i := slices.IndexFunc(v.gaps, func(g gap) bool { return g.from <= l.Number && l.Number < g.to })
	if i < 0 {
		v.addRecordProblem(Duplicated, l, "another record has the same number")
		return
	}
	g := v.gaps[i]
	v.gaps = slices.Delete(v.gaps, i, i+1)
	if l.Number+1 < g.to {
		rest := gap{from: l.Number + 1, to: g.to, previousMACs: [][]byte{slices.Clone(l.MAC)}}
		v.gaps = slices.Insert(v.gaps, i, rest)
	}
	if g.from < l.Number {
		v.gaps = slices.Insert(v.gaps, i, gap{from: g.from, to: l.Number, previousMACs: g.previousMACs})
	}
	switch {
	case chain.signer == nil:
		v.addRecordProblem(Unverifiable, l,
			"the key of its chain is missing, and the record comes after one with a higher number")
	case l.Number == g.from && !chain.signer.verifies(l, l.Number, g.previousMACs):
		v.addRecordProblem(Changed, l, "its MAC does not match, and the record comes after one with a higher number")
	default:
		v.addRecordProblem(Reordered, l, "it comes after a record with a higher number")
	}
	v.clearFollowers(l.MAC)
	v.markBad(l)
}

// markBad notes the number of a record that does not count as a good record of its chain.
func (v *verifier) markBad(l *Link) {
	if len(v.bad) < maxGaps {
		v.bad = append(v.bad, l.Number)
	}
}

// finish adds the problems that are certain only after the last record, and sorts all problems.
func (v *verifier) finish() {
	v.report.Chains = len(v.chains)
	for i := range v.mismatches {
		m := &v.mismatches[i]
		v.addRecordProblem(m.kind, &m.link, m.detail)
	}
	for _, g := range v.gaps {
		v.add(v.describeGap(g))
	}
	for _, j := range v.jumps {
		if j.good && !v.explained(j) {
			v.add(Problem{
				Kind: Skipped, Number: j.next, Through: j.next, Chain: j.chain, Seq: j.last + 1, EventID: j.nextEvent,
				Detail: fmt.Sprintf("the trail lacks %s that the writer wrote after record %d: the end of the trail was cut off "+
					"while the writer went on, or the record is from another trail", plural(j.last-j.from+1, "record"), j.prev),
			})
		}
	}
	for name, chain := range v.chains {
		if chain.unverifiable > 0 {
			v.add(Problem{
				Kind: Unverifiable, Number: chain.first, Through: chain.last, Chain: name,
				Detail: fmt.Sprintf("the key %q for the %s of this chain is missing: add it to the master keys",
					KeyID(name), plural(chain.unverifiable, "record")),
			})
		}
	}
	v.checkTail()

	slices.SortStableFunc(v.report.Problems, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Number, b.Number), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Chain, b.Chain), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Object, b.Object),
		)
	})
	v.report.Problems = v.report.Problems[:min(len(v.report.Problems), MaxProblems)]
}

// describeGap returns the problem of a gap. If exactly one jump spans the gap and is as wide, it identifies the
// missing records.
func (v *verifier) describeGap(g gap) Problem {
	p := g.problem()
	for _, j := range v.jumps {
		if j.prev < g.from && g.to <= j.next && j.last-j.from == g.to-1-g.from {
			if p.Chain != "" {
				p.Chain, p.Seq = "", 0 // a second jump fits as well
				break
			}
			p.Chain, p.Seq = j.chain, j.from
		}
	}
	return p
}

// explained reports whether the missing and bad records between the ends of a jump are enough to account for it.
func (v *verifier) explained(j jump) bool {
	lost := int64(0)
	for _, g := range v.gaps {
		if from, to := max(g.from, j.prev+1), min(g.to, j.next); from < to {
			lost += to - from
		}
	}
	for _, number := range v.bad {
		if j.prev < number && number < j.next {
			lost++
		}
	}
	return lost >= j.last-j.from+1 || len(v.gaps) == maxGaps || len(v.bad) == maxGaps
}

// checkTail compares the trail with the checkpoint, and describes the tail in the report.
func (v *verifier) checkTail() {
	if v.checkpoint == nil {
		v.report.Tail = fmt.Sprintf(
			"Without a checkpoint, the audit trail cannot show whether records after record %d were cut off.", v.last)
		return
	}
	c := v.checkpoint
	createdAt := c.Time.Format(time.RFC3339)
	key, ok := v.keyFor(c.Chain)
	switch {
	case !ok:
		v.add(Problem{
			Kind: BadCheckpoint, Chain: c.Chain,
			Detail: fmt.Sprintf("the key %q that created it is missing: add it to the master keys", KeyID(c.Chain)),
		})
	case !c.authentic(key):
		v.add(Problem{
			Kind: BadCheckpoint, Chain: c.Chain,
			Detail: "its MAC does not match: it was created with the key of another trail, or a character of it was changed",
		})
	case v.last < c.Number:
		count := plural(c.Number, "record")
		v.add(Problem{
			Kind: Missing, Number: v.last + 1, Through: c.Number,
			Detail: fmt.Sprintf("the end of the trail was cut off: it had %s when the checkpoint was created at %s", count,
				createdAt),
		})
		v.report.Tail = fmt.Sprintf("The end of the audit trail was cut off: it had %s at %s.", count, createdAt)
		return
	case !v.checkpointMatched:
		v.add(Problem{Kind: Rewritten, Number: c.Number, Detail: fmt.Sprintf(
			"the checkpoint was created at %s from other records: the trail was rewritten, or the checkpoint belongs to "+
				"another trail", createdAt)})
		v.report.Tail = "The checkpoint was created from other records than those of this audit trail."
		return
	default:
		v.report.TailProven = true
		v.report.Tail = fmt.Sprintf(
			"The audit trail is complete up to record %d, the last one when the checkpoint was created at %s.", c.Number,
			createdAt)
		if v.last > c.Number {
			v.report.Tail += fmt.Sprintf(" The checkpoint cannot show whether records after record %d were cut off.", v.last)
		}
		return
	}
	v.report.Tail = fmt.Sprintf(
		"The checkpoint proves nothing, so the audit trail cannot show whether records after record %d were cut off.", v.last)
}

func (g gap) problem() Problem {
	detail := "the trail has no record with this number"
	if g.to-1 > g.from {
		detail = "the trail has no records with these numbers"
	}
	return Problem{Kind: Missing, Number: g.from, Through: g.to - 1, Detail: detail}
}

// addRecordProblem adds a problem of an existing record.
func (v *verifier) addRecordProblem(kind Kind, l *Link, detail string) {
	v.add(Problem{
		Kind: kind, Number: l.Number, Through: l.Number, Chain: l.Chain, Seq: l.Seq, EventID: eventID(l.Body), Detail: detail,
	})
}

// eventID returns the event id of a record, or "" if the record cannot be read.
func eventID(body []byte) string {
	var record struct {
		EventID string `json:"eventID"`
	}
	_ = json.Unmarshal(body, &record)
	return record.EventID
}

// add counts a problem, and stores it while it may be among the first MaxProblems by number. Problems of finish are
// always stored: their numbers may be lower than those of problems found before, and the limits above bound them.
func (v *verifier) add(p Problem) {
	v.report.Total++
	if v.finishing || len(v.report.Problems) < MaxProblems {
		v.report.Problems = append(v.report.Problems, p)
	}
}

func plural(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
