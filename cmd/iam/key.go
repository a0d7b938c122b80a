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
sessions end. Passwords, access keys and MFA devices remain valid. To restore
a backup, you need the key from the time of the backup: store old keys as long as
the backups.

If the present key is in the key file, the command generates the new key. If the
present key is in $` + masterKeyVariable + `, the command reads the new key from
--new-key; set the variable to the new key afterwards.`,
		Example: `  iam key rotate
  (umask 077; iam key generate > new.key) && iam key rotate --new-key new.key`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&file, "new-key", "", "the `FILE` with the new key, if $"+masterKeyVariable+
		" contains the present key (\"-\" is standard input)")
	panicOnError(cmd.MarkFlagFilename("new-key"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		newKey, err := newMasterKey(cmd, file)
		if err != nil {
			return err
		}
		return withClient(cmd, "RotateMasterKey", func(ctx context.Context, c api) error {
			if _, err := c.RotateMasterKey(ctx, &engine.RotateMasterKeyInput{MasterKey: newKey}); err != nil {
				return asRefusal("RotateMasterKey", err)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "The master key was changed. All sessions have ended.")
			return err
		})
	}
	return cmd
}

// newMasterKey returns the new key from the file of --new-key if the present key comes from the
// environment. Otherwise it returns "", and the engine generates the new key.
func newMasterKey(cmd *cobra.Command, file string) (string, error) {
	fromEnvironment := os.Getenv(masterKeyVariable) != ""
	switch {
	case fromEnvironment && file == "":
		return "",
			fmt.Errorf("$%s contains the present key; give the new key with --new-key FILE (iam key generate prints one)",
				masterKeyVariable)
	case !fromEnvironment && file != "":
		return "",
			fmt.Errorf("the present key is in %s, so the command generates the new key itself; omit --new-key",
				engine.KeyFile(storePath(cmd)))
	case !fromEnvironment:
		return "", nil
	}
	const maxKeySize = 64 << 10
	text, err := readFile(cmd.InOrStdin(), file, maxKeySize)
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return "", fmt.Errorf("--new-key: %s: %w", displayName(file), err)
	}
	return string(text), nil
}
