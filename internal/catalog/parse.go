package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// builder collects the lines of one or several texts.
type builder struct {
	date     string
	services map[string]*parsedService
	types    map[string]*ResourceType // by service and name in lower case, as in s3:bucket
	keys     map[string]*ConditionKey
	// actions and uses have the actions and their resource types in the order of the text. Slices for all of them take
	// less time than one for each.
	actions []Action
	uses    []ResourceUse
	// last is the service of the last action, and firstUse is the index of that action's first use of a resource.
	last     *parsedService
	firstUse int
	// keyLists and nameLists have the lists that were read, because many actions have the same.
	keyLists  map[string][]*ConditionKey
	nameLists map[string][]string
}

// parsedService is a service with its actions in the order of the text.
type parsedService struct {
	*Service
	actions []parsedAction
}

// parsedAction is an action with its full name in lower case.
type parsedAction struct {
	*Action
	folded string
}

// read adds the lines of a text. Its condition keys come first, so that the other lines may name any of them.
func (b *builder) read(text string) error {
	if b.services == nil {
		b.services, b.types = map[string]*parsedService{}, map[string]*ResourceType{}
		b.keys = map[string]*ConditionKey{}
		b.keyLists, b.nameLists = map[string][]*ConditionKey{}, map[string][]string{}
	}
	b.actions = slices.Grow(b.actions, strings.Count(text, "\naction "))
	b.uses = slices.Grow(b.uses, strings.Count(text, "\non "))
	folded := ascii.Fold(text) // has the same length
	for _, pass := range [...]func(line, folded string) error{b.declaration, b.definition} {
		for start, number := 0, 1; start < len(text); number++ {
			end := len(text)
			if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
				end = start + i
			}
			if err := pass(text[start:end], folded[start:end]); err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
			start = end + 1
		}
	}
	return nil
}

// line is the rest of a line, in the case of the file and in lower case.
type line struct{ text, folded string }

// newLine returns a line without white space at both ends.
func newLine(text, folded string) line {
	first, end := 0, len(text)
	for first < end && isSpace(text[first]) {
		first++
	}
	for end > first && isSpace(text[end-1]) {
		end--
	}
	return line{text[first:end], folded[first:end]}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// next cuts the next field off.
func (l *line) next() (field line) {
	n := 0
	for n < len(l.text) && !isSpace(l.text[n]) {
		n++
	}
	field = line{l.text[:n], l.folded[:n]}
	for n < len(l.text) && isSpace(l.text[n]) {
		n++
	}
	l.text, l.folded = l.text[n:], l.folded[n:]
	return field
}

// declaration reads a line that other lines may refer to.
func (b *builder) declaration(text, folded string) error {
	rest := newLine(text, folded)
	switch rest.next().text {
	case "catalog":
		date := rest.next().text
		if _, err := time.Parse(time.DateOnly, date); err != nil || rest.text != "" {
			return fmt.Errorf("%q is not a date, such as 2026-01-31", date+rest.text)
		}
		b.date = date
	case "key":
		return b.key(rest)
	case "service":
		prefix := rest.next().folded
		if prefix == "" || strings.ContainsAny(prefix, ":*?") {
			return fmt.Errorf("%q is not the prefix of a service, such as s3", prefix)
		}
		if b.services[prefix] == nil { // otherwise lines of an earlier file refer to it
			b.services[prefix] = &parsedService{Service: &Service{Prefix: prefix}}
		}
		b.services[prefix].Name = rest.text
	}
	return nil
}

// key reads the line of a condition key.
func (b *builder) key(rest line) error {
	name, kind := rest.next(), rest.next().text
	before, after, _ := strings.Cut(name.text, ":")
	if before == "" || after == "" || strings.ContainsAny(name.text, "*?,") {
		return fmt.Errorf("%q is not a condition key, such as payroll:Team", name.text)
	}
	single, many := strings.CutPrefix(kind, "ArrayOf")
	number := slices.Index(typeNames[:], single)
	if number < 0 {
		return fmt.Errorf("%q is not the type of a condition key. The types are %s, and each with ArrayOf before it",
			kind, strings.Join(typeNames[:], ", "))
	}
	key := &ConditionKey{Name: name.text, Type: KeyType(number), Multivalued: many} //nolint:gosec // a small number
	switch rest.text {
	case "":
	case "global":
		key.Global = true
	default:
		return fmt.Errorf("%q follows the type of the condition key. Only global may follow", rest.text)
	}
	if old := b.keys[name.folded]; old != nil { // lines of an earlier file refer to it
		*old = *key
		return nil
	}
	b.keys[name.folded] = key
	return nil
}

// definition reads a line that refers to others.
func (b *builder) definition(text, folded string) error {
	rest := newLine(text, folded)
	switch word := rest.next().text; word {
	case "", "catalog", "key", "service":
		return nil
	case "resource":
		return b.resource(rest)
	case "action":
		return b.action(rest)
	case "on":
		return b.use(rest)
	default:
		if strings.HasPrefix(word, "#") {
			return nil
		}
		return fmt.Errorf("%q is not the first word of a line. A line begins with catalog, key, service, resource, "+
			"action, on or #", word)
	}
}

// owner returns the service of a full name, and the name without its prefix.
func (b *builder) owner(name line) (*parsedService, string, error) {
	prefix, _, found := strings.Cut(name.folded, ":")
	if !found || len(prefix)+1 == len(name.text) || strings.ContainsAny(name.text, "*?,") {
		return nil, "", fmt.Errorf("%q is not a name with the prefix of a service, such as s3:GetObject", name.text)
	}
	s := b.services[prefix]
	if s == nil {
		return nil, "", fmt.Errorf("%q belongs to the service %q, but no line defines the service. Add a line that begins "+
			"with \"service %s\"", name.text, prefix, prefix)
	}
	return s, name.text[len(prefix)+1:], nil
}

// resource reads the line of a resource type.
func (b *builder) resource(rest line) error {
	full := rest.next()
	s, name, err := b.owner(full)
	if err != nil {
		return err
	}
	t := &ResourceType{Service: s.Service, Name: name}
	for rest.text != "" {
		field := rest.next()
		switch {
		case strings.HasPrefix(field.text, "arn:"):
			t.ARNs = append(t.ARNs, field.text)
		case strings.HasPrefix(field.text, "keys="):
			if t.ConditionKeys, err = b.keyList(field.folded[len("keys="):]); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%q is neither an ARN nor keys=…", field.text)
		}
	}
	if len(t.ARNs) == 0 {
		return fmt.Errorf("the resource type %q has no ARN", full.text)
	}
	if old := b.types[full.folded]; old != nil { // actions of an earlier file refer to it
		old.Service, old.Name, old.ARNs, old.ConditionKeys = t.Service, t.Name, t.ARNs, t.ConditionKeys
		return nil
	}
	b.types[full.folded] = t
	return nil
}

// action reads the line of an action.
func (b *builder) action(rest line) error {
	full := rest.next()
	s, name, err := b.owner(full)
	if err != nil {
		return err
	}
	level := rest.next().text
	number := slices.IndexFunc(levelNames[:], func(name string) bool {
		return strings.ReplaceAll(name, " ", "-") == level
	})
	if number < 0 {
		return fmt.Errorf("%q is not an access level. The access levels are List, Read, Write, Permissions-management and "+
			"Tagging", level)
	}
	a := Action{Service: s.Service, Name: name, AccessLevel: AccessLevel(number), full: full.text} //nolint:gosec // small
	a.ConditionKeys, a.DependentActions, err = b.lists(rest)
	b.actions = append(b.actions, a)
	s.actions = append(s.actions, parsedAction{&b.actions[len(b.actions)-1], full.folded})
	b.last, b.firstUse = s, len(b.uses)
	return err
}

// use reads a line with a resource type of the preceding action.
func (b *builder) use(rest line) error {
	name := rest.next()
	if b.last == nil {
		return errors.New("no line with an action precedes the line that begins with on")
	}
	t := b.types[b.last.Prefix+":"+name.folded]
	if t == nil {
		return fmt.Errorf("no preceding line defines the resource type %q of the service %q", name.text, b.last.Prefix)
	}
	use := ResourceUse{Type: t}
	after := rest
	if after.next().text == "required" {
		use.Required, rest = true, after
	}
	var err error
	use.ConditionKeys, use.DependentActions, err = b.lists(rest)
	b.uses = append(b.uses, use)
	b.last.actions[len(b.last.actions)-1].Resources = b.uses[b.firstUse:len(b.uses):len(b.uses)]
	return err
}

// lists reads the fields keys=… and needs=….
func (b *builder) lists(rest line) (keys []*ConditionKey, needs []string, err error) {
	for rest.text != "" {
		field := rest.next()
		switch {
		case strings.HasPrefix(field.text, "keys="):
			if keys, err = b.keyList(field.folded[len("keys="):]); err != nil {
				return nil, nil, err
			}
		case strings.HasPrefix(field.text, "needs="):
			if needs, err = b.nameList(field.text[len("needs="):]); err != nil {
				return nil, nil, err
			}
		default:
			return nil, nil, fmt.Errorf("%q is neither keys=… nor needs=…", field.text)
		}
	}
	return keys, needs, nil
}

// keyList returns the condition keys of a list with commas, in lower case.
func (b *builder) keyList(text string) ([]*ConditionKey, error) {
	if list, ok := b.keyLists[text]; ok {
		return list, nil
	}
	list := make([]*ConditionKey, 0, strings.Count(text, ",")+1)
	for name := range strings.SplitSeq(text, ",") {
		key := b.keys[name]
		if key == nil {
			return nil, fmt.Errorf("no line defines the condition key %q", name)
		}
		list = append(list, key)
	}
	b.keyLists[text] = list
	return list, nil
}

// nameList returns the actions of a list with commas. They need not be in the catalog.
func (b *builder) nameList(text string) ([]string, error) {
	if list, ok := b.nameLists[text]; ok {
		return list, nil
	}
	list := strings.Split(text, ",")
	for _, name := range list {
		if prefix, rest, _ := strings.Cut(name, ":"); prefix == "" || rest == "" || hasWildcard(name) {
			return nil, fmt.Errorf("%q is not the full name of an action, such as iam:PassRole", name)
		}
	}
	b.nameLists[text] = list
	return list, nil
}
