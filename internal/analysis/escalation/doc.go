// Package escalation finds out how a principal of an account could rise: act as others, or get more permission.
package escalation
