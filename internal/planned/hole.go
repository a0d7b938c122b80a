package planned

import "strings"

// A hole stands for a part of a text that is known only after apply. It is written as a policy variable, so that
// packages authz and analysis treat it as any value, and equal holes as equal values. A hole can stand where a policy
// variable can: in the last field of a resource, and in the value of a condition.
const (
	holeKey   = "terraform:"
	holeStart = "${" + holeKey
	holeEnd   = "}"
)

// Hole returns the hole of a value, which is named by its address in Terraform, such as "aws_s3_bucket.logs.bucket".
func Hole(name string) string {
	return holeStart + strings.NewReplacer("{", "(", "}", ")", ",", ";", "*", "_", "?", "_").Replace(name) + holeEnd
}

// HasHole reports whether a text has a hole.
func HasHole(text string) bool { return strings.Contains(text, holeStart) }

// IsHoleKey reports whether the key of a policy variable, or of a context key, is that of a hole.
func IsHoleKey(key string) bool {
	return len(key) >= len(holeKey) && strings.EqualFold(key[:len(holeKey)], holeKey)
}

// ShowHoles returns a text for people, with holes in the form of Terraform's templates.
func ShowHoles(text string) string { return strings.ReplaceAll(text, holeStart, "${") }
