package accountmap

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/graph"
)

//go:embed page.html
var pageText string

//go:embed page.css
var style string

//go:embed page.js
var script string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Write writes the page of an account. edges say who can become whom, and open has sentences about what could not
// be decided. made is the time that the page shows.
func Write(w io.Writer, of *account.Account, edges []graph.Edge, open []string, made time.Time) error {
	data, err := json.Marshal(page{Account: of.ID(), Made: made.UTC().Format("2006-01-02 15:04 UTC"),
		Administrator: graph.Administrator, Entities: entitiesOf(of), Steps: edges, Open: open})
	if err != nil {
		return err
	}
	//nolint:gosec // style and script are constant, and json.Marshal writes <, > and & as escape sequences, so that the
	// data cannot end its script element
	return pageTemplate.Execute(w, map[string]any{
		"Account": of.ID(), "Style": template.CSS(style), "Script": template.JS(script), "Data": template.JS(data),
		"Policy": template.HTMLAttr(`content="default-src 'none'; style-src '` + hash(style) + `'; script-src '` +
			hash(script) + `'; base-uri 'none'; form-action 'none'"`),
	})
}

// hash returns the hash of an element's text for the content security policy of the page. The browser then runs no
// other script, also if a name or a policy of the account contained one.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func tagsOf(tags []account.Tag) (out []tag) {
	for _, t := range tags {
		out = append(out, tag{t.Key, t.Value})
	}
	return out
}

func inlineOf(policies []account.InlinePolicy) (out []document) {
	for _, p := range policies {
		text, _ := p.Document.Text()
		out = append(out, document{p.Name, text})
	}
	return out
}

// day returns the date of a time, or "" for the zero time.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
