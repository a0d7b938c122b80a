// Package assertion is what must hold of a principal's access: requests that must be allowed, and requests that must never be.
// [Assertion.Check] puts them to package authz over an account, be it as it is or as it will be, and says what does not hold,
// by which statement.
//
// # Patterns
//
// Actions and resources may be patterns. What holds of all that a pattern matches is asked by representative requests, not
// proved: one that only the pattern itself matches, and one in each overlap with a statement of the principal's policies.
// Whatever a statement gives on a part of a pattern is so found, unless other statements deny just the request that stands for
// the overlap.
//
// The package never looks anything up and knows neither a store nor Terraform.
package assertion
