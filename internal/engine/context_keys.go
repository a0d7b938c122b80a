package engine

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// GetContextKeysForCustomPolicy lists the context keys that the policies of the input use, in
// conditions and as policy variables.
func (c *Client) GetContextKeysForCustomPolicy(ctx context.Context, in *iam.GetContextKeysForCustomPolicyInput,
	_ ...func(*iam.Options)) (*iam.GetContextKeysForCustomPolicyOutput, error) {
	return do(ctx, c, getContextKeysForCustomPolicy, in)
}

var getContextKeysForCustomPolicy = register(operation[iam.GetContextKeysForCustomPolicyInput,
	iam.GetContextKeysForCustomPolicyOutput]{
	name:   "GetContextKeysForCustomPolicy",
	access: onAll[iam.GetContextKeysForCustomPolicyInput],
	run: func(_ *call, in *iam.GetContextKeysForCustomPolicyInput) (*iam.GetContextKeysForCustomPolicyOutput, error) {
		keys, err := contextKeysOf(inputPolicies(in.PolicyInputList))
		return &iam.GetContextKeysForCustomPolicyOutput{ContextKeyNames: keys}, err
	},
})

// GetContextKeysForPrincipalPolicy lists the context keys that the policies of a user, group or role
// use, in conditions and as policy variables. For a user, it includes the policies of the user's
// groups. It also includes the policies of the input.
func (c *Client) GetContextKeysForPrincipalPolicy(ctx context.Context, in *iam.GetContextKeysForPrincipalPolicyInput,
	_ ...func(*iam.Options)) (*iam.GetContextKeysForPrincipalPolicyOutput, error) {
	return do(ctx, c, getContextKeysForPrincipalPolicy, in)
}

var getContextKeysForPrincipalPolicy = register(operation[iam.GetContextKeysForPrincipalPolicyInput,
	iam.GetContextKeysForPrincipalPolicyOutput]{
	name: "GetContextKeysForPrincipalPolicy",
	access: func(c *call, in *iam.GetContextKeysForPrincipalPolicyInput) ([]access, error) {
		return c.policySourceAccess(*in.PolicySourceArn)
	},
	run: func(c *call, in *iam.GetContextKeysForPrincipalPolicyInput) (*iam.GetContextKeysForPrincipalPolicyOutput,
		error) {
		source, err := c.policySource(*in.PolicySourceArn)
		if err != nil {
			return nil, err
		}
		policies := append(inputPolicies(in.PolicyInputList), source.direct...)
		policies = append(policies, source.groups...)
		if source.boundary != nil {
			policies = append(policies, *source.boundary)
		}
		keys, err := contextKeysOf(policies)
		return &iam.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: keys}, err
	},
})

// contextKeysOf returns the context keys of policies, sorted. If policies spell a key differently, it
// returns the first spelling.
func contextKeysOf(policies []simulatedPolicy) ([]string, error) {
	keys := contextKeySet{}
	for i := range policies {
		doc, err := policies[i].parse()
		if err != nil {
			return nil, err
		}
		keys.addDocument(doc)
	}
	return keys.names(), nil
}

// contextKeySet is a set of names of context keys, which do not depend on case. It maps each name in
// lower case to its first spelling.
type contextKeySet map[string]string

func (s contextKeySet) add(name string) {
	if folded := ascii.Fold(name); s[folded] == "" {
		s[folded] = name
	}
}

func (s contextKeySet) has(name string) bool { return s[ascii.Fold(name)] != "" }

func (s contextKeySet) names() []string {
	names := make([]string, 0, len(s))
	for _, name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// addDocument adds the context keys of a policy.
func (s contextKeySet) addDocument(doc *policy.Document) {
	hasVariables := doc.Version.Value == policy.Version2012 // older policies have no policy variables
	addVariables := func(list *policy.List) {
		if list == nil || !hasVariables {
			return
		}
		for _, value := range list.Values {
			p, err := pattern.Parse(value.Value, true)
			if err != nil { // the evaluator treats such a value as literal text
				continue
			}
			for variable := range p.Variables() {
				s.add(variable.Text)
			}
		}
	}
	for i := range doc.Statements {
		statement := &doc.Statements[i]
		addVariables(statement.Resource)
		addVariables(statement.NotResource)
		for _, operator := range statement.Conditions {
			for k := range operator.Keys {
				s.add(operator.Keys[k].Key)
				if operator.Parsed.AllowsVariables() {
					addVariables(&operator.Keys[k].Values)
				}
			}
		}
	}
}
