package assertion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Assertion is what must hold of one principal: a user, role or session, named as in [account.Account.Principal].
type Assertion struct {
	Principal string
	Blocks    []Block
}

// Block says of requests that they must be allowed, or that they must not.
type Block struct {
	// Allow: each request must be allowed with just these context keys. Otherwise none may be allowed, whatever the context
	// keys are that are not given: a grant with a condition is a grant.
	Allow bool
	// Actions and Resources may have wildcards. Without resources, a request that must be allowed is for "*", and one that must
	// not be is for any resource.
	Actions, Resources []string
	Context            []Key
	Message            string // why, for whoever reads the failure
}

// Key is a context key of the requests.
type Key struct {
	Name   string
	Values []string
	// Multivalued says that the key has a list of values.
	Multivalued bool
}

// Finding is a request of a block of which what must hold does not, or is not known. Of the requests that must not be allowed
// and that one statement allows, it is the first.
type Finding struct {
	Block   int
	Request string
	// Message says who could do what by which statement, or what it hangs on.
	Message string
}

// Result is what became of an assertion.
type Result struct {
	Failures  []Finding
	Undecided []Finding
	// Effective says of each request, in the order of blocks, what the principal may do.
	Effective []Effective
}

// Effective is one request and its answer: Allowed, a denial, or Unknown; for what must never be allowed Never, Possible or
// Unknown.
type Effective struct{ Action, Resource, Decision string }

// mostRequests is how many requests a block may come to. Beyond that it is undecided, since nobody would wait.
const mostRequests = 2000

// UnknownPrincipalError is that the account has no such principal.
type UnknownPrincipalError struct {
	Principal string
	Reason    error
}

// Error says whom the account has not.
func (e *UnknownPrincipalError) Error() string { return e.Reason.Error() }

// Unwrap is the reason.
func (e *UnknownPrincipalError) Unwrap() error { return e.Reason }

// Check asks the account. The error is *UnknownPrincipalError, or that the account cannot say what the principal's policies are.
func (a Assertion) Check(of *account.Account) (Result, error) {
	who, err := of.Principal(a.Principal)
	if err != nil {
		return Result{}, &UnknownPrincipalError{a.Principal, err}
	}
	access, err := of.Access(who, account.Credentials{})
	if err != nil {
		return Result{}, err
	}
	policies := access.Policies()
	c := &check{account: of, who: who, access: access, statements: slices.Collect(policies.Statements())}
	for i := range a.Blocks {
		if err := c.block(i, &a.Blocks[i]); err != nil {
			return Result{}, err
		}
	}
	return c.result, nil
}

type check struct {
	account    *account.Account
	who        authz.Principal
	access     *account.Access
	statements []authz.StatementView
	blamed     map[string]bool // statements of which the block has a failure
	result     Result
}

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
			err = fmt.Errorf("the key %s has %d values and is not multivalued", key.Name, len(key.Values))
		}
		if err != nil {
			return err
		}
	}
	c.access.SetKeys(context)
	c.blamed = map[string]bool{}
	pairs := c.requests(b, context)
	if len(pairs) > mostRequests {
		c.result.Undecided = append(c.result.Undecided, Finding{Block: i, Request: strings.Join(b.Actions, ", "), Message: fmt.Sprintf(
			"The patterns of the block overlap with statements in %d ways, and at most %d are asked about. Split the block, or name actions and resources.", len(pairs), mostRequests)})
		return nil
	}
	for _, p := range pairs {
		action, err := authz.ParseAction(p.action)
		if err != nil {
			return err
		}
		policies, request, err := c.access.Request(action, p.resource, context)
		if err != nil && b.Allow {
			c.result.Failures = append(c.result.Failures, Finding{Block: i, Request: fmt.Sprintf("%s on %s", action, p.resource), Message: err.Error()})
			continue
		}
		if err != nil {
			policies.ResourcePolicy = nil // a role that is created later may have any trust policy
		}
		c.ask(i, b, &policies, &request)
	}
	return nil
}

func (c *check) ask(i int, b *Block, policies *authz.Policies, r *authz.Request) {
	name := fmt.Sprintf("%s on %s", r.Action, r.Resource)
	find := func(format string, args ...any) Finding {
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
			c.result.Undecided = append(c.result.Undecided, find("Whether %s may do %s hangs on what is known only later: %s.", c.who, name, strings.Join(d.DependsOn, "; ")))
		default:
			c.result.Failures = append(c.result.Failures, find("%s must be allowed %s, and is not.\n%s", c.who, name, policies.Explain(r).Explanation()))
		}
		return
	}
	possible := policies.CouldAllow(r)
	word := map[authz.Possibility]string{authz.Never: "Never", authz.Possible: "Possible", authz.Unclear: "Unknown"}[possible]
	c.result.Effective = append(c.result.Effective, Effective{r.Action.String(), r.Resource, word})
	switch possible {
	case authz.Never:
	case authz.Unclear:
		c.result.Undecided = append(c.result.Undecided, find("Whether %s could do %s hangs on what is known only later: %s.", c.who, name, strings.Join(policies.Explain(r).DependsOn, "; ")))
	default:
		d := policies.Explain(r)
		how, by := "and could with some values of the context", d.Reason
		if d.Outcome == authz.Allowed {
			how = "and may"
		} else if d.NearestMiss != nil {
			by = d.NearestMiss.StatementRef.String()
		}
		// Of all that one statement allows and must not, one request says it.
		if c.blamed[by] {
			return
		}
		c.blamed[by] = true
		c.result.Failures = append(c.result.Failures, find("%s must never be allowed %s, %s.\n%s", c.who, name, how, d.Explanation()))
	}
}

// pair is an action and a resource.
type pair struct{ action, resource string }

// requests are the requests of a block: those that it names and, for patterns, those that stand for what they match.
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
			one := query{
				action: action, resource: resource, literalResource: !anyResource && (resource == "*" || !isPattern(resource)),
				account: c.account.ID(), keys: context,
			}
			add(one.example())
			if anyResource {
				add(pair{one.example().action, unnamedResource})
			}
			if one.literalResource && !isPattern(action) {
				continue
			}
			for i := range c.statements {
				for _, p := range one.overlaps(&c.statements[i]) {
					add(p)
				}
			}
		}
	}
	return out
}

// Problem is something in an assertion that is not what it should be.
type Problem struct {
	Block   int
	Element string // "actions", "resources" or "context"; empty for the principal, where Block is -1
	Index   int
	Message string
}

// Validate finds what cannot be asked about, before an account is at hand. An empty text is taken for one that is known only
// later.
func (a Assertion) Validate() []Problem {
	var out []Problem
	if a.Principal != "" && strings.HasPrefix(a.Principal, "arn:") {
		p, err := authz.ParsePrincipal(a.Principal)
		switch {
		case err != nil:
			out = append(out, Problem{Block: -1, Message: err.Error()})
		case !slices.Contains([]authz.PrincipalKind{authz.User, authz.Role, authz.RoleSession}, p.Kind):
			out = append(out, Problem{Block: -1, Message: fmt.Sprintf("%s is no user, role or session, and of nothing else an account knows the policies", a.Principal)})
		}
	}
	for i, b := range a.Blocks {
		for j, action := range b.Actions {
			if action == "" {
				continue
			}
			if service, name, ok := strings.Cut(action, ":"); action != "*" && (!ok || service == "" || name == "") {
				out = append(out, Problem{i, "actions", j, fmt.Sprintf("%q is no action: write service:Name, such as s3:GetObject", action)})
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
				out = append(out, Problem{i, "context", j, fmt.Sprintf("%s has %d values: give one, or say that the key is multivalued", key.Name, len(key.Values))})
			}
		}
	}
	return out
}

// Roles are the resources that the assertion names and that may be roles of the account: their trust policies bear on it.
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
