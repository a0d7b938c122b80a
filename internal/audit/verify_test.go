package audit

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	firstKey  = bytes.Repeat([]byte{1}, 32)
	secondKey = bytes.Repeat([]byte{2}, 32)
	noon      = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
)

func keyFor(chain string) ([]byte, bool) {
	switch KeyID(chain) {
	case "first":
		return firstKey, true
	case "second":
		return secondKey, true
	}
	return nil, false
}

// writer is a process that appends to a trail.
type writer struct {
	chain string
	seq   int64
}

func newWriter(keyID string) *writer { return &writer{chain: NewChainID(keyID)} }

func (w *writer) append(t testing.TB, trail []Link, body string) []Link {
	t.Helper()
	key, _ := keyFor(w.chain)
	var last *Link
	if len(trail) > 0 {
		last = &trail[len(trail)-1]
	}
	w.seq++
	return append(trail, Next(key, last, w.chain, w.seq, noon.Add(time.Duration(len(trail))*time.Second), []byte(body)))
}

func body(n int) string { return fmt.Sprintf(`{"eventID":"event-%d","eventName":"CreateUser"}`, n) }

// makeTrail interleaves the records of four writers under two keys.
func makeTrail(t testing.TB, random *rand.Rand, size int) []Link {
	t.Helper()
	writers := []*writer{newWriter("first"), newWriter("first"), newWriter("first"), newWriter("second")}
	var trail []Link
	for i := range size {
		trail = writers[random.IntN(len(writers))].append(t, trail, body(i+1))
	}
	return trail
}

func clone(trail []Link) []Link {
	copied := slices.Clone(trail)
	for i := range copied {
		copied[i].Body, copied[i].MAC = bytes.Clone(copied[i].Body), bytes.Clone(copied[i].MAC)
	}
	return copied
}

// stream yields the links in one buffer and reuses it, as a database may.
func stream(trail []Link) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		var text, mac []byte
		for _, l := range trail {
			text, mac = append(text[:0], l.Body...), append(mac[:0], l.MAC...)
			l.Body, l.MAC = text, mac
			if !yield(l, nil) {
				return
			}
			clear(text)
			clear(mac)
		}
	}
}

func verify(t testing.TB, trail []Link, checkpoint *Checkpoint) Report {
	t.Helper()
	report, err := Verify(stream(trail), keyFor, checkpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func checkpointOf(t testing.TB, trail []Link) *Checkpoint {
	t.Helper()
	c, err := NewCheckpoint(firstKey, NewChainID("first"), noon, &trail[len(trail)-1])
	if err != nil {
		t.Fatal(err)
	}
	return &c
}

// summary returns the kinds and numbers of the problems, for comparison.
func summary(report Report) string {
	var all []string
	for _, p := range report.Problems {
		text := fmt.Sprintf("%s %d", p.Kind, p.Number)
		if p.Through > p.Number {
			text += fmt.Sprintf("-%d", p.Through)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func TestVerify_AcceptsUnchangedTrail(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for size := range 60 {
		trail := makeTrail(t, random, size)
		report := verify(t, trail, nil)
		if !report.OK() || report.TailProven || report.Records != int64(size) {
			t.Fatalf("%d records: %+v", size, report)
		}
		if !strings.Contains(report.Tail, "cannot show") {
			t.Errorf("without a checkpoint, the report says of the tail: %s", report.Tail)
		}
		if size == 0 {
			continue
		}
		if report = verify(t, trail, checkpointOf(t, trail)); !report.OK() || !report.TailProven ||
			strings.Contains(report.Tail, "cannot") {
			t.Fatalf("%d records with a checkpoint: %+v", size, report)
		}
		earlier := trail[:1+random.IntN(size)]
		report = verify(t, trail, checkpointOf(t, earlier))
		if !report.OK() || !report.TailProven || strings.Contains(report.Tail, "cannot") != (len(earlier) < size) {
			t.Fatalf("%d records with a checkpoint at %d: %+v", size, len(earlier), report)
		}
	}
}

// TestVerify_IdentifiesSingleChange applies one change of each kind at random records of random trails. Verify must
// report the wanted problems and no others.
func TestVerify_IdentifiesSingleChange(t *testing.T) {
	type outcome struct {
		trail []Link
		want  string
	}
	problem := func(kind Kind, number int) string { return fmt.Sprintf("%s %d", kind, number) }
	changes := map[string]func(random *rand.Rand, trail []Link) outcome{
		"changed byte of the body": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			trail[i].Body[r.IntN(len(trail[i].Body))] ^= 1 << r.IntN(8)
			return outcome{trail, problem(Changed, i+1)}
		},
		"shortened body": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			trail[i].Body = trail[i].Body[:r.IntN(len(trail[i].Body))]
			return outcome{trail, problem(Changed, i+1)}
		},
		"changed byte of the MAC": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			trail[i].MAC[r.IntN(32)] ^= 1 << r.IntN(8)
			return outcome{trail, problem(Changed, i+1)}
		},
		"removed MAC": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			trail[i].MAC = nil
			return outcome{trail, problem(Changed, i+1)}
		},
		"changed time": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			trail[i].Time = trail[i].Time.Add(time.Duration(1+r.IntN(1e9)) * time.Nanosecond)
			return outcome{trail, problem(Changed, i+1)}
		},
		"later position in the chain": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			trail[i].Seq += 1 + int64(r.IntN(3))
			return outcome{trail, problem(Changed, i+1)}
		},
		"earlier position in the chain": func(r *rand.Rand, trail []Link) outcome {
			i := slices.IndexFunc(trail, func(l Link) bool { return l.Seq > 3 })
			trail[i].Seq -= 2
			return outcome{trail, problem(Duplicated, i+1)} // Verify cannot tell the change from a copy
		},
		"writer that does not exist": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			trail[i].Chain = "first-other"
			return outcome{trail, problem(Changed, i+1)}
		},
		"writer without a key": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			trail[i].Chain = "third-other"
			return outcome{trail, problem(Unverifiable, i+1)}
		},
		"removed record": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail) - 1)
			return outcome{slices.Delete(trail, i, i+1), problem(Missing, i+1) + ", " + problem(Unchecked, i+2)}
		},
		"removed records": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail) - 4)
			return outcome{slices.Delete(trail, i, i+3), fmt.Sprintf("missing %d-%d, unchecked %d", i+1, i+3, i+4)}
		},
		"exchanged records with new numbers": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail) - 1)
			j := i + 1 + r.IntN(len(trail)-1-i)
			trail[i], trail[j] = trail[j], trail[i]
			trail[i].Number, trail[j].Number = trail[j].Number, trail[i].Number
			return outcome{trail, problem(Reordered, i+1) + ", " + problem(Reordered, j+1)}
		},
		"exchanged neighbours with their numbers": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail) - 1)
			trail[i], trail[i+1] = trail[i+1], trail[i]
			return outcome{trail, problem(Reordered, i+1)}
		},
		"repeated record": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail))
			return outcome{slices.Insert(trail, i+r.IntN(len(trail)-i), trail[i]), problem(Duplicated, i+1)}
		},
		"record copied to the end": func(r *rand.Rand, trail []Link) outcome {
			copied := trail[r.IntN(len(trail))]
			copied.Number = int64(len(trail)) + 1
			return outcome{append(trail, copied), problem(Duplicated, len(trail)+1)}
		},
		"record created without the key": func(r *rand.Rand, trail []Link) outcome {
			last := &trail[len(trail)-1]
			forged := Next(bytes.Repeat([]byte{9}, 32), last, last.Chain, last.Seq+1, noon, []byte(body(99)))
			return outcome{append(trail, forged), problem(Changed, len(trail)+1)}
		},
		"number below 1": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail) - 1)
			trail[i].Number = -int64(r.IntN(3))
			return outcome{trail, fmt.Sprintf("changed %d, missing %d, unchecked %d", trail[i].Number, i+1, i+2)}
		},
		"record moved to the end": func(r *rand.Rand, trail []Link) outcome {
			i := r.IntN(len(trail) - 1)
			moved := trail[i]
			moved.Number = int64(len(trail)) + 1
			trail = append(slices.Delete(trail, i, i+1), moved)
			// The moved record's MAC is still in the trail, so Verify can check the record that followed it.
			return outcome{trail, fmt.Sprintf("missing %d, reordered %d", i+1, moved.Number)}
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(300) {
				random := rand.New(rand.NewPCG(seed, 7))
				trail := makeTrail(t, random, 20+random.IntN(30))
				checkpoint := checkpointOf(t, trail)
				o := change(random, clone(trail))
				report := verify(t, o.trail, nil)
				if got := summary(report); got != o.want {
					t.Fatalf("seed %d: found %q, want %q\n%v", seed, got, o.want, report.Problems)
				}
				if report.Total != len(report.Problems) || report.OK() {
					t.Fatalf("seed %d: %d problems listed, %d counted", seed, len(report.Problems), report.Total)
				}
				if verify(t, o.trail, checkpoint).OK() {
					t.Fatalf("seed %d: Verify finds no problem with a checkpoint", seed)
				}
				for _, p := range report.Problems {
					want := fmt.Sprintf("event-%d", p.Number)
					hasEventID := p.Kind == Unchecked || name == "changed time" || name == "changed byte of the MAC"
					if hasEventID && p.EventID != want {
						t.Fatalf("seed %d: the event id is %q, want %q", seed, p.EventID, want)
					}
					if p.Kind == Missing && name == "removed record" && p.Chain != "" &&
						(p.Chain != trail[p.Number-1].Chain || p.Seq != trail[p.Number-1].Seq) {
						t.Fatalf("seed %d: Verify says that record %d has position %d of chain %s", seed, p.Number, p.Seq, p.Chain)
					}
				}
			}
		})
	}
}

func TestVerify_IdentifiesMissingRecordByChain(t *testing.T) {
	a, b := newWriter("first"), newWriter("second")
	var trail []Link
	for i := range 12 {
		trail = []*writer{a, b}[i%2].append(t, trail, body(i+1))
	}
	for i := range trail[:10] { // the last record of each chain has no later one that shows the gap
		report := verify(t, slices.Delete(clone(trail), i, i+1), nil)
		if p := report.Problems[0]; p.Kind != Missing || p.Chain != trail[i].Chain || p.Seq != trail[i].Seq {
			t.Errorf("record %d (position %d of chain %s) is missing; Verify found %+v", i+1, trail[i].Seq, trail[i].Chain, p)
		}
	}
}

func TestVerify_FindsTruncatedTail(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	trail := makeTrail(t, random, 40)
	checkpoint := checkpointOf(t, trail)
	for length := range trail {
		cut := clone(trail[:length])
		report := verify(t, cut, nil)
		if !report.OK() || report.TailProven || !strings.Contains(report.Tail, "cannot show") {
			t.Fatalf("cut to %d records, without a checkpoint: %+v", length, report)
		}
		report = verify(t, cut, checkpoint)
		want := fmt.Sprintf("missing %d", length+1)
		if length < 39 {
			want += "-40"
		}
		if got := summary(report); got != want || report.TailProven {
			t.Fatalf("cut to %d records: found %q, want %q; %s", length, got, want, report.Tail)
		}
	}
}

func TestVerify_FindsRewrittenTail(t *testing.T) {
	trail := makeTrail(t, rand.New(rand.NewPCG(4, 4)), 40)
	checkpoint := checkpointOf(t, trail)
	rewritten, w := clone(trail[:30]), newWriter("first")
	for len(rewritten) < 50 {
		rewritten = w.append(t, rewritten, body(len(rewritten)+1))
	}
	if report := verify(t, rewritten, nil); !report.OK() || report.TailProven {
		t.Errorf("without a checkpoint: %+v", report)
	}
	if report := verify(t, rewritten, checkpoint); summary(report) != "rewritten 40" || report.TailProven {
		t.Errorf("with a checkpoint: %+v", report)
	}
}

func TestVerify_FindsTailCutDuringWriting(t *testing.T) {
	w, other := newWriter("first"), newWriter("first")
	var trail []Link
	for i := range 9 {
		trail = []*writer{w, w, other}[i%3].append(t, trail, body(i+1))
	}
	trail = w.append(t, trail[:6:6], body(7))
	report := verify(t, trail, nil)
	if summary(report) != "skipped 7" || report.Problems[0].Chain != w.chain || report.Problems[0].Seq != 7 ||
		report.Problems[0].EventID != "event-7" {
		t.Errorf("found %+v", report.Problems)
	}
}

func TestVerify_FindsRemovedChain(t *testing.T) {
	first, second, third := newWriter("first"), newWriter("first"), newWriter("first")
	var trail []Link
	for i, w := range []*writer{first, second, first, second, second, first, third, third} {
		trail = w.append(t, trail, body(i+1))
	}
	without := func(chain string) []Link {
		return slices.DeleteFunc(clone(trail), func(l Link) bool { return l.Chain == chain })
	}
	checkpoint := checkpointOf(t, trail)
	for name, tc := range map[string]struct {
		chain                                string
		wantWithCheckpoint, wantNoCheckpoint string
	}{
		"chain in the middle": {second.chain, "missing 2, unchecked 3, missing 4-5, unchecked 6",
			"missing 2, unchecked 3, missing 4-5, unchecked 6"},
		"chain at the end": {third.chain, "missing 7-8", ""},
		"chain at the beginning": {first.chain, "missing 1, unchecked 2, missing 3, unchecked 4, missing 6, unchecked 7",
			"missing 1, unchecked 2, missing 3, unchecked 4, missing 6, unchecked 7"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summary(verify(t, without(tc.chain), nil)); got != tc.wantNoCheckpoint {
				t.Errorf("without a checkpoint: %q, want %q", got, tc.wantNoCheckpoint)
			}
			if got := summary(verify(t, without(tc.chain), checkpoint)); got != tc.wantWithCheckpoint {
				t.Errorf("with a checkpoint: %q, want %q", got, tc.wantWithCheckpoint)
			}
		})
	}
}

func TestVerify_RejectsRecordsOfAnotherTrail(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		ours, theirs := makeTrail(t, random, 30), makeTrail(t, random, 30) // under the same keys
		at := 1 + random.IntN(28)
		report := verify(t, append(clone(ours[:at]), clone(theirs[at:])...), nil)
		if len(report.Problems) == 0 || report.Problems[0].Number != int64(at+1) {
			t.Fatalf("tail of the other trail from record %d: found %q", at+1, summary(report))
		}
		spliced := clone(ours)
		spliced[at] = theirs[at]
		report = verify(t, spliced, nil)
		if len(report.Problems) == 0 || report.Problems[0].Number != int64(at+1) {
			t.Fatalf("record %d of the other trail: found %q", at+1, summary(report))
		}
	}
}

func TestVerify_ReportsChainWithoutKey(t *testing.T) {
	trail := makeTrail(t, rand.New(rand.NewPCG(6, 6)), 40)
	report, err := Verify(stream(trail),
		func(chain string) ([]byte, bool) { return firstKey, KeyID(chain) == "first" }, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) != 1 || report.Problems[0].Kind != Unverifiable ||
		KeyID(report.Problems[0].Chain) != "second" {
		t.Errorf("found %v", report.Problems)
	}
}

func TestVerify_RejectsForgedCheckpoint(t *testing.T) {
	trail := makeTrail(t, rand.New(rand.NewPCG(7, 7)), 10)
	for name, change := range map[string]func(c *Checkpoint){
		"another number": func(c *Checkpoint) { c.Number-- },
		"another time":   func(c *Checkpoint) { c.Time = c.Time.Add(time.Second) },
		"another head":   func(c *Checkpoint) { c.Head = bytes.Repeat([]byte{1}, 32) },
		"another chain":  func(c *Checkpoint) { c.Chain = "second-1" },
		"no key":         func(c *Checkpoint) { c.Chain = "third-1" },
	} {
		t.Run(name, func(t *testing.T) {
			c := checkpointOf(t, trail)
			change(c)
			report := verify(t, trail, c)
			if summary(report) != "bad checkpoint 0" || report.TailProven || !strings.Contains(report.Tail, "cannot show") {
				t.Errorf("found %q: %s", summary(report), report.Tail)
			}
		})
	}
}

// TestVerify_FindsRandomChanges applies several changes at once. Verify need not identify each of them, but it must
// report that the trail has problems.
func TestVerify_FindsRandomChanges(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 8))
		trail := makeTrail(t, random, 30)
		c := clone(trail)
		for range 1 + random.IntN(6) {
			i, j := random.IntN(len(c)), random.IntN(len(c))
			switch random.IntN(6) {
			case 0:
				c[i].Body = append(c[i].Body, ' ')
			case 1:
				c[i].MAC = bytes.Clone(c[j].MAC)
			case 2:
				c[i], c[j] = c[j], c[i]
			case 3:
				c[i].Number = c[j].Number
			case 4:
				c = slices.Delete(c, i, i+1)
			case 5:
				c[i].Seq, c[i].Chain = c[j].Seq+1, c[j].Chain
			}
		}
		unchanged := slices.EqualFunc(c, trail[:len(c)], func(a, b Link) bool {
			return a.Number == b.Number && a.Chain == b.Chain && a.Seq == b.Seq && bytes.Equal(a.Body, b.Body) &&
				bytes.Equal(a.MAC, b.MAC)
		})
		if report := verify(t, c, nil); report.OK() != unchanged {
			t.Fatalf("seed %d: the trail is unchanged: %v; found %q", seed, unchanged, summary(report))
		}
		if report := verify(t, c, checkpointOf(t, trail)); report.OK() && len(c) < len(trail) {
			t.Fatalf("seed %d: Verify does not find that the end is missing", seed)
		}
	}
}

func TestVerify_BoundsReport(t *testing.T) {
	trail := makeTrail(t, rand.New(rand.NewPCG(9, 9)), 5000)
	for i := range trail {
		trail[i].Body = []byte("{}")
		trail[i].MAC = bytes.Repeat([]byte{byte(i)}, 32)
	}
	report := verify(t, trail, nil)
	if len(report.Problems) != MaxProblems || report.Total != 5000 || report.Problems[0].Number != 1 ||
		report.Problems[99].Number != 100 {
		t.Errorf("the report lists %d of %d problems", len(report.Problems), report.Total)
	}
	again := verify(t, trail, nil)
	if !slices.Equal(report.Problems, again.Problems) {
		t.Error("two reports of one trail differ")
	}
}

func TestVerify_ReturnsReadError(t *testing.T) {
	readError := errors.New("disk")
	trail := makeTrail(t, rand.New(rand.NewPCG(10, 10)), 3)
	_, err := Verify(func(yield func(Link, error) bool) {
		_ = yield(trail[0], nil) && yield(Link{}, readError)
	}, keyFor, nil, nil)
	if !errors.Is(err, readError) || !strings.Contains(err.Error(), "after record 1") {
		t.Errorf("got %v", err)
	}
}

func TestProblem_String(t *testing.T) {
	for want, p := range map[string]Problem{
		"record 5 (chain a-1, position 2, event e) changed: x": {Kind: Changed, Number: 5, Through: 5, Chain: "a-1", Seq: 2,
			EventID: "e", Detail: "x"},
		"records 5 to 7 missing: x":     {Kind: Missing, Number: 5, Through: 7, Detail: "x"},
		"bad checkpoint: x":             {Kind: BadCheckpoint, Detail: "x"},
		"(chain a\ufffd[2J) missing: x": {Kind: Missing, Chain: "a\x1b[2J", Detail: "x"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestNext_RejectsShortKey(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Next accepts a key of 31 bytes")
		}
	}()
	Next(firstKey[:31], nil, "a", 1, noon, nil)
}

func BenchmarkNext(b *testing.B) {
	text := []byte(strings.Repeat("x", 900))
	last := Next(firstKey, nil, "first-1", 1, noon, text)
	for b.Loop() {
		last = Next(firstKey, &last, "first-1", last.Seq+1, noon, text)
	}
}

func BenchmarkVerify(b *testing.B) {
	var trail []Link
	writers := []*writer{newWriter("first"), newWriter("second"), newWriter("first")}
	text := strings.Repeat("x", 900)
	for i := range 10000 {
		trail = writers[i%3].append(b, trail, text)
	}
	b.ResetTimer()
	for b.Loop() {
		report, err := Verify(func(yield func(Link, error) bool) {
			for i := range trail {
				if !yield(trail[i], nil) {
					return
				}
			}
		}, keyFor, nil, nil)
		if err != nil || !report.OK() {
			b.Fatal(report.Problems, err)
		}
	}
	b.ReportMetric(float64(b.N)*10000/b.Elapsed().Seconds(), "records/s")
}
