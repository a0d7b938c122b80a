// Package ascii compares names without regard to the case of ASCII letters.
//
// Action names, condition keys, operators and the names of users, groups, roles and policies are
// compared this way. The package deliberately does not fold the case of other Unicode letters, so
// that a letter that looks like an ASCII letter never equals it.
//
// [EditDistance] finds the known name that an unknown name resembles.
package ascii

// Fold returns s with its ASCII letters in lower case.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; 'A' <= c && c <= 'Z' {
			folded := []byte(s)
			for ; i < len(folded); i++ {
				if c := folded[i]; 'A' <= c && c <= 'Z' {
					folded[i] = c + ('a' - 'A')
				}
			}
			return string(folded)
		}
	}
	return s
}

// EqualFold reports whether a and b differ at most in the case of ASCII letters. It returns the
// result of Fold(a) == Fold(b), but does not allocate.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if !sameFold(a[i], b[i]) {
			return false
		}
	}
	return true
}

// sameFold reports whether two bytes are equal, or the same ASCII letter in different cases.
func sameFold(x, y byte) bool {
	return x == y || x|0x20 == y|0x20 && x|0x20 >= 'a' && x|0x20 <= 'z'
}
