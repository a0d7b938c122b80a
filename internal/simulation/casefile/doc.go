// Package casefile reads the texts that access questions are kept in: JSON
// Lines, JSON and YAML, each into [policy.Node] trees with their positions.
//
// It says what stands where; what a question means is for package simulation.
// A broken line of a file costs that line, not the others.
package casefile
