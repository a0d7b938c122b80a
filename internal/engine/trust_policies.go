package engine

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// A trust policy names users and roles by ARN. In the stored text, unique ids replace the ARNs of the account's users
// and roles. If a trusted user is deleted and created again, the policy does not trust the new user. If a trusted user
// is renamed, the policy still trusts the user. The rest of the text does not change.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-users

// newTrust checks a trust policy and returns the text to store.
func (c *call) newTrust(document string) (string, error) {
	limits, err := c.limits()
	if err != nil {
		return "", err
	}
	doc, err := checkDocument(document, policy.Trust)
	if err != nil {
		return "", err
	}
	if doc.Compact > limits.AssumeRolePolicySize {
		return "", limitExceeded("Cannot exceed quota for ACLSizePerRole: %d", limits.AssumeRolePolicySize)
	}
	return c.trustWithIDs(document)
}

// trustWithIDs replaces the ARNs of the account's users and roles with their unique ids. It returns
// an error if one of them does not exist.
func (c *call) trustWithIDs(document string) (string, error) {
	return rewritePrincipals(document, func(principal string) (string, error) {
		name, finding := policy.ParsePrincipal("AWS", principal)
		if finding != nil {
			return "", malformedPolicyDocument("%s", finding)
		}
		var found store.Identity
		var err error
		kind, ownName := principalIdentity(name, c.engine.account)
		switch {
		case kind != "":
			found, err = c.tx.Identity(kind, ownName)
		case name.Form == policy.UniqueID:
			found, err = c.tx.IdentityByID(principal)
		default:
			return principal, nil
		}
		if errors.Is(err, store.ErrNotFound) ||
			err == nil && principal != found.ID && principal != c.engine.identityARN(found) {
			return "", invalidPrincipal(principal)
		}
		return found.ID, err
	})
}

// trustWithARNs replaces the unique ids in a stored trust policy with the present ARNs. The id of a
// deleted user or role remains. The result is not percent-encoded; see [apiDocument].
func (c *call) trustWithARNs(document string) (string, error) {
	return rewritePrincipals(document, func(principal string) (string, error) {
		if name, finding := policy.ParsePrincipal("AWS", principal); finding != nil || name.Form != policy.UniqueID {
			return principal, nil
		}
		found, err := c.tx.IdentityByID(principal)
		if errors.Is(err, store.ErrNotFound) {
			return principal, nil
		}
		return c.engine.identityARN(found), err
	})
}

// rewritePrincipals replaces every principal of type AWS. The rest of the text does not change. An imported text that
// cannot be read does not change at all; it trusts nobody.
func rewritePrincipals(document string, rewrite func(string) (string, error)) (string, error) {
	root, err := policy.ParseJSON([]byte(document))
	if err != nil {
		return document, nil //nolint:nilerr // every other text was checked before it was stored
	}
	var out strings.Builder
	copied := 0
	for _, node := range awsPrincipals(&root) {
		replacement, err := rewrite(node.Text)
		if err != nil {
			return "", err
		}
		if replacement == node.Text {
			continue
		}
		out.WriteString(document[copied:node.Pos.Offset])
		out.WriteString(strconv.Quote(replacement)) // Go and JSON quote printable ASCII, such as ARNs, in the same way
		copied = endOfString(document, node.Pos.Offset)
	}
	out.WriteString(document[copied:])
	return out.String(), nil
}

// awsPrincipals returns the principals of type AWS in the order of the text.
func awsPrincipals(root *tree.Node) []tree.Node {
	statements, _ := root.Member("Statement")
	var found []tree.Node
	for _, statement := range elements(statements) {
		for _, member := range statement.Members {
			if member.Name != "Principal" && member.Name != "NotPrincipal" {
				continue
			}
			principals, _ := member.Value.Member("AWS")
			for _, principal := range elements(principals) {
				if principal.Kind == tree.String {
					found = append(found, principal)
				}
			}
		}
	}
	return found
}

// elements returns the elements of a list. A single value counts as a list of one element.
func elements(node *tree.Node) []tree.Node {
	switch {
	case node == nil:
		return nil
	case node.Kind == tree.Array:
		return node.Elements
	}
	return []tree.Node{*node}
}

// endOfString returns the offset after the JSON string whose opening quote is at start.
func endOfString(text string, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// TrustedNames returns the names of the users and roles, and the unique ids, that a trust policy names as principals.
func TrustedNames(document string) []string {
	root, err := policy.ParseJSON([]byte(document))
	if err != nil {
		return nil
	}
	var names []string
	for _, node := range awsPrincipals(&root) {
		name, finding := policy.ParsePrincipal("AWS", node.Text)
		switch {
		case finding != nil:
		case name.Form == policy.UserPrincipal || name.Form == policy.RolePrincipal:
			names = append(names, name.Name)
		case name.Form == policy.UniqueID:
			names = append(names, node.Text)
		}
	}
	return names
}

// NamesUniqueID reports whether a trust policy names a principal by its unique id. A stored policy does so after the
// user or role was deleted.
func NamesUniqueID(document string) bool {
	root, err := policy.ParseJSON([]byte(document))
	return err == nil && slices.ContainsFunc(awsPrincipals(&root), func(node tree.Node) bool {
		name, finding := policy.ParsePrincipal("AWS", node.Text)
		return finding == nil && name.Form == policy.UniqueID
	})
}
