package authz

import "testing"

func TestDecide_ResourcePatterns(t *testing.T) {
	tests := []struct {
		name, pattern, resource string
		want                    bool
	}{
		{"19 a star inside a field stays within it", "arn:aws:sns:us-*-1:123456789012:t", "arn:aws:sns:us-x:y-1:123456789012:t", false},
		{"19 a star inside a field matches there", "arn:aws:sns:us-*-1:123456789012:t", "arn:aws:sns:us-east-1:123456789012:t", true},
		{"19 a star that ends a field may reach beyond the colon", "arn:aws:sns:*:123456789012:t", "arn:aws:sns:us-east-1:x:123456789012:t", true},
		{"19 a question mark in a field is no colon", "arn:aws:sns:?:123456789012:t", "arn:aws:sns:::123456789012:t", false},
		{"19 the sixth field matches freely", "arn:aws:s3:::b/*/d", "arn:aws:s3:::b/c:c/c/d", true},
		{"20 a question mark is exactly one character", "arn:aws:s3:::b/?", "arn:aws:s3:::b/é", true},
		{"20 not none", "arn:aws:s3:::b/?", "arn:aws:s3:::b/", false},
		{"20 a newline is a character", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x\ny", true},
		{"20 a dot is a dot", "arn:aws:s3:::b.c", "arn:aws:s3:::bxc", false},
		{"20 a plus is a plus", "arn:aws:s3:::b+", "arn:aws:s3:::bb", false},
		{"21 case counts", "arn:aws:s3:::B", "arn:aws:s3:::b", false},
		{"22 a bucket is not its objects", "arn:aws:s3:::b", "arn:aws:s3:::b/k", false},
		{"22 objects are not the bucket", "arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"22 a star behind the name is both, and other buckets", "arn:aws:s3:::b*", "arn:aws:s3:::bc", true},
		{"23 an ARN is not everything", "arn:aws:s3:::*", "*", false},
		{"23 everything is", "*", "*", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, statements(`{"Effect":"Allow","Action":"*","Resource":"`+test.pattern+`"}`))}
			r := &Request{Action: MustAction("x:y"), Resource: test.resource}
			if got := p.Decide(r) == Allowed; got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
