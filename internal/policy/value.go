package policy

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"time"
)

// Number is an exact decimal number, without leading zeros in Whole and without
// trailing zeros in Fraction. A float would make unequal numbers equal.
type Number struct {
	Negative        bool
	Whole, Fraction string
}

// ParseNumber parses [+-]digits[.digits]. It refuses exponents (rule 47).
func ParseNumber(s string) (Number, bool) {
	var d Number
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.Negative = s[0] == '-'
		s = s[1:]
	}
	whole, fraction, dot := strings.Cut(s, ".")
	if !digits(whole) || dot && !digits(fraction) {
		return d, false
	}
	d.Whole = strings.TrimLeft(whole, "0")
	d.Fraction = strings.TrimRight(fraction, "0")
	if d.Whole == "" && d.Fraction == "" {
		d.Negative = false
	}
	return d, true
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Compare returns a negative number, zero or a positive number if d is less than,
// equal to or greater than e.
func (d Number) Compare(e Number) int {
	if d.Negative != e.Negative {
		if d.Negative {
			return -1
		}
		return 1
	}
	c := len(d.Whole) - len(e.Whole)
	if c == 0 {
		c = strings.Compare(d.Whole, e.Whole)
	}
	if c == 0 {
		c = strings.Compare(d.Fraction, e.Fraction)
	}
	if d.Negative {
		return -c
	}
	return c
}

// ParseDate parses an ISO 8601 date, from the year to the second with its zone, or epoch
// seconds (rule 48). Exactly four digits are a year.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
func ParseDate(s string) (time.Time, bool) {
	if t := strings.TrimPrefix(s, "-"); digits(t) && !(len(s) == 4 && t == s) {
		if len(t) > 18 {
			return time.Time{}, false
		}
		var seconds int64
		for i := 0; i < len(t); i++ {
			seconds = seconds*10 + int64(t[i]-'0')
		}
		if t != s {
			seconds = -seconds
		}
		return time.Unix(seconds, 0).UTC(), true
	}
	number := func(from, to int) (int, bool) {
		if to > len(s) || !digits(s[from:to]) {
			return 0, false
		}
		n := 0
		for _, c := range s[from:to] {
			n = n*10 + int(c-'0')
		}
		return n, true
	}
	at := func(i int, c byte) bool { return i < len(s) && s[i] == c }

	year, ok := number(0, 4)
	if !ok {
		return time.Time{}, false
	}
	month, day, hour, minute, second, nano := 1, 1, 0, 0, 0, 0
	zone := 0 // seconds east of UTC
	if len(s) > 4 {
		if month, ok = number(5, 7); !ok || !at(4, '-') || month < 1 || month > 12 {
			return time.Time{}, false
		}
	}
	if len(s) > 7 {
		if day, ok = number(8, 10); !ok || !at(7, '-') || day < 1 || day > daysIn(year, month) {
			return time.Time{}, false
		}
	}
	if len(s) > 10 {
		var ok2 bool
		hour, ok = number(11, 13)
		minute, ok2 = number(14, 16)
		if !ok || !ok2 || !at(10, 'T') || !at(13, ':') || hour > 23 || minute > 59 {
			return time.Time{}, false
		}
		i := 16
		if at(i, ':') {
			if second, ok = number(17, 19); !ok || second > 59 {
				return time.Time{}, false
			}
			i = 19
			if at(i, '.') {
				from := i + 1
				for i = from; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
				}
				if i == from || i-from > 9 {
					return time.Time{}, false
				}
				for j := 0; j < 9; j++ {
					nano *= 10
					if from+j < i {
						nano += int(s[from+j] - '0')
					}
				}
			}
		}
		switch {
		case at(i, 'Z') && i+1 == len(s):
		case (at(i, '+') || at(i, '-')) && i+6 == len(s) && s[i+3] == ':':
			h, okH := number(i+1, i+3)
			m, okM := number(i+4, i+6)
			if !okH || !okM || h > 23 || m > 59 {
				return time.Time{}, false
			}
			zone = h*3600 + m*60
			if s[i] == '-' {
				zone = -zone
			}
		default:
			return time.Time{}, false
		}
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nano,
		time.UTC).Add(-time.Duration(zone) * time.Second), true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// ParseAddress parses an IP address. An IPv4 address in IPv6 form remains IPv6.
func ParseAddress(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a, true
}

// ParseRange parses a CIDR range or a single address (rule 49). It keeps host bits, which have no effect.
func ParseRange(s string) (netip.Prefix, bool) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p, err == nil
	}
	a, ok := ParseAddress(s)
	if !ok {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

// ParseBool parses true or false in any case (rule 51).
func ParseBool(s string) (value, ok bool) {
	switch {
	case len(s) == 4 && strings.EqualFold(s, "true"):
		return true, true
	case len(s) == 5 && strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

// ParseBinary parses standard base64 with padding (rule 50).
func ParseBinary(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && !strings.ContainsAny(s, "\r\n")
}
