package review

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// unmodelled are the types of resources that may give access in ways that the review does not evaluate. A name with an
// underscore at its end stands for all types that begin with it.
var unmodelled = map[string]string{
	"aws_ami_launch_permission":                   "It may share an image with another account.",
	"aws_cloudcontrolapi_resource":                "It may manage roles and policies.",
	"aws_cloudformation_stack":                    "Its template may have roles and policies.",
	"aws_cloudformation_stack_instances":          "Its template may have roles and policies.",
	"aws_cloudformation_stack_set":                "Its template may have roles and policies.",
	"aws_cloudformation_stack_set_instance":       "Its template may have roles and policies.",
	"aws_cognito_identity_pool_roles_attachment":  "It gives roles to the identities of a pool.",
	"aws_eks_access_entry":                        "It gives access to a Kubernetes cluster.",
	"aws_eks_access_policy_association":           "It gives access to a Kubernetes cluster.",
	"aws_eks_pod_identity_association":            "It gives a role to the pods of a Kubernetes cluster.",
	"aws_identitystore_group_membership":          "It may give a person the permission sets of a group.",
	"aws_kms_grant":                               "A grant gives access to a key.",
	"aws_lakeformation_":                          "It may give access to data in Lake Formation.",
	"aws_lambda_function_url":                     "The URL may let everybody call a function.",
	"aws_organizations_policy":                    "It may limit what accounts may do.",
	"aws_organizations_policy_attachment":         "It may limit what accounts may do.",
	"aws_ram_":                                    "It may share resources with other accounts.",
	"aws_rolesanywhere_":                          "It may let holders of certificates assume roles.",
	"aws_s3_account_public_access_block":          "It decides whether policies and ACLs may give public access.",
	"aws_s3_bucket_acl":                           "An ACL may give public access.",
	"aws_s3_bucket_public_access_block":           "It decides whether policies and ACLs may give public access.",
	"aws_s3control_access_grant":                  "A grant gives access to objects.",
	"aws_snapshot_create_volume_permission":       "It may share a snapshot with another account.",
	"aws_ssoadmin_":                               "It may give permission sets to people, or change them.",
	"aws_vpc_endpoint_service_allowed_principal":  "It lets other accounts use a service.",
	"awscc_cloudformation_":                       "Its template may have roles and policies.",
	"awscc_iam_":                                  "The review does not evaluate the resources of this provider.",
	"awscc_sso_":                                  "It may give permission sets to people, or change them.",
	"awscc_lambda_permission":                     "The review does not evaluate the resources of this provider.",
	"awscc_organizations_policy":                  "It may limit what accounts may do.",
	"awscc_ram_":                                  "It may share resources with other accounts.",
	"awscc_rolesanywhere_":                        "It may let holders of certificates assume roles.",
	"awscc_lakeformation_":                        "It may give access to data in Lake Formation.",
	"awscc_eks_access_entry":                      "It gives access to a Kubernetes cluster.",
	"awscc_eks_pod_identity_association":          "It gives a role to the pods of a Kubernetes cluster.",
	"awscc_cognito_identity_pool_role_attachment": "It gives roles to the identities of a pool.",
}

// addUnmodelled adds the changed resources of types that may give access and that the review does not evaluate.
func (r *review) addUnmodelled() {
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.IsData || c.Action == planfile.NoOp || c.Action == planfile.Forget || isHarmless(c) {
			continue
		}
		if reason := unmodelledReason(c.Type); reason != "" {
			r.notJudged(c, "The review does not evaluate resources of this type. "+reason)
		}
	}
}

func unmodelledReason(typeName string) string {
	if reason := unmodelled[typeName]; reason != "" {
		return reason
	}
	for i, c := range typeName {
		if c == '_' {
			if reason := unmodelled[typeName[:i+1]]; reason != "" {
				return reason
			}
		}
	}
	return ""
}

// isHarmless reports whether a resource of a type that may give access gives none.
func isHarmless(c *planfile.Change) bool {
	switch c.Type {
	case "aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block":
		for _, name := range []string{"block_public_acls", "block_public_policy", "ignore_public_acls",
			"restrict_public_buckets"} {
			if !boolOf(&c.After, name) {
				return false
			}
		}
		return true
	case "aws_s3_bucket_acl":
		return c.After.Kind == tree.Null || textOf(&c.After, "acl") == "private"
	case "aws_lambda_function_url":
		return c.After.Kind == tree.Null || textOf(&c.After, "authorization_type") == "AWS_IAM"
	}
	return c.After.Kind == tree.Null && !strings.Contains(c.Type, "organizations_policy") &&
		!strings.Contains(c.Type, "cloudformation") && !strings.Contains(c.Type, "_ssoadmin_") &&
		!strings.HasPrefix(c.Type, "awscc_") && c.Type != "aws_cloudcontrolapi_resource"
}
