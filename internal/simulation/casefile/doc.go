// Package casefile reads files of access questions. It parses JSON Lines, JSON and YAML into
// [tree.Node] values with their positions.
//
// A mistake in one line of JSON Lines, or in one element of a YAML list, does not affect the other
// questions. The package gives no value a meaning; package simulation decodes the questions.
package casefile
