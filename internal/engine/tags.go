package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// maxTags is the maximum number of tags of an entity.
const maxTags = 50

// newTags converts and checks the tags of a request. It compares keys without regard to case, which
// AWS does for users and roles only. Names of condition keys never depend on case, so with the two
// tags "team" and "Team" the condition key aws:ResourceTag/team would be ambiguous.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func newTags(tags []iamtypes.Tag) ([]store.Tag, error) {
	converted := make([]store.Tag, 0, len(tags))
	for _, t := range tags {
		tag := store.Tag{Key: *t.Key, Value: aws.ToString(t.Value)}
		if reservedTag(tag.Key) || reservedTag(tag.Value) {
			return nil, invalidInput("The tag %q has the prefix aws: in its key or value, which is reserved for AWS.", tag.Key)
		}
		if tagIndex(converted, tag.Key) >= 0 {
			return nil, invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		converted = append(converted, tag)
	}
	return converted, nil
}

func reservedTag(text string) bool {
	const prefix = "aws:"
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

func tagIndex(tags []store.Tag, key string) int {
	return slices.IndexFunc(tags, func(t store.Tag) bool { return sameTagKey(t.Key, key) })
}

// mergeTags adds the tags of a request to those of an entity. A new tag replaces the existing tag
// with the same key, without regard to case.
func mergeTags(existing []store.Tag, tags []iamtypes.Tag) ([]store.Tag, error) {
	added, err := newTags(tags)
	if err != nil {
		return nil, err
	}
	merged := slices.Clone(existing)
	for _, tag := range added {
		if i := tagIndex(merged, tag.Key); i >= 0 {
			merged[i] = tag
		} else {
			merged = append(merged, tag)
		}
	}
	if len(merged) > maxTags {
		return nil,
			limitExceeded(
				"The number of tags has reached the maximum limit: the call would result in %d tags, but the limit is %d.",
				len(merged), maxTags)
	}
	return merged, nil
}

// withoutTags returns the tags without those that have one of the keys. It ignores keys that no tag
// has.
func withoutTags(existing []store.Tag, keys []string) []store.Tag {
	return slices.DeleteFunc(slices.Clone(existing), func(t store.Tag) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return sameTagKey(key, t.Key) })
	})
}

// tagKeys returns the context key for the tag keys in a request.
func tagKeys(keys []string) []contextKey {
	if len(keys) == 0 {
		return nil
	}
	return []contextKey{multivaluedKey("aws:TagKeys", keys...)}
}

// listTags returns a page of tags ordered by key, without regard to case.
func listTags(tags []store.Tag, marker *string, maxItems *int32) (out []iamtypes.Tag, truncated bool, next *string,
	err error) {
	sorted := slices.SortedFunc(slices.Values(tags), func(a, b store.Tag) int { return compareTagKeys(a.Key, b.Key) })
	sorted, truncated, next, err = pageInMemory(marker, maxItems, sorted,
		func(t store.Tag) string { return t.Key },
		func(t store.Tag, key string) bool { return compareTagKeys(t.Key, key) > 0 })
	return apiTags(sorted), truncated, next, err
}

func compareTagKeys(a, b string) int { return strings.Compare(ascii.Fold(a), ascii.Fold(b)) }

// sameTagKey compares tag keys without regard to ASCII case, exactly as policies compare condition
// keys. With another comparison, a caller could add a tag with a similar key to evade a policy
// about the first tag.
func sameTagKey(a, b string) bool { return compareTagKeys(a, b) == 0 }

func apiTags(tags []store.Tag) []iamtypes.Tag {
	out := make([]iamtypes.Tag, 0, len(tags))
	for _, t := range tags {
		out = append(out, iamtypes.Tag{Key: aws.String(t.Key), Value: aws.String(t.Value)})
	}
	return out
}

// tagsIfAny returns tags for an output in which AWS omits an empty list.
func tagsIfAny(tags []store.Tag) []iamtypes.Tag {
	if len(tags) == 0 {
		return nil
	}
	return apiTags(tags)
}

// TagUser adds tags to a user. It replaces the values of existing keys.
func (c *Client) TagUser(ctx context.Context, in *iam.TagUserInput, _ ...func(*iam.Options)) (*iam.TagUserOutput,
	error) {
	return do(ctx, c, tagUser, in)
}

var tagUser = register(operation[iam.TagUserInput, iam.TagUserOutput]{
	name: "TagUser", writes: true,
	access: onTagging(store.User,
		func(in *iam.TagUserInput) *string { return in.UserName },
		func(in *iam.TagUserInput) []contextKey { return requestTags(in.Tags) }),
	run: func(c *call, in *iam.TagUserInput) (*iam.TagUserOutput, error) {
		found, err := c.identity(store.User, *in.UserName)
		if err != nil {
			return nil, err
		}
		if found.Tags, err = mergeTags(found.Tags, in.Tags); err != nil {
			return nil, err
		}
		return &iam.TagUserOutput{}, c.tx.UpdateIdentity(found)
	},
})

// UntagUser removes tags from a user.
func (c *Client) UntagUser(ctx context.Context, in *iam.UntagUserInput, _ ...func(*iam.Options)) (*iam.UntagUserOutput,
	error) {
	return do(ctx, c, untagUser, in)
}

var untagUser = register(operation[iam.UntagUserInput, iam.UntagUserOutput]{
	name: "UntagUser", writes: true,
	access: onTagging(store.User,
		func(in *iam.UntagUserInput) *string { return in.UserName },
		func(in *iam.UntagUserInput) []contextKey { return tagKeys(in.TagKeys) }),
	run: func(c *call, in *iam.UntagUserInput) (*iam.UntagUserOutput, error) {
		found, err := c.identity(store.User, *in.UserName)
		if err != nil {
			return nil, err
		}
		found.Tags = withoutTags(found.Tags, in.TagKeys)
		return &iam.UntagUserOutput{}, c.tx.UpdateIdentity(found)
	},
})

// ListUserTags lists the tags of a user.
func (c *Client) ListUserTags(ctx context.Context, in *iam.ListUserTagsInput,
	_ ...func(*iam.Options)) (*iam.ListUserTagsOutput, error) {
	return do(ctx, c, listUserTags, in)
}

var listUserTags = register(operation[iam.ListUserTagsInput, iam.ListUserTagsOutput]{
	name:   "ListUserTags",
	access: onUser(func(in *iam.ListUserTagsInput) *string { return in.UserName }),
	run: func(c *call, in *iam.ListUserTagsInput) (*iam.ListUserTagsOutput, error) {
		found, err := c.identity(store.User, *in.UserName)
		if err != nil {
			return nil, err
		}
		out := &iam.ListUserTagsOutput{}
		out.Tags, out.IsTruncated, out.Marker, err = listTags(found.Tags, in.Marker, in.MaxItems)
		return out, err
	},
})

// TagRole adds tags to a role. It replaces the values of existing keys.
func (c *Client) TagRole(ctx context.Context, in *iam.TagRoleInput, _ ...func(*iam.Options)) (*iam.TagRoleOutput,
	error) {
	return do(ctx, c, tagRole, in)
}

var tagRole = register(operation[iam.TagRoleInput, iam.TagRoleOutput]{
	name: "TagRole", writes: true,
	access: onTagging(store.Role,
		func(in *iam.TagRoleInput) *string { return in.RoleName },
		func(in *iam.TagRoleInput) []contextKey { return requestTags(in.Tags) }),
	run: func(c *call, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
		found, err := c.identity(store.Role, *in.RoleName)
		if err != nil {
			return nil, err
		}
		if found.Tags, err = mergeTags(found.Tags, in.Tags); err != nil {
			return nil, err
		}
		return &iam.TagRoleOutput{}, c.tx.UpdateIdentity(found)
	},
})

// UntagRole removes tags from a role.
func (c *Client) UntagRole(ctx context.Context, in *iam.UntagRoleInput, _ ...func(*iam.Options)) (*iam.UntagRoleOutput,
	error) {
	return do(ctx, c, untagRole, in)
}

var untagRole = register(operation[iam.UntagRoleInput, iam.UntagRoleOutput]{
	name: "UntagRole", writes: true,
	access: onTagging(store.Role,
		func(in *iam.UntagRoleInput) *string { return in.RoleName },
		func(in *iam.UntagRoleInput) []contextKey { return tagKeys(in.TagKeys) }),
	run: func(c *call, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
		found, err := c.identity(store.Role, *in.RoleName)
		if err != nil {
			return nil, err
		}
		found.Tags = withoutTags(found.Tags, in.TagKeys)
		return &iam.UntagRoleOutput{}, c.tx.UpdateIdentity(found)
	},
})

// ListRoleTags lists the tags of a role.
func (c *Client) ListRoleTags(ctx context.Context, in *iam.ListRoleTagsInput,
	_ ...func(*iam.Options)) (*iam.ListRoleTagsOutput, error) {
	return do(ctx, c, listRoleTags, in)
}

var listRoleTags = register(operation[iam.ListRoleTagsInput, iam.ListRoleTagsOutput]{
	name:   "ListRoleTags",
	access: onRole(func(in *iam.ListRoleTagsInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
		found, err := c.identity(store.Role, *in.RoleName)
		if err != nil {
			return nil, err
		}
		out := &iam.ListRoleTagsOutput{}
		out.Tags, out.IsTruncated, out.Marker, err = listTags(found.Tags, in.Marker, in.MaxItems)
		return out, err
	},
})

// TagPolicy adds tags to a managed policy of the account. It replaces the values of existing keys.
func (c *Client) TagPolicy(ctx context.Context, in *iam.TagPolicyInput, _ ...func(*iam.Options)) (*iam.TagPolicyOutput,
	error) {
	return do(ctx, c, tagPolicy, in)
}

var tagPolicy = register(operation[iam.TagPolicyInput, iam.TagPolicyOutput]{
	name: "TagPolicy", writes: true,
	access: func(c *call, in *iam.TagPolicyInput) ([]access, error) {
		a, err := c.policyAccess(*in.PolicyArn)
		return []access{a.withKeys(requestTags(in.Tags)...)}, err
	},
	run: func(c *call, in *iam.TagPolicyInput) (*iam.TagPolicyOutput, error) {
		found, err := c.policyToChange(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		if found.Tags, err = mergeTags(found.Tags, in.Tags); err != nil {
			return nil, err
		}
		return &iam.TagPolicyOutput{}, c.tx.UpdatePolicy(found)
	},
})

// UntagPolicy removes tags from a managed policy of the account.
func (c *Client) UntagPolicy(ctx context.Context, in *iam.UntagPolicyInput,
	_ ...func(*iam.Options)) (*iam.UntagPolicyOutput, error) {
	return do(ctx, c, untagPolicy, in)
}

var untagPolicy = register(operation[iam.UntagPolicyInput, iam.UntagPolicyOutput]{
	name: "UntagPolicy", writes: true,
	access: func(c *call, in *iam.UntagPolicyInput) ([]access, error) {
		a, err := c.policyAccess(*in.PolicyArn)
		return []access{a.withKeys(tagKeys(in.TagKeys)...)}, err
	},
	run: func(c *call, in *iam.UntagPolicyInput) (*iam.UntagPolicyOutput, error) {
		found, err := c.policyToChange(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		found.Tags = withoutTags(found.Tags, in.TagKeys)
		return &iam.UntagPolicyOutput{}, c.tx.UpdatePolicy(found)
	},
})

// ListPolicyTags lists the tags of a managed policy.
func (c *Client) ListPolicyTags(ctx context.Context, in *iam.ListPolicyTagsInput,
	_ ...func(*iam.Options)) (*iam.ListPolicyTagsOutput, error) {
	return do(ctx, c, listPolicyTags, in)
}

var listPolicyTags = register(operation[iam.ListPolicyTagsInput, iam.ListPolicyTagsOutput]{
	name:   "ListPolicyTags",
	access: onPolicy(func(in *iam.ListPolicyTagsInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.ListPolicyTagsInput) (*iam.ListPolicyTagsOutput, error) {
		found, err := c.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		out := &iam.ListPolicyTagsOutput{}
		out.Tags, out.IsTruncated, out.Marker, err = listTags(found.Tags, in.Marker, in.MaxItems)
		return out, err
	},
})
