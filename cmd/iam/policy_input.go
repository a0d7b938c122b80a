package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// policyInput reads the policies that flags name, for questions about all requests. Policies have the names of their
// files, so that answers cite the files.
type policyInput struct {
	in       io.Reader
	usedIn   bool // standard input has been read
	problems []problem
}

// policies returns the policies in files and directories.
func (p *policyInput) policies(names []string) (out []authz.Policy) {
	seen := map[string]bool{}
	for _, name := range names {
		for _, file := range p.files(name) {
			if seen[file] {
				continue
			}
			seen[file] = true
			if doc := p.policy(file); doc != nil {
				out = append(out, authz.Policy{Name: displayName(file), Document: doc})
			}
		}
	}
	return out
}

// files returns the policy files that a path names: the file itself, or the files of a directory. A directory must not
// contain another one: whether its policies count would be a guess.
func (p *policyInput) files(name string) (out []string) {
	info, err := os.Stat(name)
	if name == stdin || err != nil || !info.IsDir() {
		return []string{name}
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		p.fail(place{File: name}, unreadable(err))
		return nil
	}
	for _, entry := range entries {
		file := filepath.Join(name, entry.Name())
		info, err := os.Stat(file)
		switch {
		case err != nil:
			p.fail(place{File: file}, unreadable(err))
		case info.IsDir():
			p.fail(place{File: name}, fmt.Errorf("the directory contains the directory %s; give each directory with a flag "+
				"of its own, and keep only files in it", entry.Name()))
		case ascii.Fold(filepath.Ext(file)) == ".json":
			out = append(out, file)
		}
	}
	if len(out) == 0 && len(p.problems) == 0 {
		p.fail(place{File: name}, errors.New("the directory has no file whose name ends in .json"))
	}
	return out
}

// policy reads and parses one policy. It returns nil if it cannot.
func (p *policyInput) policy(file string) *policy.Document {
	if file == stdin {
		if p.usedIn {
			p.fail(place{File: displayName(file)}, errors.New("standard input is named twice; it can be read only once"))
			return nil
		}
		p.usedIn = true
	}
	text, err := readFile(p.in, file, policy.MaxSize)
	if err != nil {
		p.fail(place{File: displayName(file)}, err)
		return nil
	}
	doc, err := policy.Parse(text)
	var findings policy.Findings
	switch {
	case err == nil:
		return doc
	case errors.As(err, &findings):
		for _, f := range findings {
			p.fail(placeAt(displayName(file), f.Pos), errors.New(f.Message))
		}
	default:
		p.fail(place{File: displayName(file)}, err)
	}
	return nil
}

func (p *policyInput) fail(at place, err error) {
	p.problems = append(p.problems, problem{at, err.Error()})
}

// report writes the problems. It returns the exit status for bad input if there are any.
func (p *policyInput) report(errs io.Writer) error {
	for _, problem := range p.problems {
		_, _ = fmt.Fprintln(errs, printable(problem.String()))
	}
	if len(p.problems) > 0 {
		return status(exitBad)
	}
	return nil
}

// refuse reports an error of the analysis, with the place of the statement that it concerns.
func (p *policyInput) refuse(errs io.Writer, err error) error {
	var compile *authz.CompileError
	if !errors.As(err, &compile) {
		return err
	}
	p.fail(placeAt(compile.Policy, compile.Pos), fmt.Errorf("statement %d%s: %w", compile.Statement,
		parenthesized(compile.Sid), compile.Reason))
	return p.report(errs)
}

// parenthesized returns a text in parentheses after a space, or "" for "".
func parenthesized(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// policyFlag adds a required flag that names policy files and directories.
func policyFlag(cmd *cobra.Command, name, usage string) *[]string {
	values := cmd.Flags().StringArray(name, nil, usage)
	panicOnError(cmd.MarkFlagRequired(name))
	panicOnError(cmd.MarkFlagFilename(name, "json"))
	return values
}

// kindFlag adds the required flag for the kind of the policies.
func kindFlag(cmd *cobra.Command) *string {
	value := cmd.Flags().StringP("kind", "k", "", "the `KIND` of the policies: "+strings.Join(policy.Kinds(), ", "))
	panicOnError(cmd.MarkFlagRequired("kind"))
	panicOnError(cmd.RegisterFlagCompletionFunc("kind",
		cobra.FixedCompletions(policy.Kinds(), cobra.ShellCompDirectiveNoFileComp)))
	return value
}

// stepsFlag adds the flag for the number of steps of an analysis.
func stepsFlag(cmd *cobra.Command, o *analysis.Options) {
	cmd.Flags().IntVar(&o.Steps, "steps", 0, "the `NUMBER` of steps after which the answer is unknown; by default, "+
		"enough for AWS's own policies")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("steps") && o.Steps < 1 {
			return fmt.Errorf("--steps is %d; give a number of at least 1", o.Steps)
		}
		return nil
	}
}

// parseKind returns the kind that the flag names.
func parseKind(name string) (policy.Kind, error) {
	kind, err := policy.ParseKind(name)
	if err != nil {
		return kind, fmt.Errorf("--kind: %w", err)
	}
	return kind, nil
}
