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

// What the environment says.
const (
	storeVariable     = "IAM_STORE"
	masterKeyVariable = "IAM_MASTER_KEY" // #nosec G101 -- the variable's name
)

// defaultStore is where the provider keeps its account too.
var defaultStore = filepath.Join(".iam", "iam.db")

// The flags that say which account is worked on, and as whom.
const (
	storeFlag       = "store"
	credentialsFlag = "credentials"
)

func registerStoreFlags(root *cobra.Command) {
	path := os.Getenv(storeVariable)
	if path == "" {
		path = defaultStore
	}
	flags := root.PersistentFlags()
	flags.String(storeFlag, path, "the database `FILE` of the account (or $"+storeVariable+")")
	flags.String(credentialsFlag, "", "act with the credentials in a `FILE`, which iam login printed, instead of as the local operator (\"-\" is standard input)")
	must(root.MarkPersistentFlagFilename(storeFlag, "db"))
	must(root.MarkPersistentFlagFilename(credentialsFlag, "json"))
}

// storePath is the file of the account.
func storePath(cmd *cobra.Command) string { return cmd.Flag(storeFlag).Value.String() }

// storeOptions are what is needed to open an account that is there.
func storeOptions(cmd *cobra.Command) engine.Options {
	return engine.Options{Path: storePath(cmd), Existing: true, MasterKey: os.Getenv(masterKeyVariable)}
}

// circumstances are what the audit trail says of a call beside its caller.
func circumstances() engine.Circumstances { return engine.Circumstances{UserAgent: "iam/" + version} }

// openStore opens an account. Where there is none, and the options do not ask to make one, the error says how one
// is made.
func openStore(ctx context.Context, options engine.Options) (*engine.Engine, error) {
	e, err := engine.Open(ctx, options)
	if options.Existing && errors.Is(err, fs.ErrNotExist) {
		if missing(options.Path) {
			return nil, fmt.Errorf("there is no account in %s: name its file with --%s or $%s, or make one by creating something in it, as with iam api CreateUser UserName=alice",
				options.Path, storeFlag, storeVariable)
		}
	}
	return e, err
}

// withStore runs a function on an account that is there, and closes it.
func withStore(cmd *cobra.Command, do func(ctx context.Context, e openAccount) error) error {
	return withOptions(cmd, storeOptions(cmd), do)
}

// openAccount is an open account, which calls are made on as a caller.
type openAccount interface {
	As(caller engine.Caller) *engine.Client
	Authenticate(
		ctx context.Context, accessKeyID, sessionToken string, verify func(secret string) bool, at engine.Circumstances,
	) (engine.Caller, error)
}

// api is what the commands ask of an account, as one caller.
type api interface {
	engine.STSAPI
	engine.ExtensionAPI
}

// asOperator returns the API of an account as the local operator.
func asOperator(e openAccount) api {
	return e.As(engine.LocalOperator(engine.OperatingSystemUser(), circumstances()))
}

// withOperator calls a function as the local operator, for commands that credentials give nobody the right to.
func withOperator(cmd *cobra.Command, do func(ctx context.Context, c api) error) error {
	return withStore(cmd, func(ctx context.Context, e openAccount) error { return do(ctx, asOperator(e)) })
}

func withOptions(cmd *cobra.Command, options engine.Options, do func(ctx context.Context, e openAccount) error) (err error) {
	e, err := openStore(cmd.Context(), options)
	if err != nil {
		return err
	}
	defer func() {
		if closing := e.Close(); closing != nil {
			err = errors.Join(err, fmt.Errorf("closing %s: %w", options.Path, closing))
		}
	}()
	return do(cmd.Context(), e)
}

// callerOf is as whom to call an operation: the local operator, or who the credentials speak for.
func callerOf(ctx context.Context, cmd *cobra.Command, e openAccount, operation string) (engine.Caller, error) {
	file := cmd.Flag(credentialsFlag).Value.String()
	if file == "" {
		return engine.LocalOperator(engine.OperatingSystemUser(), circumstances()), nil
	}
	given, err := readCredentials(cmd.InOrStdin(), file)
	if err != nil {
		return engine.Caller{}, fmt.Errorf("--%s: %s: %w", credentialsFlag, shownName(file), err)
	}
	caller, err := given.authenticate(ctx, e)
	return caller, refused(operation, err)
}

// withClient runs a function, which calls an operation, as the caller that the flags name.
func withClient(cmd *cobra.Command, operation string, do func(ctx context.Context, c api) error) error {
	return withStore(cmd, func(ctx context.Context, e openAccount) error {
		caller, err := callerOf(ctx, cmd, e, operation)
		if err != nil {
			return err
		}
		return do(ctx, e.As(caller))
	})
}

// operatorOnly refuses credentials for a command that needs the store's files and no permission.
func operatorOnly(cmd *cobra.Command) error {
	if cmd.Flag(credentialsFlag).Changed {
		return fmt.Errorf("%s is for the local operator, who has the store's files: --%s gives nobody the right to it", cmd.CommandPath(), credentialsFlag)
	}
	return nil
}
