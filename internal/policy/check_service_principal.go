package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// servicePrincipals reports services that a resource policy allows regardless of
// the customer that they act for (the confused deputy problem).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func (c *checker) servicePrincipals(s *Statement, at string) {
	if s.Principal == nil || s.Effect.Value != string(Allow) || s.ConditionsUnknown ||
		s.hasKey("aws:sourcearn") || s.hasKey("aws:sourceaccount") ||
		s.hasKey("aws:sourceorgid") || s.hasKey("aws:sourceorgpaths") {
		return
	}
	for _, entry := range s.Principal.Entries {
		if entry.Type != "Service" || len(entry.Values.Values) == 0 {
			continue
		}
		at := MemberPath(at+".Principal", "Service")
		if s.hasKey("aws:referer") || s.hasKey("aws:sourceowner") {
			c.add(Suggestion, CodeRecommendedKey, at, entry.Pos, "The statement restricts for whom a service acts with "+
				"aws:Referer or aws:SourceOwner, which not all services set. Use aws:SourceArn, aws:SourceAccount or "+
				"aws:SourceOrgID instead.")
			continue
		}
		c.add(SecurityWarning, CodeRestrictService, at, entry.Pos,
			"The statement lets a service act on behalf of any of its customers. Add a condition on aws:SourceArn, "+
				"aws:SourceAccount or aws:SourceOrgID.")
	}
}

// servicePrincipalKeys reports conditions that no service can meet, in a statement that allows only services. The keys
// describe an identity of IAM, and a service that makes a request for itself is none.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (c *checker) servicePrincipalKeys(s *Statement, at string) {
	if s.Effect.Value != string(Allow) || !s.Principal.onlyServices() {
		return
	}
	for _, op := range s.Conditions {
		for _, key := range op.Keys {
			if !op.Parsed.needsKey() || op.Parsed.Comparison == Null && !testsPresence(&key.Values) || !isIdentityKey(key.Key) {
				continue
			}
			c.fail(CodeServicePrincipalKey, MemberPath(MemberPath(at+".Condition", op.Name), key.Key), key.Pos, "The statement "+
				"allows only services, and their requests do not have %s, so the statement allows nothing. Remove the condition; "+
				"aws:SourceArn, aws:SourceAccount and aws:SourceOrgID restrict for whom a service acts.", Quote(key.Key))
		}
	}
}

// onlyServices reports whether all principals of an element are known services.
func (p *Principals) onlyServices() bool {
	if p == nil || p.Unknown || len(p.Entries) == 0 {
		return false
	}
	for _, entry := range p.Entries {
		if entry.Type != "Service" {
			return false
		}
	}
	return true
}

// isIdentityKey reports whether only the requests of an identity of IAM have a key.
func isIdentityKey(key string) bool {
	key = ascii.Fold(key)
	return key == "aws:principalorgid" || key == "aws:principalorgpaths" || key == "aws:username" ||
		strings.HasPrefix(key, "aws:principaltag/")
}
