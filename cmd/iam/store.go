package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// The environment variables.
const (
	storeVariable     = "IAM_STORE"
	masterKeyVariable = "IAM_MASTER_KEY" // #nosec G101 -- the variable's name
)

// defaultStore is the path of the account file. It is also the provider's default.
var defaultStore = filepath.Join(".iam", "iam.db")

// The flags that name the account and the caller, and describe the errors of denied calls.
const (
	storeFlag          = "store"
	credentialsFlag    = "credentials"
	encodedMessageFlag = "encoded-message"
)

func registerStoreFlags(root *cobra.Command) {
	path := os.Getenv(storeVariable)
	if path == "" {
		path = defaultStore
	}
	flags := root.PersistentFlags()
	flags.String(storeFlag, path, "the database `FILE` of the account (or $"+storeVariable+")")
	flags.String(credentialsFlag, "", "act as the owner of the credentials in a `FILE`, the output of iam login, "+
		"instead of the local operator (\"-\" is standard input)")
	flags.Bool(encodedMessageFlag, false, "print the encoded message of AccessDenied as well, "+
		"for iam api DecodeAuthorizationMessage")
	panicOnError(root.MarkPersistentFlagFilename(storeFlag, "db"))
	panicOnError(root.MarkPersistentFlagFilename(credentialsFlag, "json"))
}

// storePath returns the path of the account file.
func storePath(cmd *cobra.Command) string { return cmd.Flag(storeFlag).Value.String() }

// storeOptions returns the options to open an existing account.
func storeOptions(cmd *cobra.Command) engine.Options {
	return engine.Options{Path: storePath(cmd), Existing: true, MasterKey: os.Getenv(masterKeyVariable)}
}

// circumstances returns the details of the command that its audit records contain.
func circumstances() engine.Circumstances { return engine.Circumstances{UserAgent: "iam/" + version} }

// openStore opens an account. If there is none and the options do not ask to create one, the error says how to create
// one.
func openStore(ctx context.Context, options engine.Options) (*engine.Engine, error) {
	e, err := engine.Open(ctx, options)
	if options.Existing && errors.Is(err, fs.ErrNotExist) {
		if isMissing(options.Path) {
			return nil, fmt.Errorf("the account file %s does not exist; name another file with --%s or $%s, or create an "+
				"account with its first user: iam api CreateUser UserName=alice",
				options.Path, storeFlag, storeVariable)
		}
	}
	return e, err
}

// withStore opens an existing account, calls a function with it and closes it.
func withStore(cmd *cobra.Command, call func(ctx context.Context, e openAccount) error) error {
	return withOptions(cmd, storeOptions(cmd), call)
}

// openAccount is an open account.
type openAccount interface {
	As(caller engine.Caller) *engine.Client
	Authenticate(
		ctx context.Context, accessKeyID, sessionToken string, verify func(secret string) bool, at engine.Circumstances,
	) (engine.Caller, error)
}

// api contains the operations that the commands call. Each value acts as one caller.
type api interface {
	engine.STSAPI
	engine.ExtensionAPI
}

// asOperator returns the API of an account as the local operator.
func asOperator(e openAccount) api {
	return e.As(engine.LocalOperator(engine.OperatingSystemUser(), circumstances()))
}

// withOperator calls a function as the local operator. Commands use it for operations that only the
// local operator may call.
func withOperator(cmd *cobra.Command, call func(ctx context.Context, c api) error) error {
	return withStore(cmd, func(ctx context.Context, e openAccount) error { return call(ctx, asOperator(e)) })
}

// withOptions opens an account, calls a function with it and closes it.
func withOptions(cmd *cobra.Command, options engine.Options,
	call func(ctx context.Context, e openAccount) error) (err error) {
	e, err := openStore(cmd.Context(), options)
	if err != nil {
		return err
	}
	if e.ReadOnly() {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "iam: %s cannot be written, so the audit trail does not record this command\n",
			printable(options.Path))
	}
	defer func() {
		if closeErr := e.Close(); closeErr != nil {
			err = errors.Join(err, fmt.Errorf("closing %s: %w", options.Path, closeErr))
		}
	}()
	return call(cmd.Context(), e)
}

// callerOf returns the caller for an operation: the local operator, or the owner of the credentials.
func callerOf(ctx context.Context, cmd *cobra.Command, e openAccount, operation string) (engine.Caller, error) {
	file := cmd.Flag(credentialsFlag).Value.String()
	if file == "" {
		return engine.LocalOperator(engine.OperatingSystemUser(), circumstances()), nil
	}
	key, err := readCredentials(cmd.InOrStdin(), file)
	if err != nil {
		return engine.Caller{}, fmt.Errorf("--%s: %s: %w", credentialsFlag, displayName(file), err)
	}
	caller, err := key.authenticate(ctx, e)
	return caller, asRefusal(operation, err)
}

// withClient calls a function as the caller that the flags name. Errors name the operation that the function calls.
func withClient(cmd *cobra.Command, operation string, call func(ctx context.Context, c api) error) error {
	return withStore(cmd, func(ctx context.Context, e openAccount) error {
		caller, err := callerOf(ctx, cmd, e, operation)
		if err != nil {
			return err
		}
		return call(ctx, e.As(caller))
	})
}

// operatorOnly refuses --credentials for a command that only the local operator may use.
func operatorOnly(cmd *cobra.Command) error {
	if cmd.Flag(credentialsFlag).Changed {
		return fmt.Errorf("%s works on the account's files and is only for the local operator; omit --%s", cmd.CommandPath(),
			credentialsFlag)
	}
	return nil
}
