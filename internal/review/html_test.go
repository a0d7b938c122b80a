package review

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
)

func htmlOf(t testing.TB, r *Report) string {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return r.WriteHTML(b) })
}

// browse opens a page in a browser, and returns the document as the browser has it.
func browse(t *testing.T, page string) string {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("the test needs Chromium on PATH")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	address := url.URL{Scheme: "file", Path: file}
	cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+dir,
		"--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom", address.String())
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %s\n%s", browser, err, log.String())
	}
	if i := strings.Index(log.String(), "CONSOLE"); i >= 0 {
		t.Fatalf("the browser reports:\n%s", log.String()[i:])
	}
	return out.String()
}

// hostileReport returns a report with all hostile texts.
func hostileReport() *Report {
	r := fullReport()
	for range 3 {
		more := fullReport()
		r.Principals = append(r.Principals, more.Principals...)
		r.Findings = append(r.Findings, more.Findings...)
	}
	n := 0
	fill(reflect.ValueOf(r), func() string {
		n++
		return hostileTexts[n%len(hostileTexts)]
	})
	return r
}

func TestWriteHTML_ShownInBrowser(t *testing.T) {
	t.Parallel()
	document := browse(t, htmlOf(t, fullReport()))
	for _, want := range []string{"Access review: 2 errors, 1 warning, 1 note, 3 parts not judged</h1>",
		`<strong class="gains">gains</strong> <code>Write</code> in <code>s3</code> on <code>arn:aws:s3:::pii/*</code>`,
		"could become administrator in 2 steps", "becomes <strong class=\"public\">public</strong>", "Not judged",
		"The backup vendor, see ticket SEC-12.", "Who can become whom", "Before</figcaption>", ">role admin</text>",
		"with <code>aws:MultiFactorAuthPresent</code> = <code>true</code>", "condition: <code>IpAddress"} {
		if !strings.Contains(document, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if t.Failed() {
		t.Log(document)
	}
}

func TestWriteHTML_TreatsTextsAsText(t *testing.T) {
	t.Parallel()
	document := browse(t, htmlOf(t, hostileReport()))
	if !strings.Contains(document, "<title>Access review</title>") {
		t.Error("a text of the report runs as a script")
	}
	if !strings.Contains(document, "&lt;img src=x onerror=document.title='hostile'&gt;") {
		t.Error("the page does not show a text as it is")
	}
	allowed := regexp.MustCompile(`^</?(?:html|head|meta|title|style|body|header|main|section|h1|h2|p|ul|li|code|strong|` +
		`span|figure|figcaption|div|svg|defs|marker|path|g|rect|text)\b`)
	for _, tag := range regexp.MustCompile(`</?[a-zA-Z][^>]*`).FindAllString(document, -1) {
		if !allowed.MatchString(tag) || regexp.MustCompile(`\s(?:on\w+|href|src|style)=`).MatchString(tag) {
			t.Errorf("the page has %s", tag)
		}
	}
}

// The page loads nothing, so it works without a network and tells nobody about the account.
func TestWriteHTML_LoadsNothing(t *testing.T) {
	page := htmlOf(t, fullReport())
	for _, loads := range []string{"<link", "src=", "href=", "@import", "url(http", "<script", "style=\""} {
		if strings.Contains(page, loads) {
			t.Errorf("the page contains %s", loads)
		}
	}
	if !strings.Contains(page, `content="default-src 'none'; style-src 'sha256-`) {
		t.Error("the page has no content security policy that forbids to load anything")
	}
	golden(t, "full.html", page)
}

func TestWriteHTML_Nothing(t *testing.T) {
	page := htmlOf(t, &Report{WholeAccount: true})
	if !strings.Contains(page, "Access review: access does not change</h1>") || strings.Contains(page, "<section") {
		t.Errorf("the page has more than a headline:\n%s", page)
	}
}

func TestDrawings_ChangesFirst(t *testing.T) {
	step := func(i int) accesscheck.Step {
		return accesscheck.Step{From: fmt.Sprintf("n%03d", i), To: fmt.Sprintf("n%03d", i+1), Text: "t"}
	}
	r := &Report{}
	for i := range 300 {
		if i != 150 && i != 7 {
			r.Before = append(r.Before, step(i))
		}
		if i != 200 {
			r.After = append(r.After, step(i))
		}
	}
	found := map[string]int{}
	all := r.drawings()
	for _, d := range all {
		for _, e := range d.Edges {
			found[d.Title+" "+e.Class]++
		}
		if d.Hidden != 300-maxDrawnEdges {
			t.Errorf("%s: %d edges are hidden, want %d", d.Title, d.Hidden, 300-maxDrawnEdges)
		}
	}
	same := maxDrawnEdges - 3
	want := map[string]int{"Before same": same, "Before gone": 1, "After same": same, "After new": 2}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("got %v, want %v", found, want)
	}
	if len(all) != 2 || !reflect.DeepEqual(all[0].Nodes, all[1].Nodes) {
		t.Error("the nodes before and after have different places")
	}
}

func TestNewLayout_EveryNodeHasItsPlace(t *testing.T) {
	for name, pairs := range map[string][]string{
		"path":          {"a b", "b c"},
		"circle":        {"a b", "b c", "c a"},
		"two circles":   {"a b", "b a", "c d", "d c"},
		"itself":        {"a a"},
		"circle to end": {"a b", "b a", "b administrator"},
		"fan":           {"a x", "b x", "c x", "x y", "x z", "a z"},
	} {
		var steps []accesscheck.Step
		for _, pair := range pairs {
			from, to, _ := strings.Cut(pair, " ")
			steps = append(steps, accesscheck.Step{From: from, To: to})
		}
		l := newLayout(steps)
		taken := map[[2]int]string{}
		d := l.drawing("", "")
		for _, n := range d.Nodes {
			if other, ok := taken[[2]int{n.X, n.Y}]; ok {
				t.Errorf("%s: %s and %s have the same place", name, other, n.Label)
			}
			taken[[2]int{n.X, n.Y}] = n.Label
			if n.X < 0 || n.Y < 0 || n.X+boxWidth > d.Width || n.Y+boxHeight > d.Height {
				t.Errorf("%s: %s is outside of the drawing", name, n.Label)
			}
		}
		for _, s := range steps {
			for _, node := range []string{s.From, s.To} {
				if _, ok := l.column[node]; !ok {
					t.Errorf("%s: %s has no place", name, node)
				}
			}
		}
	}
}
