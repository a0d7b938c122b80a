package engine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// What AWS's simulator calls the kinds of policies in its answers. The SDK's enumeration of source types has
// other names, which the service does not use.
const (
	identityPolicyType = "IAM Policy"
	resourcePolicyType = "Resource Policy"
	boundaryPolicyType = "Permissions Boundary Policy"
)

// simulatedPolicy is a policy that a simulation reads.
type simulatedPolicy struct {
	name string // unique within a simulation; errors cite it
	id   string // how AWS's simulator cites it
	kind string
	text string
}

func (p *simulatedPolicy) parse() (*policy.Document, error) {
	doc, err := policy.Parse([]byte(p.text))
	if err != nil {
		return nil, invalidInput("%s cannot be read as a policy: %s", p.name, err)
	}
	return doc, nil
}

// inputPolicies are the policies of a request, which AWS counts from 1.
func inputPolicies(texts []string) []simulatedPolicy {
	return listedPolicies("PolicyInputList", identityPolicyType, texts)
}

func listedPolicies(list, kind string, texts []string) []simulatedPolicy {
	policies := make([]simulatedPolicy, 0, len(texts))
	for i, text := range texts {
		name := fmt.Sprintf("%s.%d", list, i+1)
		policies = append(policies, simulatedPolicy{name: name, id: name, kind: kind, text: text})
	}
	return policies
}

// policySource is a user, group or role with the policies that it has as identity.
type policySource struct {
	identity store.Identity
	own      []simulatedPolicy
	groups   []simulatedPolicy // of a user's groups
	boundary *simulatedPolicy  // nil where there is none
}

// parsePolicySource reads the ARN of a user, group or role.
func parsePolicySource(arn string) (kind store.Kind, account, path, name string, err error) {
	parsed, err := policy.ParseARN(arn)
	if err == nil && parsed.Service == "iam" {
		of, rest, _ := strings.Cut(parsed.Resource, "/")
		path, name = splitPathName("/" + rest)
		switch kind = store.Kind(of); kind {
		case store.User, store.Group, store.Role:
			if name != "" {
				return kind, parsed.Account, path, name, nil
			}
		}
	}
	return "", "", "", "", invalidInput("Invalid Entity Arn: %s does not clearly define entity type and name.", arn)
}

// policySourceAccess is the access of an operation that shows what the policies of a user, group or role
// say, or would say.
func (c *call) policySourceAccess(arn string) ([]access, error) {
	kind, account, path, name, err := parsePolicySource(arn)
	if err != nil {
		return nil, err
	}
	found, err := c.tx.Identity(kind, name)
	if errors.Is(err, store.ErrNotFound) || err == nil && (account != c.engine.account || found.Path != path) {
		return []access{{resource: arn}}, nil
	}
	return []access{c.accessTo(found)}, err
}

// policySource looks up a user, group or role by its ARN, with its policies.
func (c *call) policySource(arn string) (*policySource, error) {
	kind, account, path, name, err := parsePolicySource(arn)
	if err != nil {
		return nil, err
	}
	found, err := c.identity(kind, name)
	if err != nil {
		return nil, err
	}
	if account != c.engine.account || found.Path != path {
		return nil, noSuchEntity("The %s with name %s cannot be found.", kind, name)
	}
	source := &policySource{identity: found}
	if source.own, err = c.identityPolicies(found); err != nil {
		return nil, err
	}
	if kind == store.User {
		groups, err := c.tx.GroupsOf(found.ID, store.Page{})
		if err != nil {
			return nil, err
		}
		for _, group := range groups {
			policies, err := c.identityPolicies(group)
			if err != nil {
				return nil, err
			}
			source.groups = append(source.groups, policies...)
		}
	}
	if found.Boundary != "" {
		managed, err := c.tx.PolicyByID(found.Boundary)
		if err != nil {
			return nil, err
		}
		boundary, err := c.managedPolicy(managed)
		if err != nil {
			return nil, err
		}
		boundary.name, boundary.kind = "the permissions boundary "+boundary.name, boundaryPolicyType
		source.boundary = &boundary
	}
	return source, nil
}

// identityPolicies reads the policies of one user, group or role: attached and inline.
func (c *call) identityPolicies(i store.Identity) ([]simulatedPolicy, error) {
	var policies []simulatedPolicy
	attached, err := c.tx.AttachedPolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, managed := range attached {
		p, err := c.managedPolicy(managed)
		if err != nil {
			return nil, err
		}
		// Groups may have one and the same policy.
		p.name = fmt.Sprintf("%s, attached to %s %s", p.name, i.Kind, i.Name)
		policies = append(policies, p)
	}
	inline, err := c.tx.InlinePolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range inline {
		policies = append(policies, simulatedPolicy{
			name: fmt.Sprintf("%s, inline policy of %s %s", p.Name, i.Kind, i.Name),
			id:   fmt.Sprintf("%s_%s_%s", i.Kind, i.Name, p.Name),
			kind: identityPolicyType, text: p.Document,
		})
	}
	return policies, nil
}

func (c *call) managedPolicy(p store.Policy) (simulatedPolicy, error) {
	version, err := c.tx.PolicyVersion(p.ID, p.DefaultVersion)
	return simulatedPolicy{
		name: c.engine.policyARN(p), id: p.Name, kind: identityPolicyType, text: version.Document,
	}, err
}

// principalContext are the context keys that every request of a user or role has, for it is it.
func (c *call) principalContext(i store.Identity) []contextKey {
	keys := []contextKey{key("aws:PrincipalAccount", c.engine.account)}
	switch i.Kind {
	case store.Group: // of a member of it nothing else is known
		return keys
	case store.User:
		keys = append(keys, key("aws:username", i.Name), key("aws:userid", i.ID), key("aws:PrincipalType", "User"))
	case store.Role:
		keys = append(keys, key("aws:PrincipalType", "AssumedRole"))
	}
	keys = append(keys, key("aws:PrincipalArn", c.engine.identityARN(i)))
	for _, tag := range i.Tags {
		keys = append(keys, key("aws:PrincipalTag/"+tag.Key, tag.Value))
	}
	return keys
}
