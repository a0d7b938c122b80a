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
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// exclusive is a set that owns everything of one kind that a user, group or role has: what is not listed is taken away.
type exclusive struct {
	asResource
	of set
}

// set says which set it is.
type set struct {
	typeName    string
	owner       string // the argument that names whose set it is
	members     string // the argument that lists what is in it
	description string
	memberText  string
	memberIs    []validator.String // what each must look like

	// has are the members now; add and drop change one. add is nil where what is missing cannot be added, for more is needed
	// to make it than its name.
	has       func(ctx context.Context, c api, owner *string) ([]string, error)
	add, drop func(ctx context.Context, c api, owner, member *string) error
	fold      bool // members are names, of which case does not count

	uniqueID func(ctx context.Context, c api, owner *string) (*string, error)
	calls    []string // those that change it
	edit     func(owner string, members []string, unknown bool) account.Edit
	// most is how many members there may be; nil is any number.
	most func(engine.Limits) int
	// someones are the edits where whose set it is is known only later: anybody's may be.
	someones func(members []string, unknown bool) []account.Edit
}

var (
	_ resource.ResourceWithConfigure   = (*exclusive)(nil)
	_ resource.ResourceWithModifyPlan  = (*exclusive)(nil)
	_ resource.ResourceWithImportState = (*exclusive)(nil)
	_ resource.ResourceWithIdentity    = (*exclusive)(nil)
	_ resource.ResourceWithMoveState   = (*exclusive)(nil)
)

// What becomes of the members when the set is destroyed.
const (
	onDestroy   = "on_destroy"
	leaveThem   = "leave"
	takeThemOut = "remove"
)

func (r *exclusive) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.of.typeName
}

func (r *exclusive) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: r.of.description,
		Attributes: map[string]schema.Attribute{
			r.of.owner: schema.StringAttribute{
				Required: true, MarkdownDescription: "Whose set it is, by name.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			r.of.members: schema.SetAttribute{
				ElementType: types.StringType, Required: true, MarkdownDescription: r.of.memberText,
				Validators: []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(r.of.memberIs...)},
			},
			onDestroy: schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(leaveThem),
				Validators:          []validator.String{stringvalidator.OneOf(leaveThem, takeThemOut)},
				MarkdownDescription: "What becomes of the members when the set is destroyed: `leave` (default) them, or `remove` them.",
			},
		},
	}
}

func (r *exclusive) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityOf(r.of.owner)
}

func (r *exclusive) MoveState(context.Context) []resource.StateMover {
	return movedFromAWS("aws_" + r.of.typeName)
}

func (r *exclusive) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importBy(ctx, req, resp, whole, r.of.owner)
}

func (r *exclusive) what(owner string) string {
	return fmt.Sprintf("%s of %q", strings.ReplaceAll(strings.TrimPrefix(r.of.typeName, "iam_"), "_", " "), owner)
}

func (r *exclusive) concerns(ctx context.Context, c api, owner string) concerning {
	of := concerning{what: r.what(owner), own: r.of.calls}
	if id, err := r.of.uniqueID(ctx, c, &owner); err == nil {
		of.subject = *id
	}
	return of
}

// membersIn are the members in a plan or state; unknown says that there are further ones.
func (r *exclusive) membersIn(ctx context.Context, from attributes, resp *resource.ModifyPlanResponse) (members []string, unknown bool) {
	var value types.Set
	resp.Diagnostics.Append(from.GetAttribute(ctx, path.Root(r.of.members), &value)...)
	unknown = value.IsUnknown()
	for _, element := range value.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsUnknown() {
			unknown = true
			continue
		}
		members = append(members, text.ValueString())
	}
	return members, unknown
}

func (r *exclusive) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil {
		return
	}
	diags := &resp.Diagnostics
	exists := !req.State.Raw.IsNull()
	if exists {
		owner := textOf(ctx, req.State, r.of.owner, diags).ValueString()
		if _, ok := r.home(ctx, r.what(owner), req.Private, diags); !ok {
			return
		}
		if req.Plan.Raw.IsNull() {
			var edits []account.Edit
			if textOf(ctx, req.State, onDestroy, diags).ValueString() == takeThemOut {
				edits = []account.Edit{r.of.edit(owner, nil, false)}
			}
			diags.Append(r.planned.remove(r.of.typeName+" "+owner, edits...)...)
			return
		}
	}
	owner := textOf(ctx, req.Plan, r.of.owner, diags)
	members, unknown := r.membersIn(ctx, req.Plan, resp)
	if r.of.most != nil {
		r.atMost(ctx, path.Root(r.of.members), len(members), r.of.most, diags)
	}
	if owner.IsUnknown() {
		diags.Append(r.planned.put(fmt.Sprint(r.of.typeName, " of someone ", members), exists, r.of.someones(members, unknown)...)...)
		return
	}
	diags.Append(r.planned.put(r.of.typeName+" "+owner.ValueString(), exists, r.of.edit(owner.ValueString(), members, unknown))...)
}

// settle makes the set what it is to be. What is missing is added first, so that nobody is without what they had and are to
// have; where the account allows no more, one of those to go makes room.
func (r *exclusive) settle(ctx context.Context, c api, owner string, want []string) error {
	has, err := r.of.has(ctx, c, &owner)
	if err != nil {
		return err
	}
	var missing, surplus []string
	for _, member := range want {
		if !r.contains(has, member) {
			missing = append(missing, member)
		}
	}
	for _, member := range has {
		if !r.contains(want, member) {
			surplus = append(surplus, member)
		}
	}
	if r.of.add == nil && len(missing) > 0 {
		return fmt.Errorf("it has no %s, and more than the name is needed to make one: make it with a resource of its own, and refer to that", strings.Join(missing, ", "))
	}
	for _, member := range missing {
		err := r.of.add(ctx, c, &owner, &member)
		if full := new(iamtypes.LimitExceededException); errors.As(err, &full) && len(surplus) > 0 {
			if err := unlessMissing(r.of.drop(ctx, c, &owner, &surplus[0])); err != nil {
				return err
			}
			surplus = surplus[1:]
			err = r.of.add(ctx, c, &owner, &member)
		}
		if err != nil {
			return err
		}
	}
	for _, member := range surplus {
		if err := unlessMissing(r.of.drop(ctx, c, &owner, &member)); err != nil {
			return err
		}
	}
	return nil
}

func (r *exclusive) contains(members []string, member string) bool {
	return slices.ContainsFunc(members, func(other string) bool {
		return other == member || r.of.fold && strings.EqualFold(other, member)
	})
}

func (r *exclusive) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	owner := textOf(ctx, req.Plan, r.of.owner, diags).ValueString()
	var want []string
	diags.Append(req.Plan.GetAttribute(ctx, path.Root(r.of.members), &want)...)
	c, ok := r.toCreate(ctx, diags)
	if !ok || diags.HasError() {
		return
	}
	if err := r.settle(ctx, c, owner, want); err != nil {
		failed(diags, "setting the "+r.what(owner), err)
		return
	}
	resp.State.Raw = req.Plan.Raw
	r.setIdentity(ctx, resp.Identity, map[string]string{r.of.owner: owner}, diags)
	r.settled(ctx, owner, resp.Private, diags)
}

func (r *exclusive) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.reading()
	diags := &resp.Diagnostics
	owner := textOf(ctx, req.State, r.of.owner, diags).ValueString()
	c, ok := r.existing(ctx, r.what(owner), req.Private, diags)
	if !ok || diags.HasError() {
		return
	}
	r.setIdentity(ctx, resp.Identity, map[string]string{r.of.owner: owner}, diags) // also for one that is gone
	has, err := r.of.has(ctx, c, &owner)
	switch {
	case isMissing(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		failed(diags, "reading the "+r.what(owner), err)
		return
	}
	var before []string
	if diags.Append(req.State.GetAttribute(ctx, path.Root(r.of.members), &before)...); diags.HasError() {
		return
	}
	// Names keep the spelling of the configuration.
	for i, member := range has {
		for _, written := range before {
			if r.of.fold && strings.EqualFold(written, member) {
				has[i] = written
			}
		}
	}
	slices.Sort(has)
	slices.Sort(before)
	if !slices.Equal(has, before) {
		r.drift(ctx, r.concerns(ctx, c, owner), req.Private, resp.Private, diags)
	} else if _, known := readProvenance(ctx, req.Private, diags); !known {
		r.settled(ctx, owner, resp.Private, diags)
	}
	if has == nil {
		has = []string{}
	}
	diags.Append(resp.State.SetAttribute(ctx, path.Root(r.of.members), has)...)
	if textOf(ctx, req.State, onDestroy, diags).IsNull() { // imported
		put(ctx, &resp.State, onDestroy, types.StringValue(leaveThem), diags)
	}
}

func (r *exclusive) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	owner := textOf(ctx, req.Plan, r.of.owner, diags).ValueString()
	var want []string
	diags.Append(req.Plan.GetAttribute(ctx, path.Root(r.of.members), &want)...)
	c, ok := r.existing(ctx, r.what(owner), req.Private, diags)
	if !ok || diags.HasError() {
		return
	}
	r.drift(ctx, r.concerns(ctx, c, owner), req.Private, resp.Private, diags) // between the plan and now
	if err := r.settle(ctx, c, owner, want); err != nil {
		failed(diags, "setting the "+r.what(owner), err)
		return
	}
	resp.State.Raw = req.Plan.Raw
	r.setIdentity(ctx, resp.Identity, map[string]string{r.of.owner: owner}, diags)
	r.settled(ctx, owner, resp.Private, diags)
}

func (r *exclusive) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	owner := textOf(ctx, req.State, r.of.owner, diags).ValueString()
	c, ok := r.existing(ctx, r.what(owner), req.Private, diags)
	if !ok || textOf(ctx, req.State, onDestroy, diags).ValueString() != takeThemOut {
		return
	}
	if err := unlessMissing(r.settle(ctx, c, owner, nil)); err != nil {
		failed(diags, "emptying the "+r.what(owner), err)
	}
}

// attachmentsOf is the set of all managed policies that are attached to one user, group or role.
func attachmentsOf(h holder) set {
	return set{
		typeName: "iam_" + h.name + "_policy_attachments_exclusive", owner: h.name + "_name", members: "policy_arns",
		description: fmt.Sprintf("All managed policies that are attached to a %s: others are detached, whoever attached them, and those that are missing are attached. "+
			"Use it with or without `iam_%[1]s_policy_attachment`, whose policies it must then list.", h.name),
		memberText: "The ARNs of the policies. An empty set detaches all.", memberIs: policyARNIs(),
		has: h.attached, add: h.attach, drop: h.detach, uniqueID: h.uniqueID,
		calls: []string{"Attach" + h.title + "Policy", "Detach" + h.title + "Policy"}, most: h.mostAttached,
		edit: func(owner string, members []string, unknown bool) account.Edit {
			return account.OnlyAttached{Kind: h.kind, Name: owner, ARNs: members, Unknown: unknown}
		},
		someones: func(members []string, unknown bool) []account.Edit {
			return []account.Edit{account.Attach{Kind: h.kind, UnknownName: true, ARNs: members, UnknownARN: unknown}}
		},
	}
}

// inlinePoliciesOf is the set of all inline policies of one user, group or role, by their names.
func inlinePoliciesOf(h holder) set {
	return set{
		typeName: "iam_" + h.name + "_policies_exclusive", owner: h.name + "_name", members: "policy_names", fold: true,
		description: fmt.Sprintf("All inline policies of a %s, by name: others are deleted, whoever made them. Those that it lists are made with `iam_%[1]s_policy`.", h.name),
		memberText:  "The names of the policies. An empty set deletes all.", memberIs: nameIs(128),
		has: h.inlineNames, drop: h.deleteInline, uniqueID: h.uniqueID,
		calls: []string{"Put" + h.title + "Policy", "Delete" + h.title + "Policy"},
		edit: func(owner string, members []string, unknown bool) account.Edit {
			return account.OnlyInline{Kind: h.kind, Name: owner, Policies: members, Unknown: unknown}
		},
		someones: func([]string, bool) []account.Edit { return nil }, // it gives nothing
	}
}
