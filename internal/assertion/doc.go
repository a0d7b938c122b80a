// Package assertion checks requirements on a principal's access: requests that must be allowed, and requests that must
// never be allowed. [Assertion.Check] asks package authz about an account, which may be live or planned. It returns the
// requirements that do not hold and the statement responsible for each.
//
// # Patterns
//
// Actions and resources may be patterns. A pattern is tested with representative requests and not proved. One request
// matches only the pattern itself; one more stands for each overlap with a statement of the principal's policies. This
// finds every statement that allows a part of the pattern, unless other statements deny exactly the representative of
// that overlap.
//
// The package never looks anything up and knows neither a store nor Terraform.
package assertion
