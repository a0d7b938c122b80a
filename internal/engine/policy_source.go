package engine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AWS's simulator uses these names for the kinds of policies in its outputs. The SDK's enumeration
// of source types has other names, which AWS's service does not return.
const (
	identityPolicyType = "IAM Policy"
	resourcePolicyType = "Resource Policy"
	boundaryPolicyType = "Permissions Boundary Policy"
)

// simulatedPolicy is a policy that a simulation evaluates.
type simulatedPolicy struct {
	name string // unique within a simulation; error messages contain it
	id   string // the SourcePolicyId in the form of AWS's simulator
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

// inputPolicies returns the policies in the PolicyInputList of a request.
func inputPolicies(texts []string) []simulatedPolicy {
	return listedPolicies("PolicyInputList", identityPolicyType, texts)
}

// listedPolicies returns the policies of a list in a request. Their names contain their number,
// which starts at 1 as on AWS.
func listedPolicies(list, kind string, texts []string) []simulatedPolicy {
	policies := make([]simulatedPolicy, 0, len(texts))
	for i, text := range texts {
		name := fmt.Sprintf("%s.%d", list, i+1)
		policies = append(policies, simulatedPolicy{name: name, id: name, kind: kind, text: text})
	}
	return policies
}

// policySource is a user, group or role with the policies that apply to it.
type policySource struct {
	identity store.Identity
	account  *account.Account
	direct   []simulatedPolicy // inline and attached policies of the identity itself
	groups   []simulatedPolicy // policies of the user's groups
	boundary *simulatedPolicy  // nil if the identity has no permissions boundary
}

// parsePolicySource reads the ARN of a user, group or role.
func parsePolicySource(arn string) (kind store.Kind, account, path, name string, err error) {
	parsed, err := policy.ParseARN(arn)
	if err == nil && parsed.Service == "iam" {
		kindName, rest, _ := strings.Cut(parsed.Resource, "/")
		path, name = splitPathName("/" + rest)
		switch kind = store.Kind(kindName); kind {
		case store.User, store.Group, store.Role:
			if name != "" {
				return kind, parsed.Account, path, name, nil
			}
		}
	}
	return "", "", "", "", invalidInput("Invalid Entity Arn: %s does not clearly define entity type and name.", arn)
}

// policySourceAccess returns the access that the caller needs to read the policies of a user, group
// or role.
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

// policySource looks up a user, group or role by its ARN, together with its policies.
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
		return nil, missingIdentity(string(kind), name)
	}
	snapshot, err := c.engine.snapshots.seenBy(c.engine, c.tx)
	if err != nil {
		return nil, err
	}
	policies, err := snapshot.Sources(accountKinds[kind], name)
	if err != nil {
		return nil, err
	}
	source := &policySource{identity: found, account: snapshot}
	for i := range policies {
		simulated, err := simulatedSource(&policies[i])
		if err != nil {
			return nil, err
		}
		switch policies[i].Layer {
		case authz.Boundary:
			simulated.kind = boundaryPolicyType
			source.boundary = &simulated
		case authz.Group:
			source.groups = append(source.groups, simulated)
		default:
			source.direct = append(source.direct, simulated)
		}
	}
	return source, nil
}

var accountKinds = map[store.Kind]account.Kind{
	store.User: account.UserKind, store.Group: account.GroupKind, store.Role: account.RoleKind,
}

// simulatedSource converts a policy of the account for a simulation. Its name contains the user,
// group or role that has the policy, because several groups may have the same one.
func simulatedSource(s *account.Source) (simulatedPolicy, error) {
	text, ok := s.Document.Text()
	if !ok {
		return simulatedPolicy{}, fmt.Errorf("reading the policy %q: its text is unknown", s.PolicyName())
	}
	p := simulatedPolicy{id: s.PolicyName(), kind: identityPolicyType, text: text}
	switch {
	case s.Layer == authz.Boundary:
		p.name = "the permissions boundary " + s.ARN
	case s.ARN != "":
		p.name = fmt.Sprintf("%s, attached to %s %s", s.ARN, s.OwnerKind, s.Owner)
	default:
		p.name = fmt.Sprintf("%s, inline policy of %s %s", s.Name, s.OwnerKind, s.Owner)
		p.id = fmt.Sprintf("%s_%s_%s", s.OwnerKind, s.Owner, s.Name)
	}
	return p, nil
}

// contextKeys returns the context keys that every request by the user or role carries. For a group,
// the only key is the account, because nothing else is the same for all of its members.
func (s *policySource) contextKeys(arn string) ([]contextKey, error) {
	if s.identity.Kind == store.Group {
		return []contextKey{key("aws:PrincipalAccount", s.account.ID())}, nil
	}
	principal, err := s.account.Principal(arn)
	if err != nil {
		return nil, err
	}
	effective, err := s.account.Access(principal, account.Credentials{})
	if err != nil {
		return nil, err
	}
	var keys []contextKey
	for name, value := range effective.Keys() {
		keys = append(keys, key(name, value))
	}
	return keys, nil
}
