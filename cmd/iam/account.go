package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newAccount() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "account",
		Short: "Export or import a whole account, in the form of the AWS CLI",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAccountExport(), newAccountImport())
	return cmd
}

func newAccountExport() *cobra.Command {
	return &cobra.Command{
		Use:   "export",
		Short: "Print the account in the form of aws iam get-account-authorization-details",
		Long: `Print users, groups, roles and policies in the form of aws iam
get-account-authorization-details. All parts show the account
at the same moment. The output contains no credentials; iam backup copies
everything.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := operatorOnly(cmd); err != nil {
				return err
			}
			return withOperator(cmd, func(ctx context.Context, c api) error {
				out, err := c.ExportAccount(ctx, nil)
				if err != nil {
					return withoutErrorCode(err)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", strings.TrimSpace(string(out.Text)))
				return err
			})
		},
	}
}

// maxAccountSize limits the size of an account file, in bytes.
const maxAccountSize = 256 << 20

func newAccountImport() *cobra.Command {
	var accountID string
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import the output of aws iam get-account-authorization-details",
		Long: `Create the users, groups, roles and policies in the output of iam account export
or aws iam get-account-authorization-details ("-" is standard input). They keep
their unique ids, dates and versions. The account must have no users, groups,
roles or policies yet. If the command fails, it imports nothing and creates no
files.

If the file is wrong about one of them, the command leaves it out and imports the
rest. It also leaves out everything that would lose a policy, a group, a
permissions boundary or a trusted principal with it, because access could grow
otherwise. It lists what it left out with the reasons, and exits with status 1.

A policy that AWS accepts and this account would refuse is imported with a
warning. If the policy cannot be evaluated, it denies every request of its user,
group or role until you replace it.

The output contains no passwords, access keys or MFA devices. The report lists
all users, because it cannot know which of them had credentials.`,
		Example: `  aws iam get-account-authorization-details > account.json
  iam account import account.json --store imported/iam.db`,
		Args: requireOneFile,
	}
	cmd.Flags().StringVar(&accountID, "account", "", "the `ID` of a new account; the id in the ARNs of FILE if not given")
	panicOnError(cmd.RegisterFlagCompletionFunc("account", cobra.NoFileCompletions))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		text, err := readFile(cmd.InOrStdin(), args[0], maxAccountSize)
		if err != nil {
			return fmt.Errorf("%s: %w", displayName(args[0]), err)
		}
		options := storeOptions(cmd)
		options.Existing, options.AccountID = !isMissing(options.Path), accountID
		if !options.Existing {
			if options.AccountID, err = importedAccountID(text, accountID); err != nil {
				return fmt.Errorf("%s: %w", displayName(args[0]), err)
			}
		}
		var discard func() error
		if !options.Existing {
			discard = rememberMissing(options.Path)
		}
		imported := false
		err = withOptions(cmd, options, func(ctx context.Context, e openAccount) error {
			report, err := asOperator(e).ImportAccount(ctx, &engine.ImportAccountInput{Text: text})
			if err != nil {
				return withoutErrorCode(err)
			}
			imported = true
			w := newWriter(cmd.OutOrStdout())
			w.printf("Imported %s, %s, %s and %s.\n", countOf(report.Users, "user"), countOf(report.Groups, "group"),
				countOf(report.Roles, "role"), countOf(report.Policies, "managed polic"+plural(report.Policies, "y", "ie")))
			if len(report.Reissue) > 0 {
				w.printf("\nThe file contains no passwords, access keys or MFA devices. Issue new ones to those who had any:\n")
				for _, name := range report.Reissue {
					w.printf("  %s\n", printable(name))
				}
			}
			if len(report.Warnings) > 0 {
				w.printf("\nWarnings:\n")
				for _, sentence := range report.Warnings {
					w.printf("  %s\n", printable(sentence))
				}
			}
			if len(report.NotImported) > 0 {
				w.printf("\nNot imported:\n")
				for _, sentence := range report.NotImported {
					w.printf("  %s\n", printable(sentence))
				}
			}
			if len(report.Omitted) > 0 {
				w.printf("\nLeft out, because their access would otherwise differ from that in the file:\n")
				for _, sentence := range report.Omitted {
					w.printf("  %s\n", printable(sentence))
				}
				if w.err == nil {
					return status(exitNo)
				}
			}
			return w.err
		})
		if !imported && discard != nil {
			err = errors.Join(err, discard())
		}
		return err
	}
	return cmd
}

// rememberMissing returns a function that removes the files of a new store which do not exist yet, and its folder if
// that does not exist either. An import that fails leaves nothing behind.
func rememberMissing(path string) (discard func() error) {
	dir := filepath.Dir(path)
	files := []string{path, path + "-wal", path + "-shm", engine.KeyFile(path)}
	if isMissing(dir) {
		files = append(files, filepath.Join(dir, ".gitignore"), dir)
	}
	missing := files[:0]
	for _, file := range files {
		if isMissing(file) {
			missing = append(missing, file)
		}
	}
	return func() error {
		for _, file := range missing {
			if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("removing the new account after the failed import: %w", err)
			}
		}
		return nil
	}
}

// plural returns the singular form for one, and the plural form for other numbers.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// importedAccountID returns the id of the account that an import creates: the id in the ARNs of the text, or the id
// of --account if the text has no ARNs. It checks the text before the account's file is created.
func importedAccountID(text []byte, flagID string) (string, error) {
	details, err := account.ReadAuthorizationDetails(text)
	switch {
	case err != nil:
		return "", err
	case details.ID() == "":
		return flagID, nil
	case flagID != "" && flagID != details.ID():
		return "",
			fmt.Errorf("the ARNs in the file have the account id %s, but --account is %s", details.ID(), printable(flagID))
	}
	return details.ID(), nil
}
