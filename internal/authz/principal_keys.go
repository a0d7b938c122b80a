package authz

import (
	"iter"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// principalKeys are the context keys that [Principal.Keys] and [Principal.UnknownKeys] yield.
var principalKeys = []string{
	"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalServiceName",
	"aws:PrincipalType", "aws:userid", "aws:username",
}

// principalTypes are the values of aws:PrincipalType. AWS documents none for services and identity providers.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
var principalTypes = map[PrincipalKind]string{
	Root: "Account", User: "User", Role: "AssumedRole", RoleSession: "AssumedRole", FederatedUser: "FederatedUser",
	Anonymous: "Anonymous",
}

// Keys returns the context keys with known values that follow from the principal itself, and that each of its requests
// carries. For a role and its sessions, aws:PrincipalArn is the ARN of the role, and aws:username is absent (rule 35).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
func (p Principal) Keys() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		is := func(key, value string) bool { return value == "" || yield(key, value) }
		fromService := "false"
		switch p.Kind {
		case Unnamed, FederatedProvider: // a call with the token of an identity provider is not signed by a principal
			return
		case Anonymous:
			_ = is("aws:PrincipalAccount", "anonymous") && is("aws:PrincipalType", principalTypes[Anonymous])
			return
		case Service:
			if !is("aws:PrincipalServiceName", p.text) {
				return
			}
			fromService = "true"
		case User:
			if !is("aws:username", p.name) {
				return
			}
		}
		_ = is("aws:PrincipalAccount", p.Account) && is("aws:PrincipalArn", p.arn()) &&
			is("aws:PrincipalType", principalTypes[p.Kind]) && is("aws:userid", p.userID()) &&
			is("aws:PrincipalIsAWSService", fromService)
	}
}

// UnknownKeys returns the context keys that each request of the principal carries with one value that does not follow
// from the principal. The value matches one of the patterns.
//
// The ARN of a session does not contain the path of its role, so aws:PrincipalArn is known only with
// [Principal.WithRole]. The value of aws:userid contains the unique id, and for a role also the name of the session.
func (p Principal) UnknownKeys() iter.Seq2[string, []pattern.Pattern] {
	return func(yield func(string, []pattern.Pattern) bool) {
		likes := func(key string, globs ...string) bool {
			patterns := make([]pattern.Pattern, len(globs))
			for i, glob := range globs {
				patterns[i] = pattern.Glob(glob)
			}
			return yield(key, patterns)
		}
		if p.Kind == RoleSession && p.role == "" {
			roles := "arn:" + p.partition + ":iam::" + p.Account + ":role/"
			arns := []string{roles + p.name, roles + "*/" + p.name}
			if p.ServiceLinked {
				arns = []string{roles + "aws-service-role/*/" + p.name}
			}
			if !likes("aws:PrincipalArn", arns...) {
				return
			}
		}
		switch {
		case p.userID() != "":
		case p.Kind == User:
			likes("aws:userid", "?*")
		case p.Kind == RoleSession:
			likes("aws:userid", "?*:"+p.sessionName())
		case p.Kind == Role && p.ID == "":
			likes("aws:userid", "?*:?*")
		case p.Kind == Role:
			likes("aws:userid", p.ID+":?*")
		}
	}
}

// arn returns the value of aws:PrincipalArn, or "" if it is unknown or absent.
func (p *Principal) arn() string {
	switch p.Kind {
	case Root, User, FederatedUser:
		return p.text
	case Role, RoleSession:
		return p.role
	}
	return ""
}

// userID returns the value of aws:userid, or "" if it is unknown or absent.
func (p *Principal) userID() string {
	switch p.Kind {
	case Root:
		return p.Account
	case User:
		return p.ID
	case FederatedUser:
		return p.Account + ":" + p.sessionName()
	case Role, RoleSession:
		switch {
		case strings.Contains(p.ID, ":"): // the unique id was given with the name of the session
			return p.ID
		case p.Kind == RoleSession && p.ID != "":
			return p.ID + ":" + p.sessionName()
		}
	}
	return ""
}

// sessionName returns the name of a session, or of a federated user.
func (p *Principal) sessionName() string { return p.text[strings.LastIndexByte(p.text, '/')+1:] }
