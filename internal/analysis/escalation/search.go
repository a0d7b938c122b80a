package escalation

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Options directs a search.
type Options struct {
	Target Target
	// From are the principals to start from. Without any, the search starts from every user and role, apart from
	// service-linked roles.
	From []authz.Principal
	// Progress is called after each principal. It may be nil.
	Progress func(done, total int)
}

// Find returns for each principal to start from whether it fulfils the target, and a path to the target if there is
// one.
func Find(ctx context.Context, acc *account.Account, o Options) (*Result, error) {
	s := newSearch(acc, o.Target)
	from := o.From
	if len(from) == 0 {
		var err error
		if from, err = everybody(acc); err != nil {
			return nil, err
		}
	}
	result := &Result{Target: o.Target}
	for i, p := range from {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.explore(ctx, p, result); err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(i+1, len(from))
		}
	}
	return result, nil
}

// everybody returns the users and roles of an account, apart from service-linked roles.
func everybody(acc *account.Account) (out []authz.Principal, err error) {
	for _, kind := range []account.Kind{account.UserKind, account.RoleKind} {
		for _, arn := range acc.ARNs(kind) {
			p, err := acc.Principal(arn)
			if err != nil {
				return nil, err
			}
			if !p.ServiceLinked {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// search finds paths from several principals in one account.
type search struct {
	account *account.Account
	target  Target
	sources *authz.Sources
	// base has the actors on the unchanged account, which several starts share. They are copied before a change.
	base map[string]*actor
	// takeovers has the moves by which an actor on the unchanged account takes over another one.
	takeovers map[actorKey][]move
	// fulfilled has the answers of fulfils about actors on the unchanged account.
	fulfilled map[actorKey]bool
	users     []string
	groups    []string
	roles     []string
	arns      map[account.Kind]map[string]string // of users and roles, by name
	trusts    map[string]account.TrustPolicy     // by name of the role
	// providers are the identity providers that trust policies name, with the roles.
	providers map[string][]string
	// groupProbe and policyProbe are nil until they are needed.
	groupProbe, policyProbe []probe
	// open has the reasons why a request of the present start is not decided.
	open map[string]bool
}

// actorKey identifies what an actor on the unchanged account may do.
type actorKey struct {
	name     string
	own, mfa bool
}

func (a *actor) cacheKey() actorKey { return actorKey{a.key(), a.own, a.mfa} }

func newSearch(acc *account.Account, t Target) *search {
	s := &search{account: acc, target: t, sources: &authz.Sources{}, base: map[string]*actor{},
		takeovers: map[actorKey][]move{}, fulfilled: map[actorKey]bool{}, trusts: map[string]account.TrustPolicy{},
		providers: map[string][]string{},
		arns:      map[account.Kind]map[string]string{account.UserKind: {}, account.RoleKind: {}}}
	for _, arn := range acc.ARNs(account.UserKind) {
		s.users = append(s.users, account.NameOf(arn))
		s.arns[account.UserKind][account.NameOf(arn)] = arn
	}
	for _, arn := range acc.ARNs(account.GroupKind) {
		s.groups = append(s.groups, account.NameOf(arn))
	}
	for _, arn := range acc.ARNs(account.RoleKind) {
		name := account.NameOf(arn)
		s.roles = append(s.roles, name)
		s.arns[account.RoleKind][name] = arn
		s.trusts[name], _ = acc.TrustPolicy(name)
		for _, provider := range providersOf(s.trusts[name]) {
			s.providers[provider] = append(s.providers[provider], name)
		}
	}
	return s
}

// newActor returns the actor of a user or role. It shares the access of the unchanged account.
func (s *search) newActor(p authz.Principal, acc *account.Account) (*actor, error) {
	if acc == s.account {
		if known := s.base[p.String()]; known != nil {
			fresh := *known
			return &fresh, nil
		}
	}
	a := &actor{principal: p}
	if err := a.refresh(acc); err != nil {
		return nil, err
	}
	if acc == s.account {
		known := *a
		s.base[p.String()] = &known
	}
	return a, nil
}

// explore adds to the result what a person can reach who acts as a principal.
func (s *search) explore(ctx context.Context, start authz.Principal, result *Result) error {
	s.open = map[string]bool{}
	st, err := s.newState(start)
	if err != nil {
		result.Open = append(result.Open, Open{start, err.Error()})
		return nil //nolint:nilerr // the answer about this principal is not known
	}
	if first := st.order[0]; s.fulfils(st, first) {
		if s.isConfirmed(st, first) {
			result.Already = append(result.Already, start)
		} else {
			result.Open = append(result.Open, Open{start, "the policies distinguish more values of the context than the " +
				"search tries"})
		}
		return nil
	}
	reached, err := s.saturate(ctx, st)
	if err == nil && reached == nil {
		st, reached, err = s.branch(ctx, st)
	}
	if err != nil {
		return err
	}
	if reached != nil {
		path, err := s.extract(start, st, reached)
		if err == nil {
			result.Paths = append(result.Paths, *path)
			return nil
		}
		s.open[err.Error()] = true
	}
	result.Open = s.appendOpen(result.Open, start)
	return nil
}

// appendOpen adds the reasons why requests of the present start are not decided.
func (s *search) appendOpen(open []Open, start authz.Principal) []Open {
	for _, reason := range slices.Sorted(maps.Keys(s.open)) {
		open = append(open, Open{start, reason})
	}
	return open
}

// saturate makes all moves that help the person, round by round, until an actor fulfils the target. It returns nil if
// none does. The moves of a round are those that the state at its beginning allows, so that short paths come first.
func (s *search) saturate(ctx context.Context, st *state) (*actor, error) {
	type pair struct{ by, of, byVersion, ofVersion int } // actors by their place in the order
	taken := map[pair]bool{}
	var tookOver []int // for each actor, the version that has made its takeovers, plus one
	for changed := true; changed; {
		changed = false
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		actors := slices.Clone(st.order)
		for j, of := range actors {
			for i, by := range actors {
				if by.may&strengthening == 0 || by.provider() || of.provider() {
					continue
				}
				p := pair{i, j, by.version, of.version}
				if taken[p] {
					continue
				}
				taken[p] = true
				reached, made, err := s.strengthen(st, by, of)
				if err != nil || reached != nil {
					return reached, err
				}
				changed = changed || made
			}
		}
		for i, by := range actors {
			if i == len(tookOver) {
				tookOver = append(tookOver, 0)
			}
			if tookOver[i] == by.version+1 {
				continue
			}
			tookOver[i] = by.version + 1
			for _, m := range s.takeoversOf(st, by) {
				reached, made, err := s.try(st, m)
				if err != nil || reached != nil {
					return reached, err
				}
				changed = changed || made
			}
		}
	}
	return nil, nil
}

// try makes a move if all its requests could be allowed, and returns the actor that fulfils the target after it.
func (s *search) try(st *state, m move) (reached *actor, made bool, err error) {
	by := st.actors[m.actor]
	if m.service == nil && s.has(st, &m) {
		return nil, false, nil
	}
	plan, ok := m.plan(st.account)
	if !ok {
		return nil, false, nil
	}
	for i := range plan.calls {
		if !s.possible(st.account, by, &plan.calls[i]) {
			return nil, false, nil
		}
	}
	if m.service != nil {
		return s.end(st, m, &plan)
	}
	before := len(st.order)
	versions := make([]int, before)
	for i, a := range st.order {
		versions[i] = a.version
	}
	depends := s.dependencies(st, &m)
	if err := st.apply(&m, &plan); err != nil {
		return nil, false, err
	}
	st.log = append(st.log, entry{m, depends})
	for i, a := range st.order {
		if (i >= before || a.version != versions[i]) && s.fulfils(st, a) {
			return a, true, nil
		}
	}
	return nil, true, nil
}

// has reports whether the person already acts as the user, role or identity provider that a move leads to.
func (s *search) has(st *state, m *move) bool {
	toward := *m
	if m.action == updateAssumeRolePolicy {
		toward.action = assumeRole
	}
	return st.actors[s.gained(&toward)] != nil
}

// end makes a move that lets a service act as a role, if the role fulfils the target. Paths do not go on from there.
func (s *search) end(st *state, m move, plan *planned) (*actor, bool, error) {
	p, err := st.account.Principal(plan.gains)
	if err != nil {
		return nil, false, err
	}
	role, err := s.newActor(p, st.account)
	if err != nil || !s.fulfils(st, role) {
		return nil, false, nil //nolint:nilerr // a role whose access is not known leads nowhere
	}
	st.log = append(st.log, entry{m, s.dependencies(st, &m)})
	return role, true, nil
}

// possible reports whether a request of an actor could be allowed. It records why a request is not decided.
func (s *search) possible(acc *account.Account, a *actor, c *call) bool {
	possible, policies, r := a.decide(acc, c)
	switch possible {
	case authz.Possible:
		return true
	case authz.Unclear:
		depends := policies.Explain(&r).DependsOn
		if len(depends) == 0 {
			depends = []string{"values that are not known yet"}
		}
		const maxOpen = 10
		if len(s.open) < maxOpen {
			s.open[fmt.Sprintf("whether %s may perform %s on %s depends on %s", a.principal, c.action, c.resource,
				depends[0])] = true
		}
	}
	return false
}

// fulfils reports whether an actor fulfils the target.
func (s *search) fulfils(st *state, a *actor) bool {
	if a.provider() {
		return false
	}
	if s.target.principal != "" {
		return a.key() == s.target.principal
	}
	cacheable := a.version == 0 && st.account == s.account
	if cacheable {
		if known, ok := s.fulfilled[a.cacheKey()]; ok {
			return known
		}
	}
	calls := s.target.requests(st.account)
	result := true
	for i := range calls {
		if result = s.possible(st.account, a, &calls[i]); !result {
			break
		}
	}
	if cacheable {
		s.fulfilled[a.cacheKey()] = result
	}
	return result
}

// dependencies returns the entries of the log that a move depends on: those by which the person acts as the actor, and
// those that changed the actor's access or the target of the move.
func (s *search) dependencies(st *state, m *move) []int {
	var out []int
	for i := range st.log {
		made := &st.log[i].move
		if s.concerns(st, made, m.actor) || made.action == updateAssumeRolePolicy && made.name == m.name ||
			made.name == m.name && made.kind == m.kind {
			out = append(out, i)
		}
	}
	return out
}

// concerns reports whether a move that was made gave the person an actor or changed it.
func (s *search) concerns(st *state, made *move, key string) bool {
	a := st.actors[key]
	return a != nil && (s.gained(made) == key || a.concernedBy(st.account, made) ||
		made.action == enableMFADevice && a.principal.Kind == authz.User && a.principal.Name() == made.name)
}

// extract returns the path to an actor that fulfils the target, without the moves that it does not need.
func (s *search) extract(start authz.Principal, st *state, reached *actor) (*Path, error) {
	needed := map[int]bool{}
	var need func(i int)
	need = func(i int) {
		if !needed[i] {
			needed[i] = true
			for _, j := range st.log[i].depends {
				need(j)
			}
		}
	}
	if len(st.log) > 0 {
		need(len(st.log) - 1)
	}
	for i := range st.log {
		if s.concerns(st, &st.log[i].move, reached.key()) {
			need(i)
		}
	}
	var moves, all []move
	for i := range st.log {
		all = append(all, st.log[i].move)
		if needed[i] {
			moves = append(moves, st.log[i].move)
		}
	}
	path, err := s.shorten(start, moves)
	if err != nil && len(all) > len(moves) {
		path, err = s.shorten(start, all)
	}
	return path, err
}
