package policy

// Fold lower-cases the ASCII letters of s: the folding of action names,
// condition keys and operators, all of which are ASCII. Other letters stay as
// they are, so that no look-alike folds onto a name.
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
