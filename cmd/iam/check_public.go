package main

import (
	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
)

func newCheckPublic() *cobra.Command {
	var options analysis.Options
	cmd := &cobra.Command{
		Use:   "public --resource-type TYPE --policy FILE",
		Short: "Check that the policy of a resource gives no public access",
		Long: `Check that the policy of a resource gives no public access. Access is public unless
the policy limits it to fixed principals, accounts, organizations, networks or
sources. TYPE is a type of CloudFormation, such as AWS::S3::Bucket, or
AWS::IAM::AssumeRolePolicyDocument for the trust policy of a role.

` + allRequestsHelp + `

Exit status: 0 if there is no public access, 1 if there is, 2 if there is no
answer, 3 if the question could not be decided.

` + proofJSONHelp,
		Example: `  iam check public --resource-type AWS::S3::Bucket --policy bucket.json
  iam check public --resource-type AWS::SQS::Queue --policy queue.json -o json`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "text", "json")
	cmd.Flags().SortFlags = false
	resourceType := cmd.Flags().String("resource-type", "", "the `TYPE` of the resource, such as AWS::S3::Bucket")
	panicOnError(cmd.MarkFlagRequired("resource-type"))
	panicOnError(cmd.RegisterFlagCompletionFunc("resource-type", cobra.NoFileCompletions))
	policies := policyFlag(cmd, "policy", "the policy of the resource: a `FILE`")
	stepsFlag(cmd, &options)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		in := policyInput{in: cmd.InOrStdin()}
		docs := in.policies(*policies)
		if err := in.report(cmd.ErrOrStderr()); err != nil {
			return err
		}
		answer, err := analysis.NotPublic(*resourceType, docs, options)
		if err != nil {
			return in.refuse(cmd.ErrOrStderr(), err)
		}
		return reportProof(cmd.OutOrStdout(), output.value, headlines{"Not public", "Public", "Allowed by"}, answer)
	}
	return cmd
}
