package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newPasswordPolicy() *cobra.Command {
	profiles := []string{"aws-default", "nist-800-63b-4", "cis", "pci-dss-4"}
	return &cobra.Command{
		Use:   "password-policy [PROFILE]",
		Short: "Show or set the standard for passwords",
		Long: `Show the profile of the account's password policy or, with PROFILE, set the password
policy that a standard requires:

  aws-default      AWS's default: 8 characters of three kinds
  nist-800-63b-4   NIST SP 800-63B-4: 15 characters, no commonly used password
  cis              CIS AWS Foundations Benchmark: 14 characters, none of the last 24
                   passwords
  pci-dss-4        PCI DSS 4.0.1: 12 characters, none of the last 4 passwords, valid
                   for 90 days

iam api UpdateAccountPasswordPolicy sets any other password policy.`,
		Example:   `  iam password-policy nist-800-63b-4`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: profiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withClient(cmd, "GetPasswordProfile", func(ctx context.Context, c api) error {
				if len(args) > 0 {
					_, err := c.SetPasswordProfile(ctx, &engine.SetPasswordProfileInput{Profile: args[0]})
					return asRefusal("SetPasswordProfile", err)
				}
				out, err := c.GetPasswordProfile(ctx, nil)
				if err != nil {
					return asRefusal("GetPasswordProfile", err)
				}
				profile := out.Profile
				if profile == "" {
					profile = "none (iam api GetAccountPasswordPolicy shows the account's password policy)"
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), profile)
				return err
			})
		},
	}
}
