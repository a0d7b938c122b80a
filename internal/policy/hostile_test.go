package policy

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestParse_HostileDocuments checks that no document makes parsing or checking slow. A
// document of one MiB must take seconds at most, even on a slow machine.
func TestParse_HostileDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	statement := func(s string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny",` + s + `}]}`
	}
	fill := func(before, part, after string) string {
		n := (MaxSize - len(before) - len(after)) / len(part)
		return before + strings.Repeat(part, n) + after
	}
	numbered := func(part string) string {
		var b strings.Builder
		for i := 0; b.Len() < MaxSize-1000; i++ {
			b.WriteString(strings.ReplaceAll(part, "#", string(rune('a'+i%26))+strings.Repeat("x", i%7)+strconv.Itoa(i)))
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	withActions := statement(`"Action":[@],"Resource":"*"`)
	resources := statement(`"Action":"*","Resource":[@]`)
	insert := func(frame, inside string) string { return strings.Replace(frame, "@", inside, 1) }
	for name, text := range map[string]string{
		"nesting":          strings.Repeat("[", MaxSize),
		"nested objects":   strings.Repeat(`{"a":`, MaxSize/5),
		"numbers":          fill("[", "0,", "0]"),
		"empty objects":    fill("[", "{},", "{}]"),
		"wrong actions":    fill(`{"Statement":[{"Effect":"Deny","Resource":"*","Action":[`, `1,`, `1]}]}`),
		"unknown elements": `{"Statement":[{` + numbered(`"#":1,`) + `}]}`,
		"actions":          insert(withActions, numbered(`"s3:#",`)),
		"wildcard actions": insert(withActions, numbered(`"s3:*#*",`)),
		"stars": insert(withActions,
			`"s3:`+strings.Repeat("*a", 200_000)+`b","s3:`+strings.Repeat("a", 200_000)+`"`),
		"resources":           insert(resources, numbered(`"arn:aws:s3:::#*x*",`)),
		"bad resources":       insert(resources, numbered(`"arn:#:S3:X:Y:",`)),
		"dollars":             insert(resources, fill(`"arn:aws:s3:::`, "$", `"`)),
		"escaped dollars":     insert(resources, `"arn:aws:s3:::`+strings.Repeat("${$}", 200_000)+`"`),
		"variables":           insert(resources, `"arn:aws:s3:::`+strings.Repeat("${a}", 200_000)+`"`),
		"open variables":      insert(resources, `"arn:aws:s3:::`+strings.Repeat("${", 400_000)+`"`),
		"commas in variables": insert(resources, `"arn:aws:s3:::`+strings.Repeat("${a, '", 150_000)+`"`),
		"colons":              insert(resources, `"arn`+strings.Repeat(":", 900_000)+`"`),
		"condition keys": statement(`"Action":"*","Resource":"*","Condition":{"StringEquals":{` +
			numbered(`"aws:#":"x",`) + `}}`),
		"condition values": statement(`"Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:x":[` +
			numbered(`"#*",`) + `]}}`),
		"operators": statement(`"Action":"*","Resource":"*","Condition":{` + numbered(`"#":{},`) + `}`),
		"tag keys": statement(`"Action":"*","Resource":"*","Condition":{"StringLike":{` +
			numbered(`"aws:RequestTag/#":"x",`) + `}}`),
		"resources of many types": statement(`"Action":"ec2:*","Resource":[` + numbered(`"arn:aws:ec2:*:*:?*#?*x?",`) + `]`),
		"long resources of many types": statement(`"Action":"ec2:*","Resource":[` +
			numbered(`"arn:aws:ec2:*:*:?`+strings.Repeat("?*a", 250)+`#?",`) + `]`),
		"resources and many actions": statement(`"Action":[` + strings.Repeat(`"ec2:*a*","s3:*e*",`, 600) +
			`"s3:*"],"Resource":[` +
			numbered(`"arn:aws:s3:*:*:?*#?*x?",`)[:600_000] + `"]`),
		"keys and many actions": statement(`"Action":[` + strings.Repeat(`"ec2:*a*","s3:*e*",`, 600) +
			`"s3:*"],"Resource":"*","Condition":{"StringLike":{` + numbered(`"aws:RequestTag/#":"x",`)[:600_000] + `":"x"}}`),
		"statements": `{"Version":"2012-10-17","Statement":[` +
			numbered(`{"Sid":"#","Effect":"Allow","Action":"*","Resource":"*"},`) + `]}`,
		"principals": statement(`"Action":"sts:AssumeRole","Principal":{"AWS":[` +
			numbered(`"arn:aws:iam::123456789012:role/#",`) + `]}`),
		"a long string": insert(resources, `"arn:aws:s3:::`+strings.Repeat("x", 900_000)+`"`),
		"a long wrong operator": statement(`"Action":"*","Resource":"*","Condition":{"` + strings.Repeat("x",
			900_000) + `":{}}`),
		"escapes":  insert(resources, `"arn:aws:s3:::`+strings.Repeat(`\u00e9`, 150_000)+`"`),
		"too long": strings.Repeat(" ", MaxSize+1),
	} {
		t.Run(name, func(t *testing.T) {
			kind := Identity
			if strings.Contains(text, "Principal") {
				kind = Trust
			}
			start := time.Now()
			if n := len(Validate([]byte(text), kind)); n > maxFindings {
				t.Errorf("%d findings", n)
			}
			if doc, err := Parse([]byte(text)); err == nil {
				doc.Canonical()
			}
			spent := time.Since(start)
			t.Logf("%d bytes, %v", len(text), spent)
			if spent > time.Minute {
				t.Errorf("%d bytes took %v", len(text), spent)
			}
		})
	}
}
