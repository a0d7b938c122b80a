package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog/awspolicies"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// DescribeAWSPoliciesInput is the empty input of [Client.DescribeAWSPolicies].
type DescribeAWSPoliciesInput struct{}

// DescribeAWSPoliciesOutput describes the set of AWS's managed policies that the account has.
type DescribeAWSPoliciesOutput struct {
	Policies int
	// Date is the time of the newest change of a policy in the set.
	Date time.Time
	// BuiltIn says that the set is that of the program, because the operator has not loaded another one.
	BuiltIn bool

	ResultMetadata middleware.Metadata
}

// DescribeAWSPolicies describes the set of AWS's managed policies that the account has. Only the local operator may
// call it.
func (c *Client) DescribeAWSPolicies(ctx context.Context, in *DescribeAWSPoliciesInput) (*DescribeAWSPoliciesOutput,
	error) {
	return do(ctx, c, describeAWSPolicies, in)
}

var describeAWSPolicies = registerExtension("Describes the set of AWS's managed policies that the account has.", nil,
	[]model.Member{
		member("Policies", &integerShape, "The number of policies."),
		member("Date", &timeShape, "The time of the newest change of a policy."),
		member("BuiltIn", &booleanShape, "Whether the set is that of the program."),
	},
	operation[DescribeAWSPoliciesInput, DescribeAWSPoliciesOutput]{
		name: "DescribeAWSPolicies", audience: localOperatorOnly,
		run: func(c *call, _ *DescribeAWSPoliciesInput) (*DescribeAWSPoliciesOutput, error) {
			set, err := c.engine.awsPolicySet(c.tx)
			if err != nil {
				return nil, err
			}
			all, err := set.All()
			if err != nil {
				return nil, err
			}
			out := &DescribeAWSPoliciesOutput{Policies: len(all), BuiltIn: set == awspolicies.BuiltIn()}
			out.Date, err = set.Date()
			return out, err
		},
	})

// LoadAWSPoliciesInput has the new set of AWS's managed policies.
type LoadAWSPoliciesInput struct {
	// Text is the set as JSON lines, in the form of [awspolicies.Read].
	Text []byte
	// BuiltIn replaces a loaded set with the set of the program. Text must then be empty.
	BuiltIn bool
}

// LoadAWSPoliciesOutput describes the new set and its effect on the policies in use.
type LoadAWSPoliciesOutput struct {
	Policies int
	Date     time.Time
	// Changed has a sentence about each policy in use with another document than before.
	Changed []string
	// Withdrawn has the ARNs of the policies in use that the new set lacks. They remain, but nobody can attach them to
	// another user, group or role once the last one no longer has them.
	Withdrawn []string
	// Unreadable has a sentence about each policy of the set that this engine cannot evaluate. It denies every request
	// of a user, group or role that has it.
	Unreadable []string

	ResultMetadata middleware.Metadata
}

// LoadAWSPolicies replaces the set of AWS's managed policies. A policy in use gets its new default version at once, as
// on AWS. Access assertions are checked as for every other change. Only the local operator may call LoadAWSPolicies.
func (c *Client) LoadAWSPolicies(ctx context.Context, in *LoadAWSPoliciesInput) (*LoadAWSPoliciesOutput, error) {
	return do(ctx, c, loadAWSPolicies, in)
}

// preparedAWSPolicies is a new set that was read before the transaction.
type preparedAWSPolicies struct {
	set        *awspolicies.Set
	unreadable []string
}

var loadAWSPolicies = registerExtension("Replaces the set of AWS's managed policies.",
	[]model.Member{
		member("Text", &bytesShape, "The set as JSON lines."),
		member("BuiltIn", &booleanShape, "Whether to use the set of the program."),
	},
	[]model.Member{
		member("Policies", &integerShape, "The number of policies."),
		member("Date", &timeShape, "The time of the newest change of a policy."),
		member("Changed", &textListShape, "A sentence about each policy in use with another document."),
		member("Withdrawn", &textListShape, "The ARNs of the policies in use that the set lacks."),
		member("Unreadable", &textListShape, "A sentence about each policy that the engine cannot evaluate."),
	},
	operation[LoadAWSPoliciesInput, LoadAWSPoliciesOutput]{
		name: "LoadAWSPolicies", writes: true, audience: localOperatorOnly,
		prepare: func(c *call, in *LoadAWSPoliciesInput) error {
			prepared := preparedAWSPolicies{set: awspolicies.BuiltIn()}
			if in.BuiltIn == (len(in.Text) > 0) {
				return validationError("Either Text or BuiltIn is required, and not both.")
			}
			var err error
			if !in.BuiltIn {
				if prepared.set, err = awspolicies.Read(in.Text); err != nil {
					return invalidInput("Reading the set of AWS's managed policies failed, and nothing was loaded: %s", err)
				}
				if prepared.unreadable, err = unreadablePolicies(prepared.set); err != nil {
					return err
				}
			}
			c.prepared = prepared
			return nil
		},
		run: func(c *call, in *LoadAWSPoliciesInput) (*LoadAWSPoliciesOutput, error) {
			prepared := c.prepared.(preparedAWSPolicies)
			out := &LoadAWSPoliciesOutput{Unreadable: prepared.unreadable}
			all, err := prepared.set.All()
			if err != nil {
				return nil, err
			}
			out.Policies = len(all)
			if out.Date, err = prepared.set.Date(); err != nil {
				return nil, err
			}
			if err := c.putAWSPolicySet(prepared.set, in.BuiltIn); err != nil {
				return nil, err
			}
			owner := awsOwner
			inUse, err := c.tx.Policies(store.PolicyFilter{Owner: &owner}, store.Page{})
			if err != nil {
				return nil, err
			}
			for _, p := range inUse {
				if err := c.updateAWSPolicy(p, prepared.set, out); err != nil {
					return nil, err
				}
			}
			return out, nil
		},
		describe: func(c *call, in *LoadAWSPoliciesInput, out *LoadAWSPoliciesOutput, event *audit.Event) {
			event.RequestParameters = map[string]any{"builtIn": in.BuiltIn}
			if !in.BuiltIn {
				event.RequestParameters["sha256"] = sha256Hex(in.Text) // the text is too long for an audit record
			}
			if out != nil {
				event.ResponseElements = map[string]any{
					"policies": out.Policies, "date": out.Date.UTC().Format(time.RFC3339),
					"changed": len(out.Changed), "withdrawn": len(out.Withdrawn), "unreadable": len(out.Unreadable),
				}
			}
		},
	})

func sha256Hex(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}

// putAWSPolicySet stores a set, or deletes the stored one if the built-in set replaces it.
func (c *call) putAWSPolicySet(set *awspolicies.Set, builtIn bool) error {
	if builtIn {
		for _, name := range []string{awsPoliciesSetting, awsPoliciesDataSetting} {
			if err := c.tx.DeleteSetting(name); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return nil
	}
	return errors.Join(c.tx.PutSetting(awsPoliciesSetting, []byte(sha256Hex(set.Packed()))),
		c.tx.PutSetting(awsPoliciesDataSetting, set.Packed()))
}

// updateAWSPolicy gives a policy in use the default version of a new set.
func (c *call) updateAWSPolicy(p store.Policy, set *awspolicies.Set, out *LoadAWSPoliciesOutput) error {
	arn := c.engine.policyARN(p)
	found, ok, err := set.Find(p.Name)
	if err != nil {
		return err
	}
	if !ok || found.ARN() != arn {
		out.Withdrawn = append(out.Withdrawn, arn)
		return nil
	}
	text, err := set.Document(found)
	if err != nil {
		return err
	}
	before, err := c.tx.PolicyVersion(p.ID, p.DefaultVersion)
	if err != nil {
		return err
	}
	updated, version := awsPolicyRecords(found, text)
	updated.ID, version.PolicyID, updated.Tags = p.ID, p.ID, p.Tags
	if before.Document == text && p.DefaultVersion == updated.DefaultVersion && p.Updated.Equal(updated.Updated) &&
		p.Description == updated.Description {
		return nil
	}
	c.addAuditSubject(p.ID)
	if before.Document != text {
		out.Changed = append(out.Changed,
			fmt.Sprintf("%s: %s → %s", arn, versionID(p.DefaultVersion), versionID(version.Number)))
	}
	// The set has one version of each policy. The policy is without its default version for a moment, because the new
	// version may have the number of an old one.
	old, err := c.tx.PolicyVersions(p.ID)
	if err != nil {
		return err
	}
	withoutDefault := p
	withoutDefault.DefaultVersion = 0
	if err := c.tx.UpdatePolicy(withoutDefault); err != nil {
		return err
	}
	for _, v := range old {
		if err := c.tx.DeletePolicyVersion(p.ID, v.Number); err != nil {
			return err
		}
	}
	return errors.Join(c.tx.InsertPolicyVersion(version), c.tx.UpdatePolicy(updated))
}

// unreadablePolicies returns a sentence about each policy that the engine cannot evaluate.
func unreadablePolicies(set *awspolicies.Set) ([]string, error) {
	all, err := set.All()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range all {
		text, err := set.Document(p)
		if err != nil {
			return nil, err
		}
		if _, err := authz.CompileText(authz.Identity, p.ARN(), text); err != nil {
			out = append(out, fmt.Sprintf("%s: %s", p.ARN(), err))
		}
	}
	return out, nil
}
