package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// questionFlags contains the values of the flags that describe a question.
type questionFlags struct {
	text map[string]*string
	// serviceLinked and unknownResourcePolicy are flags without a value.
	serviceLinked, unknownResourcePolicy bool
	policies                             map[string]*[]string
	context                              []string
	unknownContext                       []string
}

// questionFlagFields maps a flag to its field of a question.
var questionFlagFields = map[string]string{
	"principal": "principal", "principal-id": "principal_id", "service-linked-role": "service_linked_role",
	"action": "action", "resource": "resource", "resource-account": "resource_account",
	"management-account": "management_account",
	"context":            "context", "unknown-context": "unknown_context_keys",
	"identity": "identity", "group": "group", "boundary": "boundary", "session": "session",
	"scp": "scps", "rcp": "rcps", "resource-policy": "resource_policy",
	"unknown-resource-policy": "unknown_resource_policy", "vpce": "vpce",
}

func (f *questionFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	f.text, f.policies = map[string]*string{}, map[string]*[]string{}
	text := func(name, usage string) {
		f.text[name] = flags.String(name, "", usage)
		panicOnError(cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
	files := func(name, usage string) {
		f.policies[name] = flags.StringArray(name, nil, usage)
		panicOnError(cmd.MarkFlagFilename(name, "json"))
	}
	text("principal", "the `PRINCIPAL` of the request: an ARN, a service, an identity provider, anonymous, "+
		"or the name of a user or role of the account in --store")
	text("principal-id", "the principal's unique `ID`")
	flags.BoolVar(&f.serviceLinked, "service-linked-role", false, "the principal is a service-linked role")
	text("action", "the `ACTION` of the request, such as s3:GetObject")
	text("resource", "the `ARN` of the resource; \"*\" if not given")
	text("resource-account", "the `ACCOUNT` that owns the resource")
	text("management-account", "the organization's management `ACCOUNT`")
	flags.StringArrayVar(&f.context, "context", nil, "a context key of the request, as `KEY=VALUE`")
	flags.StringArrayVar(&f.unknownContext, "unknown-context", nil, "a context `KEY` with an unknown value")
	files("identity", "a policy `FILE` of the principal")
	files("group", "a policy `FILE` of one of the principal's groups")
	files("boundary", "the `FILE` of the principal's permissions boundary")
	files("session", "a policy `FILE` of the principal's session")
	files("scp", "the service control policy `FILE` of one level, or several with commas between them")
	files("rcp", "the resource control policy `FILE` of one level, or several with commas between them")
	files("resource-policy", "the policy `FILE` of the resource, or the trust policy of a role")
	flags.BoolVar(&f.unknownResourcePolicy, "unknown-resource-policy", false,
		"the resource has a policy that is not known")
	files("vpce", "the policy `FILE` of the VPC endpoint")
}

// question returns the question that the flags ask. It builds the tree of a question
// file, so that one decoder serves flags and files.
func (f *questionFlags) question() (*simulation.Case, []problem) {
	fields := map[string]tree.Node{}
	for name, value := range f.text {
		if *value != "" {
			fields[questionFlagFields[name]] = stringNode(*value)
		}
	}
	for field, set := range map[string]bool{
		"service_linked_role": f.serviceLinked, "unknown_resource_policy": f.unknownResourcePolicy,
	} {
		if set {
			fields[field] = tree.Node{Kind: tree.Bool, Text: "true"}
		}
	}
	var invalid []problem
	if len(f.context) > 0 {
		context, err := contextNode(f.context)
		if err != nil {
			invalid = append(invalid, problem{place{File: "--context"}, err.Error()})
		}
		fields["context"] = context
	}
	if len(f.unknownContext) > 0 {
		keys := tree.Node{Kind: tree.Array}
		for _, key := range f.unknownContext {
			keys.Elements = append(keys.Elements, stringNode(key))
		}
		fields["unknown_context_keys"] = keys
	}
	for name, files := range f.policies {
		if len(*files) > 0 {
			fields[questionFlagFields[name]] = policiesNode(name, *files)
		}
	}
	node := tree.Node{Kind: tree.Object}
	for _, field := range simulation.Fields() {
		if value, ok := fields[field]; ok {
			node.Members = append(node.Members, tree.Member{Name: field, Value: value})
		}
	}
	files := policyFiles{limit: policy.MaxSize}
	c, err := simulation.DecodeWith(node, files.loader("."))
	if err != nil {
		invalid = append(invalid, flagProblems(err)...)
	}
	return c, invalid
}

func stringNode(text string) tree.Node {
	return tree.Node{Kind: tree.String, Text: text}
}

// policiesNode returns references to policy files, each named by its path. Each value of --scp and --rcp is a
// level, and may contain several paths.
func policiesNode(flag string, values []string) tree.Node {
	named := func(files []string) tree.Node {
		node := tree.Node{Kind: tree.Object}
		for _, file := range files {
			file = strings.TrimPrefix(file, filePrefix)
			if _, duplicate := node.Member(file); !duplicate {
				node.Members = append(node.Members, tree.Member{Name: file, Value: stringNode(filePrefix + file)})
			}
		}
		return node
	}
	if flag != "scp" && flag != "rcp" {
		return named(values)
	}
	levels := tree.Node{Kind: tree.Array}
	for _, value := range values {
		files := []string{value}
		if notFile(value) == nil {
			files = strings.Split(value, ",")
		}
		levels.Elements = append(levels.Elements, named(files))
	}
	return levels
}

// contextNode returns the context that pairs KEY=VALUE and KEY[]=VALUE describe.
func contextNode(pairs []string) (tree.Node, error) {
	node := tree.Node{Kind: tree.Object}
	index := map[string]int{} // the member of each key, in lower case
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return node, fmt.Errorf("%q has no value; write it as KEY=VALUE", pair)
		}
		key, list := strings.CutSuffix(key, "[]")
		i, exists := index[ascii.Fold(key)]
		switch {
		case exists && node.Members[i].Value.Kind == tree.Array:
			node.Members[i].Value.Elements = append(node.Members[i].Value.Elements, stringNode(value))
			continue
		case exists:
			node.Members[i].Value = tree.Node{Kind: tree.Array, Elements: []tree.Node{node.Members[i].Value, stringNode(value)}}
			continue
		}
		member := tree.Member{Name: key, Value: stringNode(value)}
		if list {
			member.Value = tree.Node{Kind: tree.Array, Elements: []tree.Node{stringNode(value)}}
		}
		index[ascii.Fold(key)] = len(node.Members)
		node.Members = append(node.Members, member)
	}
	return node, nil
}

// flagProblems returns the errors in a question, each with its flag as the place.
func flagProblems(err error) []problem {
	var found simulation.Errors
	if !errors.As(err, &found) {
		return []problem{{place{File: "iam"}, err.Error()}}
	}
	out := make([]problem, len(found))
	for i, e := range found {
		if e.Source != "" {
			at := placeAt(e.Source, e.Within)
			displayed := *e
			displayed.Path = flagOf(e.Field())
			out[i] = problem{at, displayed.Error()}
			continue
		}
		displayed := *e
		displayed.Path = ""
		out[i] = problem{place{File: flagOf(e.Field())}, displayed.Error()}
	}
	return out
}
