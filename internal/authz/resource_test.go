package authz

import "testing"

func TestDecide_ResourcePatterns(t *testing.T) {
	tests := []struct {
		name, pattern, resource string
		want                    bool
	}{
		{"19 star inside a field, colon", "arn:aws:sns:us-*-1:123456789012:t", "arn:aws:sns:us-x:y-1:123456789012:t", false},
		{"19 star inside a field", "arn:aws:sns:us-*-1:123456789012:t", "arn:aws:sns:us-east-1:123456789012:t", true},
		{"19 star at the end of a field, colon", "arn:aws:sns:*:123456789012:t",
			"arn:aws:sns:us-east-1:x:123456789012:t", true},
		{"19 question mark in a field, colon", "arn:aws:sns:?:123456789012:t", "arn:aws:sns:::123456789012:t", false},
		{"19 colons in the sixth field", "arn:aws:s3:::b/*/d", "arn:aws:s3:::b/c:c/c/d", true},
		{"20 question mark, one character", "arn:aws:s3:::b/?", "arn:aws:s3:::b/é", true},
		{"20 question mark, no character", "arn:aws:s3:::b/?", "arn:aws:s3:::b/", false},
		{"20 newline", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x\ny", true},
		{"20 literal dot", "arn:aws:s3:::b.c", "arn:aws:s3:::bxc", false},
		{"20 literal plus", "arn:aws:s3:::b+", "arn:aws:s3:::bb", false},
		{"21 other case", "arn:aws:s3:::B", "arn:aws:s3:::b", false},
		{"22 bucket and an object", "arn:aws:s3:::b", "arn:aws:s3:::b/k", false},
		{"22 objects and the bucket", "arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"22 star after the name, other bucket", "arn:aws:s3:::b*", "arn:aws:s3:::bc", true},
		{"23 ARN pattern, resource *", "arn:aws:s3:::*", "*", false},
		{"23 pattern *, resource *", "*", "*", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity,
				statements(`{"Effect":"Allow","Action":"*","Resource":"`+test.pattern+`"}`))}
			r := &Request{Action: MustAction("x:y"), Resource: test.resource}
			if got := p.Decide(r) == Allowed; got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
