package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// maxLookups limits the actions of a document that are looked up in the catalog, since a hostile document could have
// hundreds of thousands. The largest policy of AWS has a few hundred.
const maxLookups = 1000

// maxComparisons limits the comparisons with resource types and condition keys of the catalog. When they run out, the
// checks report nothing more. The largest policy of AWS needs a few ten thousand.
const maxComparisons = 200_000

// knownActions are the entries of an Action element with the actions of the catalog that they match.
type knownActions struct {
	list    *List
	path    string
	entries []knownAction
	// open says that the element may also match actions that the catalog does not have. Then nothing is certain about
	// the statement as a whole.
	open bool
}

// knownAction is one entry of an Action element that matches actions of the catalog.
type knownAction struct {
	index int // in the list
	// ids are the matching actions, as in [catalog.Catalog.Actions].
	ids []int
}

// size returns the number of actions of all entries.
func (k *knownActions) size() int {
	n := 0
	for i := range k.entries {
		n += len(k.entries[i].ids)
	}
	return n
}

// text returns the entry as its author wrote it.
func (k *knownActions) text(e *knownAction) string { return k.list.Values[e.index].Value }

// use compares the elements of a statement with the catalog. reported has the indexes of the resources with findings.
func (c *checker) use(s *Statement, reported map[int]bool, at string) {
	c.lookUp(s.NotAction, at+".NotAction")
	known := c.lookUp(s.Action, at+".Action")
	if known == nil {
		c.notActionKeys(s, at)
		return
	}
	c.keyUse(s, known, at)
	if c.kind != Trust {
		c.resourceUse(s, known, reported, at)
	}
}

// lookUp looks up the entries of an Action or NotAction element, and reports those that the catalog does not have (rule
// 18). AWS may have added them since.
func (c *checker) lookUp(l *List, at string) *knownActions {
	if l == nil {
		return nil
	}
	k := &knownActions{list: l, path: at, open: l.Unknown}
	for i, v := range l.Values {
		// A wildcard in the service also covers services of the future. Another finding reports a space.
		if v.Unknown || v.Value == "*" || hasWildcard(actionService(v.Value)) || strings.Contains(v.Value, " ") {
			k.open = k.open || !strings.Contains(v.Value, " ")
			continue
		}
		if c.lookups--; c.lookups < 0 {
			k.open = true
			break
		}
		if ids := c.catalog.Expand(v.Value); len(ids) > 0 {
			k.entries = append(k.entries, knownAction{i, ids})
			continue
		}
		k.open = true
		if c.kind != Trust { // trust reports every action that a trust policy cannot have
			c.unknownAction(v, l.ValuePath(at, i))
		}
	}
	return k
}

// unknownAction reports an entry that matches no action of the catalog.
func (c *checker) unknownAction(v Text, at string) {
	found := c.catalog.Find(v.Value)
	meant := ""
	if found.Similar != "" {
		meant = fmt.Sprintf("; perhaps %q was meant", found.Similar)
	}
	switch {
	case found.Status == catalog.UnknownService:
		c.add(Warning, CodeInvalidServiceInAction, at, v.Pos, "%s does not begin with the prefix of a service in the "+
			"catalog of %s%s. Correct the prefix, unless AWS has added the service since, because an entry without an "+
			"action has no effect.", Quote(v.Value), c.catalog.Date(), meant)
	case hasWildcard(v.Value):
		c.add(Warning, CodeInvalidAction, at, v.Pos, "%s matches no action of its service in the catalog of %s. Correct "+
			"the pattern, unless AWS has added a matching action since, because an entry without an action has no effect.",
			Quote(v.Value), c.catalog.Date())
	default:
		c.add(Warning, CodeInvalidAction, at, v.Pos, "%s is not an action of its service in the catalog of %s%s. Correct "+
			"the name, unless AWS has added the action since, because an entry without an action has no effect.",
			Quote(v.Value), c.catalog.Date(), meant)
	}
}

// without returns the entries of which no action has the property.
func (k *knownActions) without(has func(id int) bool) []knownAction {
	var out []knownAction
	for _, e := range k.entries {
		if !slices.ContainsFunc(e.ids, has) {
			out = append(out, e)
		}
	}
	return out
}

// names returns a list of entries for a message: "s3:GetObject", "s3:PutObject" and 3 others.
func (k *knownActions) names(entries []knownAction) string {
	const most = 3
	var b strings.Builder
	for i := range min(len(entries), most) {
		switch {
		case i > 0 && i == len(entries)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(Quote(k.text(&entries[i])))
	}
	switch more := len(entries) - most; {
	case more == 1:
		b.WriteString(" and 1 other")
	case more > 1:
		fmt.Fprintf(&b, " and %d others", more)
	}
	return b.String()
}
