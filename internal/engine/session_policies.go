package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// These limits apply to the policies and tags that a request passes to a session.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
const (
	maxSessionPolicies = 10
	// packedLimit limits the total characters of a session's policies, policy ARNs and tags. AWS packs
	// them into a binary form with an undocumented limit. Under this limit, a session token is as long
	// as a few HTTP headers at most.
	packedLimit = 8192
)

// passedPolicies has the session policies of a request.
type passedPolicies struct {
	documents, arns []string
	packedPercent   *int32 // the used share of packedLimit; nil if the request passes no policies and tags
}

// sessionPolicies checks the session policies of a request, and their total size together with the
// session tags.
func (c *call) sessionPolicies(document *string, descriptors []ststypes.PolicyDescriptorType,
	tags []credential.SessionTag) (passedPolicies, error) {
	var passed passedPolicies
	size := 0
	if document != nil {
		doc, err := checkSessionPolicy(*document)
		if err != nil {
			return passed, err
		}
		passed.documents, size = []string{*document}, doc.Compact
	}
	if len(descriptors) > maxSessionPolicies {
		return passed, packedPolicyTooLarge("PolicyArns contains %d ARNs; a session can have at most %d.",
			len(descriptors), maxSessionPolicies)
	}
	for _, d := range descriptors {
		arn := aws.ToString(d.Arn)
		if _, err := c.managedDocument(arn); err != nil {
			var missing *iamtypes.NoSuchEntityException
			var invalid *iamtypes.InvalidInputException
			if errors.As(err, &missing) || errors.As(err, &invalid) {
				err = malformedSessionPolicy("Policy %s does not exist or is not attachable.", arn)
			}
			return passed, err
		}
		passed.arns = append(passed.arns, arn)
		size += len(arn)
	}
	for _, t := range tags {
		size += len(t.Key) + len(t.Value)
	}
	if size == 0 {
		return passed, nil
	}
	percent := (size*100 + packedLimit - 1) / packedLimit
	if percent > 100 {
		return passed,
			packedPolicyTooLarge("Packed policy consumes %d%% of allotted space, please use smaller policy.", percent)
	}
	passed.packedPercent = aws.Int32(int32(percent))
	return passed, nil
}

// checkSessionPolicy parses and checks a session policy. If the policy has errors, it returns the
// error about the size, or else the first error.
func checkSessionPolicy(text string) (*policy.Document, error) {
	var findings policy.Findings
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		if !errors.As(err, &findings) {
			return nil, err
		}
	} else {
		findings = policy.Check(doc, policy.Session).Refusals()
	}
	tooLarge := func(f policy.Finding) bool { return f.Code == policy.CodeSessionSize }
	if i := slices.IndexFunc(findings, tooLarge); i >= 0 {
		return nil, packedPolicyTooLarge("%s", findings[i].Message)
	}
	if len(findings) > 0 {
		return nil, malformedSessionPolicy("%s", findings[0])
	}
	return doc, nil
}

func malformedSessionPolicy(format string, args ...any) error {
	return &ststypes.MalformedPolicyDocumentException{Message: aws.String(fmt.Sprintf(format, args...))}
}

func packedPolicyTooLarge(format string, args ...any) error {
	return &ststypes.PackedPolicyTooLargeException{Message: aws.String(fmt.Sprintf(format, args...))}
}

// newSessionTags converts and checks the session tags of a request.
func newSessionTags(tags []ststypes.Tag) ([]credential.SessionTag, error) {
	var converted []credential.SessionTag
	for _, t := range tags {
		tag := credential.SessionTag{Key: aws.ToString(t.Key), Value: aws.ToString(t.Value)}
		if reservedTag(tag.Key) || reservedTag(tag.Value) {
			return nil,
				invalidParameterValue("The tag %q has the prefix aws: in its key or value, which is reserved for AWS.", tag.Key)
		}
		if sessionTagIndex(converted, tag.Key) >= 0 {
			return nil, invalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		converted = append(converted, tag)
	}
	return converted, nil
}

func invalidParameterValue(format string, args ...any) error {
	return clientError("InvalidParameterValue", format, args...)
}

func sessionTagIndex(tags []credential.SessionTag, tagKey string) int {
	return slices.IndexFunc(tags, func(t credential.SessionTag) bool { return sameTagKey(t.Key, tagKey) })
}

// sessionTagKeys returns the context keys for the session tags in a request.
func sessionTagKeys(tags []credential.SessionTag) []contextKey {
	converted := make([]iamtypes.Tag, 0, len(tags))
	for _, t := range tags {
		converted = append(converted, iamtypes.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
	}
	return requestTags(converted)
}
