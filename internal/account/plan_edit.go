package account

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// Edit is one planned change, as a fact about a user, group, role or managed policy: what is to be made of it, or what is to
// be given to it or taken away. Names that are known only later are empty, with a flag beside them.
type Edit interface {
	// about is what the edit bears on.
	about() []subject
}

// PlanIdentity makes a user, group or role, or changes what it is itself. What hangs on it stays as it is.
type PlanIdentity struct {
	Kind     Kind
	Name     string
	From     string // the name that it has so far; empty for one that is to be made
	Path     string
	Tags     []Tag
	Boundary string
	Trust    Document // of a role
	// Unknown.Tags and Boundary are of what stands above; Attached says that nothing is sure, as when its ARN, on
	// which conditions may hang, is known only later.
	Unknown Unknown
}

// RemoveIdentity removes a user, group or role.
type RemoveIdentity struct {
	Kind Kind
	Name string
}

// PutPolicy makes a managed policy, or puts another document in force.
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
	UnknownName bool // to which one
	UnknownARN  bool // further policies
}

// Detach detaches managed policies.
type Detach struct {
	Kind Kind
	Name string
	ARNs []string
}

// PutInline gives a user, group or role an inline policy.
type PutInline struct {
	Kind        Kind
	Name        string
	UnknownName bool // of the user, group or role
	Policy      InlinePolicy
}

// RemoveInline takes an inline policy away.
type RemoveInline struct {
	Kind         Kind
	Name, Policy string
}

// Join puts a user in groups.
type Join struct {
	User          string
	Groups        []string
	UnknownUser   bool
	UnknownGroups bool // further groups
}

// Leave takes a user out of groups.
type Leave struct {
	User   string
	Groups []string
}

// OnlyAttached detaches whatever is attached to a user, group or role beside these, and attaches these.
type OnlyAttached struct {
	Kind    Kind
	Name    string
	ARNs    []string
	Unknown bool // there are further ones
}

// OnlyInline takes away whatever inline policies there are beside those with these names.
type OnlyInline struct {
	Kind     Kind
	Name     string
	Policies []string
	Unknown  bool // there are further ones
}

// OnlyMembers puts these users in a group and takes all others out of it.
type OnlyMembers struct {
	Group   string
	Users   []string
	Unknown bool // there are further ones
}

// subject is what edits are about: a user, group or role by its name, folded, or a policy by its ARN.
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

// whoever is the subject of what will be given to one of a kind whose name is known only later.
func whoever(kind Kind) subject { return subject{kind: kind} }

func given(kind Kind, name string, unknown bool) []subject {
	if unknown {
		return []subject{whoever(kind)}
	}
	return []subject{subjectOf(kind, name)}
}

func (e PlanIdentity) about() []subject {
	if e.Name == "" {
		return nil // nothing can speak of it yet
	}
	if e.From == "" || ascii.EqualFold(e.From, e.Name) {
		return []subject{subjectOf(e.Kind, e.Name)}
	}
	return []subject{subjectOf(e.Kind, e.Name), subjectOf(e.Kind, e.From)}
}

func (e RemoveIdentity) about() []subject { return []subject{subjectOf(e.Kind, e.Name)} }
func (e RemovePolicy) about() []subject   { return []subject{subjectOf(PolicyKind, e.ARN)} }
func (e Attach) about() []subject         { return given(e.Kind, e.Name, e.UnknownName) }
func (e Detach) about() []subject         { return []subject{subjectOf(e.Kind, e.Name)} }
func (e PutInline) about() []subject      { return given(e.Kind, e.Name, e.UnknownName) }
func (e RemoveInline) about() []subject   { return []subject{subjectOf(e.Kind, e.Name)} }
func (e Join) about() []subject           { return given(UserKind, e.User, e.UnknownUser) }
func (e Leave) about() []subject          { return []subject{subjectOf(UserKind, e.User)} }
func (e OnlyAttached) about() []subject   { return []subject{subjectOf(e.Kind, e.Name)} }
func (e OnlyInline) about() []subject     { return []subject{subjectOf(e.Kind, e.Name)} }

func (e PutPolicy) about() []subject {
	if e.ARN == "" {
		return nil
	}
	return []subject{subjectOf(PolicyKind, e.ARN)}
}

// The members so far find the edit by the group.
func (e OnlyMembers) about() []subject {
	subjects := []subject{subjectOf(GroupKind, e.Group)}
	for _, user := range e.Users {
		subjects = append(subjects, subjectOf(UserKind, user))
	}
	if e.Unknown {
		subjects = append(subjects, whoever(UserKind))
	}
	return subjects
}
