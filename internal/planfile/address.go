package planfile

import (
	"errors"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// step is a part of an address or of a reference: a name, or an index in brackets.
type step struct {
	name  string
	index *tree.Node // a number or a string; nil for a name
}

// maxSteps is far more than any address has.
const maxSteps = 512

// parseSteps reads an address such as module.m["a"].aws_iam_role.r[0], or a reference such as aws_iam_role.r[0].arn.
func parseSteps(text string) ([]step, error) {
	malformed := errors.New("not an address of Terraform: " + strconv.Quote(text))
	var steps []step
	rest := text
	for len(steps) < maxSteps {
		if strings.HasPrefix(rest, "[") {
			index, after, ok := cutIndex(rest)
			if !ok || len(steps) == 0 {
				return nil, malformed
			}
			steps, rest = append(steps, step{index: &index}), after
		} else {
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return nil, malformed
			}
			steps, rest = append(steps, step{name: rest[:end]}), rest[end:]
		}
		switch {
		case rest == "":
			return steps, nil
		case rest[0] == '.':
			if rest = rest[1:]; rest == "" || rest[0] == '[' {
				return nil, malformed
			}
		case rest[0] != '[':
			return nil, malformed
		}
	}
	return nil, malformed
}

// cutIndex reads an index, such as [0] or ["a"], from the start of a text.
func cutIndex(text string) (index tree.Node, rest string, ok bool) {
	if !strings.HasPrefix(text, `["`) {
		number, rest, ok := strings.Cut(text[1:], "]")
		if _, err := strconv.Atoi(number); err != nil {
			return index, "", false
		}
		return tree.Node{Kind: tree.Number, Text: number}, rest, ok
	}
	quoted, err := strconv.QuotedPrefix(text[1:])
	if err != nil {
		return index, "", false
	}
	key, err := strconv.Unquote(quoted)
	if err != nil {
		return index, "", false
	}
	rest, ok = strings.CutPrefix(text[1+len(quoted):], "]")
	key = strings.NewReplacer("$${", "${", "%%{", "%{").Replace(key)
	return tree.Node{Kind: tree.String, Text: key}, rest, ok
}

// moduleStep is one call in the address of a module instance.
type moduleStep struct {
	name    string
	index   tree.Node // null without count and for_each
	address string    // of the instance that the call makes
	parent  string    // the address of the module instance that has the call
}

// moduleSteps reads the address of a module instance, such as module.a["x"].module.b.
func moduleSteps(address string) ([]moduleStep, error) {
	if address == "" {
		return nil, nil
	}
	steps, err := parseSteps(address)
	if err != nil {
		return nil, err
	}
	var calls []moduleStep
	parent := ""
	for len(steps) > 0 {
		if len(steps) < 2 || steps[0].name != "module" || steps[1].name == "" {
			return nil, errors.New("not an address of a module: " + strconv.Quote(address))
		}
		call := moduleStep{name: steps[1].name, parent: parent}
		steps = steps[2:]
		if len(steps) > 0 && steps[0].index != nil {
			call.index, steps = *steps[0].index, steps[1:]
		}
		call.address = childAddress(parent, call.name, call.index)
		calls, parent = append(calls, call), call.address
	}
	return calls, nil
}

// childAddress returns the address of a module instance.
func childAddress(parent, name string, index tree.Node) string {
	address := "module." + name
	if parent != "" {
		address = parent + "." + address
	}
	switch index.Kind {
	case tree.Number:
		address += "[" + index.Text + "]"
	case tree.String:
		address += "[" + strconv.Quote(index.Text) + "]"
	}
	return address
}

// moduleOf returns the address of the module instance that has a resource.
func moduleOf(address string) (string, error) {
	steps, err := parseSteps(address)
	if err != nil {
		return "", err
	}
	module := ""
	for len(steps) > 2 && steps[0].name == "module" && steps[1].name != "" {
		name, index := steps[1].name, tree.Node{}
		steps = steps[2:]
		if steps[0].index != nil {
			index, steps = *steps[0].index, steps[1:]
		}
		module = childAddress(module, name, index)
	}
	return module, nil
}
