// Package review reports how a Terraform plan changes access: the principals that gain or lose access, and the dangers
// of the change.
//
// [Review] makes a [Report] from a plan file. The methods of the report write it for people and for programs. The
// package evaluates no policies itself.
package review

import "github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"

// Report describes how a plan changes access. All texts are plain: the writers escape them.
type Report struct {
	// AccountID is the id of the account, and empty if it is not known.
	AccountID        string
	TerraformVersion string
	// WholeAccount says that the report is about a whole account, and not only about the resources of the plan.
	WholeAccount bool
	// Judged is the number of resources of the plan that concern access; Changed of them change.
	Judged, Changed int
	// Principals are those that gain or lose access, the worst first.
	Principals []Principal
	// Resources are the resources whose own policies change the access, the worst first.
	Resources []Resource
	// Findings are the dangers of the change, by severity and then by check.
	Findings []Finding
	// NotJudged has the parts of the plan that could not be judged.
	NotJudged []NotJudged
	// NotJudgedSeverity is the severity of these parts.
	NotJudgedSeverity Severity
	// Drift are changes made outside Terraform. The author of the plan did not make them.
	Drift []Drift
	// Notes are sentences about the plan as a whole, such as that it is incomplete.
	Notes []string
	// Before and After are the steps by which principals become others, for the graphs.
	Before, After []accesscheck.Step
}

// Principal is a user or role whose access changes.
type Principal struct {
	ARN, Kind, Name string // Kind is "user" or "role"
	Added, Removed  bool
	// Outside says that the plan and the account do not have the principal; only the policies of the plan count.
	Outside      bool
	Gained, Lost []Access
	// Boundary is the change of the permissions boundary, and nil if it stays.
	Boundary *Boundary
	// Causes are the changed resources on which the access of the principal depends.
	Causes []Source
	// Open has the reasons why further differences are not known.
	Open []string
}

// Boundary is the change of a permissions boundary: the ARN before and after, empty for none.
type Boundary struct{ Before, After string }

// Access is a class of access of one service and one access level.
type Access struct {
	// Service is "*" for every service. Level is List, Read, Write, Tagging, Permissions management, or empty.
	Service, Level string
	// Action is an example, and Resource the resource of the example. Patterns are the resources in the words of the
	// policies, with holes as Terraform writes them.
	Action, Resource string
	Patterns         []string
	Context          map[string]any // the context keys of the example
	Condition        string         // of the statements, in the words of the policies
	Statements       []Statement
}

// Statement is a statement that gives or takes access.
type Statement struct {
	Policy, Sid string
	Index       int // from 0
	Effect      string
	Source      Source
}

// Source is the place of a resource in the configuration.
type Source struct {
	Address string // of the resource in Terraform; empty if the plan does not have it
	File    string // empty if the source is not given
	Line    int
}

// Resource is an AWS resource, or a role, whose own policy changes.
type Resource struct {
	ARN, Type      string // Type is the type in CloudFormation
	Source         Source
	Gained, Lost   []ResourceAccess
	Public         bool // after the change, and not before
	Added, Removed bool
	Open           []string
}

// ResourceAccess is an example of the access that the policy of a resource gives or gave.
type ResourceAccess struct {
	Principal        string // in words or an ARN
	CrossAccount     bool   // the principal belongs to another account
	Action, Resource string
	Context          map[string]any
	Condition        string
	Statements       []Statement
}

// Severity is the weight of a finding.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is a danger in the plan.
type Finding struct {
	// ID identifies the finding, for an acceptance.
	ID       string
	Check    string // such as privilege_escalation
	Severity Severity
	Summary  string // one sentence
	Details  []string
	// Path is the path of an escalation.
	Path    []accesscheck.Step
	Sources []Source
	// Accepted is set if the finding is accepted. It then does not fail the review.
	Accepted *Acceptance
}

// Acceptance says why a finding is accepted.
type Acceptance struct {
	ID, Reason string
	Expires    string // a date, such as 2027-01-31
}

// NotJudged is a part of the plan that the review could not judge.
type NotJudged struct {
	Source Source
	Reason string // one sentence
}

// Drift is a change made outside Terraform.
type Drift struct {
	Source Source
	Text   string
}
