package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
)

// Object is an object of the account, such as a user or an inline policy, at one moment.
type Object struct {
	// Kind and ID identify the object. An ID is never used for another object of the kind, unless the object is
	// deleted first.
	Kind, ID string
	// Name is the name of an object that other objects refer to by its ID, such as `user "alice"`. It may be empty.
	Name string
	// Content has everything that decides about access or authentication.
	Content Content
}

// Content is the content of an object as bytes. Different contents never give the same bytes. A field without a value
// adds nothing, so a new field does not change the content of objects that lack it.
type Content []byte

// With returns the content with another field. The order of the fields matters.
func (c Content) With(field string, values ...string) Content {
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return c
	}
	c = appendNumber(appendPart(c, field), int64(len(values)))
	for _, value := range values {
		c = appendPart(c, value)
	}
	return c
}

// ObjectChange describes how an event changed an object. A record lists the changes of its event in its
// additionalEventData.
type ObjectChange struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Before and After are the digests of the object before and after the event. They are empty if the object did not
	// exist then. With Before, nobody can hide a change outside the engine by a later change of the same object.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Digest returns the digest of an object under the key of a chain. Without the key, nobody can find the content that
// belongs to a digest, or compute the digest of another content. Digest panics if the key has less than 32 bytes.
func (o Object) Digest(key []byte) string {
	if len(key) < minKeySize {
		panic("audit: the key has less than 32 bytes")
	}
	return newSigner(key).object(o)
}

func (s *signer) object(o Object) string {
	b := appendPart(s.scratch[:0], "iam audit object 1")
	b = appendPart(b, o.Kind)
	b = appendPart(b, o.ID)
	s.scratch = b
	s.mac.Reset()
	s.mac.Write(b)
	s.mac.Write(o.Content)
	return base64.RawURLEncoding.EncodeToString(s.mac.Sum(nil))
}

// Account is the account that [Verify] compares with the trail.
type Account interface {
	// Objects iterates over all objects of the account.
	Objects() iter.Seq2[Object, error]
	// Describe returns a description of an object that may no longer exist, such as `inline policy "p" of user "u"`.
	// nameOf returns the last known name of the object with an id.
	Describe(kind, id string, nameOf func(id string) string) string
}

// objectKey identifies an object of the account.
type objectKey struct{ kind, id string }

// objectState is the state of an object as the last record about it left it.
type objectState struct {
	digest string
	chain  string // the chain of the record
	number int64  // the number of the record
}

// objectLedger has the state of each object as the verified records of a trail left it.
type objectLedger struct {
	states map[objectKey]objectState
	names  map[string]string // by id
	found  []objectProblem

	records int64 // the verified records so far
	begun   bool  // a record has listed objects
	// inventory is the number of the first record of the inventory, and inventoryEnd that of the last one. Both are 0 if
	// the trail has listed objects from its first record.
	inventory, inventoryEnd int64
	inventorySize           int
}

// objectProblem is a difference between the account and the trail.
type objectProblem struct {
	key    objectKey
	kind   Kind
	number int64
	detail string
}

func newObjectLedger() *objectLedger {
	return &objectLedger{states: map[objectKey]objectState{}, names: map[string]string{}}
}

// add applies the object changes of a verified record.
func (l *objectLedger) add(link *Link) {
	l.records++
	if !bytes.Contains(link.Body, []byte(`"`+KeyObjects+`":[`)) &&
		!bytes.Contains(link.Body, []byte(`"`+KeyFoundObjects+`":[`)) {
		return // the record lists no objects; most records are of this kind
	}
	var record struct {
		Data struct {
			Objects []ObjectChange `json:"objects"`
			Found   []ObjectChange `json:"foundObjects"`
		} `json:"additionalEventData"`
	}
	if err := json.Unmarshal(link.Body, &record); err != nil {
		return // comparing the account with the trail then finds the objects that no other record explains
	}
	if len(record.Data.Found) > 0 {
		l.addInventory(link, record.Data.Found)
	}
	for _, change := range record.Data.Objects {
		l.apply(link, change)
	}
	l.begun = l.begun || len(record.Data.Objects) > 0
}

// addInventory applies a record that lists the objects which existed before the trail began to record objects. Only the
// first records that list objects may do so, and only after records that list none. Otherwise an attacker could have an
// added object accepted by removing the engine's note that the account is covered.
func (l *objectLedger) addInventory(link *Link, found []ObjectChange) {
	switch {
	case !l.begun && l.records > 1:
		l.begun, l.inventory, l.inventoryEnd = true, link.Number, link.Number
	case l.inventory != 0 && link.Number == l.inventoryEnd+1:
		l.inventoryEnd = link.Number
	default:
		for _, object := range found {
			object.Before = object.After
			l.apply(link, object)
		}
		return
	}
	l.inventorySize += len(found)
	for _, object := range found {
		l.set(link, object)
	}
}

// apply applies a change, and reports it if the object was not as the last record left it.
func (l *objectLedger) apply(link *Link, change ObjectChange) {
	key := objectKey{change.Kind, change.ID}
	switch last, known := l.states[key]; {
	case change.Before == last.digest: // both are empty for a new object
	case !known:
		l.report(key, ObjectAdded, link.Number, "it existed before record %d, but no earlier record explains it", link.Number)
	case change.Before == "":
		l.report(key, ObjectMissing, link.Number, "after record %d and before record %d, which added it again", last.number,
			link.Number)
	default:
		l.report(key, ObjectChanged, link.Number, "after record %d and before record %d, which changed it again", last.number,
			link.Number)
	}
	l.set(link, change)
}

func (l *objectLedger) set(link *Link, change ObjectChange) {
	key := objectKey{change.Kind, change.ID}
	if change.Name != "" {
		l.names[change.ID] = change.Name
	}
	if change.After == "" {
		delete(l.states, key)
		return
	}
	l.states[key] = objectState{digest: change.After, chain: link.Chain, number: link.Number}
}

func (l *objectLedger) report(key objectKey, kind Kind, number int64, format string, args ...any) {
	l.found = append(l.found, objectProblem{key, kind, number, fmt.Sprintf(format, args...)})
}

// compareAccount compares the account with the verified records, and adds the differences to the report.
func (v *verifier) compareAccount(account Account) error {
	l := v.objects
	for object, err := range account.Objects() {
		if err != nil {
			return fmt.Errorf("comparing the account with the audit trail: %w", err)
		}
		v.report.Objects++
		if object.Name != "" {
			l.names[object.ID] = object.Name
		}
		key := objectKey{object.Kind, object.ID}
		last, known := l.states[key]
		delete(l.states, key)
		switch {
		case !known && (l.begun || l.records == 0):
			l.report(key, ObjectAdded, 0, "no record explains it")
		case !known:
			v.report.Uncovered++
		case v.chainOf(last.chain).signer.object(object) != last.digest:
			l.report(key, ObjectChanged, last.number, "it is not as record %d left it", last.number)
		}
	}
	for key, last := range l.states {
		l.report(key, ObjectMissing, last.number, "record %d is the last one about it", last.number)
	}
	nameOf := func(id string) string {
		if name := l.names[id]; name != "" {
			return name
		}
		return fmt.Sprintf("%q", id)
	}
	for _, p := range l.found {
		description := account.Describe(p.key.kind, p.key.id, nameOf)
		v.add(Problem{Kind: p.kind, Number: p.number, Object: description, Detail: p.detail})
	}
	v.report.Account = v.accountSentence()
	return nil
}

// accountSentence describes the result of the comparison.
func (v *verifier) accountSentence() string {
	l, objects := v.objects, plural(int64(v.report.Objects), "object")
	var text string
	switch {
	case len(l.found) > 0:
		text = fmt.Sprintf("The account (%s) differs from the audit trail.", objects)
	case v.report.Uncovered > 0:
		return fmt.Sprintf("No record covers the account (%s) yet, so changes outside the engine cannot be detected. An "+
			"earlier version wrote the store. The next command that can write to the store covers them.", objects)
	default:
		text = fmt.Sprintf("The account (%s) is as the audit trail says.", objects)
	}
	if l.inventory != 0 {
		text += fmt.Sprintf(" Record %d began to cover the account, and found %s. Changes outside the engine before that "+
			"record cannot be detected.", l.inventory, plural(int64(l.inventorySize), "object"))
	}
	return text
}

// ObjectIDs returns the kind and id of each object that a decoded event changed, such as "identity/AIDA…". It also
// reports which of them exist after the event.
func (e Event) ObjectIDs() (ids map[string]bool) {
	changes, _ := e.AdditionalEventData[KeyObjects].([]any)
	ids = make(map[string]bool, len(changes))
	for _, change := range changes {
		fields, _ := change.(map[string]any)
		kind, _ := fields["kind"].(string)
		id, _ := fields["id"].(string)
		ids[kind+"/"+id] = fields["after"] != nil
	}
	return ids
}
