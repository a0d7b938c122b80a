package simulation

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// request reads a field that belongs to the request itself.
func (d *decoder) request(c *Case, name string, node tree.Node) {
	r := &c.Request
	if node.Kind == tree.Unknown {
		switch name {
		case "action":
			r.Unknown.Action = true
			return // not d.uncertain, since Case.About may ask about another action
		case "resource":
			r.Unknown.Resource = true
			return // likewise for the resource
		}
		d.uncertain = true
		switch name {
		case "principal":
			r.Unknown.Principal = true
		case "resource_account":
			r.Unknown.ResourceAccount = true
		case "principal_id":
			c.unknownID = true
		case "service_linked_role":
			c.unknownServiceLinked = true
		case "management_account":
			c.unknownManagement = true
		}
		return
	}
	if name == "service_linked_role" {
		if node.Kind != tree.Bool {
			d.fail(name, node.Pos, "This must be true or false; found %s.", node.Kind)
			return
		}
		c.serviceLinked = node.Text == "true"
		r.Principal.ServiceLinked = r.Principal.ServiceLinked || c.serviceLinked
		return
	}
	text, ok := d.text(node, name)
	if !ok {
		return
	}
	switch name {
	case "principal":
		p, err := authz.ParsePrincipal(text)
		if err != nil {
			d.fail(name, node.Pos, "%s.", err)
			return
		}
		p.ID, p.ServiceLinked = r.Principal.ID, p.ServiceLinked || r.Principal.ServiceLinked
		r.Principal = p
	case "principal_id":
		r.Principal.ID = text
	case "action":
		a, err := authz.ParseAction(text)
		if err != nil {
			d.fail(name, node.Pos, "%s.", err)
			return
		}
		r.Action = a
	case "resource":
		r.Resource = text
	case "resource_account":
		r.ResourceAccount = d.account(node, text, name)
	case "management_account":
		r.ManagementAccount = d.account(node, text, name)
	}
}

// text reads a string that must not be empty. A number counts as its text, so an account id needs no
// quotes.
func (d *decoder) text(node tree.Node, path string) (string, bool) {
	switch {
	case node.Kind != tree.String && node.Kind != tree.Number:
		d.fail(path, node.Pos, "This must be a string; found %s.", node.Kind)
	case node.Text == "":
		d.fail(path, node.Pos, "This is an empty string; leave the field out if it is not given.")
	case len(node.Text) > maxText:
		d.fail(path, node.Pos, "This has %d bytes; the limit is %d.", len(node.Text), maxText)
	default:
		return node.Text, true
	}
	return "", false
}

// account checks an account id.
func (d *decoder) account(node tree.Node, text, path string) string {
	ok := len(text) == 12
	for i := 0; ok && i < len(text); i++ {
		ok = text[i] >= '0' && text[i] <= '9'
	}
	if !ok {
		hint := ""
		if node.Kind == tree.Number && len(text) < 12 {
			hint = " (a number loses its leading zeros; write it as a string)"
		}
		d.fail(path, node.Pos, "%s is not an account id; an account id has 12 digits%s.", policy.Quote(text), hint)
		return ""
	}
	return text
}

// expect reads the outcome that an access test expects.
func (d *decoder) expect(c *Case, node tree.Node) {
	if node.Kind == tree.Unknown {
		d.uncertain = true
		return
	}
	text, ok := d.text(node, "expect")
	if !ok {
		return
	}
	if slices.Contains(expectations, text) {
		c.Expect = text
		return
	}
	d.fail("expect", node.Pos, "%s is not an outcome%s; the outcomes are Allowed, ExplicitlyDenied, "+
		"ImplicitlyDenied, Denied (either of the two) and Unknown.",
		policy.Quote(text), policy.DidYouMean(text, expectations...))
}

var expectations = []string{"Allowed", "ExplicitlyDenied", "ImplicitlyDenied", "Denied", "Unknown"}
