// Package pattern matches, compares and combines patterns: texts with wildcards and variables.
//
// A [Pattern] is a text in which `*` stands for any number of characters, `?` for exactly one, and
// `${key}` for the value of a variable. [Parse] reads one with variables, [Glob] one without, and
// [Literal] makes one that matches a single text. An [ARN] is a pattern cut into the six fields of
// an Amazon Resource Name. Patterns never change, so any number of goroutines may share them.
//
// The package answers these questions:
//
//   - [Pattern.Match]: does the pattern match this text? The call allocates nothing for patterns
//     and texts of ordinary size, and its time is bounded by the product of both lengths, whatever
//     they contain.
//   - [Pattern.Covers] and [ARN.Covers]: does the pattern match every text that another one
//     matches?
//   - [Intersect] and [ARN.Intersect]: do two patterns have a text in common? The answer is an
//     example that a person can read.
//   - [Set.Witness]: which text is a shortest one that matches all required patterns and no excluded
//     one? Without such a text, the set is proven empty.
//   - [Representatives]: which texts represent all combinations of patterns that a text can match
//     and not match?
//   - [Pattern.Captures]: which values of a variable make the pattern match this text?
//
// # Variables
//
// [Pattern.Fill] replaces variables by their values. A value is literal text: a `*` in it is no
// wildcard. Each operation documents how it treats a variable that was not filled. Its answer is then
// safe and not always exact: [Pattern.Covers] is true only if the pattern covers the other for every
// value, and [Intersect] finds a text if the patterns have one in common for some value.
//
// # ARNs
//
// Two readings of an ARN pattern exist. In [ARN.Resource] a `*` at the end of one of the first five
// fields may reach beyond the colon, and the sixth field matches freely. In [ARN.Fieldwise] no
// wildcard of the first five fields reaches beyond its field. [ARN.Covers] and [ARN.Intersect]
// compare field by field.
//
// # Cost
//
// Operations that can be expensive take a pointer to a number of steps that they may spend, and
// subtract the steps that they used. An operation that runs out of steps reports this and never
// guesses. The number of steps depends on the input only, so equal calls return equal answers.
//
// The package does not depend on policies, actions or requests.
package pattern
