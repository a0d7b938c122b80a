package policy

import (
	"fmt"
	"strings"
)

// PrincipalForm is the form in which an entry of a Principal element names principals.
type PrincipalForm uint8

// The forms of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
const (
	EveryonePrincipal  PrincipalForm = iota // "*"
	AccountPrincipal                        // an account id or its root ARN: everyone in the account
	UserPrincipal                           // a user's ARN, or that of a CloudFront origin access identity
	RolePrincipal                           // a role's ARN: the role and all its sessions
	SessionPrincipal                        // an assumed-role session's ARN
	FederatedUser                           // the ARN of a GetFederationToken session
	UniqueID                                // AIDA… or AROA…, by which AWS replaces ARNs on save
	ServicePrincipal                        // a service, such as ec2.amazonaws.com
	FederatedPrincipal                      // an identity provider
	CanonicalUserID                         // an S3 canonical user id
	GroupPrincipal                          // a group's ARN, which names nobody (rule 55); Check refuses it
)

// PrincipalName is one parsed entry of a Principal element.
type PrincipalName struct {
	Form PrincipalForm
	// Text is the entry as written.
	Text string
	// Account is the account's id, for accounts, users, roles and sessions.
	Account string
	// Name is the name of the user or role without its path, or the name of the
	// session's role.
	Name string
	// Session is the session's name.
	Session string
}

// ParsePrincipal parses an entry of a Principal element. The kind is AWS, Service,
// Federated or CanonicalUser. Only "*" as a whole is a wildcard, and only under AWS.
func ParsePrincipal(kind, text string) (PrincipalName, *Finding) {
	name := PrincipalName{Text: text}
	fail := func(code Code, format string, args ...any) (PrincipalName, *Finding) {
		return name, &Finding{Kind: Error, Code: code, Message: fmt.Sprintf(format, args...)}
	}
	if kind == "AWS" && text == "*" {
		return name, nil
	}
	if strings.ContainsAny(text, "*?") {
		return fail(CodeWildcardInPrincipal, "The principal %s has a wildcard; only \"*\" as a whole, under AWS, may "+
			"stand for everyone. Name the principals, or use a condition on aws:PrincipalArn.", Quote(text))
	}
	switch kind {
	case "Service":
		name.Form = ServicePrincipal
		if !strings.Contains(text, ".") || strings.ContainsAny(text, ":/ ") {
			return fail(CodeInvalidService, "%s is not a service principal; a service principal looks like "+
				"\"ec2.amazonaws.com\".", Quote(text))
		}
		return name, nil
	case "Federated":
		name.Form = FederatedPrincipal
		if text == "" {
			return fail(CodeInvalidPrincipal, "The federated principal is empty.")
		}
		return name, nil
	case "CanonicalUser":
		name.Form = CanonicalUserID
		if text == "" {
			return fail(CodeInvalidPrincipal, "The canonical user id is empty.")
		}
		return name, nil
	}
	if isAccountID(text) {
		name.Form, name.Account = AccountPrincipal, text
		return name, nil
	}
	if isUniqueID(text) {
		name.Form = UniqueID
		return name, nil
	}
	const forms = "an account id, an ARN of an account, user, role or session, or \"*\""
	arn, err := ParseARN(text)
	if err != nil {
		return fail(CodeInvalidPrincipal, "%s is not an AWS principal; an AWS principal is %s.", Quote(text), forms)
	}
	if !isAccountID(arn.Account) && !(arn.Account == "cloudfront" && strings.HasPrefix(arn.Resource,
		"user/CloudFront Origin Access Identity ")) {
		return fail(CodeInvalidPrincipal, "The principal %s needs an account id of 12 digits in its fifth field.",
			Quote(text))
	}
	name.Account = arn.Account
	kindOf, rest, _ := strings.Cut(arn.Resource, "/")
	last := rest[strings.LastIndexByte(rest, '/')+1:]
	switch {
	case arn.Service == "iam" && arn.Resource == "root":
		name.Form = AccountPrincipal
		return name, nil
	case arn.Service == "iam" && kindOf == "user" && last != "":
		name.Form, name.Name = UserPrincipal, last
		return name, nil
	case arn.Service == "iam" && kindOf == "role" && last != "":
		name.Form, name.Name = RolePrincipal, last
		return name, nil
	case arn.Service == "sts" && kindOf == "assumed-role" && strings.Count(rest, "/") == 1 && last != "" && rest[0] != '/':
		name.Form, name.Session = SessionPrincipal, last
		name.Name = rest[:len(rest)-len(last)-1]
		return name, nil
	case arn.Service == "sts" && kindOf == "federated-user" && last == rest && last != "":
		name.Form, name.Name = FederatedUser, last
		return name, nil
	case arn.Service == "iam" && kindOf == "group":
		name.Form = GroupPrincipal
		return name, nil
	}
	return fail(CodeInvalidPrincipal, "%s is not an AWS principal; an AWS principal is %s.", Quote(text), forms)
}

func isAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// isUniqueID reports whether s is a unique id of a user or role
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes).
func isUniqueID(s string) bool {
	if len(s) < 5 || len(s) > 128 || !strings.HasPrefix(s, "AIDA") && !strings.HasPrefix(s, "AROA") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
