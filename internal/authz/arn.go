package authz

import "strings"

// arnFields cuts a text at its first five colons; ok says that it is an ARN.
func arnFields(s string) (fields [6]string, ok bool) {
	for i := 0; i < 5; i++ {
		end := strings.IndexByte(s, ':')
		if end < 0 {
			return fields, false
		}
		fields[i], s = s[:end], s[end+1:]
	}
	fields[5] = s
	return fields, fields[0] == "arn"
}

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
