package simulation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Form is the way in which a question gives a policy.
type Form uint8

// The forms of a policy.
const (
	Inline Form = iota // an object in the question itself
	AsText             // a string of JSON
	Loaded             // a reference that a [Loader] loaded
)

// Origin describes where a policy of a question came from. Positions of its statements count within
// the question for an Inline policy, and within the policy's own text for the other forms.
type Origin struct {
	Form   Form
	Path   string   // the field that contains the policy
	Pos    tree.Pos // of the field's value in the question's text
	Source string   // the file of a loaded policy
}

type originKey struct {
	layer authz.LayerKind
	level int
	name  string
}

// policySet reads a set of policies.
func (d *decoder) policySet(kind authz.LayerKind, level int, node tree.Node, path string) []authz.Policy {
	add := func(out []authz.Policy, node tree.Node, path, name string) []authz.Policy {
		doc, origin := d.document(node, path)
		if doc == nil {
			return out
		}
		d.origins[originKey{kind, level, name}] = origin
		return append(out, authz.Policy{Name: name, Document: doc})
	}
	var out []authz.Policy
	if n := max(len(node.Elements), len(node.Members)); n > maxPolicies {
		d.fail(path, node.Pos, "There are %d policies; the limit is %d.", n, maxPolicies)
		return nil
	}
	switch {
	case node.Kind == tree.Array:
		for i, element := range node.Elements {
			at := fmt.Sprintf("%s[%d]", path, i)
			out = add(out, element, at, at)
		}
	case node.Kind == tree.Object && !isDocument(&node):
		for _, m := range node.Members {
			at := fmt.Sprintf("%s[%q]", path, m.Name)
			if m.Name == "" {
				d.fail(at, m.Pos, "The policy's name is empty.")
				continue
			}
			out = add(out, m.Value, at, m.Name)
		}
	default:
		out = add(out, node, path, path)
	}
	return out
}

// isDocument reports whether an object is a policy and not an object of name → policy. It ignores
// case, since "statement" is more likely a misspelt element than the name of a policy.
func isDocument(node *tree.Node) bool {
	for i := range node.Members {
		switch ascii.Fold(node.Members[i].Name) {
		case "version", "id", "statement":
			return true
		}
	}
	return false
}

// document reads one policy. It returns nil if the policy has errors.
func (d *decoder) document(node tree.Node, path string) (*policy.Document, Origin) {
	origin := Origin{Path: path, Pos: node.Pos}
	switch node.Kind {
	case tree.Unknown:
		d.uncertain = true
		return &policy.Document{Unknown: true}, origin
	case tree.Object:
		d.uncertain = d.uncertain || node.HasUnknown()
		doc, err := policy.Decode(node)
		return d.documentOrErrors(doc, err, origin)
	case tree.String:
		text := []byte(node.Text)
		origin.Form = AsText
		if d.load != nil {
			loaded, source, ok, err := d.load(node.Text)
			if err != nil {
				d.fail(path, node.Pos, "%s", sentence(err.Error()))
				return nil, origin
			}
			if ok {
				text, origin.Form, origin.Source = loaded, Loaded, source
			}
		}
		if origin.Form == AsText && strings.TrimSpace(node.Text) == "" {
			d.fail(path, node.Pos, "The policy is an empty string; leave it out if there is none.")
			return nil, origin
		}
		if message := d.notDocument(node.Text); origin.Form == AsText && message != "" {
			d.fail(path, node.Pos, "%s", message)
			return nil, origin
		}
		doc, err := policy.Parse(text)
		return d.documentOrErrors(doc, err, origin)
	case tree.Null:
		d.fail(path, node.Pos, "The policy is null; leave it out if there is none.")
	default:
		d.fail(path, node.Pos, "A policy is an object, or a string of JSON; found %s.", node.Kind)
	}
	return nil, origin
}

// notDocument returns a message for a text that names a policy instead of containing it, or "".
func (d *decoder) notDocument(text string) string {
	switch {
	case strings.HasPrefix(text, "arn:"):
		message := fmt.Sprintf("Expected a policy document, found the ARN %s. ", policy.Quote(text))
		if d.load == nil {
			return message + "Give the text of the policy, such as the attribute policy of a resource or data source iam_policy."
		}
		return message + "Save the document in a file, for example from aws iam get-policy-version or iam api " +
			"GetPolicyVersion, and refer to the file as file://PATH."
	case d.load != nil && !strings.ContainsAny(text, "{}[]\"\n"):
		return fmt.Sprintf("Expected a policy document, found %s. If it is the path of a file, write file://%s.",
			policy.Quote(text), text)
	}
	return ""
}

// documentOrErrors turns the findings of a policy that cannot be read into errors of its field.
func (d *decoder) documentOrErrors(doc *policy.Document, err error, origin Origin) (*policy.Document, Origin) {
	if err == nil {
		return doc, origin
	}
	var findings policy.Findings
	if !errors.As(err, &findings) {
		d.fail(origin.Path, origin.Pos, "%s", sentence(err.Error()))
		return nil, origin
	}
	for _, f := range findings {
		e := &Error{
			Path: origin.Path, Pos: origin.Pos, Source: origin.Source,
			JSONPath: f.Path, Code: f.Code, Message: f.Message,
		}
		e.setPolicyPos(origin, f.Pos)
		d.errors = append(d.errors, e)
	}
	return nil, origin
}
