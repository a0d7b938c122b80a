package authz

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// LayerKind is what the policies of a layer are to a request.
type LayerKind uint8

// The layers, in the order in which a decision lists them.
const (
	Identity        LayerKind = iota // the principal's own policies
	Group                            // the policies of the groups it is in
	Boundary                         // its permissions boundary
	Session                          // the policies passed when its session was made
	ResourcePolicy                   // the resource's policy, a role's trust policy among them
	ServiceControl                   // service control policies of one level
	ResourceControl                  // resource control policies of one level
	Endpoint                         // the policy of the VPC endpoint that the request came through
)

var layerNames = [...]string{"identity", "group", "boundary", "session", "resource_policy", "scps", "rcps", "vpce"}

// String is the layer's name in requests and decisions.
func (k LayerKind) String() string { return layerNames[k] }

func (k LayerKind) hasPrincipals() bool {
	return k == ResourcePolicy || k == ResourceControl || k == Endpoint
}

// padsARNs reports whether IAM completes ARNs of fewer than six fields (point 14).
func (k LayerKind) padsARNs() bool { return k <= Session }

// Policy is a policy document with the name by which a decision cites it.
type Policy struct {
	Name     string
	Document *policy.Document
}

// Layer is the policies of one layer, compiled and indexed. It does not
// change, and may be shared by goroutines and by any number of [Policies].
type Layer struct {
	kind       LayerKind
	policies   []Policy
	statements []statement
	index      index
	// opaque says that some policy is not known at all, or not to its end.
	opaque bool
	// denies says that some statement may deny.
	denies bool
}

// CompileLayer compiles policies for one layer. It refuses what cannot be
// understood there, naming the policy and the place: elements that do not
// belong in the layer or are missing.
func CompileLayer(kind LayerKind, policies []Policy) (*Layer, error) {
	l := &Layer{kind: kind, policies: policies}
	total := 0
	for _, p := range policies {
		total += len(p.Document.Statements)
	}
	l.statements = make([]statement, 0, total)
	for i, p := range policies {
		l.opaque = l.opaque || p.Document.Unknown
		trust := kind == ResourcePolicy && isTrust(p.Document)
		for j := range p.Document.Statements {
			source := &p.Document.Statements[j]
			s, err := compileStatement(kind, trust, i, p.Document, source)
			if err != nil {
				return nil, &CompileError{Policy: p.Name, Statement: j, Sid: source.Sid.Value, Pos: source.Pos, Reason: err}
			}
			l.statements = append(l.statements, s)
			l.denies = l.denies || s.deny != no
		}
	}
	l.index.build(l.statements)
	return l, nil
}

// CompileError says which statement cannot be decided about, and why.
type CompileError struct {
	Policy    string
	Statement int // index, from 0
	Sid       string
	Pos       policy.Pos // where the policy came from text
	Reason    error
}

// Error names the policy, the statement and the reason.
func (e *CompileError) Error() string {
	at := fmt.Sprintf("statement %d", e.Statement)
	if e.Sid != "" {
		at += fmt.Sprintf(" (%s)", e.Sid)
	}
	if e.Pos.Known() {
		at += " at " + e.Pos.String()
	}
	return fmt.Sprintf("policy %q, %s: %s", e.Policy, at, e.Reason)
}

// Unwrap is the reason.
func (e *CompileError) Unwrap() error { return e.Reason }

// isTrust reports whether a document is a role's trust policy: no statement
// names resources, as all are about the role (point 71).
func isTrust(doc *policy.Document) bool {
	for i := range doc.Statements {
		if s := &doc.Statements[i]; s.Resource != nil || s.NotResource != nil {
			return false
		}
		for _, list := range []*policy.List{doc.Statements[i].Action, doc.Statements[i].NotAction} {
			if list == nil {
				continue
			}
			for _, v := range list.Values {
				if !v.Unknown && !isTrustAction(policy.Fold(v.Value)) {
					return false
				}
			}
		}
	}
	return true
}

// isTrustAction reports whether a folded action pattern is of the service
// whose calls trust policies are about.
func isTrustAction(folded string) bool {
	return len(folded) > 4 && folded[:4] == "sts:"
}

// verdict is what one layer says about a request.
type verdict struct {
	deny truth
	// allow tells apart how the statements that allow name the caller. In
	// layers without principals it is all in wide.
	allow naming
}

// decide asks a layer. boundary says that the caller has a permissions
// boundary. Once a deny is certain, or everything the layer could allow, the
// rest is not looked at.
func (l *Layer) decide(r *Request, boundary bool) verdict {
	var v verdict
	if l.opaque {
		v = verdict{deny: maybe, allow: naming{maybe, maybe, maybe}}
	}
	if r.Unknown.Action || r.Unknown.Resource {
		for i := range l.statements {
			s := &l.statements[i]
			l.apply(&v, s, r, boundary, and(s.matchAction(r), s.matchResource(r)))
		}
		return v
	}
	l.index.search(l, r, boundary, &v)
	return v
}

// apply adds what a statement says, given what its action and resource say, to
// the verdict. It reports whether the verdict can still change.
func (l *Layer) apply(v *verdict, s *statement, r *Request, boundary bool, matched truth) bool {
	if matched == no {
		return true
	}
	if s.opaque {
		v.add(verdict{deny: maybe, allow: naming{maybe, maybe, maybe}})
		return true
	}
	if s.deny == no && v.allow.wide == yes && (s.principals == nil || v.allow.direct == yes) {
		return true // allows nothing that is not allowed already
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
	return v.deny != yes && (l.denies || v.allow.wide != yes || l.kind.hasPrincipals())
}

// add puts another verdict of the same layer to this one.
func (v *verdict) add(other verdict) {
	v.deny = or(v.deny, other.deny)
	v.allow.direct = or(v.allow.direct, other.allow.direct)
	v.allow.wide = or(v.allow.wide, other.allow.wide)
	v.allow.account = or(v.allow.account, other.allow.account)
}
