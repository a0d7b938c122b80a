package bruteforce

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// formats are the resources of some actions, as AWS's service authorization reference describes them.
var formats = map[string]*regexp.Regexp{
	"s3:GetObject": regexp.MustCompile(
		`^arn:[^:]+:s3:(::[^:/]+/.+|[^:]+:[^:]+:accesspoint/[^/]+/object/.+)$`),
	"s3:ListBucket":         regexp.MustCompile(`^arn:[^:]+:s3:(::[^:/]+|[^:]+:[^:]+:accesspoint/[^/]+)$`),
	"s3:ListAllMyBuckets":   regexp.MustCompile(`^\*$`),
	"sqs:SendMessage":       regexp.MustCompile(`^arn:[^:]+:sqs:[^:]+:[^:]+:[^:/]+$`),
	"iam:GetUser":           regexp.MustCompile(`^arn:[^:]+:iam::[^:]+:user/.+$`),
	"ec2:DescribeInstances": regexp.MustCompile(`^\*$`),
}

// formatSpace returns a space about actions whose resources have formats.
func formatSpace() *space {
	s := &space{name: "formats", kind: policy.Identity}
	s.actions = slices.Sorted(maps.Keys(formats))
	s.resources = []string{"*", "arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:s3:::c", "arn:aws:s3:::c/b/k",
		"arn:aws-cn:s3:::b",
		"arn:aws:s3:eu-west-1:123456789012:accesspoint/b", "arn:aws:s3:eu-west-1:123456789012:accesspoint/b/object/k",
		"arn:aws:sqs:eu-west-1:123456789012:b", "arn:aws:sqs:us-east-1:111122223333:c",
		"arn:aws-cn:sqs:eu-west-1:123456789012:b",
		"arn:aws:iam::123456789012:user/bob", "arn:aws:iam::123456789012:user/a/bob", "arn:aws:iam::111122223333:user/ann",
		"arn:aws-cn:s3:::b/k"}
	s.fits = func(action, resource string) bool { return formats[action].MatchString(resource) }
	s.actionPatterns = []string{"s3:GetObject", "s3:*", "s3:List*", "sqs:SendMessage", "sqs:*", "iam:Get*",
		"ec2:Describe*", "iam:GetUser", "s3:ListAllMyBuckets", "s3:Get*"}
	s.resourcePatterns = []string{"arn:aws:s3:::*", "arn:aws:s3:::*/*", "arn:aws:s3:::b", "arn:aws:s3:::b/*",
		"arn:*:s3:*:*:*", "arn:aws:s3:::b*", "arn:aws:sqs:*:*:*", "arn:*:sqs:*:*:*", "arn:aws:sqs:*:123456789012:b",
		"arn:aws:iam::*:user/*",
		"arn:aws:iam::123456789012:*", "arn:*:iam::*:user/*", "arn:aws:sqs:eu-*:*", "arn:aws:s3:*:*:accesspoint/*",
		"arn:aws:ec2:*:*:instance/*"}
	return s
}

// isOf reports whether a resource is an ARN of a service, with a partition. The last field of an ARN can have more
// forms than AWS documents.
func isOf(resource, service string) bool {
	fields := strings.SplitN(resource, ":", 6)
	return len(fields) == 6 && fields[0] == "arn" && strings.HasPrefix(fields[1], "aws") && fields[2] == service &&
		fields[5] != ""
}

// TestNoNewAccess_AgreesOnResourceFormats asks about random pairs of policies for actions that the catalog knows. Their
// witnesses have resources of the right service.
func TestNoNewAccess_AgreesOnResourceFormats(t *testing.T) {
	t.Parallel()
	s := formatSpace()
	s.enumerate(t)
	r := rand.New(rand.NewPCG(0, 11))
	var c tally
	for range caseCount(t, 300, 20) {
		one := s.document(r)
		two := s.change(r, one)
		a, b := s.measure(t, one), s.measure(t, two)
		for _, sides := range [][2]*brute{{a, b}, {b, a}} {
			s.compare(t, sides[0], sides[1], analysis.Options{}, &c)
			answer := s.noNewAccess(t, sides[0].document, sides[1].document, analysis.Options{})
			if answer.Witness == nil {
				continue
			}
			action, resource := answer.Witness.Request.Action.String(), answer.Witness.Request.Resource
			service, _, _ := strings.Cut(action, ":")
			if formats[action] != nil && resource != "*" && !isOf(resource, service) {
				c.complain(t, fmt.Errorf("the witness is %s on %s", action, resource),
					fmt.Sprintf("existing %s\nnew      %s", sides[0].document, sides[1].document))
			}
		}
	}
	c.report(t, 0)
}

// TestNoNewAccess_ResourceFormats asks questions whose answer depends on the resources that a request can have.
func TestNoNewAccess_ResourceFormats(t *testing.T) {
	one := func(action, resource string) document {
		s := allow()
		s.actions, s.resources = []string{action}, []string{resource}
		return documentOf(s)
	}
	for _, tc := range []struct {
		name              string
		existing, updated document
		want, anyARN      analysis.Verdict
	}{
		{"an object has a slash", one("s3:GetObject", "arn:aws:s3:::*/*"), one("s3:GetObject", "arn:aws:s3:::*"),
			analysis.Pass, analysis.Fail},
		{"another bucket", one("s3:GetObject", "arn:aws:s3:::b/*"), one("s3:GetObject", "arn:aws:s3:::b*"),
			analysis.Fail, analysis.Fail},
		{"every queue", one("sqs:SendMessage", "arn:*:sqs:*:*:*"), one("sqs:SendMessage", "*"), analysis.Pass, analysis.Fail},
		{"another partition", one("sqs:SendMessage", "arn:aws:sqs:*:*:*"), one("sqs:SendMessage", "*"),
			analysis.Fail, analysis.Fail},
		{"an action without resources on an ARN", one("s3:GetObject", "*"),
			one("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/*"), analysis.Pass, analysis.Fail},
		{"an action without resources on everything", one("s3:GetObject", "*"), one("ec2:DescribeInstances", "*"),
			analysis.Fail, analysis.Fail},
		{"an unknown action", one("s3:GetObject", "*"), one("s3:GetUnknownThing", "arn:aws:s3:::b"),
			analysis.Fail, analysis.Fail},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &space{kind: policy.Identity}
			for _, asked := range []struct {
				options analysis.Options
				want    analysis.Verdict
			}{{analysis.Options{}, tc.want}, {analysis.Options{AnyARN: true}, tc.anyARN}} {
				answer := s.noNewAccess(t, tc.existing, tc.updated, asked.options)
				if answer.Verdict != asked.want {
					t.Errorf("%+v: %s, want %s: %s", asked.options, answer.Verdict, asked.want, answer.Message)
				}
			}
		})
	}
}
