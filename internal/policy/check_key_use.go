package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// unknownKey reports a condition key that the catalog does not have.
func (c *checker) unknownKey(k ConditionKey, at string) {
	if len(c.findings) >= maxFindings {
		return // a search for similar keys takes a while
	}
	prefix, _, _ := strings.Cut(ascii.Fold(k.Key), ":")
	switch {
	case prefix == "aws":
		if ascii.Fold(k.Key) != "aws:arn" { // another finding reports it
			c.add(Warning, CodeInvalidGlobalKey, at, k.Pos, "%s is not a global condition key in the catalog of %s%s. Correct "+
				"the key, unless AWS has added it since, because no request has a key that does not exist.", Quote(k.Key),
				c.catalog.Date(), c.similarKey(k.Key))
		}
	case strings.Contains(prefix, "."): // the host of an identity provider
	case c.hasKeysOf(prefix):
		c.add(Warning, CodeInvalidServiceKey, at, k.Pos, "%s is not a condition key of its service in the catalog of %s%s. "+
			"Correct the key, unless AWS has added it since, because no request has a key that does not exist.", Quote(k.Key),
			c.catalog.Date(), c.similarKey(k.Key))
	default:
		c.add(Warning, CodeUnknownService, at, k.Pos, "%s does not begin with the prefix of a service in the catalog of "+
			"%s%s. Correct the prefix, unless AWS has added the service since, because no request has a key that does not "+
			"exist.", Quote(k.Key), c.catalog.Date(), c.similarKey(k.Key))
	}
}

// hasKeysOf reports whether the prefix is that of a service or of a key, such as saml.
func (c *checker) hasKeysOf(prefix string) bool {
	if c.catalog.Service(prefix) != nil {
		return true
	}
	for _, key := range c.catalog.Keys() {
		if strings.HasPrefix(ascii.Fold(key.Name), prefix+":") {
			return true
		}
	}
	return false
}

// similarKey returns the end of a sentence that suggests a known key. It keeps the tag of a key such as
// aws:PrincipleTag/team.
func (c *checker) similarKey(written string) string {
	name, tag, tagged := strings.Cut(written, "/")
	best, distance := "", 3
	for _, key := range c.catalog.Keys() {
		known, placeholder, _ := strings.Cut(key.Name, "/")
		if tagged != strings.HasPrefix(placeholder, "${") {
			continue
		}
		if d := ascii.EditDistance(name, known, distance); d < distance {
			best, distance = known, d
		}
	}
	switch {
	case best == "":
		return ""
	case tagged:
		best += "/" + tag
	}
	return "; perhaps " + Quote(best) + " was meant"
}

// keyUse reports a condition that no request for some of the statement's actions can meet, because these actions do not
// have the condition key. If several operators have the key, one of them is reported.
func (c *checker) keyUse(s *Statement, k *knownActions, at string) {
	for _, op := range s.Conditions {
		if op.Unknown || !op.Parsed.needsKey() {
			continue
		}
		for _, key := range op.Keys {
			known := c.catalog.Key(key.Key)
			if known == nil || known.Global || op.Parsed.Comparison == Null && !testsPresence(&key.Values) {
				continue
			}
			c.idleKey(s, k, op, key, known, MemberPath(MemberPath(at+".Condition", op.Name), key.Key))
		}
	}
}

// needsKey reports whether a condition with the operator is false if the request does not have the key. Null depends on
// its value.
func (o OperatorName) needsKey() bool {
	return o.Comparison != NoComparison && !o.Negated && !o.IfExists && o.Qualifier != ForAllValues
}

// testsPresence reports whether a condition with Null is false if the request does not have the key.
func testsPresence(values *List) bool {
	if values.Unknown || len(values.Values) == 0 {
		return false
	}
	for _, v := range values.Values {
		if absent, ok := ParseBool(v.Value); v.Unknown || !ok || absent {
			return false
		}
	}
	return true
}

// idleKey reports the entries of an Action element of which no action has the condition key.
func (c *checker) idleKey(s *Statement, k *knownActions, op Operator, key ConditionKey, known *catalog.ConditionKey,
	at string) {
	if c.comparisons -= k.size()/32 + 1; c.comparisons < 0 {
		return
	}
	actions := c.catalog.Actions()
	entries := k.without(func(id int) bool { return actions[id].Supplies(known) })
	if len(entries) == 0 {
		return
	}
	deny, tag := s.Effect.Value == string(Deny), isResourceTag(known)
	kind, code, effect := Warning, CodeActionForKey, "so the statement does not allow"
	switch {
	case deny && tag:
		kind, code = SecurityWarning, CodeDenyTagKey
	case tag:
		kind, code = Suggestion, CodeAllowTagKey
	}
	if deny {
		effect = "so the statement does not deny"
	}
	c.add(kind, code, at, key.Pos, "In the catalog of %s, requests for %s do not have %s, and %s is false without it, %s "+
		"them. Move them to a statement without this condition.", c.catalog.Date(), k.names(entries), Quote(key.Key), op.Name,
		effect)
}

// notActionKeys reports a condition on the tags of the resource in a statement with NotAction. Most actions do not have
// the key.
func (c *checker) notActionKeys(s *Statement, at string) {
	if s.NotAction == nil {
		return
	}
	for _, op := range s.Conditions {
		if op.Unknown || !op.Parsed.needsKey() {
			continue
		}
		for _, key := range op.Keys {
			known := c.catalog.Key(key.Key)
			if known == nil || !isResourceTag(known) || op.Parsed.Comparison == Null && !testsPresence(&key.Values) {
				continue
			}
			path := MemberPath(MemberPath(at+".Condition", op.Name), key.Key)
			if s.Effect.Value == string(Deny) {
				c.add(SecurityWarning, CodeDenyNotActionTagKey, path, key.Pos, "Many of the actions that NotAction does not list "+
					"have no %s, and the statement does not deny them. Use Action to list the denied actions.", Quote(key.Key))
				continue
			}
			c.add(Suggestion, CodeAllowNotActionTagKey, path, key.Pos, "Many of the actions that NotAction does not list have "+
				"no %s, and the statement does not allow them. Use Action to list the allowed actions.", Quote(key.Key))
		}
	}
}

// isResourceTag reports whether a key is a tag of the resource.
func isResourceTag(key *catalog.ConditionKey) bool { return key.Name == "aws:ResourceTag/${TagKey}" }
