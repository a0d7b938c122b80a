package simulation

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// addPrincipalKeys adds the context keys that follow from the principal and that the question does not give. An empty
// list of values says that the request does not have a key.
func (c *Case) addPrincipalKeys() {
	context := c.Request.Context
	switch {
	case c.unknownContext: // it may give these keys
		return
	case c.Request.Unknown.Principal:
		context.SetUnknownPrincipal()
		return
	case c.unknownID || c.unknownServiceLinked:
		for key, patterns := range c.Request.Principal.UnknownKeys() {
			if !context.Has(key) {
				_ = context.SetUnknownLike(key, patterns) // fails only for an empty or existing key
			}
		}
	}
	context.SetPrincipal(c.Request.Principal)
}

// principalHints returns notes that say how to give the keys that the principal does not determine and that the
// decision depends on.
func (c *Case) principalHints(d *authz.Decision) (notes []string) {
	for key := range c.Request.Principal.UnknownKeys() {
		depends := slices.ContainsFunc(d.DependsOn, func(s string) bool {
			return ascii.EqualFold(s, "the context key "+key)
		})
		switch {
		case !depends || c.Request.Context.Has(key):
		case key == "aws:PrincipalArn":
			notes = append(notes, "The ARN of a session does not contain the path of its role. For a definite answer, give the "+
				"ARN of the role as the context key aws:PrincipalArn.")
		case c.Request.Principal.Kind == authz.Role:
			notes = append(notes, "The value of aws:userid is the unique id of the role, a colon and the name of the session. "+
				"For a definite answer, give it as a context key.")
		default:
			notes = append(notes, "The value of aws:userid contains the principal's unique id. For a definite answer, give "+
				"principal_id or the context key aws:userid.")
		}
	}
	return notes
}
