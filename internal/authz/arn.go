package authz

import "strings"

// arnAccount returns the account field of an ARN, or the empty string for a text that is not an
// ARN. It is also empty for the resources of AWS itself, such as its managed policies: their account
// is "aws", and every account treats them as its own.
func arnAccount(s string) string {
	if !strings.HasPrefix(s, "arn:") {
		return ""
	}
	colons, from := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] != ':' {
			continue
		}
		if colons++; colons == 5 {
			if s[from:i] == "aws" {
				return ""
			}
			return s[from:i]
		}
		from = i + 1
	}
	return ""
}
