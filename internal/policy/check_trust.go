package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// The actions that a role trust policy may contain (rules 70 and 71).
const (
	assumeRole     = "sts:assumerole"
	assumeSAML     = "sts:assumerolewithsaml"
	assumeWeb      = "sts:assumerolewithwebidentity"
	tagSession     = "sts:tagsession"
	sourceIdentity = "sts:setsourceidentity"
	setContext     = "sts:setcontext"
)

// githubHost is the OpenID Connect provider of GitHub Actions.
const githubHost = "token.actions.githubusercontent.com"

// provider is the kind of identity provider of a federated principal.
type provider uint8

const (
	noProvider provider = iota
	samlProvider
	oidcProvider
)

// providerOf returns the kind of a federated principal. A principal that is a
// domain name is an OpenID Connect provider.
func providerOf(text string) provider {
	if arn, err := ParseARN(text); err == nil {
		kind, name, _ := strings.Cut(arn.Resource, "/")
		switch {
		case arn.Service != "iam" || arn.Region != "" || !isAccountID(arn.Account) || name == "":
		case kind == "saml-provider":
			return samlProvider
		case kind == "oidc-provider":
			return oidcProvider
		}
		return noProvider
	}
	for i := 0; i < len(text); i++ {
		if c := text[i]; !asciiLetter(rune(c)) && (c < '0' || c > '9') && c != '-' && c != '.' {
			return noProvider
		}
	}
	if !strings.Contains(text, ".") {
		return noProvider
	}
	return oidcProvider
}

// providerHost returns the prefix of the condition keys of an OpenID Connect
// provider, in lower case.
func providerHost(text string) string {
	if arn, err := ParseARN(text); err == nil {
		_, text, _ = strings.Cut(arn.Resource, "/")
	}
	return ascii.Fold(text)
}

// trust checks the rules that only role trust policies have.
func (c *checker) trust(s *Statement, at string) {
	if s.NotAction != nil {
		c.fail(CodeUnsupportedAction, at+".NotAction", s.NotAction.Pos, "NotAction covers every action that it does not "+
			"list, but a role trust policy may contain only the actions that assume the role. Use Action to list them, such "+
			"as \"sts:AssumeRole\".")
	}
	if s.Action != nil {
		for i, v := range s.Action.Values {
			if !v.Unknown && !trustAction(v.Value) {
				c.fail(CodeUnsupportedAction, s.Action.ValuePath(at+".Action", i), v.Pos, "%s is not an action of a role trust "+
					"policy. Those actions are sts:AssumeRole, sts:AssumeRoleWithSAML, sts:AssumeRoleWithWebIdentity, "+
					"sts:TagSession, sts:SetSourceIdentity and sts:SetContext.", Quote(v.Value))
			}
		}
	}
	c.sessionConditions(s, at)
	if s.Principal == nil {
		return
	}
	c.mismatches(s, at)
	if s.Effect.Value != string(Allow) {
		return
	}
	for _, entry := range s.Principal.Entries {
		path := MemberPath(at+".Principal", entry.Type)
		for i, v := range entry.Values.Values {
			switch {
			case v.Unknown:
			case entry.Type == "AWS" && v.Value == "*" && !c.limitsCallers(s):
				c.trustEveryone(s, v, entry.Values.ValuePath(path, i))
			case entry.Type == "Federated" && providerOf(v.Value) == oidcProvider && s.Action.mayMatch(assumeWeb):
				c.oidc(s, v, entry.Values.ValuePath(path, i), at)
			}
		}
	}
}

// trustEveryone reports a role that strangers may assume.
func (c *checker) trustEveryone(s *Statement, v Text, at string) {
	reason := "."
	if len(s.Conditions) > 0 {
		reason = ": the conditions exclude nobody, because strangers can meet them. A negated operator, a value that " +
			"matches everything and a key that the caller chooses exclude nobody."
	}
	c.add(SecurityWarning, CodeTrustEveryone, at, v.Pos, "Every principal of every AWS account may assume the role%s "+
		"Name the principals, or add a condition that only they meet, for example StringEquals on aws:PrincipalOrgID.",
		reason)
}

// trustAction reports whether an action pattern names STS as its service and
// covers an action of trust policies.
func trustAction(pattern string) bool {
	if hasWildcard(actionService(pattern)) {
		return false
	}
	for _, action := range [...]string{assumeRole, assumeSAML, assumeWeb, tagSession, sourceIdentity, setContext} {
		if actionCovers(pattern, action) {
			return true
		}
	}
	return false
}

// mismatches reports actions that no principal of the statement can use, and
// principals that can use none of its actions (rule 71). The actions for tags,
// source identity and context are available to every principal.
func (c *checker) mismatches(s *Statement, at string) {
	p := s.Principal
	if p.Everyone || p.Unknown || s.Action == nil || s.Action.Unknown {
		return
	}
	usable := map[string]bool{} // the actions that the principals can use
	type user struct {
		action string
		text   Text
		path   string
	}
	var users []user
	for _, entry := range p.Entries {
		if entry.Values.Unknown {
			return
		}
		for i, v := range entry.Values.Values {
			if v.Unknown || v.Value == "*" {
				return // anyone, or possibly anyone
			}
			action := assumeRole
			if entry.Type == "Federated" {
				switch providerOf(v.Value) {
				case samlProvider:
					action = assumeSAML
				case oidcProvider:
					action = assumeWeb
				default:
					continue
				}
			}
			usable[action] = true
			users = append(users, user{action, v, entry.Values.ValuePath(MemberPath(at+".Principal", entry.Type), i)})
		}
	}
	if len(users) == 0 {
		return
	}
	assumes := false
	for i, v := range s.Action.Values {
		if v.Unknown {
			return
		}
		fits, assumesRole := false, false
		for _, action := range [...]string{assumeRole, assumeSAML, assumeWeb} {
			if actionCovers(v.Value, action) {
				assumesRole = true
				fits = fits || usable[action]
			}
		}
		assumes = assumes || assumesRole
		if assumesRole && !fits {
			c.fail(CodeMismatchedAction, s.Action.ValuePath(at+".Action", i), v.Pos, "No principal of the statement can use "+
				"%s. sts:AssumeRole is for AWS and Service principals, sts:AssumeRoleWithSAML for a Federated SAML provider, "+
				"sts:AssumeRoleWithWebIdentity for a Federated OpenID Connect provider.", Quote(v.Value))
		}
	}
	for _, u := range users {
		if assumes && !s.Action.mayMatch(u.action) {
			c.fail(CodeMismatchedAction, u.path, u.text.Pos, "%s cannot use any action of the statement. sts:AssumeRole is "+
				"for AWS and Service principals, sts:AssumeRoleWithSAML for a Federated SAML provider, "+
				"sts:AssumeRoleWithWebIdentity for a Federated OpenID Connect provider.", Quote(u.text.Value))
		}
	}
}

// oidc checks that a statement restricts which tokens of a provider it accepts.
func (c *checker) oidc(s *Statement, v Text, path, at string) {
	host := providerHost(v.Value)
	c.openSubject(s, host, at)
	if host != githubHost {
		if !s.hasKeyPrefix(host + ":") {
			c.add(SecurityWarning, CodeOIDCCondition, path, v.Pos, "Anyone with a token of %s may assume the role. Add a "+
				"condition on %s:aud and, to restrict the callers, on %s:sub.", Quote(v.Value), host, host)
		}
		return
	}
	if !s.hasKey(githubHost + ":sub") {
		c.add(SecurityWarning, CodeGitHubCondition, path, v.Pos, "Any workflow on GitHub may assume the role. Add a "+
			"condition on %s:sub with the repository and branch.", githubHost)
		return
	}
	for _, op := range s.Conditions {
		for _, k := range op.Keys {
			if ascii.Fold(k.Key) != githubHost+":sub" || op.Parsed.Comparison != StringLike {
				continue
			}
			at := MemberPath(MemberPath(at+".Condition", op.Name), k.Key)
			for i, value := range k.Values.Values {
				if !value.Unknown && hasWildcard(value.Value) && !isUniversal(value) {
					c.add(Warning, CodeGitHubWildcard, k.Values.ValuePath(at, i), value.Pos, "%s covers more than one repository "+
						"or branch. Name both, as in \"repo:owner/name:ref:refs/heads/main\".", Quote(value.Value))
				}
			}
		}
	}
}

// hasKeyPrefix reports whether the statement has a condition on a key with this
// lower-case prefix, or may have one once everything is known.
func (s *Statement) hasKeyPrefix(prefix string) bool {
	for _, op := range s.Conditions {
		if op.Unknown {
			return true
		}
		for _, k := range op.Keys {
			if strings.HasPrefix(ascii.Fold(k.Key), prefix) {
				return true
			}
		}
	}
	return s.ConditionsUnknown
}

// rolesAnywhere checks that a trust policy that names IAM Roles Anywhere allows it
// all the actions it needs, possibly in several statements.
// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (c *checker) rolesAnywhere() {
	if c.kind != Trust || c.doc.Unknown {
		return
	}
	var path string
	var pos tree.Pos
	missing := map[string]string{assumeRole: "sts:AssumeRole", tagSession: "sts:TagSession",
		sourceIdentity: "sts:SetSourceIdentity"}
	for i := range c.doc.Statements {
		s := &c.doc.Statements[i]
		if s.Unknown || s.Effect.Unknown {
			return
		}
		if s.Principal == nil || s.Action == nil || s.Effect.Value != string(Allow) {
			continue
		}
		for _, entry := range s.Principal.Entries {
			for j, v := range entry.Values.Values {
				if entry.Type != "Service" || ascii.Fold(v.Value) != "rolesanywhere.amazonaws.com" {
					continue
				}
				if path == "" {
					path, pos = entry.Values.ValuePath(MemberPath(c.doc.statementPath(i)+".Principal", "Service"), j), v.Pos
				}
				for action := range missing {
					if s.Action.mayMatch(action) {
						delete(missing, action)
					}
				}
			}
		}
	}
	if path == "" || len(missing) == 0 {
		return
	}
	var names []string
	for _, action := range [...]string{assumeRole, tagSession, sourceIdentity} {
		if name, ok := missing[action]; ok {
			names = append(names, name)
		}
	}
	c.fail(CodeRolesAnywhere, path, pos, "IAM Roles Anywhere needs sts:AssumeRole, sts:TagSession and "+
		"sts:SetSourceIdentity; missing: %s. Add them to Action.", strings.Join(names, ", "))
}
