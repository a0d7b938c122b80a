package main

import (
	"io"

	"github.com/iam-as-code/terraform-provider-iam/internal/output"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

const (
	// checksReference is AWS's page about the issue codes.
	checksReference = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"

	// rulesReference is the page of the rules that the findings refer to.
	rulesReference = "https://github.com/iam-as-code/terraform-provider-iam/blob/main/docs/guides/policy-language.md"
)

func (v *validateRun) reportSARIF(out io.Writer) error {
	var results []output.Result
	for _, f := range v.findings {
		level := sarifLevel(f.Kind)
		results = append(results, output.Result{
			Rule: output.Rule{
				ID: string(f.Code), HelpURI: checksReference, Level: level,
				Help:         "Rules of the policy language: " + rulesReference,
				HelpMarkdown: "[Rules of the policy language](" + rulesReference + ")",
			},
			Level: level, Message: f.Message,
			Locations: []output.Location{{URI: fileURI(f.File), Line: f.Line, Column: f.Column, Logical: f.Path}},
		})
	}
	return output.WriteSARIF(out, version, results)
}

// sarifLevel returns the SARIF level of a finding.
func sarifLevel(kind policy.FindingKind) string {
	switch kind {
	case policy.Error:
		return "error"
	case policy.SecurityWarning, policy.Warning:
		return "warning"
	}
	return "note"
}

// fileURI returns the URI of an input.
func fileURI(file string) string {
	if file == displayName(stdin) {
		return "stdin"
	}
	return output.FileURI(file)
}
