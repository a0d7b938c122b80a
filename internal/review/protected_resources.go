package review

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// protectedResource is an AWS resource with a policy of its own, before and after the plan.
type protectedResource struct {
	resourceType, arn string
	change            *planfile.Change // the first changed resource of Terraform that configures the policy
	before, after     []authz.Policy
	documents         []tree.Node // the policies after the plan
	old               []tree.Node // the policies before the plan
	hadPolicy         bool
	failed            bool
	// configured says that a resource of Terraform has the policy in an attribute that no refresh reads. owner is the
	// first one that has the whole policy after the plan.
	configured bool
	owner      *planfile.Change
}

// policyKey identifies the resource with a policy.
func policyKey(c *planfile.Change, p *planned.ResourcePolicy) string {
	return p.ResourceType + " " + cmp.Or(p.Resource, c.Address)
}

// protectedResources returns the resources with policies, in the order of the plan. Several resources of Terraform may
// make up the policy of one.
func (r *review) protectedResources() []*protectedResource {
	var out []*protectedResource
	byKey := map[string]*protectedResource{}
	var computed []func()
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.IsData || isIAM(c.Type) {
			continue
		}
		place, _ := r.in.Plan.Place(c)
		after := c.After
		if c.Action == planfile.Forget {
			after = c.Before
		}
		for _, side := range []struct {
			value   tree.Node
			isAfter bool
		}{{c.Before, false}, {after, true}} {
			if side.value.Kind != tree.Object {
				continue
			}
			policies, ok, err := planned.ResourcePolicies(c.Type, side.value, place)
			if err != nil {
				r.notJudged(c, "Its policy cannot be read: "+err.Error()+".")
				continue
			}
			if !ok {
				if attribute, found := planned.UnknownPolicy(c.Type, side.value); found && c.Action != planfile.NoOp {
					r.notJudged(c, "The attribute "+attribute+" looks like a policy, and the effect of this type of resource "+
						"is not known.")
				}
				continue
			}
			for _, found := range policies {
				key := policyKey(c, &found)
				p := byKey[key]
				if p == nil {
					p = &protectedResource{resourceType: found.ResourceType, arn: found.Resource}
					byKey[key] = p
					out = append(out, p)
				}
				if found.Computed {
					computed = append(computed, func() { p.addComputed(r, c, &found, side.isAfter) })
					continue
				}
				p.configured = true
				p.noteChange(c)
				p.add(r, c, &found, side.isAfter)
			}
		}
	}
	for _, add := range computed {
		add()
	}
	return out
}

// noteOwner records the resource of Terraform that has the whole policy after the plan. If two have it, the one that
// Terraform applies last takes effect, so the policy is not judged.
func (p *protectedResource) noteOwner(r *review, c *planfile.Change) {
	switch {
	case p.owner == nil:
		p.owner = c
	case p.owner != c && (p.owner.Action != planfile.NoOp || c.Action != planfile.NoOp):
		p.failed = true
		for _, of := range []*planfile.Change{p.owner, c} {
			r.notJudged(of, fmt.Sprintf("The resources %s and %s of this plan set the same policy. The one that Terraform "+
				"applies last takes effect.", p.owner.Address, c.Address))
		}
	}
}

// noteChange records the first changed resource of Terraform.
func (p *protectedResource) noteChange(c *planfile.Change) {
	if p.change == nil && c.Action != planfile.NoOp && c.Action != planfile.Forget {
		p.change = c
	}
}

// addComputed adds a policy that a refresh has read. If another resource of Terraform has the policy, that one counts
// after the plan, and the refresh shows at most the policy before the plan.
func (p *protectedResource) addComputed(r *review, c *planfile.Change, found *planned.ResourcePolicy, isAfter bool) {
	if p.configured && (isAfter || p.hadPolicy) {
		return
	}
	p.noteChange(c)
	p.add(r, c, found, isAfter)
}

// add adds a policy of the resource before or after the plan.
func (p *protectedResource) add(r *review, c *planfile.Change, found *planned.ResourcePolicy, isAfter bool) {
	decoded, err := simulation.DecodePolicies("policy", authz.ResourcePolicy, found.Document)
	if err != nil {
		p.failed = true
		r.notJudged(c, "Its policy cannot be evaluated: "+oneLine(err.Error()))
		return
	}
	for i := range decoded {
		decoded[i].Name = "policy of " + c.Address
	}
	if isAfter && !found.Part {
		p.noteOwner(r, c)
	}
	if isAfter {
		p.after, p.documents = append(p.after, decoded...), append(p.documents, found.Document)
	} else {
		p.before, p.old, p.hadPolicy = append(p.before, decoded...), append(p.old, found.Document), true
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
