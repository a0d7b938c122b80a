package account

import "github.com/iam-as-code/terraform-provider-iam/internal/ascii"

// Edit is one planned change of a user, group, role or managed policy. A name that is not known yet is empty,
// and a flag beside it says so.
type Edit interface {
	// subjects returns the users, groups, roles and policies that the edit changes.
	subjects() []subject
}

// PlanIdentity creates or changes a user, group or role. Its policies and memberships do not change.
type PlanIdentity struct {
	Kind     Kind
	Name     string
	From     string // the present name; empty for a new identity
	Path     string
	Tags     []Tag
	Boundary string
	Trust    Document // of a role
	// Unknown.Tags and Unknown.Boundary mark the fields above as unknown. Unknown.Attached makes every answer about
	// the identity unknown. A caller sets it, for example, if the ARN is unknown and conditions may depend on it.
	Unknown Unknown
}

// RemoveIdentity removes a user, group or role.
type RemoveIdentity struct {
	Kind Kind
	Name string
}

// PutPolicy creates a managed policy, or replaces its default document.
type PutPolicy struct {
	ARN      string
	Document Document
}

// RemovePolicy removes a managed policy.
type RemovePolicy struct{ ARN string }

// Attach attaches managed policies to a user, group or role.
type Attach struct {
	Kind        Kind
	Name        string
	ARNs        []string
	UnknownName bool // Name is not known yet
	UnknownARN  bool // the edit attaches further policies, not known yet
	Kept        bool // the attachments exist already, and applying the plan does not make them again
}

// Detach detaches managed policies.
type Detach struct {
	Kind Kind
	Name string
	ARNs []string
}

// PutInline creates or replaces an inline policy of a user, group or role.
type PutInline struct {
	Kind        Kind
	Name        string
	UnknownName bool // Name is not known yet
	Policy      InlinePolicy
	Kept        bool // the policy exists already, and applying the plan does not put it again
}

// RemoveInline removes an inline policy.
type RemoveInline struct {
	Kind         Kind
	Name, Policy string
}

// Join adds a user to groups.
type Join struct {
	User          string
	Groups        []string
	UnknownUser   bool
	UnknownGroups bool // the user joins further groups, not known yet
	Kept          bool // the memberships exist already, and applying the plan does not make them again
}

// Leave removes a user from groups.
type Leave struct {
	User   string
	Groups []string
}

// Observed is what Terraform found a user, group or role to have, beside what other resources give it. Applying the
// plan leaves it as it is, so every other edit takes precedence: a policy that another resource detaches is gone.
type Observed struct {
	Kind   Kind
	Name   string
	ARNs   []string // of attached managed policies
	Inline []InlinePolicy
}

// OnlyAttached makes these the only managed policies of a user, group or role. It detaches all others.
type OnlyAttached struct {
	Kind    Kind
	Name    string
	ARNs    []string
	Unknown bool // further ARNs, not known yet, belong to the list
	Kept    bool // the list is in effect already, and applying the plan does not restore it
}

// OnlyInline makes these the only inline policies of a user, group or role. It removes all others.
type OnlyInline struct {
	Kind     Kind
	Name     string
	Policies []string
	Unknown  bool // further names, not known yet, belong to the list
}

// OnlyMembers makes these users the only members of a group. It removes all others.
type OnlyMembers struct {
	Group   string
	Users   []string
	Unknown bool // further names, not known yet, belong to the list
	Kept    bool // the list is in effect already, and applying the plan does not restore it
}

// subject is something that an edit changes: a user, group or role by its folded name, or a policy by its ARN.
type subject struct {
	kind Kind
	name string
}

func subjectOf(kind Kind, name string) subject {
	if kind != PolicyKind {
		name = ascii.Fold(name)
	}
	return subject{kind, name}
}

// unnamedSubject is the subject of edits of a user, group or role with an unknown name.
func unnamedSubject(kind Kind) subject { return subject{kind: kind} }

func subjectsOf(kind Kind, name string, unknown bool) []subject {
	if unknown {
		return []subject{unnamedSubject(kind)}
	}
	return []subject{subjectOf(kind, name)}
}

func (e PlanIdentity) subjects() []subject {
	if e.Name == "" {
		return nil // no other edit can refer to the identity
	}
	if e.From == "" || ascii.EqualFold(e.From, e.Name) {
		return []subject{subjectOf(e.Kind, e.Name)}
	}
	return []subject{subjectOf(e.Kind, e.Name), subjectOf(e.Kind, e.From)}
}

func (e RemoveIdentity) subjects() []subject { return []subject{subjectOf(e.Kind, e.Name)} }
func (e RemovePolicy) subjects() []subject   { return []subject{subjectOf(PolicyKind, e.ARN)} }
func (e Attach) subjects() []subject         { return subjectsOf(e.Kind, e.Name, e.UnknownName) }
func (e Detach) subjects() []subject         { return []subject{subjectOf(e.Kind, e.Name)} }
func (e PutInline) subjects() []subject      { return subjectsOf(e.Kind, e.Name, e.UnknownName) }
func (e RemoveInline) subjects() []subject   { return []subject{subjectOf(e.Kind, e.Name)} }
func (e Join) subjects() []subject           { return subjectsOf(UserKind, e.User, e.UnknownUser) }
func (e Leave) subjects() []subject          { return []subject{subjectOf(UserKind, e.User)} }
func (e Observed) subjects() []subject       { return []subject{subjectOf(e.Kind, e.Name)} }
func (e OnlyAttached) subjects() []subject   { return []subject{subjectOf(e.Kind, e.Name)} }
func (e OnlyInline) subjects() []subject     { return []subject{subjectOf(e.Kind, e.Name)} }

func (e PutPolicy) subjects() []subject {
	if e.ARN == "" {
		return nil
	}
	return []subject{subjectOf(PolicyKind, e.ARN)}
}

// subjects includes the group, because [Plan.View] finds the edit for the present members by their group.
func (e OnlyMembers) subjects() []subject {
	subjects := []subject{subjectOf(GroupKind, e.Group)}
	for _, user := range e.Users {
		subjects = append(subjects, subjectOf(UserKind, user))
	}
	if e.Unknown {
		subjects = append(subjects, unnamedSubject(UserKind))
	}
	return subjects
}
