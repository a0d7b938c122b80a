// Package exclusiveset builds resources that own a whole set, such as all policies that are
// attached to a role. Such a resource removes every member that the configuration does not list. It
// never creates a member that needs more than a name.
package exclusiveset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/textset"
)

// Set describes a set that belongs to a user, group or role.
type Set struct {
	TypeName           string
	Owner              string // the argument that names the owner
	Members            string // the argument that lists the members
	Description        string
	MembersDescription string
	MemberValidators   []validator.String

	// List returns the members. Add and Remove change one member; Add is nil if a member cannot be
	// created from its name alone.
	List        func(ctx context.Context, c accountstore.API, owner *string) ([]string, error)
	Add, Remove func(ctx context.Context, c accountstore.API, owner, member *string) error
	FoldCase    bool // members are names, which compare without regard to case

	// Object returns the object that a member is.
	Object func(owner, member string) planned.Object
	// UniqueID returns the unique id of the owner.
	UniqueID func(ctx context.Context, c accountstore.API, owner *string) (*string, error)
	Calls    []string // the operations that change the set
	// Max returns the account's limit for the number of members; nil means that there is none.
	Max func(engine.Limits) int
}

// The values of the argument on_destroy.
const (
	onDestroy     = "on_destroy"
	leaveMembers  = "leave"
	removeMembers = "remove"
)

// New returns the resource of a set. It removes members that the configuration does not list.
func New(set Set) resource.Resource {
	return lifecycle.New[model](lifecycle.Definition[model]{
		TypeName: set.TypeName, MovedFrom: "aws_" + set.TypeName,
		Schema: func() schema.Schema { return schemaOf(set) },
		Identity: []lifecycle.IdentityAttribute{{Name: set.Owner,
			Description: fmt.Sprintf("The name of the %s.", set.ownerKind())}},
		Load: func(ctx context.Context, from lifecycle.Source, m *model, diags *diag.Diagnostics) {
			m.set, m.owner, m.onDestroy = set, lifecycle.TextOf(ctx, from, set.Owner, diags), lifecycle.TextOf(ctx,
				from, onDestroy, diags)
			m.id = lifecycle.TextOf(ctx, from, "id", diags)
			diags.Append(from.GetAttribute(ctx, path.Root(set.Members), &m.members)...)
		},
		Save: func(ctx context.Context, to lifecycle.Target, m *model, diags *diag.Diagnostics) {
			lifecycle.Put(ctx, to, set.Owner, m.owner, diags)
			lifecycle.Put(ctx, to, set.Members, m.members, diags)
			lifecycle.Put(ctx, to, onDestroy, m.onDestroy, diags)
			lifecycle.Put(ctx, to, "id", m.id, diags)
		},
		Plan: func(ctx context.Context, c *lifecycle.Change[model]) {
			c.Plan.id = c.Plan.owner
			if known, _ := textset.Known(c.Plan.members); set.Max != nil {
				c.CheckCount(ctx, path.Root(set.Members), len(known), set.Max, c.Diags)
			}
		},
		DriftIfDifferent: true,
	})
}

// ownerKind returns the kind of the owner: user, group or role.
func (set Set) ownerKind() string { return strings.TrimSuffix(set.Owner, "_name") }

func schemaOf(set Set) schema.Schema {
	return schema.Schema{
		MarkdownDescription: set.Description,
		Attributes: map[string]schema.Attribute{
			set.Owner: schema.StringAttribute{
				Required: true, MarkdownDescription: lifecycle.OwnerDescription(set.ownerKind(), "creates a new set"),
			},
			set.Members: schema.SetAttribute{
				ElementType: types.StringType, Required: true, MarkdownDescription: set.MembersDescription,
				Validators: []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(set.MemberValidators...)},
			},
			onDestroy: schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(leaveMembers),
				Validators: []validator.String{stringvalidator.OneOf(leaveMembers, removeMembers)},
				MarkdownDescription: "Whether destroying the set leaves its members (`leave`, the default) or removes them " +
					"(`remove`).",
			},
			"id": lifecycle.IDAttribute(fmt.Sprintf("The name of the %s.", set.ownerKind())),
		},
	}
}

// model is the Terraform state of an exclusive set. The names of its attributes depend on the set.
type model struct {
	set       Set
	owner     types.String
	members   types.Set
	onDestroy types.String
	id        types.String
}

func (m *model) Describe() string {
	return fmt.Sprintf("%s of %q", strings.ReplaceAll(strings.TrimPrefix(m.set.TypeName, "iam_"), "_", " "),
		m.owner.ValueString())
}

func (m *model) Identity() map[string]any {
	return map[string]any{m.set.Owner: m.owner.ValueString()}
}

func (m *model) AuditSubject(ctx context.Context, op *lifecycle.Operation) lifecycle.AuditSubject {
	subject := lifecycle.AuditSubject{Description: m.Describe(), Calls: m.set.Calls}
	if id, err := m.set.UniqueID(ctx, op, m.owner.ValueStringPointer()); err == nil {
		subject.ID = *id
	}
	return subject
}

func (m *model) Create(ctx context.Context, op *lifecycle.Operation) error {
	m.id = m.owner
	want, _ := textset.Known(m.members)
	return m.set.replaceMembers(ctx, op, m.owner.ValueString(), want)
}

func (m *model) Update(ctx context.Context, op *lifecycle.Operation, _ *model) error {
	return m.Create(ctx, op)
}

func (m *model) Remove(ctx context.Context, op *lifecycle.Operation) error {
	if m.onDestroy.ValueString() != removeMembers {
		return nil
	}
	staying, err := m.staying(ctx, op)
	if err != nil {
		return err
	}
	return m.set.replaceMembers(ctx, op, m.owner.ValueString(), staying)
}

// staying returns the members that another resource of the configuration keeps.
func (m *model) staying(ctx context.Context, op *lifecycle.Operation) (staying []string, err error) {
	members, _ := textset.Known(m.members)
	for _, member := range members {
		stays, err := op.Stays(ctx, m.set.Object(m.owner.ValueString(), member))
		if err != nil {
			return nil, err
		}
		if stays {
			staying = append(staying, member)
		}
	}
	return staying, nil
}

// Read keeps the configuration's spelling of names that differ only in case.
func (m *model) Read(ctx context.Context, op *lifecycle.Operation) error {
	m.id = m.owner
	found, err := m.set.List(ctx, op, m.owner.ValueStringPointer())
	if err != nil {
		return err
	}
	before, _ := textset.Known(m.members)
	for i, member := range found {
		for _, configured := range before {
			if m.set.FoldCase && strings.EqualFold(configured, member) {
				found[i] = configured
			}
		}
	}
	slices.Sort(found)
	if m.members.IsNull() || !slices.Equal(found, before) {
		m.members = textset.Of(found)
	}
	if m.onDestroy.IsNull() { // imported
		m.onDestroy = types.StringValue(leaveMembers)
	}
	return nil
}

// replaceMembers adds the missing members and removes the surplus members. It adds first, so that
// nobody loses access in between. If the account allows no more members, it first removes one
// surplus member.
func (set Set) replaceMembers(ctx context.Context, c accountstore.API, owner string, want []string) error {
	current, err := set.List(ctx, c, &owner)
	if err != nil {
		return err
	}
	var missing, surplus []string
	for _, member := range want {
		if !set.contains(current, member) {
			missing = append(missing, member)
		}
	}
	for _, member := range current {
		if !set.contains(want, member) {
			surplus = append(surplus, member)
		}
	}
	if set.Add == nil && len(missing) > 0 {
		return fmt.Errorf("the set has no member %s, and this resource cannot create one from its name: create it "+
			"with a resource of its own, and refer to that resource", strings.Join(missing, ", "))
	}
	for _, member := range missing {
		err := set.Add(ctx, c, &owner, &member)
		if limitExceeded := new(iamtypes.LimitExceededException); errors.As(err, &limitExceeded) && len(surplus) > 0 {
			if err := apierror.UnlessMissing(set.Remove(ctx, c, &owner, &surplus[0])); err != nil {
				return err
			}
			surplus = surplus[1:]
			err = set.Add(ctx, c, &owner, &member)
		}
		if err != nil {
			return err
		}
	}
	for _, member := range surplus {
		if err := apierror.UnlessMissing(set.Remove(ctx, c, &owner, &member)); err != nil {
			return err
		}
	}
	return nil
}

func (set Set) contains(members []string, member string) bool {
	return slices.ContainsFunc(members, func(other string) bool {
		return other == member || set.FoldCase && strings.EqualFold(other, member)
	})
}
