package analysis

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// documents are the policies of one side, which allow a request if a statement allows it and none denies it.
type documents struct {
	kind     policy.Kind
	policies authz.Policies
	views    []authz.StatementView
	// opaque is set if a policy may have more statements than the known ones.
	opaque bool
}

// everything is the name of the policies that the analysis adds.
const everything = "everything"

// allowAll is a policy that allows every request.
func allowAll(kind authz.LayerKind, principal bool) *authz.Layer {
	all := &policy.List{Values: []policy.Text{{Value: "*"}}, Single: true}
	s := policy.Statement{Effect: policy.Text{Value: string(policy.Allow)}, Action: all, Resource: all}
	if principal {
		s.Principal = &policy.Principals{Everyone: true}
	}
	doc := &policy.Document{Version: policy.Text{Value: policy.Version2012}, Statements: []policy.Statement{s}}
	l, err := authz.CompileLayer(kind, []authz.Policy{{Name: everything, Document: doc}})
	if err != nil {
		panic("analysis: cannot compile the policy that allows every request: " + err.Error())
	}
	return l
}

// The layers beside the policies of a document. They allow everything, so that the document alone decides.
var (
	everyIdentity = allowAll(authz.Identity, false)
	everySession  = allowAll(authz.Session, false)
	everyResource = allowAll(authz.ResourcePolicy, true)
)

func compileDocuments(kind policy.Kind, policies []authz.Policy) (*documents, error) {
	layer, err := authz.CompileLayer(layerKind(kind), policies)
	if err != nil {
		return nil, err
	}
	d := &documents{kind: kind}
	for _, p := range policies {
		d.opaque = d.opaque || p.Document.Unknown
	}
	for view := range layer.Statements() {
		d.views = append(d.views, view)
	}
	switch kind {
	case policy.Resource, policy.Trust:
		d.policies = authz.Policies{Identity: everyIdentity, Session: everySession, ResourcePolicy: layer}
	case policy.ResourceControl:
		d.policies = authz.Policies{Identity: everyIdentity, Session: everySession, ResourcePolicy: everyResource,
			ResourceControl: []*authz.Layer{layer}}
	case policy.ServiceControl:
		d.policies = authz.Policies{Identity: everyIdentity, ServiceControl: []*authz.Layer{layer}}
	default:
		d.policies = authz.Policies{Identity: layer}
	}
	return d, nil
}

// allowing are the rules of statements by their effect.
type allowing struct {
	allows, denies []*rule
	// certain is set if all statements are known.
	certain bool
}

// rules adds the statements to a solver. allow and deny say how to read the parts of statements that are not known.
func (d *documents) rules(s *solver, allow, deny bound) allowing {
	out := allowing{certain: !d.opaque}
	for _, view := range d.views {
		mayAllow, mayDeny := view.Ref.Effect != policy.Deny, view.Ref.Effect != policy.Allow
		if mayAllow && d.kind != policy.ResourceControl {
			r, exists, certain := s.rule(view, allow)
			if exists {
				out.allows = append(out.allows, r)
			}
			out.certain = out.certain && certain
		}
		if mayDeny {
			r, exists, certain := s.rule(view, deny)
			if exists {
				out.denies = append(out.denies, r)
			}
			out.certain = out.certain && certain
		}
	}
	if d.kind == policy.ResourceControl {
		out.allows = append(out.allows, s.add(everyRequest())) // their Allow grants nothing
	}
	if d.opaque && allow == most {
		out.allows = append(out.allows, s.add(everyRequest()))
	}
	if d.opaque && deny == most {
		out.denies = append(out.denies, s.add(everyRequest()))
	}
	return out
}

// everyRequest returns a rule that matches every request.
func everyRequest() *rule {
	return &rule{actions: element{every: true}, resources: element{every: true}}
}

// hasCallers reports whether the principal of a request matters.
func (d *documents) hasCallers() bool {
	return layerKind(d.kind) == authz.ResourcePolicy || d.kind == policy.ResourceControl
}

// decide answers a request by the documents alone.
func (d *documents) decide(r *authz.Request) authz.Outcome { return d.policies.Decide(r) }

// allowing returns the statements that allow a request.
func (d *documents) allowing(r *authz.Request) (out []authz.StatementRef) {
	for _, ref := range d.policies.Explain(r).Deciding {
		if ref.Policy != everything {
			out = append(out, ref)
		}
	}
	return out
}

// scope returns rules that match the requests that policies of the kind govern. A trust policy governs calls to STS
// about roles.
func (d *documents) scope(s *solver) []*rule {
	if d.kind != policy.Trust {
		return nil
	}
	roles := pattern.CutARN(pattern.Glob("arn:*:iam::*:role/?*"))
	return []*rule{s.add(&rule{
		actions:   element{patterns: []int{s.actionPattern(pattern.Glob("sts:*"))}},
		resources: element{patterns: []int{s.pattern(roles.Fieldwise())}},
	})}
}
