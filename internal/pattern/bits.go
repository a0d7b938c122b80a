package pattern

import "math/bits"

// matchBits matches tokens of any kind but Variable. It goes through the pattern once. A set of bits
// contains all positions of the text at which the rest of the pattern may begin. The number of steps
// is at most the product of both lengths divided by 64.
func matchBits(tokens []Token, s string) bool {
	m := newBitMatcher(s)
	m.at.add(0)
	for i := range tokens {
		switch t := &tokens[i]; t.Kind {
		case Text:
			for j := range len(t.Text) {
				m.at.and(m.positionsOf(t.Text[j]))
				m.at.shift()
			}
		case One:
			m.advance()
		case FieldOne:
			m.at.and(m.notColon())
			m.advance()
		case Star:
			m.at.fill()
			m.at.and(m.starts)
		case FieldStar:
			m.at.flood(m.notColon())
			m.at.and(m.starts)
		default:
			return false // the value of a variable is not known
		}
		if m.at.empty() {
			return false
		}
	}
	return m.at.has(len(s))
}

// bitMatcher holds the text and the positions that matchBits has reached.
type bitMatcher struct {
	text string
	at   bitSet
	// starts holds the positions at which characters begin, and the end of the text.
	starts    bitSet
	ascii     bool
	bytes     [256]bitSet // the positions of each byte, computed at first use
	nonColons bitSet      // the positions of all other bytes than colons, computed at first use
}

func newBitMatcher(s string) *bitMatcher {
	m := &bitMatcher{text: s, at: newBitSet(len(s) + 1), starts: newBitSet(len(s) + 1), ascii: true}
	for i := 0; i < len(s); i += width(s[i:]) {
		m.starts.add(i)
		m.ascii = m.ascii && s[i] < 0x80
	}
	m.starts.add(len(s))
	return m
}

func (m *bitMatcher) positionsOf(c byte) bitSet {
	if m.bytes[c] == nil {
		m.bytes[c] = newBitSet(len(m.text) + 1)
		for i := range len(m.text) {
			if m.text[i] == c {
				m.bytes[c].add(i)
			}
		}
	}
	return m.bytes[c]
}

func (m *bitMatcher) notColon() bitSet {
	if m.nonColons == nil {
		m.nonColons = newBitSet(len(m.text) + 1)
		for i := range len(m.text) {
			if m.text[i] != ':' {
				m.nonColons.add(i)
			}
		}
	}
	return m.nonColons
}

// advance moves every position other than the end by one character.
func (m *bitMatcher) advance() {
	if m.ascii {
		m.at.remove(len(m.text))
		m.at.shift()
		return
	}
	next := newBitSet(len(m.text) + 1)
	for i := range len(m.text) {
		if m.at.has(i) {
			next.add(i + width(m.text[i:]))
		}
	}
	m.at = next
}

// bitSet is a set of positions in a text.
type bitSet []uint64

func newBitSet(n int) bitSet { return make(bitSet, n/64+1) }

func (b bitSet) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitSet) remove(i int)   { b[i/64] &^= 1 << (i % 64) }
func (b bitSet) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b bitSet) empty() bool {
	for _, word := range b {
		if word != 0 {
			return false
		}
	}
	return true
}

func (b bitSet) and(other bitSet) {
	for i := range b {
		b[i] &= other[i]
	}
}

// shift moves every position by one.
func (b bitSet) shift() {
	carry := uint64(0)
	for i, word := range b {
		b[i], carry = word<<1|carry, word>>63
	}
}

// fill adds every position after the first one.
func (b bitSet) fill() {
	found := false
	for i, word := range b {
		switch {
		case found:
			b[i] = ^uint64(0)
		case word != 0:
			found = true
			b[i] = ^uint64(0) << bits.TrailingZeros64(word)
		}
	}
}

// flood adds, after every position, the positions up to the next one that is not in through: adding
// a run of ones carries to its end.
func (b bitSet) flood(through bitSet) {
	carry := uint64(0)
	for i, word := range b {
		var sum uint64
		sum, carry = bits.Add64(word&through[i], through[i], carry)
		b[i] = word | (sum ^ through[i])
	}
}
