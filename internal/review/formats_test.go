package review

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func sarifOf(t testing.TB, r *Report) string {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return r.WriteSARIF(b, "test") })
}

func junitOf(t testing.TB, r *Report, failOn Severity) string {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return r.WriteJUnit(b, failOn) })
}

func TestWriteSARIF_HasRulesAndResults(t *testing.T) {
	golden(t, "full.sarif", sarifOf(t, fullReport()))
	golden(t, "empty.sarif", sarifOf(t, &Report{}))
}

// sarifRequired has the properties that the schema of SARIF 2.1.0 requires of the objects of a report, and GitHub's
// requirement that a result has a location with a file.
var sarifRequired = map[string][]string{
	"":                                 {"version", "runs"},
	".runs[]":                          {"tool", "results"},
	".runs[].tool":                     {"driver"},
	".runs[].tool.driver":              {"name"},
	".runs[].tool.driver.rules[]":      {"id", "shortDescription", "help"},
	".runs[].tool.driver.rules[].help": {"text"},
	".runs[].results[]":                {"message", "ruleId", "locations", "level"},
	".runs[].results[].message":        {"text"},
	".runs[].results[].locations[]":    {"physicalLocation"},
	".runs[].results[].locations[].physicalLocation":                  {"artifactLocation"},
	".runs[].results[].locations[].physicalLocation.artifactLocation": {"uri"},
	".runs[].results[].suppressions[]":                                {"kind"},
}

// checkSARIF fails if a report violates the schema's requirements.
func checkSARIF(t *testing.T, text string) {
	t.Helper()
	var log any
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var check func(at string, v any)
	check = func(at string, v any) {
		found[at] = true
		switch v := v.(type) {
		case map[string]any:
			for _, name := range sarifRequired[at] {
				if value, ok := v[name]; !ok || value == "" {
					t.Errorf("%s has no %s", at, name)
				}
			}
			if list, ok := v["locations"].([]any); ok && len(list) == 0 {
				t.Errorf("%s has no location", at)
			}
			for name, member := range v {
				check(at+"."+name, member)
			}
		case []any:
			for _, element := range v {
				check(at+"[]", element)
			}
		case nil:
			t.Errorf("%s is null", at)
		}
	}
	check("", log)
	for at := range sarifRequired {
		if !found[at] {
			t.Errorf("the report has no %s", at)
		}
	}
}

func TestWriteSARIF_MeetsSchema(t *testing.T) {
	checkSARIF(t, sarifOf(t, fullReport()))
	for _, hostile := range hostileTexts {
		r := reportOf(hostile)
		for i := range r.Findings { // which this program computes
			r.Findings[i].ID = "id"
		}
		text := sarifOf(t, r)
		checkSARIF(t, text)
		if strings.ContainsAny(text, "\u202e\u200b") {
			t.Errorf("%.50q: the report has a character that is not visible", hostile)
		}
		for line := range strings.Lines(text) {
			isMessage := strings.Contains(line, `"text":`) || strings.Contains(line, `"justification":`)
			if isMessage && strings.Contains(line, "](https://evil") {
				t.Errorf("%.50q: a message has a link: %s", hostile, line)
			}
		}
	}
}

func TestWriteSARIF_Suppressions(t *testing.T) {
	r := fullReport()
	r.Findings[0].Accepted = &Acceptance{}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID              string
				PartialFingerprints map[string]string
				Suppressions        []struct{ Kind, Status, Justification string }
			}
		}
	}
	if err := json.Unmarshal([]byte(sarifOf(t, r)), &log); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, result := range log.Runs[0].Results {
		for _, s := range result.Suppressions {
			got = append(got, result.PartialFingerprints["primaryLocationLineHash"]+": "+s.Kind+" "+s.Status+" "+s.Justification)
		}
	}
	want := []string{"esc-1f2e3d: external accepted Accepted without a reason",
		"xacc-1: external accepted The backup vendor, see ticket SEC-12. (until 2027-01-31)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWriteJUnit_HasCaseForEachCheck(t *testing.T) {
	golden(t, "full.xml", junitOf(t, fullReport(), ""))
	golden(t, "empty.xml", junitOf(t, &Report{}, ""))
}

func TestWriteJUnit_FailsBySeverity(t *testing.T) {
	for failOn, want := range map[Severity]string{
		"":      `tests="10" failures="2" errors="0" skipped="4"`,
		Error:   `tests="10" failures="2" errors="0" skipped="4"`,
		Warning: `tests="10" failures="6" errors="0" skipped="1"`,
		Note:    `tests="10" failures="7" errors="0" skipped="1"`,
	} {
		if text := junitOf(t, fullReport(), failOn); !strings.Contains(text, `<testsuites name="iam review" `+want) {
			t.Errorf("failOn %q: want %s:\n%s", failOn, want, text)
		}
	}
	r := fullReport()
	r.NotJudgedSeverity = Error
	if text := junitOf(t, r, ""); !strings.Contains(text, `failures="5" errors="0" skipped="1"`) {
		t.Errorf("what is not judged does not count as an error:\n%s", text)
	}
	if text := junitOf(t, r, "never"); !strings.Contains(text, `failures="0" errors="0" skipped="4"`) {
		t.Errorf("something fails:\n%s", text)
	}
	r = fullReport()
	r.Findings[0].Severity = "fatal"
	if text := junitOf(t, r, ""); !strings.Contains(text, `failures="2"`) {
		t.Errorf("an unknown severity does not count as an error:\n%s", text)
	}
}

func TestWriteJUnit_TreatsTextsAsText(t *testing.T) {
	elements := func(text string) string {
		var out strings.Builder
		decoder := xml.NewDecoder(strings.NewReader(text))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return out.String()
			}
			if err != nil {
				t.Fatal(err)
			}
			if start, ok := token.(xml.StartElement); ok {
				fmt.Fprintf(&out, "<%s %d>", start.Name.Local, len(start.Attr))
			}
		}
	}
	want := elements(junitOf(t, reportOf("x"), ""))
	for _, hostile := range hostileTexts {
		if hostile == "" { // has fewer attributes
			continue
		}
		if got := elements(junitOf(t, reportOf(hostile), "")); got != want {
			t.Errorf("%.50q: got %s, want %s", hostile, got, want)
		}
	}
}
