package review

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestWriteMarkdown_HasEverything(t *testing.T) {
	golden(t, "full.md", markdownOf(t, fullReport(), 0))
	golden(t, "nothing.md", markdownOf(t, &Report{WholeAccount: true, Judged: 12, Changed: 1}, 0))
	open := &Report{Judged: 12, NotJudged: []NotJudged{{Reason: "The policy is not known."}}}
	golden(t, "not-judged.md", markdownOf(t, open, 0))
}

func TestWriteMarkdown_OneLineIfNothingChanges(t *testing.T) {
	text := markdownOf(t, &Report{WholeAccount: true, Judged: 3, Changed: 1}, 0)
	want := Marker + "\nAccess review: access does not change. " +
		"3 resources of the plan concern access, and 1 of them changes.\n"
	if text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	noted := &Report{WholeAccount: true, Judged: 3, Changed: 1, Notes: []string{"It is old.", "It is *not* complete."}}
	want = strings.TrimSuffix(want, "\n") + " It is old. It is `*not*` complete.\n"
	if text := markdownOf(t, noted, 0); text != want {
		t.Errorf("got %q, want %q", text, want)
	}
}

func TestWriteMarkdown_StaysWithinSize(t *testing.T) {
	many := manyReport(2000)
	for _, size := range []int{minMarkdownSize, 10_000, 65_000, 200_000} {
		for i := range 300 { // errors of every length
			many.Findings[0].Details = append(many.Findings[0].Details, strings.Repeat("x ", i))
		}
		text := markdownOf(t, many, size)
		if len(text) > size {
			t.Errorf("the size is %d, want at most %d", len(text), size)
		}
		for _, want := range []string{Marker + "\n",
			"### Access review: 2 errors, 2001 warnings, 1 note, 4003 parts not judged\n", "could become administrator",
			"Anybody can read", "more findings; see the HTML report", "more principals; see",
			"more parts; see"} {
			if !strings.Contains(text, want) {
				t.Errorf("size %d: %q is missing:\n%.5000s", size, want, text)
			}
		}
		if size >= 65_000 && !strings.Contains(text, "The role `role-3` gains access") {
			t.Errorf("size %d: there was room for the first warnings", size)
		}
	}
	if text := markdownOf(t, many, 10_000); !strings.Contains(text, "<summary>Details: ") {
		t.Error("the report does not say that it has details")
	}
}

func TestWriteMarkdown_LeavesOutTheLeastBad(t *testing.T) {
	r := &Report{WholeAccount: true}
	for i := range 1000 {
		r.Principals = append(r.Principals, Principal{Kind: "role", Name: fmt.Sprintf("r%d", i),
			Gained: []Access{{Service: "s3", Level: "Write", Patterns: []string{"*"}}}})
	}
	text := markdownOf(t, r, 8000)
	shown := strings.Count(text, "\n- role `r")
	if shown < 50 || !strings.Contains(text, fmt.Sprintf("role `r%d`", shown-1)) ||
		!strings.Contains(text, fmt.Sprintf("- … and %d more principals; see the HTML report\n", 1000-shown)) {
		t.Errorf("%d lines are shown:\n%s", shown, text)
	}
}

// Errors stay, also if nothing else does and if each is long.
func TestWriteMarkdown_KeepsErrors(t *testing.T) {
	r := manyReport(500)
	for i := range 30 {
		r.Findings = append(r.Findings, Finding{ID: fmt.Sprintf("e-%d", i), Check: "privilege_escalation", Severity: "worse",
			Summary: strings.Repeat("\u202e", 4000)})
	}
	text := markdownOf(t, r, 0)
	for i := range 30 {
		if !strings.Contains(text, fmt.Sprintf("`e-%d`", i)) {
			t.Errorf("the error %d is missing", i)
		}
	}
	if !strings.Contains(text, "### Access review: 32 errors,") {
		t.Errorf("wrong headline:\n%.300s", text)
	}
}

// codeSpans replaces the code spans of a line of Markdown, as CommonMark finds them.
func codeSpans(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		if line[i] != '`' {
			b.WriteByte(line[i])
			i++
			continue
		}
		n := 0
		for i+n < len(line) && line[i+n] == '`' {
			n++
		}
		end := -1
		for j := i + n; j < len(line); {
			run := 0
			for j+run < len(line) && line[j+run] == '`' {
				run++
			}
			if run == n {
				end = j + run
				break
			}
			j += max(run, 1)
		}
		if end < 0 { // backticks that close nothing
			b.WriteString(line[i : i+n])
			i += n
			continue
		}
		b.WriteString("CODE")
		i = end
	}
	return b.String()
}

var (
	linePrefix = regexp.MustCompile("^(?: *- (?:\\*\\*)?|### |\\*\\*| *</?details>.*| *```.*|<!-- iam review -->$)?")
	mermaidRow = regexp.MustCompile(`^  (?:flowchart LR|  n[0-9]+\[("[^"]*")\]|  n[0-9]+ -->(?:\|("[^"]*")\|)? n[0-9]+)$`)
	// reference matches what GitHub and GitLab make links of, without any further syntax.
	reference = regexp.MustCompile(`(?i)https?:[^ ]|www\.|[a-z]-[0-9]|\b[0-9a-f]{7,}\b|\bGH-`)
)

// checkMarkdown fails if the texts of a report change the structure of its Markdown.
func checkMarkdown(t *testing.T, text, benign string) {
	t.Helper()
	lines, expected := strings.Split(text, "\n"), strings.Split(benign, "\n")
	if len(lines) != len(expected) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(expected), text)
	}
	graph := false
	for i, line := range lines {
		prefix := linePrefix.FindString(line)
		if want := linePrefix.FindString(expected[i]); prefix != want {
			t.Fatalf("line %d starts with %q, want %q:\n%s", i+1, prefix, want, line)
		}
		for _, r := range line {
			if r < ' ' || r == 0x7f || r == '\u202e' || r == '\u200b' {
				t.Fatalf("line %d has the character %U", i+1, r)
			}
		}
		if strings.Contains(prefix, "```") {
			if line != expected[i] {
				t.Fatalf("line %d: %s", i+1, line)
			}
			graph = !graph
			continue
		}
		if graph {
			label := mermaidRow.FindStringSubmatch(line)
			if len(label) != 3 || strings.ContainsAny(label[1]+label[2], "`%{}<>") {
				t.Fatalf("line %d is no row of a graph as the review writes them: %s", i+1, line)
			}
			continue
		}
		rest := codeSpans(strings.TrimPrefix(line, prefix))
		want := codeSpans(strings.TrimPrefix(expected[i], prefix))
		for _, mark := range []string{"**", "="} {
			if strings.Count(rest, mark) != strings.Count(want, mark) {
				t.Fatalf("line %d has another number of %s: %s", i+1, mark, line)
			}
		}
		if rest = strings.ReplaceAll(rest, "**", ""); strings.ContainsAny(rest, "@#[]<>!|$\\~_&*`{}^+/%") ||
			reference.MatchString(strings.ReplaceAll(rest, "cross-account", "")) {
			t.Fatalf("line %d has more than words outside of code spans: %s", i+1, rest)
		}
	}
}

func TestWriteMarkdown_TreatsTextsAsText(t *testing.T) {
	const size = 1 << 24
	benign := markdownOf(t, reportOf("x"), size)
	for _, hostile := range hostileTexts {
		if hostile == "" { // has fewer lines
			continue
		}
		checkMarkdown(t, markdownOf(t, reportOf(hostile), size), benign)
	}
	// Different texts beside each other.
	for shift := range hostileTexts {
		n := shift
		r := fullReport()
		fill(reflect.ValueOf(r), func() string {
			n++
			if text := hostileTexts[n*7%len(hostileTexts)]; text != "" {
				return text
			}
			return "x"
		})
		// The structure of a graph depends on whether names are equal.
		r.Findings[0].Path = nil
		other := reportOf("x")
		other.Findings[0].Path = nil
		checkMarkdown(t, markdownOf(t, r, size), markdownOf(t, other, size))
	}
}

func FuzzWriteMarkdown(f *testing.F) {
	for _, text := range hostileTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" || len(text) > 10_000 {
			t.Skip()
		}
		const size = 1 << 24
		checkMarkdown(t, markdownOf(t, reportOf(text), size), markdownOf(t, reportOf("x"), size))
		if small := markdownOf(t, reportOf(text), 5000); len(small) > 5000 {
			t.Errorf("the size is %d", len(small))
		}
	})
}
