package authz

import "strings"

// Outcome is the answer to a request. The zero Outcome is no grant.
type Outcome uint8

// The outcomes.
const (
	// ImplicitlyDenied means that no statement denies and a layer that must allow does not.
	ImplicitlyDenied Outcome = iota
	// ExplicitlyDenied means that a statement denies.
	ExplicitlyDenied
	// Denied means that the request is denied for all values of the unknowns. They decide whether
	// explicitly.
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

// Policies is all that decides a request, layer by layer. A nil layer is absent: no boundary is
// attached, the resource has no policy, and so on.
type Policies struct {
	Identity, Group *Layer
	Boundary        *Layer
	Session         *Layer
	ResourcePolicy  *Layer
	Endpoint        *Layer
	// BoundaryUncertain is set if it is known only later whether a boundary is attached. Boundary
	// is then a layer that may say anything.
	BoundaryUncertain bool
	// ServiceControl and ResourceControl have one layer for each level, from the organization's
	// root to the account. ServiceControl is nil if the organization does not use service control
	// policies. If it is empty but not nil, it allows nothing.
	ServiceControl, ResourceControl []*Layer
}

// Decide answers a request. It allocates nothing if everything is known. [Policies.Explain] gives
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
	tentative                          bool // it is known only later whether a deny counts
	hasResource, hasEndpoint           bool
	needsResource                      truth // the resource's policy must allow even within an account
}

// applicability tells which layers count for a caller (rules 58, 64, 65, 67).
type applicability struct {
	identity        bool // identity, group, boundary and session policies
	serviceControl  bool
	resourceControl bool
	endpoint        bool
}

func (p *Policies) applicability(r *Request) applicability {
	who := &r.Principal
	management := r.ManagementAccount
	ownedByIt := management != "" && !r.ownerUnknown() && r.owner() == management
	ofIt := management != "" && who.Account == management
	if who.Kind == Unnamed {
		ofIt = ownedByIt
	}
	return applicability{
		identity:        who.hasIdentity() && who.Kind != Root,
		serviceControl:  p.ServiceControl != nil && who.hasIdentity() && !who.ServiceLinked && !ofIt,
		resourceControl: p.ResourceControl != nil && !who.ServiceLinked && !ownedByIt,
		endpoint:        p.Endpoint != nil && who.Kind != Service,
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

// ownerUnknown reports whether the account that owns the resource is known only later.
func (r *Request) ownerUnknown() bool {
	return r.Unknown.ResourceAccount || r.Unknown.Resource && r.ResourceAccount == ""
}

// sameAccount returns whether the caller belongs to the account that owns the resource.
func (r *Request) sameAccount() truth {
	who := &r.Principal
	switch {
	case who.Kind == Unnamed:
		return yes
	case !who.hasIdentity():
		return no
	case r.ownerUnknown():
		return maybe
	}
	return truthOf(who.Account == r.owner())
}

// facts asks the layers. Unless all is set, it stops at the first certain deny.
func (p *Policies) facts(r *Request, all bool) (f facts) {
	f.applies = p.applicability(r)
	f.hasBoundary, f.hasSession = p.hasBoundary(), p.Session != nil
	f.hasResource, f.hasEndpoint = p.ResourcePolicy != nil, f.applies.endpoint
	if f.hasResource {
		f.needsResource = needsResourcePolicy(r)
	}
	ownerOpen := r.ManagementAccount != "" && r.ownerUnknown() // it may be the management account
	f.tentative = r.Unknown.Principal || ownerOpen
	f.control.allow.wide = yes
	done := false
	ask := func(l *Layer, into *verdict) {
		if l == nil || done {
			return
		}
		*into = l.decide(r, f.hasBoundary)
		done = into.deny == yes && !all && !f.tentative
	}
	if f.applies.identity {
		ask(p.Identity, &f.identity)
		ask(p.Group, &f.group)
		ask(p.Boundary, &f.boundary)
		ask(p.Session, &f.session)
	}
	ask(p.ResourcePolicy, &f.resource)
	if f.applies.serviceControl {
		if len(p.ServiceControl) == 0 {
			f.control.allow.wide = no // rule 64
		}
		for _, l := range p.ServiceControl {
			var v verdict
			ask(l, &v)
			f.control.deny = or(f.control.deny, v.deny)
			f.control.allow.wide = and(f.control.allow.wide, v.allow.any())
		}
		if ownerOpen && r.Principal.Kind == Unnamed { // and the principal with it
			f.control.deny = and(f.control.deny, maybe)
			f.control.allow.wide = or(f.control.allow.wide, maybe)
		}
	}
	if f.applies.resourceControl {
		for _, l := range p.ResourceControl {
			var v verdict
			ask(l, &v)
			f.resourceControl = or(f.resourceControl, v.deny) // their Allow grants nothing: rule 65
		}
		if ownerOpen {
			f.resourceControl = and(f.resourceControl, maybe)
		}
	}
	if f.applies.endpoint {
		ask(p.Endpoint, &f.endpoint)
	}
	return f
}

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

// resourcePolicyActions are the actions, in lower case, that the resource's policy must allow even
// within an account: those of trust policies, and all that concern a key. A "*" may stand at the
// end.
var resourcePolicyActions = [...]string{
	"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
	"sts:tagsession", "sts:setsourceidentity",
	"kms:*",
}

// getCallerIdentity is the action, in lower case, that no policy can deny.
const getCallerIdentity = "sts:getcalleridentity"

// outcome combines the layers.
func (f *facts) outcome(r *Request) Outcome {
	if r.isGetCallerIdentity() {
		return Allowed // rule 69
	}
	outcome := f.combined(r)
	if r.Unknown.Action && outcome != Allowed {
		return Undecided // the action may be sts:GetCallerIdentity
	}
	return outcome
}

// combined returns the outcome for a call that policies can deny.
func (f *facts) combined(r *Request) Outcome {
	if r.Unknown.Principal {
		// The principal decides which layers count. A resource's policy always does.
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
	switch {
	case allow == no && deny == no:
		return ImplicitlyDenied
	case allow == no:
		return Denied
	case allow == yes && deny == no:
		return Allowed
	}
	return Undecided
}

// isGetCallerIdentity reports whether the request is the one call that no policy can deny
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
func (r *Request) isGetCallerIdentity() bool {
	return r.Action.folded == getCallerIdentity && !r.Unknown.Action
}

// denied returns whether a statement of a layer that counts denies (rule 59).
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
	who := r.Principal.Kind
	identity := f.identitySide(who)
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
	if who == User || who == Unnamed {
		direct = and(direct, f.sessionAllows(who))
	}
	wide := and(resource.wide, and(f.boundaryAllows(who), f.sessionAllows(who)))
	own := or(direct, wide)
	keyed := or(own, and(resource.account, identity)) // rule 60
	switch plain := or(own, identity); f.needsResource {
	case yes:
		return keyed
	case no:
		return plain
	default:
		return either(plain, keyed)
	}
}

// identitySide returns what identity policies, boundary and session policies allow together (rules
// 62, 63, 67, 68).
func (f *facts) identitySide(who PrincipalKind) truth {
	if who == Root {
		return yes
	}
	allow := or(f.identity.allow.wide, f.group.allow.wide)
	return and(allow, and(f.boundaryAllows(who), f.sessionAllows(who)))
}

func (f *facts) boundaryAllows(who PrincipalKind) truth {
	if f.hasBoundary == no || who == Root {
		return yes
	}
	return f.boundary.allow.wide
}

// sessionAllows returns what the session policies allow. Without any, a federated user may do
// nothing, and every other session has all the rights of its principal (rule 63).
func (f *facts) sessionAllows(who PrincipalKind) truth {
	switch {
	case who == Root:
		return yes
	case !f.hasSession:
		return truthOf(who != FederatedUser)
	}
	return f.session.allow.wide
}
