package output

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"strings"
)

// Rule is what several results of a SARIF report have in common.
type Rule struct {
	ID      string // such as INVALID_ACTION
	HelpURI string
	// Help and HelpMarkdown say more. Help is plain text.
	Help, HelpMarkdown string
	// Level is the usual level of the results: error, warning or note.
	Level string
}

// Result is a result of a SARIF report.
type Result struct {
	Rule    Rule
	Level   string // error, warning or note
	Message string
	// Fingerprint identifies the result in later reports. It is optional.
	Fingerprint string
	// Locations has at least one location. The first is the place of the result, and the others belong to it.
	Locations []Location
	// Accepted has the reason for which somebody accepted the result. It is empty for other results.
	Accepted string
}

// Location is a place in a file.
type Location struct {
	URI          string
	Line, Column int    // from 1; zero if they are not known
	Logical      string // such as the address of a resource
}

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
		RuleID              string             `json:"ruleId"`
		RuleIndex           int                `json:"ruleIndex"`
		Level               string             `json:"level"`
		Message             sarifMessage       `json:"message"`
		Locations           []sarifLocation    `json:"locations"`
		RelatedLocations    []sarifLocation    `json:"relatedLocations,omitempty"`
		Fingerprints        map[string]string  `json:"fingerprints,omitempty"`
		PartialFingerprints map[string]string  `json:"partialFingerprints,omitempty"`
		Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
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
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
)

// WriteSARIF writes results as SARIF 2.1.0. version is the version of this program.
func WriteSARIF(w io.Writer, version string, results []Result) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "iam", Version: version, Rules: []sarifRule{},
			InformationURI: "https://github.com/iam-as-code/terraform-provider-iam",
		}},
		Results:    []sarifResult{},
		ColumnKind: "unicodeCodePoints",
	}
	index := map[string]int{}
	for i := range results {
		r := &results[i]
		at, ok := index[r.Rule.ID]
		if !ok {
			at = len(run.Tool.Driver.Rules)
			index[r.Rule.ID] = at
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
				ID: r.Rule.ID, ShortDescription: sarifMessage{title(r.Rule.ID)}, HelpURI: r.Rule.HelpURI,
				Help: sarifHelp{r.Rule.Help, r.Rule.HelpMarkdown}, Default: sarifDefault{r.Rule.Level},
			})
		}
		run.Results = append(run.Results, r.sarif(at))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

func (r *Result) sarif(rule int) sarifResult {
	out := sarifResult{RuleID: r.Rule.ID, RuleIndex: rule, Level: r.Level, Message: sarifMessage{withoutLinks(r.Message)}}
	for i, l := range r.Locations {
		physical := sarifPhysical{Artifact: sarifArtifact{l.URI}}
		if l.Line > 0 {
			physical.Region = &sarifRegion{l.Line, l.Column}
		}
		location := sarifLocation{Physical: physical}
		if l.Logical != "" {
			location.Logical = []sarifLogical{{l.Logical}}
		}
		if i == 0 {
			out.Locations = []sarifLocation{location}
		} else {
			out.RelatedLocations = append(out.RelatedLocations, location)
		}
	}
	if r.Fingerprint != "" {
		out.Fingerprints = map[string]string{"id/v1": r.Fingerprint}
		// GitHub knows only this name. Without it, a result is another one after its line moves.
		out.PartialFingerprints = map[string]string{"primaryLocationLineHash": r.Fingerprint}
	}
	if r.Accepted != "" {
		out.Suppressions = []sarifSuppression{{"external", "accepted", withoutLinks(r.Accepted)}}
	}
	return out
}

// withoutLinks returns a text in which a viewer finds no link. A link in SARIF is [text](address), and not all viewers
// know its escape sequences.
func withoutLinks(text string) string { return strings.ReplaceAll(text, "](", "] (") }

// title returns an id as a title in words.
func title(id string) string {
	words := strings.ReplaceAll(strings.ToLower(id), "_", " ")
	if words == "" {
		return "Finding"
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// FileURI returns the URI of a file. A relative path gives a relative URI, because viewers resolve it against the
// repository.
func FileURI(file string) string {
	path := filepath.ToSlash(file)
	if filepath.IsAbs(file) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		return (&url.URL{Scheme: "file", Path: path}).String()
	}
	return (&url.URL{Path: path}).String()
}
