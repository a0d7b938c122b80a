package bruteforce

import "slices"

// family is a group of condition operators that read values alike.
type family struct {
	name string
	// operators have no qualifier and no IfExists.
	operators []string
	// lists are values of conditions.
	lists [][]string
	// values are those of a request's key. They show the differences between the lists.
	values []bruteValue
}

// texts has all texts over a and b of up to two characters, and texts that only a literal comparison, or one that folds
// case, tells apart.
var texts = family{
	name: "texts",
	operators: []string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
		"StringLike", "StringNotLike"},
	lists: [][]string{{"a"}, {"a", "b"}, {"A"}, {"a*"}, {"?"}, {"*"}, {"*b", "a"}, {""}, {"*a*b"}, {"ab", "b?"},
		{"k"}},
	values: absentOr(
		single("", "a", "b", "aa", "ab", "ba", "bb", "A", "aB", "*", "a*", "?", "c", "k", "K",
			"\u212a"), // the Kelvin sign, which folds to k
		several(), several(""), several("a"), several("b"), several("a", "b"), several("A", "b"), several("a", ""),
		several("ab", "ba"), several("c")),
}

var numbers = family{
	name: "numbers",
	operators: []string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
		"NumericGreaterThan", "NumericGreaterThanEquals"},
	lists: [][]string{{"1"}, {"1.0", "2"}, {"2"}, {"x"}, {"x", "1"}, {"1.5"}, {"-1", "3"}},
	values: absentOr(single("0", "1", "1.0", "1.2", "1.5", "1.7", "2", "3", "4", "-1", "-2", "x", ""),
		several(), several("1"), several("2"), several("1", "2"), several("x"), several("x", "1"), several(""),
		several("0", "3")),
}

var dates = family{
	name: "dates",
	operators: []string{"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
		"DateGreaterThanEquals"},
	lists: [][]string{{"2024-01-01T00:00:00Z"}, {"2024-01-01", "1704067201"}, {"1704067200.5"}, {"tomorrow"},
		{"2025", "2024"}, {"2024-01-01T00:00:00.5Z"}, {"tomorrow", "2024"}},
	values: absentOr(single("2024", "1704067200", "2024-01-01T02:00:00+02:00", "1704067201", "1704067199",
		"2024-01-01T00:00:00.25Z", "2024-01-01T00:00:00.5Z", "2024-06-01", "2025", "2026", "0", "tomorrow", ""),
		several(), several("2024"), several("2025"), several("2024", "2025"), several("tomorrow"), several("", "2024")),
}

var addresses = family{
	name:      "addresses",
	operators: []string{"IpAddress", "NotIpAddress"},
	lists: [][]string{{"10.0.0.0/8"}, {"10.0.0.1"}, {"0.0.0.0/0"}, {"::/0"}, {"0.0.0.0/0", "::/0"}, {"10.0.0.0/9",
		"10.128.0.0/9"}, {"2001:db8::/32"}, {"any"}, {"10.1.2.3/8", "any"}, {"0.0.0.0/1", "128.0.0.0/1"},
		{"::ffff:10.0.0.0/104"}},
	values: absentOr(single("10.0.0.0", "10.0.0.1", "10.128.0.0", "10.255.255.255", "11.0.0.0", "9.255.255.255", "0.0.0.0",
		"255.255.255.255", "::", "::1", "2001:db8::1", "2001:DB8:0::1", "::ffff:10.0.0.1", "any", "", "10.0.0.0/8"),
		several(), several("10.0.0.1"), several("10.0.0.1", "11.0.0.0"), several("any"), several("10.0.0.1", "::1"),
		several("", "10.0.0.1")),
}

var truths = family{
	name:      "truths",
	operators: []string{"Bool"},
	lists:     [][]string{{"true"}, {"false"}, {"true", "false"}, {"True"}, {"x"}, {"x", "false"}},
	values: absentOr(single("true", "false", "TRUE", "False", "x", ""), several(), several("true"), several("false"),
		several("true", "false"), several("x", "true"), several("x")),
}

var arns = family{
	name:      "arns",
	operators: []string{"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"},
	lists: [][]string{{"arn:aws:x:::a"}, {"arn:*:*:*:*:*"}, {"arn:aws:x:::a*"}, {"*"}, {"arn:aws:x:*::?"},
		{"arn:aws:*:a"}, {"arn:aws:*:r*:*:a", "arn:aws:x:::b"}, {"a", "arn:aws:x:::b"}, {"arn:*"}},
	values: absentOr(single("arn:aws:x:::a", "arn:aws:x:::b", "arn:aws:x:::ab", "arn:aws:x:r:1:a", "arn:aws:y:r::a",
		"arn:aws:x:::a:b", "arn:aws:x:::", "a", "", "*", "arn:aws:x::a", "ARN:aws:x:::a"),
		several(), several("arn:aws:x:::a"), several("arn:aws:x:::a", "arn:aws:x:::b"), several("a"),
		several("arn:aws:x:::a", "a"), several("", "arn:aws:x:::b")),
}

var binaries = family{
	name:      "binaries",
	operators: []string{"BinaryEquals"},
	lists:     [][]string{{"QQ=="}, {"Qg==", "QQ=="}, {"!"}, {""}, {"QQ", "Qg=="}},
	values: absentOr(single("QQ==", "Qg==", "QUI=", "QQ", "!", ""), several(), several("QQ=="), several("QQ==", "Qg=="),
		several("!"), several("", "QQ==")),
}

// families are all families but that of Null, which reads values of any.
var families = []family{texts, numbers, dates, addresses, truths, arns, binaries}

var (
	nulls      = [][]string{{"true"}, {"false"}, {"true", "false"}, {"x"}}
	qualifiers = []string{"", "ForAllValues:", "ForAnyValue:"}
)

// with returns the family with other lists.
func (f family) with(lists ...[]string) *family {
	f.lists = lists
	return &f
}

// conditions returns all conditions of the family on a key, and those of Null.
func (f *family) conditions(key string) []condition {
	var all []condition
	for _, qualifier := range qualifiers {
		for _, operator := range f.operators {
			for _, suffix := range []string{"", "IfExists"} {
				for _, list := range f.lists {
					all = append(all, condition{qualifier + operator + suffix, key, list})
				}
			}
		}
		for _, list := range nulls {
			all = append(all, condition{qualifier + "Null", key, list})
		}
	}
	return all
}

// textOperators have variables in their values.
var textOperators = slices.Concat(texts.operators, arns.operators)
