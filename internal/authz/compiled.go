package authz

import (
	"iter"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Compiled is a set of policies in the form that decisions use. It does not change, so any number
// of layers and goroutines may share it.
type Compiled struct {
	kind LayerKind
	// policies is the source. It is nil if only the text is stored.
	policies []Policy
	// unreadable is set if [CompileUnreadable] made the policies.
	unreadable bool
	// text is the single policy that CompileText compiled. Explanations parse it again.
	text       string
	statements []statement
	// index is nil if the statements are few enough to scan one by one.
	index *index
	// services contains the services of all actions that some statement may match.
	services serviceSet
	// opaque is set if a policy may have more statements than the known ones.
	opaque bool
	// denies is set if some statement may deny.
	denies bool
}

// Compile compiles one policy on its own, so that [Unite] can use it in several layers.
func Compile(kind LayerKind, p Policy) (*Compiled, error) {
	return compile(kind, []Policy{p})
}

// CompileText parses and compiles one policy. It stores the text and the data that a decision needs,
// which take much less memory than the parsed policy. Each explanation parses the text again. The error is
// [policy.Findings] or a [*CompileError] that cites the policy by name.
func CompileText(kind LayerKind, name, text string) (*Compiled, error) {
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	return CompileParsed(kind, name, text, doc)
}

// CompileParsed is [CompileText] for a text that the caller has parsed already. doc must come from the text.
func CompileParsed(kind LayerKind, name, text string, doc *policy.Document) (*Compiled, error) {
	c, err := compile(kind, []Policy{{name, doc}})
	if err != nil {
		return nil, err
	}
	c.policies, c.text = nil, text
	c.compact()
	return c, nil
}

// unreadableSid is the Sid of the statement that takes the place of an unreadable policy.
const unreadableSid = "PolicyCannotBeEvaluated"

// CompileUnreadable returns what takes the place of a stored policy that [CompileText] refuses: a policy that denies
// every request. Without the policy, a request that it denies could be allowed. Decisions cite the statement by the Sid
// PolicyCannotBeEvaluated.
func CompileUnreadable(kind LayerKind, name, text string) *Compiled {
	all := &policy.List{Values: []policy.Text{{Value: "*"}}, Single: true}
	s := policy.Statement{
		Sid: policy.Text{Value: unreadableSid}, HasSid: true, Effect: policy.Text{Value: string(policy.Deny)},
		Action: all, Resource: all,
	}
	if kind.hasPrincipals() {
		s.Principal = &policy.Principals{Everyone: true}
	}
	doc := &policy.Document{Version: policy.Text{Value: policy.Version2012}, Statements: []policy.Statement{s}}
	c, err := compile(kind, []Policy{{name, doc}})
	if err != nil {
		panic("authz: cannot compile the policy that denies every request: " + err.Error())
	}
	c.text, c.unreadable = text, true
	return c
}

// fewStatements is the number of statements up to which a scan is as fast as an index.
const fewStatements = 8

func compile(kind LayerKind, policies []Policy) (*Compiled, error) {
	c := &Compiled{kind: kind, policies: policies}
	total := 0
	for _, p := range policies {
		total += len(p.Document.Statements)
	}
	c.statements = make([]statement, 0, total)
	for i, p := range policies {
		c.opaque = c.opaque || p.Document.Unknown
		trust := kind == ResourcePolicy && isTrust(p.Document)
		for j := range p.Document.Statements {
			source := &p.Document.Statements[j]
			s, err := compileStatement(kind, trust, int32(i), p.Document, source)
			if err != nil {
				return nil, &CompileError{
					Policy: p.Name, Statement: j, Sid: source.Sid.Value, Pos: source.Pos, Reason: err,
				}
			}
			c.statements = append(c.statements, s)
			c.denies = c.denies || s.deny != no
			c.services |= s.services
		}
	}
	if len(c.statements) > fewStatements {
		c.index = &index{}
		c.index.build(c.statements)
	}
	return c, nil
}

// Kind returns the layer that the policies were compiled for.
func (c *Compiled) Kind() LayerKind { return c.kind }

// Text returns the policy as text if [CompileText] or [CompileUnreadable] compiled it, and the empty string otherwise.
func (c *Compiled) Text() string { return c.text }

// Unreadable reports whether [CompileUnreadable] compiled the policy.
func (c *Compiled) Unreadable() bool { return c.unreadable }

// Unknown reports whether some part of the policies is not known yet.
func (c *Compiled) Unknown() bool {
	if c.opaque {
		return true
	}
	for i := range c.statements {
		if c.statements[i].uncertain() {
			return true
		}
	}
	return false
}

// decide adds the verdict of the policies to that of their layer.
func (c *Compiled) decide(kind LayerKind, r *Request, boundary truth, v *verdict) {
	switch {
	case c.opaque:
		v.add(unknown)
	case !r.Unknown.Action && !c.services.has(r.Action.service),
		!c.denies && v.allow.wide == yes && !kind.hasPrincipals():
		return
	}
	switch {
	case r.Unknown.Action || r.Unknown.Resource:
		for i := range c.statements {
			s := &c.statements[i]
			c.apply(kind, v, s, r, boundary, and(s.matchAction(r), s.matchResource(r)))
		}
	case c.index == nil:
		c.scan(kind, r, boundary, v)
	default:
		c.index.search(c, kind, r, boundary, v)
	}
}

// scan applies the statements one by one.
func (c *Compiled) scan(kind LayerKind, r *Request, boundary truth, v *verdict) {
	for i := range c.statements {
		s := &c.statements[i]
		if !s.services.has(r.Action.service) || s.deny == no && v.allow.wide == yes && !kind.hasPrincipals() {
			continue // the layer already allows the request
		}
		matched := s.matchAction(r)
		if matched != no {
			matched = and(matched, s.matchResource(r))
		}
		if matched != no && !c.apply(kind, v, s, r, boundary, matched) {
			return
		}
	}
}

// apply adds the verdict of a statement to v; matched says whether its action and resource match.
// It reports whether the policies can still change the verdict.
func (c *Compiled) apply(kind LayerKind, v *verdict, s *statement, r *Request, boundary truth, matched truth) bool {
	if matched == no {
		return true
	}
	if s.opaque {
		v.add(unknown)
		return true
	}
	if s.deny == no && v.allow.wide == yes && (s.principals == nil || v.allow.direct == yes) {
		return true // the layer already allows all that the statement can allow
	}
	n := s.principals.match(r, boundary)
	if matched = and(matched, n.any()); matched == no {
		return true
	}
	if matched = and(matched, s.matchConditions(r)); matched == no {
		return true
	}
	allow := and(matched, s.allow)
	v.add(verdict{
		deny:  and(matched, s.deny),
		allow: naming{and(allow, n.direct), and(allow, n.wide), and(allow, n.account)},
	})
	return v.deny != yes && (c.denies || v.allow.wide != yes || kind.hasPrincipals())
}

// statementVerdict returns the verdict of one statement. Explanations need it for every statement.
func (p *Part) statementVerdict(kind LayerKind, s *statement, r *Request, boundary truth) verdict {
	var v verdict
	p.Compiled.apply(kind, &v, s, r, boundary, and(s.matchAction(r), s.matchResource(r)))
	if p.Uncertain {
		v = v.perhaps()
	}
	return v
}

// statements returns the statements of a layer in order, each with its part.
func (l *Layer) statements() iter.Seq2[*statement, *Part] {
	return func(yield func(*statement, *Part) bool) {
		for i := range l.parts {
			part := &l.parts[i]
			for j := range part.Compiled.statements {
				if !yield(&part.Compiled.statements[j], part) {
					return
				}
			}
		}
	}
}

// opaque reports whether a policy may have more statements than the known ones.
func (l *Layer) opaque() bool {
	for i := range l.parts {
		if l.parts[i].Compiled.opaque {
			return true
		}
	}
	return false
}

// unknownPolicies returns the names of the policies that may have more statements than the known ones.
func (l *Layer) unknownPolicies() (names []string) {
	for i := range l.parts {
		for j, p := range l.parts[i].Compiled.policies {
			if p.Document.Unknown {
				names = append(names, l.parts[i].policyName(int32(j)))
			}
		}
	}
	return names
}

func (p *Part) policyName(i int32) string {
	if p.Name != nil {
		return p.Name.String()
	}
	return p.Compiled.policies[i].Name
}

// withSources returns the policies with the source of every statement. It parses policies again that
// are stored as text.
func (p *Policies) withSources() *Policies {
	out := *p
	for _, l := range [...]**Layer{
		&out.Identity, &out.Group, &out.Boundary, &out.Session, &out.ResourcePolicy, &out.Endpoint,
	} {
		*l = (*l).withSources()
	}
	for _, levels := range [...]*[]*Layer{&out.ServiceControl, &out.ResourceControl} {
		if *levels == nil {
			continue // nil means that the layer is absent; an empty list allows nothing
		}
		read := make([]*Layer, len(*levels))
		for i, l := range *levels {
			read[i] = l.withSources()
		}
		*levels = read
	}
	return &out
}

// withSources returns the layer with the source of every statement.
func (l *Layer) withSources() *Layer {
	if l == nil {
		return nil
	}
	out := &Layer{l.kind, make([]Part, len(l.parts))}
	for i, part := range l.parts {
		if part.Compiled.text != "" && !part.Compiled.unreadable {
			name := "policy"
			if part.Name != nil {
				name = part.Name.String()
			}
			doc, err := policy.Parse([]byte(part.Compiled.text))
			if err != nil {
				panic("authz: cannot parse a compiled policy again: " + err.Error())
			}
			c, err := compile(part.Compiled.kind, []Policy{{name, doc}})
			if err != nil {
				panic("authz: cannot compile a compiled policy again: " + err.Error())
			}
			part.Compiled = c
		}
		out.parts[i] = part
	}
	return out
}

// serviceSet is a set of hashed services. Because of collisions it may seem to contain other services
// than the added ones, but it contains every added one.
type serviceSet uint64

const everyService = ^serviceSet(0)

func (s serviceSet) has(place uint8) bool { return s>>(place&63)&1 == 1 }

// servicePlace returns the bit of a service in a set, by its prefix in lower case.
func servicePlace(prefix string) uint8 {
	hash := uint32(2166136261) // FNV-1a
	for i := 0; i < len(prefix); i++ {
		hash = (hash ^ uint32(prefix[i])) * 16777619
	}
	return uint8((hash ^ hash>>16) & 63)
}

// servicesOf returns the services of all actions that a pattern may match.
func servicesOf(p *pattern.Pattern) serviceSet {
	if prefix, _, ok := strings.Cut(p.Prefix(), ":"); ok {
		return 1 << servicePlace(prefix)
	}
	return everyService
}
