package policy

// version checks the document's Version (rule 5).
func (c *checker) version() {
	v := c.doc.Version
	if c.doc.Unknown && !v.Present() || v.Unknown || v.Value == Version2012 {
		return
	}
	path, pos := "$.Version", v.Pos
	if !v.Present() {
		path, pos = "$", c.doc.Pos
	}
	switch {
	case c.kind == ServiceControl || c.kind == ResourceControl:
		c.fail(CodeUnsupportedVersion, path, pos, "Version must be \"2012-10-17\" in %s. Write it so.", c.policy())
	case !v.Present():
		c.add(Warning, CodeMissingVersion, path, pos,
			"The document has no Version, so version 2008-10-17 applies, which has no policy variables; AWS refuses to "+
				"create a managed policy without a Version. Add \"Version\": \"2012-10-17\".")
	default:
		c.add(Warning, CodeOldVersion, path, pos,
			"Version 2008-10-17 has no policy variables, and AWS refuses to create a managed policy with it. Check every ${ "+
				"in the document, then write \"2012-10-17\".")
	}
}

// elements checks which elements a statement of this kind of policy must and must
// not have (rules 6, 7 and 57).
func (c *checker) elements(s *Statement, at string) {
	switch {
	case s.Principal == nil && s.NotPrincipal == nil:
		if c.kind.HasPrincipal() {
			c.fail(CodeMissingPrincipal, at, s.Pos, "The statement names no principal, and %s needs one. Add a Principal "+
				"element.", c.policy())
		}
	case c.kind == ServiceControl:
		c.unsupportedPrincipal(s, at, CodeSCPPrincipal, "Remove it, and select principals with a condition on "+
			"aws:PrincipalArn.")
	case !c.kind.HasPrincipal():
		c.unsupportedPrincipal(s, at, CodeUnsupportedPrincipal, "Remove it; the policy applies to the identity that it is "+
			"attached to.")
	}
	if p := s.NotPrincipal; p != nil {
		switch {
		case c.kind == Trust:
			c.fail(CodeTrustNotPrincipal, at+".NotPrincipal", p.Pos, "A role trust policy cannot contain NotPrincipal. Use "+
				"Principal to name the principals that may assume the role.")
		case c.kind == ResourceControl:
			c.fail(CodeRCPPrincipal, at+".NotPrincipal", p.Pos, "A resource control policy cannot contain NotPrincipal. "+
				"Write \"Principal\": \"*\", and make exceptions with a condition on aws:PrincipalArn.")
		case c.kind == Resource && s.Effect.Value == string(Allow):
			c.fail(CodeAllowNotPrincipal, at+".NotPrincipal", p.Pos, "NotPrincipal with Allow would allow everyone else, "+
				"anonymous callers included, and AWS refuses it. Use Principal to name the allowed callers.")
		}
	}
	hasResource := s.Resource != nil || s.NotResource != nil
	switch {
	case c.kind != Trust && !hasResource:
		c.fail(CodeMissingResource, at, s.Pos, "The statement has neither Resource nor NotResource. Add one; "+
			"\"Resource\": \"*\" is every resource.")
	case c.kind == Trust && hasResource:
		name, list := "Resource", s.Resource
		if list == nil {
			name, list = "NotResource", s.NotResource
		}
		c.fail(CodeTrustResource, at+"."+name, list.Pos, "A role trust policy applies to the role it is attached to and "+
			"cannot contain %s. Remove it.", name)
	}
}

func (c *checker) unsupportedPrincipal(s *Statement, at string, code Code, advice string) {
	name, p := "Principal", s.Principal
	if p == nil {
		name, p = "NotPrincipal", s.NotPrincipal
	}
	c.fail(code, at+"."+name, p.Pos, "%s does not belong in %s. %s", name, c.policy(), advice)
}

// resourceControl checks the rules that only resource control policies have (rule 65).
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
func (c *checker) resourceControl(s *Statement, at string) {
	if s.NotAction != nil {
		c.fail(CodeRCPNotAction, at+".NotAction", s.NotAction.Pos, "A resource control policy cannot contain NotAction. "+
			"Use Action to list the denied actions.")
	}
	if s.Effect.Value == string(Allow) {
		// Only the policy that AWS attaches itself, RCPFullAWSAccess, allows.
		if !everything(s.Action) || !everything(s.Resource) || s.HasCondition {
			c.fail(CodeRCPAllow, at+".Effect", s.Effect.Pos, "A resource control policy can only deny; the one exception is "+
				"AWS's own RCPFullAWSAccess, which allows everything. Write \"Deny\".")
		}
		return
	}
	if s.Action == nil {
		return
	}
	for i, v := range s.Action.Values {
		if service := actionService(v.Value); !v.Unknown && hasWildcard(service) {
			c.fail(CodeRCPAction, s.Action.ValuePath(at+".Action", i), v.Pos, "The action %s does not name its service, as a "+
				"resource control policy must. Write one entry for each service, such as \"s3:*\".", Quote(v.Value))
		}
	}
}

// everything reports whether all known values of a list are "*".
func everything(l *List) bool {
	if l == nil {
		return false
	}
	for _, v := range l.Values {
		if !v.Unknown && v.Value != "*" {
			return false
		}
	}
	return true
}
