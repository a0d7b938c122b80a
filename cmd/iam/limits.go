package main

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newLimits() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "limits [NAME=VALUE...]",
		Short: "Show or set the account's quotas",
		Long: `Show the account's quotas or, with NAME=VALUE, set some of them. The defaults are
AWS's quotas; "default" as VALUE restores one. Sizes count characters without
white space. A lower quota does not remove objects that already exceed it.`,
		Example: `  iam limits
  iam limits users=20000 policy_size=12000
  iam limits users=default`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var out []string
			for _, name := range engine.LimitNames() {
				out = append(out, name+"=")
			}
			return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		},
	}
	output := outputFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		values, err := limitValues(args)
		if err != nil {
			return err
		}
		return withClient(cmd, "GetLimits", func(ctx context.Context, c api) error {
			if len(values) > 0 {
				if _, err := c.SetLimits(ctx, &engine.SetLimitsInput{Limits: values}); err != nil {
					return asRefusal("SetLimits", err)
				}
			}
			out, err := c.GetLimits(ctx, nil)
			if err != nil {
				return asRefusal("GetLimits", err)
			}
			if output.value == "json" {
				return writeJSON(cmd.OutOrStdout(), out.Limits)
			}
			w := newWriter(cmd.OutOrStdout())
			w.limits(out.Limits)
			return w.err
		})
	}
	return cmd
}

// limitValues parses NAME=VALUE arguments. The value 0 restores the default.
func limitValues(args []string) (map[string]int, error) {
	values := map[string]int{}
	for _, arg := range args {
		name, text, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%q has no value; write it as NAME=VALUE", printable(arg))
		}
		if _, duplicate := values[name]; duplicate {
			return nil, fmt.Errorf("the limit %q is set twice", printable(name))
		}
		n, err := strconv.Atoi(text)
		switch {
		case text == "default":
			n = 0
		case err != nil || n < 1:
			return nil,
				fmt.Errorf("%s: %q is not a limit; give a number of at least 1, or default", printable(name), printable(text))
		}
		values[name] = n
	}
	return values, nil
}

// limits writes each limit, and AWS's limit if it differs.
func (w *writer) limits(current engine.Limits) {
	names := engine.LimitNames()
	width := widest(names...)
	values, defaults := reflect.ValueOf(current), reflect.ValueOf(engine.DefaultLimits())
	for i, name := range names {
		note := ""
		if values.Field(i).Int() != defaults.Field(i).Int() {
			note = fmt.Sprintf("  (AWS: %d)", defaults.Field(i).Int())
		}
		w.printf("%s  %d%s\n", w.styled(bold, padRight(name, width)), values.Field(i).Int(), note)
	}
}
