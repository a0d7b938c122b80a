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

// How much Verify remembers of what was wrong so far, to tell what belongs together. Where more is wrong, it is
// still found and counted, but may be named less exactly.
const (
	maxGaps   = 1000
	maxMisfit = 64
)

// Verify checks a whole trail from its first record, in the order of its numbers, and keeps nothing of the records but
// what is wrong. keyFor gives the key of a chain, which [KeyID] helps to find, or false where it is not at hand.
// checkpoint is nil where there is none. The error is that of links, and the report is then none.
func Verify(links iter.Seq2[Link, error], keyFor func(chain string) ([]byte, bool), checkpoint *Checkpoint) (Report, error) {
	v := verifier{keyFor: keyFor, signers: map[string]*signer{}, chains: map[string]*chainState{}, checkpoint: checkpoint}
	v.before, v.sound = [][]byte{nil}, true // the first record follows nothing
	for link, err := range links {
		if err != nil {
			return Report{}, fmt.Errorf("verifying the audit trail after record %d: %w", v.last, err)
		}
		v.take(&link)
	}
	v.finish()
	return v.report, nil
}

// verifier is what is known between two records.
type verifier struct {
	keyFor     func(chain string) ([]byte, bool)
	signers    map[string]*signer // by key
	chains     map[string]*chainState
	checkpoint *Checkpoint
	report     Report

	last int64 // the highest number so far
	// before are the MACs of which one is what the next record follows: the one that the last record has and, if that
	// is not as written, the one that it should have. There are none where the last record is missing.
	before [][]byte
	// sound is whether the last record was good, so that one that does not follow it must be bad itself.
	sound   bool
	reached bool // the checkpoint's record was there, and was that one
	ended   bool // there are no more records

	gaps    []gap
	jumps   []jump
	misfits []misfit
	bad     []int64 // the numbers of records that were not good
}

// chainState is what is known of one chain.
type chainState struct {
	signer *signer // nil where the key is not at hand
	seq    int64   // of its last record
	number int64   // that record's
	sure   bool    // that record was good

	unverifiable, first, through int64 // how many records could not be checked, and from where to where
}

// gap is numbers that did not occur: from, up to but without to.
type gap struct {
	from, to int64
	before   [][]byte // what the first of them follows
}

// jump is places in a chain that did not occur between two records that did.
type jump struct {
	chain           string
	from, through   int64  // the places
	after, followed int64  // the numbers of the records before and after
	event           string // of the one after
	sure            bool   // both records are good
}

// misfit is a record that does not verify where it stands.
type misfit struct {
	link   Link
	signer *signer
	before [][]byte // what a record at its number follows
	kind   Kind
	detail string
}

// take checks one record.
func (v *verifier) take(l *Link) {
	v.report.Records++
	chain := v.chain(l.Chain)
	switch {
	case l.Number < 1:
		v.problem(Changed, l, "its number is not one that a record has")
		return
	case l.Number <= v.last:
		v.late(l, chain)
		return
	case l.Number > v.last+1:
		g := gap{from: v.last + 1, to: l.Number, before: v.before}
		if len(v.gaps) < maxGaps {
			v.gaps = append(v.gaps, g)
		} else {
			v.add(g.problem())
		}
		v.before, v.sound = nil, false
	}
	v.last = l.Number
	v.check(l, chain)
	if v.checkpoint != nil && l.Number == v.checkpoint.Number {
		v.reached = slices.ContainsFunc(v.before, func(mac []byte) bool { return hmac.Equal(mac, v.checkpoint.Head) })
	}
}

// chain finds what is known of a chain.
func (v *verifier) chain(name string) *chainState {
	if state, ok := v.chains[name]; ok {
		return state
	}
	state := &chainState{sure: true}
	if key, ok := v.keyFor(name); ok && len(key) >= minKeySize {
		if state.signer = v.signers[string(key)]; state.signer == nil {
			state.signer = newSigner(key)
			v.signers[string(key)] = state.signer
		}
	}
	v.chains[name] = state
	return state
}

// check verifies a record whose number is in order, and sets what the next one follows.
func (v *verifier) check(l *Link, chain *chainState) {
	if chain.signer == nil {
		if chain.unverifiable == 0 {
			chain.first = l.Number
		}
		chain.unverifiable++
		chain.through = l.Number
		v.doubt(l)
		v.before, v.sound = [][]byte{slices.Clone(l.MAC)}, false
		return
	}
	good := chain.signer.verifies(l, l.Number, v.before)
	if !good && !v.sound && len(v.misfits) < maxMisfit { // the record before may be at fault, and its MAC stand elsewhere
		good = slices.ContainsFunc(v.misfits, func(m misfit) bool {
			return chain.signer.verifies(l, l.Number, [][]byte{m.link.MAC})
		})
	}
	stored := slices.Clone(l.MAC)
	if good {
		v.place(l, chain, true)
		v.before, v.sound = [][]byte{stored}, true
		return
	}

	m := misfit{link: *l, signer: chain.signer, before: v.before}
	m.link.Body, m.link.MAC = slices.Clone(l.Body), stored
	m.kind, m.detail = v.judge(l, chain)
	if l.Seq > chain.seq {
		v.place(l, chain, false)
	}
	v.doubt(l)
	next := [][]byte{stored}
	for _, before := range v.before {
		next = append(next, chain.signer.link(before, l))
	}
	v.before, v.sound = next[:min(len(next), 3)], false
	if len(v.misfits) == maxMisfit {
		v.problem(m.kind, &m.link, m.detail)
		return
	}
	v.misfits = append(v.misfits, m)
	v.relate(&v.misfits[len(v.misfits)-1])
}

// verifies reports whether a link was made with a number and after one of the MACs.
func (s *signer) verifies(l *Link, number int64, before [][]byte) bool {
	if !l.Time.Equal(l.Time.Truncate(time.Second)) {
		return false // links have whole seconds, so this one's time was changed
	}
	at := *l
	at.Number = number
	return slices.ContainsFunc(before, func(mac []byte) bool { return hmac.Equal(l.MAC, s.link(mac, &at)) })
}

// judge says what seems to be wrong with a record that does not verify, before what comes later is known.
func (v *verifier) judge(l *Link, chain *chainState) (Kind, string) {
	switch {
	case v.before == nil:
		return Unchecked, "the record before it is missing, so it could not be checked"
	case !v.sound:
		return Unchecked, "the record before it is not as it was written, so it could not be checked; it may have been changed too"
	case chain.sure && l.Seq <= chain.seq:
		return Duplicated, fmt.Sprintf("place %d of its chain is taken by an earlier record: it was copied here, or changed", l.Seq)
	}
	return Changed, "it is not what was written here"
}

// relate looks for what a new misfit has to do with those before it, and with what is missing: each may be what
// belongs in the place of the other, or what the other follows.
func (v *verifier) relate(m *misfit) {
	for i := range v.misfits {
		other := &v.misfits[i]
		if other == m {
			break
		}
		for _, pair := range [2][2]*misfit{{m, other}, {other, m}} {
			moved, from := pair[0], pair[1]
			before := append(slices.Clone(from.before), m.link.MAC, other.link.MAC) // neighbours may have changed places
			if moved.signer.verifies(&moved.link, from.link.Number, before) {
				moved.kind, moved.detail = Reordered, fmt.Sprintf("it was written as record %d", from.link.Number)
			}
		}
	}
	for _, g := range v.gaps[:min(len(v.gaps), maxMisfit)] {
		if m.signer.verifies(&m.link, g.from, g.before) {
			m.kind, m.detail = Reordered, fmt.Sprintf("it was written as record %d", g.from)
		}
	}
	v.resolve(m.link.MAC)
}

// resolve clears the records that could not be checked, where the MAC is that of the record which they follow.
func (v *verifier) resolve(mac []byte) {
	v.misfits = slices.DeleteFunc(v.misfits, func(m misfit) bool {
		good := m.kind == Unchecked && m.signer.verifies(&m.link, m.link.Number, [][]byte{mac})
		if good {
			v.bad = slices.DeleteFunc(v.bad, func(number int64) bool { return number == m.link.Number })
		}
		return good
	})
}

// place notes where in its chain a record stands.
func (v *verifier) place(l *Link, chain *chainState, good bool) {
	switch {
	case l.Seq > chain.seq+1 && len(v.jumps) < maxGaps:
		v.jumps = append(v.jumps, jump{
			chain: l.Chain, from: chain.seq + 1, through: l.Seq - 1,
			after: chain.number, followed: l.Number, event: eventID(l.Body), sure: good && chain.sure,
		})
	case l.Seq <= chain.seq && chain.sure:
		v.problem(Duplicated, l, fmt.Sprintf("place %d of its chain was given to an earlier record as well", l.Seq))
	}
	chain.seq, chain.number, chain.sure = l.Seq, l.Number, good
}

// late judges a record that comes after one with the same number or a higher one.
func (v *verifier) late(l *Link, chain *chainState) {
	i := slices.IndexFunc(v.gaps, func(g gap) bool { return g.from <= l.Number && l.Number < g.to })
	if i < 0 {
		v.problem(Duplicated, l, "there is another record of this number")
		return
	}
	g := v.gaps[i]
	v.gaps = slices.Delete(v.gaps, i, i+1)
	if l.Number+1 < g.to {
		v.gaps = slices.Insert(v.gaps, i, gap{from: l.Number + 1, to: g.to, before: [][]byte{slices.Clone(l.MAC)}})
	}
	if g.from < l.Number {
		v.gaps = slices.Insert(v.gaps, i, gap{from: g.from, to: l.Number, before: g.before})
	}
	switch {
	case chain.signer == nil:
		v.problem(Unverifiable, l, "there is no key for its chain, and it stands after a record with a higher number")
	case l.Number == g.from && !chain.signer.verifies(l, l.Number, g.before):
		v.problem(Changed, l, "it is not what was written here, and stands after a record with a higher number")
	default:
		v.problem(Reordered, l, "it stands after a record with a higher number")
	}
	v.resolve(l.MAC)
	v.doubt(l)
}

// doubt notes the number of a record that does not count in its chain.
func (v *verifier) doubt(l *Link) {
	if len(v.bad) < maxGaps {
		v.bad = append(v.bad, l.Number)
	}
}

// finish reports what could be told only at the end.
func (v *verifier) finish() {
	v.ended = true
	v.report.Chains = len(v.chains)
	for i := range v.misfits {
		m := &v.misfits[i]
		v.problem(m.kind, &m.link, m.detail)
	}
	for _, g := range v.gaps {
		p := g.problem()
		for _, j := range v.jumps { // a jump across this gap that is as wide tells what is missing
			if j.after < g.from && g.to <= j.followed && j.through-j.from == g.to-1-g.from {
				if p.Chain != "" {
					p.Chain, p.Seq = "", 0 // two tell differently
					break
				}
				p.Chain, p.Seq = j.chain, j.from
			}
		}
		v.add(p)
	}
	for _, j := range v.jumps {
		if j.sure && !v.explained(j) {
			v.add(Problem{Kind: Skipped, Number: j.followed, Through: j.followed, Chain: j.chain, Seq: j.through + 1, EventID: j.event, Detail: fmt.Sprintf(
				"its writer had written %s since record %d that no longer are there: the end of the trail was cut off while it was being written, or this is from another trail",
				plural(j.through-j.from+1, "record"), j.after)})
		}
	}
	for name, chain := range v.chains {
		if chain.unverifiable > 0 {
			v.add(Problem{Kind: Unverifiable, Number: chain.first, Through: chain.through, Chain: name, Detail: fmt.Sprintf(
				"there is no key %q for the %s of this chain: add it to the master keys", KeyID(name), plural(chain.unverifiable, "record"))})
		}
	}
	v.tail()

	slices.SortStableFunc(v.report.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Chain, b.Chain), cmp.Compare(a.Seq, b.Seq))
	})
	v.report.Problems = v.report.Problems[:min(len(v.report.Problems), MaxProblems)]
}

// explained reports whether the records that are missing or not good between the ends of a jump are enough for it.
func (v *verifier) explained(j jump) bool {
	lost := int64(0)
	for _, g := range v.gaps {
		if from, to := max(g.from, j.after+1), min(g.to, j.followed); from < to {
			lost += to - from
		}
	}
	for _, number := range v.bad {
		if j.after < number && number < j.followed {
			lost++
		}
	}
	return lost >= j.through-j.from+1 || len(v.gaps) == maxGaps || len(v.bad) == maxGaps
}

// tail says what the checkpoint tells, or that there is none.
func (v *verifier) tail() {
	if v.checkpoint == nil {
		v.report.Tail = fmt.Sprintf("Without a checkpoint it cannot be told whether records after the last one, %d, were cut off.", v.last)
		return
	}
	c := v.checkpoint
	at := c.Time.Format(time.RFC3339)
	key, ok := v.keyFor(c.Chain)
	switch {
	case !ok:
		v.add(Problem{Kind: BadCheckpoint, Chain: c.Chain, Detail: fmt.Sprintf("there is no key %q, which it was made with: add it to the master keys", KeyID(c.Chain))})
	case !c.authentic(key):
		v.add(Problem{Kind: BadCheckpoint, Chain: c.Chain, Detail: "it was not made with this trail's key, or a character in it was changed"})
	case v.last < c.Number:
		v.add(Problem{Kind: Missing, Number: v.last + 1, Through: c.Number, Detail: fmt.Sprintf("cut off: there were %s when the checkpoint was made, at %s", plural(c.Number, "record"), at)})
		v.report.Tail = fmt.Sprintf("The end of the trail was cut off: there were %s at %s.", plural(c.Number, "record"), at)
		return
	case !v.reached:
		v.add(Problem{Kind: Rewritten, Number: c.Number, Detail: fmt.Sprintf("the trail up to here is not the one that the checkpoint was made of, at %s: it was cut off and written anew, or the checkpoint is another trail's", at)})
		v.report.Tail = "The trail is not the one that the checkpoint was made of."
		return
	default:
		v.report.TailProven = true
		v.report.Tail = fmt.Sprintf("Nothing was cut off up to record %d, the last when the checkpoint was made, at %s.", c.Number, at)
		if v.last > c.Number {
			v.report.Tail += fmt.Sprintf(" Whether records after the last one, %d, were cut off cannot be told.", v.last)
		}
		return
	}
	v.report.Tail = fmt.Sprintf("The checkpoint proves nothing, so it cannot be told whether records after the last one, %d, were cut off.", v.last)
}

func (g gap) problem() Problem {
	return Problem{Kind: Missing, Number: g.from, Through: g.to - 1, Detail: "not in the trail"}
}

// problem reports what is wrong with a record that is there.
func (v *verifier) problem(kind Kind, l *Link, detail string) {
	v.add(Problem{Kind: kind, Number: l.Number, Through: l.Number, Chain: l.Chain, Seq: l.Seq, EventID: eventID(l.Body), Detail: detail})
}

// eventID is that of a record, which need not be readable.
func eventID(body []byte) string {
	var named struct {
		EventID string `json:"eventID"`
	}
	_ = json.Unmarshal(body, &named)
	return named.EventID
}

// add counts a problem and keeps it while it may be among the first. Those that are known only at the end, whose
// number is bounded by what is remembered, may be so however many were found before.
func (v *verifier) add(p Problem) {
	v.report.Total++
	if v.ended || len(v.report.Problems) < MaxProblems {
		v.report.Problems = append(v.report.Problems, p)
	}
}

func plural(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
