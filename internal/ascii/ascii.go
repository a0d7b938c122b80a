// Package ascii compares names without regard to the case of ASCII letters.
//
// Action names, condition keys, operators and the names of users, groups, roles and policies compare
// this way. All other characters stay as they are, so that a look-alike letter never equals an
// ASCII one. The package knows nothing of Unicode case folding on purpose.
package ascii

// Fold returns s with its ASCII letters in lower case.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			out := []byte(s)
			for ; i < len(out); i++ {
				if c := out[i]; 'A' <= c && c <= 'Z' {
					out[i] = c + ('a' - 'A')
				}
			}
			return string(out)
		}
	}
	return s
}

// EqualFold reports whether a and b differ at most in the case of ASCII letters. It is
// Fold(a) == Fold(b) without allocating.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x != y && (x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z') {
			return false
		}
	}
	return true
}
