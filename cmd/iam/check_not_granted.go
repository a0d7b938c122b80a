package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/grant"
)

func newCheckNotGranted() *cobra.Command {
	var actions, resources []string
	var options analysis.Options
	cmd := &cobra.Command{
		Use:   "not-granted --kind KIND --policy FILE [--action PATTERN] [--resource PATTERN]",
		Short: "Check that policies never grant some access",
		Long: `Check that policies grant none of some access. --action and --resource may be
repeated and may have wildcards. Actions alone mean any resource, resources alone
any action; both mean any of the actions on any of the resources. The check fails
if the policies allow one such request. A grant with a condition is a grant.

` + allRequestsHelp + ` The policies act
together, as the policies of one principal do.

Exit status: 0 if the access is not granted, 1 if some of it is, 2 if there is no
answer, 3 if the question could not be decided.

` + proofJSONHelp,
		Example: `  iam check not-granted --kind identity --policy dev.json --action 'iam:*' --action sts:AssumeRole
  iam check not-granted --kind identity --policy policies/ --action 's3:Delete*' \
    --resource 'arn:aws:s3:::audit-log/*'`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "text", "json")
	cmd.Flags().SortFlags = false
	kindName := kindFlag(cmd)
	policies := policyFlag(cmd, "policy", "a policy: a `FILE`, or a directory of files")
	cmd.Flags().StringArrayVar(&actions, "action", nil, "the `PATTERN` of an action, such as 's3:Put*'")
	cmd.Flags().StringArrayVar(&resources, "resource", nil, "the `PATTERN` of a resource's ARN")
	panicOnError(cmd.RegisterFlagCompletionFunc("action", cobra.NoFileCompletions))
	panicOnError(cmd.RegisterFlagCompletionFunc("resource", cobra.NoFileCompletions))
	stepsFlag(cmd, &options)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		kind, err := parseKind(*kindName)
		if err != nil {
			return err
		}
		if len(actions) == 0 && len(resources) == 0 {
			return fmt.Errorf("the access is missing; give --action or --resource (see %s --help)", cmd.CommandPath())
		}
		asked, warnings, err := grant.Parse(actions, resources)
		if err != nil {
			return err
		}
		for _, warning := range warnings {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), printable("warning: "+warning))
		}
		in := policyInput{in: cmd.InOrStdin()}
		docs := in.policies(*policies)
		if err := in.report(cmd.ErrOrStderr()); err != nil {
			return err
		}
		answer, err := analysis.NotGranted(kind, docs, []analysis.Access{asked}, options)
		if err != nil {
			return in.refuse(cmd.ErrOrStderr(), err)
		}
		return reportProof(cmd.OutOrStdout(), output.value, headlines{"Not granted", "Granted", "Allowed by"}, answer)
	}
	return cmd
}
