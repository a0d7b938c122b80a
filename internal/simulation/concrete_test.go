package simulation

import (
	"strings"
	"testing"
)

func TestConcrete(t *testing.T) {
	for resource, want := range map[string]string{
		"*":                            "",
		"arn:aws:s3:::reports/1":       "",
		"arn:aws:s3:::reports/*":       "such as \"arn:aws:s3:::reports/example\"",
		"arn:aws:s3:::reports/202?":    "such as \"arn:aws:s3:::reports/202x\"",
		"reports/1":                    "is no ARN",
		"arn:aws:s3":                   "is no ARN",
		"arn:aws:iam::1234:user/ana:b": "",
	} {
		err := Concrete(resource)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", resource, err, want)
		}
	}
}

func TestResourceThatNothingMatchesIsNoted(t *testing.T) {
	for resource, noted := range map[string]bool{"*": false, "arn:aws:s3:::b/k": false, "arn:aws:s3:::b/*": true, "b/k": true, "<unknown>": false} {
		d := decode(t, `{"action": "s3:GetObject", "resource": "`+resource+`", "identity": `+allowRead+`}`).Explain()
		if (len(d.Notes) > 0) != noted {
			t.Errorf("%s: notes %q", resource, d.Notes)
		}
	}
}
