package accountmap

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/graph"
)

const hostile = `</script><img src=x onerror=document.title='hostile'>`

// testAccount returns an account with every kind of entity. Some texts would run as script if the page did not
// treat them as text.
func testAccount(t *testing.T) *account.Account {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "account.json"))
	if err != nil {
		t.Fatal(err)
	}
	of, err := account.ReadAuthorizationDetails(text)
	if err != nil {
		t.Fatal(err)
	}
	return of
}

var testEdges = []graph.Edge{
	{From: "arn:aws:iam::111122223333:user/ana", To: "arn:aws:iam::111122223333:role/deploy", Assumes: true,
		Text: "ana may call sts:AssumeRole on the role deploy.", Condition: `aws:MultiFactorAuthPresent is "true"`},
	{From: "arn:aws:iam::111122223333:role/deploy", To: "arn:aws:iam::111122223333:role/admin",
		Text: "deploy may call iam:UpdateAssumeRolePolicy on the role admin, and then assume it."},
	{From: "arn:aws:iam::111122223333:role/admin", To: graph.Administrator, Text: "A statement allows it everything."},
	{From: "lambda.amazonaws.com", To: "arn:aws:iam::111122223333:role/deploy", Assumes: true,
		Text: "The trust policy of deploy allows it."},
}

// show writes the page of the test account, opens it in a browser at the given fragment, and returns the document as
// the browser has it after the script ran.
func show(t *testing.T, fragment string) string {
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
	var page bytes.Buffer
	made := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	open := []string{"The trust policy of the role broken cannot be read."}
	if err := Write(&page, testAccount(t), testEdges, open, made); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "map.html")
	if err := os.WriteFile(file, page.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	address := url.URL{Scheme: "file", Path: file, Fragment: fragment}
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

// visible returns the part of a document that a person sees: without the data and the script.
func visible(document string) string {
	shown, _, _ := strings.Cut(document, "<noscript>")
	_, shown, _ = strings.Cut(shown, "<body>")
	return shown
}

func TestWrite_ShownInBrowser(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fragment string
		want     []string
		absent   []string
	}{
		"start": {"", []string{"Account 111122223333", "as of 2026-11-28 10:00 UTC", "Choose a user",
			">all 9<", ">outside 1<",
			">users 2<", "The trust policy of the role broken cannot be read."}, nil},
		"user": {"arn:aws:iam::111122223333:user/ana", []string{"<h2>ana</h2>", "assumes the role",
			`if aws:MultiFactorAuthPresent is "true"`, "In several steps:", ">admin</a> (2 steps)", ">developers</a>", "<svg",
			"inline policy own"}, []string{"Can be reached by"}},
		"role": {"arn:aws:iam::111122223333:role/deploy", []string{"<h2>deploy</h2>", "changes the account", "Trust policy",
			`>lambda.amazonaws.com</a>`, "Permissions boundary", "Used to release."}, nil},
		"group":  {"arn:aws:iam::111122223333:group/developers", []string{"Members", ">ana</a>"}, nil},
		"policy": {"arn:aws:iam::111122223333:policy/limit", []string{"Used by", "permissions boundary", "s3:*"}, nil},
		"hostile texts": {"arn:aws:iam::111122223333:user/bob", []string{"&lt;/script&gt;&lt;img src=x"},
			[]string{"<img", `<title>hostile`}},
		"administrator": {graph.Administrator,
			[]string{"may do everything in the account", "Can be reached by", ">admin</a>"},
			nil},
		"unknown ARN": {"arn:aws:iam::111122223333:user/nobody", []string{"Choose a user"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := show(t, test.fragment)
			shown := visible(document)
			for _, want := range test.want {
				if !strings.Contains(shown, want) {
					t.Errorf("the page does not show %s:\n%s", want, shown)
				}
			}
			for _, absent := range test.absent {
				if strings.Contains(shown, absent) {
					t.Errorf("the page contains %s:\n%s", absent, shown)
				}
			}
		})
	}
}

// The page loads nothing, so it works without a network and tells nobody about the account.
func TestWrite_LoadsNothing(t *testing.T) {
	var page bytes.Buffer
	if err := Write(&page, testAccount(t), testEdges, nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	for _, loads := range []string{"<link", "src=\"", "@import", "url(http", "fetch(", "XMLHttpRequest", "import("} {
		if strings.Contains(text, loads) {
			t.Errorf("the page contains %s", loads)
		}
	}
	if !strings.Contains(text, `content="default-src 'none'; style-src 'sha256-`) {
		t.Error("the page has no content security policy that forbids to load anything")
	}
	if strings.Contains(text, hostile) {
		t.Error("a text of the account is part of the page's HTML")
	}
}
