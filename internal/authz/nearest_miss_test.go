package authz

import (
	"fmt"
	"testing"
)

// TestNearestMiss_IsClosest checks which of several statements is named for the request s3:GetObject on
// arn:aws:s3:::bkt/k. Each case names the nearest statement first, and the test tries both orders.
func TestNearestMiss_IsClosest(t *testing.T) {
	allow := func(action, resource string, conditions ...string) string {
		condition := ""
		for i, key := range conditions {
			if i > 0 {
				condition += ","
			}
			condition += fmt.Sprintf("%q:%q", key, "x")
		}
		return fmt.Sprintf(`"Effect":"Allow","Action":%q,"Resource":%q,"Condition":{"StringEquals":{%s}}`, action, resource,
			condition)
	}
	const object, bucket = "arn:aws:s3:::bkt/k", "arn:aws:s3:::other/*"
	for _, test := range []struct {
		name       string
		near, far  string
		boundary   bool // the statements belong to the boundary
		delegating bool // far belongs to the resource's policy and names the account
	}{
		{name: "one condition before another resource", near: allow("s3:GetObject", object, "k"),
			far: allow("s3:GetObject", bucket)},
		{name: "three conditions before another resource", near: allow("s3:*", "*", "k", "l", "m"),
			far: allow("s3:GetObject", bucket)},
		{name: "one condition before two", near: allow("*", "*", "k"), far: allow("s3:GetObject", object, "k", "l")},
		{name: "condition before another action", near: allow("s3:GetObject", object, "k"), far: allow("s3:PutObject",
			object)},
		{name: "another resource before another action", near: allow("s3:GetObject", bucket),
			far: allow("s3:PutObject", object)},
		{name: "another resource and a condition before another action", near: allow("s3:GetObject", bucket, "k"),
			far: allow("s3:PutObject", object)},
		{name: "another resource before a resource and a condition", near: allow("s3:GetObject", bucket),
			far: allow("s3:GetObject", bucket, "k")},
		{name: "another action of the service before another service", near: allow("s3:PutObject", object),
			far: allow("ec2:GetObject", "*")},
		{name: "the service on another resource before another service on all", near: allow("s3:PutObject", bucket, "k"),
			far: allow("ec2:*", "*")},
		{name: "service with a wildcard before another service", near: allow("s*:PutObject", bucket), far: allow("ec2:*",
			"*")},
		{name: "action with the same beginning", near: allow("s3:GetBucketAcl", object), far: allow("s3:PutObject", object)},
		{name: "resource with the same beginning", near: allow("s3:GetObject", "arn:aws:s3:::bkt/reports/*"),
			far: allow("s3:GetObject", "arn:aws:s3:::logs/*")},
		{name: "resource of the bucket before another service", near: allow("s3:GetObject", "arn:aws:s3:::bkt"),
			far: allow("s3:GetObject", "arn:aws:sqs:*:*:*")},
		{name: "boundary", boundary: true, near: allow("s3:GetObject", object, "k"), far: allow("s3:GetObject", bucket)},
		{name: "another resource before a statement that delegates", delegating: true, near: allow("s3:GetObject", bucket),
			far: `"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":{"AWS":"123456789012"}`},
		{name: "exempt action after another resource", near: allow("s3:GetObject", bucket),
			far: `"Effect":"Allow","NotAction":"s3:*","Resource":"*"`},
		{name: "exempt resource after a condition", near: allow("s3:GetObject", object, "k"),
			far: `"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::bkt/*"`},
	} {
		for _, reversed := range []bool{false, true} {
			t.Run(fmt.Sprint(test.name, " reversed ", reversed), func(t *testing.T) {
				near, far := `{"Sid":"Near",`+test.near+"}", `{"Sid":"Far",`+test.far+"}"
				both := statements(near, far)
				if reversed {
					both = statements(far, near)
				}
				var p Policies
				switch {
				case test.delegating:
					p.Identity = layerOf(t, Identity, statements(near))
					p.ResourcePolicy = layerOf(t, ResourcePolicy, statements(far))
				case test.boundary:
					p.Identity = layerOf(t, Identity, statements(allowAll))
					p.Boundary = layerOf(t, Boundary, both)
				default:
					p.Identity = layerOf(t, Identity, both)
				}
				d := p.Explain(request(t, bob, ""))
				if d.NearestMiss == nil || d.NearestMiss.Sid != "Near" {
					t.Errorf("got the nearest miss %v of %s, want Near", d.NearestMiss, d.Reason)
				}
			})
		}
	}
}
