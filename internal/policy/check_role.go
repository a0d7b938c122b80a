package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// roleCodes holds the issue codes for one action that is dangerous on all roles.
// The code depends on how the statement allows the action.
type roleCodes struct {
	// The statement names the action, covers it with a wildcard, or does not list
	// it in NotAction; its Resource covers every role.
	named, star, notAction Code
	// The same, with NotResource.
	namedNot, starNot, notActionNot Code
}

var (
	passRoleCodes = roleCodes{
		CodePassRoleStar, CodePassRoleStarStar, CodePassRoleNotAction,
		CodePassRoleNotResource, CodePassRoleStarNotResource, CodePassRoleNotActionNotResource,
	}
	createSLRCodes = roleCodes{
		CodeSLRStar, CodeSLRStarStar, CodeSLRNotAction,
		CodeSLRNotResource, CodeSLRStarNotResource, CodeSLRNotActionNotResource,
	}
)

// roles reports statements that allow passing any role, or creating any
// service-linked role.
func (c *checker) roles(s *Statement, at string) {
	if s.Effect.Value != string(Allow) {
		return
	}
	if !s.hasKey("iam:passedtoservice") {
		c.role(s, at, SecurityWarning, "iam:PassRole", "role/", "iam:PassedToService", passRoleCodes)
	}
	if !s.hasKey("iam:awsservicename") {
		c.role(s, at, Warning, "iam:CreateServiceLinkedRole", "role/aws-service-role/", "iam:AWSServiceName", createSLRCodes)
	}
}

// role adds a finding if a statement allows the action on every role whose ARN continues with base after the account,
// such as "role/".
func (c *checker) role(s *Statement, at string, kind FindingKind, action, base, key string, codes roleCodes) {
	advice := "Name the roles in Resource, or add a condition on " + key + "."
	var code, codeNot Code
	var path string
	var pos tree.Pos
	fold := ascii.Fold(action)
	switch {
	case s.Action != nil:
		for i, v := range s.Action.Values {
			named := !hasWildcard(v.Value)
			if v.Unknown || code != "" && !named || !actionCovers(v.Value, fold) {
				continue
			}
			path, pos = s.Action.ValuePath(at+".Action", i), v.Pos
			if code, codeNot = codes.star, codes.starNot; named {
				code, codeNot = codes.named, codes.namedNot
				break // report the entry that names the action
			}
		}
	case s.NotAction != nil && !s.NotAction.mayMatch(fold):
		path, pos = at+".NotAction", s.NotAction.Pos
		code, codeNot = codes.notAction, codes.notActionNot
	}
	if code == "" {
		return
	}
	if s.NotResource != nil {
		if !s.NotResource.allRoles(base, c.variables) {
			c.add(kind, codeNot, path, pos, "The statement allows %s on every role that NotResource does not list, including "+
				"future roles. %s", action, advice)
		}
		return
	}
	if s.Resource.allRoles(base, c.variables) {
		c.add(kind, code, path, pos, "The statement allows %s on every role. %s", action, advice)
	}
}

// allRoles reports whether one of the known resource patterns covers every role
// whose resource begins with base.
func (l *List) allRoles(base string, variables bool) bool {
	if l == nil {
		return false
	}
	for _, v := range l.Values {
		if v.Unknown {
			continue
		}
		arn, err := ParseResource(v.Value, variables)
		if err != nil {
			continue
		}
		if arn.Everything {
			return true
		}
		resource := &arn.Fields[pattern.ResourceField]
		if rest := resource.Rest(); arn.Fields[pattern.ServiceField].Match("iam") && rest.IsEverything() &&
			strings.HasPrefix(base, resource.Prefix()) {
			return true
		}
	}
	return false
}
