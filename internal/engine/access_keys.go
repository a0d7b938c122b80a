package engine

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// CreateAccessKey creates an access key for a user. Without a user name, it creates the key for the
// calling user. Only this output contains the secret.
func (c *Client) CreateAccessKey(ctx context.Context, in *iam.CreateAccessKeyInput,
	_ ...func(*iam.Options)) (*iam.CreateAccessKeyOutput, error) {
	return do(ctx, c, createAccessKey, in)
}

var createAccessKey = register(operation[iam.CreateAccessKeyInput, iam.CreateAccessKeyOutput]{
	name: "CreateAccessKey", writes: true,
	access: onUser(func(in *iam.CreateAccessKeyInput) *string { return in.UserName }),
	run: func(c *call, in *iam.CreateAccessKeyInput) (*iam.CreateAccessKeyOutput, error) {
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		keys, err := c.tx.AccessKeys(user.ID)
		if err != nil {
			return nil, err
		}
		if err := limits.checkAccessKeys(len(keys) + 1); err != nil {
			return nil, err
		}
		created, secret, err := c.newAccessKey(user)
		if err != nil {
			return nil, err
		}
		return &iam.CreateAccessKeyOutput{AccessKey: &iamtypes.AccessKey{
			AccessKeyId: aws.String(created.ID), SecretAccessKey: aws.String(secret), UserName: aws.String(user.Name),
			Status: iamtypes.StatusTypeActive, CreateDate: aws.Time(created.Created),
		}}, nil
	},
})

// newAccessKey stores a new access key of a user. A part of its id encodes the account id, so the
// random part is short, and the new id may already be in use. It then tries another id.
func (c *call) newAccessKey(user store.Identity) (created store.AccessKey, secret string, err error) {
	secret = credential.NewSecretAccessKey()
	for {
		created = store.AccessKey{
			ID: credential.NewAccessKeyID("AKIA", c.engine.account), UserID: user.ID, Active: true, Created: c.now,
		}
		if created.Secret, err = c.seal(credential.AccessKeySecret, created.ID, []byte(secret)); err != nil {
			return created, "", err
		}
		if err = c.tx.InsertAccessKey(created); !errors.Is(err, store.ErrExists) {
			c.addAuditSubject(created.ID)
			return created, secret, err
		}
	}
}

// ListAccessKeys lists a user's access keys. Without a user name, it lists those of the calling user.
func (c *Client) ListAccessKeys(ctx context.Context, in *iam.ListAccessKeysInput,
	_ ...func(*iam.Options)) (*iam.ListAccessKeysOutput, error) {
	return do(ctx, c, listAccessKeys, in)
}

var listAccessKeys = register(operation[iam.ListAccessKeysInput, iam.ListAccessKeysOutput]{
	name:   "ListAccessKeys",
	access: onUser(func(in *iam.ListAccessKeysInput) *string { return in.UserName }),
	run: func(c *call, in *iam.ListAccessKeysInput) (*iam.ListAccessKeysOutput, error) {
		page, err := pageOf(in.Marker, in.MaxItems, nil)
		if err != nil {
			return nil, err
		}
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		keys, err := c.tx.AccessKeys(user.ID)
		if err != nil {
			return nil, err
		}
		id := func(k store.AccessKey) string { return k.ID }
		out := &iam.ListAccessKeysOutput{AccessKeyMetadata: []iamtypes.AccessKeyMetadata{}}
		keys, out.IsTruncated, out.Marker = cutPage(page, afterMarker(page, keys, id), id)
		for _, k := range keys {
			out.AccessKeyMetadata = append(out.AccessKeyMetadata, iamtypes.AccessKeyMetadata{
				AccessKeyId: aws.String(k.ID), UserName: aws.String(user.Name), Status: keyStatus(k),
				CreateDate: aws.Time(k.Created),
			})
		}
		return out, nil
	},
})

func keyStatus(k store.AccessKey) iamtypes.StatusType {
	if k.Active {
		return iamtypes.StatusTypeActive
	}
	return iamtypes.StatusTypeInactive
}

// UpdateAccessKey activates or deactivates an access key.
func (c *Client) UpdateAccessKey(ctx context.Context, in *iam.UpdateAccessKeyInput,
	_ ...func(*iam.Options)) (*iam.UpdateAccessKeyOutput, error) {
	return do(ctx, c, updateAccessKey, in)
}

var updateAccessKey = register(operation[iam.UpdateAccessKeyInput, iam.UpdateAccessKeyOutput]{
	name: "UpdateAccessKey", writes: true,
	access: onUser(func(in *iam.UpdateAccessKeyInput) *string { return in.UserName }),
	run: func(c *call, in *iam.UpdateAccessKeyInput) (*iam.UpdateAccessKeyOutput, error) {
		k, err := c.accessKeyOf(in.UserName, *in.AccessKeyId)
		if err != nil {
			return nil, err
		}
		switch in.Status {
		case iamtypes.StatusTypeActive, iamtypes.StatusTypeInactive:
			k.Active = in.Status == iamtypes.StatusTypeActive
		default:
			return nil, invalidInput("The status %q is not possible for an access key: expected Active or Inactive.", in.Status)
		}
		return &iam.UpdateAccessKeyOutput{}, c.tx.UpdateAccessKey(k)
	},
})

// accessKeyOf looks up an access key of a user. Without a user name, the key must be one of the
// calling user.
func (c *call) accessKeyOf(userName *string, id string) (store.AccessKey, error) {
	user, err := c.userOrSelf(userName)
	if err != nil {
		return store.AccessKey{}, err
	}
	k, err := c.tx.AccessKey(id)
	if err == nil && k.UserID != user.ID {
		err = store.ErrNotFound
	}
	c.addAuditSubject(id)
	return k, asMissingAccessKey(err, id)
}

// asMissingAccessKey turns store.ErrNotFound into the API's error for a missing access key.
func asMissingAccessKey(err error, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return noSuchEntity("The Access Key with id %s cannot be found.", id)
	}
	return err
}

// keyAccess returns the access to the user of an access key. For a missing key it returns the access
// to all users. Thus only callers with permission for all users learn that the key is missing.
func (c *call) keyAccess(id string) (access, error) {
	k, err := c.tx.AccessKey(id)
	if errors.Is(err, store.ErrNotFound) {
		return access{resource: c.engine.iamARN("user/*")}, nil
	}
	if err != nil {
		return access{}, err
	}
	user, err := c.tx.IdentityByID(k.UserID)
	return c.accessTo(user), err
}

// DeleteAccessKey deletes an access key. Sessions that the key started continue until they expire or
// somebody revokes them.
func (c *Client) DeleteAccessKey(ctx context.Context, in *iam.DeleteAccessKeyInput,
	_ ...func(*iam.Options)) (*iam.DeleteAccessKeyOutput, error) {
	return do(ctx, c, deleteAccessKey, in)
}

var deleteAccessKey = register(operation[iam.DeleteAccessKeyInput, iam.DeleteAccessKeyOutput]{
	name: "DeleteAccessKey", writes: true,
	access: onUser(func(in *iam.DeleteAccessKeyInput) *string { return in.UserName }),
	run: func(c *call, in *iam.DeleteAccessKeyInput) (*iam.DeleteAccessKeyOutput, error) {
		k, err := c.accessKeyOf(in.UserName, *in.AccessKeyId)
		if err != nil {
			return nil, err
		}
		return &iam.DeleteAccessKeyOutput{}, c.tx.DeleteAccessKey(k.ID)
	},
})

// GetAccessKeyLastUsed returns the user of an access key, and the time, service and region of its
// last use.
func (c *Client) GetAccessKeyLastUsed(ctx context.Context, in *iam.GetAccessKeyLastUsedInput,
	_ ...func(*iam.Options)) (*iam.GetAccessKeyLastUsedOutput, error) {
	return do(ctx, c, getAccessKeyLastUsed, in)
}

var getAccessKeyLastUsed = register(operation[iam.GetAccessKeyLastUsedInput, iam.GetAccessKeyLastUsedOutput]{
	name: "GetAccessKeyLastUsed",
	access: func(c *call, in *iam.GetAccessKeyLastUsedInput) ([]access, error) {
		need, err := c.keyAccess(*in.AccessKeyId)
		return []access{need}, err
	},
	run: func(c *call, in *iam.GetAccessKeyLastUsedInput) (*iam.GetAccessKeyLastUsedOutput, error) {
		k, err := c.tx.AccessKey(*in.AccessKeyId)
		if errors.Is(err, store.ErrNotFound) { // AWS returns this error even to callers with permission for all users
			err = accessDenied("User: %s is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key %s",
				c.principal.arn, *in.AccessKeyId)
		}
		if err != nil {
			return nil, err
		}
		user, err := c.tx.IdentityByID(k.UserID)
		if err != nil {
			return nil, err
		}
		c.addAuditSubject(user.ID)
		lastUsed := &iamtypes.AccessKeyLastUsed{ServiceName: aws.String("N/A"), Region: aws.String("N/A")}
		if !k.LastUsed.IsZero() {
			lastUsed.LastUsedDate = aws.Time(k.LastUsed)
			lastUsed.ServiceName, lastUsed.Region = aws.String(k.LastUsedService), aws.String(k.LastUsedRegion)
		}
		return &iam.GetAccessKeyLastUsedOutput{UserName: aws.String(user.Name), AccessKeyLastUsed: lastUsed}, nil
	},
})
