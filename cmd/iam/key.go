package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newKey() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Generate and rotate the master key, which encrypts every secret of the account",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeyGenerate(), newKeyRotate())
	return cmd
}

func newKeyGenerate() *cobra.Command {
	return &cobra.Command{
		Use:   "generate",
		Short: "Print a new master key, for $" + masterKeyVariable,
		Long: `Print a new master key, to store in a vault and to pass in $` + masterKeyVariable + `. The
command changes nothing. Without that variable, the key is in a file beside the
database, which is created together with the database.`,
		Example: `  iam key generate | vault kv put secret/iam key=-`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), credential.NewKeyring().Encode())
			return err
		},
	}
}

func newKeyRotate() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Replace the master key",
		Long: `Replace the master key, and encrypt every secret of the account with the new one. All
sessions end. Passwords, access keys and MFA devices remain valid. A backup needs
the key of its time: store the old key as long as the backups.

If the present key is in the key file, the command generates the new one. If it is
in $` + masterKeyVariable + `, the command reads the new one from --new-key; set the
variable to the new key afterwards.`,
		Example: `  iam key rotate
  iam key generate > new.key && iam key rotate --new-key new.key`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&file, "new-key", "", "the `FILE` with the new key, if $"+masterKeyVariable+" has the present one (\"-\" is standard input)")
	must(cmd.MarkFlagFilename("new-key"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		fresh, err := newMasterKey(cmd, file)
		if err != nil {
			return err
		}
		return withClient(cmd, "RotateMasterKey", func(ctx context.Context, c api) error {
			if _, err := c.RotateMasterKey(ctx, &engine.RotateMasterKeyInput{MasterKey: fresh}); err != nil {
				return refused("RotateMasterKey", err)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "The master key was changed. All sessions have ended.")
			return err
		})
	}
	return cmd
}

// newMasterKey reads the new key if the present one comes from the environment. Otherwise it returns "".
func newMasterKey(cmd *cobra.Command, file string) (string, error) {
	external := os.Getenv(masterKeyVariable) != ""
	switch {
	case external && file == "":
		return "", fmt.Errorf("$%s has the present key; give the new one with --new-key FILE (iam key generate prints one)", masterKeyVariable)
	case !external && file != "":
		return "", fmt.Errorf("the present key is in %s, and the command generates the new one there; omit --new-key", engine.KeyFile(storePath(cmd)))
	case !external:
		return "", nil
	}
	const maxKeySize = 64 << 10
	text, err := readFile(cmd.InOrStdin(), file, maxKeySize)
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return "", fmt.Errorf("--new-key: %s: %w", shownName(file), err)
	}
	return string(text), nil
}
