package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newSession() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "session",
		Short: "End sessions before they expire",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSessionRevoke())
	return cmd
}

func newSessionRevoke() *cobra.Command {
	var user, role, key string
	cmd := &cobra.Command{
		Use:   "revoke",
		Short: "End the sessions of a user, a role or an access key",
		Long: `End all present sessions of a user, of a role or of a long-term access key (AKIA...),
or one session by its access key (ASIA...). Sessions that were created from them
end too.
Passwords and long-term access keys remain valid. Delete them as well to keep
someone out.`,
		Example: `  iam session revoke --user alice
  iam session revoke --access-key ASIA...`,
		Args: cobra.NoArgs,
	}
	stringFlag := func(value *string, name, usage string) {
		cmd.Flags().StringVar(value, name, "", usage)
		panicOnError(cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
	stringFlag(&user, "user", "the `NAME` of a user")
	stringFlag(&role, "role", "the `NAME` of a role")
	stringFlag(&key, "access-key", "the `ID` of an access key")
	cmd.MarkFlagsMutuallyExclusive("user", "role", "access-key")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if user == "" && role == "" && key == "" {
			return errors.New("expected one of --user, --role and --access-key")
		}
		return withClient(cmd, "RevokeSessions", func(ctx context.Context, c api) error {
			switch {
			case user != "":
				_, err := c.RevokeUserSessions(ctx, &engine.RevokeUserSessionsInput{UserName: user})
				return asRefusal("RevokeUserSessions", err)
			case role != "":
				_, err := c.RevokeRoleSessions(ctx, &engine.RevokeRoleSessionsInput{RoleName: role})
				return asRefusal("RevokeRoleSessions", err)
			}
			_, err := c.RevokeAccessKeySessions(ctx, &engine.RevokeAccessKeySessionsInput{AccessKeyID: key})
			return asRefusal("RevokeAccessKeySessions", err)
		})
	}
	return cmd
}
