// Package pattern is the algebra of texts with wildcards and variables.
//
// A [Pattern] is a text in which `*` stands for any number of characters, `?` for exactly one, and
// `${key}` for the value of a variable. [Parse] reads one with variables, [Glob] one without, and
// [Literal] makes one that matches a single text. An [ARN] is a pattern cut into the six fields of
// an Amazon Resource Name. Patterns never change after they are made, so that any number of
// goroutines may share them.
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
//   - [Set.Witness]: which is the shortest text that matches all of these patterns and none of
//     those? Without one, the set is proven empty.
//   - [Representatives]: which texts stand for all the ways in which these patterns can match and
//     not match?
//   - [Pattern.Captures]: which values of a variable make the pattern match this text?
//
// # Variables
//
// [Pattern.Fill] replaces variables by their values. A value is literal text: a `*` in it is no
// wildcard. Each operation says how it treats a variable that was not filled. As a rule the answer
// is then safe rather than exact: [Pattern.Covers] never claims too much, and [Intersect] never
// claims that two patterns are apart when some value makes them meet.
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
// subtract what they spent. An operation that runs out of steps says so, and never guesses. The
// number of steps depends on the input only, so the same question always has the same answer.
//
// The package knows nothing of policies, actions or requests.
package pattern
