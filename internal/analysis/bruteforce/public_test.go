package bruteforce

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// publicSpace returns a space about policies of a bucket. All of its requests come from strangers: no policy names
// their account, and the keys that a grant may be pinned to are absent or have values of which no policy knows.
func publicSpace() *space {
	s := &space{name: "strangers", kind: policy.Resource, conditional: 75}
	for _, principal := range []string{"arn:aws:iam::777788889999:user/eve", anonymous} {
		s.principals = append(s.principals, authz.MustPrincipal(principal))
	}
	s.actions, s.resources = []string{"x:a"}, []string{"arn:aws:s3:::b/k"}
	s.keys = []bruteKey{
		{"aws:SourceIp", absentOr(single("198.18.0.9"))},
		{"aws:PrincipalOrgID", absentOr(single("o-fresh99999"))},
		{"aws:SourceVpce", absentOr(single("vpce-0fresh0fresh0fres"))},
		{"aws:SourceArn", absentOr(single("arn:aws:sns:eu-west-1:777788889999:fresh"))},
		{"aws:UserAgent", absentOr(single("a", "b"))},
	}
	s.principalLists = []map[string][]string{{"AWS": {"123456789012"}}, {"AWS": {bob}}, {"AWS": {"*"}}, {"Service": {ec2}},
		{"AWS": {"123456789012", "*"}}}
	s.conditions = slices.Concat(
		addresses.with([]string{"203.0.113.0/24"}, []string{"192.0.2.1", "203.0.113.0/24"}, []string{"128.0.0.0/1"}).
			conditions("aws:SourceIp"),
		compact.with([]string{"o-a1b2c3d4e5"}, []string{"o-*"}, []string{"o-a1b2c3d4e5", "o-f6g7h8i9j0"}).
			conditions("aws:PrincipalOrgID"),
		compact.with([]string{"vpce-0123456789abcdef0"}).conditions("aws:SourceVpce"),
		arns.with([]string{"arn:aws:sns:eu-west-1:123456789012:topic"}, []string{"arn:aws:sns:*:*:*"}).
			conditions("aws:SourceArn"),
		compact.with([]string{"a"}, []string{"*"}).conditions("aws:UserAgent"))
	return s
}

// TestNotPublic_AgreesWithBruteForce asks whether random policies of a bucket are not public. A policy is public if it
// allows a request by a stranger.
func TestNotPublic_AgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	s := publicSpace()
	s.enumerate(t)
	r := rand.New(rand.NewPCG(0, 12))
	none := s.measure(t, s.nothing())
	var c tally
	for range caseCount(t, 600, 50) {
		d := s.measure(t, s.document(r))
		answer, err := analysis.NotPublic("AWS::S3::Bucket", policiesOf(t, d.document.String()), analysis.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, d.document)
		}
		c.count(answer, d.allowed.firstNotIn(none.allowed) >= 0)
		if err := s.judge(t, answer, none, d); err != nil {
			c.complain(t, err, fmt.Sprint(d.document))
		}
	}
	c.report(t, 2)
}
