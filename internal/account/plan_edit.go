package account

import "github.com/iam-as-code/terraform-provider-iam/internal/ascii"

// Edit is one planned change of a user, group, role or managed policy. A name that is not known yet is empty, and a flag
// beside it says so.
type Edit interface {
	// about returns the subjects that the edit changes.
	about() []subject
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
	// the identity unknown, for example because its ARN is unknown and conditions may depend on it.
	Unknown Unknown
}

// RemoveIdentity removes a user, group or role.
type RemoveIdentity struct {
	Kind Kind
	Name string
}

// PutPolicy creates a managed policy, or gives it another default document.
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
	UnknownARN  bool // it attaches further policies, not known yet
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
	UnknownGroups bool // it joins further groups, not known yet
}

// Leave removes a user from groups.
type Leave struct {
	User   string
	Groups []string
}

// OnlyAttached makes these the only managed policies of a user, group or role. It detaches all others.
type OnlyAttached struct {
	Kind    Kind
	Name    string
	ARNs    []string
	Unknown bool // further ARNs, not known yet, belong to the list
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

func (e PlanIdentity) about() []subject {
	if e.Name == "" {
		return nil // no other edit can name it
	}
	if e.From == "" || ascii.EqualFold(e.From, e.Name) {
		return []subject{subjectOf(e.Kind, e.Name)}
	}
	return []subject{subjectOf(e.Kind, e.Name), subjectOf(e.Kind, e.From)}
}

func (e RemoveIdentity) about() []subject { return []subject{subjectOf(e.Kind, e.Name)} }
func (e RemovePolicy) about() []subject   { return []subject{subjectOf(PolicyKind, e.ARN)} }
func (e Attach) about() []subject         { return subjectsOf(e.Kind, e.Name, e.UnknownName) }
func (e Detach) about() []subject         { return []subject{subjectOf(e.Kind, e.Name)} }
func (e PutInline) about() []subject      { return subjectsOf(e.Kind, e.Name, e.UnknownName) }
func (e RemoveInline) about() []subject   { return []subject{subjectOf(e.Kind, e.Name)} }
func (e Join) about() []subject           { return subjectsOf(UserKind, e.User, e.UnknownUser) }
func (e Leave) about() []subject          { return []subject{subjectOf(UserKind, e.User)} }
func (e OnlyAttached) about() []subject   { return []subject{subjectOf(e.Kind, e.Name)} }
func (e OnlyInline) about() []subject     { return []subject{subjectOf(e.Kind, e.Name)} }

func (e PutPolicy) about() []subject {
	if e.ARN == "" {
		return nil
	}
	return []subject{subjectOf(PolicyKind, e.ARN)}
}

// about includes the group, because the present members find the edit by it.
func (e OnlyMembers) about() []subject {
	subjects := []subject{subjectOf(GroupKind, e.Group)}
	for _, user := range e.Users {
		subjects = append(subjects, subjectOf(UserKind, user))
	}
	if e.Unknown {
		subjects = append(subjects, unnamedSubject(UserKind))
	}
	return subjects
}
