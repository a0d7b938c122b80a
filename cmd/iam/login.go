package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newLogin() *cobra.Command {
	var fromStdin, newFromStdin bool
	var code string
	cmd := &cobra.Command{
		Use:   "login [USER]",
		Short: "Sign in with a user's password, for temporary credentials",
		Long: `Sign in as a user of the account, with the password and, where the user has an MFA
device, its code. What is printed are credentials for twelve hours, in the form
that the tools of AWS take from a credential_process, and that --credentials
takes here. Keep them where nobody else can read them.

Password and code are asked for at the terminal, or come from a line of standard
input each. Without USER, the user has the name of the operating system's.

Exit status: 0 if the user is signed in, 1 if not, 2 if it could not be tried.`,
		Example: `  iam login alice > ~/.iam-session && iam whoami --credentials ~/.iam-session
  pass show alice | iam login alice --password-stdin --code 123456
  printf '%s\n' "$OLD" "$NEW" | iam login alice --password-stdin --new-password-stdin`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	flags.BoolVar(&newFromStdin, "new-password-stdin", false, "read a new password from standard input, after the present one: where it has to be changed")
	flags.StringVar(&code, "code", "", "the `CODE` that the user's MFA device shows")
	must(cmd.RegisterFlagCompletionFunc("code", cobra.NoFileCompletions))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flag(credentialsFlag).Changed {
			return fmt.Errorf("iam login makes credentials, and takes none: leave --%s out", credentialsFlag)
		}
		userName := engine.OperatingSystemUser()
		if len(args) > 0 {
			userName = args[0]
		}
		if userName == "" {
			return errors.New("name a USER: the operating system does not say who this is")
		}
		if newFromStdin && !fromStdin {
			return errors.New("--new-password-stdin goes with --password-stdin")
		}
		return withStore(cmd, func(ctx context.Context, e openAccount) error {
			in := engine.SignInInput{UserName: userName, Code: code}
			var c engine.SignInAPI = e.As(engine.Anonymous(circumstances()))
			var err error
			if fromStdin {
				err = readPasswords(cmd.InOrStdin(), &in, newFromStdin)
			} else {
				err = askPassword(cmd, &in, !cmd.Flags().Changed("code"))
			}
			if err != nil {
				return err
			}
			out, err := c.SignIn(ctx, &in)
			if err = refused("SignIn", err); mustChange(err) && !fromStdin {
				_, _ = fmt.Fprintln(cmd.ErrOrStderr(), err)
				if err := askNewPassword(cmd, &in); err != nil {
					return err
				}
				out, err = c.SignIn(ctx, &in)
				err = refused("SignIn", err)
			}
			if mustChange(err) {
				_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "Give the new password in a second line of standard input, with --new-password-stdin.")
			}
			if err != nil {
				return err
			}
			return writeJSON(cmd.OutOrStdout(), credentials{
				Version: 1, AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey,
				SessionToken: *out.Credentials.SessionToken, Expiration: out.Credentials.Expiration,
			})
		})
	}
	return cmd
}

// mostPasswords is how much of standard input is read for passwords, each of which has at most 128 characters.
const mostPasswords = 4 << 10

// readPasswords takes the password, and the new one, from a line each.
func readPasswords(in io.Reader, into *engine.SignInInput, renew bool) error {
	text, err := readFile(in, stdin, mostPasswords)
	if err != nil {
		return fmt.Errorf("reading the password from standard input: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
	want := 1
	if renew {
		want = 2
	}
	if len(lines) != want || lines[0] == "" {
		return fmt.Errorf("reading the password from standard input: found %s, want %d: one for the password, and with --new-password-stdin one for the new one", countOf(len(lines), "line"), want)
	}
	into.Password = lines[0]
	if renew {
		into.NewPassword = lines[1]
	}
	return nil
}

// mustChange reports whether the password was right and has to be replaced.
func mustChange(err error) bool {
	var no *refusal
	return errors.As(err, &no) && no.api.ErrorCode() == "PasswordChangeRequired"
}

// askPassword asks for the password and, unless it was given, the code.
func askPassword(cmd *cobra.Command, into *engine.SignInInput, askCode bool) (err error) {
	if into.Password, err = ask(cmd, fmt.Sprintf("Password of %s: ", plain(into.UserName))); err == nil && askCode {
		into.Code, err = ask(cmd, "MFA code (empty where there is no device): ")
	}
	return err
}

// askNewPassword asks for a password to take the place of the present one. A code serves once, so it asks for the next.
func askNewPassword(cmd *cobra.Command, into *engine.SignInInput) (err error) {
	if into.NewPassword, err = ask(cmd, "New password: "); err != nil {
		return err
	}
	again, err := ask(cmd, "The new password again: ")
	switch {
	case err != nil:
		return err
	case again != into.NewPassword:
		return errors.New("the two are not the same, so nothing was changed")
	case into.Code != "":
		into.Code, err = ask(cmd, "The next MFA code that the device shows: ")
	}
	return err
}

// ask asks at the terminal, which does not show what is typed. The questions go to standard error, as the answer
// goes to a file.
func ask(cmd *cobra.Command, question string) (string, error) {
	file, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return "", errors.New("there is no terminal to ask for the password at: give it with --password-stdin")
	}
	_, _ = fmt.Fprint(cmd.ErrOrStderr(), question)
	typed, err := term.ReadPassword(int(file.Fd()))
	_, _ = fmt.Fprintln(cmd.ErrOrStderr())
	if err != nil {
		return "", fmt.Errorf("asking at the terminal: %w", err)
	}
	return string(typed), nil
}
