// Package grant reads the access that a question of package analysis is about: patterns of actions and of resources.
// The command line and the functions of the provider accept the same texts, with the same errors.
package grant

import (
	"errors"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Parse returns the access that patterns of actions and of resources describe. The patterns are those of the elements
// Action and Resource of a policy, without variables. No actions mean every action, and no resources every resource.
//
// warnings are sentences about actions that the catalog does not have. They may be misspelt, and a question about an
// action that does not exist says nothing.
func Parse(actions, resources []string) (out analysis.Access, warnings []string, err error) {
	if len(actions) == 0 && len(resources) == 0 {
		return out, nil, errors.New("the access names neither actions nor resources; name at least one of them")
	}
	for _, resource := range resources {
		if strings.Contains(resource, "${") {
			return out, nil, fmt.Errorf("the resource %s contains a policy variable; give the pattern of an ARN without "+
				"variables", policy.Quote(resource))
		}
	}
	if _, err := policy.Decode(statementOf(actions, resources)); err != nil {
		return out, nil, describe(err)
	}
	known := catalog.Default()
	for _, action := range actions {
		found := known.Find(action)
		if found.Status == catalog.Known {
			continue
		}
		meant := ""
		if found.Similar != "" {
			meant = fmt.Sprintf("; perhaps %q was meant", found.Similar)
		}
		warnings = append(warnings, fmt.Sprintf("The catalog of AWS's actions of %s has no action that matches %s%s.",
			known.Date(), policy.Quote(action), meant))
	}
	return analysis.Access{Actions: actions, Resources: resources}, warnings, nil
}

// describe returns the first error in the statement, without its place in a policy that nobody wrote.
func describe(err error) error {
	var findings policy.Findings
	if errors.As(err, &findings) && len(findings) > 0 {
		return errors.New(findings[0].Message)
	}
	return err
}

// statementOf returns a policy that allows the access, because the patterns follow the rules of a policy's elements.
func statementOf(actions, resources []string) tree.Node {
	text := func(s string) tree.Node { return tree.Node{Kind: tree.String, Text: s} }
	list := func(texts []string) tree.Node {
		if len(texts) == 0 {
			return text("*")
		}
		out := tree.Node{Kind: tree.Array}
		for _, t := range texts {
			out.Elements = append(out.Elements, text(t))
		}
		return out
	}
	return tree.Node{Kind: tree.Object, Members: []tree.Member{
		{Name: "Version", Value: text(policy.Version2012)},
		{Name: "Statement", Value: tree.Node{Kind: tree.Object, Members: []tree.Member{
			{Name: "Effect", Value: text(string(policy.Allow))},
			{Name: "Action", Value: list(actions)},
			{Name: "Resource", Value: list(resources)},
		}}},
	}}
}
