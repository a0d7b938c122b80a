package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/accountmap"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/graph"
)

func newMap() *cobra.Command {
	var source accountSource
	cmd := &cobra.Command{
		Use:   "map FILE",
		Short: "Draw the account as a web page: who can become whom",
		Long: `Write one HTML page of an account: its users, groups, roles and policies, with
their documents, and who can assume which role, take over which user or become
administrator, with the condition. The page can be searched.

The page contains everything that it needs and loads nothing. It has no secret, but
it shows all policies of the account and the ways around them, so that only you can
read the FILE. An existing FILE is replaced.

The account is the one in --store, or that of --account-file.`,
		Example: `  iam map account.html
  aws iam get-account-authorization-details > account.json
  iam map account.html --account-file account.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("expected the FILE to write (see iam map --help)")
			}
			return nil
		},
	}
	source.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		acc, err := source.readAll(cmd)
		if err != nil {
			return err
		}
		show, end := progress(cmd, "Searching")
		var page bytes.Buffer
		err = interruptible(cmd, func(ctx context.Context) error {
			edges, open, err := graph.Edges(ctx, acc, show)
			if err != nil {
				return err
			}
			return accountmap.Write(&page, acc, edges, open, time.Now())
		})
		if end(); err != nil {
			return err
		}
		return replaceFile(args[0], page.Bytes())
	}
	return cmd
}

// replaceFile writes a file that only the user can read. It writes another file first, so that an existing one is
// replaced as a whole.
func replaceFile(path string, content []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s exists and is not a regular file; name another file", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
