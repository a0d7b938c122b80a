package authz

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"time"
)

// decimal is a number as exact digits: no leading zeros in whole, no trailing
// ones in fraction. A float would make unequal numbers equal.
type decimal struct {
	negative        bool
	whole, fraction string
}

// parseDecimal reads [+-]digits[.digits]; exponents are no numbers here (point 47).
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative = s[0] == '-'
		s = s[1:]
	}
	whole, fraction, dot := strings.Cut(s, ".")
	if !digits(whole) || dot && !digits(fraction) {
		return d, false
	}
	d.whole = strings.TrimLeft(whole, "0")
	d.fraction = strings.TrimRight(fraction, "0")
	if d.whole == "" && d.fraction == "" {
		d.negative = false
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

// compare is negative, zero or positive as d is less than, equal to or greater
// than e.
func (d decimal) compare(e decimal) int {
	if d.negative != e.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	c := len(d.whole) - len(e.whole)
	if c == 0 {
		c = strings.Compare(d.whole, e.whole)
	}
	if c == 0 {
		c = strings.Compare(d.fraction, e.fraction)
	}
	if d.negative {
		return -c
	}
	return c
}

// parseDate reads ISO 8601 from the year to the second with its zone, or epoch
// seconds (point 48). Exactly four digits are a year.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
func parseDate(s string) (time.Time, bool) {
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
	return time.Date(year, time.Month(month), day, hour, minute, second, nano, time.UTC).Add(-time.Duration(zone) * time.Second), true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// parseAddress reads an address. An IPv4 address in IPv6 form stays IPv6.
func parseAddress(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a, true
}

// parseRange reads a CIDR range, whose host bits are ignored, or a single
// address (point 49).
func parseRange(s string) (netip.Prefix, bool) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p.Masked(), err == nil
	}
	a, ok := parseAddress(s)
	if !ok {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

// parseBool reads true or false in any case (point 51).
func parseBool(s string) (value, ok bool) {
	switch {
	case len(s) == 4 && strings.EqualFold(s, "true"):
		return true, true
	case len(s) == 5 && strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

func parseBinary(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && !strings.ContainsAny(s, "\r\n")
}

// arnFields cuts a text at its first five colons; ok says that it is an ARN.
func arnFields(s string) (fields [6]string, ok bool) {
	for i := 0; i < 5; i++ {
		end := strings.IndexByte(s, ':')
		if end < 0 {
			return fields, false
		}
		fields[i], s = s[:end], s[end+1:]
	}
	fields[5] = s
	return fields, fields[0] == "arn"
}
