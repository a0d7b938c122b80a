package simulation

import (
	"fmt"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Limits of a question. All are far above AWS's quotas.
const (
	maxPolicies = 10_000 // in one layer
	maxLevels   = 100    // of service or resource control policies
	maxKeys     = 10_000 // of the context
	maxText     = 8192   // bytes of a principal, action or resource
)

// fields are the names of the fields that a question may have.
var fields = []string{
	"id", "note", "expect",
	"principal", "principal_id", "service_linked_role",
	"action", "resource", "resource_account", "management_account",
	"context", "unknown_context_keys",
	"identity", "group", "boundary", "session", "scps", "rcps", "resource_policy", "unknown_resource_policy", "vpce",
}

// Fields returns the names of the fields that a question may have.
func Fields() []string { return slices.Clone(fields) }

// Loader loads the policy that a string refers to, such as file://dev.json. It returns ok = false for
// a string that is not a reference. The source names the policy's file in errors and in [Origin].
type Loader func(reference string) (text []byte, source string, ok bool, err error)

// Decode reads a question. The error is of type [Errors] and lists every mistake.
func Decode(node tree.Node) (*Case, error) { return DecodeWith(node, nil) }

// DecodeWith reads a question like Decode. A policy may also be a reference, which the loader loads.
func DecodeWith(node tree.Node, load Loader) (*Case, error) {
	d := &decoder{load: load, origins: map[originKey]Origin{}}
	c := d.question(node)
	if len(d.errors) > 0 {
		return nil, d.errors
	}
	return c, nil
}

type decoder struct {
	errors  Errors
	load    Loader
	origins map[originKey]Origin
	// uncertain says that the question contains an unknown value.
	uncertain bool
}

func (d *decoder) fail(path string, pos tree.Pos, format string, args ...any) {
	d.errors = append(d.errors, &Error{Path: path, Pos: pos, Message: fmt.Sprintf(format, args...)})
}

// question reads the whole question.
func (d *decoder) question(node tree.Node) *Case {
	c := &Case{Pos: node.Pos, origins: d.origins}
	c.Request.Resource = "*"
	c.Request.Context = authz.NewContext()
	switch node.Kind {
	case tree.Object:
	case tree.Unknown:
		// It may become an object with any fields, so there is nothing to evaluate.
		c.Uncertain = true
		c.unknownQuestion = true
		c.Request.Unknown = authz.Unknown{Principal: true, Action: true, Resource: true, ResourceAccount: true}
		return c
	default:
		d.fail("", node.Pos, "An access question must be an object; found %s.", node.Kind)
		return c
	}
	given := map[string]*tree.Member{}
	for i := range node.Members {
		m := &node.Members[i]
		switch {
		case !slices.Contains(fields, m.Name):
			d.fail(m.Name, m.Pos, "Unknown field%s.", policy.DidYouMean(m.Name, fields...))
		case given[m.Name] != nil:
			d.fail(m.Name, m.Pos, "The field is given twice.")
		case m.Value.Kind != tree.Null:
			given[m.Name] = m
			d.field(c, m)
		}
	}
	d.checkCombination(c, node.Pos, given)
	c.addPrincipalKeys()
	c.collectAlternatives()
	c.uncertainBesidesTarget = d.uncertain
	c.setUncertain()
	return c
}

// field reads one field.
func (d *decoder) field(c *Case, m *tree.Member) {
	value := m.Value
	switch m.Name {
	case "id":
		c.ID = d.label(value, m.Name)
	case "note":
		c.Note = d.label(value, m.Name)
	case "expect":
		d.expect(c, value)
	case "principal", "principal_id", "service_linked_role",
		"action", "resource", "resource_account", "management_account":
		d.request(c, m.Name, value)
	case "context":
		c.unknownContext = d.context(c.Request.Context, value, m.Name) || c.unknownContext
	case "unknown_context_keys":
		c.unknownContext = d.unknownKeys(c.Request.Context, value, m.Name) || c.unknownContext
	case "unknown_resource_policy":
		d.unknownResourcePolicy(c, value)
	default:
		d.layer(c, m.Name, value)
	}
}

// checkCombination checks that fields which need another field have it.
func (d *decoder) checkCombination(c *Case, pos tree.Pos, given map[string]*tree.Member) {
	if given["action"] == nil {
		d.fail("action", pos, "The question has no action; give one, as in s3:GetObject.")
	}
	needsPrincipal := func(name, message string) {
		// An unknown value may turn out to be null, which counts as not given.
		if m := given[name]; m != nil && given["principal"] == nil && m.Value.Kind != tree.Unknown {
			d.fail(name, m.Pos, "%s", message)
		}
	}
	needsPrincipal("resource_policy", "This policy can be evaluated only for a given caller; give a principal.")
	if c.unknownResourcePolicy && given["resource_policy"] != nil {
		m := given["unknown_resource_policy"]
		d.fail(m.Name, m.Pos, "The question has a resource_policy, so the policy of the resource is known; remove one "+
			"of the two.")
	}
	needsPrincipal("vpce", "This policy can be evaluated only for a given caller; give a principal.")
	needsPrincipal("principal_id", "This field describes the principal; give a principal too.")
	if c.serviceLinked {
		needsPrincipal("service_linked_role", "This field describes the principal; give a principal too.")
	}
}

// label reads a text that is for people only.
func (d *decoder) label(node tree.Node, path string) string {
	switch node.Kind {
	case tree.String, tree.Number:
		return node.Text
	case tree.Unknown:
		d.uncertain = true
		return ""
	}
	d.fail(path, node.Pos, "This must be a string; found %s.", node.Kind)
	return ""
}
