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
		Short: "Make and change the master key, which seals every secret in the store",
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
		Long: `Print a new master key, for those who keep it in a vault of their own and give it in
$` + masterKeyVariable + `. It changes nothing. Without that variable the key is in a file
beside the database, and is made with it.`,
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
		Short: "Put a new master key in the place of the present one",
		Long: `Put a new master key in the place of the present one, and seal every secret in the
store anew. All sessions end; passwords, access keys and MFA devices stay.
Backups need the key that they were made under: keep it as long as them.

With a key file, the new key is made here. With $` + masterKeyVariable + `, it is read from
--new-key; give it in the variable from then on.`,
		Example: `  iam key rotate
  iam key generate > new.key && iam key rotate --new-key new.key`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&file, "new-key", "", "the `FILE` with the new key, where $"+masterKeyVariable+" has the present one (\"-\" is standard input)")
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

// newMasterKey reads the new key where the present one is given from outside too.
func newMasterKey(cmd *cobra.Command, file string) (string, error) {
	given := os.Getenv(masterKeyVariable) != ""
	switch {
	case given && file == "":
		return "", fmt.Errorf("$%s has the present key, so give the new one with --new-key FILE (iam key generate makes one)", masterKeyVariable)
	case !given && file != "":
		return "", fmt.Errorf("the key is in %s, where the new one is made: leave --new-key out", engine.KeyFile(storePath(cmd)))
	case !given:
		return "", nil
	}
	const mostKeys = 64 << 10
	text, err := readFile(cmd.InOrStdin(), file, mostKeys)
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", fmt.Errorf("--new-key: %s: %w", shownName(file), err)
	}
	return string(text), nil
}
