package access

import "github.com/iam-as-code/terraform-provider-iam/internal/authz"

// Question is a request of which a principal is asked for.
type Question struct {
	Action authz.Action
	// Resource is one ARN, or "*" for an action without resources. Wildcards in it are ordinary characters.
	Resource string
	// Keys are the context keys that are given.
	Keys []Key
	// ResourcePolicy is the policy of the resource. It is nil if the resource has none. The trust policy of a role of the
	// account comes from the account.
	ResourcePolicy *authz.Layer
	// ThroughRoles says that the answer also has ways through roles.
	ThroughRoles bool
}

// context returns a context with the keys of the question.
func (q *Question) context() (*authz.Context, error) { return NewContext(q.Keys) }

// ofFirstStep returns the question whether a principal may assume a role, with the keys that concern this request.
func (q *Question) ofFirstStep(role string) *Question {
	return &Question{Action: assumeRole, Resource: role, Keys: FirstStepKeys(q.Keys)}
}

// ofLaterStep returns the question whether a session of a role may assume another role.
func (q *Question) ofLaterStep(role string) *Question {
	return &Question{Action: assumeRole, Resource: role, Keys: LaterStepKeys(q.Keys)}
}

// ofSession returns the question as it concerns a session of the last role of a chain.
func (q *Question) ofSession() *Question {
	out := *q
	out.Keys = SessionKeys(q.Keys)
	return &out
}
