package review

import (
	"cmp"
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// serviceRoles has the attribute with the role, or the instance profile, of resources whose code or instances act with
// it. Whoever writes the code has the access of the role.
var serviceRoles = map[string]string{
	"aws_amplify_app":                 "iam_service_role_arn",
	"aws_cloudwatch_event_target":     "role_arn",
	"aws_codebuild_project":           "service_role",
	"aws_codepipeline":                "role_arn",
	"aws_ecs_task_definition":         "task_role_arn",
	"aws_glue_crawler":                "role",
	"aws_glue_dev_endpoint":           "role_arn",
	"aws_glue_job":                    "role_arn",
	"aws_iam_instance_profile":        "role",
	"aws_instance":                    "iam_instance_profile",
	"aws_lambda_function":             "role",
	"aws_pipes_pipe":                  "role_arn",
	"aws_sagemaker_model":             "execution_role_arn",
	"aws_sagemaker_notebook_instance": "role_arn",
	"aws_sfn_state_machine":           "role_arn",
}

// addServiceRoles adds the resources that get another role, and new ones that get a role which exists already. The
// access of a new role is part of the report anyway.
func (r *review) addServiceRoles() {
	isNew := r.newRoles()
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		attribute := serviceRoles[c.Type]
		if attribute == "" || c.IsData || c.After.Kind != tree.Object || c.Action == planfile.NoOp ||
			c.Action == planfile.Forget {
			continue
		}
		if role, ok := c.After.Member(attribute); ok && role.Kind == tree.Unknown {
			r.notJudged(c, "The role with which it acts is known only after apply.")
			continue
		}
		old, updated := textOf(&c.Before, attribute), textOf(&c.After, attribute)
		if updated == "" || old == updated || isNew[roleKey(c.Type, updated)] {
			continue
		}
		kind := "role"
		if attribute == "iam_instance_profile" {
			kind = "instance profile"
		}
		summary := fmt.Sprintf("%s gets the %s %q, which exists already.", c.Address, kind, planned.ShowHoles(updated))
		if old != "" {
			summary = fmt.Sprintf("%s gets the %s %q instead of %q.", c.Address, kind, planned.ShowHoles(updated),
				planned.ShowHoles(old))
		}
		r.addFinding(Finding{ID: checkServiceRole + "/" + c.Address + "/" + planned.ShowHoles(updated),
			Check: checkServiceRole, Summary: summary, Sources: []Source{r.source(c)}})
	}
}

// newRoles returns the keys of the roles and instance profiles that the plan creates.
func (r *review) newRoles() map[string]bool {
	out := map[string]bool{}
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		name := textOf(&c.After, "name")
		if c.IsData || c.Action != planfile.Create || name == "" {
			continue
		}
		switch c.Type {
		case "aws_iam_role":
			out[roleKey("", name)] = true
		case "aws_iam_instance_profile":
			out[roleKey("aws_instance", name)] = true
		}
	}
	return out
}

// roleKey returns the key of a role, by its name or ARN, or of an instance profile if an instance has it.
func roleKey(typeName, role string) string {
	kind := "role "
	if typeName == "aws_instance" {
		kind = "profile "
	}
	return kind + ascii.Fold(planned.ProvisionalName(cmp.Or(account.NameOf(role), role)))
}
