package policy

import (
	"regexp"
	"strconv"
	"strings"
)

// storedDate is the form of the dates that IAM stores under a date operator. It is wider than the form of the dates
// that [ParseDate] reads: recorded answers of CreatePolicy accept "01T", "2016-12-13t2:00:00.593194+23" and
// "-292275054", and refuse "sdfdsf", "234-13", an offset such as "+1" and a fraction of ten digits.
var storedDate = regexp.MustCompile(`^-?[0-9]{1,9}(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?` +
	`(?:[Tt](?:([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2})(?:\.[0-9]{1,9})?)?)?` +
	`(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?$`)

// storesDate reports whether IAM stores a policy with this value under a date operator.
func storesDate(s string) bool {
	if digits(s) { // seconds since 1970
		_, err := strconv.ParseInt(s, 10, 64)
		return err == nil
	}
	fields := storedDate.FindStringSubmatch(s)
	if fields == nil {
		return false
	}
	for i, limits := range [...][2]int{{1, 12}, {1, 31}, {0, 23}, {0, 59}, {0, 59}} {
		if text := fields[i+1]; text != "" {
			if n, _ := strconv.Atoi(strings.TrimLeft(text, "0")); n < limits[0] || n > limits[1] {
				return false
			}
		}
	}
	return true
}
