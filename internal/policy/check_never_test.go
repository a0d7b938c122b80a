package policy

import (
	"strings"
	"testing"
)

func TestCheck_ValueThatNeverMatches(t *testing.T) {
	for name, tt := range map[string]struct {
		condition string
		code      Code
		message   string // the message in an Allow
	}{
		"47 text under a numeric operator": {`"NumericGreaterThan":{"aws:MultiFactorAuthAge":"1h"}`, CodeTypeNumber,
			`"1h" under NumericGreaterThan never matches, because it is not a number. Write digits, with a decimal point if ` +
				`need be and no exponent.`},
		"47 negated numeric operator": {`"NumericNotEquals":{"s3:max-keys":["10","ten"]}`, CodeTypeNumber,
			`NumericNotEquals with "ten" is false for every value of "s3:max-keys", because it is not a number. Write digits, ` +
				`with a decimal point if need be and no exponent.`},
		"48 impossible date": {`"DateGreaterThan":{"aws:CurrentTime":"2030-02-30"}`, CodeTypeDate,
			`"2030-02-30" under DateGreaterThan never matches, because it is not a date. Write an ISO 8601 date, such as ` +
				`"2030-01-31" or "2030-01-31T12:00:00Z".`},
		"49 impossible range under a negated operator": {`"NotIpAddress":{"aws:SourceIp":"10.0.0.0/33"}`, CodeTypeIP,
			`NotIpAddress with "10.0.0.0/33" is false for every value of "aws:SourceIp", because it is neither an address nor ` +
				`a range. Write it as in "203.0.113.0/24" or "2001:db8::/32".`},
		"51 word under Bool": {`"Bool":{"aws:SecureTransport":"no"}`, CodeTypeBoolean,
			`"no" under Bool never matches, because it is neither true nor false. Write one of them.`},
		"46 negated ARN operator": {`"ArnNotEquals":{"aws:SourceArn":"bucket"}`, CodeTypeARN,
			`ArnNotEquals with "bucket" is false for every value of "aws:SourceArn", because it is not an ARN of six fields, ` +
				`arn:partition:service:region:account:resource. Write all six, with "*" where any will do.`},
	} {
		t.Run(name, func(t *testing.T) {
			for effect, kind := range map[string]FindingKind{"Allow": Warning, "Deny": Error} {
				findings := Validate([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"`+effect+
					`","Action":"s3:ListBucket","Resource":"*","Condition":{`+tt.condition+`}}}`), Identity)
				if len(findings) != 1 || findings[0].Code != tt.code || findings[0].Kind != kind {
					t.Errorf("%s: got %v, want one finding %s %s", effect, findings, kind, tt.code)
					continue
				}
				message := findings[0].Message
				if effect == "Deny" {
					message = strings.Replace(message, ", so the Deny does not apply to the requests that it seems to forbid.", ".", 1)
				}
				if message != tt.message {
					t.Errorf("%s: got the message\n%s\nwant\n%s", effect, findings[0].Message, tt.message)
				}
				if refusals := findings.Refusals(); len(refusals) > 0 {
					t.Errorf("%s: the finding is a refusal, but AWS stores the policy: %v", effect, refusals)
				}
			}
		})
	}
}

func TestFindings_Refusals(t *testing.T) {
	findings := Validate([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":[],"Resource":"*",`+
		`"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}},`+
		`{"Effect":"Deny","Action":"payroll: Read","Resource":"*"}]}`), Identity)
	if got := findings.Refusals(); len(findings.Errors()) != 3 || len(got) != 1 || got[0].Code != CodeEmptyArrayAction {
		t.Errorf("got the refusals %v of %v, want %s only", got, findings, CodeEmptyArrayAction)
	}
}
