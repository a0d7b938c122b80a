package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// sessionKeys lists the condition keys that a request to assume a role has only if the caller may also use another
// action. A key that ends with a slash stands for the keys of all tags.
var sessionKeys = [...]struct{ key, action, name string }{
	{"aws:requesttag/", tagSession, "sts:TagSession"},
	{"aws:tagkeys", tagSession, "sts:TagSession"},
	{"sts:transitivetagkeys", tagSession, "sts:TagSession"},
	{"sts:sourceidentity", sourceIdentity, "sts:SetSourceIdentity"},
	{"sts:requestcontext/", setContext, "sts:SetContext"},
}

// sessionConditions reports statements that no request can meet, because it needs a tag, a source identity or a context
// that no statement of the role trust policy allows to set.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func (c *checker) sessionConditions(s *Statement, at string) {
	if s.Effect.Value != string(Allow) {
		return
	}
	for _, op := range s.Conditions {
		for _, key := range op.Keys {
			if !op.Parsed.needsKey() || op.Parsed.Comparison == Null && !testsPresence(&key.Values) {
				continue
			}
			for _, session := range sessionKeys {
				fold := ascii.Fold(key.Key)
				if fold != session.key && !(strings.HasSuffix(session.key, "/") && strings.HasPrefix(fold, session.key)) ||
					c.mayAllow(session.action) {
					continue
				}
				c.fail(CodeMissingActionForKey, MemberPath(MemberPath(at+".Condition", op.Name), key.Key), key.Pos, "A request "+
					"has %s only if its caller may use %s, which no statement of the policy allows, so this statement allows "+
					"nothing. Add %s to Action.", Quote(key.Key), session.name, session.name)
			}
		}
	}
}

// mayAllow reports whether a statement of the document allows an action, given in lower case, or may do so once
// everything is known.
func (c *checker) mayAllow(action string) bool {
	if c.doc.Unknown {
		return true
	}
	for i := range c.doc.Statements {
		s := &c.doc.Statements[i]
		if s.Unknown || (s.Effect.Unknown || s.Effect.Value == string(Allow)) &&
			(s.Action.mayMatch(action) || s.NotAction != nil && !s.NotAction.mayMatch(action)) {
			return true
		}
	}
	return false
}
