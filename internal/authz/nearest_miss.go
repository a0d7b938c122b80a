package authz

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// nearestMiss returns, among the layers that had to allow the request and did not, the statement
// that could have allowed it and is the least distant from the request. It also collects the reasons
// why the request is not allowed.
func (e *explainer) nearestMiss() *Miss {
	withheld := e.withholding()
	var best *Miss
	var least distance
	for _, result := range e.results {
		if !withheld[layerLevel{result.layer.kind, result.level}] {
			continue
		}
		for s, part := range result.layer.statements() {
			if s.opaque || s.allow == no {
				continue
			}
			failures := e.failures(s)
			d := e.distance(s, failures)
			if len(failures) == 0 {
				// An identity policy has to allow the request. A statement that allows the action on another resource is nearer.
				d.resource, d.principal = 1, 1
				failures = []Failure{{
					Element: "Principal", Pos: s.source.Pos,
					Message: "the statement names the account only, which leaves the decision to the account's identity policies",
				}}
			}
			if best == nil || d.compare(&least) < 0 {
				best, least = &Miss{result.layer.ref(part, s, result.level), failures}, d
			}
		}
	}
	return best
}

// distance tells how far a statement is from allowing a request. The fields are in the order of their weight: a
// statement about another action is farther away than one about another resource, and a failed condition is the
// nearest miss.
type distance struct {
	// action is 0 for the right action, 1 for another action of the service, and 2 for another service. A statement about
	// another service says nothing about the request, even if its resource is "*".
	action int
	// resource and principal are 1 if the element does not match.
	resource, principal int
	conditions          int // the number of conditions that are false
	// unlike is the negative length of the text that the action or the resource of the request has in common with the
	// beginning of the statement's patterns, where they do not match.
	unlike int
}

func (d *distance) compare(other *distance) int {
	return cmp.Or(cmp.Compare(d.action, other.action), cmp.Compare(d.resource, other.resource),
		cmp.Compare(d.principal, other.principal), cmp.Compare(d.conditions, other.conditions),
		cmp.Compare(d.unlike, other.unlike))
}

// distance returns the distance of a statement that fails to match in some ways.
func (e *explainer) distance(s *statement, failures []Failure) (d distance) {
	r := e.request
	for _, f := range failures {
		switch f.Element {
		case "Action", "NotAction":
			d.action = 2
			service, _, _ := strings.Cut(r.Action.folded, ":")
			for i := range s.actions {
				own, _, _ := strings.Cut(s.actions[i].String(), ":")
				if p := pattern.Glob(own); p.Match(service) {
					d.action = 1
				}
			}
			d.unlike -= longestBeginning(s.actions, r.Action.folded)
		case "Resource", "NotResource":
			d.resource = 1
			d.unlike -= longestBeginning(s.resources, r.Resource)
		case "Principal", "NotPrincipal":
			d.principal = 1
		default:
			d.conditions++
		}
	}
	return d
}

// longestBeginning returns the length of the longest beginning that a text shares with the literal beginning of a
// pattern.
func longestBeginning(patterns []pattern.Pattern, text string) int {
	longest := 0
	for i := range patterns {
		longest = max(longest, commonLength(patterns[i].Prefix(), text))
	}
	return longest
}

type layerLevel struct {
	kind  LayerKind
	level int
}

// withholding returns the layers that had to allow the request and did not, and collects the
// reasons.
func (e *explainer) withholding() map[layerLevel]bool {
	f, r := &e.facts, e.request
	out := map[layerLevel]bool{}
	withhold := func(kind LayerKind, level int, reason string) {
		out[layerLevel{kind, level}] = true
		if reason != "" {
			e.withheld = append(e.withheld, reason)
		}
	}
	same := r.sameAccount() == yes
	resource := f.resource.allow
	if f.granted(r, same) == no {
		who := r.Principal.Kind
		identityAllows := or(f.identity.allow.wide, f.group.allow.wide)
		needsResource := !same || f.needsResource == yes
		if f.applies.identity {
			if identityAllows == no {
				withhold(Identity, 0, "no identity policy allows it")
				withhold(Group, 0, "")
			}
			if f.boundaryAllows(who) == no && (identityAllows != no || or(resource.wide, resource.account) != no) {
				withhold(Boundary, 0, "the permissions boundary does not allow it")
			}
			if f.sessionAllows(who) == no && (identityAllows != no || resource.any() != no) {
				if f.hasSession {
					withhold(Session, 0, "no session policy allows it")
				} else {
					e.withheld = append(e.withheld, "a federated user without session policies has no permissions")
				}
			}
		}
		switch {
		case needsResource && !f.hasResource:
			e.withheld = append(e.withheld,
				"no resource policy is given, and "+e.outsider()+" needs one that allows it")
		case needsResource && resource.any() == no:
			withhold(ResourcePolicy, 0, "the resource's policy does not allow it")
		case f.hasResource && or(resource.direct, resource.wide) == no && identityAllows == no:
			reason := ""
			if resource.account == no {
				reason = "the resource's policy does not allow it either"
			} else if !needsResource {
				reason = "the resource's policy names only the account, which leaves the decision to identity policies"
			}
			withhold(ResourcePolicy, 0, reason)
		}
	}
	if f.applies.serviceControl {
		if len(e.policies.ServiceControl) == 0 {
			e.withheld = append(e.withheld, "the list of service control policies is empty, so nothing is allowed")
		}
		for _, result := range e.results {
			if result.layer.kind == ServiceControl && result.verdict.allow.any() == no {
				withhold(ServiceControl, result.level,
					fmt.Sprintf("no service control policy of level %d allows it", result.level))
			}
		}
	}
	if f.hasEndpoint && f.endpoint.allow.any() == no {
		withhold(Endpoint, 0, "the VPC endpoint's policy does not allow it")
	}
	if len(e.withheld) == 0 {
		reason := "no policy allows it"
		if r.uncertain() {
			reason = "none of the values that are not known makes the policies allow it"
		}
		e.withheld = append(e.withheld, reason)
	}
	return out
}

// outsider describes a caller that needs a resource policy.
func (e *explainer) outsider() string {
	if !e.request.Principal.hasIdentity() {
		return e.request.Principal.String()
	}
	return "a principal of another account"
}

// failures returns the ways in which a statement does not match the request.
func (e *explainer) failures(s *statement) []Failure {
	r := e.request
	var out []Failure
	if s.matchAction(r) == no {
		f := Failure{Element: "Action"}
		list := s.source.Action
		if s.notAction {
			f.Element, list = "NotAction", s.source.NotAction
			f.Message = fmt.Sprintf("the statement exempts %s, and the action is %s", describeValues(list), r.Action)
		} else {
			f.Message = fmt.Sprintf("the statement applies to %s, but the action is %s", describeValues(list), r.Action)
		}
		f.Pos = list.Pos
		out = append(out, f)
	}
	if s.matchResource(r) == no {
		f := Failure{Element: "Resource"}
		list, format := s.source.Resource, "the statement applies to %s, but the resource is %s"
		if s.notResource {
			f.Element, list = "NotResource", s.source.NotResource
			format = "the statement exempts %s, and the resource is %s"
		}
		f.Message = fmt.Sprintf(format, describeValues(list), abbreviate(r.Resource))
		if key := e.missingVariable(s); key != "" {
			f.Message += fmt.Sprintf("; the variable ${%s} has no value in the request", key)
		}
		f.Pos = list.Pos
		out = append(out, f)
	}
	if s.principals.match(r, e.facts.hasBoundary).any() == no {
		f := Failure{Element: "Principal", Message: fmt.Sprintf("the statement does not name %s", r.Principal)}
		if source := s.source.Principal; source != nil {
			f.Pos = source.Pos
		}
		out = append(out, f)
	}
	for i := range s.conditions {
		if c := &s.conditions[i]; c.eval(r.Context) == no {
			out = append(out, Failure{
				Element: "Condition", Operator: c.operator, Key: c.source.Key, Pos: c.source.Pos,
				Message: fmt.Sprintf("%s %s compares with %s, and %s",
					c.operator, c.source.Key, describeValues(&c.source.Values), e.requestValue(c)),
			})
		}
	}
	return out
}

// requestValue describes what the request has under a condition's key.
func (e *explainer) requestValue(c *condition) string {
	v, state := e.request.Context.lookup(c.key)
	switch {
	case state == absent:
		return "the request does not have the key"
	case state != present:
		return "the value in the request is not known"
	case v.multi:
		return "the request has the values " + quoteSome(v.texts, 5)
	}
	return fmt.Sprintf("the request has %q", abbreviate(v.texts[0]))
}

// missingVariable returns a variable in the statement's resources that has no value.
func (e *explainer) missingVariable(s *statement) string {
	for i := range s.resources {
		if key := missingVariable(&s.resources[i], e.request.Context); key != "" {
			return key
		}
	}
	return ""
}
