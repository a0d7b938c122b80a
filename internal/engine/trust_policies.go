package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// A trust policy names users and roles by ARN. The store has the unique ids of the account's users
// and roles instead. A principal that was deleted and created again is therefore not trusted, and a
// renamed one still is. The rest of the text stays as its author wrote it.
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

// trustWithIDs replaces the ARNs of the account's users and roles by their unique ids. It refuses
// missing ones.
func (c *call) trustWithIDs(document string) (string, error) {
	return rewritePrincipals(document, func(principal string) (string, error) {
		name, finding := policy.ParsePrincipal("AWS", principal)
		if finding != nil {
			return "", malformedPolicyDocument("%s", finding)
		}
		var found store.Identity
		var err error
		switch {
		case name.Form == policy.UserPrincipal && name.Account == c.engine.account:
			found, err = c.tx.Identity(store.User, name.Name)
		case name.Form == policy.RolePrincipal && name.Account == c.engine.account:
			found, err = c.tx.Identity(store.Role, name.Name)
		case name.Form == policy.UniqueID:
			found, err = c.tx.IdentityByID(principal)
		default:
			return principal, nil
		}
		if errors.Is(err, store.ErrNotFound) || err == nil && principal != found.ID && principal != c.engine.identityARN(found) {
			return "", malformedPolicyDocument("Invalid principal in policy: %q:%q", "AWS", principal)
		}
		return found.ID, err
	})
}

// trustWithARNs returns a stored trust policy as its author wrote it, not yet percent-encoded (see
// [apiDocument]). Its principals have their present ARNs; a deleted one stays an id.
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

// rewritePrincipals replaces the principals under AWS, and leaves the rest of the text.
func rewritePrincipals(document string, rewrite func(string) (string, error)) (string, error) {
	root, err := policy.ParseJSON([]byte(document))
	if err != nil {
		return "", fmt.Errorf("reading the principals of a trust policy: %w", err)
	}
	var out strings.Builder
	done := 0
	for _, node := range awsPrincipals(&root) {
		other, err := rewrite(node.Text)
		if err != nil {
			return "", err
		}
		if other == node.Text {
			continue
		}
		out.WriteString(document[done:node.Pos.Offset])
		out.WriteString(strconv.Quote(other)) // an ARN is printable ASCII, where Go's and JSON's strings agree
		done = endOfString(document, node.Pos.Offset)
	}
	out.WriteString(document[done:])
	return out.String(), nil
}

// awsPrincipals returns the strings that name AWS principals, in the order of the text.
func awsPrincipals(root *tree.Node) []tree.Node {
	statements, _ := root.Member("Statement")
	var found []tree.Node
	for _, statement := range one(statements) {
		for _, member := range statement.Members {
			if member.Name != "Principal" && member.Name != "NotPrincipal" {
				continue
			}
			principals, _ := member.Value.Member("AWS")
			for _, principal := range one(principals) {
				if principal.Kind == tree.String {
					found = append(found, principal)
				}
			}
		}
	}
	return found
}

// one returns the elements of a list, or the single value in its place.
func one(node *tree.Node) []tree.Node {
	switch {
	case node == nil:
		return nil
	case node.Kind == tree.Array:
		return node.Elements
	}
	return []tree.Node{*node}
}

// endOfString returns the end of the JSON string whose opening quote is at start.
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
