package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func newValidate() *cobra.Command {
	var kindName string
	var catalogFiles []string
	cmd := &cobra.Command{
		Use:   "validate --kind KIND FILE...",
		Short: "Check policies for errors, risks and misunderstandings",
		Long: fmt.Sprintf(`Check policy documents by the rules of their kind. Findings have the issue codes of
AWS's policy checks. "-" is standard input.

The kinds are %s (or scp and rcp for the last two).

The program has a catalog of AWS's services, actions, types of resources and
condition keys. A file for --catalog has a newer catalog that replaces it, or services
that are added to it. The guide "Policy checks" describes the file.

Exit status: 0 if no policy has errors (warnings do not count), 1 if a policy has
errors, 2 if a file could not be read.`, strings.Join(policy.Kinds(), ", ")),
		Example: `  iam validate --kind identity policies/*.json
  iam validate --kind trust -o sarif role.json > findings.sarif
  iam validate --kind identity --catalog payroll.txt policies/*.json
  terraform output -raw policy | iam validate --kind boundary -`,
		Args: requireFiles,
	}
	output := outputFlag(cmd, "text", "json", "sarif")
	cmd.Flags().StringVarP(&kindName, "kind", "k", "", "the `KIND` of the policies")
	panicOnError(cmd.MarkFlagRequired("kind"))
	cmd.Flags().StringArrayVar(&catalogFiles, "catalog", nil, "load a `FILE` with another catalog, or with services to "+
		"add; may be repeated")
	panicOnError(cmd.RegisterFlagCompletionFunc("kind",
		cobra.FixedCompletions(policy.Kinds(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		kind, err := policy.ParseKind(kindName)
		if err != nil {
			return fmt.Errorf("--kind: %w", err)
		}
		services, err := loadCatalog(catalogFiles)
		if err != nil {
			return err
		}
		run := validateRun{counts: map[policy.FindingKind]int{}}
		for _, file := range files {
			text, err := readFile(cmd.InOrStdin(), file, policy.MaxSize)
			if err != nil {
				run.unreadable++
				_, _ = fmt.Fprintln(cmd.ErrOrStderr(), printable(problem{place{File: displayName(file)}, err.Error()}.String()))
				continue
			}
			run.add(displayName(file), policy.ValidateWith(services, text, kind))
		}
		if err := run.report(cmd.OutOrStdout(), output.value); err != nil {
			return err
		}
		switch {
		case run.unreadable > 0:
			return status(exitBad)
		case run.counts[policy.Error] > 0:
			return status(exitNo)
		}
		return nil
	}
	return cmd
}

// maxCatalog is the size limit of a file with a catalog, in bytes.
const maxCatalog = 16 << 20

// loadCatalog returns the catalog in the program, with the changes of the files in their order.
func loadCatalog(files []string) (*catalog.Catalog, error) {
	services := catalog.Default()
	for _, name := range files {
		file, err := readFile(strings.NewReader(""), name, maxCatalog)
		if err == nil {
			services, err = services.Load(file)
		}
		if err != nil {
			return nil, fmt.Errorf("--catalog %s: %w", name, err)
		}
	}
	return services, nil
}

// validateRun contains the findings of one call.
type validateRun struct {
	files, unreadable int
	counts            map[policy.FindingKind]int
	findings          []fileFinding
}

// fileFinding is a finding in a file.
type fileFinding struct {
	place
	policy.Finding
}

func (v *validateRun) add(file string, findings policy.Findings) {
	v.files++
	for _, f := range findings {
		v.counts[f.Kind]++
		v.findings = append(v.findings, fileFinding{placeAt(file, f.Pos), f})
	}
}

func (v *validateRun) report(out io.Writer, format string) error {
	switch format {
	case "json":
		return v.reportJSON(out)
	case "sarif":
		return v.reportSARIF(out)
	}
	w := newWriter(out)
	for _, f := range v.findings {
		w.printf("%s: %s %s %s\n", printable(f.place.String()), w.styled(findingStyle(f.Kind), f.Kind.String()), f.Code,
			printable(f.Message))
	}
	var counts []string
	for _, kind := range []policy.FindingKind{policy.Error, policy.SecurityWarning, policy.Warning, policy.Suggestion} {
		if n := v.counts[kind]; n > 0 {
			counts = append(counts, countOf(n, strings.ReplaceAll(strings.ToLower(kind.String()), "_", " ")))
		}
	}
	if len(counts) == 0 {
		counts = []string{"no findings"}
	}
	checked := fmt.Sprintf("%d policies checked", v.files)
	if v.files == 1 {
		checked = "1 policy checked"
	}
	w.printf("%s: %s\n", checked, strings.Join(counts, ", "))
	if len(v.findings) > 0 {
		w.printf("Rules of the policy language: %s\n", rulesReference)
	}
	return w.err
}

// countOf returns a number with its noun, in the plural if necessary.
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func findingStyle(kind policy.FindingKind) string {
	switch kind {
	case policy.Error:
		return red
	case policy.Suggestion:
		return ""
	}
	return yellow
}

// reportJSON writes one object for each finding, one on each line.
func (v *validateRun) reportJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	var err error
	for _, f := range v.findings {
		err = errors.Join(err, encoder.Encode(struct {
			place
			Kind    string      `json:"kind"`
			Code    policy.Code `json:"code"`
			Path    string      `json:"path"`
			Message string      `json:"message"`
		}{f.place, f.Kind.String(), f.Code, f.Path, f.Message}))
	}
	return err
}
