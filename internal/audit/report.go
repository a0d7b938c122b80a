package audit

import (
	"fmt"
	"slices"
	"strings"
)

// MaxProblems is the maximum number of problems in [Report.Problems]. Report.Total counts all of them.
const MaxProblems = 100

// Kind is a kind of problem.
type Kind string

// The kinds of problems.
const (
	// Changed reports a record whose text, time or writer was changed, or that was added without the key.
	Changed Kind = "changed"
	// Missing reports one or several records that were written and no longer exist.
	Missing Kind = "missing"
	// Reordered reports a record that was moved from where it was written.
	Reordered Kind = "reordered"
	// Duplicated reports a record that occurs twice.
	Duplicated Kind = "duplicated"
	// Skipped reports a record whose writer wrote earlier records that no longer exist, although the numbers
	// have no gap.
	Skipped Kind = "skipped"
	// Unchecked reports a record that cannot be checked, because the one before it is missing or changed.
	Unchecked Kind = "unchecked"
	// Unverifiable reports the records of a chain whose key is not available.
	Unverifiable Kind = "unverifiable"
	// BadCheckpoint reports a checkpoint that is not authentic, or whose key is not available.
	BadCheckpoint Kind = "bad checkpoint"
	// Rewritten reports that the checkpoint was created from other records than those of the trail.
	Rewritten Kind = "rewritten"

	// ObjectChanged reports an object of the account that was changed outside the engine.
	ObjectChanged Kind = "changed outside the engine"
	// ObjectAdded reports an object of the account that was added outside the engine.
	ObjectAdded Kind = "added outside the engine"
	// ObjectMissing reports an object of the account that was deleted outside the engine.
	ObjectMissing Kind = "deleted outside the engine"
	// Damaged reports that the database itself was changed, so that the engine may not read what it wrote.
	Damaged Kind = "damaged"
)

// Problem is one problem of a trail or of the account, and identifies the affected record or object.
type Problem struct {
	Kind Kind
	// Object describes the object of the account that the problem affects, such as `user "alice"`. It is empty for a
	// problem of the trail.
	Object string
	// Number is the number of the record. Through is the number of the last record if the problem affects
	// several in a row. Both are 0 if the problem affects no record. For a problem of an object, Number is the number of
	// the record that it differs from.
	Number, Through int64
	// Chain, Seq and EventID are read from the record, so they may be wrong if it was changed. For a missing
	// record they are derived from its neighbours, or empty.
	Chain   string
	Seq     int64
	EventID string
	// Detail describes the problem.
	Detail string
}

// String returns the problem as one line.
func (p Problem) String() string {
	if p.Object != "" {
		return p.Object + " " + string(p.Kind) + ": " + p.Detail
	}
	var b strings.Builder
	switch {
	case p.Number == 0:
	case p.Through > p.Number:
		fmt.Fprintf(&b, "records %d to %d", p.Number, p.Through)
	default:
		fmt.Fprintf(&b, "record %d", p.Number)
	}
	var origin []string
	if p.Chain != "" {
		origin = append(origin, "chain "+printable(p.Chain))
	}
	if p.Seq != 0 {
		origin = append(origin, fmt.Sprintf("position %d", p.Seq))
	}
	if p.EventID != "" {
		origin = append(origin, "event "+printable(p.EventID))
	}
	if len(origin) > 0 {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("(" + strings.Join(origin, ", ") + ")")
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	return b.String() + string(p.Kind) + ": " + p.Detail
}

// Report is the result of [Verify].
type Report struct {
	// Records and Chains count the records and chains of the trail.
	Records int64
	Chains  int
	// Problems lists the first [MaxProblems] problems by number. Total counts all problems.
	Problems []Problem
	Total    int
	// TailProven reports whether a checkpoint proves that no record up to it was cut off or replaced.
	TailProven bool
	// Tail describes in a sentence or two whether the end of the trail may be cut off.
	Tail string

	// Objects counts the compared objects of the account. Uncovered counts those among them that no record covers,
	// because an earlier version wrote the store.
	Objects, Uncovered int
	// Account describes in a sentence or two whether the account is as the trail says. It is empty if the account was
	// not compared.
	Account string
}

// AddDamage adds the problem that the database itself is damaged, before all others.
func (r *Report) AddDamage(detail string) {
	r.Total++
	r.Problems = slices.Insert(r.Problems, 0, Problem{Kind: Damaged, Detail: detail})
	r.Problems = r.Problems[:min(len(r.Problems), MaxProblems)]
}

// OK reports whether the trail and the account have no problems. It covers neither the tail nor uncovered objects.
func (r Report) OK() bool { return r.Total == 0 }
