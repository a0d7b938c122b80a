package policy

import (
	"bufio"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// guide is the page that lists the codes.
const guide = "../../templates/guides/policy-checks.md"

// notReported stands in the guide for a code without findings.
const notReported = "not reported"

// guideRow is a row of a table of codes in the guide.
type guideRow struct {
	aws string // AWS's kind, or empty for a code of this project
	// kinds are the kinds of the findings, and note is the last column.
	kinds []string
	note  string
}

// guideRows reads the tables of codes in the guide.
func guideRows(t *testing.T) map[string]guideRow {
	t.Helper()
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]guideRow{}
	row := regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|(.*)\\|$")
	for _, match := range row.FindAllStringSubmatch(string(text), -1) {
		columns := strings.Split(match[2], "|")
		for i := range columns {
			columns[i] = strings.TrimSpace(columns[i])
		}
		if _, twice := rows[match[1]]; twice {
			t.Errorf("the guide has %s twice", match[1])
		}
		switch len(columns) {
		case 2:
			rows[match[1]] = guideRow{kinds: strings.Split(columns[0], " or "), note: columns[1]}
		case 3:
			rows[match[1]] = guideRow{columns[0], strings.Split(columns[1], " or "), columns[2]}
		default:
			t.Errorf("%s has %d columns", match[1], len(columns)+1)
		}
	}
	return rows
}

// documentedKinds reads the codes of Access Analyzer with their kinds.
func documentedKinds(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open("../../testdata/policy-check-codes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	kinds := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if kind, code, ok := strings.Cut(lines.Text(), "\t"); ok && !strings.HasPrefix(kind, "#") {
			kinds[code] = kind
		}
	}
	if len(kinds) < 130 {
		t.Fatalf("%d codes", len(kinds))
	}
	return kinds
}

// TestGuide_ListsEveryCode compares the guide with AWS's list of codes, with the codes of this package, and with the
// kinds that the cases expect. A code without findings, or with another kind than AWS's, needs a note.
func TestGuide_ListsEveryCode(t *testing.T) {
	rows, documented := guideRows(t), documentedKinds(t)
	codes := allCodes(t)
	for code, kind := range documented {
		row, ok := rows[code]
		switch {
		case !ok:
			t.Errorf("the guide does not list %s", code)
		case row.aws != kind:
			t.Errorf("the guide says that AWS's kind of %s is %s; want %s", code, row.aws, kind)
		case !slices.Equal(row.kinds, []string{kind}) && row.note == "":
			t.Errorf("the guide does not say why %s is %s", code, strings.Join(row.kinds, " or "))
		}
	}
	for code, row := range rows {
		if slices.Contains(codes, code) == slices.Contains(row.kinds, notReported) {
			t.Errorf("the guide says that %s is %s", code, strings.Join(row.kinds, " or "))
		}
		if row.aws == "" && documented[code] != "" {
			t.Errorf("the guide lists %s as a code of this project", code)
		}
	}
	for _, code := range codes {
		if _, ok := rows[code]; !ok {
			t.Errorf("the guide does not list %s", code)
		}
	}
	for _, c := range errorCases {
		if !slices.Contains(rows[string(c.code)].kinds, "ERROR") {
			t.Errorf("the guide does not say that %s may be an ERROR", c.code)
		}
	}
	for _, c := range slices.Concat(elementCases, trustCases, patternCases, conditionCases, catalogCases) {
		for _, want := range c.want {
			if f := strings.Fields(want); !slices.Contains(rows[f[1]].kinds, f[0]) {
				t.Errorf("the guide does not say that %s may be a %s", f[1], f[0])
			}
		}
	}
}
