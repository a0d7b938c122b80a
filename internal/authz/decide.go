package authz

import "strings"

// Outcome is the answer to a request. The zero Outcome is a denial.
type Outcome uint8

// The outcomes.
const (
	// ImplicitlyDenied means that no statement denies and a layer that must allow does not.
	ImplicitlyDenied Outcome = iota
	// ExplicitlyDenied means that a statement denies.
	ExplicitlyDenied
	// Denied means that the request is denied for all values of the unknowns. Whether explicitly or
	// implicitly depends on these values.
	Denied
	// Allowed means that the request is allowed for all values of the unknowns.
	Allowed
	// Undecided means that the answer depends on unknown values. Its name is Unknown.
	Undecided
)

// String returns the outcome's name: Allowed, ExplicitlyDenied, ImplicitlyDenied, Denied or
// Unknown.
func (o Outcome) String() string {
	return [...]string{"ImplicitlyDenied", "ExplicitlyDenied", "Denied", "Allowed", "Unknown"}[o]
}

// IsDenied reports whether the outcome is one of the denials.
func (o Outcome) IsDenied() bool { return o <= Denied }

// Policies contains all policies that decide a request, layer by layer. A nil layer is absent: no boundary is
// attached, the resource has no policy, and so on.
type Policies struct {
	Identity, Group *Layer
	Boundary        *Layer
	Session         *Layer
	ResourcePolicy  *Layer
	Endpoint        *Layer
	// BoundaryUncertain is set if it is not known yet whether a boundary is attached. Boundary
	// is then a layer of unknown content.
	BoundaryUncertain bool
	// ServiceControl and ResourceControl have one layer for each level, from the organization's
	// root to the account. ServiceControl is nil if the organization does not use service control
	// policies. If it is empty but not nil, it allows nothing.
	ServiceControl, ResourceControl []*Layer
}

// Decide answers a request. It allocates nothing if everything is known. [Policies.Explain] returns
// the same answer with its reasons.
func (p *Policies) Decide(r *Request) Outcome {
	f := p.facts(r, false)
	outcome := f.outcome(r)
	if outcome == Undecided || outcome == Denied {
		if resolved := p.resolve(r); resolved != Undecided {
			return resolved
		}
	}
	return outcome
}

// facts are the verdicts of the layers on a request, before they are combined.
type facts struct {
	applies                            applicability
	identity, group, boundary, session verdict
	resource, endpoint                 verdict
	control                            verdict // service control policies, all levels
	resourceControl                    truth   // a resource control policy denies
	hasBoundary                        truth
	hasSession                         bool
	tentative                          bool // whether a deny applies is not known yet
	hasResource, hasEndpoint           bool
	needsResource                      truth // the resource's policy must allow even within an account
}

// applicability records which layers apply to a caller (rules 58, 64, 65, 67).
type applicability struct {
	identity        bool // identity, group, boundary and session policies
	serviceControl  bool
	resourceControl bool
	endpoint        bool
}

// applicability returns the layers that apply to the request's caller.
func (p *Policies) applicability(r *Request) applicability {
	caller := &r.Principal
	management := r.ManagementAccount
	ownedByManagement := management != "" && !r.ownerUnknown() && r.owner() == management
	belongsToManagement := management != "" && caller.Account == management
	if caller.Kind == Unnamed {
		belongsToManagement = ownedByManagement
	}
	return applicability{
		identity:        caller.hasIdentity() && caller.Kind != Root,
		serviceControl:  p.ServiceControl != nil && caller.hasIdentity() && !caller.ServiceLinked && !belongsToManagement,
		resourceControl: p.ResourceControl != nil && !caller.ServiceLinked && !ownedByManagement,
		endpoint:        p.Endpoint != nil && caller.Kind != Service,
	}
}

// owner returns the account that owns the resource. It is empty if that is the account of an
// unnamed principal.
func (r *Request) owner() string {
	if r.ResourceAccount != "" || r.Unknown.ResourceAccount {
		return r.ResourceAccount
	}
	if account := arnAccount(r.Resource); account != "" && !r.Unknown.Resource {
		return account
	}
	return r.Principal.Account
}

// ownerUnknown reports whether the account that owns the resource is not known yet.
func (r *Request) ownerUnknown() bool {
	return r.Unknown.ResourceAccount || r.Unknown.Resource && r.ResourceAccount == ""
}

// sameAccount returns whether the caller belongs to the account that owns the resource.
func (r *Request) sameAccount() truth {
	caller := &r.Principal
	switch {
	case caller.Kind == Unnamed:
		return yes
	case !caller.hasIdentity():
		return no
	case r.ownerUnknown():
		return maybe
	}
	return truthOf(caller.Account == r.owner())
}

// facts collects the verdicts of the layers. Unless all is set, it stops at the first certain deny.
func (p *Policies) facts(r *Request, all bool) (f facts) {
	f.applies = p.applicability(r)
	f.hasBoundary, f.hasSession = p.hasBoundary(), p.Session != nil
	f.hasResource, f.hasEndpoint = p.ResourcePolicy != nil, f.applies.endpoint
	if f.hasResource {
		f.needsResource = needsResourcePolicy(r)
	}
	ownerMayBeManagement := r.ManagementAccount != "" && r.ownerUnknown()
	f.tentative = r.Unknown.Principal || ownerMayBeManagement
	f.control.allow.wide = yes
	done := false
	collect := func(l *Layer, into *verdict) {
		if l == nil || done {
			return
		}
		*into = l.decide(r, f.hasBoundary)
		done = into.deny == yes && !all && !f.tentative
	}
	if f.applies.identity {
		collect(p.Identity, &f.identity)
		collect(p.Group, &f.group)
		collect(p.Boundary, &f.boundary)
		collect(p.Session, &f.session)
	}
	collect(p.ResourcePolicy, &f.resource)
	if f.applies.serviceControl {
		if len(p.ServiceControl) == 0 {
			f.control.allow.wide = no // rule 64
		}
		for _, l := range p.ServiceControl {
			var v verdict
			collect(l, &v)
			f.control.deny = or(f.control.deny, v.deny)
			f.control.allow.wide = and(f.control.allow.wide, v.allow.any())
		}
		if ownerMayBeManagement && r.Principal.Kind == Unnamed { // the principal belongs to the owner's account
			f.control.deny = and(f.control.deny, maybe)
			f.control.allow.wide = or(f.control.allow.wide, maybe)
		}
	}
	if f.applies.resourceControl {
		for _, l := range p.ResourceControl {
			var v verdict
			collect(l, &v)
			f.resourceControl = or(f.resourceControl, v.deny) // rule 65: their Allow grants nothing
		}
		if ownerMayBeManagement {
			f.resourceControl = and(f.resourceControl, maybe)
		}
	}
	if f.applies.endpoint {
		collect(p.Endpoint, &f.endpoint)
	}
	return f
}

// hasBoundary returns whether a permissions boundary is attached.
func (p *Policies) hasBoundary() truth {
	if p.BoundaryUncertain {
		return maybe
	}
	return truthOf(p.Boundary != nil)
}

// needsResourcePolicy returns whether the resource's policy must allow an action even within an
// account, as a role's trust policy and a key's policy must (rule 60).
func needsResourcePolicy(r *Request) truth {
	if r.Unknown.Action {
		return maybe
	}
	for _, action := range resourcePolicyActions {
		if prefix, wild := strings.CutSuffix(action, "*"); r.Action.folded == action ||
			wild && strings.HasPrefix(r.Action.folded, prefix) {
			return yes
		}
	}
	return no
}

// NeedsResourcePolicy reports whether the resource's policy must allow the action even within an account (rule 60).
func (a Action) NeedsResourcePolicy() bool { return needsResourcePolicy(&Request{Action: a}) == yes }

// resourcePolicyActions are the actions, in lower case, that the resource's policy must allow even
// within an account: those of trust policies, and all that concern a key. A "*" may stand at the
// end.
var resourcePolicyActions = [...]string{
	assumeRole, "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
	"sts:tagsession", "sts:setsourceidentity",
	"kms:*",
}

// ResourcePolicyActions returns the actions, in lower case, that the resource's policy must allow even within an
// account. A "*" may stand at the end.
func ResourcePolicyActions() []string { return resourcePolicyActions[:] }

// outcome combines the layers.
func (f *facts) outcome(r *Request) Outcome {
	fixed := r.fixedAnswer()
	if fixed.allowed == yes {
		return Allowed // rule 69
	}
	outcome := f.combined(r, fixed.refused)
	if fixed.allowed == maybe && outcome != Allowed {
		return Undecided
	}
	return outcome
}

// combined returns the outcome for a call that policies can deny. refused says whether the caller cannot make the
// call at all.
func (f *facts) combined(r *Request, refused truth) Outcome {
	if r.Unknown.Principal {
		// The principal decides which layers apply. A resource's policy always applies.
		if f.resource.deny == yes {
			return ExplicitlyDenied
		}
		return Undecided
	}
	deny := f.denied()
	if deny == yes {
		return ExplicitlyDenied
	}
	var allow truth
	switch same := r.sameAccount(); same {
	case maybe:
		allow = either(f.allowed(r, true), f.allowed(r, false))
	default:
		allow = f.allowed(r, same == yes)
	}
	switch allow = and(allow, refused.not()); {
	case allow == no && deny == no:
		return ImplicitlyDenied
	case allow == no:
		return Denied
	case allow == yes && deny == no:
		return Allowed
	}
	return Undecided
}

// denied returns whether a statement of a layer that applies denies (rule 59).
func (f *facts) denied() truth {
	return max(f.identity.deny, f.group.deny, f.boundary.deny, f.session.deny,
		f.resource.deny, f.control.deny, f.resourceControl, f.endpoint.deny)
}

// allowed returns whether the layers together allow, without regard to denials. It follows the
// table of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func (f *facts) allowed(r *Request, sameAccount bool) truth {
	granted := f.granted(r, sameAccount)
	if f.applies.serviceControl {
		granted = and(granted, f.control.allow.wide)
	}
	if f.hasEndpoint {
		granted = and(granted, f.endpoint.allow.any())
	}
	return granted
}

// granted combines the identity side and the resource's policy.
func (f *facts) granted(r *Request, sameAccount bool) truth {
	kind := r.Principal.Kind
	identity := f.identitySide(kind)
	resource := f.resource.allow
	if !r.Principal.hasIdentity() {
		return resource.any() // rule 58
	}
	if !sameAccount {
		return and(identity, resource.any()) // rule 61
	}
	// Rule 62: a grant to the session's own ARN needs nothing else. A grant to the user's ARN is
	// not limited by the boundary. A grant to the role's ARN or to everyone needs no identity
	// policy, and is limited by boundary and session policies.
	direct := resource.direct
	if kind == User || kind == Unnamed {
		direct = and(direct, f.sessionAllows(kind))
	}
	wide := and(resource.wide, and(f.boundaryAllows(kind), f.sessionAllows(kind)))
	own := or(direct, wide)
	ifRequired := or(own, and(resource.account, identity)) // rule 60
	switch ifOptional := or(own, identity); f.needsResource {
	case yes:
		return ifRequired
	case no:
		return ifOptional
	default:
		return either(ifOptional, ifRequired)
	}
}

// identitySide returns what identity policies, boundary and session policies allow together (rules
// 62, 63, 67, 68).
func (f *facts) identitySide(kind PrincipalKind) truth {
	if kind == Root {
		return yes
	}
	allow := or(f.identity.allow.wide, f.group.allow.wide)
	return and(allow, and(f.boundaryAllows(kind), f.sessionAllows(kind)))
}

// boundaryAllows returns whether the boundary allows. Without a boundary the answer is yes.
func (f *facts) boundaryAllows(kind PrincipalKind) truth {
	if f.hasBoundary == no || kind == Root {
		return yes
	}
	return f.boundary.allow.wide
}

// sessionAllows returns what the session policies allow. Without session policies, a
// federated user has no permissions, and every other session has all permissions of its principal
// (rule 63).
func (f *facts) sessionAllows(kind PrincipalKind) truth {
	switch {
	case kind == Root:
		return yes
	case !f.hasSession:
		return truthOf(kind != FederatedUser)
	}
	return f.session.allow.wide
}
