package authz

import "math/bits"

// globBits matches tokens of any kind. It goes through the pattern once and
// keeps, as bits, all the places of the text where the rest of the pattern may
// begin. The work is the product of both lengths by 64, whatever they hold.
func globBits(tokens []token, s string) bool {
	m := newBitMatcher(s)
	m.at.add(0)
	for i := range tokens {
		switch t := &tokens[i]; t.kind {
		case literal:
			for j := 0; j < len(t.text); j++ {
				m.at.and(m.where(t.text[j]))
				m.at.shift()
			}
		case one:
			m.one()
		case fieldOne:
			m.at.and(m.notColon())
			m.one()
		case star:
			m.at.fill()
			m.at.and(m.starts)
		case fieldStar:
			m.at.flood(m.notColon())
			m.at.and(m.starts)
		}
		if m.at.empty() {
			return false
		}
	}
	return m.at.has(len(s))
}

type bitMatcher struct {
	text string
	at   bitSet
	// starts is where characters begin, and the end of the text.
	starts bitSet
	ascii  bool
	places [256]bitSet // of each byte
	within bitSet      // all places but those of a colon
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

// where is the places of a byte.
func (m *bitMatcher) where(c byte) bitSet {
	if m.places[c] == nil {
		m.places[c] = newBitSet(len(m.text) + 1)
		for i := 0; i < len(m.text); i++ {
			if m.text[i] == c {
				m.places[c].add(i)
			}
		}
	}
	return m.places[c]
}

// notColon is the places of characters that are no colon.
func (m *bitMatcher) notColon() bitSet {
	if m.within == nil {
		m.within = newBitSet(len(m.text) + 1)
		for i := 0; i < len(m.text); i++ {
			if m.text[i] != ':' {
				m.within.add(i)
			}
		}
	}
	return m.within
}

// one goes on by one character from every place but the end.
func (m *bitMatcher) one() {
	if m.ascii {
		m.at.remove(len(m.text))
		m.at.shift()
		return
	}
	next := newBitSet(len(m.text) + 1)
	for i := 0; i < len(m.text); i++ {
		if m.at.has(i) {
			next.add(i + width(m.text[i:]))
		}
	}
	m.at = next
}

// bitSet is a set of places in a text.
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

// shift moves every place on by one.
func (b bitSet) shift() {
	carry := uint64(0)
	for i, word := range b {
		b[i], carry = word<<1|carry, word>>63
	}
}

// fill adds every place behind the first.
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

// flood adds, from every place on, the places up to the first one behind it
// that is not in through: adding a run of ones carries to its end.
func (b bitSet) flood(through bitSet) {
	carry := uint64(0)
	for i, word := range b {
		var sum uint64
		sum, carry = bits.Add64(word&through[i], through[i], carry)
		b[i] = word | (sum ^ through[i])
	}
}
