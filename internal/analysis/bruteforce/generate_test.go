package bruteforce

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// space is a small language of policies, with a universe that shows most differences between two of them.
type space struct {
	name string
	kind policy.Kind
	universe
	// actionPatterns, resourcePatterns, conditions and principalLists are what statements may have.
	actionPatterns, resourcePatterns []string
	conditions                       []condition
	principalLists                   []map[string][]string
	// conditional is the share of statements with conditions, in percent.
	conditional int
	// versions are those of the policies; 2012-10-17 if nil.
	versions []string
	// unknown is the largest share of unknown answers, in percent.
	unknown int
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// chance returns true with the given probability in percent.
func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// some returns one to three different elements, most often one.
func some(r *rand.Rand, from []string) []string {
	var list []string
	for n := 1 + r.IntN(5)/3 + r.IntN(5)/4; n > 0; n-- {
		if next := pick(r, from); !slices.Contains(list, next) {
			list = append(list, next)
		}
	}
	return list
}

// document returns a random policy of up to three statements.
func (s *space) document(r *rand.Rand) document {
	d := document{}
	if s.versions != nil {
		d.version = pick(r, s.versions)
	}
	for n := 1 + r.IntN(3); n > 0; n-- {
		d.statements = append(d.statements, s.statement(r, 30))
	}
	if !slices.ContainsFunc(d.statements, func(s statement) bool { return s.effect == "Allow" }) {
		d.statements[0] = s.statement(r, 0)
	}
	return d
}

// statement returns a random statement that denies with the given probability in percent.
func (s *space) statement(r *rand.Rand, denies int) statement {
	next := statement{effect: "Allow", actions: []string{"*"}, resources: []string{"*"}}
	if s.actionPatterns == nil {
		next.actions = []string{"x:*"} // an unknown service takes less time than all actions of the catalog
	}
	if chance(r, denies) {
		next.effect = "Deny"
	}
	if s.kind == policy.Trust {
		next.actions, next.resources = []string{"sts:*"}, nil
	}
	if s.actionPatterns != nil && chance(r, 85) {
		next.actions, next.notAction = some(r, s.actionPatterns), chance(r, 20)
	}
	if s.resourcePatterns != nil && chance(r, 85) {
		next.resources, next.notResource = some(r, s.resourcePatterns), chance(r, 20)
	}
	if s.kind.HasPrincipal() {
		if s.principalLists == nil || chance(r, 20) {
			next.everyone = true
		} else {
			next.principals = pick(r, s.principalLists)
			next.notPrincipals = next.effect == "Deny" && s.kind != policy.Trust && chance(r, 40)
		}
	}
	if chance(r, s.conditional) {
		next = s.condition(r, next)
		if chance(r, 40) {
			next = s.condition(r, next)
		}
	}
	return next
}

// condition adds a random condition to the statement, unless it has one with the same operator and key.
func (s *space) condition(r *rand.Rand, to statement) statement {
	next := pick(r, s.conditions)
	for _, c := range to.conditions {
		if c.operator == next.operator && c.key == next.key {
			return to
		}
	}
	to.conditions = append(slices.Clone(to.conditions), next)
	return to
}

// change returns a document that differs from another one in a few places, so that one of them often contains the
// other.
func (s *space) change(r *rand.Rand, d document) document {
	for range 1 + r.IntN(2) {
		i := r.IntN(len(d.statements))
		old := d.statements[i]
		switch r.IntN(7) {
		case 0:
			d = d.with(s.statement(r, 50))
		case 1:
			if len(d.statements) > 1 {
				d = d.without(i)
			}
		case 2:
			if len(s.conditions) > 0 {
				d = d.replace(i, s.condition(r, old))
			}
		case 3:
			if n := len(old.conditions); n > 0 {
				at := r.IntN(n)
				old.conditions = slices.Delete(slices.Clone(old.conditions), at, at+1)
				d = d.replace(i, old)
			}
		case 4:
			if s.resourcePatterns != nil && s.kind != policy.Trust {
				old.resources = append(slices.Clone(old.resources), pick(r, s.resourcePatterns))
				d = d.replace(i, old)
			}
		case 5:
			if s.actionPatterns != nil {
				old.actions = append(slices.Clone(old.actions), pick(r, s.actionPatterns))
				d = d.replace(i, old)
			}
		case 6: // one more value of a condition
			if n := len(old.conditions); n > 0 {
				at := r.IntN(n)
				old.conditions = slices.Clone(old.conditions)
				c := &old.conditions[at]
				same := slices.DeleteFunc(slices.Clone(s.conditions), func(o condition) bool {
					return o.operator != c.operator || o.key != c.key
				})
				if len(same) > 0 {
					c.values = append(slices.Clone(c.values), pick(r, same).values...)
				}
				d = d.replace(i, old)
			}
		}
	}
	return d
}

// brute is a policy with the requests of a universe that it allows.
type brute struct {
	document document
	access   *access
	allowed  requestSet
}

// measure decides all requests of the space by the document.
func (s *space) measure(t testing.TB, d document) *brute {
	t.Helper()
	a := accessOf(t, s.kind, d.String())
	return &brute{d, a, s.allowedBy(a)}
}

// everything returns a statement about all requests of the space.
func (s *space) everything(effect policy.Effect) statement {
	all := allow()
	all.effect, all.everyone = string(effect), s.kind.HasPrincipal()
	if s.kind == policy.Trust { // only actions of STS belong in a trust policy, but NotAction covers others
		all.actions, all.notAction, all.resources = []string{"sts:NoSuchAction"}, true, nil
	}
	return all
}

// nothing returns a document that allows no request.
func (s *space) nothing() document { return documentOf(s.everything(policy.Deny)) }
