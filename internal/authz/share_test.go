package authz

import (
	"sync"
	"testing"
)

// TestPolicies_SharedByGoroutines decides in several goroutines that share policies, layers and a
// request. The race detector checks that they only read them.
func TestPolicies_SharedByGoroutines(t *testing.T) {
	conditional := `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bkt/*${aws:username}*",` +
		`"Condition":{"StringLike":{"k":["a*","*b"]},"ForAnyValue:StringLike":{"l":"c*"}}}`
	p := Policies{
		Identity: layerOf(t, Identity, statements(conditional)),
		ResourcePolicy: layerOf(t, ResourcePolicy,
			statements(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",`+
				`"Condition":{"IpAddress":{"k":"10.0.0.0/8"}}}`)),
	}
	r := request(t, bob, `{"k":null,"aws:username":"k"}`)
	outcome, could, reason := p.Decide(r), p.CouldAllow(r), p.Explain(r).Reason
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				if p.Decide(r) != outcome || p.CouldAllow(r) != could || p.Explain(r).Reason != reason {
					t.Error("the answer differs")
				}
			}
		})
	}
	all.Wait()
}

func TestDecide_AllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	p := Policies{
		Identity: layerOf(t, Identity, statements(
			`{"Effect":"Allow","Action":["s3:Get*","s3:PutObject"],`+
				`"Resource":["arn:aws:s3:::bkt/${aws:username}/*","arn:aws:s3:::bkt/*"],`+
				`"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"NumericLessThan":{"n":"7"}}}`,
			`{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}`,
			`{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::bkt/*",`+
				`"Condition":{"ArnNotLike":{"a":"arn:aws:iam::*:role/${aws:username}"},"Bool":{"aws:SecureTransport":"false"}}}`,
			`{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:us-*-1::bkt/*",`+
				`"Condition":{"ForAnyValue:StringLike":{"l":["x*","*y"]},"DateLessThan":{"d":"2024-01-01T00:00:00Z"}}}`)),
		Boundary: layerOf(t, Boundary, statements(allowAll)),
		ResourcePolicy: layerOf(t, ResourcePolicy,
			statements(`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"*"}`)),
		ServiceControl: []*Layer{layerOf(t, ServiceControl, statements(allowAll))},
	}
	r := request(t, bob,
		`{"aws:username":"bob","aws:SourceIp":"10.1.2.3","n":"3.5","a":"arn:aws:iam::123456789012:role/x",`+
			`"l":["a","b"],"d":"2024-05-05T00:00:00Z","aws:SecureTransport":"true"}`)
	if got := p.Decide(r); got != Allowed {
		t.Errorf("%s", got)
	}
	if n := testing.AllocsPerRun(100, func() { p.Decide(r) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
