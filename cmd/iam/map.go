package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/accountmap"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/escalation"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
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
			steps, open, err := mapSteps(ctx, acc, show)
			if err != nil {
				return err
			}
			return accountmap.Write(&page, acc, steps, open, time.Now())
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

// mapSteps returns who can become whom in an account, and sentences about what could not be decided.
func mapSteps(ctx context.Context, acc *account.Account, show func(done, total int)) (steps []accountmap.Step,
	open []string, err error) {
	half := func(start int) func(done, total int) {
		if show == nil {
			return nil
		}
		return func(done, total int) { show(start*total+done, 2*total) }
	}
	risen, err := escalation.Find(ctx, acc, escalation.Options{Progress: half(0)})
	if err != nil {
		return nil, nil, err
	}
	for _, p := range risen.Already {
		steps = append(steps, accountmap.Step{From: p.String(), To: accountmap.Administrator,
			Text: "The policies allow it everything."})
	}
	for _, path := range risen.Paths {
		if path.Reaches == path.From { // the other paths begin with a takeover, which follows
			steps = append(steps, mapStep(path.From, accountmap.Administrator, path.Steps))
		}
	}
	takeovers, unclear, err := escalation.Takeovers(ctx, acc, half(1))
	if err != nil {
		return nil, nil, err
	}
	for _, t := range takeovers {
		steps = append(steps, mapStep(t.By, t.Gains.String(), t.Steps))
	}
	for _, o := range slices.Concat(risen.Open, unclear) {
		if text := fmt.Sprintf("%s: %s.", o.From, o.Reason); !slices.Contains(open, text) {
			open = append(open, text)
		}
	}
	outside, unknown, err := stepsFromOutside(ctx, acc)
	return append(steps, outside...), append(open, unknown...), err
}

// mapStep returns the steps of a principal as one step of the map.
func mapStep(by authz.Principal, to string, steps []escalation.Step) accountmap.Step {
	out := accountmap.Step{From: by.String(), To: to, Assumes: true}
	var texts, conditions []string
	for _, step := range steps {
		var actions []string
		for _, r := range step.Requests {
			actions = append(actions, r.Action.String())
			out.Assumes = out.Assumes && strings.HasPrefix(r.Action.String(), "sts:")
			for _, key := range r.If {
				if text := key.String(); !slices.Contains(conditions, text) {
					conditions = append(conditions, text)
				}
			}
		}
		text := strings.Join(actions, ", ") + ": " + step.Result + "."
		if step.Actor != by {
			text = "as " + step.Actor.String() + ", " + text
		}
		if step.Assumes != "" {
			text += " Assumed: " + step.Assumes + "."
		}
		texts = append(texts, text)
	}
	out.Text, out.Condition = strings.Join(texts, " Then "), strings.Join(conditions, " and ")
	return out
}

// assumingActions are the actions by which a principal outside the account assumes a role.
var assumingActions = []authz.Action{
	authz.MustAction("sts:AssumeRole"), authz.MustAction("sts:AssumeRoleWithWebIdentity"),
	authz.MustAction("sts:AssumeRoleWithSAML"),
}

// stepsFromOutside returns which principals outside the account can assume which role.
func stepsFromOutside(ctx context.Context, acc *account.Account) (steps []accountmap.Step, open []string, err error) {
	for _, role := range acc.ARNs(account.RoleKind) {
		for _, action := range assumingActions {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			found, err := access.Outsiders(acc, access.Question{Action: action, Resource: role})
			if err != nil {
				open = append(open, fmt.Sprintf("%s: %s.", role, err))
				break
			}
			for _, f := range found {
				switch {
				case f.Principal.Kind == authz.FederatedProvider && strings.HasPrefix(f.Principal.String(), "arn:"):
					// an identity provider of the account, which escalation.Takeovers has
				case f.Answer == access.Unknown:
					open = append(open, fmt.Sprintf("Whether %s may assume %s: %s.", f.Name, role, strings.Join(f.Open, "; ")))
				default:
					steps = append(steps, accountmap.Step{From: f.Name, To: role, Assumes: true, Condition: f.Condition,
						Text: action.String() + ": the trust policy of the role allows it."})
				}
			}
		}
	}
	return steps, open, nil
}
