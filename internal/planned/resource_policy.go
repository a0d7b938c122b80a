package planned

import "github.com/iam-as-code/terraform-provider-iam/internal/tree"

// ResourcePolicy is the policy of an AWS resource other than a role.
type ResourcePolicy struct {
	// ResourceType is the type in CloudFormation, such as AWS::S3::Bucket.
	ResourceType string
	// Resource is the ARN of the resource to which the policy belongs. It may have holes, and is empty if it is not known.
	Resource string
	// Document is the policy: a text of JSON, or a tree with unknown parts.
	Document tree.Node
	// Part means that the resource of Terraform is one statement of a policy with others, such as aws_lambda_permission.
	Part bool
}

// ResourcePolicies returns the policies of AWS resources that a resource of Terraform has with these attributes.
// ok is false for a type whose resources have none.
func ResourcePolicies(typeName string, attributes tree.Node, in Place) (policies []ResourcePolicy, ok bool, err error) {
	return nil, false, nil
}
