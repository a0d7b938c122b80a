package engine

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// checkDocument parses a policy document. It returns an error if the document is not valid for its kind of policy.
func checkDocument(text string, kind policy.Kind) (*policy.Document, error) {
	doc, err := policy.Parse([]byte(text))
	var found policy.Findings
	switch {
	case err == nil:
		found = policy.Check(doc, kind).Errors()
	case !errors.As(err, &found):
		return nil, err
	}
	return doc, malformed(found)
}

// malformed returns the error of the API for the errors of a policy document, or nil if there are none.
func malformed(found policy.Findings) error {
	if len(found) == 0 {
		return nil
	}
	more := ""
	if len(found) > 1 {
		more = fmt.Sprintf(" There are %d errors in all.", len(found))
	}
	return malformedPolicyDocument("%s%s", found[0], more)
}

// checkIdentityPolicy is checkDocument for a policy that the call stores. What it parsed serves the next snapshot of
// the account as well.
func (c *call) checkIdentityPolicy(text string) (*policy.Document, error) {
	doc, err := checkDocument(text, policy.Identity)
	if err == nil {
		c.engine.snapshots.empty(c.engine.account).PrepareIdentity(text, doc, &c.compiled)
	}
	return doc, err
}

// checkManaged checks a version of a managed policy that the call stores. Like AWS, it refuses new ones in the
// language version 2008-10-17.
func (c *call) checkManaged(text string, limits Limits) error {
	doc, err := c.checkIdentityPolicy(text)
	if err != nil {
		return err
	}
	return checkManagedDocument(doc, limits)
}

// checkManagedDocument checks what a managed policy needs besides what every identity policy needs. AWS accepts no
// new version in the language of 2008.
func checkManagedDocument(doc *policy.Document, limits Limits) error {
	if doc.Version.Value != policy.Version2012 {
		return malformedPolicyDocument("Policy document must be version 2012-10-17 or greater.")
	}
	if doc.Compact > limits.PolicySize {
		return limitExceeded("Cannot exceed quota for PolicySize: %d", limits.PolicySize)
	}
	return nil
}

// compactSize returns the size of a stored document as quotas count it: in characters without white
// space.
func compactSize(text string) (int, error) {
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		return 0, fmt.Errorf("measuring a policy: %w", err)
	}
	return doc.Compact, nil
}

// apiDocument returns a document as outputs have it: percent-encoded by RFC 3986, with a space as
// %20.
func apiDocument(text string) *string {
	return aws.String(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))
}
