package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// TagMFADevice adds tags to a virtual MFA device. It replaces the values of existing keys.
func (c *Client) TagMFADevice(ctx context.Context, in *iam.TagMFADeviceInput,
	_ ...func(*iam.Options)) (*iam.TagMFADeviceOutput, error) {
	return do(ctx, c, tagMFADevice, in)
}

var tagMFADevice = register(operation[iam.TagMFADeviceInput, iam.TagMFADeviceOutput]{
	name: "TagMFADevice", writes: true,
	access: onTaggingDevice(
		func(in *iam.TagMFADeviceInput) *string { return in.SerialNumber },
		func(in *iam.TagMFADeviceInput) []contextKey { return requestTags(in.Tags) }),
	run: func(c *call, in *iam.TagMFADeviceInput) (*iam.TagMFADeviceOutput, error) {
		found, err := c.mfaDevice(*in.SerialNumber)
		if err != nil {
			return nil, err
		}
		if found.Tags, err = mergeTags(found.Tags, in.Tags); err != nil {
			return nil, err
		}
		return &iam.TagMFADeviceOutput{}, c.tx.UpdateMFADevice(found)
	},
})

// onTaggingDevice returns the access function of an operation that sets or removes tags of a
// device.
func onTaggingDevice[I any](serial func(*I) *string, keys func(*I) []contextKey) func(*call, *I) ([]access, error) {
	accessToDevice := onDevice(serial)
	return func(c *call, in *I) ([]access, error) {
		needs, err := accessToDevice(c, in)
		if err != nil {
			return nil, err
		}
		return []access{needs[0].withKeys(keys(in)...)}, nil
	}
}

// UntagMFADevice removes tags from a virtual MFA device.
func (c *Client) UntagMFADevice(ctx context.Context, in *iam.UntagMFADeviceInput,
	_ ...func(*iam.Options)) (*iam.UntagMFADeviceOutput, error) {
	return do(ctx, c, untagMFADevice, in)
}

var untagMFADevice = register(operation[iam.UntagMFADeviceInput, iam.UntagMFADeviceOutput]{
	name: "UntagMFADevice", writes: true,
	access: onTaggingDevice(
		func(in *iam.UntagMFADeviceInput) *string { return in.SerialNumber },
		func(in *iam.UntagMFADeviceInput) []contextKey { return tagKeys(in.TagKeys) }),
	run: func(c *call, in *iam.UntagMFADeviceInput) (*iam.UntagMFADeviceOutput, error) {
		found, err := c.mfaDevice(*in.SerialNumber)
		if err != nil {
			return nil, err
		}
		found.Tags = withoutTags(found.Tags, in.TagKeys)
		return &iam.UntagMFADeviceOutput{}, c.tx.UpdateMFADevice(found)
	},
})

// ListMFADeviceTags lists the tags of a virtual MFA device.
func (c *Client) ListMFADeviceTags(ctx context.Context, in *iam.ListMFADeviceTagsInput,
	_ ...func(*iam.Options)) (*iam.ListMFADeviceTagsOutput, error) {
	return do(ctx, c, listMFADeviceTags, in)
}

var listMFADeviceTags = register(operation[iam.ListMFADeviceTagsInput, iam.ListMFADeviceTagsOutput]{
	name:   "ListMFADeviceTags",
	access: onDevice(func(in *iam.ListMFADeviceTagsInput) *string { return in.SerialNumber }),
	run: func(c *call, in *iam.ListMFADeviceTagsInput) (*iam.ListMFADeviceTagsOutput, error) {
		found, err := c.mfaDevice(*in.SerialNumber)
		if err != nil {
			return nil, err
		}
		out := &iam.ListMFADeviceTagsOutput{}
		out.Tags, out.IsTruncated, out.Marker, err = listTags(found.Tags, in.Marker, in.MaxItems)
		return out, err
	},
})
