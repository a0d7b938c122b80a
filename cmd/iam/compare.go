package main

import (
	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
)

func newCompare() *cobra.Command {
	var options analysis.Options
	cmd := &cobra.Command{
		Use:   "compare --kind KIND --existing FILE --new FILE",
		Short: "Find out whether a policy allows anything that another one does not",
		Long: `Compare two policies, or two sets of policies: do the new ones allow any request
that the existing ones do not? The answer is about all requests. If there is new
access, the answer has a request that shows it, the statements that allow this
request, and their condition.

` + allRequestsHelp + `

Both flags may be repeated, and may name a directory. The policies of one flag
act together, as the policies of one principal do: a Deny of one policy limits
the others.

Exit status: 0 if there is no new access, 1 if there is, 2 if there is no
answer, 3 if the question could not be decided.

` + proofJSONHelp,
		Example: `  iam compare --kind identity --existing main/dev.json --new dev.json
  iam compare --kind trust --existing limits.json --new role.json -o json
  terraform output -raw policy | iam compare --kind identity --existing policies/ --new -`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "text", "json")
	cmd.Flags().SortFlags = false
	kindName := kindFlag(cmd)
	existing := policyFlag(cmd, "existing", "an existing policy: a `FILE`, or a directory of files")
	updated := policyFlag(cmd, "new", "a new policy: a `FILE`, or a directory of files")
	stepsFlag(cmd, &options)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		kind, err := parseKind(*kindName)
		if err != nil {
			return err
		}
		in := policyInput{in: cmd.InOrStdin()}
		before, after := in.policies(*existing), in.policies(*updated)
		if err := in.report(cmd.ErrOrStderr()); err != nil {
			return err
		}
		answer, err := analysis.NoNewAccess(kind, before, after, options)
		if err != nil {
			return in.refuse(cmd.ErrOrStderr(), err)
		}
		return reportProof(cmd.OutOrStdout(), output.value, headlines{"No new access", "New access", "Allowed by"}, answer)
	}
	return cmd
}

// allRequestsHelp explains what policies the questions about all requests take.
const allRequestsHelp = `A policy is a JSON file ("-" is standard input). A directory stands for all files
in it whose names end in .json.`

// proofJSONHelp describes the JSON output of the questions about all requests.
const proofJSONHelp = `The JSON output is one object:

  result     "pass", "fail" or "unknown"
  message    the answer in one sentence
  condition  the condition of the access, if it has one
  reasons    the statements that allow the request in witness: layer, policy, sid,
             index, effect, file, line, column
  witness    for "fail", the request: principal, principal_id, action, resource,
             resource_account, context. iam simulate accepts these fields. Without
             principal, it is any principal of the account
  undecided  for "unknown", the causes: reason, statement, file, line, column`
