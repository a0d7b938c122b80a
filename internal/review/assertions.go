package review

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// addAssertions adds the access assertions that are removed or forbid less, because the author of a change must not be
// able to switch them off unseen.
func (r *review) addAssertions() {
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.IsData || c.Type != "iam_access_assertion" || c.Before.Kind != tree.Object || c.Action == planfile.NoOp {
			continue
		}
		name := textOf(&c.Before, "name")
		f := Finding{Check: checkAssertion, Sources: []Source{r.source(c)}}
		switch {
		case c.Action == planfile.Forget:
			f.Summary = fmt.Sprintf("Terraform no longer manages the access assertion %q. The account keeps it.", name)
		case c.Action == planfile.Delete:
			f.Summary = fmt.Sprintf("The access assertion %q is removed.", name)
			f.Details = assertionOf(&c.Before).Weakened(assertion.Assertion{})
		default:
			f.Details = r.weakened(c)
			if len(f.Details) == 0 {
				continue
			}
			f.Summary = fmt.Sprintf("The access assertion %q requires less.", name)
		}
		f.ID = checkAssertion + "/" + name + "/" + digestTexts(append(f.Details, f.Summary)...)
		r.addFinding(f)
	}
}

// weakened describes the requirements that a changed assertion no longer has.
func (r *review) weakened(c *planfile.Change) []string {
	before, after := assertionOf(&c.Before), assertionOf(&c.After)
	var out []string
	if c.After.HasUnknown() && requirementsUnknown(&c.After) {
		out = append(out, "The new requirements are known only after apply.")
	}
	for _, request := range before.Weakened(after) {
		out = append(out, request+" is no longer forbidden.")
	}
	if lost := lostAllows(&before, &after); lost > 0 {
		out = append(out, fmt.Sprintf("%d of its allow blocks are changed or removed.", lost))
	}
	if textOf(&c.Before, "undecided") == "error" && textOf(&c.After, "undecided") != "error" {
		out = append(out, "A plan that cannot decide it no longer fails.")
	}
	if boolOf(&c.Before, "protected") && !boolOf(&c.After, "protected") {
		out = append(out, "It is no longer protected against removal.")
	}
	return out
}

// lostAllows returns the number of allow blocks that the changed assertion does not have.
func lostAllows(before, after *assertion.Assertion) (lost int) {
	for _, b := range before.Blocks {
		if !b.Allow {
			continue
		}
		same := false
		for _, other := range after.Blocks {
			one, two := assertion.Assertion{Blocks: []assertion.Block{b}}, assertion.Assertion{Blocks: []assertion.Block{other}}
			same = same || one.Equal(two)
		}
		if !same {
			lost++
		}
	}
	return lost
}

// requirementsUnknown reports whether an argument of an assertion is not known yet.
func requirementsUnknown(n *tree.Node) bool {
	for _, name := range []string{"principal", "allow", "deny", "through_roles"} {
		if m, ok := n.Member(name); ok && m.HasUnknown() {
			return true
		}
	}
	return false
}

// assertionOf returns the assertion of an iam_access_assertion.
func assertionOf(n *tree.Node) assertion.Assertion {
	through, ok := n.Member("through_roles")
	a := assertion.Assertion{Principal: textOf(n, "principal"), DirectOnly: ok && through.Kind == tree.Bool &&
		through.Text == "false"}
	for _, of := range []struct {
		name  string
		allow bool
	}{{"allow", true}, {"deny", false}} {
		blocks, ok := n.Member(of.name)
		if !ok {
			continue
		}
		for i := range blocks.Elements {
			b := &blocks.Elements[i]
			block := assertion.Block{Allow: of.allow, Actions: textsOf(b, "actions"), Resources: textsOf(b, "resources"),
				Message: textOf(b, "message")}
			if keys, ok := b.Member("context"); ok {
				for j := range keys.Elements {
					k := &keys.Elements[j]
					block.Context = append(block.Context, assertion.Key{Name: textOf(k, "key"), Values: textsOf(k, "values"),
						Multivalued: boolOf(k, "multivalued")})
				}
			}
			a.Blocks = append(a.Blocks, block)
		}
	}
	return a
}

// textOf returns a text among the members of an object, and "" if it has none.
func textOf(n *tree.Node, name string) string {
	if m, ok := n.Member(name); ok && m.Kind == tree.String {
		return m.Text
	}
	return ""
}

func boolOf(n *tree.Node, name string) bool {
	m, ok := n.Member(name)
	return ok && m.Kind == tree.Bool && m.Text == "true"
}

func textsOf(n *tree.Node, name string) (out []string) {
	m, ok := n.Member(name)
	if !ok {
		return nil
	}
	for _, e := range m.Elements {
		if e.Kind == tree.String {
			out = append(out, e.Text)
		}
	}
	return out
}
