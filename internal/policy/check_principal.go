package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// principals checks the entries of a Principal or NotPrincipal element.
func (c *checker) principals(p *Principals, at string) {
	if p == nil || !c.kind.HasPrincipal() {
		return
	}
	if p.Everyone {
		if c.kind == Trust {
			c.fail(CodeTrustWildcard, at, p.Pos, "A role trust policy does not accept \"*\" as its principal. Name the "+
				"principals that may assume the role; to allow every AWS principal, write {\"AWS\": \"*\"}.")
		}
		return
	}
	if len(p.Entries) == 0 && !p.Unknown {
		c.add(Suggestion, CodeEmptyObjectPrincipal, at, p.Pos, "The element names no principal, so the statement applies "+
			"to nobody. Name one, or remove the statement.")
	}
	for _, entry := range p.Entries {
		list, at := &entry.Values, MemberPath(at, entry.Type)
		if len(list.Values) == 0 && !list.Unknown {
			c.add(Suggestion, CodeEmptyArrayPrincipal, at, list.Pos, "The list of %s principals is empty. Name one, or "+
				"remove the entry.", entry.Type)
		}
		for i, v := range list.Values {
			if !v.Unknown {
				c.principal(entry.Type, v, list.ValuePath(at, i))
			}
		}
		c.duplicates(list, at, entry.Type == "Service")
	}
	if c.kind == Trust {
		c.redundantSessions(p, at)
	}
}

// principal checks one entry.
func (c *checker) principal(kind string, v Text, at string) {
	c.characters(v, at)
	if c.kind == ResourceControl {
		if kind != "AWS" || v.Value != "*" {
			c.fail(CodeRCPPrincipal, at, v.Pos, "%s is a principal in a resource control policy, which accepts \"*\" only. "+
				"Write \"Principal\": \"*\", and a condition on aws:PrincipalArn, aws:PrincipalAccount or "+
				"aws:PrincipalServiceName.", Quote(v.Value))
		}
		return
	}
	name, err := ParsePrincipal(kind, v.Value)
	if err != nil {
		return // Decode refused it
	}
	switch name.Form {
	case UniqueID:
		code, what := CodeInvalidRoleReference, "role"
		if strings.HasPrefix(v.Value, "AIDA") {
			code, what = CodeInvalidUserReference, "user"
		}
		c.add(Warning, code, at, v.Pos, "%s is the unique id of a %s, perhaps of one that was deleted: AWS writes ids in "+
			"place of ARNs it can no longer resolve. Write the %s's ARN.", Quote(v.Value), what, what)
	case GroupPrincipal:
		c.fail(CodeUnsupportedPrincipal, at, v.Pos, "%s is a group; groups cannot be principals. Name the users, or a "+
			"role.", Quote(v.Value))
	case CanonicalUserID:
		if c.kind == Trust {
			c.fail(CodeUnsupportedPrincipal, at, v.Pos, "A canonical user id stands for an account in S3 only. Write the "+
				"account's id under AWS.")
		}
	case FederatedPrincipal:
		if c.kind == Resource {
			c.fail(CodeFederatedPrincipal, at, v.Pos, "The identity provider %s is a principal of role trust policies only. "+
				"Name the role that its users assume.", Quote(v.Value))
		} else if providerOf(v.Value) == noProvider {
			c.fail(CodeFederatedSyntax, at, v.Pos, "%s is not an identity provider. An identity provider is the ARN of a "+
				"saml-provider or an oidc-provider of IAM, or a domain name such as \"accounts.google.com\".", Quote(v.Value))
		}
	}
	if arn, err := ParseARN(v.Value); err == nil && !knownPartition(arn.Partition) {
		c.fail(CodeInvalidPartition, at, v.Pos, "%s has the partition %s, which does not exist. %s", Quote(v.Value),
			Quote(arn.Partition), partitionAdvice)
	}
}

// redundantSessions reports sessions whose role is also a principal.
func (c *checker) redundantSessions(p *Principals, at string) {
	for _, entry := range p.Entries {
		if entry.Type != "AWS" {
			continue
		}
		roles := map[string]string{} // account/name → entry
		for _, v := range entry.Values.Values {
			if name, err := ParsePrincipal("AWS", v.Value); err == nil && name.Form == RolePrincipal {
				roles[name.Account+"/"+name.Name] = v.Value
			}
		}
		for i, v := range entry.Values.Values {
			name, err := ParsePrincipal("AWS", v.Value)
			if err != nil || name.Form != SessionPrincipal {
				continue
			}
			if role, ok := roles[name.Account+"/"+name.Name]; ok {
				c.add(Suggestion, CodeRedundantSession, entry.Values.ValuePath(MemberPath(at, "AWS"), i), v.Pos,
					"The session %s belongs to the role %s, which is also listed. Remove the session.", Quote(v.Value), Quote(role))
			}
		}
	}
}

// hasKey reports whether the statement has a condition on the key, given in
// lower case, or may have one once everything is known.
func (s *Statement) hasKey(key string) bool {
	for _, op := range s.Conditions {
		if op.Unknown {
			return true
		}
		for _, k := range op.Keys {
			if ascii.Fold(k.Key) == key {
				return true
			}
		}
	}
	return s.ConditionsUnknown
}
