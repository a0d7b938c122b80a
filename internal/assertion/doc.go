// Package assertion checks requirements on a principal's access: requests that must be allowed, and requests that must
// never be allowed. [Assertion.Check] decides these requests with package authz, for the current or a planned account.
// It returns the violated requirements and the statement that is responsible for each.
//
// # Patterns
//
// Actions and resources may be patterns. Check tests a pattern with representative requests; it does not prove that the
// requirement holds for all requests. One representative matches the pattern and no statement of the principal's
// policies. Every overlap of the pattern with a statement has a representative of its own. So Check finds every
// statement that allows a part of the pattern, unless another statement denies the representative of that part.
//
// The package reads no file and no database, and it does not depend on Terraform.
package assertion
