package audit

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
)

// makeExportTrail returns a trail of the golden events and one hostile event, whose fields have formulas and control
// characters.
func makeExportTrail(t *testing.T) []Link {
	t.Helper()
	hostile := anEvent()
	hostile.UserIdentity.UserName = "=HYPERLINK(\"http://example.com\")"
	hostile.UserAgent = "@SUM(1)"
	hostile.SourceIPAddress = "\x1b[2J\n1 forged line"
	hostile.ErrorCode = "'quoted"
	hostile.ErrorMessage = "a, \"b\"\r\nc"
	hostile.AdditionalEventData = map[string]any{KeyAggregatedEvents: 7}
	all := goldenEvents()
	w := newWriter("first")
	var trail []Link
	for _, e := range []Event{all["create_user"], all["assume_role"], all["session_refused"], all["sign_in_failed"],
		all["local_operator"], hostile} {
		text, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		trail = w.append(t, trail, string(text))
	}
	return trail
}

func exportText(t *testing.T, format string, trail []Link) string {
	t.Helper()
	var out bytes.Buffer
	if err := Export(&out, format, stream(trail)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWriteCloudTrail_WritesRecordsUnchanged(t *testing.T) {
	trail := makeExportTrail(t)
	for size := range len(trail) + 1 {
		var file struct{ Records []json.RawMessage }
		dec := json.NewDecoder(strings.NewReader(exportText(t, FormatCloudTrail, trail[:size])))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&file); err != nil {
			t.Fatal(err)
		}
		if len(file.Records) != size || file.Records == nil {
			t.Fatalf("%d records, want %d", len(file.Records), size)
		}
		for i, record := range file.Records {
			if !bytes.Equal(record, trail[i].Body) {
				t.Errorf("got %s, want %s", record, trail[i].Body)
			}
		}
	}
}

func TestWriteJSONLines_WritesOneRecordPerLine(t *testing.T) {
	trail := makeExportTrail(t)
	lines := strings.Split(exportText(t, FormatJSONLines, trail), "\n")
	if len(lines) != len(trail)+1 || lines[len(trail)] != "" {
		t.Fatalf("%d lines, want %d", len(lines), len(trail)+1)
	}
	for i := range trail {
		if lines[i] != string(trail[i].Body) {
			t.Errorf("got %s, want %s", lines[i], trail[i].Body)
		}
	}
}

func TestWriteCSV_EscapesFormulas(t *testing.T) {
	trail := makeExportTrail(t)
	rows, err := csv.NewReader(strings.NewReader(exportText(t, FormatCSV, trail))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(trail)+1 {
		t.Fatalf("%d rows, want %d", len(rows), len(trail)+1)
	}
	field := func(row int, column string) string {
		for i, name := range rows[0] {
			if name == column {
				return rows[row][i]
			}
		}
		t.Fatalf("there is no column %s", column)
		return ""
	}
	for column, want := range map[string]string{
		"number": "6", "seq": "6", "chain": trail[5].Chain, "eventName": "CreateUser", "readOnly": "false",
		"userIdentity.userName": "'=HYPERLINK(\"http://example.com\")",
		"userAgent":             "'@SUM(1)",
		"errorCode":             "''quoted",
		"errorMessage":          "a, \"b\"\nc", // encoding/csv reads a line break as \n
		"requestParameters":     "",
		"additionalEventData":   `{"aggregatedEvents":7}`,
	} {
		if got := field(6, column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if got := field(2, "resources"); got != "arn:aws:iam::123456789012:role/Dev" {
		t.Errorf("resources are %q", got)
	}
	for _, text := range []string{"=1", "+1", "-1", "@a", "\ta", "\ra", "\na", "＝1", "＋1", "－1", "＠a", "'a"} {
		if got := escapeFormula(text); got != "'"+text {
			t.Errorf("escapeFormula(%q) = %q", text, got)
		}
	}
}

func TestWriteTable_WritesOneLinePerRecord(t *testing.T) {
	text := exportText(t, FormatTable, makeExportTrail(t))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 7 || strings.Contains(text, "\x1b") {
		t.Fatalf("got\n%s", text)
	}
	for i, want := range [][]string{
		1: {"1 ", "2026-07-29T09:18:03Z", "user/Alice", "iam:CreateUser", "198.51.100.14", "OK"},
		2: {"sts:AssumeRole"},
		3: {"assumed-role/Dev/alice", "AccessDenied"},
		4: {Hidden, "signin:ConsoleLogin", "No username found"},
		5: {"root (alice)", "127.0.0.1"},
		6: {"=HYPERLINK", "'quoted (7 times)"},
	} {
		for _, part := range want {
			if !strings.Contains(lines[i], part) {
				t.Errorf("line %d lacks %q: %s", i, part, lines[i])
			}
		}
	}
}

func TestExport_NamesFailedRecord(t *testing.T) {
	trail := makeExportTrail(t)
	unreadable := clone(trail)
	unreadable[2].Body = []byte("{}")
	failing := func(yield func(Link, error) bool) {
		_ = yield(trail[0], nil) && yield(Link{}, errors.New("disk"))
	}
	for _, format := range Formats() {
		for want, records := range map[string]iter.Seq2[Link, error]{
			"audit record 3 (": stream(unreadable),
			"disk":             failing,
		} {
			if err := Export(io.Discard, format, records); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", format, err, want)
			}
		}
		if err := Export(fullDisk{}, format, stream(trail)); !errors.Is(err, errFull) {
			t.Errorf("%s to a full disk: %v", format, err)
		}
		if err := Export(fullDisk{}, format, stream(nil)); format != FormatJSONLines && !errors.Is(err, errFull) {
			t.Errorf("%s of an empty trail to a full disk: %v", format, err)
		}
	}
	if err := Export(io.Discard, "xml", stream(trail)); err == nil ||
		!strings.Contains(err.Error(), "cloudtrail, jsonl, csv, table") {
		t.Errorf("got %v", err)
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
