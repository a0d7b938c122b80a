package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/configuration"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/review"
)

// maxPlanSize is the size limit of a plan file in bytes.
const maxPlanSize = 512 << 20

// planSource contains the flags with which a command reads a plan.
type planSource struct {
	account                   accountSource
	folder, accountID, region string
}

func (s *planSource) register(cmd *cobra.Command) {
	s.account.register(cmd)
	cmd.Flags().StringVar(&s.folder, "source", "", "the `DIR` with the configuration of the plan, where Terraform ran; "+
		"its expressions fill in policies that the plan does not know yet")
	panicOnError(cmd.MarkFlagDirname("source"))
	cmd.Flags().StringVar(&s.accountID, "account-id", "", "the `ID` of the account, if the plan does not contain it or "+
		"has several")
	cmd.Flags().StringVar(&s.region, "region", "", "the `REGION`, if the plan does not contain it")
	panicOnError(cmd.RegisterFlagCompletionFunc("account-id", cobra.NoFileCompletions))
	panicOnError(cmd.RegisterFlagCompletionFunc("region", cobra.NoFileCompletions))
}

var accountIDForm = regexp.MustCompile(`^[0-9]{12}$`)

// read reads a plan, and the account and the configuration that the flags name.
func (s *planSource) read(cmd *cobra.Command, file string) (in review.Input, err error) {
	if s.accountID != "" && !accountIDForm.MatchString(s.accountID) {
		return in, fmt.Errorf("--account-id is %q; the id of an account has 12 digits", s.accountID)
	}
	in.AccountID = s.accountID
	in.AWSPolicies, in.Now = engine.EmptyAccount("").AWSPolicies(), time.Now()
	if len(s.account.files) > 0 || cmd.Flag(storeFlag).Changed {
		if in.Account, err = s.account.read(cmd); err != nil {
			return in, err
		}
		if s.accountID != "" && s.accountID != in.Account.ID() {
			return in, fmt.Errorf("--account-id is %s, and the account is %s", s.accountID, in.Account.ID())
		}
		in.Account = in.Account.WithAWSPolicies(in.AWSPolicies)
		s.accountID = in.Account.ID()
	}
	text, err := readFile(cmd.InOrStdin(), file, maxPlanSize)
	if err != nil {
		return in, fmt.Errorf("%s: %w", displayName(file), err)
	}
	if in.Plan, err = planfile.Read(text); err != nil {
		return in, fmt.Errorf("%s: %w", displayName(file), err)
	}
	options := planfile.Options{Place: planned.Place{Account: s.accountID, Region: s.region}}
	if s.folder != "" {
		if in.Configuration, err = loadConfiguration(s.folder); err != nil {
			return in, fmt.Errorf("--source %s: %w", s.folder, err)
		}
		options.Configuration = in.Configuration
	}
	if err := in.Plan.Resolve(options); err != nil {
		return in, fmt.Errorf("%s: %w", displayName(file), err)
	}
	return in, nil
}

// loadConfiguration reads the configuration in a folder. Its modules may lie anywhere in the same repository.
func loadConfiguration(folder string) (*configuration.Configuration, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	top := repositoryOf(absolute)
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, unreadable(err)
	}
	within, err := filepath.Rel(top, absolute)
	if err != nil {
		return nil, err
	}
	return configuration.Load(root.FS(), filepath.ToSlash(within))
}

// repositoryOf returns the folder with the repository that contains a folder, or the folder itself.
func repositoryOf(folder string) string {
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return folder
		}
	}
}

func newReview() *cobra.Command {
	var source planSource
	cmd := &cobra.Command{
		Use:   "review PLAN",
		Short: "Show who gains and who loses access by a Terraform plan",
		Long: `Review the access that a Terraform plan changes. PLAN is the output of
terraform show -json for a plan file ("-" is standard input). It may have iam_*
resources, aws_iam_* resources of the AWS provider, and AWS resources with
policies of their own. The review needs no credentials and no network.

Give the configuration with --source. A plan does not contain a policy that
mentions a new resource, and the review then reads its text in the configuration.
Without an account, the review compares the resources of the plan before and after
it. With --account-file or --store, it applies the plan to the whole account.

--policy names a file of rules. Take it from the base branch, so that a change
cannot switch off its own review:

  checks:
    new_access: warning       # error, warning, note or off
  accept:
    - id: admin_grant/role/break-glass/1c9a07de
      reason: The role of the on-call engineers.
      expires: 2027-01-31

The checks and their severities without rules:

` + checkTable() + `
Exit status: 0 if no finding has the severity of --fail-on or a higher one, 1 if
one has, 2 if there is no answer.`,
		Example: `  terraform plan -out plan.out && terraform show -json plan.out > plan.json
  iam review plan.json --source .
  iam review plan.json --source . --account-file account.json --format markdown
  iam review plan.json --source . --write html=review.html --write sarif=review.sarif`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("expected one PLAN, the output of terraform show -json (see %s --help)", cmd.CommandPath())
			}
			return nil
		},
	}
	source.register(cmd)
	format := &enumFlag{value: "text", valid: review.Formats()}
	cmd.Flags().VarP(format, "format", "o", "the format of the output: "+strings.Join(review.Formats(), ", "))
	panicOnError(cmd.RegisterFlagCompletionFunc("format",
		cobra.FixedCompletions(review.Formats(), cobra.ShellCompDirectiveNoFileComp)))
	files := cmd.Flags().StringArray("write", nil, "also write the review to a file, as `FORMAT=FILE`; may be repeated")
	policyFile := cmd.Flags().String("policy", "", "the `FILE` with the rules of the review")
	panicOnError(cmd.MarkFlagFilename("policy", "yaml", "yml", "json"))
	failOn := &enumFlag{value: "error", valid: []string{"error", "warning", "note", "never"}}
	cmd.Flags().Var(failOn, "fail-on", "the lowest `SEVERITY` of a finding that fails the review: error, "+
		"warning, note, never")
	panicOnError(cmd.RegisterFlagCompletionFunc("fail-on",
		cobra.FixedCompletions(failOn.valid, cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		outputs, err := parseOutputs(*files)
		if err != nil {
			return err
		}
		in, err := source.read(cmd, args[0])
		if err != nil {
			return err
		}
		if *policyFile != "" {
			if in.Rules, err = readRules(cmd, *policyFile); err != nil {
				return err
			}
		}
		in.Graphs = format.value == "html"
		for _, o := range outputs {
			in.Graphs = in.Graphs || o.format == "html"
		}
		var report *review.Report
		err = interruptible(cmd, func(ctx context.Context) error {
			report, err = review.Review(ctx, in)
			return err
		})
		if err != nil {
			return err
		}
		options := review.WriteOptions{Version: version, FailOn: review.Severity(failOn.value)}
		for _, o := range outputs {
			if err := writeReview(report, o, options); err != nil {
				return err
			}
		}
		if err := report.Write(cmd.OutOrStdout(), format.value, options); err != nil {
			return err
		}
		if report.Fails(options.FailOn) {
			return status(exitNo)
		}
		return nil
	}
	return cmd
}

// checkTable returns the checks of a review with their severities.
func checkTable() string {
	var out strings.Builder
	for _, check := range review.CheckNames() {
		fmt.Fprintf(&out, "  %-22s %s\n", check, review.DefaultSeverity(check))
	}
	return out.String()
}

// maxRules is the size limit of a file of rules, in bytes.
const maxRules = 1 << 20

func readRules(cmd *cobra.Command, file string) (review.Rules, error) {
	text, err := readFile(cmd.InOrStdin(), file, maxRules)
	var rules review.Rules
	if err == nil {
		rules, err = review.ReadRules(file, text)
	}
	if err != nil {
		return rules, fmt.Errorf("--policy %s: %w", displayName(file), err)
	}
	return rules, nil
}

// reviewOutput is a file to which a review is written.
type reviewOutput struct{ format, file string }

func parseOutputs(texts []string) ([]reviewOutput, error) {
	var out []reviewOutput
	for _, text := range texts {
		format, file, ok := strings.Cut(text, "=")
		if !ok || file == "" {
			return nil, fmt.Errorf("--write is %q; write FORMAT=FILE, such as html=review.html", text)
		}
		check := enumFlag{valid: review.Formats()}
		if err := check.Set(format); err != nil {
			return nil, fmt.Errorf("--write %q: the format %w", text, err)
		}
		out = append(out, reviewOutput{format, file})
	}
	return out, nil
}

func writeReview(report *review.Report, to reviewOutput, o review.WriteOptions) error {
	var out bytes.Buffer
	err := report.Write(&out, to.format, o)
	if err == nil {
		err = replaceFile(to.file, out.Bytes())
	}
	if err != nil {
		return fmt.Errorf("--write %s=%s: %w", to.format, to.file, err)
	}
	return nil
}
