package policy

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Check checks a document that [Parse] or [Decode] accepted against the rules of
// a kind of policy and against good practice. A finding of kind Error means that
// AWS refuses the policy, or that the policy cannot have the meaning it seems to
// have; [Findings.Refusals] returns the former. The other findings change no
// decision. Check returns at most a thousand findings, in the order of the text.
//
// Parts that are not known yet lead to no finding.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func Check(doc *Document, kind Kind) Findings { return CheckWith(catalog.Default(), doc, kind) }

// CheckWith is Check with another catalog of AWS's services.
func CheckWith(services *catalog.Catalog, doc *Document, kind Kind) Findings {
	c := &checker{
		doc: doc, kind: kind, catalog: services,
		variables: doc.Version.Unknown || doc.Version.Value == Version2012,
		sids:      map[string]int{}, statements: map[string]int{},
		steps: maxSteps, lookups: maxLookups, comparisons: maxComparisons,
	}
	c.version()
	c.characters(c.doc.ID, "$.Id")
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

// ValidateWith parses a policy document and checks it with a catalog of AWS's services. It returns the errors of
// [Parse] or, if there are none, the findings of [CheckWith].
func ValidateWith(services *catalog.Catalog, text []byte, kind Kind) Findings {
	doc, err := Parse(text)
	if err != nil {
		return err.(Findings) //nolint:errorlint,forcetypeassert // Parse returns nothing else
	}
	return CheckWith(services, doc, kind)
}

// checker collects the findings about one document.
type checker struct {
	doc     *Document
	kind    Kind
	catalog *catalog.Catalog
	// variables says that ${…} is a policy variable in this document.
	variables bool
	findings  Findings
	// sids maps a Sid, and statements maps a canonical text, to the index of the
	// first statement that has it.
	sids, statements map[string]int
	// steps is the number of steps that the search for redundant entries may still use, lookups is the number of actions
	// that may still be looked up in the catalog, and comparisons is the number of comparisons with its contents.
	steps, lookups, comparisons int
}

func (c *checker) statement(s *Statement, at string) {
	c.sid(s, at+".Sid")
	c.elements(s, at)
	c.principals(s.Principal, at+".Principal")
	c.principals(s.NotPrincipal, at+".NotPrincipal")
	c.actions(s.Action, at+".Action", s.Effect.Value)
	c.actions(s.NotAction, at+".NotAction", s.Effect.Value)
	reported := c.resources(s.Resource, at+".Resource")
	c.resources(s.NotResource, at+".NotResource")
	c.conditions(s, at+".Condition")
	c.use(s, reported, at)
	switch c.kind {
	case Identity:
		c.roles(s, at)
	case Resource:
		c.servicePrincipals(s, at)
		c.servicePrincipalKeys(s, at)
	case Trust:
		c.trust(s, at)
	case ResourceControl:
		c.resourceControl(s, at)
	}
	c.repeated(s, at)
}

// add records a finding.
func (c *checker) add(kind FindingKind, code Code, path string, pos tree.Pos, format string, args ...any) {
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, newFinding(kind, code, path, pos, format, args...))
	}
}

// fail records a finding of kind Error.
func (c *checker) fail(code Code, path string, pos tree.Pos, format string, args ...any) {
	c.add(Error, code, path, pos, format, args...)
}

// policy returns the name of the policy's kind with an article, for messages.
func (c *checker) policy() string {
	return [...]string{
		"an identity policy", "a resource policy", "a role trust policy", "a permissions boundary",
		"a session policy", "a service control policy", "a resource control policy",
	}[c.kind]
}

// statementPath returns the JSON path of a statement.
func (d *Document) statementPath(i int) string {
	if d.SingleStatement {
		return "$.Statement"
	}
	return elementPath("$.Statement", i)
}
