package audit

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
)

// testAccount is an account of objects of one kind.
type testAccount []Object

func (a testAccount) Objects() iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for _, object := range a {
			if !yield(object, nil) {
				return
			}
		}
	}
}

func (a testAccount) Describe(kind, id string, nameOf func(id string) string) string {
	return kind + " " + nameOf(id)
}

// version returns an object with one of several contents.
func version(id string, n int) Object {
	return Object{Kind: "thing", ID: id, Name: strings.ToUpper(id), Content: Content(nil).With("version", fmt.Sprint(n))}
}

// change returns the change of an object from a version to another. Version 0 is a missing object.
func change(id string, before, after int) ObjectChange {
	c := ObjectChange{Kind: "thing", ID: id, Name: strings.ToUpper(id)}
	if before > 0 {
		c.Before = version(id, before).Digest(firstKey)
	}
	if after > 0 {
		c.After = version(id, after).Digest(firstKey)
	}
	return c
}

// objectsBody returns a record that lists changes.
func objectsBody(key string, changes ...ObjectChange) string {
	text, _ := json.Marshal(map[string]any{"eventID": "e", "additionalEventData": map[string]any{key: changes}})
	return string(text)
}

func TestVerify_ComparesAccount(t *testing.T) {
	changed := func(changes ...ObjectChange) string { return objectsBody(KeyObjects, changes...) }
	found := func(objects ...ObjectChange) string { return objectsBody(KeyFoundObjects, objects...) }
	const noObjects = `{"eventID":"e","requestParameters":{"text":"\"objects\":[]"}}`
	for name, test := range map[string]struct {
		bodies    []string
		account   testAccount
		want      []string // problems
		uncovered int
		sentence  string
	}{
		"added object": {
			bodies: []string{changed(change("a", 0, 1))}, account: testAccount{version("a", 1)},
			sentence: "The account (1 object) is as the audit trail says."},
		"changed and deleted objects": {
			bodies: []string{changed(change("a", 0, 1), change("b", 0, 1)), noObjects,
				changed(change("a", 1, 2), change("b", 1, 0))},
			account: testAccount{version("a", 2)}},
		"object that was added again": {
			bodies:  []string{changed(change("a", 0, 1)), changed(change("a", 1, 0)), changed(change("a", 0, 1))},
			account: testAccount{version("a", 1)}},
		"other content": {
			bodies: []string{changed(change("a", 0, 1))}, account: testAccount{version("a", 2)},
			want: []string{"thing A changed outside the engine: it is not as record 1 left it"}},
		"content of an earlier record": {
			bodies: []string{changed(change("a", 0, 1)), changed(change("a", 1, 2))}, account: testAccount{version("a", 1)},
			want: []string{"thing A changed outside the engine: it is not as record 2 left it"}},
		"missing object": {
			bodies: []string{changed(change("a", 0, 1))}, account: testAccount{},
			want: []string{"thing A deleted outside the engine: record 1 is the last one about it"}},
		"unknown object": {
			bodies: []string{changed(change("a", 0, 1))}, account: testAccount{version("a", 1), version("b", 1)},
			want: []string{"thing B added outside the engine: no record explains it"}},
		"object that was deleted before": {
			bodies:  []string{changed(change("a", 0, 1)), changed(change("a", 1, 0))},
			account: testAccount{version("a", 1)},
			want:    []string{"thing A added outside the engine: no record explains it"}},
		"change before a recorded change": {
			bodies: []string{changed(change("a", 0, 1)), changed(change("a", 2, 3))}, account: testAccount{version("a", 3)},
			want: []string{"thing A changed outside the engine: after record 1 and before record 2, which changed it again"}},
		"addition before a recorded change": {
			bodies:  []string{changed(change("b", 0, 1)), changed(change("a", 1, 2)), changed(change("b", 1, 0))},
			account: testAccount{version("a", 2)},
			want: []string{
				"thing A added outside the engine: it existed before record 2, but no earlier record explains it"}},
		"deletion before a recorded addition": {
			bodies: []string{changed(change("a", 0, 1)), changed(change("a", 0, 2))}, account: testAccount{version("a", 2)},
			want: []string{"thing A deleted outside the engine: after record 1 and before record 2, which added it again"}},
		"trail of an earlier version": {
			bodies: []string{noObjects, noObjects}, account: testAccount{version("a", 1)}, uncovered: 1,
			sentence: "No record covers the account (1 object) yet"},
		"inventory in two records": {
			bodies:   []string{noObjects, found(change("a", 0, 1)), found(change("b", 0, 1)), changed(change("a", 1, 2))},
			account:  testAccount{version("a", 2), version("b", 1)},
			sentence: "The account (2 objects) is as the audit trail says. Record 2 began to cover the account, and found 2"},
		"object that the inventory did not find": {
			bodies: []string{noObjects, found(change("a", 0, 1))}, account: testAccount{version("a", 1), version("b", 1)},
			want: []string{"thing B added outside the engine: no record explains it"}},
		"second inventory": {
			bodies: []string{noObjects, found(change("a", 0, 1), change("b", 0, 1)), noObjects,
				found(change("a", 0, 1), change("b", 0, 2), change("c", 0, 1))},
			account: testAccount{version("a", 1), version("b", 2), version("c", 1)},
			want: []string{
				"thing C added outside the engine: it existed before record 4, but no earlier record explains it",
				"thing B changed outside the engine: after record 2 and before record 4, which changed it again"}},
		"inventory as the first record": {
			bodies: []string{found(change("a", 0, 1))}, account: testAccount{version("a", 1)},
			want: []string{"thing A added outside the engine: it existed before record 1, but no earlier record explains it"}},
		"inventory of a covered trail": {
			bodies:  []string{changed(change("a", 0, 1)), found(change("b", 0, 1))},
			account: testAccount{version("a", 1), version("b", 1)},
			want: []string{
				"thing B added outside the engine: it existed before record 2, but no earlier record explains it"}},
		"no trail": {
			account: testAccount{version("a", 1)},
			want:    []string{"thing A added outside the engine: no record explains it"}},
		"no trail and no objects": {account: testAccount{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter("first")
			var trail []Link
			for _, text := range test.bodies {
				trail = w.append(t, trail, text)
			}
			report, err := Verify(stream(trail), keyFor, nil, test.account)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range report.Problems {
				got = append(got, p.String())
			}
			if !slices.Equal(got, test.want) || report.Total != len(test.want) || report.OK() != (len(test.want) == 0) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if report.Objects != len(test.account) || report.Uncovered != test.uncovered ||
				!strings.HasPrefix(report.Account, test.sentence) {
				t.Errorf("got %d objects, %d uncovered: %s", report.Objects, report.Uncovered, report.Account)
			}
		})
	}
}

// TestVerify_IgnoresObjectsOfUnverifiedRecord checks that a record without a valid MAC explains no object.
func TestVerify_IgnoresObjectsOfUnverifiedRecord(t *testing.T) {
	w := newWriter("first")
	trail := w.append(t, nil, objectsBody(KeyObjects, change("a", 0, 1)))
	trail = w.append(t, trail, objectsBody(KeyObjects, change("b", 0, 1)))
	trail[1].MAC[0] ^= 1
	report, err := Verify(stream(trail), keyFor, nil, testAccount{version("a", 1), version("b", 1)})
	if err != nil || len(report.Problems) != 2 || report.Problems[0].Object != "thing B" {
		t.Errorf("got %+v %v", report.Problems, err)
	}
}

func TestContent_DiffersForDifferentFields(t *testing.T) {
	seen := map[string]int{}
	for i, content := range []Content{
		nil, Content(nil).With("a", "b"), Content(nil).With("ab", ""), Content(nil).With("a", "b", "c"),
		Content(nil).With("a", "bc"), Content(nil).With("a", "b").With("c", "d"), Content(nil).With("a", "b", "", "c"),
		Content(nil).With("a", "", ""),
	} {
		if j, ok := seen[string(content)]; ok && i != 2 { // a field without a value adds nothing
			t.Errorf("contents %d and %d are equal", j, i)
		}
		seen[string(content)] = i
	}
}
