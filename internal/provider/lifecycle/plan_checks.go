package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// checkPlanned reports whether the account would refuse a planned change in apply.
func (m *Base) checkPlanned(ctx context.Context, change planned.Change, key string, edits []account.Edit,
	diags *diag.Diagnostics) {
	checkTexts(change, diags)
	if diags.HasError() || m.Planned.Applying() {
		return
	}
	c := planaccount.PlannedChange{
		Change: change, Key: key, Edits: edits,
		Limits: m.limits, LiveKeys: m.liveKeys,
	}
	if id, ok := change.Before.Member("id"); ok && change.Type == "iam_access_key" && id.Kind == tree.String {
		c.AccessKey = id.Text
	}
	diags.Append(m.Planned.CheckChange(ctx, c)...)
}

// liveKeys returns the ids of the access keys that a user has now, except for those that the apply deletes because a
// killed run left them behind.
func (m *Base) liveKeys(ctx context.Context, user string) (ids []string, err error) {
	api, err := m.Store.Existing(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := api.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user})
	if err != nil {
		return nil, apierror.UnlessMissing(err)
	}
	for _, key := range out.AccessKeyMetadata {
		ids = append(ids, aws.ToString(key.AccessKeyId))
	}
	if len(ids) == 0 {
		return ids, nil
	}
	left, err := m.leftBehindKeys(ctx, api, user)
	return slices.DeleteFunc(ids, func(id string) bool { return !left[id].IsZero() }), err
}

// CheckPassword adds an error, at plan, for a configured password that the password policy refuses: the planned policy
// if this run plans one, and otherwise that of the account. No message contains the password.
func (m *Base) CheckPassword(ctx context.Context, attribute string, user types.String, config Source,
	diags *diag.Diagnostics) {
	password := TextOf(ctx, config, attribute, diags)
	if password.IsNull() || password.IsUnknown() || user.IsUnknown() {
		return
	}
	diags.Append(m.Planned.CheckPassword(ctx, attribute, user.ValueString(), password.ValueString(),
		m.passwordPolicy)...)
}

// passwordPolicy returns the password policy of the account.
func (m *Base) passwordPolicy(ctx context.Context) (credential.PasswordPolicy, error) {
	api, err := m.Store.Existing(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return credential.DefaultPasswordPolicy(), nil
	}
	if err != nil {
		return credential.PasswordPolicy{}, err
	}
	return engine.ReadPasswordPolicy(ctx, api)
}

// KeepGonePrincipals returns the stored trust policy if a configured one differs from it only in principals that are
// gone, see [engine.PlanChecks.SameTrust], and otherwise the configured one.
func (m *Base) KeepGonePrincipals(ctx context.Context, stored, configured policytext.Text,
	diags *diag.Diagnostics) policytext.Text {
	if configured.IsUnknown() || stored.IsNull() || !engine.NamesUniqueID(stored.ValueString()) {
		return configured
	}
	checks, err := m.Planned.TrustChecks(ctx)
	if err != nil {
		m.Store.AddError(diags, err)
		return configured
	}
	if checks.SameTrust(stored.ValueString(), configured.ValueString(), policytext.SameTrust) {
		return stored
	}
	return configured
}

// checkTexts adds errors for new tags and descriptions that the account would refuse.
func checkTexts(change planned.Change, diags *diag.Diagnostics) {
	before, _ := change.Before.Member("tags_all")
	after, ok := change.After.Member("tags_all")
	if ok && after.Kind == tree.Object && !sameTags(before, after) {
		for _, problem := range engine.CheckTags(knownTags(after)) {
			diags.AddAttributeError(path.Root("tags"), "The account would refuse a tag", problem+
				" The tag comes from tags, or from default_tags of the provider.")
		}
	}
	description, ok := change.After.Member("description")
	if !ok || change.Type != "iam_role" || description.Kind != tree.String {
		return
	}
	if old, ok := change.Before.Member("description"); ok && old.Text == description.Text {
		return
	}
	if problem := engine.CheckRoleDescription(description.Text); problem != "" {
		diags.AddAttributeError(path.Root("description"), "The account would refuse the description", problem)
	}
}

// knownTags returns the tags in a map, ordered by key. A value that is not known is empty.
func knownTags(value *tree.Node) []engine.Tag {
	var tags []engine.Tag
	for _, m := range value.Members {
		tags = append(tags, engine.Tag{Key: m.Name, Value: m.Value.Text})
	}
	slices.SortFunc(tags, func(a, b engine.Tag) int { return cmp.Compare(a.Key, b.Key) })
	return tags
}

// sameTags reports whether two maps have the same tags.
func sameTags(a, b *tree.Node) bool { return a != nil && slices.Equal(knownTags(a), knownTags(b)) }
