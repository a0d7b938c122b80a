package engine

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// awsOwner is the owner of AWS's managed policies. Callers may attach these policies, but nobody may
// change them.
const awsOwner = "aws"

// CreatePolicy creates a managed policy with its first version.
func (c *Client) CreatePolicy(ctx context.Context, in *iam.CreatePolicyInput,
	_ ...func(*iam.Options)) (*iam.CreatePolicyOutput, error) {
	return do(ctx, c, createPolicy, in)
}

var createPolicy = register(operation[iam.CreatePolicyInput, iam.CreatePolicyOutput]{
	name: "CreatePolicy", writes: true,
	access: func(c *call, in *iam.CreatePolicyInput) ([]access, error) {
		arn := c.engine.policyARN(store.Policy{Path: pathOrDefault(in.Path), Name: *in.PolicyName})
		need := access{resource: arn, keys: requestTags(in.Tags)}
		if len(in.Tags) == 0 {
			return []access{need}, nil
		}
		return []access{need, need.withAction("iam:TagPolicy")}, nil
	},
	run: func(c *call, in *iam.CreatePolicyInput) (*iam.CreatePolicyOutput, error) {
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		created, err := c.newPolicy(in, limits)
		if err != nil {
			return nil, err
		}
		count, err := c.tx.CountPolicies("")
		if err != nil {
			return nil, err
		}
		if err := c.insertPolicy(created, *in.PolicyDocument); err != nil {
			return nil, err
		}
		// After the insertion, because the error for an existing name comes first.
		if err := limits.checkAccountCount(account.PolicyKind, count+1); err != nil {
			return nil, err
		}
		out := c.listedPolicy(created)
		out.Tags = tagsIfAny(created.Tags) // AWS omits the description here
		return &iam.CreatePolicyOutput{Policy: &out}, nil
	},
})

// newPolicy checks the input of a new managed policy and returns the policy, without storing it.
func (c *call) newPolicy(in *iam.CreatePolicyInput, limits Limits) (store.Policy, error) {
	tags, err := newTags(in.Tags)
	if err != nil {
		return store.Policy{}, err
	}
	if err := c.checkManagedPolicy(*in.PolicyDocument, limits); err != nil {
		return store.Policy{}, err
	}
	return store.Policy{
		ID: credential.NewID("ANPA"), Name: *in.PolicyName, Path: pathOrDefault(in.Path),
		Description: aws.ToString(in.Description),
		Created:     c.now, Updated: c.now, DefaultVersion: 1, LastVersion: 1, Tags: tags,
	}, nil
}

// insertPolicy stores a new managed policy with its first version, unless the name exists already.
func (c *call) insertPolicy(p store.Policy, document string) error {
	err := c.tx.InsertPolicy(p)
	if errors.Is(err, store.ErrExists) {
		return entityAlreadyExists("A policy called %s already exists. Duplicate names are not allowed.", p.Name)
	}
	if err != nil {
		return err
	}
	c.addAuditSubject(p.ID)
	return c.tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: p.ID, Number: 1, Document: document, Created: c.now})
}

// GetPolicy returns a managed policy without its document, which GetPolicyVersion returns.
func (c *Client) GetPolicy(ctx context.Context, in *iam.GetPolicyInput, _ ...func(*iam.Options)) (*iam.GetPolicyOutput,
	error) {
	return do(ctx, c, getPolicy, in)
}

var getPolicy = register(operation[iam.GetPolicyInput, iam.GetPolicyOutput]{
	name:   "GetPolicy",
	access: onPolicy(func(in *iam.GetPolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.GetPolicyInput) (*iam.GetPolicyOutput, error) {
		found, err := c.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		out := c.listedPolicy(found)
		out.Tags = apiTags(found.Tags)
		if found.Description != "" {
			out.Description = aws.String(found.Description)
		}
		return &iam.GetPolicyOutput{Policy: &out}, nil
	},
})

// ListPolicies lists managed policies: first those of the account, then AWS's.
func (c *Client) ListPolicies(ctx context.Context, in *iam.ListPoliciesInput,
	_ ...func(*iam.Options)) (*iam.ListPoliciesOutput, error) {
	return do(ctx, c, listPolicies, in)
}

var listPolicies = register(operation[iam.ListPoliciesInput, iam.ListPoliciesOutput]{
	name:   "ListPolicies",
	access: onAll[iam.ListPoliciesInput],
	run: func(c *call, in *iam.ListPoliciesInput) (*iam.ListPoliciesOutput, error) {
		owners := []string{"", awsOwner}
		switch in.Scope {
		case iamtypes.PolicyScopeTypeLocal:
			owners = owners[:1]
		case iamtypes.PolicyScopeTypeAws:
			owners = owners[1:]
		}
		filter := store.PolicyFilter{Attached: in.OnlyAttached, Usage: store.Usage(in.PolicyUsageFilter)}
		found, truncated, next, err := listInTurn(in.Marker, in.MaxItems, in.PathPrefix, owners,
			func(owner string, page store.Page) ([]store.Policy, error) {
				if owner == awsOwner {
					return c.listAWSPolicies(filter, page)
				}
				ofOwner := filter
				ofOwner.Owner = &owner
				return c.tx.Policies(ofOwner, page)
			},
			func(p store.Policy) string { return p.Owner + "/" + p.Name })
		if err != nil {
			return nil, err
		}
		out := &iam.ListPoliciesOutput{Policies: []iamtypes.Policy{}, IsTruncated: truncated, Marker: next}
		for _, p := range found {
			out.Policies = append(out.Policies, c.listedPolicy(p))
		}
		return out, nil
	},
})

// DeletePolicy deletes a managed policy that is not in use, together with its default version.
func (c *Client) DeletePolicy(ctx context.Context, in *iam.DeletePolicyInput,
	_ ...func(*iam.Options)) (*iam.DeletePolicyOutput, error) {
	return do(ctx, c, deletePolicy, in)
}

var deletePolicy = register(operation[iam.DeletePolicyInput, iam.DeletePolicyOutput]{
	name: "DeletePolicy", writes: true,
	access: onPolicy(func(in *iam.DeletePolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.DeletePolicyInput) (*iam.DeletePolicyOutput, error) {
		found, err := c.policyToChange(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		if err := c.requireUnusedPolicy(found); err != nil {
			return nil, err
		}
		return &iam.DeletePolicyOutput{}, c.tx.DeletePolicy(found.ID)
	},
})

// requireUnusedPolicy returns a delete conflict if identities use the policy or if it has other
// versions than its default one. The error names all of those identities and versions.
func (c *call) requireUnusedPolicy(p store.Policy) error {
	attached, err := c.identitiesUsing(p, c.tx.AttachedTo)
	if err != nil {
		return err
	}
	conflicts := addConflict(nil, "Cannot delete a policy attached to entities", attached, c.engine.identityARN)
	withBoundary, err := c.identitiesUsing(p, c.tx.BoundaryOf)
	if err != nil {
		return err
	}
	conflicts = addConflict(conflicts, "Cannot delete a policy that is the permissions boundary of entities", withBoundary,
		c.engine.identityARN)
	versions, err := c.tx.PolicyVersions(p.ID)
	if err != nil {
		return err
	}
	versions = slices.DeleteFunc(versions, func(v store.PolicyVersion) bool { return v.Number == p.DefaultVersion })
	conflicts = addConflict(conflicts, "This policy has more than one version. Before you delete a policy, you must "+
		"delete the policy's versions. The default version is deleted with the policy", versions,
		func(v store.PolicyVersion) string { return versionID(v.Number) })
	if len(conflicts) == 0 {
		return nil
	}
	return deleteConflict("%s", strings.Join(conflicts, ". "))
}

// identitiesUsing returns the groups, users and roles that use a policy. list selects the kind of use: as an
// attached policy or as a permissions boundary.
func (c *call) identitiesUsing(
	p store.Policy, list func(policyID string, kind store.Kind, page store.Page) ([]store.Identity, error),
) ([]store.Identity, error) {
	var all []store.Identity
	for _, kind := range []store.Kind{store.Group, store.User, store.Role} {
		found, err := list(p.ID, kind, store.Page{})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// policy looks up a managed policy by its ARN, and adds it to the audit subjects.
func (c *call) policy(arn string) (store.Policy, error) {
	found, err := c.findPolicy(arn)
	if errors.Is(err, store.ErrNotFound) {
		return found, noSuchPolicy(arn)
	}
	if err == nil {
		c.addAuditSubject(found.ID)
	}
	return found, err
}

func noSuchPolicy(arn string) error { return noSuchEntity("Policy %s was not found.", arn) }

// policyToChange looks up a managed policy for a change. It refuses AWS's policies, which nobody
// may change, not even the root user.
func (c *call) policyToChange(arn string) (store.Policy, error) {
	found, err := c.policy(arn)
	if err == nil && found.Owner != "" {
		err = accessDenied("User: %s is not authorized to perform: %s on resource: policy %s because it is managed by AWS",
			c.principal.arn, c.action(), arn)
	}
	return found, err
}

var policyOwnerPattern = regexp.MustCompile(`^(\d{12}|` + awsOwner + `)$`)

// findPolicy looks up a managed policy by its ARN, without adding it to the audit subjects. The
// error is store.ErrNotFound for a missing policy or for one of another account, and an API error
// for an invalid ARN.
func (c *call) findPolicy(arn string) (store.Policy, error) {
	parsed, err := policy.ParseARN(arn)
	if err != nil {
		return store.Policy{}, validationError("ARN %s is not valid.", arn)
	}
	rest, ok := strings.CutPrefix(parsed.Resource, "policy/")
	_, name := splitPathName(rest)
	if !ok || name == "" || parsed.Partition != "aws" || parsed.Service != "iam" || parsed.Region != "" ||
		!policyOwnerPattern.MatchString(parsed.Account) {
		return store.Policy{}, invalidInput("ARN %s is not valid.", arn)
	}
	owner := ""
	switch parsed.Account {
	case c.engine.account:
	case awsOwner:
		owner = awsOwner
	default:
		return store.Policy{}, store.ErrNotFound
	}
	found, err := c.tx.Policy(owner, name)
	if owner == awsOwner && errors.Is(err, store.ErrNotFound) {
		found, err = c.unusedAWSPolicy(name)
	}
	if err == nil && c.engine.policyARN(found) != arn { // the path or the case of a letter differs
		return store.Policy{}, store.ErrNotFound
	}
	return found, err
}

func policyName(p store.Policy) string { return p.Name }

// listedPolicy returns a policy in the form of list outputs: without description and tags.
func (c *call) listedPolicy(p store.Policy) iamtypes.Policy {
	return iamtypes.Policy{
		Arn: aws.String(c.engine.policyARN(p)), PolicyId: aws.String(p.ID), PolicyName: aws.String(p.Name),
		Path:       aws.String(p.Path),
		CreateDate: aws.Time(p.Created), UpdateDate: aws.Time(p.Updated),
		DefaultVersionId:              aws.String(versionID(p.DefaultVersion)),
		AttachmentCount:               aws.Int32(int32(p.Attachments)), //nolint:gosec // an account has far fewer identities
		PermissionsBoundaryUsageCount: aws.Int32(int32(p.Boundaries)),  //nolint:gosec // an account has far fewer identities
		IsAttachable:                  true,
	}
}
