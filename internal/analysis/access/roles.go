package access

import (
	"context"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

var assumeRole = authz.MustAction("sts:AssumeRole")

// throughRoles sets the ways through roles of the findings. It starts from the roles that have the access and goes back
// to the principals that may assume them, so that a principal gets a shortest way. It prefers a certain way to one with
// a condition, and that one to a way that is not known.
func (e *evaluation) throughRoles(ctx context.Context, findings []Finding) error {
	graph, err := newAssumeGraph(ctx, e.account, e.sources, e.question)
	if err != nil {
		return err
	}
	byARN := make(map[string]*Finding, len(findings))
	for i := range findings {
		byARN[findings[i].Principal.String()] = &findings[i]
	}
	for _, wanted := range []Answer{Yes, Conditional, Unknown} {
		var queue []string
		chains := map[string]*Chain{}
		for i := range findings {
			f := &findings[i]
			if f.Principal.Kind != authz.Role {
				continue
			}
			if session := e.ofSession(f); session.Answer == wanted {
				queue = append(queue, f.Principal.String())
				chains[f.Principal.String()] = &Chain{Role: session}
			}
		}
		for ; len(queue) > 0; queue = queue[1:] {
			if err := ctx.Err(); err != nil {
				return err
			}
			role := queue[0]
			for _, edge := range graph.into(role) {
				if chains[edge.from] != nil {
					continue
				}
				next := chains[role]
				chain := &Chain{Role: next.Role, Steps: append([]Step{{Role: role, Assume: edge.finding}}, next.Steps...)}
				chains[edge.from] = chain
				queue = append(queue, edge.from)
				e.offer(byARN[edge.from], chain)
			}
		}
	}
	return nil
}

// ofSession returns the answer about a session of a role at the end of a chain, which differs from that about the role
// if the question has keys of the principal.
func (e *evaluation) ofSession(f *Finding) *Finding {
	session := e.question.ofSession()
	if len(session.Keys) == len(e.question.Keys) {
		return f
	}
	other := &evaluation{account: e.account, question: session, resourcePolicy: e.resourcePolicy, sources: e.sources}
	out := other.about(f.Principal)
	return &out
}

// offer sets a chain in the finding about its first principal, unless the finding has an answer as good. The keys of
// the principal concern the first step only.
func (e *evaluation) offer(f *Finding, chain *Chain) {
	role := chain.Steps[0].Role
	first, later := e.question.ofFirstStep(role), e.question.ofLaterStep(role)
	if len(first.Keys) != len(later.Keys) {
		trust, err := e.account.ResourcePolicy(assumeRole, role)
		if err != nil {
			return // the graph has no edge to a role that does not exist
		}
		other := &evaluation{account: e.account, question: first, resourcePolicy: trust, sources: e.sources}
		changed := *chain
		changed.Steps = slices.Clone(chain.Steps)
		if changed.Steps[0].Assume = other.about(f.Principal); changed.Steps[0].Assume.Answer == No {
			return
		}
		chain = &changed
	}
	best := rank(f.Answer)
	if f.Through != nil {
		best = rank(f.Through.Answer())
	}
	if rank(chain.Answer()) > best {
		f.Through = chain
	}
}

// assumeGraph tells who may assume which role.
type assumeGraph struct {
	account  *account.Account
	sources  *authz.Sources
	question *Question
	callers  []*account.Access
	// delegated says for each caller whether its own policies may allow it to assume a role.
	delegated []bool
	edges     map[string][]assumeEdge // by role
}

// assumeEdge says that a principal may assume a role.
type assumeEdge struct {
	from    string
	finding Finding
}

func newAssumeGraph(ctx context.Context, acc *account.Account, sources *authz.Sources, q *Question) (*assumeGraph,
	error) {
	g := &assumeGraph{account: acc, sources: sources, question: q, edges: map[string][]assumeEdge{}}
	for p, err := range principals(acc) {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		access, err := acc.Access(p, account.Credentials{})
		if err != nil {
			continue // the finding about this principal has the error
		}
		g.callers = append(g.callers, access)
		g.delegated = append(g.delegated, mayAllow(access, assumeRole))
	}
	return g, nil
}

// mayAllow reports whether the principal's own policies may allow an action on some resource.
func mayAllow(access *account.Access, action authz.Action) bool {
	p := access.Policies()
	for _, layer := range []*authz.Layer{p.Identity, p.Group} {
		if layer != nil {
			if may, _ := layer.MayAllow(access.Principal(), action); may {
				return true
			}
		}
	}
	return false
}

// into returns the principals that may assume a role. It decides about a role once.
func (g *assumeGraph) into(role string) []assumeEdge {
	if edges, ok := g.edges[role]; ok {
		return edges
	}
	trust, err := g.account.ResourcePolicy(assumeRole, role)
	var out []assumeEdge
	if err == nil && trust != nil {
		for i, caller := range g.callers {
			if caller.Principal().String() == role || len(caller.TrustedAs(trust, g.delegated[i])) == 0 {
				continue
			}
			e := &evaluation{account: g.account, sources: g.sources, resourcePolicy: trust,
				question: g.question.ofLaterStep(role)}
			if f := e.about(caller.Principal()); f.Answer != No {
				out = append(out, assumeEdge{caller.Principal().String(), f})
			}
		}
	}
	g.edges[role] = out
	return out
}
