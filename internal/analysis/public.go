package analysis

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// publicTypes are the resource types of AWS's CheckNoPublicAccess.
// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoPublicAccess.html
var publicTypes = []string{
	"AWS::ApiGateway::RestApi", "AWS::Backup::BackupVault", "AWS::CloudTrail::Dashboard",
	"AWS::CloudTrail::EventDataStore",
	"AWS::CodeArtifact::Domain", "AWS::DynamoDB::Stream", "AWS::DynamoDB::Table", "AWS::EFS::FileSystem",
	"AWS::IAM::AssumeRolePolicyDocument", "AWS::KMS::Key", "AWS::Kinesis::Stream", "AWS::Kinesis::StreamConsumer",
	"AWS::Lambda::Function", "AWS::OpenSearchService::Domain", "AWS::S3::AccessPoint", "AWS::S3::Bucket",
	"AWS::S3::Glacier",
	"AWS::S3Express::AccessPoint", "AWS::S3Express::DirectoryBucket", "AWS::S3Outposts::AccessPoint",
	"AWS::S3Outposts::Bucket",
	"AWS::S3Tables::Table", "AWS::S3Tables::TableBucket", "AWS::SNS::Topic", "AWS::SQS::Queue",
	"AWS::SecretsManager::Secret",
}

// pinningKeys are the keys that limit a grant to known callers if a condition compares them with fixed values.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
var pinningKeys = map[string]bool{
	"aws:principalaccount": true, "aws:principalarn": true, "aws:principalorgid": true, "aws:principalorgpaths": true,
	"aws:principalservicename": true, "aws:sourceaccount": true, "aws:sourcearn": true, "aws:sourceip": true,
	"aws:sourceorgid": true, "aws:sourceorgpaths": true, "aws:sourceowner": true, "aws:sourcevpc": true,
	"aws:sourcevpcarn": true,
	"aws:sourcevpce":   true, "aws:userid": true, "aws:vpceaccount": true, "aws:vpceorgid": true, "aws:vpceorgpaths": true,
	"aws:vpcsourceip": true, "kms:calleraccount": true, "s3:dataaccesspointaccount": true, "s3:dataaccesspointarn": true,
}

// The broadest address ranges that pin a grant.
const (
	broadestIPv4 = 8
	broadestIPv6 = 32
)

// privateIPv6 are ranges of private addresses, which pin a grant whatever their size is. Those of IPv4 are small
// enough.
var privateIPv6 = []netip.Prefix{netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10")}

// pins reports whether an address range is small enough to pin a grant.
func pins(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() >= broadestIPv4
	}
	return p.Bits() >= broadestIPv6 || slices.ContainsFunc(privateIPv6, func(q netip.Prefix) bool {
		return p.Bits() >= q.Bits() && q.Contains(p.Addr())
	})
}

// strangers returns a policy that allows the requests in which no pinning key has a fixed value of the documents.
func (d *documents) strangers() (*authz.Layer, error) {
	texts, ranges, written := map[string][]string{}, map[string][]string{}, map[string]string{}
	for _, view := range d.views {
		for _, c := range view.Conditions {
			if !pinningKeys[c.Key] {
				continue
			}
			written[c.Key] = c.Written
			for i := range c.Values {
				v := &c.Values[i]
				switch c.Operator.Comparison.Family() {
				case policy.StringFamily, policy.ArnFamily:
					if text, fixed := v.Text.LiteralText(); fixed && text != "" && !strings.Contains(text, "${") {
						texts[c.Key] = append(texts[c.Key], text)
					}
				case policy.IPFamily:
					if v.Valid && pins(v.Network) {
						ranges[c.Key] = append(ranges[c.Key], v.Network.String())
					}
				}
			}
		}
	}
	conditions := map[string]map[string][]string{}
	add := func(operator, key string, values []string) {
		if conditions[operator] == nil {
			conditions[operator] = map[string][]string{}
		}
		conditions[operator][written[key]] = values
	}
	for key, values := range texts {
		add("StringNotEqualsIgnoreCase", key, values)
		add("ForAllValues:StringNotEqualsIgnoreCase", key, values)
	}
	for key, values := range ranges {
		add("NotIpAddress", key, values)
		add("ForAllValues:NotIpAddress", key, values)
	}
	statement := map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}
	if len(conditions) > 0 {
		statement["Condition"] = conditions
	}
	text, err := json.Marshal(map[string]any{"Version": policy.Version2008, "Statement": statement})
	if err != nil {
		return nil, err
	}
	doc, err := policy.Parse(text)
	if err != nil {
		return nil, err
	}
	return authz.CompileLayer(authz.Identity, []authz.Policy{{Name: everything, Document: doc}})
}

// public searches a request of a caller that the documents do not name and that no fixed value of a pinning key
// describes.
func (d *documents) public(resourceType string, o Options) (Answer, error) {
	strangers, err := d.strangers()
	if err != nil {
		return Answer{}, fmt.Errorf("cannot describe the callers that the policy does not name: %w", err)
	}
	ask := question{o, func(s *solver, more, less bound) (*query, bool) {
		own, scope := d.rules(s, more, less), d.scope(s)
		var stranger *rule
		for view := range strangers.Statements() {
			stranger, _, _ = s.rule(view, most)
		}
		q := &query{s: s, anyARN: o.AnyARN, skip: refusedAction, callers: s.strangers()}
		for _, allow := range own.allows {
			q.clauses = append(q.clauses, clause{wanted: concat(scope, []*rule{allow, stranger}), avoided: own.denies})
		}
		q.answers = func(r *authz.Request) (bool, bool) {
			outcome := d.decide(r)
			return outcome == authz.Allowed, outcome != authz.Undecided
		}
		return q, own.certain
	}}
	q, st := ask.answer()
	return q.reply(st, fmt.Sprintf("The policy gives no public access to the %s.", resourceType), d.views,
		func(w *Witness) (string, []authz.StatementRef) {
			return fmt.Sprintf("The policy gives public access: it allows %s.", w), d.allowing(&w.Request)
		}), nil
}

// strangers returns the callers of an account that no rule mentions, and the anonymous caller.
func (s *solver) strangers() []caller {
	n := s.namedPrincipals()
	out := []caller{s.fixed(authz.MustPrincipal("anonymous"))}
	prefix := "arn:aws:iam::" + n.accounts[len(n.accounts)-1] + ":"
	return append(out, s.someUser(prefix, &n), s.someSession(prefix, &n), s.fixed(authz.MustPrincipal(prefix+"root")))
}
