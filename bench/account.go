package main

import (
	"bytes"
	"fmt"
	"iter"
	"strconv"

	"github.com/cedar-policy/cedar-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// An accountDoc lists the users and groups of the account and their policies.
// Policies are indexes of the workload's list.
type accountDoc struct {
	users  []userDoc
	groups []int // the policy of each group
}

type userDoc struct {
	attached []int
	group    int
}

const (
	usersInAccount  = 100_000
	groupsInAccount = 300
)

// account generates users with four policies each, and one more by a group.
func (g *generator) account(policies []policyDoc) *accountDoc {
	a := &accountDoc{users: make([]userDoc, usersInAccount), groups: make([]int, groupsInAccount)}
	for i := range a.groups {
		a.groups[i] = g.rng.IntN(len(policies))
	}
	for i := range a.users {
		u := &a.users[i]
		u.group = g.rng.IntN(len(a.groups))
		for len(u.attached) < 4 {
			u.attached = append(u.attached, g.rng.IntN(len(policies)))
			u.attached = unique(u.attached)
		}
	}
	return a
}

// policies yields the indexes of the policies of a user.
func (a *accountDoc) policies(user int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, p := range a.users[user].attached {
			if !yield(p) {
				return
			}
		}
		yield(a.groups[a.users[user].group])
	}
}

func (a *accountDoc) statements(w *workload, user int) []statement {
	var all []statement
	for p := range a.policies(user) {
		all = append(all, w.policies[p]...)
	}
	return all
}

// judge decides each request by the statements of its user.
func (a *accountDoc) judge(w *workload) []verdict {
	want := make([]verdict, len(w.requests))
	for i := range w.requests {
		want[i] = judge(a.statements(w, w.requests[i].user), w.requests[i:i+1])[0]
	}
	return want
}

func userName(i int) string  { return "user" + strconv.Itoa(i) }
func groupName(i int) string { return "group" + strconv.Itoa(i) }
func policyARN(i int) string { return fmt.Sprintf("arn:aws:iam::%s:policy/policy%d", accountID, i) }

// iamAccount is the account of this repository. Each decision finds the policies of its user.
type iamAccount struct {
	account  *account.Account
	access   account.Access
	policies authz.Policies // of the current request; a field, so that it is allocated only once
	requests []authz.Request
}

// iamChanges returns the workload as changes of an account.
func iamChanges(w *workload) []account.Change {
	var changes []account.Change
	for i, p := range w.policies {
		changes = append(changes, account.Policy{
			ARN: policyARN(i), ID: fmt.Sprintf("ANPA%017d", i), Default: "v1",
			Versions: []account.Version{{ID: "v1", Document: account.Text(string(p.text()))}},
		})
	}
	for i, p := range w.account.groups {
		changes = append(changes,
			account.Group{Name: groupName(i), ID: fmt.Sprintf("AGPA%017d", i), Attached: []string{policyARN(p)}})
	}
	for i, u := range w.account.users {
		user := account.User{Name: userName(i), Path: "/", ID: fmt.Sprintf("AIDA%017d", i),
			Groups: []string{groupName(u.group)}}
		for _, p := range u.attached {
			user.Attached = append(user.Attached, policyARN(p))
		}
		changes = append(changes, user)
	}
	return changes
}

func buildIAMAccount(changes []account.Change) (*iamAccount, error) {
	a, err := account.New(accountID).With(changes...)
	return &iamAccount{account: a}, err
}

func (e *iamAccount) prepare(w *workload) {
	var plain iamEngine
	plain.prepare(w)
	e.requests = plain.requests
	for i := range e.requests {
		e.requests[i].Principal = authz.MustPrincipal(e.account.ARN(account.UserKind, "/", userName(w.requests[i].user)))
	}
}

func (e *iamAccount) decide(i int) (verdict, error) {
	access, err := e.account.Access(e.requests[i].Principal, account.Credentials{})
	if err != nil {
		return 0, err
	}
	return (&iamEngine{policies: access.Policies(), requests: e.requests}).decide(i)
}

func (e *iamAccount) run(from, n int) (allowed int) {
	for i := range n {
		r := &e.requests[(from+i)%len(e.requests)]
		if err := e.access.Reset(e.account, r.Principal, account.Credentials{}); err != nil {
			panic(err)
		}
		e.policies = e.access.Policies()
		if e.policies.Decide(r) == authz.Allowed {
			allowed++
		}
	}
	return allowed
}

// cedarUser returns the entity of user i.
func cedarUser(i int) cedar.EntityUID {
	return cedar.NewEntityUID("User", cedar.String(userName(i)))
}

// cedarPolicy returns the entity of a managed policy. The users and groups that the policy is attached to are members
// of this entity. The Cedar statements of the policy apply to the principals in the entity.
func cedarPolicy(i int) cedar.EntityUID {
	return cedar.NewEntityUID("Policy", cedar.String(strconv.Itoa(i)))
}

func buildCedarAccount(text []byte, a *accountDoc) (*cedarEngine, error) {
	e, err := buildCedar(text)
	if err != nil {
		return nil, err
	}
	e.entities = cedar.EntityMap{}
	add := func(uid cedar.EntityUID, parents ...cedar.EntityUID) {
		e.entities[uid] = cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(parents...)}
	}
	group := func(i int) cedar.EntityUID { return cedar.NewEntityUID("Group", cedar.String(groupName(i))) }
	for i, p := range a.groups {
		add(group(i), cedarPolicy(p))
	}
	for i, u := range a.users {
		parents := []cedar.EntityUID{group(u.group)}
		for _, p := range u.attached {
			parents = append(parents, cedarPolicy(p))
		}
		add(cedarUser(i), parents...)
	}
	return e, nil
}

// cedarSliced is cedar-go with a table of policies by user, which uses knowledge of the
// workload. For each request, cedar-go gets only the policies of the user, each for any
// principal.
type cedarSliced struct {
	cedarEngine
	policies [][]cedarRule // the rules of each policy of the account
	account  *accountDoc
	users    []int // the user of each request
}

type cedarRule struct {
	id     cedar.PolicyID
	policy *cedar.Policy
}

// cedarTexts returns each policy in Cedar, for any principal.
func cedarTexts(w *workload) [][]byte {
	texts := make([][]byte, len(w.policies))
	for i, p := range w.policies {
		var b bytes.Buffer
		p.writeCedar(&b, cedarLike, "principal")
		texts[i] = b.Bytes()
	}
	return texts
}

func buildCedarSliced(texts [][]byte, a *accountDoc) (*cedarSliced, error) {
	e := &cedarSliced{account: a}
	for i, text := range texts {
		set, err := cedar.NewPolicySetFromBytes("bench.cedar", text)
		if err != nil {
			return nil, err
		}
		var rules []cedarRule
		for id, p := range set.All() {
			rules = append(rules, cedarRule{cedar.PolicyID(fmt.Sprintf("%d/%s", i, id)), p})
		}
		e.policies = append(e.policies, rules)
	}
	return e, nil
}

func (e *cedarSliced) prepare(w *workload) {
	e.cedarEngine.prepare(w)
	for i := range w.requests {
		e.users = append(e.users, w.requests[i].user)
	}
}

// slice holds the policies of one user.
type slice struct {
	engine *cedarSliced
	user   int
}

// All iterates over the policies like a policy set.
func (s slice) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for p := range s.engine.account.policies(s.user) {
			for _, rule := range s.engine.policies[p] {
				if !yield(rule.id, rule.policy) {
					return
				}
			}
		}
	}
}

func (e *cedarSliced) decide(i int) (verdict, error) {
	return cedarVerdict(cedar.Authorize(slice{e, e.users[i]}, e.entities, e.requests[i]))
}

func (e *cedarSliced) run(from, n int) (allowed int) {
	for i := range n {
		request := (from + i) % len(e.requests)
		if decision, _ := cedar.Authorize(slice{e, e.users[request]}, e.entities,
			e.requests[request]); decision == cedar.Allow {
			allowed++
		}
	}
	return allowed
}
