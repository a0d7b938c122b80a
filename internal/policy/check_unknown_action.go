package policy

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// maxLookups limits the actions of a document that are looked up, since a hostile document could have hundreds of
// thousands. The largest policy of AWS has a few hundred.
const maxLookups = 1000

// unknownActions reports actions that the catalog does not have (rule 18). AWS may have added them since.
func (c *checker) unknownActions(l *List, at string) {
	if c.kind == Trust {
		return // trust reports every action that a trust policy cannot have
	}
	known := catalog.Default()
	for i, v := range l.Values {
		if v.Unknown || v.Value == "*" || strings.Contains(v.Value, " ") { // actions reports a space
			continue
		}
		if c.lookups--; c.lookups < 0 {
			return
		}
		found := known.Find(v.Value)
		meant := ""
		if found.Similar != "" {
			meant = fmt.Sprintf("; perhaps %q was meant", found.Similar)
		}
		path := l.ValuePath(at, i)
		switch {
		case found.Status == catalog.Missing && hasWildcard(v.Value):
			c.add(Warning, CodeInvalidAction, path, v.Pos, "%s matches no action of its service in the catalog of %s. Correct "+
				"the pattern, because an entry without an action has no effect.", Quote(v.Value), known.Date())
		case found.Status == catalog.Missing:
			c.add(Warning, CodeInvalidAction, path, v.Pos, "%s is not an action of its service in the catalog of %s%s. Correct "+
				"the name, because an entry without an action has no effect.", Quote(v.Value), known.Date(), meant)
		case found.Status == catalog.UnknownService:
			c.add(Warning, CodeInvalidServiceInAction, path, v.Pos, "%s does not begin with the prefix of a service in the "+
				"catalog of %s%s. Correct the prefix, because an entry without an action has no effect.", Quote(v.Value),
				known.Date(), meant)
		}
	}
}
