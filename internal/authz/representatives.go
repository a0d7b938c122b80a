package authz

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// texts returns representatives of all values that the conditions on a key can distinguish. It also
// returns whether the list is complete.
func (t *keyTests) texts(s *search) ([]string, bool) {
	families := map[policy.Family][]*condition{}
	for _, c := range t.conditions {
		f := c.op.Comparison.Family()
		if f == policy.ArnFamily {
			f = policy.StringFamily // both compare text, so textRepresentatives handles them together
		}
		families[f] = append(families[f], c)
	}
	delete(families, policy.NullFamily)
	complete := len(families) <= 1
	out := []string{"value", "other"} // easy to read in a witness
	for family := policy.StringFamily; family <= policy.NullFamily; family++ {
		conditions := families[family]
		if len(conditions) == 0 {
			continue
		}
		switch family {
		case policy.StringFamily:
			words, all := textRepresentatives(conditions, t.within, s)
			out, complete = append(out, words...), complete && all
		case policy.NumericFamily:
			words, all := numberRepresentatives(conditions, s)
			out, complete = append(out, words...), complete && all
		case policy.DateFamily:
			out = append(out, dateRepresentatives(conditions)...)
		case policy.IPFamily:
			out = append(out, addressRepresentatives(conditions)...)
		case policy.BoolFamily:
			out = append(out, "true", "false", "neither")
			for _, c := range conditions {
				for i := range c.values {
					complete = complete && !c.values[i].text.HasVariables()
				}
			}
		case policy.BinaryFamily:
			out = append(out, "!")
			for _, c := range conditions {
				for _, v := range c.values {
					out = append(out, base64.StdEncoding.EncodeToString(v.binary),
						base64.StdEncoding.EncodeToString(append([]byte{0}, v.binary...)))
				}
			}
		}
	}
	if t.variable {
		complete = complete && len(families) == 0 // conditions may distinguish further values
		out = append(out, t.captured...)
		out = append(out, textUnlike(t.captured))
	}
	// Set operators and Null treat the empty text as absent. It comes last because another witness is easier to read.
	out = slices.DeleteFunc(out, func(text string) bool { return text == "" })
	return distinct(append(out, "")), complete
}

// textUnlike returns a text that differs from all of texts, because it is longer.
func textUnlike(texts []string) string {
	most := 0
	for _, text := range texts {
		most = max(most, len(text))
	}
	return strings.Repeat("x", most+1)
}

func distinct(texts []string) []string {
	seen := make(map[string]bool, len(texts))
	out := texts[:0]
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out
}

// textRepresentatives returns representatives for string and ARN operators. It also distinguishes the
// texts of the sets within which the value is.
func textRepresentatives(conditions []*condition, within []pattern.Set, s *search) ([]string, bool) {
	complete := true
	var tests []pattern.Term
	for _, set := range within {
		tests = append(append(tests, set.Required...), set.Excluded...)
	}
	arn := false
	for _, c := range conditions {
		for i := range c.values {
			v := &c.values[i]
			if v.unknown || !v.valid {
				continue
			}
			p, result := v.text.Fill(s.request.Context, nil)
			switch result {
			case pattern.NoValue:
				continue
			case pattern.Partial:
				complete = false
			}
			if c.op.Comparison == policy.ArnLike {
				arn = true
				fields := pattern.CutARN(p)
				if !isARN(&fields) {
					continue
				}
				p = fields.Fieldwise()
			}
			tests = append(tests, pattern.Term{Pattern: p, Fold: c.op.Comparison == policy.StringEqualsIgnoreCase})
		}
	}
	if arn { // distinguish ARNs from other texts
		anyARN := pattern.CutARN(pattern.Glob("arn"))
		tests = append(tests, pattern.Term{Pattern: anyARN.Fieldwise()})
	}
	words, all := pattern.Representatives(tests, &s.steps)
	return words, complete && all
}

// numberRepresentatives returns each number compared with, one between any two neighbours, one
// below and one above all, and a text that is not a number.
func numberRepresentatives(conditions []*condition, s *search) (words []string, complete bool) {
	var numbers []*big.Rat
	places := 0
	complete = true
	for _, c := range conditions {
		for _, v := range c.values {
			if v.unknown || !v.valid {
				continue
			}
			const maxDigits = 1000 // so that arithmetic stays cheap
			if s.steps -= 8; s.steps <= 0 || len(v.number.Whole)+len(v.number.Fraction) > maxDigits {
				complete = false
				continue
			}
			text := v.number.Whole + "." + v.number.Fraction + "0"
			if v.number.Negative {
				text = "-" + text
			} else if v.number.Whole == "" {
				text = "0" + text
			}
			if r, ok := new(big.Rat).SetString(text); ok {
				numbers = append(numbers, r)
				places = max(places, len(v.number.Fraction))
			}
		}
	}
	sort.Slice(numbers, func(i, j int) bool { return numbers[i].Cmp(numbers[j]) < 0 })
	out := []string{"no number"}
	add := func(r *big.Rat) {
		out = append(out, strings.TrimRight(strings.TrimRight(r.FloatString(places+1), "0"), "."))
	}
	for i, n := range numbers {
		if i == 0 {
			add(new(big.Rat).Sub(n, big.NewRat(1, 1)))
		} else {
			add(new(big.Rat).Mul(new(big.Rat).Add(numbers[i-1], n), big.NewRat(1, 2)))
		}
		add(n)
		if i == len(numbers)-1 {
			add(new(big.Rat).Add(n, big.NewRat(1, 1)))
		}
	}
	return out, complete
}

// dateRepresentatives returns each instant compared with, the instants just before and after it,
// and a text that is not a date. Operators distinguish dates to the nanosecond, and dates far from now
// to the second.
func dateRepresentatives(conditions []*condition) []string {
	out := []string{"no date"}
	for _, c := range conditions {
		for _, v := range c.values {
			if v.unknown || !v.valid {
				continue
			}
			for _, d := range []time.Duration{0, time.Second, -time.Second, 1, -1} {
				out = append(out, dateText(v.date.Add(d)))
			}
		}
	}
	return out
}

// dateText writes an instant so that ParseDate reads it. Outside the years 0 to 9999 only epoch
// seconds can; time zones extend that range by some hours.
func dateText(at time.Time) string {
	const farthest = 23*3600 + 59*60
	for _, zone := range []int{0, -farthest, farthest} {
		if local := at.In(time.FixedZone("", zone)); local.Year() >= 0 && local.Year() <= 9999 {
			return local.Format(time.RFC3339Nano)
		}
	}
	return strconv.FormatInt(at.Unix(), 10)
}

// addressRepresentatives returns the first address of each range and the first one after it, the
// first address of either family, and a text that is not an address. The operators treat all
// addresses between two of these alike.
func addressRepresentatives(conditions []*condition) []string {
	out := []string{"no address", "0.0.0.0", "::"}
	for _, c := range conditions {
		for _, v := range c.values {
			if v.unknown || !v.valid {
				continue
			}
			out = append(out, v.network.Addr().String())
			if next := lastAddress(v.network).Next(); next.IsValid() {
				out = append(out, next.String())
			}
		}
	}
	return out
}

func lastAddress(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}
