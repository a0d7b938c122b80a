package assertion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Assertion is a set of requirements on the access of one principal: a user, role or session, named as in
// [account.Account.Principal].
type Assertion struct {
	Principal string
	Blocks    []Block
	// DirectOnly says that the deny blocks do not follow the roles that the principal may assume.
	DirectOnly bool
}

// Block is a set of requests that must all be allowed, or of which none may be allowed.
type Block struct {
	// Allow says that each request must be allowed with exactly the keys of Context. Otherwise no request may be
	// allowed, whatever values the other context keys have: a statement with a condition counts as allowing.
	Allow bool
	// Actions and Resources may contain wildcards. Without resources, a block with Allow asks about the resource "*", and
	// any other block asks about every resource.
	Actions, Resources []string
	Context            []Key
	Message            string // the reason for the requirement; failures quote it
}

// Key is a context key of the requests.
type Key struct {
	Name   string
	Values []string
	// Multivalued says that the key has a list of values.
	Multivalued bool
}

// Finding is a request that violates its block, or whose answer is unknown. If one statement allows several requests
// that must not be allowed, only the first is a finding.
type Finding struct {
	Block   int
	Request string
	// Message names the principal, the request, and the responsible statement or the unknown values.
	Message string
}

// Result is the result of checking an assertion.
type Result struct {
	Failures  []Finding
	Undecided []Finding
	// Effective has the answer to each request, in the order of the blocks.
	Effective []Effective
	// Reached has the ARNs of the roles that the principal could assume, in ascending order.
	Reached []string
}

// Effective is one request and its answer. In a block with Allow, the answer is Allowed, Unknown or a denial; in any
// other block, it is Never, Possible or Unknown.
type Effective struct{ Action, Resource, Decision string }

// maxRequests limits the requests of a block, and so the time that a plan takes. A block with more is undecided.
const maxRequests = 2000

// UnknownPrincipalError reports that the account does not have the principal.
type UnknownPrincipalError struct {
	Principal string
	Reason    error
}

// Error returns the text of the reason.
func (e *UnknownPrincipalError) Error() string { return e.Reason.Error() }

// Unwrap returns the reason.
func (e *UnknownPrincipalError) Unwrap() error { return e.Reason }

// Check checks the assertion against an account. It returns *UnknownPrincipalError if the account does not have the
// principal, and another error if the principal's policies refer to something that the account does not have.
func (a Assertion) Check(acc *account.Account) (Result, error) {
	principal, err := acc.Principal(a.Principal)
	if err != nil {
		return Result{}, &UnknownPrincipalError{a.Principal, err}
	}
	access, err := acc.Access(principal, account.Credentials{})
	if err != nil {
		return Result{}, err
	}
	policies := access.Policies()
	c := &check{account: acc, principal: principal, access: access, statements: slices.Collect(policies.Statements())}
	for i := range a.Blocks {
		if err := c.block(i, &a.Blocks[i]); err != nil {
			return Result{}, err
		}
	}
	return c.result, nil
}

// check checks an assertion, block by block.
type check struct {
	account    *account.Account
	principal  authz.Principal
	access     *account.Access
	statements []authz.StatementView
	reported   map[string]bool // the statements that a failure of the block names
	result     Result
}

// block checks one block and adds its findings and answers to the result.
func (c *check) block(i int, b *Block) error {
	context := authz.NewContext()
	for _, key := range b.Context {
		var err error
		switch {
		case key.Multivalued:
			err = context.SetMulti(key.Name, key.Values)
		case len(key.Values) == 1:
			err = context.Set(key.Name, key.Values[0])
		default:
			err = fmt.Errorf("the key %q has %d values and is not multivalued", key.Name, len(key.Values))
		}
		if err != nil {
			return err
		}
	}
	c.access.SetKeys(context)
	c.reported = map[string]bool{}
	pairs := c.requests(b, context)
	if len(pairs) > maxRequests {
		c.result.Undecided = append(c.result.Undecided,
			Finding{Block: i, Request: strings.Join(b.Actions, ", "), Message: fmt.Sprintf(
				"The patterns of the block overlap with the principal's statements in %d ways; at most %d can be checked. "+
					"Split the block, or use narrower patterns.", len(pairs), maxRequests)})
		return nil
	}
	for _, p := range pairs {
		action, err := authz.ParseAction(p.action)
		if err != nil {
			return err
		}
		policies, request, err := c.access.Request(action, p.resource, context)
		if err != nil && b.Allow {
			c.result.Failures = append(c.result.Failures,
				Finding{Block: i, Request: fmt.Sprintf("%s on %s", action, p.resource), Message: err.Error()})
			continue
		}
		if err != nil {
			policies.ResourcePolicy = nil // the role does not exist yet and may get any trust policy
		}
		c.decide(i, b, &policies, &request)
	}
	return nil
}

// decide decides one request and adds its answer and, if it violates the block or is unknown, a finding.
func (c *check) decide(i int, b *Block, policies *authz.Policies, r *authz.Request) {
	name := fmt.Sprintf("%s on %s", r.Action, r.Resource)
	finding := func(format string, args ...any) Finding {
		message := fmt.Sprintf(format, args...)
		if b.Message != "" {
			message += "\n" + b.Message
		}
		return Finding{Block: i, Request: name, Message: message}
	}
	if b.Allow {
		outcome := policies.Decide(r)
		c.result.Effective = append(c.result.Effective, Effective{r.Action.String(), r.Resource, outcome.String()})
		switch outcome {
		case authz.Allowed:
		case authz.Undecided:
			d := policies.Explain(r)
			c.result.Undecided = append(c.result.Undecided, finding("Whether %s is allowed %s depends on %s.", c.principal, name,
				strings.Join(d.DependsOn, "; ")))
		default:
			c.result.Failures = append(c.result.Failures,
				finding("%s must be allowed %s, but is not.\n%s", c.principal, name, policies.Explain(r).Explanation()))
		}
		return
	}
	possible := policies.CouldAllow(r)
	decision := map[authz.Possibility]string{authz.Never: "Never", authz.Possible: "Possible",
		authz.Unclear: "Unknown"}[possible]
	c.result.Effective = append(c.result.Effective, Effective{r.Action.String(), r.Resource, decision})
	switch possible {
	case authz.Never:
	case authz.Unclear:
		c.result.Undecided = append(c.result.Undecided,
			finding("Whether %s could be allowed %s depends on %s.", c.principal, name,
				strings.Join(policies.Explain(r).DependsOn, "; ")))
	default:
		d := policies.Explain(r)
		violation, statement := "but could be with other values of the context", d.Reason
		if d.Outcome == authz.Allowed {
			violation = "but is"
		} else if d.NearestMiss != nil {
			statement = d.NearestMiss.StatementRef.String()
		}
		// Several requests may violate the block because of one statement. Report the statement once.
		if c.reported[statement] {
			return
		}
		c.reported[statement] = true
		c.result.Failures = append(c.result.Failures,
			finding("%s must never be allowed %s, %s.\n%s", c.principal, name, violation, d.Explanation()))
	}
}

// pair is the action and the resource of one request.
type pair struct{ action, resource string }

// requests returns the requests of a block. Representative requests stand for patterns.
func (c *check) requests(b *Block, context *authz.Context) []pair {
	resources := b.Resources
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	anyResource := len(b.Resources) == 0 && !b.Allow
	seen := map[pair]bool{}
	var out []pair
	add := func(p pair) {
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	for _, action := range b.Actions {
		for _, resource := range resources {
			q := query{
				action: action, resource: resource, literalResource: !anyResource && (resource == "*" || !isPattern(resource)),
				account: c.account.ID(), keys: context,
			}
			add(q.example())
			if anyResource {
				add(pair{q.example().action, unnamedResource})
			}
			if q.literalResource && !isPattern(action) {
				continue
			}
			for i := range c.statements {
				for _, p := range q.overlaps(&c.statements[i]) {
					add(p)
				}
			}
		}
	}
	return out
}

// Problem is an invalid part of an assertion.
type Problem struct {
	Block   int
	Element string // "actions", "resources" or "context"; empty for the principal, where Block is -1
	Index   int
	Message string
}

// Validate returns the problems of an assertion. It needs no account. An empty text stands for a
// value that is not known yet.
func (a Assertion) Validate() []Problem {
	var out []Problem
	if a.Principal != "" && strings.HasPrefix(a.Principal, "arn:") {
		p, err := authz.ParsePrincipal(a.Principal)
		switch {
		case err != nil:
			out = append(out, Problem{Block: -1, Message: err.Error()})
		case !slices.Contains([]authz.PrincipalKind{authz.User, authz.Role, authz.RoleSession}, p.Kind):
			out = append(out,
				Problem{Block: -1,
					Message: fmt.Sprintf(
						"%q is not the ARN of a user, a role or a role session; only these have policies in the account", a.Principal)})
		}
	}
	for i, b := range a.Blocks {
		for j, action := range b.Actions {
			if action == "" {
				continue
			}
			if service, name, ok := strings.Cut(action, ":"); action != "*" && (!ok || service == "" || name == "") {
				out = append(out,
					Problem{i, "actions", j,
						fmt.Sprintf("%q is not an action; an action has the form service:Name, such as s3:GetObject", action)})
			} else if _, err := authz.ParseAction(exampleAction(action)); err != nil {
				out = append(out, Problem{i, "actions", j, err.Error()})
			}
		}
		for j, resource := range b.Resources {
			if resource == "" || resource == "*" {
				continue
			}
			if _, err := policy.ParseARN(resource); err != nil {
				out = append(out, Problem{i, "resources", j, err.Error()})
			}
		}
		for j, key := range b.Context {
			if !key.Multivalued && len(key.Values) != 1 {
				out = append(out,
					Problem{i, "context", j,
						fmt.Sprintf("the key %q has %d values and is not multivalued; give one value or set multivalued", key.Name,
							len(key.Values))})
			}
		}
	}
	return out
}

// Roles returns the named resources that are ARNs of roles. Their trust policies may change the result of Check.
func (a Assertion) Roles() []string {
	var out []string
	for _, b := range a.Blocks {
		for _, resource := range b.Resources {
			if p, err := authz.ParsePrincipal(resource); err == nil && p.Kind == authz.Role && !isPattern(resource) {
				out = append(out, resource)
			}
		}
	}
	return out
}
