package simulation

import (
	"strings"
	"testing"
)

func TestCheckResource(t *testing.T) {
	for resource, want := range map[string]string{
		"*":                            "",
		"arn:aws:s3:::reports/1":       "",
		"arn:aws:s3:::reports/*":       "such as \"arn:aws:s3:::reports/example\"",
		"arn:aws:s3:::reports/202?":    "such as \"arn:aws:s3:::reports/202x\"",
		"reports/1":                    "is not an ARN",
		"arn:aws:s3":                   "is not an ARN",
		"arn:aws:iam::1234:user/ana:b": "",
	} {
		err := CheckResource(resource)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got error %v, want %q", resource, err, want)
		}
	}
}

func TestExplain_NotesPointlessResource(t *testing.T) {
	for resource, noted := range map[string]bool{
		"*":                false,
		"arn:aws:s3:::b/k": false,
		"arn:aws:s3:::b/*": true,
		"b/k":              true,
		"<unknown>":        false,
	} {
		question := `{"action": "s3:GetObject", "resource": "` + resource + `", "identity": ` + allowRead + `}`
		d := decode(t, question).Explain()
		if (len(d.Notes) > 0) != noted {
			t.Errorf("%s: got notes %q, want notes: %v", resource, d.Notes, noted)
		}
	}
}
