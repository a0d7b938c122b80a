package analysis

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// named is what the policies name principals by.
type named struct {
	names      []policy.PrincipalName
	accounts   []string
	partitions []string
}

// namedPrincipals collects the principals and the accounts that the rules mention.
func (s *solver) namedPrincipals() named {
	n := named{partitions: []string{"aws"}}
	accounts := map[string]bool{}
	addText := func(text string) {
		for i := 0; i+12 <= len(text); i++ {
			if isAccount(text[i:i+12]) && (i == 0 || !isDigit(text[i-1])) && (i+12 == len(text) || !isDigit(text[i+12])) {
				accounts[text[i:i+12]] = true
			}
		}
		if rest, ok := strings.CutPrefix(text, "arn:"); ok {
			partition, _, _ := strings.Cut(rest, ":")
			if strings.HasPrefix(partition, "aws") && !strings.ContainsAny(partition, "*?") &&
				!slices.Contains(n.partitions, partition) {
				n.partitions = append(n.partitions, partition)
			}
		}
	}
	seen := map[policy.PrincipalName]bool{}
	for _, r := range s.rules {
		if r.view == nil || r.view.Principal == nil {
			continue
		}
		for _, name := range r.view.Principal.Names {
			if !seen[name] {
				seen[name] = true
				n.names = append(n.names, name)
				addText(name.Text)
			}
		}
	}
	for i := range s.atoms {
		a := &s.atoms[i]
		if !slices.Contains(principalKeys, s.keys[a.key]) || !a.comparesText() {
			continue
		}
		for j := range a.view.Values {
			for t := range a.view.Values[j].Text.Tokens() {
				addText(t.Text)
			}
			s.partial = s.partial || splitsAccounts(s.keys[a.key], &a.view.Values[j].Text)
		}
	}
	n.accounts = slices.Sorted(maps.Keys(accounts))
	for _, fresh := range [...]string{"123456789012", "111122223333", "444455556666", "777788889999", "100000000001"} {
		if !accounts[fresh] {
			n.accounts = append(n.accounts, fresh)
			break
		}
	}
	return n
}

// splitsAccounts reports whether a pattern may match some accounts by a part of their digits. One account that no rule
// mentions then does not stand for all others.
func splitsAccounts(key string, p *pattern.Pattern) bool {
	if !p.HasWildcards() {
		return false
	}
	account := p.String()
	switch key {
	case "aws:principalaccount":
	case "aws:principalarn":
		fields := strings.SplitN(account, ":", 6)
		if len(fields) < 5 || strings.ContainsAny(strings.Join(fields[:4], ":"), "*?") && len(fields) < 6 {
			return wildDigit.MatchString(account)
		}
		account = fields[4]
	case "aws:userid": // of a root user or a federated user
		return wildAccount.MatchString(account)
	default:
		return false
	}
	return account != "*" && strings.ContainsAny(account, "*?") && !isAccount(strings.TrimRight(account, "*"))
}

var (
	wildDigit   = regexp.MustCompile(`[0-9][*?]|[*?][0-9]`)
	wildAccount = regexp.MustCompile(`^[0-9]{1,11}[*?]|^[*?][0-9]`)
)

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAccount(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return len(text) == 12
}

// ids returns the values of aws:userid that match a glob and do not contain an id that the policies name. A unique id
// has no colon, and neither has the name of a session.
func (n *named) ids(glob string) pattern.Set {
	set := pattern.Set{Required: []pattern.Term{{Pattern: pattern.Glob(glob)}},
		Excluded: []pattern.Term{{Pattern: pattern.Glob("*:*" + strings.Repeat(":*", strings.Count(glob, ":")))}}}
	for _, name := range n.names {
		if name.Form == policy.UniqueID || name.Form == policy.CanonicalUserID {
			set.Excluded = append(set.Excluded, pattern.Term{Pattern: pattern.Literal(name.Text)},
				pattern.Term{Pattern: pattern.Glob(name.Text + ":*")})
		}
	}
	return set
}

// others returns the ARNs with a prefix that no entry of a form names. With paths set, it also leaves out the ARNs of
// the same name with another path: a session does not tell the path of its role, so that the entry would name it, too.
func (n *named) others(prefix string, form policy.PrincipalForm, paths bool) pattern.Set {
	set := pattern.Set{Required: []pattern.Term{{Pattern: pattern.Glob(prefix + "?*")}}}
	exclude := func(p pattern.Pattern) { set.Excluded = append(set.Excluded, pattern.Term{Pattern: p}) }
	exclude(pattern.Glob("*/"))
	exclude(pattern.Glob("*//*"))
	exclude(pattern.Glob(prefix + "*:*"))
	for _, name := range n.names {
		if name.Form != form || !strings.HasPrefix(name.Text, prefix) {
			continue
		}
		exclude(pattern.Literal(name.Text))
		if paths {
			exclude(pattern.Literal(prefix + name.Name))
			exclude(pattern.Join(pattern.Literal(prefix), pattern.Glob("*"), pattern.Literal("/"+name.Name)))
		}
	}
	return set
}

// freshName returns a name that none of the names has.
func freshName(name string, names []policy.PrincipalName) string {
	for slices.ContainsFunc(names, func(n policy.PrincipalName) bool { return n.Name == name }) {
		name += "-2"
	}
	return name
}
