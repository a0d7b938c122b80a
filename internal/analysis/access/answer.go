package access

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Answer tells whether a principal may make a request.
type Answer uint8

// The answers.
const (
	// No means that the request is denied for all values of the context keys that are not given.
	No Answer = iota
	// Yes means that it is allowed for all of them.
	Yes
	// Conditional means that it is allowed for some of them.
	Conditional
	// Unknown means that the answer is not known. [Finding.Open] has the reasons.
	Unknown
)

// String returns the answer in lower case.
func (a Answer) String() string { return [...]string{"no", "yes", "conditional", "unknown"}[a] }

// Finding is the answer about one principal.
type Finding struct {
	Principal authz.Principal
	// Name describes a principal outside the account, such as "any principal of the account 111111111111". It is the
	// principal's ARN for every other principal.
	Name   string
	Answer Answer
	// Condition is, for Conditional, the condition in the words of the policies, such as
	// `aws:MultiFactorAuthPresent is "true"`.
	Condition string
	// Example has context keys with which a Conditional request is allowed. Every other key is absent.
	Example []authz.ContextKey
	// Statements are the statements that allow the request, for Yes and Conditional, and those that deny it for some
	// values of the context.
	Statements []authz.StatementRef
	// Open has the reasons for Unknown.
	Open []string
	// Through is a way through roles to a better answer. It is nil if the question does not ask for it, and if no role
	// leads to a better answer than the principal's own.
	Through *Chain
}

// Chain is a way to access: roles that a principal assumes one after another. A session of the last one has the access.
type Chain struct {
	Steps []Step
	// Role is the answer about the last role.
	Role *Finding
}

// Answer returns the answer about the whole way.
func (c *Chain) Answer() Answer {
	answer := c.Role.Answer
	for _, s := range c.Steps {
		switch {
		case s.Assume.Answer == Unknown:
			return Unknown
		case s.Assume.Answer == Conditional && answer == Yes:
			answer = Conditional
		}
	}
	return answer
}

// Step is a role that a principal assumes.
type Step struct {
	Role string // the ARN
	// Assume is the answer to whether the principal may assume the role: the one of the finding for the first step, and
	// the role of the step before for every other.
	Assume Finding
}
