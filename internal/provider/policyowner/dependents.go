package policyowner

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

// RemoveDependents removes everything that prevents the deletion of an owner, if this Terraform configuration made all
// of it or if force is set. Otherwise it removes nothing, and the deletion names what is in the way.
//
// Terraform destroys an object before it updates the resources that refer to it, such as an exclusive set of members
// that no longer lists a user. What the configuration keeps would be an error at plan, so the configuration drops the
// rest.
func (o *Owner) RemoveDependents(ctx context.Context, op *lifecycle.Operation, uniqueID, name string,
	force bool) error {
	found, err := op.ListDependents(ctx, &engine.ListDependentsInput{UniqueID: uniqueID})
	if err != nil {
		return apierror.UnlessMissing(err)
	}
	if !force && !allOurs(op, found.Dependents) {
		return nil
	}
	for _, d := range found.Dependents {
		if err := apierror.UnlessMissing(o.removeDependent(ctx, op, name, d)); err != nil {
			return fmt.Errorf("removing the %s %s: %w", strings.ReplaceAll(string(d.Kind), "-", " "), d.Name, err)
		}
	}
	return nil
}

// allOurs reports whether this configuration made all of the objects.
func allOurs(op *lifecycle.Operation, dependents []engine.Dependent) bool {
	for _, d := range dependents {
		if !isOurs(op.Base, d) {
			return false
		}
	}
	return true
}

// WarnInTheWay warns, at plan, that something is in the way of the destruction or replacement of a user, group, role or
// managed policy: an object that belongs to it, or a link to it, that this configuration did not make. It is no error,
// because the same plan may destroy what is in the way: this configuration may have imported it, or may have made it
// in another directory. Terraform plans those changes later.
func WarnInTheWay(ctx context.Context, b *lifecycle.Base, object planned.Object, uniqueID string,
	diags *diag.Diagnostics) {
	if b.Planned.Applying() {
		return
	}
	api, err := b.Store.Existing(ctx)
	if err != nil {
		return // opening the store for the resource reports the error
	}
	found, err := api.ListDependents(ctx, &engine.ListDependentsInput{UniqueID: uniqueID})
	if err != nil {
		if apierror.UnlessMissing(err) != nil {
			b.Store.AddError(diags, err)
		}
		return
	}
	var lines []string
	for _, d := range found.Dependents {
		if isOurs(b, d) {
			continue
		}
		by := "a person or another program"
		if d.Origin.Configuration != "" {
			by = "another Terraform configuration"
		}
		lines = append(lines, fmt.Sprintf("%s %s, made by %s", strings.ReplaceAll(string(d.Kind), "-", " "), d.Name, by))
	}
	if len(lines) > 0 {
		diags.AddWarning(apierror.UpperFirst(object.String())+" cannot be deleted as long as others use it", fmt.Sprintf(
			"This configuration did not make what is in the way:\n\n  - %s\n\nIf this plan does not destroy it, remove it "+
				"before the apply. For a user or group, force_destroy = true removes it, and for a role "+
				"force_detach_policies = true; apply that argument first.", strings.Join(lines, "\n  - ")))
	}
}

// isOurs reports whether this configuration made an object.
func isOurs(b *lifecycle.Base, d engine.Dependent) bool {
	return d.Origin.Configuration != "" && d.Origin.Configuration == b.Store.Configuration
}

func (o *Owner) removeDependent(ctx context.Context, c accountstore.API, name string, d engine.Dependent) error {
	var err error
	switch d.Kind {
	case engine.InlinePolicyResource:
		return o.deleteInline(ctx, c, &name, &d.Name)
	case engine.AttachmentResource:
		return o.detach(ctx, c, &name, &d.Name)
	case engine.MembershipResource:
		user, group := name, d.Name
		if o.kind == account.GroupKind {
			user, group = group, user
		}
		_, err = c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: &user, GroupName: &group})
	case engine.AccessKeyResource:
		_, err = c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &name, AccessKeyId: &d.Name})
	case engine.LoginProfileResource:
		_, err = c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: &name})
	case engine.MFADeviceResource:
		_, err = c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: &name, SerialNumber: &d.Name})
		if apierror.UnlessMissing(err) != nil {
			return err
		}
		_, err = c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &d.Name})
	}
	return err
}

// RemoveUses detaches a managed policy from the identities to which this configuration attached it, and changes the
// permissions boundaries that the plan changes, if nothing else uses the policy. Otherwise it does nothing, and the
// deletion of the policy names its uses.
func RemoveUses(ctx context.Context, op *lifecycle.Operation, uniqueID, arn string) error {
	found, err := op.ListDependents(ctx, &engine.ListDependentsInput{UniqueID: uniqueID})
	if err != nil {
		return apierror.UnlessMissing(err)
	}
	if !allOurs(op, found.Dependents) {
		return nil
	}
	boundaries := map[string]string{}
	for _, d := range found.Dependents {
		if d.Kind != engine.BoundaryResource {
			continue
		}
		owner, name := ownerOf(d.Name)
		successor, planned, err := op.Successor(ctx, planned.BoundaryObject(owner.kind, name))
		if err != nil || !planned {
			return err
		}
		boundaries[d.Name] = successor
	}
	for _, d := range found.Dependents {
		owner, name := ownerOf(d.Name)
		if d.Kind == engine.BoundaryResource {
			err = owner.changeBoundary(ctx, op, name, boundaries[d.Name])
		} else {
			err = owner.detach(ctx, op, &name, &arn)
		}
		if apierror.UnlessMissing(err) != nil {
			return fmt.Errorf("removing the policy from %s: %w", d.Name, err)
		}
	}
	return nil
}

// ownerOf returns the kind and the name of the identity with an ARN.
func ownerOf(arn string) (*Owner, string) {
	name := arn[strings.LastIndex(arn, "/")+1:]
	for _, owner := range []*Owner{&Users, &Groups} {
		if strings.Contains(arn, ":"+owner.name+"/") {
			return owner, name
		}
	}
	return &Roles, name
}

// changeBoundary sets the permissions boundary of a user or role, or removes it if arn is empty.
func (o *Owner) changeBoundary(ctx context.Context, c accountstore.API, name, arn string) error {
	var err error
	switch {
	case o.kind == account.UserKind && arn == "":
		_, err = c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: &name})
	case o.kind == account.UserKind:
		_, err = c.PutUserPermissionsBoundary(ctx,
			&iam.PutUserPermissionsBoundaryInput{UserName: &name, PermissionsBoundary: &arn})
	case arn == "":
		_, err = c.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &name})
	default:
		_, err = c.PutRolePermissionsBoundary(ctx,
			&iam.PutRolePermissionsBoundaryInput{RoleName: &name, PermissionsBoundary: &arn})
	}
	return err
}
