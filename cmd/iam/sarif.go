package main

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// The parts of SARIF 2.1.0 that a report of findings needs.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		Results    []sarifResult `json:"results"`
		ColumnKind string        `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string       `json:"id"`
		ShortDescription sarifMessage `json:"shortDescription"`
		HelpURI          string       `json:"helpUri"`
		Help             sarifHelp    `json:"help"`
		Default          sarifDefault `json:"defaultConfiguration"`
	}
	sarifHelp struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
)

const (
	// checksReference is AWS's page about the issue codes.
	checksReference = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"

	// rulesReference is the page of the rules that the findings refer to.
	rulesReference = "https://github.com/iam-as-code/terraform-provider-iam/blob/main/docs/guides/policy-language.md"
)

func (v *validateRun) reportSARIF(out io.Writer) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "iam", Version: version, Rules: []sarifRule{},
			InformationURI: "https://github.com/iam-as-code/terraform-provider-iam",
		}},
		Results:    []sarifResult{},
		ColumnKind: "unicodeCodePoints",
	}
	index := map[policy.Code]int{}
	for _, f := range v.findings {
		i, ok := index[f.Code]
		if !ok {
			i = len(run.Tool.Driver.Rules)
			index[f.Code] = i
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
				ID: string(f.Code), ShortDescription: sarifMessage{ruleTitle(f.Code)},
				HelpURI: checksReference,
				Help: sarifHelp{
					Text:     "Rules of the policy language: " + rulesReference,
					Markdown: "[Rules of the policy language](" + rulesReference + ")",
				},
				Default: sarifDefault{sarifLevel(f.Kind)},
			})
		}
		physical := sarifPhysical{Artifact: sarifArtifact{fileURI(f.File)}}
		if f.Line > 0 {
			physical.Region = &sarifRegion{f.Line, f.Column}
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: string(f.Code), RuleIndex: i, Level: sarifLevel(f.Kind), Message: sarifMessage{f.Message},
			Locations: []sarifLocation{{physical, []sarifLogical{{f.Path}}}},
		})
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
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

// ruleTitle returns an issue code as a title in words.
func ruleTitle(code policy.Code) string {
	words := strings.ReplaceAll(strings.ToLower(string(code)), "_", " ")
	if words == "" {
		return "Finding"
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// fileURI returns a file's URI. A relative path gives a relative URI, because viewers
// resolve it against the repository.
func fileURI(file string) string {
	path := filepath.ToSlash(file)
	if file == displayName(stdin) {
		path = "stdin"
	}
	if filepath.IsAbs(file) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		return (&url.URL{Scheme: "file", Path: path}).String()
	}
	return (&url.URL{Path: path}).String()
}
