package assertion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// check checks an assertion, block by block.
type check struct {
	account *account.Account
	start   caller
	// indirect says that the blocks ask about the roles that start may assume, which are reached, and about its federated
	// user.
	indirect bool
	reached  []*reachedRole
	reported map[string]bool // the statements that a failure of the block names
	// unanswered is the number of questions to which package analysis had no answer.
	unanswered int
	// rewritten is the number of witnesses that were replaced by requests that read well.
	rewritten int
	result    Result
}

// actor is the caller, or a session of a role that it reached, with the context of its requests in a block.
type actor struct {
	caller
	principal authz.Principal
	context   *authz.Context
	via       *reachedRole // nil for the caller itself
	policies  authz.Policies
	outlines  []outline // nil until they are needed
	values    pattern.Values
	// decisions counts the decisions about representative requests.
	decisions int
	// violates says that the actor could be allowed a request of the question.
	violates bool
}

// block checks one block and adds its findings and answers to the result.
func (c *check) block(i int, b *Block) error {
	c.reported = map[string]bool{}
	direct, err := c.newActor(c.start, nil, b.Context, b.Allow)
	if err != nil {
		return err
	}
	actors := []*actor{direct}
	if !b.Allow && c.indirect {
		reached := slices.Clip(c.reached)
		if len(access.FirstStepKeys(b.Context)) > 0 {
			if reached, err = reach(c.account, c.start, b.Context); err != nil {
				return err
			}
			c.addReached(reached)
		}
		federated, err := c.federatedUser(b.Context)
		if err != nil {
			return err
		}
		if federated != nil {
			reached = append(reached, federated)
		}
		for _, role := range reached {
			next, err := c.newActor(role, role, access.SessionKeys(b.Context), false)
			if err != nil {
				return err
			}
			actors = append(actors, next)
		}
	}
	resources := b.Resources
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	for _, action := range b.Actions {
		for _, resource := range resources {
			q := newQuestion(action, resource, c.account.ID(), isPattern(resource) && !(b.Allow && resource == "*"))
			a := &asking{check: c, index: i, block: b, question: &q}
			if b.Allow {
				a.actor = direct
				if err := a.allow(); err != nil {
					return err
				}
				continue
			}
			if err := a.deny(actors); err != nil {
				return err
			}
		}
	}
	return nil
}

// addReached adds roles to the result.
func (c *check) addReached(roles []*reachedRole) {
	for _, role := range roles {
		c.result.Reached = append(c.result.Reached, role.principal.String())
	}
	slices.Sort(c.result.Reached)
	c.result.Reached = slices.Compact(c.result.Reached)
}

// newActor returns an actor. exact says that its requests have exactly the keys given.
func (c *check) newActor(from caller, via *reachedRole, keys []Key, exact bool) (*actor, error) {
	context, err := access.NewContext(keys)
	if err != nil {
		return nil, err
	}
	a := &actor{caller: from, context: context, via: via}
	access := from.access()
	if access == nil {
		return a, nil // candidates set their own keys
	}
	a.principal, a.policies = access.Principal(), access.Policies()
	switch {
	case exact:
		access.SetKeys(context)
		a.values = context
		return a, nil
	case via != nil && via.federated:
		via.setFederatedKeys(context)
	default:
		access.SetPossibleKeys(context)
	}
	a.values = context.Possible()
	return a, nil
}

// statements returns the outlines of the actor's own policies.
func (a *actor) statements() []outline {
	if a.outlines == nil {
		a.outlines = newOutlines(&a.policies, a.values)
	}
	return a.outlines
}

// asking is one question of a block, asked about an actor.
type asking struct {
	*check
	*actor
	index    int
	block    *Block
	question *question
	// worst is the least welcome answer to the question.
	worst string
	rows  []Effective
}

// undecidedError is the reason why a question cannot be decided.
type undecidedError struct{ reason string }

func (e *undecidedError) Error() string { return e.reason }

var (
	errTooMany = &undecidedError{fmt.Sprintf("the patterns of the block overlap with the statements of the policies in "+
		"more than %d ways. Split the block, or use narrower patterns", maxRequests)}
	errVariable = &undecidedError{"a statement applies to the requests for some values of a policy variable only. Use a " +
		"resource in which the variable has one value"}
)

// noRoleError reports that a request assumes a role that the account does not have.
type noRoleError struct{ reason error }

func (e *noRoleError) Error() string { return e.reason.Error() }

// request is a request of an actor with the policies that decide it.
type request struct {
	authz.Request
	policies authz.Policies
}

// requests returns the requests of the actor for an action on a resource. There are several if the actor stands for
// several principals that the trust policy of the role distinguishes, and none if the request cannot be allowed.
func (a *asking) requests(action authz.Action, resource string) ([]request, error) {
	own := request{authz.Request{Principal: a.principal, Action: action, Resource: resource, Context: a.context},
		a.policies}
	if isRoleAction(action) {
		trust, err := a.account.ResourcePolicy(action, resource)
		switch {
		case err != nil && a.block.Allow:
			return nil, &noRoleError{err}
		case err != nil: // the role does not exist yet and may get any trust policy
		case trust != nil && a.block.Allow && a.access() != nil:
			own.policies.ResourcePolicy = trust
		case trust != nil:
			return a.trusted(action, resource, trust)
		}
	}
	if a.access() == nil {
		return nil, nil // only a resource policy could allow it
	}
	return []request{own}, nil
}

// count counts a decision about a representative request. It returns an error if there are too many.
func (a *actor) count() error {
	if a.decisions++; a.decisions > maxRequests {
		return errTooMany
	}
	return nil
}

// trusted returns the requests for an action on a role with a trust policy.
func (a *asking) trusted(action authz.Action, resource string, trust *authz.Layer) (out []request, err error) {
	for _, candidate := range a.candidates(trust) {
		if a.block.Allow && candidate.named || !a.block.Allow && !mayAllow(trust, candidate.principal, action) {
			continue
		}
		r := request{
			authz.Request{Principal: candidate.principal, Action: action, Resource: resource, Context: a.context},
			candidate.policies,
		}
		r.policies.ResourcePolicy = trust
		if a.access() == nil || candidate.principal != a.principal {
			keys := a.block.Context
			if a.via != nil {
				keys = access.SessionKeys(keys)
			}
			if r.Context, err = access.NewContext(keys); err != nil {
				return nil, err
			}
			candidate.setKeys(r.Context)
		}
		out = append(out, r)
	}
	return out, nil
}

func isRoleAction(action authz.Action) bool { return roleAction(action) != authz.Action{} }

// roleAction returns the action of roleActions that equals an action without regard to case.
func roleAction(action authz.Action) authz.Action {
	for _, a := range roleActions {
		if ascii.EqualFold(a.String(), action.String()) {
			return a
		}
	}
	return authz.Action{}
}

// concerns reports whether an action matches an action of the block.
func (b *Block) concerns(action authz.Action) bool {
	return slices.ContainsFunc(b.Actions, func(asked string) bool {
		p := pattern.Glob(ascii.Fold(asked))
		return p.Match(ascii.Fold(action.String()))
	})
}

// finding returns a finding of the block. Its message ends with that of the block.
func (a *asking) finding(name string, statement authz.StatementRef, message string) Finding {
	return a.complete(Finding{Request: name, Statement: statement, Message: message})
}

// complete adds the block, its message and the chain to a finding.
func (a *asking) complete(f Finding) Finding {
	f.Block = a.index
	if a.block.Message != "" {
		f.Message += "\n" + a.block.Message
	}
	if a.via != nil {
		f.Chain = a.via.chain
	}
	return f
}

// subjectOf returns the name of a caller for the beginning of a sentence.
func subjectOf(c caller) string {
	name := c.String()
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// undecided adds a finding about a question that cannot be decided.
func (a *asking) undecided(reason *undecidedError) {
	name := a.question.action + " on " + a.question.resource
	a.result.Undecided = append(a.result.Undecided, a.finding(name, authz.StatementRef{}, fmt.Sprintf(
		"Whether %s is allowed %s is not decided: %s.", a.caller, name, reason)))
}

// name returns the names of the action and the resource that the question and a statement have in common. The
// representative request tells which of the statement's entries matched.
func (a *asking) name(view *authz.StatementView, action authz.Action, resource string) (string, string) {
	named := func(asked, example string, e *authz.ElementView, fold bool) string {
		if e.Not || !isPattern(asked) {
			return asked
		}
		for i, p := range e.Patterns {
			if p, result := p.Fill(a.values, nil); result != pattern.NoValue && p.Match(example) && i < len(e.Texts) {
				stated := e.Texts[i]
				if e.Patterns[i].HasVariables() && result == pattern.Complete {
					stated = p.String()
				}
				return commonName(asked, stated, fold)
			}
		}
		return asked
	}
	return named(a.question.action, ascii.Fold(action.String()), &view.Action, true),
		named(a.question.resource, resource, &view.Resource, false)
}

// row adds an answer to those of the question.
func (a *asking) row(action, resource, decision string) {
	row := Effective{action, resource, decision}
	if (action != a.question.action || resource != a.question.resource) && !slices.Contains(a.rows, row) {
		a.rows = append(a.rows, row)
	}
}

// finish adds the answers to the result: first that to the whole question.
func (a *asking) finish(decision string) {
	a.result.Effective = append(a.result.Effective, Effective{a.question.action, a.question.resource, decision})
	a.result.Effective = append(a.result.Effective, a.rows...)
}

// describeChain returns the way to the role of the actor, with the context of each step that needs one.
func (a *asking) describeChain() string {
	if a.via.federated {
		return "may get credentials of a federated user"
	}
	var steps []string
	for _, s := range a.via.steps {
		text := "may assume role " + roleName(s.request.Resource)
		if keys, _, ok := s.policies.Witness(&s.request); ok && len(keys) > 0 {
			text += " if " + joinKeys(keys)
		}
		steps = append(steps, text)
	}
	return strings.Join(steps, ", which ")
}

func joinKeys(keys []authz.ContextKey) string {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = k.String()
	}
	return strings.Join(texts, " and ")
}
