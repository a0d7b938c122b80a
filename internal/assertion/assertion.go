package assertion

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Assertion is a set of requirements on the access of one principal. The principal is one of these:
//   - a user, role or session of the account, named as in [account.Account.Principal]
//   - another account: its id or the ARN of its root, for all its principals
//   - the ARN of a user, role or session of another account
//   - a service, such as ec2.amazonaws.com
//   - an identity provider: its ARN or, for well-known providers, its host
//   - "anonymous"
//   - "*" for principals of other accounts, identities of providers, and anonymous callers
//
// The policies of principals outside the account are not known. The package assumes that their own account allows them
// everything, so they may do what resource policies allow: assume the roles whose trust policies allow it.
type Assertion struct {
	Principal string
	// DirectOnly says that a block without Allow asks about the principal's own requests only. Otherwise it also asks
	// about the requests of all sessions of roles that the principal may assume, through any number of roles, and those
	// of a federated user whose credentials a user may get.
	DirectOnly bool
	Blocks     []Block
}

// Key is a context key of the requests.
type Key = access.Key

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

// Finding is a request that violates its block, or whose answer is unknown. If one statement allows several requests
// that must not be allowed, only the first is a finding.
type Finding struct {
	Block   int
	Request string
	// Statement is the statement that decided. Its policy is empty if no single statement did. Findings of several
	// assertions with the same statement have one cause.
	Statement authz.StatementRef
	// Chain is the way to the role whose session makes the request. It has no roles if the principal itself or its
	// federated user makes it.
	Chain Chain
	// Witness is a request that violates the block, with the context keys that it needs. Package authz has decided it. It
	// is nil for an answer that is unknown, and if authz could neither find the keys nor rule out that there are any.
	Witness *analysis.Witness
	// Message names the principal, the request, and the responsible statement or the unknown values. If the request is a
	// pattern, the message has the witness.
	Message string
}

// Result is the result of checking an assertion.
type Result struct {
	Failures  []Finding
	Undecided []Finding
	// Effective has the answer to each request, in the order of the blocks.
	Effective []Effective
	// Reached has the ARNs of the roles that the principal may assume, sorted, if a block asks about their sessions.
	Reached []string
}

// Effective is one request and its answer. In a block with Allow, the answer is Allowed, Unknown or a denial; in any
// other block, it is Never, Possible or Unknown.
type Effective struct{ Action, Resource, Decision string }

// maxRequests limits the requests that a block decides about one principal or role, and so the time that a plan takes.
// A block with more is undecided.
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

// IsUnknownPrincipal reports whether an error says that the account does not have the principal of an assertion.
func IsUnknownPrincipal(err error) bool {
	var unknown *UnknownPrincipalError
	return errors.As(err, &unknown)
}

// Check checks the assertion against an account. It returns *UnknownPrincipalError if the account does not have the
// principal, and another error if the principal's policies refer to something that the account does not have.
func (a Assertion) Check(acc *account.Account) (Result, error) {
	start, err := findCaller(acc, a.Principal)
	if err != nil {
		return Result{}, err
	}
	c := &check{account: acc, start: start, indirect: !a.DirectOnly}
	if c.indirect && slices.ContainsFunc(a.Blocks, func(b Block) bool { return !b.Allow }) {
		if c.reached, err = reach(acc, start, nil); err != nil {
			return Result{}, err
		}
		c.addReached(c.reached)
	}
	for i := range a.Blocks {
		if err := c.block(i, &a.Blocks[i]); err != nil {
			return Result{}, err
		}
	}
	return c.result, nil
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
	if _, outside := parseOutsider(a.Principal, ""); !outside && strings.HasPrefix(a.Principal, "arn:") {
		if _, err := authz.ParsePrincipal(a.Principal); err != nil {
			out = append(out, Problem{Block: -1, Message: err.Error()})
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

func isPattern(text string) bool {
	p := pattern.Glob(text)
	return p.HasWildcards()
}

// exampleAction returns an action that the pattern matches.
func exampleAction(text string) string {
	if text == "*" {
		text = "*:*"
	}
	p := pattern.Glob(text)
	return p.Example()
}
