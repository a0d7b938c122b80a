package engine

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// CreatePolicyVersion adds a version to a managed policy. With SetAsDefault, the new version
// becomes the default one.
func (c *Client) CreatePolicyVersion(ctx context.Context, in *iam.CreatePolicyVersionInput,
	_ ...func(*iam.Options)) (*iam.CreatePolicyVersionOutput, error) {
	return do(ctx, c, createPolicyVersion, in)
}

var createPolicyVersion = register(operation[iam.CreatePolicyVersionInput, iam.CreatePolicyVersionOutput]{
	name: "CreatePolicyVersion", writes: true,
	access: onPolicy(func(in *iam.CreatePolicyVersionInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.CreatePolicyVersionInput) (*iam.CreatePolicyVersionOutput, error) {
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		changed, err := c.policyToChange(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		if err := c.checkManagedPolicy(*in.PolicyDocument, limits); err != nil {
			return nil, err
		}
		versions, err := c.tx.PolicyVersions(changed.ID)
		if err != nil {
			return nil, err
		}
		if limit := limits.VersionsPerPolicy; len(versions) >= limit {
			return nil, limitExceeded("A managed policy can have up to %d versions. Before you create a new version, you "+
				"must delete an existing version.", limit)
		}
		changed.LastVersion++
		changed.Updated = c.now
		if in.SetAsDefault {
			changed.DefaultVersion = changed.LastVersion
		}
		version := store.PolicyVersion{
			PolicyID: changed.ID, Number: changed.LastVersion, Document: *in.PolicyDocument, Created: c.now,
		}
		if err := errors.Join(c.tx.InsertPolicyVersion(version), c.tx.UpdatePolicy(changed)); err != nil {
			return nil, err
		}
		out := listedVersion(changed, version)
		return &iam.CreatePolicyVersionOutput{PolicyVersion: &out}, nil
	},
})

// GetPolicyVersion returns a version of a managed policy with its document.
func (c *Client) GetPolicyVersion(ctx context.Context, in *iam.GetPolicyVersionInput,
	_ ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error) {
	return do(ctx, c, getPolicyVersion, in)
}

var getPolicyVersion = register(operation[iam.GetPolicyVersionInput, iam.GetPolicyVersionOutput]{
	name:   "GetPolicyVersion",
	access: onPolicy(func(in *iam.GetPolicyVersionInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.GetPolicyVersionInput) (*iam.GetPolicyVersionOutput, error) {
		policy, version, err := c.policyVersion(*in.PolicyArn, *in.VersionId)
		if err != nil {
			return nil, err
		}
		out := listedVersion(policy, version)
		out.Document = apiDocument(version.Document)
		return &iam.GetPolicyVersionOutput{PolicyVersion: &out}, nil
	},
})

// ListPolicyVersions lists the versions of a managed policy, newest first.
func (c *Client) ListPolicyVersions(ctx context.Context, in *iam.ListPolicyVersionsInput,
	_ ...func(*iam.Options)) (*iam.ListPolicyVersionsOutput, error) {
	return do(ctx, c, listPolicyVersions, in)
}

var listPolicyVersions = register(operation[iam.ListPolicyVersionsInput, iam.ListPolicyVersionsOutput]{
	name:   "ListPolicyVersions",
	access: onPolicy(func(in *iam.ListPolicyVersionsInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.ListPolicyVersionsInput) (*iam.ListPolicyVersionsOutput, error) {
		policy, err := c.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		versions, err := c.policyVersions(policy)
		if err != nil {
			return nil, err
		}
		versions, truncated, next, err := pageInMemory(in.Marker, in.MaxItems, versions,
			func(v store.PolicyVersion) string { return versionID(v.Number) },
			func(v store.PolicyVersion, id string) bool { return v.Number < versionNumber(id) })
		if err != nil {
			return nil, err
		}
		out := &iam.ListPolicyVersionsOutput{Versions: []iamtypes.PolicyVersion{}, IsTruncated: truncated, Marker: next}
		for _, v := range versions {
			out.Versions = append(out.Versions, listedVersion(policy, v))
		}
		return out, nil
	},
})

// SetDefaultPolicyVersion sets the default version of a managed policy, which is the version that
// applies.
func (c *Client) SetDefaultPolicyVersion(ctx context.Context, in *iam.SetDefaultPolicyVersionInput,
	_ ...func(*iam.Options)) (*iam.SetDefaultPolicyVersionOutput, error) {
	return do(ctx, c, setDefaultPolicyVersion, in)
}

var setDefaultPolicyVersion = register(operation[iam.SetDefaultPolicyVersionInput, iam.SetDefaultPolicyVersionOutput]{
	name: "SetDefaultPolicyVersion", writes: true,
	access: onPolicy(func(in *iam.SetDefaultPolicyVersionInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.SetDefaultPolicyVersionInput) (*iam.SetDefaultPolicyVersionOutput, error) {
		policy, version, err := c.policyVersionToChange(*in.PolicyArn, *in.VersionId)
		if err != nil {
			return nil, err
		}
		policy.DefaultVersion = version.Number
		return &iam.SetDefaultPolicyVersionOutput{}, c.tx.UpdatePolicy(policy)
	},
})

// DeletePolicyVersion deletes a version of a managed policy other than the default one. No later
// version gets the same number.
func (c *Client) DeletePolicyVersion(ctx context.Context, in *iam.DeletePolicyVersionInput,
	_ ...func(*iam.Options)) (*iam.DeletePolicyVersionOutput, error) {
	return do(ctx, c, deletePolicyVersion, in)
}

var deletePolicyVersion = register(operation[iam.DeletePolicyVersionInput, iam.DeletePolicyVersionOutput]{
	name: "DeletePolicyVersion", writes: true,
	access: onPolicy(func(in *iam.DeletePolicyVersionInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.DeletePolicyVersionInput) (*iam.DeletePolicyVersionOutput, error) {
		policy, version, err := c.policyVersionToChange(*in.PolicyArn, *in.VersionId)
		if err != nil {
			return nil, err
		}
		if version.Number == policy.DefaultVersion {
			return nil, deleteConflict("Cannot delete the default version of a policy.")
		}
		return &iam.DeletePolicyVersionOutput{}, c.tx.DeletePolicyVersion(policy.ID, version.Number)
	},
})

// policyVersion looks up a version of a managed policy by its id, such as v2. It adds the policy to
// the audit subjects.
func (c *call) policyVersion(arn, id string) (store.Policy, store.PolicyVersion, error) {
	policy, err := c.findPolicy(arn)
	var version store.PolicyVersion
	if err == nil {
		c.addAuditSubject(policy.ID)
		version, err = c.versionOfPolicy(policy, versionNumber(id))
	}
	if errors.Is(err, store.ErrNotFound) {
		err = noSuchEntity("Policy %s version %s does not exist or is not attachable.", arn, id)
	}
	return policy, version, err
}

// policyVersionToChange looks up a version of a policy that may be changed.
func (c *call) policyVersionToChange(arn, id string) (store.Policy, store.PolicyVersion, error) {
	policy, version, err := c.policyVersion(arn, id)
	if err == nil {
		_, err = c.policyToChange(arn)
	}
	return policy, version, err
}

func versionID(number int) string { return "v" + strconv.Itoa(number) }

// versionNumber returns the number in a version's id, or 0, which no version has.
func versionNumber(id string) int {
	number, err := strconv.Atoi(strings.TrimPrefix(id, "v"))
	if err != nil {
		return 0
	}
	return number
}

// listedVersion returns a version without its document.
func listedVersion(policy store.Policy, v store.PolicyVersion) iamtypes.PolicyVersion {
	return iamtypes.PolicyVersion{
		VersionId: aws.String(versionID(v.Number)), CreateDate: aws.Time(v.Created),
		IsDefaultVersion: v.Number == policy.DefaultVersion,
	}
}
