package engine

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// checkDocument parses a policy document. It returns an error if the document is not valid for its
// kind of policy.
func checkDocument(text string, kind policy.Kind) (*policy.Document, error) {
	doc, err := policy.Parse([]byte(text))
	var findings policy.Findings
	switch {
	case err == nil:
		findings = policy.Check(doc, kind).Refusals()
	case !errors.As(err, &findings):
		return nil, err
	}
	return doc, policyErrors(findings)
}

// policyErrors returns the API's error for the errors in a policy document, or nil if there are none.
func policyErrors(findings policy.Findings) error {
	if len(findings) == 0 {
		return nil
	}
	return malformedPolicyDocument("%s", summarizeFindings(findings))
}

// summarizeFindings returns the first error of a policy document, with the number of errors if there are several.
func summarizeFindings(findings policy.Findings) string {
	if len(findings) == 1 {
		return findings[0].String()
	}
	return fmt.Sprintf("%s The document has %d errors in total.", findings[0], len(findings))
}

// checkIdentityPolicy checks an identity-based policy that the call stores. It compiles the parsed
// document for the next snapshot of the account, which then need not parse it again.
func (c *call) checkIdentityPolicy(text string) (*policy.Document, error) {
	doc, err := checkDocument(text, policy.Identity)
	if err == nil {
		c.engine.snapshots.empty(c.engine.account).PrepareIdentity(text, doc, &c.compiled)
	}
	return doc, err
}

// checkManagedPolicy checks a version of a managed policy that the call stores.
func (c *call) checkManagedPolicy(text string, limits Limits) error {
	doc, err := c.checkIdentityPolicy(text)
	if err != nil {
		return err
	}
	return checkManagedDocument(doc, limits)
}

// checkManagedDocument makes the checks that apply to managed policies only: the size, and the version
// of the policy language. Like AWS, it refuses the language version 2008-10-17.
func checkManagedDocument(doc *policy.Document, limits Limits) error {
	if doc.Version.Value != policy.Version2012 {
		return malformedPolicyDocument("Policy document must be version 2012-10-17 or greater.")
	}
	if doc.Compact > limits.PolicySize {
		return limitExceeded("Cannot exceed quota for PolicySize: %d", limits.PolicySize)
	}
	return nil
}

// apiDocument returns a document in the form of outputs: percent-encoded as in RFC 3986, with %20 for
// a space.
func apiDocument(text string) *string {
	return aws.String(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))
}
