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
		Long: `Sign in as a user of the account, with the password and, if the user has an MFA
device, its code. The command prints credentials that are valid for twelve hours,
in the form that AWS tools read from a credential_process and that --credentials
reads. Store them where nobody else can read them.

The command asks for password and code at the terminal, or reads the password from
standard input. Without USER, it uses the name of the operating system's user.

Exit status: 0 if the user is signed in, 1 if not, 2 if the sign-in could not be
attempted.`,
		Example: `  (umask 077; iam login alice > ~/.iam-session) && iam whoami --credentials ~/.iam-session
  pass show alice | iam login alice --password-stdin --code 123456
  printf '%s\n' "$OLD" "$NEW" | iam login alice --password-stdin --new-password-stdin`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	flags.BoolVar(&newFromStdin, "new-password-stdin", false,
		"read a new password from standard input, in the line after the present one")
	flags.StringVar(&code, "code", "", "the `CODE` that the user's MFA device shows")
	panicOnError(cmd.RegisterFlagCompletionFunc("code", cobra.NoFileCompletions))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flag(credentialsFlag).Changed {
			return fmt.Errorf("iam login creates credentials and does not use any; omit --%s", credentialsFlag)
		}
		userName := engine.OperatingSystemUser()
		if len(args) > 0 {
			userName = args[0]
		}
		if userName == "" {
			return errors.New("the name of the operating system's user is not known; give USER")
		}
		if newFromStdin && !fromStdin {
			return errors.New("--new-password-stdin needs --password-stdin")
		}
		return withStore(cmd, func(ctx context.Context, e openAccount) error {
			in := engine.SignInInput{UserName: userName, Code: code}
			var c engine.SignInAPI = e.As(engine.Anonymous(circumstances()))
			var err error
			if fromStdin {
				err = readPasswords(cmd.InOrStdin(), &in, newFromStdin)
			} else {
				err = promptPassword(cmd, &in, !cmd.Flags().Changed("code"))
			}
			if err != nil {
				return err
			}
			out, err := c.SignIn(ctx, &in)
			if err = asRefusal("SignIn", err); requiresPasswordChange(err) && !fromStdin {
				_, _ = fmt.Fprintln(cmd.ErrOrStderr(), err)
				if err := promptNewPassword(cmd, &in); err != nil {
					return err
				}
				out, err = c.SignIn(ctx, &in)
				err = asRefusal("SignIn", err)
			}
			if requiresPasswordChange(err) {
				_, _ = fmt.Fprintln(cmd.ErrOrStderr(),
					"Give the new password in the second line of standard input, with --new-password-stdin.")
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

// maxPasswordInput limits the input for passwords, in bytes. A password has at most 128 characters.
const maxPasswordInput = 4 << 10

// readPasswords reads the password and, if withNew is set, the new password. Each is one line.
func readPasswords(in io.Reader, request *engine.SignInInput, withNew bool) error {
	text, err := readFile(in, stdin, maxPasswordInput)
	if err != nil {
		return fmt.Errorf("reading the password from standard input: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
	want := 1
	if withNew {
		want = 2
	}
	if len(lines) != want || lines[0] == "" {
		return fmt.Errorf(
			"reading the password from standard input: found %s, expected %d: the password and, with --new-password-stdin, "+
				"the new one", countOf(len(lines), "line"), want)
	}
	request.Password = lines[0]
	if withNew {
		request.NewPassword = lines[1]
	}
	return nil
}

// requiresPasswordChange reports whether the error says that the user must change the password.
func requiresPasswordChange(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.api.ErrorCode() == "PasswordChangeRequired"
}

// promptPassword asks for the password and, if askCode is set, for the MFA code.
func promptPassword(cmd *cobra.Command, request *engine.SignInInput, askCode bool) (err error) {
	if request.Password, err = prompt(cmd, fmt.Sprintf("Password of %s: ", printable(request.UserName))); err == nil &&
		askCode {
		request.Code, err = prompt(cmd, "MFA code (empty without a device): ")
	}
	return err
}

// promptNewPassword asks for a new password. An MFA code is valid once, so the function also asks for the next code.
func promptNewPassword(cmd *cobra.Command, request *engine.SignInInput) (err error) {
	if request.NewPassword, err = prompt(cmd, "New password: "); err != nil {
		return err
	}
	repeated, err := prompt(cmd, "Repeat the new password: ")
	switch {
	case err != nil:
		return err
	case repeated != request.NewPassword:
		return errors.New("the two new passwords differ; nothing was changed")
	case request.Code != "":
		request.Code, err = prompt(cmd, "Next MFA code of the device: ")
	}
	return err
}

// prompt asks for a secret at the terminal, without showing the input. It writes the question to
// standard error, because standard output is often a file.
func prompt(cmd *cobra.Command, question string) (string, error) {
	file, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return "", errors.New("standard input is not a terminal, so iam cannot ask for the password; use --password-stdin")
	}
	_, _ = fmt.Fprint(cmd.ErrOrStderr(), question)
	typed, err := term.ReadPassword(int(file.Fd()))
	_, _ = fmt.Fprintln(cmd.ErrOrStderr())
	if err != nil {
		return "", fmt.Errorf("reading from the terminal: %w", err)
	}
	return string(typed), nil
}
