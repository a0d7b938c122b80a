package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// openSubject reports a condition on the subject of an OpenID Connect provider's tokens that every subject satisfies.
func (c *checker) openSubject(s *Statement, host, at string) {
	code, example := CodeOIDCCondition, ""
	if host == githubHost {
		code, example = CodeGitHubCondition, `, as in "repo:owner/name:ref:refs/heads/main"`
	}
	for _, op := range s.Conditions {
		for _, k := range op.Keys {
			if ascii.Fold(k.Key) != host+":sub" || op.Parsed.Comparison != StringLike || op.Parsed.Negated {
				continue
			}
			at := MemberPath(MemberPath(at+".Condition", op.Name), k.Key)
			for i, v := range k.Values.Values {
				if isUniversal(v) {
					c.add(SecurityWarning, code, k.Values.ValuePath(at, i), v.Pos, "%s covers every subject, so the condition on "+
						"%s:sub does not restrict who may assume the role. Name the subjects%s.", Quote(v.Value), host, example)
				}
			}
		}
	}
}

// isUniversal reports whether a known value of StringLike matches every text.
func isUniversal(v Text) bool {
	return !v.Unknown && v.Value != "" && strings.Trim(v.Value, "*") == ""
}
