package audit

import (
	"fmt"
	"strings"
)

// MaxProblems is how many problems a [Report] lists. All are counted.
const MaxProblems = 100

// Kind is what is wrong with a record.
type Kind string

// The kinds of problems.
const (
	// Changed is a record that is not what was written there: its text, time or writer was changed, or it was put
	// there by someone without the key.
	Changed Kind = "changed"
	// Missing is one or several records that were written and are not there.
	Missing Kind = "missing"
	// Reordered is a record that stands before or after its place.
	Reordered Kind = "reordered"
	// Duplicated is a record that is there a second time.
	Duplicated Kind = "duplicated"
	// Skipped is a record whose writer wrote others before it that are not there, though the numbers have no gap.
	Skipped Kind = "skipped"
	// Unchecked is a record that could not be checked, because the one before it is missing or changed.
	Unchecked Kind = "unchecked"
	// Unverifiable is all records of a chain whose key is not at hand.
	Unverifiable Kind = "unverifiable"
	// BadCheckpoint is a checkpoint that is not genuine, or whose key is not at hand.
	BadCheckpoint Kind = "bad checkpoint"
	// Rewritten is a trail that is not the one that the checkpoint was made of.
	Rewritten Kind = "rewritten"
)

// Problem is one thing that is wrong, with the record that it is about.
type Problem struct {
	Kind Kind
	// Number is the record's, and Through that of the last one where several in a row are meant. Both are 0 where
	// no record is.
	Number, Through int64
	// Chain, Seq and EventID are what the record says of itself, so of a changed one they may be wrong. Of a missing
	// record they are what the others tell; they are empty where nothing does.
	Chain   string
	Seq     int64
	EventID string
	// Detail says what was found.
	Detail string
}

// String is the problem in a line.
func (p Problem) String() string {
	var b strings.Builder
	switch {
	case p.Number == 0:
	case p.Through > p.Number:
		fmt.Fprintf(&b, "records %d to %d", p.Number, p.Through)
	default:
		fmt.Fprintf(&b, "record %d", p.Number)
	}
	var of []string
	if p.Chain != "" {
		of = append(of, "chain "+printable(p.Chain))
	}
	if p.Seq != 0 {
		of = append(of, fmt.Sprintf("place %d", p.Seq))
	}
	if p.EventID != "" {
		of = append(of, "event "+printable(p.EventID))
	}
	if len(of) > 0 {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("(" + strings.Join(of, ", ") + ")")
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	return b.String() + string(p.Kind) + ": " + p.Detail
}

// Report is what Verify found.
type Report struct {
	// Records and Chains are how many there are in the trail.
	Records int64
	Chains  int
	// Problems are the first [MaxProblems], by number; Total is how many there are.
	Problems []Problem
	Total    int
	// TailProven is whether a checkpoint shows that up to it nothing was cut off or replaced.
	TailProven bool
	// Tail says what is known of the end of the trail, in a sentence or two.
	Tail string
}

// OK reports whether nothing wrong was found. It says nothing of the tail.
func (r Report) OK() bool { return r.Total == 0 }
