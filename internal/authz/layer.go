package authz

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// LayerKind identifies the role that the policies of a layer play in a decision.
type LayerKind uint8

// The layers, in the order in which a decision lists them.
const (
	Identity        LayerKind = iota // the principal's own policies
	Group                            // the policies of the groups it is in
	Boundary                         // its permissions boundary
	Session                          // the policies passed when its session was created
	ResourcePolicy                   // the resource's policy, a role's trust policy among them
	ServiceControl                   // service control policies of one level
	ResourceControl                  // resource control policies of one level
	Endpoint                         // the policy of the VPC endpoint that the request came through
)

var layerNames = [...]string{"identity", "group", "boundary", "session", "resource_policy", "scps", "rcps", "vpce"}

// String returns the layer's name in requests and decisions.
func (k LayerKind) String() string { return layerNames[k] }

func (k LayerKind) hasPrincipals() bool {
	return k == ResourcePolicy || k == ResourceControl || k == Endpoint
}

// padsARNs reports whether IAM completes ARNs of fewer than six fields in policies of this kind (rule 14). AWS refuses
// them in a policy that is passed to AssumeRole, but a managed policy that has them may be passed by its ARN.
func (k LayerKind) padsARNs() bool { return k <= Session }

// Policy is a policy document with the name by which a decision cites it.
type Policy struct {
	Name     string
	Document *policy.Document
}

// Layer is the policies of one layer. It does not change, so goroutines and any number of
// [Policies] may share it.
type Layer struct {
	kind  LayerKind
	parts []Part
}

// Part is a set of policies in a layer that were compiled together.
type Part struct {
	Compiled *Compiled
	// Name is the policy's name in decisions. If it is nil, decisions cite the name that the policy
	// was compiled with.
	Name fmt.Stringer
	// Uncertain is set if it is not known yet whether the policy is attached.
	Uncertain bool
}

// CompileLayer compiles policies for one layer. It refuses statements whose elements do not belong
// in the layer or are missing. The error is a [*CompileError].
func CompileLayer(kind LayerKind, policies []Policy) (*Layer, error) {
	c, err := compile(kind, policies)
	if err != nil {
		return nil, err
	}
	return &Layer{kind: kind, parts: []Part{{Compiled: c}}}, nil
}

// Unite makes a layer of policies that were compiled before. It panics unless they were compiled
// for that kind. Identity, group, boundary and session policies are compiled alike, so a policy
// compiled for one of these layers is valid for all four. The layer takes ownership of the slice.
func Unite(kind LayerKind, parts []Part) Layer {
	for i := range parts {
		if given := parts[i].Compiled.kind; given != kind && (given > Session || kind > Session) {
			panic(fmt.Sprintf("authz: a policy compiled for the layer %s cannot be part of the layer %s", given, kind))
		}
	}
	return Layer{kind: kind, parts: parts}
}

// CompileError reports a statement that the package cannot decide about.
type CompileError struct {
	Policy    string
	Statement int // index, from 0
	Sid       string
	Pos       tree.Pos // known if the policy was parsed from text
	Reason    error
}

// Error returns the policy, the statement and the reason.
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

// Unwrap returns the reason.
func (e *CompileError) Unwrap() error { return e.Reason }

// isTrust reports whether a document is a role's trust policy: no statement names resources,
// because all concern the role (rule 71).
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
				if !v.Unknown && !isTrustAction(ascii.Fold(v.Value)) {
					return false
				}
			}
		}
	}
	return true
}

// isTrustAction reports whether an action pattern, in lower case, belongs to the service whose
// calls trust policies govern.
func isTrustAction(folded string) bool {
	return len(folded) > 4 && folded[:4] == "sts:"
}

// verdict is the answer of a statement or a layer to a request.
type verdict struct {
	deny truth
	// allow records how the statements that allow name the caller. Layers without principals use only
	// wide.
	allow naming
}

// decide returns the verdict of a layer. boundary says whether the caller has a permissions
// boundary. The layer skips the statements that can no longer change the verdict.
func (l *Layer) decide(r *Request, boundary truth) verdict {
	var v verdict
	for i := range l.parts {
		l.parts[i].decide(l.kind, r, boundary, &v)
		if v.deny == yes {
			break
		}
	}
	return v
}

func (p *Part) decide(kind LayerKind, r *Request, boundary truth, v *verdict) {
	if !p.Uncertain {
		p.Compiled.decide(kind, r, boundary, v)
		return
	}
	var own verdict
	p.Compiled.decide(kind, r, boundary, &own)
	v.add(own.perhaps())
}

// perhaps returns the verdict of a policy that may not be attached.
func (v verdict) perhaps() verdict {
	return verdict{
		deny:  and(v.deny, maybe),
		allow: naming{and(v.allow.direct, maybe), and(v.allow.wide, maybe), and(v.allow.account, maybe)},
	}
}

// unknown is the verdict of an unknown policy or statement.
var unknown = verdict{deny: maybe, allow: naming{maybe, maybe, maybe}}

// add combines the verdict with another one of the same layer.
func (v *verdict) add(other verdict) {
	v.deny = or(v.deny, other.deny)
	v.allow.direct = or(v.allow.direct, other.allow.direct)
	v.allow.wide = or(v.allow.wide, other.allow.wide)
	v.allow.account = or(v.allow.account, other.allow.account)
}

// MayAllow reports whether some statement may allow a principal an action for some values of the context. It compares
// neither resources nor conditions. The zero principal and the zero action stand for any. delegated is set instead of
// may if the statements name only the principal's account, which leaves the decision to its identity policies.
func (l *Layer) MayAllow(principal Principal, action Action) (may, delegated bool) {
	r := Request{
		Principal: principal, Action: action,
		Unknown: Unknown{Principal: principal == Principal{}, Action: action == Action{}},
	}
	for i := range l.parts {
		c := l.parts[i].Compiled
		if c.opaque {
			return true, false
		}
		for j := range c.statements {
			s := &c.statements[j]
			if s.allow == no || s.matchAction(&r) == no {
				continue
			}
			n := s.principals.match(&r, no)
			if s.opaque || or(n.direct, n.wide) != no {
				return true, false
			}
			delegated = delegated || n.account != no
		}
	}
	return false, delegated
}

// Principals returns the principals that the statements name. unknown is set if there may be more.
func (l *Layer) Principals() (names []policy.PrincipalName, unknown bool) {
	for s, part := range l.statements() {
		unknown = unknown || s.opaque || part.Compiled.opaque
		if s.principals != nil {
			names = append(names, s.principals.names...)
			unknown = unknown || s.principals.unknown
		}
	}
	return names, unknown || l.opaque()
}
