package review

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// addInstanceProfiles adds the instance profiles that give their instances another role.
func (r *review) addInstanceProfiles() {
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.Type != "aws_iam_instance_profile" && c.Type != "iam_instance_profile" || c.IsData {
			continue
		}
		old, updated := textOf(&c.Before, "role"), textOf(&c.After, "role")
		if profile, _, err := planned.InstanceProfile(c.Type, c.After); (err != nil || profile.UnknownRole) &&
			c.Before.Kind == tree.Object {
			r.notJudged(c, "The role of its instances is known only after apply.")
			continue
		}
		if updated == "" || old == updated || c.Before.Kind != tree.Object {
			continue // a new profile has no instances yet
		}
		name := textOf(&c.After, "name")
		r.addFinding(Finding{ID: checkInstanceProfile + "/" + name + "/" + updated, Check: checkInstanceProfile,
			Summary: fmt.Sprintf("The instances with the instance profile %q get the role %q instead of %q.", name, updated,
				old),
			Sources: []Source{r.source(c)}})
	}
}
