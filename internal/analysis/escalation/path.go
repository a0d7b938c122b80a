package escalation

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Path is a way from a principal to the target.
type Path struct {
	From  authz.Principal
	Steps []Step
	// Reaches is the user or role that fulfils the target after the steps.
	Reaches authz.Principal
}

// Step is what the person does at one point of a path.
type Step struct {
	// Actor is the user, role or identity provider that makes the requests.
	Actor authz.Principal
	// Requests must all be allowed. They are, on the account that the steps before leave.
	Requests []Request
	// Result is what the step achieves, as a clause without its subject, such as "acts as the role deploy".
	Result string
	// Assumes is what must be true besides, which the account does not tell, as a sentence without its full stop. It is
	// empty if nothing is.
	Assumes string
}

// Request is one request of a step.
type Request struct {
	Action   authz.Action
	Resource string
	// Given are the keys that follow from the request itself, such as iam:PolicyARN.
	Given []authz.ContextKey
	// If are further keys with which the request is allowed, such as aws:MultiFactorAuthPresent. The person must be able
	// to make the request with such values. Every other key is absent.
	If []authz.ContextKey
	// Statements are the statements that allow the request.
	Statements []authz.StatementRef
}

// Open is a question that the search left open.
type Open struct {
	From   authz.Principal
	Reason string
}

// Result is what a search found.
type Result struct {
	Target Target
	// Already has the principals that fulfil the target without a step.
	Already []authz.Principal
	// Paths has one path for each other principal that can reach the target, in the order of the principals.
	Paths []Path
	// Open has the reasons why the answer about some principals is not known. A principal without a path and without a
	// reason cannot reach the target with the steps that the package knows.
	Open []Open
}
