package analysis

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Some context keys depend on each other, or on the resource. The search treats them as independent and makes them
// consistent when it makes a request.

// Keys that depend on other parts of a request.
const (
	tagKeysKey         = "aws:tagkeys"
	requestTagPrefix   = "aws:requesttag/"
	resourceAccountKey = "aws:resourceaccount"
)

// usualAccount is the account of resources that read well.
const usualAccount = "123456789012"

// condition returns the number of a condition that no policy has.
func (s *solver) condition(operator, key string, value string) int {
	text, err := json.Marshal(map[string]any{"Version": policy.Version2008, "Statement": map[string]any{
		"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": map[string]any{operator: map[string]any{key: value}},
	}})
	if err != nil {
		panic("analysis: " + err.Error())
	}
	doc, err := policy.Parse(text)
	if err != nil {
		panic("analysis: cannot parse a condition: " + err.Error())
	}
	layer, err := authz.CompileLayer(authz.Identity, []authz.Policy{{Name: everything, Document: doc}})
	if err != nil {
		panic("analysis: cannot compile a condition: " + err.Error())
	}
	for view := range layer.Statements() {
		return s.atom(view.Conditions[0])
	}
	panic("analysis: a policy lost its statement")
}

// assembleConsistent makes requests from a state, in which the keys that depend on each other are consistent.
func (s *solver) assembleConsistent(p *problem, st state, w *world) status {
	var tags []string
	lists := false
	for _, l := range st.literals {
		key := s.keys[s.atoms[l.atom].key]
		lists = lists || key == tagKeysKey
		if tag, ok := strings.CutPrefix(key, requestTagPrefix); ok && tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	if !lists {
		tags = nil
	}
	return s.chooseTags(p, st, w, tags)
}

// chooseTags decides for each tag whether the request sets it. aws:TagKeys has the keys of exactly the tags that the
// request sets; case does not count.
func (s *solver) chooseTags(p *problem, st state, w *world, tags []string) status {
	if s.steps -= 1 + len(tags); s.steps <= 0 {
		return exhausted
	}
	if len(tags) == 0 {
		return s.chooseAccount(p, st, w)
	}
	key := requestTagPrefix + tags[0]
	listed := s.condition("ForAnyValue:StringEqualsIgnoreCase", tagKeysKey, tags[0])
	null, empty := s.condition("Null", key, "true"), s.condition("StringEquals", key, "")
	best := none
	for _, option := range [...][]literal{
		{{null, true}, {empty, false}, {listed, false}}, // absent
		{{null, false}, {listed, true}},
		{{empty, true}, {listed, true}},
	} {
		next, possible := st, true
		for _, l := range option {
			if next, possible = s.assume(next, l, w); !possible {
				break
			}
		}
		if !possible {
			continue
		}
		if best = max(best, s.chooseTags(p, next, w, tags[1:])); best == found {
			break
		}
	}
	return best
}

// chooseAccount makes aws:ResourceAccount the account in the ARN of the resource, if conditions use the key.
func (s *solver) chooseAccount(p *problem, st state, w *world) status {
	var own []literal
	for _, l := range st.literals {
		if s.keys[s.atoms[l.atom].key] == resourceAccountKey {
			own = append(own, l)
		}
	}
	if v, ok := w.chosen[resourceAccountKey]; ok && !v.list && len(v.texts) > 0 {
		return s.withAccount(p, st, w, v.texts[0])
	}
	if len(own) == 0 || w.settled[resourceAccountKey] {
		return s.assemble(p, st, w)
	}
	if s.all(own, func(a *atom) bool { return a.absent }) {
		return s.assemble(p, st, w) // the value of the key will be none
	}
	accounts, complete := s.finite(own, w)
	if !complete {
		if v, result := s.value(s.atoms[own[0].atom].key, own, w); result == found && !v.list && len(v.texts) > 0 {
			accounts = append(accounts, v.texts[0])
		}
		accounts = append(accounts, s.accountsIn(st.at)...)
		accounts = append(accounts, usualAccount, "111122223333")
	}
	best := none
	if !complete {
		best = open
	}
	for _, account := range accounts {
		if account == "" {
			continue
		}
		next, possible := s.assume(st, literal{s.condition("StringEquals", resourceAccountKey, account), true}, w)
		if !possible {
			continue
		}
		if best = max(best, s.withAccount(p, next, w, account)); best == found {
			return found
		}
	}
	return best
}

// withAccount makes requests about the resources that an account may own.
func (s *solver) withAccount(p *problem, st state, w *world, account string) status {
	best := none
	for _, resources := range s.resourcesOf(account) {
		with := st
		with.at.required = merged(with.at.required, resources)
		if !s.reachable(&problem{domain: p.domain, world: w}, with) {
			continue
		}
		if best = max(best, s.assemble(p, with, w)); best == found {
			break
		}
	}
	return best
}

// resourcesOf returns patterns for the resources that an account may own: those with its account in their ARN, those
// without an account, and "*".
func (s *solver) resourcesOf(account string) (ids []int) {
	for _, a := range [...]string{account, "", "aws"} {
		arn := pattern.CutARN(pattern.Glob("arn:*:*:*:" + a + ":*"))
		ids = append(ids, s.pattern(arn.Fieldwise()))
	}
	return append(ids, s.pattern(pattern.Literal("*")))
}

// accountsIn returns the accounts that the patterns of a place mention.
func (s *solver) accountsIn(at place) (accounts []string) {
	for _, ids := range [...][]int{at.required, at.excluded} {
		for _, id := range ids {
			fields := strings.SplitN(s.patterns[id].String(), ":", 6)
			if len(fields) == 6 && isAccount(fields[4]) && !slices.Contains(accounts, fields[4]) {
				accounts = append(accounts, fields[4])
			}
		}
	}
	return accounts
}
