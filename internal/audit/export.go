package audit

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The export formats.
const (
	FormatCloudTrail = "cloudtrail" // one JSON object {"Records": […]}, like CloudTrail's log files
	FormatJSONLines  = "jsonl"      // one record a line
	FormatCSV        = "csv"        // a header and one record a row, see [WriteCSV]
	FormatTable      = "table"      // a table for people, see [WriteTable]
)

const bufferSize = 64 << 10

// Formats returns all export formats.
func Formats() []string {
	return []string{FormatCloudTrail, FormatJSONLines, FormatCSV, FormatTable}
}

// Export writes records in one of the [Formats], and reads each record when it writes it. Export returns an error for
// a record that cannot be read; it never leaves one out. The records before it are then already written.
func Export(w io.Writer, format string, records iter.Seq2[Link, error]) error {
	switch format {
	case FormatCloudTrail:
		return WriteCloudTrail(w, records)
	case FormatJSONLines:
		return WriteJSONLines(w, records)
	case FormatCSV:
		return WriteCSV(w, records)
	case FormatTable:
		return WriteTable(w, records)
	}
	return fmt.Errorf("exporting audit records: unknown format %q: choose one of %s", format,
		strings.Join(Formats(), ", "))
}

// WriteCloudTrail writes {"Records": […]}, the format of CloudTrail's log files. The bytes of the records are those
// that the MACs cover.
func WriteCloudTrail(w io.Writer, records iter.Seq2[Link, error]) error {
	separator := `{"Records":[`
	err := export(w, records, func(b *bufio.Writer, _ *Link, _ *Event, body []byte) error {
		_, _ = b.WriteString(separator) // the next Write returns the error as well
		separator = ",\n"
		_, err := b.Write(body)
		return err
	})
	if err != nil {
		return err
	}
	end := "]}\n"
	if separator != ",\n" { // no record was written
		end = separator + end
	}
	if _, err := io.WriteString(w, end); err != nil {
		return fmt.Errorf("exporting audit records: %w", err)
	}
	return nil
}

// WriteJSONLines writes one record a line. The bytes of the records are those that the MACs cover.
func WriteJSONLines(w io.Writer, records iter.Seq2[Link, error]) error {
	return export(w, records, func(b *bufio.Writer, _ *Link, _ *Event, body []byte) error {
		_, _ = b.Write(body) // the next write returns the error as well
		return b.WriteByte('\n')
	})
}

// columns lists the columns of WriteCSV: the position in the trail, then fields with CloudTrail's names.
var columns = []string{
	"number", "chain", "seq", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
	"userIdentity.type", "userIdentity.principalId", "userIdentity.arn", "userIdentity.accountId",
	"userIdentity.accessKeyId", "userIdentity.userName", "errorCode", "errorMessage", "readOnly",
	"resources", "requestID", "eventID", "eventType", "recipientAccountId",
	"requestParameters", "responseElements", "additionalEventData",
}

// WriteCSV writes a header and a row for each record (RFC 4180). The column resources has ARNs, separated by spaces.
// The columns requestParameters, responseElements and additionalEventData have JSON or are empty. WriteCSV puts an
// apostrophe before a field that a spreadsheet would read as a formula, and before a field that begins with an
// apostrophe. A reader gets the original field back by removing one leading apostrophe.
func WriteCSV(w io.Writer, records iter.Seq2[Link, error]) error {
	rows := csv.NewWriter(bufio.NewWriterSize(w, bufferSize))
	rows.UseCRLF = true
	if err := rows.Write(columns); err != nil {
		return fmt.Errorf("exporting audit records: %w", err)
	}
	err := export(w, records, func(_ *bufio.Writer, l *Link, e *Event, _ []byte) error {
		var arns []string
		for _, r := range e.Resources {
			arns = append(arns, r.ARN)
		}
		fields := []string{
			strconv.FormatInt(l.Number, 10), l.Chain, strconv.FormatInt(l.Seq, 10), e.EventTime.UTC().Format(time.RFC3339),
			e.EventSource, e.EventName, e.AWSRegion, e.SourceIPAddress, e.UserAgent,
			e.UserIdentity.Type, e.UserIdentity.PrincipalID, e.UserIdentity.ARN, e.UserIdentity.AccountID,
			e.UserIdentity.AccessKeyID, e.UserIdentity.UserName, e.ErrorCode, e.ErrorMessage, strconv.FormatBool(e.ReadOnly),
			strings.Join(arns, " "), e.RequestID, e.EventID, e.EventType, e.RecipientAccountID,
			asJSON(e.RequestParameters), asJSON(e.ResponseElements), asJSON(e.AdditionalEventData),
		}
		for i, field := range fields {
			fields[i] = escapeFormula(field)
		}
		return rows.Write(fields)
	})
	rows.Flush()
	if err == nil && rows.Error() != nil {
		err = fmt.Errorf("exporting audit records: %w", rows.Error())
	}
	return err
}

// escapeFormula puts an apostrophe before a field that a spreadsheet would not read as text.
// https://owasp.org/www-community/attacks/CSV_Injection
func escapeFormula(field string) string {
	if first, _ := utf8.DecodeRuneInString(field); field != "" && strings.ContainsRune("=+-@\t\r\n'＝＋－＠", first) {
		return "'" + field
	}
	return field
}

// WriteTable writes a header and a line for each record: number, time, caller, event, source address and result. It
// replaces characters that a terminal cannot print.
func WriteTable(w io.Writer, records iter.Seq2[Link, error]) error {
	const rowFormat = "%-8s %-20s %-32s %-28s %-16s %s\n"
	if _, err := fmt.Fprintf(w, rowFormat, "NUMBER", "TIME", "CALLER", "EVENT", "SOURCE", "RESULT"); err != nil {
		return fmt.Errorf("exporting audit records: %w", err)
	}
	return export(w, records, func(b *bufio.Writer, l *Link, e *Event, _ []byte) error {
		_, err := fmt.Fprintf(b, rowFormat, strconv.FormatInt(l.Number, 10), e.EventTime.UTC().Format(time.RFC3339),
			printable(caller(e)), printable(operation(e)), printable(e.SourceIPAddress), printable(result(e)))
		return err
	})
}

// caller returns a short name of the caller: the last field of the ARN, or else the user name or the type.
func caller(e *Event) string {
	identity := e.UserIdentity
	name := identity.UserName
	if fields := strings.SplitN(identity.ARN, ":", 6); len(fields) == 6 {
		name = fields[5]
	}
	if name == "" {
		name = identity.Type
	}
	if user, ok := e.AdditionalEventData[KeyOperatingSystemUser].(string); ok {
		name += " (" + user + ")"
	}
	return name
}

func operation(e *Event) string {
	return strings.TrimSuffix(e.EventSource, ".amazonaws.com") + ":" + e.EventName
}

func result(e *Event) string {
	text := "OK"
	switch {
	case e.ErrorCode != "":
		text = e.ErrorCode
	case e.ErrorMessage != "":
		text = e.ErrorMessage // a failed sign-in has no code
	}
	if n, ok := e.AdditionalEventData[KeyAggregatedEvents]; ok {
		text += fmt.Sprintf(" (%v times)", n)
	}
	return text
}

// printable replaces characters that a terminal does not print, such as those of control sequences.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

func asJSON(elements map[string]any) string {
	if elements == nil {
		return ""
	}
	text, _ := json.Marshal(elements) // never fails: Encode or Decode has converted the elements before
	return string(text)
}

// export decodes each record and passes it to write, with its body on one line.
func export(w io.Writer, records iter.Seq2[Link, error],
	write func(b *bufio.Writer, l *Link, e *Event, body []byte) error) error {
	b := bufio.NewWriterSize(w, bufferSize)
	var line bytes.Buffer
	for link, err := range records {
		if err != nil {
			return fmt.Errorf("exporting audit records: %w", err)
		}
		event, err := Decode(link.Body)
		if err != nil {
			_ = b.Flush() // the caller gets the earlier error
			return fmt.Errorf("exporting audit record %d (chain %s, position %d): %w; verify the audit trail", link.Number,
				link.Chain, link.Seq, err)
		}
		line.Reset()
		if err := json.Compact(&line, link.Body); err != nil {
			return fmt.Errorf("exporting audit record %d: %w", link.Number, err)
		}
		if err := write(b, &link, &event, line.Bytes()); err != nil {
			return fmt.Errorf("exporting audit records: %w", err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("exporting audit records: %w", err)
	}
	return nil
}
