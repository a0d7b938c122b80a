package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/shapes"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// argument is a parameter of an operation, or a part of a parameter, from the command line. It has either texts or
// parts. The parts of a structure have names, and the parts of a list have numbers from 1.
type argument struct {
	texts []string
	parts map[string]*argument
}

// maxArgument limits the size of a file with the value of an argument, in bytes. The longest
// parameters of the API are policies.
const maxArgument = policy.MaxSize

// readArguments parses KEY=VALUE arguments into a tree. No error quotes a value, because it may be a password.
func readArguments(in io.Reader, args []string) (*argument, error) {
	root := &argument{}
	stdinKey := ""
	for i, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			return nil,
				fmt.Errorf("the %s argument after the operation has no \"=\": "+
					"write KEY=VALUE, and quote values with spaces in them", ordinal(i+1))
		}
		file := ""
		switch {
		case strings.HasPrefix(value, "@@"):
			value = value[1:]
		case strings.HasPrefix(value, "@"):
			file = value[1:]
		case strings.HasPrefix(value, filePrefix):
			file = strings.TrimPrefix(value, filePrefix)
		}
		if file == stdin {
			if stdinKey != "" {
				return nil, fmt.Errorf("%s and %s cannot both be read from standard input", stdinKey, key)
			}
			stdinKey = key
		}
		if file != "" {
			text, err := readFile(in, file, maxArgument)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", key, displayName(file), err)
			}
			value = strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
		}
		if err := root.put(strings.Split(key, "."), value); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return root, nil
}

// ordinal returns the ordinal number of n in words, such as "first".
func ordinal(n int) string {
	names := []string{"first", "second", "third"}
	if n <= len(names) {
		return names[n-1]
	}
	return strconv.Itoa(n) + "th"
}

// put adds a value at a path of part names.
func (a *argument) put(path []string, value string) error {
	if len(path) == 0 {
		if a.parts != nil {
			return errors.New("the parameter is set both as a whole and in parts")
		}
		a.texts = append(a.texts, value)
		return nil
	}
	if a.texts != nil {
		return errors.New("the parameter is set both in parts and as a whole")
	}
	if path[0] == "member" && len(path) > 1 { // the Query protocol's word between a list and its numbers
		path = path[1:]
	}
	if a.parts == nil {
		a.parts = map[string]*argument{}
	}
	part := a.parts[path[0]]
	if part == nil {
		part = &argument{}
		a.parts[path[0]] = part
	}
	return part.put(path[1:], value)
}

// node returns the argument as a tree, like one parsed from JSON, so that one decoder serves both.
func (a *argument) node(shape *model.Shape) (tree.Node, error) {
	switch {
	case a.parts == nil:
		return textsNode(shape, a.texts)
	case shape.Type == model.List:
		return a.listNode(shape)
	case shape.Type == model.Structure:
		node := tree.Node{Kind: tree.Object}
		for _, name := range sortedNames(a.parts) {
			member := shapes.MemberOf(shape, name)
			if member == nil {
				return node, shapes.UnknownMember(shape, name)
			}
			value, err := a.parts[name].node(member.Shape)
			if err != nil {
				return node, shapes.Within(name, err)
			}
			node.Members = append(node.Members, tree.Member{Name: name, Value: value})
		}
		return node, nil
	}
	return tree.Node{},
		fmt.Errorf("the parameter is %s; give one value without names or numbers of parts", shapes.TypeName(shape))
}

// listNode returns the tree of a list whose elements are separate arguments.
func (a *argument) listNode(shape *model.Shape) (tree.Node, error) {
	node := tree.Node{Kind: tree.Array}
	for i := range len(a.parts) {
		name := strconv.Itoa(i + 1)
		part := a.parts[name]
		if part == nil {
			return node,
				fmt.Errorf("the list has %s, and element %d is missing; number the elements from 1, as in Tags.1.Key",
					countOf(len(a.parts), "element"), i+1)
		}
		value, err := part.node(shape.Element)
		if err != nil {
			return node, shapes.Within(name, err)
		}
		node.Elements = append(node.Elements, value)
	}
	return node, nil
}

// textsNode returns the tree of a parameter's texts. Several texts are the elements of a list.
func textsNode(shape *model.Shape, texts []string) (tree.Node, error) {
	text := texts[0]
	if shape.Type == model.List {
		switch {
		case len(texts) == 1 && text == "":
			return tree.Node{Kind: tree.Array}, nil
		case len(texts) == 1 && strings.HasPrefix(strings.TrimSpace(text), "["):
			return jsonNode(text)
		}
		node := tree.Node{Kind: tree.Array}
		for _, text := range texts {
			element, err := textsNode(shape.Element, []string{text})
			if err != nil {
				return node, err
			}
			node.Elements = append(node.Elements, element)
		}
		return node, nil
	}
	if len(texts) > 1 {
		return tree.Node{}, fmt.Errorf("the parameter is set %d times, but it is not a list", len(texts))
	}
	switch shape.Type {
	case model.Structure:
		if strings.HasPrefix(strings.TrimSpace(text), "{") {
			return jsonNode(text)
		}
		return shorthandNode(shape, text)
	case model.Boolean:
		return tree.Node{Kind: tree.Bool, Text: text}, nil
	case model.Integer:
		return tree.Node{Kind: tree.Number, Text: text}, nil
	}
	return tree.Node{Kind: tree.String, Text: text}, nil
}

func jsonNode(text string) (tree.Node, error) {
	node, err := policy.ParseJSON([]byte(text))
	if err != nil {
		return node, jsonProblem(err)
	}
	return node, nil
}

// jsonProblem returns the first error in a JSON text, with its position.
func jsonProblem(err error) error {
	var findings policy.Findings
	if errors.As(err, &findings) && len(findings) > 0 {
		return fmt.Errorf("%s (line %d, column %d of the JSON)", strings.TrimSuffix(findings[0].Message, "."),
			findings[0].Pos.Line, findings[0].Pos.Column)
	}
	return err
}

// shorthandNode parses the short form of a structure of the AWS CLI: Key=team,Value=x.
// https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
func shorthandNode(shape *model.Shape, text string) (tree.Node, error) {
	parts := &argument{}
	for _, pair := range strings.Split(text, ",") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return tree.Node{},
				fmt.Errorf("the parameter is %s: write it as Name=value,Name=value with the members %s, or as JSON",
					shapes.TypeName(shape), strings.Join(shapes.MemberNames(shape), ", "))
		}
		if err := parts.put([]string{strings.TrimSpace(name)}, value); err != nil {
			return tree.Node{}, err
		}
	}
	return parts.node(shape)
}

// sortedNames returns the names of parts in order, so that the first error is the same in each run.
func sortedNames(parts map[string]*argument) []string {
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
