package engine

import (
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// SimulateCustomPolicy evaluates actions on resources with the policies of the input.
func (c *Client) SimulateCustomPolicy(ctx context.Context, in *iam.SimulateCustomPolicyInput,
	_ ...func(*iam.Options)) (*iam.SimulateCustomPolicyOutput, error) {
	return do(ctx, c, simulateCustomPolicy, in)
}

var simulateCustomPolicy = register(operation[iam.SimulateCustomPolicyInput, iam.SimulateCustomPolicyOutput]{
	name:   "SimulateCustomPolicy",
	access: onAll[iam.SimulateCustomPolicyInput],
	run: func(c *call, in *iam.SimulateCustomPolicyInput) (*iam.SimulateCustomPolicyOutput, error) {
		s := &simulatorRequest{
			identity: inputPolicies(in.PolicyInputList), resourcePolicy: resourcePolicyInput(in.ResourcePolicy),
			caller: aws.ToString(in.CallerArn), owner: in.ResourceOwner, handlingOption: in.ResourceHandlingOption,
			entries: in.ContextEntries, actions: in.ActionNames, resources: in.ResourceArns,
		}
		if err := s.setBoundary(in.PermissionsBoundaryPolicyInputList); err != nil {
			return nil, err
		}
		out := &iam.SimulateCustomPolicyOutput{}
		var err error
		out.EvaluationResults, out.IsTruncated, out.Marker, err = c.simulate(s, in.Marker, in.MaxItems)
		return out, err
	},
})

// SimulatePrincipalPolicy evaluates actions on resources with the policies of a user, group or
// role, and with further policies of the input.
func (c *Client) SimulatePrincipalPolicy(ctx context.Context, in *iam.SimulatePrincipalPolicyInput,
	_ ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
	return do(ctx, c, simulatePrincipalPolicy, in)
}

var simulatePrincipalPolicy = register(operation[iam.SimulatePrincipalPolicyInput, iam.SimulatePrincipalPolicyOutput]{
	name: "SimulatePrincipalPolicy",
	access: func(c *call, in *iam.SimulatePrincipalPolicyInput) ([]access, error) {
		return c.policySourceAccess(*in.PolicySourceArn)
	},
	run: func(c *call, in *iam.SimulatePrincipalPolicyInput) (*iam.SimulatePrincipalPolicyOutput, error) {
		source, err := c.policySource(*in.PolicySourceArn)
		if err != nil {
			return nil, err
		}
		s := &simulatorRequest{
			identity: append(source.direct, inputPolicies(in.PolicyInputList)...), group: source.groups,
			boundary: source.boundary, resourcePolicy: resourcePolicyInput(in.ResourcePolicy),
			caller: aws.ToString(in.CallerArn), owner: in.ResourceOwner, handlingOption: in.ResourceHandlingOption,
			entries: in.ContextEntries, actions: in.ActionNames, resources: in.ResourceArns,
		}
		if s.caller == "" {
			s.caller = *in.PolicySourceArn
		}
		if s.caller == *in.PolicySourceArn {
			s.callerID = source.identity.ID
			if s.callerKeys, err = source.contextKeys(c.engine.identityARN(source.identity)); err != nil {
				return nil, err
			}
		}
		if err := s.setBoundary(in.PermissionsBoundaryPolicyInputList); err != nil {
			return nil, err
		}
		out := &iam.SimulatePrincipalPolicyOutput{}
		out.EvaluationResults, out.IsTruncated, out.Marker, err = c.simulate(s, in.Marker, in.MaxItems)
		return out, err
	},
})

// simulatorRequest has the common input of both operations, and values that the simulation derives
// from it.
type simulatorRequest struct {
	identity, group []simulatedPolicy
	boundary        *simulatedPolicy
	resourcePolicy  *simulatedPolicy

	caller         string // the ARN of a user, group or role, or empty
	callerID       string
	owner          *string // owns the resources whose ARN has no account
	handlingOption *string

	entries    []iamtypes.ContextEntry
	callerKeys []contextKey // the caller's own context keys, which entries override

	actions, resources []string

	// baseCase sets the following fields.
	ownerAccount string
	givenKeys    contextKeySet // the context keys of entries
	policies     map[string]*simulatedPolicy
}

func resourcePolicyInput(text *string) *simulatedPolicy {
	if text == nil {
		return nil
	}
	return &simulatedPolicy{name: "ResourcePolicy", id: "ResourcePolicy", kind: resourcePolicyType, text: *text}
}

// setBoundary sets the permissions boundary of a request, which replaces the principal's own.
func (s *simulatorRequest) setBoundary(texts []string) error {
	boundaries := listedPolicies("PermissionsBoundaryPolicyInputList", boundaryPolicyType, texts)
	switch len(boundaries) {
	case 0:
	case 1:
		s.boundary = &boundaries[0]
	default:
		return invalidInput("PermissionsBoundaryPolicyInputList contains %d policies; expected at most one", len(boundaries))
	}
	return nil
}

// simulate returns a page of results, with one result for each action.
func (c *call) simulate(s *simulatorRequest, marker *string, maxItems *int32) ([]iamtypes.EvaluationResult, bool,
	*string, error) {
	page, err := pageOf(marker, maxItems, nil)
	if err != nil {
		return nil, false, nil, err
	}
	first := 0
	if page.After != "" {
		last, err := strconv.Atoi(page.After)
		if err != nil || last < 0 || last >= len(s.actions) {
			return nil, false, nil, errInvalidMarker()
		}
		first = last + 1
	}
	baseCase, err := s.baseCase()
	if err != nil {
		return nil, false, nil, err
	}

	var numbers []int
	for i := first; i < len(s.actions) && len(numbers) < page.Limit; i++ {
		numbers = append(numbers, i)
	}
	numbers, truncated, next := cutPage(page, numbers, strconv.Itoa)
	results := make([]iamtypes.EvaluationResult, 0, len(numbers))
	for _, i := range numbers {
		result, err := s.evaluate(c.ctx, baseCase, s.actions[i])
		if err != nil {
			return nil, false, nil, err
		}
		results = append(results, result)
	}
	return results, truncated, next, nil
}

// baseCase checks the input and builds the parts of the request that all actions and resources have
// in common.
func (s *simulatorRequest) baseCase() (*simulation.Case, error) {
	if s.handlingOption != nil {
		return nil,
			invalidInput("ResourceHandlingOption %q is not supported: list every resource of the call in ResourceArns",
				*s.handlingOption)
	}
	if len(s.resources) == 0 {
		s.resources = []string{"*"}
	}
	for _, resource := range s.resources {
		if _, err := policy.ParseARN(resource); err != nil && resource != "*" {
			return nil, invalidInput("ResourceNames are not in a valid ARN format: %s.", resource)
		}
		if resource == "*" && s.resourcePolicy != nil {
			return nil, invalidInput("Invalid Entity Arn: * does not clearly define entity type and name.")
		}
	}
	for _, action := range s.actions {
		if _, err := authz.ParseAction(action); err != nil {
			return nil, invalidInput("ActionNames: %s", err)
		}
	}

	var members []tree.Member
	put := func(name string, value tree.Node) {
		members = append(members, tree.Member{Name: name, Value: value})
	}
	put("action", tree.Node{Kind: tree.Unknown}) // evaluate sets each action
	if err := s.putCaller(put); err != nil {
		return nil, err
	}
	if err := s.putOwner(put); err != nil {
		return nil, err
	}
	s.putPolicies(put)
	if err := s.putContext(put); err != nil {
		return nil, err
	}
	baseCase, err := simulation.Decode(tree.Node{Kind: tree.Object, Members: members})
	if err != nil {
		return nil, invalidInput("%s", err)
	}
	return baseCase, nil
}

func (s *simulatorRequest) putCaller(put func(string, tree.Node)) error {
	if s.caller == "" {
		if s.resourcePolicy != nil {
			return invalidInput("Invalid caller - Caller cannot be null or empty.")
		}
		return nil
	}
	kind, _, _, _, err := parsePolicySource(s.caller)
	if err != nil {
		return invalidInput("Invalid caller - Caller must be an IAM user, role or group in this context.")
	}
	if kind == store.Group {
		// A group cannot call. Its policies are evaluated for an unknown member.
		if s.resourcePolicy != nil {
			return invalidInput(
				"Invalid caller - a resource policy cannot name the group %s: set CallerArn to one of its users.", s.caller)
		}
		return nil
	}
	put("principal", textNode(s.caller))
	if s.callerID != "" {
		put("principal_id", textNode(s.callerID))
	}
	return nil
}

var resourceOwnerPattern = regexp.MustCompile(`^(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?$`)

// putOwner sets the owner of the resources. ResourceOwner may be an account id or the ARN of an
// account's root user, because AWS's documentation of the two operations differs.
func (s *simulatorRequest) putOwner(put func(string, tree.Node)) error {
	if s.owner == nil {
		return nil
	}
	match := resourceOwnerPattern.FindStringSubmatch(*s.owner)
	if match == nil {
		return invalidInput("'%s' is not a valid as a Resource Owner.", *s.owner)
	}
	s.ownerAccount = match[1]
	put("resource_account", textNode(s.ownerAccount))
	return nil
}

func (s *simulatorRequest) putPolicies(put func(string, tree.Node)) {
	s.policies = map[string]*simulatedPolicy{}
	policySet := func(policies []simulatedPolicy) tree.Node {
		node := tree.Node{Kind: tree.Object}
		for i := range policies {
			s.policies[policies[i].name] = &policies[i]
			node.Members = append(node.Members, tree.Member{Name: policies[i].name, Value: textNode(policies[i].text)})
		}
		return node
	}
	put("identity", policySet(s.identity))
	if len(s.group) > 0 {
		put("group", policySet(s.group))
	}
	if s.boundary != nil {
		put("boundary", policySet([]simulatedPolicy{*s.boundary}))
	}
	if s.resourcePolicy != nil {
		put("resource_policy", policySet([]simulatedPolicy{*s.resourcePolicy}))
	}
}

// putContext puts the context keys of the input and the caller's own keys. AWS's simulator has no unknown values, so a
// caller without a known unique id has no aws:userid, and the results report the key as missing.
func (s *simulatorRequest) putContext(put func(string, tree.Node)) error {
	s.givenKeys = contextKeySet{}
	context := tree.Node{Kind: tree.Object}
	add := func(name string, value tree.Node) {
		context.Members = append(context.Members, tree.Member{Name: name, Value: value})
	}
	for i, entry := range s.entries {
		if entry.ContextKeyName == nil || entry.ContextKeyType == "" {
			return invalidInput("ContextEntries.%d lacks its ContextKeyName or its ContextKeyType", i+1)
		}
		values := make([]tree.Node, 0, len(entry.ContextKeyValues))
		for _, value := range entry.ContextKeyValues {
			values = append(values, textNode(value))
		}
		value, err := simulation.ContextEntry(string(entry.ContextKeyType), values)
		if err != nil {
			return invalidInput("Invalid context entry for %s: %s", *entry.ContextKeyName, err)
		}
		s.givenKeys.add(*entry.ContextKeyName)
		add(*entry.ContextKeyName, value)
	}
	hasUserID := s.givenKeys.has("aws:userid")
	for _, k := range s.callerKeys {
		if !s.givenKeys.has(k.name) {
			add(k.name, textNode(k.values[0]))
			hasUserID = hasUserID || k.name == "aws:userid"
		}
	}
	if !hasUserID {
		add("aws:userid", tree.Node{Kind: tree.Array})
	}
	put("context", context)
	return nil
}

// missingKeys returns the context keys that the input lacks and that a decision depends on: those of statements that
// match the caller, the action and the resource. AWS also lists the keys of statements that do not match.
func (s *simulatorRequest) missingKeys(d *authz.Decision) []string {
	return slices.DeleteFunc(slices.Clone(d.MissingKeys), s.givenKeys.has)
}

func textNode(text string) tree.Node { return tree.Node{Kind: tree.String, Text: text} }
