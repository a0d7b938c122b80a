package review

import (
	"encoding/json"
	"io"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
)

// jsonVersion is the version of the form. It changes if a field changes its meaning or disappears, and not if a field
// is added.
const jsonVersion = 1

// The JSON form of a report. No array and no object is null, except where its comment says so.
type (
	jsonReport struct {
		Version          int             `json:"version"`
		AccountID        string          `json:"account_id"`        // "" if it is not known
		TerraformVersion string          `json:"terraform_version"` // that made the plan
		WholeAccount     bool            `json:"whole_account"`     // or only what the plan has
		AccessChanges    bool            `json:"access_changes"`    // any principal or resource is listed
		Counts           jsonCounts      `json:"counts"`
		Principals       []jsonPrincipal `json:"principals"` // the worst first
		Resources        []jsonResource  `json:"resources"`  // with a policy of their own, the worst first
		Findings         []jsonFinding   `json:"findings"`
		NotJudged        []jsonNotJudged `json:"not_judged"`
		// NotJudgedSeverity is how parts that could not be judged count: error, warning, note, off or "".
		NotJudgedSeverity string      `json:"not_judged_severity"`
		Drift             []jsonDrift `json:"drift"` // changed outside Terraform
		Notes             []string    `json:"notes"`
		Steps             jsonSteps   `json:"steps"` // who can become whom
	}
	jsonCounts struct {
		ResourcesJudged  int `json:"resources_judged"`
		ResourcesChanged int `json:"resources_changed"`
		// Errors, Warnings and Notes are findings that are not accepted.
		Errors    int `json:"errors"`
		Warnings  int `json:"warnings"`
		Notes     int `json:"notes"`
		Accepted  int `json:"accepted"`
		NotJudged int `json:"not_judged"` // also the open questions of principals and resources
	}
	jsonPrincipal struct {
		ARN     string       `json:"arn"`
		Kind    string       `json:"kind"` // user or role
		Name    string       `json:"name"`
		Added   bool         `json:"added"`
		Removed bool         `json:"removed"`
		Outside bool         `json:"outside"` // neither the plan nor the account has it
		Gained  []jsonAccess `json:"gained"`
		Lost    []jsonAccess `json:"lost"`
		// Boundary is the change of the permissions boundary. Both texts are "" if it stays.
		Boundary jsonBoundary `json:"boundary"`
		Causes   []jsonSource `json:"causes"`
		Open     []string     `json:"open"` // why further differences are not known
	}
	jsonBoundary struct {
		Before string `json:"before"` // "" for none
		After  string `json:"after"`
	}
	jsonAccess struct {
		Service    string          `json:"service"` // * for every service
		Level      string          `json:"level"`   // "" if it is not known
		Resources  []string        `json:"resources"`
		Example    jsonExample     `json:"example"`
		Condition  string          `json:"condition"`
		Statements []jsonStatement `json:"statements"`
	}
	jsonExample struct {
		Action   string         `json:"action"`
		Resource string         `json:"resource"`
		Context  map[string]any `json:"context"`
	}
	jsonStatement struct {
		Policy string     `json:"policy"`
		Sid    string     `json:"sid"`
		Index  int        `json:"index"` // from 0
		Effect string     `json:"effect"`
		Source jsonSource `json:"source"`
	}
	jsonSource struct {
		Address string `json:"address"`
		File    string `json:"file"`
		Line    int    `json:"line"` // 0 if it is not known
	}
	jsonResource struct {
		ARN     string               `json:"arn"`
		Type    string               `json:"type"`
		Source  jsonSource           `json:"source"`
		Public  bool                 `json:"public"` // after the change, and not before
		Added   bool                 `json:"added"`
		Removed bool                 `json:"removed"`
		Gained  []jsonResourceAccess `json:"gained"`
		Lost    []jsonResourceAccess `json:"lost"`
		Open    []string             `json:"open"`
	}
	jsonResourceAccess struct {
		Principal string `json:"principal"`
		// CrossAccount says that the principal belongs to another account.
		CrossAccount bool            `json:"cross_account"`
		Example      jsonExample     `json:"example"`
		Condition    string          `json:"condition"`
		Statements   []jsonStatement `json:"statements"`
	}
	jsonFinding struct {
		ID       string          `json:"id"`
		Check    string          `json:"check"`
		Severity string          `json:"severity"` // error, warning or note
		Summary  string          `json:"summary"`
		Details  []string        `json:"details"`
		Path     []jsonStep      `json:"path"`
		Sources  []jsonSource    `json:"sources"`
		Accepted *jsonAcceptance `json:"accepted"` // null if it is not accepted
	}
	jsonAcceptance struct {
		Reason  string `json:"reason"`
		Expires string `json:"expires"`
	}
	jsonNotJudged struct {
		Source jsonSource `json:"source"`
		Reason string     `json:"reason"`
	}
	jsonDrift struct {
		Source jsonSource `json:"source"`
		Text   string     `json:"text"`
	}
	jsonSteps struct {
		Before []jsonStep `json:"before"`
		After  []jsonStep `json:"after"`
	}
	jsonStep struct {
		From string `json:"from"`
		To   string `json:"to"`
		Text string `json:"text"`
	}
)

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	errors, warnings, notes := r.counts()
	out := jsonReport{
		Version: jsonVersion, AccountID: r.AccountID, TerraformVersion: r.TerraformVersion, WholeAccount: r.WholeAccount,
		AccessChanges: !r.changesNothing(), NotJudgedSeverity: string(r.NotJudgedSeverity),
		Counts: jsonCounts{ResourcesJudged: r.Judged, ResourcesChanged: r.Changed, Errors: errors, Warnings: warnings,
			Notes: notes, Accepted: r.accepted(), NotJudged: len(r.openParts())},
		Principals: each(r.Principals, func(p Principal) jsonPrincipal {
			return jsonPrincipal{ARN: p.ARN, Kind: p.Kind, Name: p.Name, Added: p.Added, Removed: p.Removed,
				Outside: p.Outside, Gained: each(p.Gained, jsonAccessOf), Lost: each(p.Lost, jsonAccessOf),
				Boundary: jsonBoundaryOf(p.Boundary), Causes: each(p.Causes, jsonSourceOf), Open: texts(p.Open)}
		}),
		Resources: each(r.Resources, func(p Resource) jsonResource {
			return jsonResource{ARN: p.ARN, Type: p.Type, Source: jsonSourceOf(p.Source), Public: p.Public, Added: p.Added,
				Removed: p.Removed, Gained: each(p.Gained, jsonResourceAccessOf), Lost: each(p.Lost, jsonResourceAccessOf),
				Open: texts(p.Open)}
		}),
		Findings: each(r.Findings, jsonFindingOf),
		NotJudged: each(r.NotJudged, func(n NotJudged) jsonNotJudged {
			return jsonNotJudged{jsonSourceOf(n.Source), n.Reason}
		}),
		Drift: each(r.Drift, func(d Drift) jsonDrift { return jsonDrift{jsonSourceOf(d.Source), d.Text} }),
		Notes: texts(r.Notes),
		Steps: jsonSteps{each(r.Before, jsonStepOf), each(r.After, jsonStepOf)},
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

func jsonFindingOf(f Finding) jsonFinding {
	out := jsonFinding{ID: f.ID, Check: f.Check, Severity: f.severity(), Summary: f.Summary, Details: texts(f.Details),
		Path: each(f.Path, jsonStepOf), Sources: each(f.Sources, jsonSourceOf)}
	if a := f.Accepted; a != nil {
		out.Accepted = &jsonAcceptance{a.Reason, a.Expires}
	}
	return out
}

func jsonBoundaryOf(b *Boundary) jsonBoundary {
	if b == nil {
		return jsonBoundary{}
	}
	return jsonBoundary(*b)
}

func jsonAccessOf(a Access) jsonAccess {
	return jsonAccess{Service: a.Service, Level: a.Level, Resources: texts(a.resources()),
		Example: jsonExampleOf(a.Action, a.Resource, a.Context), Condition: a.Condition,
		Statements: each(a.Statements, jsonStatementOf)}
}

func jsonResourceAccessOf(a ResourceAccess) jsonResourceAccess {
	return jsonResourceAccess{Principal: a.Principal, CrossAccount: a.CrossAccount,
		Example:   jsonExampleOf(a.Action, a.Resource, a.Context),
		Condition: a.Condition, Statements: each(a.Statements, jsonStatementOf)}
}

func jsonExampleOf(action, resource string, keys map[string]any) jsonExample {
	if keys == nil {
		keys = map[string]any{}
	}
	return jsonExample{action, resource, keys}
}

func jsonStatementOf(s Statement) jsonStatement {
	return jsonStatement{s.Policy, s.Sid, s.Index, s.Effect, jsonSourceOf(s.Source)}
}

func jsonSourceOf(s Source) jsonSource { return jsonSource(s) }

func jsonStepOf(s accesscheck.Step) jsonStep { return jsonStep{s.From, s.To, s.Text} }

// each returns the results of a function, and never nil.
func each[T, U any](all []T, of func(T) U) []U {
	out := make([]U, len(all))
	for i := range all {
		out[i] = of(all[i])
	}
	return out
}

// texts returns a list that is not nil.
func texts(all []string) []string { return append([]string{}, all...) }
