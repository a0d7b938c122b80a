package policy

import "github.com/iam-as-code/terraform-provider-iam/internal/tree"

// Check reports what the rules of a kind of policy, and good practice, have to
// say about a document that [Parse] or [Decode] accepted. Findings of kind
// Error are what AWS refuses, or what cannot mean what it says; the others
// change no decision. They come in the order of the text, at most a thousand.
//
// Parts that are not known yet give no finding.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func Check(doc *Document, kind Kind) Findings {
	c := &checker{
		doc: doc, kind: kind,
		variables: doc.Version.Unknown || doc.Version.Value == Version2012,
		sids:      map[string]int{}, statements: map[string]int{},
		steps: maxSteps,
	}
	c.version()
	c.id()
	c.size()
	for i := range doc.Statements {
		if s := &doc.Statements[i]; !s.Unknown {
			c.statement(s, doc.statementPath(i))
		}
	}
	c.rolesAnywhere()
	c.findings.sort()
	return c.findings
}

// Validate reads a policy document and checks it: what it returns is the
// errors of [Parse], or the findings of [Check].
func Validate(text []byte, kind Kind) Findings {
	doc, err := Parse(text)
	if err != nil {
		return err.(Findings) //nolint:errorlint,forcetypeassert // Parse returns nothing else
	}
	return Check(doc, kind)
}

// checker gathers findings about one document.
type checker struct {
	doc  *Document
	kind Kind
	// variables says that ${…} is a policy variable in this document.
	variables bool
	findings  Findings
	// sids and statements hold the index of the statement that had a Sid, or
	// a meaning, first.
	sids, statements map[string]int
	// steps is what remains for looking for redundant entries.
	steps int
}

func (c *checker) statement(s *Statement, at string) {
	c.sid(s, at+".Sid")
	c.elements(s, at)
	c.principals(s.Principal, at+".Principal")
	c.principals(s.NotPrincipal, at+".NotPrincipal")
	c.actions(s.Action, at+".Action")
	c.actions(s.NotAction, at+".NotAction")
	c.resources(s.Resource, at+".Resource")
	c.resources(s.NotResource, at+".NotResource")
	c.conditions(s, at+".Condition")
	switch c.kind {
	case Identity:
		c.roles(s, at)
	case Resource:
		c.servicePrincipals(s, at)
	case Trust:
		c.trust(s, at)
	case ResourceControl:
		c.resourceControl(s, at)
	}
	c.repeated(s, at)
	// What needs to know which services, actions, resource types, regions and
	// condition keys exist joins here: INVALID_ACTION for a name that does not
	// exist, INVALID_SERVICE_IN_ACTION, INVALID_SERVICE_CONDITION_KEY,
	// INVALID_GLOBAL_CONDITION_KEY, INVALID_REGION, ARN_REGION_NOT_ALLOWED,
	// MISSING_ARN_ACCOUNT, UNSUPPORTED_ACTION_FOR_CONDITION_KEY, the tag
	// conditions that a service does not support, and the like.
}

// add notes a finding.
func (c *checker) add(kind FindingKind, code Code, path string, pos tree.Pos, format string, args ...any) {
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, newFinding(kind, code, path, pos, format, args...))
	}
}

// fail notes an error.
func (c *checker) fail(code Code, path string, pos tree.Pos, format string, args ...any) {
	c.add(Error, code, path, pos, format, args...)
}

// policy names the kind of policy in a message, with its article.
func (c *checker) policy() string {
	return [...]string{
		"an identity policy", "a resource policy", "a role trust policy", "a permissions boundary",
		"a session policy", "a service control policy", "a resource control policy",
	}[c.kind]
}

// statementPath is the JSON path of a statement.
func (d *Document) statementPath(i int) string {
	if d.SingleStatement {
		return "$.Statement"
	}
	return elementPath("$.Statement", i)
}
