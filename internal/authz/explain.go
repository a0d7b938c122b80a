package authz

import (
	"fmt"
	"sort"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Explain answers a request as [Policies.Decide] does, with the reasons. It
// looks at every statement, so its cost grows with the policies.
func (p *Policies) Explain(r *Request) *Decision {
	e := &explainer{request: r, policies: p, facts: p.facts(r, true), missing: map[string]string{}, hung: map[string]bool{}}
	d := &Decision{Outcome: p.Decide(r)}
	e.layers(d)
	d.MissingKeys = e.missingKeys()
	d.Notes = e.notes
	for _, layer := range d.Layers {
		if layer.Applies && (d.Outcome == ExplicitlyDenied) == (layer.Outcome == ExplicitlyDenied) {
			d.Deciding = append(d.Deciding, layer.Deciding...)
		}
	}
	switch {
	case r.isGetCallerIdentity():
		d.Deciding = nil
		d.Reason = "Allowed: sts:GetCallerIdentity needs no permission, and no policy can deny it."
	case d.Outcome == Allowed:
		d.Reason = e.allowedReason(d)
	case d.Outcome == ExplicitlyDenied && len(d.Deciding) == 0:
		d.Reason = "Explicitly denied, whatever the unknown values are."
	case d.Outcome == ExplicitlyDenied:
		d.Reason = fmt.Sprintf("Explicitly denied by %s (layer %s).", d.Deciding[0], d.Deciding[0].layerName())
	case d.Outcome == Undecided:
		d.Deciding = nil
		d.HangsOn = e.hangsOn
		d.Reason = "Unknown: it hangs on " + shorten(e.hangsOn, 3) + "."
	default:
		d.Deciding = nil
		d.NearestMiss = e.nearestMiss()
		d.Reason = "Implicitly denied: " + strings.Join(e.withheld, "; ") + "."
		if d.Outcome == Denied {
			d.Reason = "Denied, whatever the unknown values are: " + strings.Join(e.withheld, "; ") + "."
		}
	}
	return d
}

func (s StatementRef) layerName() string {
	return LayerDecision{Layer: s.Layer, Level: s.Level}.Name()
}

type explainer struct {
	request  *Request
	policies *Policies
	facts    facts
	results  []layerResult
	missing  map[string]string // folded key → as written
	notes    []string
	hangsOn  []string
	hung     map[string]bool // what is in hangsOn
	withheld []string        // why the request is not allowed, clause by clause
}

// layerResult is one layer looked at statement by statement.
type layerResult struct {
	layer   *Layer
	level   int
	verdict verdict
}

// givenLayer is a layer that is there; why says why it does not apply.
type givenLayer struct {
	layer   *Layer
	level   int
	applies bool
	why     string
}

// given lists the layers that are there, with whether they count.
func (e *explainer) given() (out []givenLayer) {
	add := func(l *Layer, level int, applies bool, why string) {
		if l != nil {
			out = append(out, givenLayer{l, level, applies, why})
		}
	}
	p, a := e.policies, e.facts.applies
	who := e.request.Principal
	identityWhy := "policies of this layer say nothing about " + who.String()
	if who.Kind == Root {
		identityWhy = "the root user is not limited by policies of this layer"
	}
	add(p.Identity, 0, a.identity, identityWhy)
	add(p.Group, 0, a.identity, identityWhy)
	add(p.Boundary, 0, a.identity, identityWhy)
	add(p.Session, 0, a.identity, identityWhy)
	add(p.ResourcePolicy, 0, true, "")
	controlWhy := "service control policies say nothing about " + who.String()
	switch {
	case who.ServiceLinked:
		controlWhy = "service control policies do not limit service-linked roles"
	case who.hasIdentity():
		controlWhy = "service control policies do not limit the management account"
	}
	for i, l := range p.ServiceControl {
		add(l, i, a.serviceControl, controlWhy)
	}
	resourceWhy := "resource control policies do not protect the management account's resources"
	if who.ServiceLinked {
		resourceWhy = "resource control policies do not limit service-linked roles"
	}
	for i, l := range p.ResourceControl {
		add(l, i, a.resourceControl, resourceWhy)
	}
	add(p.Endpoint, 0, a.endpoint, "a service's own requests do not come through the VPC endpoint")
	return out
}

func (e *explainer) layers(d *Decision) {
	r := e.request
	for what, unknown := range map[string]bool{"the principal": r.Unknown.Principal, "the action": r.Unknown.Action, "the resource": r.Unknown.Resource, "the resource's account": r.Unknown.ResourceAccount} {
		if unknown {
			e.hangsOn = append(e.hangsOn, what)
		}
	}
	sort.Strings(e.hangsOn)
	for _, g := range e.given() {
		ld := LayerDecision{Layer: g.layer.kind, Level: g.level, Applies: g.applies, Reason: g.why}
		if g.applies {
			e.layer(g.layer, g.level, &ld)
		}
		d.Layers = append(d.Layers, ld)
	}
}

// layer asks every statement of a layer.
func (e *explainer) layer(l *Layer, level int, out *LayerDecision) {
	r := e.request
	var v verdict
	if l.opaque {
		v = verdict{deny: maybe, allow: naming{maybe, maybe, maybe}}
		for _, p := range l.policies {
			if p.Document.Unknown {
				e.hang("the policy %q, which is known only later", p.Name)
			}
		}
	}
	var allows, denies []StatementRef
	for i := range l.statements {
		s := &l.statements[i]
		ref := l.ref(s, level)
		if s.opaque {
			e.hang("%s, which is known only later", ref)
		}
		if !s.opaque {
			e.inspect(s, ref)
		}
		var one verdict
		l.apply(&one, s, r, e.facts.hasBoundary, and(s.matchAction(r), s.matchResource(r)))
		v.add(one)
		if one.deny == yes {
			denies = append(denies, ref)
		}
		if one.allow.any() == yes && l.kind != ResourceControl {
			allows = append(allows, ref)
		}
	}
	e.results = append(e.results, layerResult{l, level, v})
	allow := v.allow.any()
	if l.kind == ResourceControl {
		allow = yes
	}
	switch {
	case v.deny == yes:
		out.Outcome, out.Deciding = ExplicitlyDenied, denies
		out.Reason = "denied by " + denies[0].String()
	case v.deny == no && allow == no:
		out.Outcome, out.Reason = ImplicitlyDenied, "no statement allows it"
	case allow == no:
		out.Outcome, out.Reason = Denied, "no statement allows it"
	case v.deny == no && allow == yes:
		out.Outcome, out.Deciding = Allowed, allows
		out.Reason = "no statement denies it"
		if len(allows) > 0 {
			out.Reason = "allowed by " + allows[0].String()
		}
		if l.kind == ResourcePolicy && or(v.allow.direct, v.allow.wide) == no {
			out.Reason += ", which names the account and so leaves the decision to its identity policies"
		}
	default:
		out.Outcome, out.Reason = Undecided, "it hangs on unknown values"
	}
}

func (l *Layer) ref(s *statement, level int) StatementRef {
	return StatementRef{
		Layer: l.kind, Level: level, Policy: l.policies[s.policy].Name, Sid: s.source.Sid.Value,
		Index: s.source.Index, Effect: policy.Effect(s.source.Effect.Value), Pos: s.source.Pos,
	}
}

func (e *explainer) hang(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !e.hung[text] {
		e.hung[text] = true
		e.hangsOn = append(e.hangsOn, text)
	}
}

// inspect collects what a statement consulted: keys that the request lacks,
// values that cannot be compared, what is not known.
func (e *explainer) inspect(s *statement, ref StatementRef) {
	r := e.request
	action := s.matchAction(r)
	if action == no {
		return
	}
	for i := range s.resources {
		e.variables(&s.resources[i])
	}
	for _, name := range s.principals.groups() {
		e.notes = append(e.notes, fmt.Sprintf("In %s, %s is a group, which is never a principal: it names nobody.", ref, name))
	}
	resource, named := s.matchResource(r), s.principals.match(r, e.facts.hasBoundary)
	if resource == no || named.any() == no {
		return
	}
	principal := named.any()
	if named.direct == maybe || named.wide == maybe {
		principal = maybe // how the caller is named can decide too
	}
	uncertain := func(t truth, unknown bool, element string) {
		if t == maybe && unknown {
			e.hang("the %s of %s", element, ref)
		}
	}
	uncertain(s.allow, true, "Effect")
	uncertain(action, !r.Unknown.Action, "Action")
	uncertain(resource, !r.Unknown.Resource, "Resource")
	uncertain(principal, !r.Unknown.Principal, "Principal")
	if s.conditionsUnknown {
		e.hang("the Condition of %s", ref)
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		v, is := r.Context.lookup(c.key)
		switch is {
		case absent:
			e.missing[c.key] = c.source.Key
		case hidden, free:
			e.hang("the context key %s", c.source.Key)
		case present:
			e.comparable(c, v, ref)
		}
		if c.unknown {
			e.hang("the values of %s %s in %s", c.operator, c.source.Key, ref)
		}
		for j := range c.values {
			if c.values[j].unknown {
				e.hang("a value of %s %s in %s", c.operator, c.source.Key, ref)
			}
			e.variables(&c.values[j].text)
		}
	}
}

// variables notes the keys that a pattern's variables ask for.
func (e *explainer) variables(p *pattern) {
	for _, t := range p.tokens {
		if t.kind != variable {
			continue
		}
		switch _, is := e.request.Context.lookup(t.text); is {
		case absent:
			if _, ok := e.missing[t.text]; !ok {
				e.missing[t.text] = t.text
			}
		case hidden, free:
			e.hang("the context key %s", t.text)
		}
	}
}

// comparable notes conditions that can hold for no value, or compare what the
// operator does not know.
func (e *explainer) comparable(c *condition, v contextValue, ref StatementRef) {
	note := func(format string, args ...any) {
		const mostNotes = 1000 // more would help nobody
		if len(e.notes) >= mostNotes {
			return
		}
		e.notes = append(e.notes, fmt.Sprintf("In %s, %s %s: ", ref, c.operator, c.source.Key)+fmt.Sprintf(format, args...))
	}
	if v.multi && c.op.Qualifier == policy.NoQualifier && c.op.Comparison != policy.Null {
		note("the key is multivalued, which an operator without ForAllValues or ForAnyValue does not compare.")
		return
	}
	for i, value := range c.values {
		if !value.valid && !value.unknown {
			note("the policy's value %q cannot be read as what the operator compares, so the comparison never holds.", shown(c.source.Values.Values[i].Value))
		}
	}
	if c.op.Comparison == policy.Null {
		return
	}
	for _, text := range v.texts {
		if o := c.read(text); !o.ok {
			note("the request's value %q cannot be read as what the operator compares, so the comparison does not hold.", shown(text))
			break // one of a list says enough
		}
	}
}

func (e *explainer) missingKeys() []string {
	keys := make([]string, 0, len(e.missing))
	for _, key := range e.missing {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func (e *explainer) allowedReason(d *Decision) string {
	for _, s := range d.Deciding {
		if s.Layer == Identity || s.Layer == Group || s.Layer == ResourcePolicy {
			return fmt.Sprintf("Allowed by %s (layer %s).", s, s.layerName())
		}
	}
	if e.request.Principal.Kind == Root {
		return "Allowed: the root user has full access to its account."
	}
	return "Allowed."
}

// nearestMiss finds, among the layers that withheld the request, the statement
// that would have allowed it and failed in the fewest ways. It also fills in
// why the request is not allowed.
func (e *explainer) nearestMiss() *Miss {
	withheld := e.withholding()
	var best *Miss
	for _, result := range e.results {
		if !withheld[layerLevel{result.layer.kind, result.level}] {
			continue
		}
		for i := range result.layer.statements {
			s := &result.layer.statements[i]
			if s.opaque || s.allow == no {
				continue
			}
			failures := e.failures(s)
			if len(failures) == 0 {
				failures = []Failure{{Element: "Principal", Message: "it names the account only, which leaves the decision to the account's identity policies", Pos: s.source.Pos}}
			}
			miss := &Miss{result.layer.ref(s, result.level), failures}
			if best == nil || miss.nearer(best) {
				best = miss
			}
		}
	}
	return best
}

// nearer prefers fewer failures, then statements that are about the action,
// then those about the resource.
func (m *Miss) nearer(other *Miss) bool {
	if len(m.Failures) != len(other.Failures) {
		return len(m.Failures) < len(other.Failures)
	}
	return m.weight() < other.weight()
}

func (m *Miss) weight() int {
	w := 0
	for _, f := range m.Failures {
		switch f.Element {
		case "Action", "NotAction":
			w += 4
		case "Resource", "NotResource":
			w += 2
		case "Principal", "NotPrincipal":
			w++
		}
	}
	return w
}

type layerLevel struct {
	kind  LayerKind
	level int
}

// withholding names the layers for whose silence the request is denied, and
// notes the reasons.
func (e *explainer) withholding() map[layerLevel]bool {
	f, r := &e.facts, e.request
	out := map[layerLevel]bool{}
	hold := func(kind LayerKind, level int, why string) {
		out[layerLevel{kind, level}] = true
		if why != "" {
			e.withheld = append(e.withheld, why)
		}
	}
	same := r.sameAccount() == yes
	resource := f.resource.allow
	if f.granted(r, same) == no {
		who := r.Principal.Kind
		identityAllows := or(f.identity.allow.wide, f.group.allow.wide)
		needsResource := !same || f.trustOrKeyed == yes
		if f.applies.identity {
			if identityAllows == no {
				hold(Identity, 0, "no identity policy allows it")
				hold(Group, 0, "")
			}
			if f.boundaryAllows(who) == no && (identityAllows != no || or(resource.wide, resource.account) != no) {
				hold(Boundary, 0, "the permissions boundary does not allow it")
			}
			if f.sessionAllows(who) == no && (identityAllows != no || resource.any() != no) {
				if f.hasSession {
					hold(Session, 0, "no session policy allows it")
				} else {
					e.withheld = append(e.withheld, "a federated user without session policies may do nothing")
				}
			}
		}
		switch {
		case needsResource && !f.hasResource:
			e.withheld = append(e.withheld, "no resource policy is given, and "+e.outsider()+" needs one that allows it")
		case needsResource && resource.any() == no:
			hold(ResourcePolicy, 0, "the resource's policy does not allow it")
		case f.hasResource && or(resource.direct, resource.wide) == no && identityAllows == no:
			why := ""
			if resource.account == no {
				why = "the resource's policy does not allow it either"
			} else if !needsResource {
				why = "the resource's policy names only the account, which leaves the decision to identity policies"
			}
			hold(ResourcePolicy, 0, why)
		}
	}
	if f.applies.serviceControl {
		if len(e.policies.ServiceControl) == 0 {
			e.withheld = append(e.withheld, "the list of service control policies is empty, so nothing is allowed")
		}
		for _, result := range e.results {
			if result.layer.kind == ServiceControl && result.verdict.allow.any() == no {
				hold(ServiceControl, result.level, fmt.Sprintf("no service control policy of level %d allows it", result.level))
			}
		}
	}
	if f.hasEndpoint && f.endpoint.allow.any() == no {
		hold(Endpoint, 0, "the VPC endpoint's policy does not allow it")
	}
	if len(e.withheld) == 0 {
		why := "no policy allows it"
		if r.uncertain() {
			why = "none of the values that are not known makes the policies allow it"
		}
		e.withheld = append(e.withheld, why)
	}
	return out
}

func (e *explainer) outsider() string {
	if !e.request.Principal.hasIdentity() {
		return e.request.Principal.String()
	}
	return "a principal of another account"
}

// failures lists the ways in which a statement does not match the request.
func (e *explainer) failures(s *statement) []Failure {
	r := e.request
	var out []Failure
	if s.matchAction(r) == no {
		f := Failure{Element: "Action"}
		list := s.source.Action
		if s.notAction {
			f.Element, list = "NotAction", s.source.NotAction
			f.Message = fmt.Sprintf("the statement leaves out %s, and the action is %s", values(list), r.Action)
		} else {
			f.Message = fmt.Sprintf("the statement is about %s, and the action is %s", values(list), r.Action)
		}
		f.Pos = list.Pos
		out = append(out, f)
	}
	if s.matchResource(r) == no {
		f := Failure{Element: "Resource"}
		list, verb := s.source.Resource, "is about"
		if s.notResource {
			f.Element, list, verb = "NotResource", s.source.NotResource, "leaves out"
		}
		f.Message = fmt.Sprintf("the statement %s %s, and the resource is %s", verb, values(list), shown(r.Resource))
		if key := e.valueless(s); key != "" {
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
				Message: fmt.Sprintf("%s %s asks for %s, and %s", c.operator, c.source.Key, values(&c.source.Values), e.has(c)),
			})
		}
	}
	return out
}

// has describes what the request has under a condition's key.
func (e *explainer) has(c *condition) string {
	v, is := e.request.Context.lookup(c.key)
	switch {
	case is == absent:
		return "the request does not have the key"
	case is != present:
		return "the request's value is not known"
	case v.multi:
		return "the request has the values " + quoted(v.texts, 5)
	}
	return fmt.Sprintf("the request has %q", shown(v.texts[0]))
}

// valueless is a variable in the statement's resources that has no value.
func (e *explainer) valueless(s *statement) string {
	for i := range s.resources {
		if key := s.resources[i].lacking(e.request.Context); key != "" {
			return key
		}
	}
	return ""
}

// values shows a list of the policy in a message.
func values(l *policy.List) string {
	if l == nil {
		return "nothing"
	}
	out := make([]string, 0, len(l.Values))
	for i, v := range l.Values {
		switch {
		case i >= 3:
			out = append(out, "") // only counted
		case v.Unknown:
			out = append(out, "a value known only later")
		default:
			out = append(out, fmt.Sprintf("%q", shown(v.Value)))
		}
	}
	if l.Unknown {
		out = append(out, "values known only later")
	}
	if len(out) == 0 {
		return "an empty list"
	}
	return shorten(out, 3)
}

// quoted shows texts of the request, naming at most a few.
func quoted(texts []string, most int) string {
	more := max(0, len(texts)-most)
	out := make([]string, len(texts)-more)
	for i := range out {
		out[i] = fmt.Sprintf("%q", shown(texts[i]))
	}
	if more > 0 {
		return strings.Join(out, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return shorten(out, most)
}

// shown is a text as a sentence shows it: cut where it is long.
func shown(text string) string {
	const most = 2048 // the longest ARN
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// shorten joins texts for a sentence, naming at most a few.
func shorten(texts []string, most int) string {
	if len(texts) > most {
		return strings.Join(texts[:most], ", ") + fmt.Sprintf(" and %d more", len(texts)-most)
	}
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " or " + texts[n-1]
	}
	return strings.Join(texts, "")
}
