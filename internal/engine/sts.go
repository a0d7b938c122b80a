package engine

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

// GetCallerIdentity returns the principal of the caller. The caller needs no permission, and no
// policy can deny the call.
func (c *Client) GetCallerIdentity(ctx context.Context, in *sts.GetCallerIdentityInput,
	_ ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return do(ctx, c, getCallerIdentity, in)
}

var getCallerIdentity = register(operation[sts.GetCallerIdentityInput, sts.GetCallerIdentityOutput]{
	name: "GetCallerIdentity",
	run: func(c *call, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
		return &sts.GetCallerIdentityOutput{
			Account: aws.String(c.engine.account), Arn: aws.String(c.principal.arn), UserId: aws.String(c.principal.userID),
		}, nil
	},
})

// GetAccessKeyInfo returns the account id that the id of an access key contains. The access key
// need not exist.
func (c *Client) GetAccessKeyInfo(ctx context.Context, in *sts.GetAccessKeyInfoInput,
	_ ...func(*sts.Options)) (*sts.GetAccessKeyInfoOutput, error) {
	return do(ctx, c, getAccessKeyInfo, in)
}

var getAccessKeyInfo = register(operation[sts.GetAccessKeyInfoInput, sts.GetAccessKeyInfoOutput]{
	name:   "GetAccessKeyInfo",
	access: onAll[sts.GetAccessKeyInfoInput],
	run: func(_ *call, in *sts.GetAccessKeyInfoInput) (*sts.GetAccessKeyInfoOutput, error) {
		account, err := credential.AccountOfAccessKey(*in.AccessKeyId)
		if err != nil {
			return nil, validationError("Invalid Access Key ID: %s", err)
		}
		return &sts.GetAccessKeyInfoOutput{Account: aws.String(account)}, nil
	},
})

// DecodeAuthorizationMessage decodes the encoded message of a denial, which contains the reasons
// for it.
func (c *Client) DecodeAuthorizationMessage(ctx context.Context, in *sts.DecodeAuthorizationMessageInput,
	_ ...func(*sts.Options)) (*sts.DecodeAuthorizationMessageOutput, error) {
	return do(ctx, c, decodeAuthorizationMessage, in)
}

var decodeAuthorizationMessage = register(operation[sts.DecodeAuthorizationMessageInput,
	sts.DecodeAuthorizationMessageOutput]{
	name:   "DecodeAuthorizationMessage",
	access: onAll[sts.DecodeAuthorizationMessageInput],
	run: func(c *call, in *sts.DecodeAuthorizationMessageInput) (*sts.DecodeAuthorizationMessageOutput, error) {
		text, err := c.open(credential.AuthorizationMessage, c.engine.account, *in.EncodedMessage)
		if err != nil {
			return nil, &ststypes.InvalidAuthorizationMessageException{Message: aws.String(
				"Message is not valid: another account encoded it, part of it is missing, or the master key was replaced since")}
		}
		var decodedDenial denial
		if err := json.Unmarshal(text, &decodedDenial); err != nil {
			return nil, err
		}
		decoded, err := json.Marshal(decodedDenial.toAPI())
		return &sts.DecodeAuthorizationMessageOutput{DecodedMessage: aws.String(string(decoded))}, err
	},
})

// toAPI returns the denial in the form of AWS's DecodeAuthorizationMessage. In addition, the result
// contains the reason, the nearest miss and the missing keys.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
func (d denial) toAPI() map[string]any {
	items := func(list []map[string]any) map[string]any { return map[string]any{"items": list} }
	statements := []map[string]any{}
	for _, s := range d.MatchedStatements {
		statements = append(statements, map[string]any{"statement": s})
	}
	conditions := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(d.Context.Conditions)) {
		values := []map[string]any{}
		for _, v := range d.Context.Conditions[name] {
			values = append(values, map[string]any{"value": v})
		}
		conditions = append(conditions, map[string]any{"key": name, "values": items(values)})
	}
	out := map[string]any{
		"allowed": d.Allowed, "explicitDeny": d.ExplicitDeny,
		"matchedStatements": items(statements), "failures": items([]map[string]any{}),
		"reason": d.Reason,
		"context": map[string]any{
			"principal": map[string]any{"id": d.Context.Principal.ID, "arn": d.Context.Principal.ARN},
			"action":    d.Context.Action, "resource": d.Context.Resource,
			"conditions": items(conditions),
		},
	}
	if d.NearestMiss != "" {
		out["nearestMiss"] = d.NearestMiss
	}
	if len(d.MissingKeys) > 0 {
		out["missingKeys"] = d.MissingKeys
	}
	return out
}
