package bruteforce

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// wordsOver returns all texts over the letters with at most n characters, the empty one first.
func wordsOver(letters string, n int) []string {
	words := []string{""}
	for from, length := 0, 0; length < n; length++ {
		to := len(words)
		for _, word := range words[from:to] {
			for _, letter := range letters {
				words = append(words, word+string(letter))
			}
		}
		from = to
	}
	return words
}

// withPrefix returns the words with a prefix.
func withPrefix(prefix string, words []string) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = prefix + word
	}
	return all
}

const (
	bareARN  = "arn:aws:x:::"
	fullARN  = "arn:aws:x:r:123456789012:"
	otherARN = "arn:aws:xy:rr::"
)

// shortActions are all actions of two services with names of up to three letters.
func shortActions() []string {
	names := wordsOver("ab", 3)[1:]
	return slices.Concat(withPrefix("x:", names), withPrefix("xy:", wordsOver("ab", 2)[1:]))
}

// shortResources are ARNs with all last fields of up to four letters, some with other fields, and the resource of
// actions without resources.
func shortResources() []string {
	return slices.Concat(withPrefix(bareARN, wordsOver("ab", 4)), withPrefix(fullARN, wordsOver("a:/", 2)),
		withPrefix(otherARN, []string{"a", "a:b", "b:a:a"}), []string{"*", bareARN + "A", "arn:aws-cn:x:::a"})
}

// resourcePatterns are patterns with wildcards in every field.
var resourcePatterns = []string{
	"*", bareARN + "a", bareARN + "*", bareARN + "a*", bareARN + "*b", bareARN + "?", bareARN + "a?b", bareARN + "*a*b*",
	bareARN + "??*", bareARN, "arn:aws:x:*:*:*", "arn:aws:x:*:*:a", "arn:aws:x:r*:1*:a*", "arn:aws:x*:::a", "arn:aws:*",
	"arn:*:x:::a", "arn:aws:x:r*:a", "arn:aws:xy:?r::*", "arn:aws:x:*", "arn:aws:x:r:123456789012", "arn:aws:x*:r*::a:b",
	fullARN + "*:*", fullARN + "/*",
}

// compact are values of a second key, which make few requests.
var compact = family{
	name:      "compact",
	operators: []string{"StringEquals", "StringNotEquals", "StringLike"},
	lists:     [][]string{{"a"}, {"b", "a"}, {"a*"}},
	values:    absentOr(single("a", "b", "ab"), several("a", "b"), several("a")),
}

// familySpaces returns a space for each family: one key that the family's operators read, and a second one.
func familySpaces() []*space {
	var spaces []*space
	for _, f := range families {
		s := &space{name: f.name, kind: policy.Identity, conditional: 100}
		s.actions, s.resources = []string{"x:a"}, []string{bareARN + "a"}
		s.keys = []bruteKey{{"x:k", f.values}, {"x:j", compact.values}}
		s.conditions = f.conditions("x:k")
		// One condition in six is about the second key.
		second := compact.conditions("x:j")
		for i := range len(s.conditions) / 5 {
			s.conditions = append(s.conditions, second[i*7%len(second)])
		}
		spaces = append(spaces, s)
	}
	return spaces
}

// languageSpaces returns the spaces about other parts of the language.
func languageSpaces() []*space {
	actions := &space{name: "actions", kind: policy.Identity}
	actions.actions, actions.resources = shortActions(), []string{bareARN + "a"}
	actions.actionPatterns = slices.Concat([]string{"*", "xy:*", "x*:a", "X:A", "*:b", "x:ab*", "x:*a*", "z:*"},
		withPrefix("x:", wordsOver("ab*?", 2)[1:]))

	resources := &space{name: "resources", kind: policy.Identity}
	resources.actions, resources.resources = []string{"x:a", "xy:b"}, shortResources()
	resources.actionPatterns = []string{"x:*", "*:b", "xy:b"}
	resources.resourcePatterns = resourcePatterns

	keys := &space{name: "one key under operators of all families", kind: policy.Identity, conditional: 100, unknown: 15}
	keys.actions, keys.resources = []string{"x:a"}, []string{bareARN + "a"}
	keys.keys = []bruteKey{{"x:k", absentOr(
		single("", "a", "A", "true", "1", "1.0", "2", "2024", "10.0.0.1", "QQ==", "arn:aws:x:::a", "*", "1*"),
		several(), several("a"), several("1", "2"), several("true", "a"), several("arn:aws:x:::a", "1"), several(""))}}
	for _, f := range families {
		keys.conditions = append(keys.conditions, f.conditions("x:k")...)
	}
	keys.conditions = append(keys.conditions,
		condition{"StringLike", "x:k", []string{"1*"}}, condition{"StringEquals", "x:k", []string{"1"}},
		condition{"StringNotEquals", "x:k", []string{"true"}}, condition{"StringLike", "X:K", []string{"arn:*"}},
		condition{"StringNotEqualsIgnoreCase", "x:k", []string{"TRUE"}})

	mixed := &space{name: "everything", kind: policy.Identity, conditional: 60}
	mixed.actions = []string{"x:a", "x:ab", "xy:b"}
	mixed.resources = []string{bareARN + "a", bareARN + "ab", bareARN + "b", fullARN + "a", "*"}
	mixed.actionPatterns = []string{"x:a", "x:*", "*:*b", "xy:b", "X:A*"}
	mixed.resourcePatterns = []string{bareARN + "a", bareARN + "a*", bareARN + "*", "arn:aws:x:*:*:a", bareARN + "b"}
	mixed.keys = []bruteKey{{"x:k", compact.values}, {"x:n", absentOr(single("1", "2", "x"), several("1", "2"))},
		{"aws:SourceIp", absentOr(single("10.0.0.1", "192.168.0.1", "::1"))},
		{"aws:MultiFactorAuthPresent", absentOr(single("true", "false"))}}
	mixed.conditions = slices.Concat(compact.conditions("x:k"),
		numbers.with([]string{"1"}, []string{"2"}).conditions("x:n"),
		addresses.with([]string{"10.0.0.0/8"}, []string{"0.0.0.0/0"}).conditions("aws:SourceIp"),
		truths.with([]string{"true"}, []string{"false"}).conditions("aws:MultiFactorAuthPresent"))
	return []*space{actions, resources, keys, mixed}
}

// variableSpace returns a space about policy variables.
func variableSpace() *space {
	s := &space{name: "variables", kind: policy.Identity, conditional: 90, unknown: 20,
		versions: []string{"2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"}}
	s.actions = []string{"x:a"}
	s.resources = withPrefix(bareARN, []string{"", "a", "b", "aa", "ab", "a/b", "*", "${x:j}", "d"})
	s.resourcePatterns = withPrefix(bareARN, []string{"${x:j}", "a${x:j}", "${x:j}*", "*", "a", "${x:j, 'd'}", "${*}",
		"${x:k}/${x:j}", "a*"})
	s.keys = []bruteKey{
		{"x:k", absentOr(single("", "a", "b", "ab", "A", "*", "arn:aws:x:::a", "${x:j}", "d"), several("a"),
			several("a", "b"))},
		{"x:j", absentOr(single("", "a", "b", "*", "B"), several("a", "b"))},
	}
	for _, operator := range textOperators {
		for _, qualifier := range qualifiers {
			for _, suffix := range []string{"", "IfExists"} {
				for _, list := range [][]string{{"${x:j}"}, {"a${x:j}"}, {"${x:j}*"}, {"${x:j, 'd'}"}, {"${*}"}, {"${X:J}", "b"},
					{"a"}, {"a", "b"}, {"arn:aws:x:::${x:j}"}} {
					s.conditions = append(s.conditions, condition{qualifier + operator + suffix, "x:k", list})
				}
			}
		}
	}
	s.conditions = append(s.conditions, compact.conditions("x:j")...)
	return s
}

const (
	bob           = "arn:aws:iam::123456789012:user/bob"
	ann           = "arn:aws:iam::123456789012:user/ann"
	appRole       = "arn:aws:iam::123456789012:role/app"
	session       = "arn:aws:sts::123456789012:assumed-role/app/s"
	federatedUser = "arn:aws:sts::123456789012:federated-user/ann"
	stranger      = "arn:aws:iam::111122223333:user/bob"
	rootUser      = "arn:aws:iam::123456789012:root"
	ec2           = "ec2.amazonaws.com"
	anonymous     = "anonymous"
	samlProvider  = "arn:aws:iam::123456789012:saml-provider/corp"
)

// principalSpace returns a space about policies with principals.
func principalSpace() *space {
	s := &space{name: "principals", kind: policy.Resource, conditional: 30}
	for _, principal := range []string{bob, ann, appRole, session, "arn:aws:sts::123456789012:assumed-role/app/t",
		stranger, rootUser, ec2, "sns.amazonaws.com", anonymous, federatedUser, "arn:aws:iam::111122223333:role/app",
		"accounts.google.com"} {
		s.principals = append(s.principals, authz.MustPrincipal(principal))
	}
	s.actions, s.resources = []string{"x:a", "x:b"}, []string{bareARN + "a", bareARN + "b"}
	s.actionPatterns = []string{"x:*", "x:a", "x:b"}
	s.resourcePatterns = []string{bareARN + "a", bareARN + "*"}
	s.keys = []bruteKey{{"x:k", absentOr(single("a", "b"))}}
	s.conditions = compact.conditions("x:k")
	aws := func(entries ...string) map[string][]string { return map[string][]string{"AWS": entries} }
	s.principalLists = []map[string][]string{
		aws(bob), aws(ann, bob), aws("123456789012"), aws(rootUser), aws(appRole), aws("*"),
		aws(session), aws(stranger, "123456789012"), aws("111122223333"),
		aws(bob, "123456789012"), aws(session, appRole, "123456789012"),
		{"Service": {ec2}}, {"Service": {ec2, "sns.amazonaws.com"}, "AWS": {bob}}, {"Federated": {"accounts.google.com"}},
		aws(federatedUser, rootUser),
	}
	return s
}

// principalKeySpace returns a space about the context keys that follow from the principal.
func principalKeySpace() *space {
	s := principalSpace()
	s.name, s.conditional, s.unknown = "keys of the principal", 80, 8
	s.principals = nil
	for _, of := range []struct{ principal, id string }{
		{bob, "AIDAEXAMPLE1"}, {ann, "AIDAEXAMPLE2"}, {stranger, "AIDAEXAMPLE3"}, {session, "AROAEXAMPLE1"},
		{appRole, "AROAEXAMPLE1:s"}, {rootUser, ""}, {federatedUser, ""}, {ec2, ""}, {anonymous, ""},
		// These are in no list of principals.
		{"arn:aws:sts::123456789012:federated-user/zoe", ""}, {"sns.amazonaws.com", ""},
		{"arn:aws:iam::777788889999:user/path/eve", "AIDAEXAMPLE4"}, {"arn:aws:iam::777788889999:root", ""},
	} {
		principal := authz.MustPrincipal(of.principal)
		principal.ID = of.id
		if principal.Kind == authz.RoleSession {
			principal = principal.WithRole(appRole)
		}
		s.principals = append(s.principals, principal)
	}
	s.keys, s.actionPatterns, s.resourcePatterns = nil, nil, nil
	s.conditions = slices.Concat(
		arns.with([]string{bob}, []string{appRole}, []string{"arn:aws:iam::123456789012:*"}, []string{"arn:*:*:*:*:*"},
			[]string{"arn:aws:sts::*:federated-user/z*"}, []string{"arn:aws:iam::777788889999:user/*/eve"}).
			conditions("aws:PrincipalArn"),
		compact.with([]string{"123456789012"}, []string{"111122223333"}, []string{"anonymous", "1111*"},
			[]string{"777788889999"}).conditions("aws:PrincipalAccount"),
		compact.with([]string{"sns.amazonaws.com"}, []string{"sns*", "ec2*"}).conditions("aws:PrincipalServiceName"),
		compact.with([]string{"User"}, []string{"Account", "AssumedRole"}, []string{"Anonymous"}).
			conditions("aws:PrincipalType"),
		compact.with([]string{"bob"}, []string{"ann"}, []string{"eve"}).conditions("aws:username"),
		compact.with([]string{"AIDA*"}, []string{"AIDAEXAMPLE1"}, []string{"*:s"}).conditions("aws:userid"),
		truths.with([]string{"true"}, []string{"false"}).conditions("aws:PrincipalIsAWSService"))
	return s
}

// trustSpace returns a space about trust policies.
func trustSpace() *space {
	s := principalSpace()
	s.name, s.kind = "trust policies", policy.Trust
	s.principals = append(s.principals, authz.MustPrincipal(samlProvider))
	s.actions = []string{"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"}
	s.resources = []string{"arn:aws:iam::" + foreignAccount + ":role/r"}
	s.actionPatterns, s.resourcePatterns = []string{"sts:AssumeRole", "sts:AssumeRole*", "sts:*Session", "sts:*"}, nil
	s.principalLists = append(s.principalLists, map[string][]string{"Federated": {samlProvider}},
		map[string][]string{"Federated": {samlProvider, "accounts.google.com"}, "Service": {ec2}})
	return s
}

// tagSpace returns a space about the tags of a request. aws:TagKeys has the keys of all of them.
func tagSpace() *space {
	s := &space{name: "tags of the request", kind: policy.Identity, conditional: 100}
	s.actions, s.resources = []string{"x:a"}, []string{bareARN + "a"}
	s.keys = []bruteKey{
		{"aws:TagKeys", absentOr(several("a"), several("b"), several("a", "b"), several("c"), several("a", "b", "c"))},
		{"aws:RequestTag/a", absentOr(single("", "x", "y"))}, {"aws:RequestTag/b", absentOr(single("x", "y"))},
	}
	s.possible = func(values map[string]bruteValue) bool {
		for _, key := range []string{"a", "b"} {
			if _, tagged := values["aws:RequestTag/"+key]; tagged != slices.Contains(values["aws:TagKeys"].texts, key) {
				return false
			}
		}
		return true
	}
	for _, key := range []string{"aws:RequestTag/a", "aws:RequestTag/b"} {
		s.conditions = append(s.conditions, compact.with([]string{"x"}, []string{"x", "y"}, []string{"*"}).conditions(key)...)
	}
	s.conditions = append(s.conditions, compact.with([]string{"a"}, []string{"a", "b"}, []string{"c"}, []string{"*"}).
		conditions("aws:TagKeys")...)
	return s
}

// allSpaces returns the spaces of policies of one layer.
func allSpaces() []*space {
	return slices.Concat(familySpaces(), languageSpaces(),
		[]*space{variableSpace(), principalSpace(), principalKeySpace(), trustSpace(), tagSpace()})
}
