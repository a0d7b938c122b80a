package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/shapes"
)

func newWhoami() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Show the caller and the account of the commands",
		Long: `Show the output of GetCallerIdentity and the account file. For the local operator, also
show the operating system's user, which the audit trail records.`,
		Example: `  iam whoami
  iam whoami --credentials session.json -o json`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withClient(cmd, "GetCallerIdentity", func(ctx context.Context, c api) error {
			out, err := c.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
			if err != nil {
				return asRefusal("GetCallerIdentity", err)
			}
			answer := shapes.Object{{Name: "UserId", Value: *out.UserId}, {Name: "Account", Value: *out.Account},
				{Name: "Arn", Value: *out.Arn}, {Name: "Store", Value: storePath(cmd)}}
			if !cmd.Flag(credentialsFlag).Changed {
				answer = append(answer, shapes.Member{Name: "OperatingSystemUser", Value: engine.OperatingSystemUser()})
			}
			return writeOutput(cmd.OutOrStdout(), output.value, answer)
		})
	}
	return cmd
}
