package authz

import "strings"

// arnAccount is the account field of an ARN; empty where a text is none. What
// AWS itself provides, such as its managed policies, is nobody else's: there
// the account is "aws", and every account deals with it as with its own.
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
