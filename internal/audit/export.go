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

// The forms of export.
const (
	FormatCloudTrail = "cloudtrail" // one JSON object {"Records": […]}, as CloudTrail's log files
	FormatJSONLines  = "jsonl"      // a record a line
	FormatCSV        = "csv"        // a record a row, with a header, see [WriteCSV]
	FormatTable      = "table"      // for people
)

const bufferSize = 64 << 10

// Formats lists the forms of export.
func Formats() []string {
	return []string{FormatCloudTrail, FormatJSONLines, FormatCSV, FormatTable}
}

// Export writes records in one of the Formats, each as it comes. A record that cannot be read is an error, not left
// out: what was written before it stays written.
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
	return fmt.Errorf("exporting audit records: there is no format %q: choose one of %s", format, strings.Join(Formats(), ", "))
}

// WriteCloudTrail writes {"Records": […]}, the form of CloudTrail's log files. The records are, byte for byte, what
// was chained.
func WriteCloudTrail(w io.Writer, records iter.Seq2[Link, error]) error {
	between := `{"Records":[`
	err := export(w, records, func(b *bufio.Writer, _ *Link, _ *Event, body []byte) error {
		_, _ = b.WriteString(between) // an error stays with the writer
		between = ",\n"
		_, err := b.Write(body)
		return err
	})
	if err != nil {
		return err
	}
	end := "]}\n"
	if between != ",\n" {
		end = between + end
	}
	if _, err := io.WriteString(w, end); err != nil {
		return fmt.Errorf("exporting audit records: %w", err)
	}
	return nil
}

// WriteJSONLines writes a record a line. They are, byte for byte, what was chained.
func WriteJSONLines(w io.Writer, records iter.Seq2[Link, error]) error {
	return export(w, records, func(b *bufio.Writer, _ *Link, _ *Event, body []byte) error {
		_, _ = b.Write(body) // an error stays with the writer
		return b.WriteByte('\n')
	})
}

// columns are those of WriteCSV: place in the trail, then CloudTrail's names.
var columns = []string{
	"number", "chain", "seq", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
	"userIdentity.type", "userIdentity.principalId", "userIdentity.arn", "userIdentity.accountId",
	"userIdentity.accessKeyId", "userIdentity.userName", "errorCode", "errorMessage", "readOnly",
	"resources", "requestID", "eventID", "eventType", "recipientAccountId",
	"requestParameters", "responseElements", "additionalEventData",
}

// WriteCSV writes a header and a row for each record (RFC 4180). Resources are ARNs with spaces between them;
// requestParameters, responseElements and additionalEventData are JSON, or empty. A field that a spreadsheet would
// take for a formula, and one that begins with an apostrophe, has an apostrophe put before it; so taking off one
// apostrophe gives the field back.
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
			fields[i] = unformula(field)
		}
		return rows.Write(fields)
	})
	rows.Flush()
	if err == nil && rows.Error() != nil {
		err = fmt.Errorf("exporting audit records: %w", rows.Error())
	}
	return err
}

// unformula makes sure that a spreadsheet takes a field for text.
// https://owasp.org/www-community/attacks/CSV_Injection
func unformula(field string) string {
	if first, _ := utf8.DecodeRuneInString(field); field != "" && strings.ContainsRune("=+-@\t\r\n'＝＋－＠", first) {
		return "'" + field
	}
	return field
}

// WriteTable writes a header and a line for each record: number, time, who, what, whence and how it ended. What
// could not be shown in a terminal is replaced.
func WriteTable(w io.Writer, records iter.Seq2[Link, error]) error {
	const form = "%-8s %-20s %-32s %-28s %-16s %s\n"
	if _, err := fmt.Fprintf(w, form, "NUMBER", "TIME", "CALLER", "EVENT", "SOURCE", "RESULT"); err != nil {
		return fmt.Errorf("exporting audit records: %w", err)
	}
	return export(w, records, func(b *bufio.Writer, l *Link, e *Event, _ []byte) error {
		_, err := fmt.Fprintf(b, form, strconv.FormatInt(l.Number, 10), e.EventTime.UTC().Format(time.RFC3339),
			printable(caller(e)), printable(operation(e)), printable(e.SourceIPAddress), printable(result(e)))
		return err
	})
}

// caller is who it was, short: the last field of the ARN, or what else is known.
func caller(e *Event) string {
	who := e.UserIdentity
	name := who.UserName
	if fields := strings.SplitN(who.ARN, ":", 6); len(fields) == 6 {
		name = fields[5]
	}
	if name == "" {
		name = who.Type
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
		text = e.ErrorMessage // as of a failed sign-in, which has no code
	}
	if n, ok := e.AdditionalEventData[KeyAggregatedEvents]; ok {
		text += fmt.Sprintf(" (%v times)", n)
	}
	return text
}

// printable replaces what a terminal would not print but obey.
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
	text, _ := json.Marshal(elements) // what cannot be JSON is no part of a record
	return string(text)
}

// export reads each record and hands it on, with its body on one line.
func export(w io.Writer, records iter.Seq2[Link, error], write func(b *bufio.Writer, l *Link, e *Event, body []byte) error) error {
	b := bufio.NewWriterSize(w, bufferSize)
	var line bytes.Buffer
	for link, err := range records {
		if err != nil {
			return fmt.Errorf("exporting audit records: %w", err)
		}
		event, err := Decode(link.Body)
		if err != nil {
			_ = b.Flush() // the error before it counts
			return fmt.Errorf("exporting audit record %d (chain %s, place %d): %w: verify the trail", link.Number, link.Chain, link.Seq, err)
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
