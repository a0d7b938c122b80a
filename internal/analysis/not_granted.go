package analysis

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// rule returns the access as a rule.
func (a *Access) rule(s *solver) *rule {
	r := &rule{actions: element{every: len(a.Actions) == 0}, resources: element{every: len(a.Resources) == 0}}
	for _, text := range a.Actions {
		p := pattern.Glob(ascii.Fold(text))
		r.actions.every = r.actions.every || p.IsEverything()
		r.actions.patterns = append(r.actions.patterns, s.actionPattern(p))
	}
	for _, text := range a.Resources {
		arn := pattern.CutARN(pattern.Glob(text))
		r.resources.every = r.resources.every || arn.Everything
		r.resources.patterns = append(r.resources.patterns, s.pattern(arn.Resource()))
	}
	return s.add(r)
}

// check refuses texts that match nothing because of their form.
func (a *Access) check() error {
	for _, text := range a.Actions {
		service, name, ok := strings.Cut(text, ":")
		if text != "*" && (!ok || service == "" || name == "") {
			return fmt.Errorf("%q is not an action; an action is service:Name, as in s3:GetObject, or a pattern, as in s3:Get*",
				text)
		}
	}
	for _, text := range a.Resources {
		arn := pattern.CutARN(pattern.Glob(text))
		if !arn.Everything && (arn.IsShort() || !arn.HasPrefix()) {
			return fmt.Errorf("%q is not a resource; a resource is an ARN of six fields, as in arn:aws:s3:::bucket/*, or \"*\"",
				text)
		}
	}
	return nil
}

// granted searches a request of one of the accesses that the documents allow.
func (d *documents) granted(accesses []Access, o Options) Answer {
	ask := question{o, func(s *solver, more, less bound) (*query, bool) {
		own, scope := d.rules(s, more, less), d.scope(s)
		q := &query{s: s, anyARN: o.AnyARN, skip: refusedAction}
		for i := range accesses {
			access := accesses[i].rule(s)
			for _, allow := range own.allows {
				q.clauses = append(q.clauses, clause{wanted: concat(scope, []*rule{allow, access}), avoided: own.denies})
			}
		}
		q.callers = s.callersOf(d)
		q.answers = func(r *authz.Request) (bool, bool) {
			outcome := d.decide(r)
			return outcome == authz.Allowed, outcome != authz.Undecided
		}
		return q, own.certain
	}}
	q, st := ask.answer()
	return q.reply(st, "The policies allow none of the requests.", d.views, func(w *Witness) (string,
		[]authz.StatementRef) {
		return fmt.Sprintf("The policies allow %s.", w), d.allowing(&w.Request)
	})
}
