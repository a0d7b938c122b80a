package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

// exclusiveSet describes one set that has one owner.
type exclusiveSet struct {
	typeName    string
	owner       string // the argument that names the owner
	members     string // the argument that lists the members
	description string
	memberText  string
	memberIs    []validator.String // what each must look like

	// has returns the members; add and drop change one. add is nil if a member cannot be created
	// from its name alone.
	has       func(ctx context.Context, c accountstore.API, owner *string) ([]string, error)
	add, drop func(ctx context.Context, c accountstore.API, owner, member *string) error
	fold      bool // members are names, which compare without regard to case

	uniqueID func(ctx context.Context, c accountstore.API, owner *string) (*string, error)
	calls    []string // the calls that change the set
	// most returns how many members the account allows; nil is any number.
	most func(engine.Limits) int
}

// The values of the argument on_destroy.
const (
	onDestroy     = "on_destroy"
	leaveMembers  = "leave"
	removeMembers = "remove"
)

// newExclusiveSet returns the resource of a set that owns everything of one kind that a user, group
// or role has: members that are not listed are removed.
func newExclusiveSet(of exclusiveSet) resource.Resource {
	return lifecycle.New[exclusiveSetModel](lifecycle.Definition[exclusiveSetModel]{
		TypeName: of.typeName, MovedFrom: "aws_" + of.typeName,
		Schema: func() schema.Schema { return exclusiveSetSchema(of) },
		Identity: []lifecycle.IdentityAttribute{{Name: of.owner,
			Description: fmt.Sprintf("The name of the %s.", of.ownerKind())}},
		Load: func(ctx context.Context, from lifecycle.Source, m *exclusiveSetModel, diags *diag.Diagnostics) {
			m.of, m.owner, m.onDestroy = of, lifecycle.TextOf(ctx, from, of.owner, diags), lifecycle.TextOf(ctx,
				from, onDestroy, diags)
			diags.Append(from.GetAttribute(ctx, path.Root(of.members), &m.members)...)
		},
		Save: func(ctx context.Context, to lifecycle.Target, m *exclusiveSetModel, diags *diag.Diagnostics) {
			lifecycle.Put(ctx, to, of.owner, m.owner, diags)
			lifecycle.Put(ctx, to, of.members, m.members, diags)
			lifecycle.Put(ctx, to, onDestroy, m.onDestroy, diags)
		},
		Plan: func(ctx context.Context, c *lifecycle.Change[exclusiveSetModel]) {
			if known, _ := knownTexts(c.Plan.members); of.most != nil {
				c.CheckCount(ctx, path.Root(of.members), len(known), of.most, c.Diags)
			}
		},
		DriftIfDifferent: true,
	})
}

// ownerKind returns what owns the set: user, group or role.
func (of exclusiveSet) ownerKind() string { return strings.TrimSuffix(of.owner, "_name") }

func exclusiveSetSchema(of exclusiveSet) schema.Schema {
	return schema.Schema{
		MarkdownDescription: of.description,
		Attributes: map[string]schema.Attribute{
			of.owner: schema.StringAttribute{
				Required: true, MarkdownDescription: fmt.Sprintf("The name of the %s that owns the set. Changing "+
					"this creates a new set.", of.ownerKind()),
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			of.members: schema.SetAttribute{
				ElementType: types.StringType, Required: true, MarkdownDescription: of.memberText,
				Validators: []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(of.memberIs...)},
			},
			onDestroy: schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(leaveMembers),
				Validators: []validator.String{stringvalidator.OneOf(leaveMembers, removeMembers)},
				MarkdownDescription: "What happens to the members when the set is destroyed: `leave` (default) " +
					"or `remove`.",
			},
		},
	}
}

// exclusiveSetModel is the model of an exclusive set. The names of its attributes depend on the
// set.
type exclusiveSetModel struct {
	of        exclusiveSet
	owner     types.String
	members   types.Set
	onDestroy types.String
}

// knownTexts returns the texts in a set that are known, sorted. unknown says that there are others.
func knownTexts(s types.Set) (texts []string, unknown bool) {
	unknown = s.IsUnknown()
	for _, element := range s.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsUnknown() {
			unknown = true
			continue
		}
		texts = append(texts, text.ValueString())
	}
	slices.Sort(texts)
	return texts, unknown
}

// textSet returns a set of texts.
func textSet(texts []string) types.Set {
	values := make([]attr.Value, 0, len(texts))
	for _, text := range texts {
		values = append(values, types.StringValue(text))
	}
	return types.SetValueMust(types.StringType, values)
}

func (m *exclusiveSetModel) Describe() string {
	return fmt.Sprintf("%s of %q", strings.ReplaceAll(strings.TrimPrefix(m.of.typeName, "iam_"), "_", " "),
		m.owner.ValueString())
}

func (m *exclusiveSetModel) Identity() map[string]any {
	return map[string]any{m.of.owner: m.owner.ValueString()}
}

func (m *exclusiveSetModel) AuditSubject(ctx context.Context, op *lifecycle.Operation) lifecycle.AuditSubject {
	subject := lifecycle.AuditSubject{What: m.Describe(), Own: m.of.calls}
	if id, err := m.of.uniqueID(ctx, op, m.owner.ValueStringPointer()); err == nil {
		subject.ID = *id
	}
	return subject
}

func (m *exclusiveSetModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	want, _ := knownTexts(m.members)
	return m.of.replaceMembers(ctx, op, m.owner.ValueString(), want)
}

func (m *exclusiveSetModel) Update(ctx context.Context, op *lifecycle.Operation, _ *exclusiveSetModel) error {
	return m.Create(ctx, op)
}

func (m *exclusiveSetModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	if m.onDestroy.ValueString() != removeMembers {
		return nil
	}
	return m.of.replaceMembers(ctx, op, m.owner.ValueString(), nil)
}

// Read keeps the spelling of the configuration for names that differ from it in case alone.
func (m *exclusiveSetModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	found, err := m.of.has(ctx, op, m.owner.ValueStringPointer())
	if err != nil {
		return err
	}
	before, _ := knownTexts(m.members)
	for i, member := range found {
		for _, written := range before {
			if m.of.fold && strings.EqualFold(written, member) {
				found[i] = written
			}
		}
	}
	slices.Sort(found)
	if m.members.IsNull() || !slices.Equal(found, before) {
		m.members = textSet(found)
	}
	if m.onDestroy.IsNull() { // imported
		m.onDestroy = types.StringValue(leaveMembers)
	}
	return nil
}

// replaceMembers adds the members that are missing and removes those that are not wanted. It adds
// first, so that nobody loses access between the two; if the account allows no more members, it
// removes one to make room.
func (of exclusiveSet) replaceMembers(ctx context.Context, c accountstore.API, owner string, want []string) error {
	has, err := of.has(ctx, c, &owner)
	if err != nil {
		return err
	}
	var missing, surplus []string
	for _, member := range want {
		if !of.contains(has, member) {
			missing = append(missing, member)
		}
	}
	for _, member := range has {
		if !of.contains(want, member) {
			surplus = append(surplus, member)
		}
	}
	if of.add == nil && len(missing) > 0 {
		return fmt.Errorf("the set has no member %s, and cannot create one from its name alone: create it with a "+
			"resource of its own, and refer to that", strings.Join(missing, ", "))
	}
	for _, member := range missing {
		err := of.add(ctx, c, &owner, &member)
		if full := new(iamtypes.LimitExceededException); errors.As(err, &full) && len(surplus) > 0 {
			if err := apierror.UnlessMissing(of.drop(ctx, c, &owner, &surplus[0])); err != nil {
				return err
			}
			surplus = surplus[1:]
			err = of.add(ctx, c, &owner, &member)
		}
		if err != nil {
			return err
		}
	}
	for _, member := range surplus {
		if err := apierror.UnlessMissing(of.drop(ctx, c, &owner, &member)); err != nil {
			return err
		}
	}
	return nil
}

func (of exclusiveSet) contains(members []string, member string) bool {
	return slices.ContainsFunc(members, func(other string) bool {
		return other == member || of.fold && strings.EqualFold(other, member)
	})
}

// exclusiveAttachments describes the set of all managed policies that are attached to one user,
// group or role.
func exclusiveAttachments(h policyOwnerAPI) exclusiveSet {
	return exclusiveSet{
		typeName: "iam_" + h.name + "_policy_attachments_exclusive", owner: h.name + "_name", members: "policy_arns",
		description: fmt.Sprintf("All managed policies that are attached to a %s: others are detached, whoever "+
			"attached them, and those that are missing are attached. "+
			"Use it with or without `iam_%[1]s_policy_attachment`, whose policies it must then list.", h.name),
		memberText: "The ARNs of the policies. An empty set detaches all.", memberIs: policyARNIs(),
		has: h.attached, add: h.attach, drop: h.detach, uniqueID: h.uniqueID,
		calls: []string{"Attach" + h.title + "Policy", "Detach" + h.title + "Policy"}, most: h.mostAttached,
	}
}

// exclusiveInlinePolicies describes the set of all inline policies of one user, group or role, by
// their names.
func exclusiveInlinePolicies(h policyOwnerAPI) exclusiveSet {
	return exclusiveSet{
		typeName: "iam_" + h.name + "_policies_exclusive", owner: h.name + "_name", members: "policy_names", fold: true,
		description: fmt.Sprintf("All inline policies of a %s, by name: others are deleted, whoever made them. "+
			"Those that it lists are made with `iam_%[1]s_policy`.", h.name),
		memberText: "The names of the policies. An empty set deletes all.", memberIs: nameIs(128),
		has: h.inlineNames, drop: h.deleteInline, uniqueID: h.uniqueID,
		calls: []string{"Put" + h.title + "Policy", "Delete" + h.title + "Policy"},
	}
}
