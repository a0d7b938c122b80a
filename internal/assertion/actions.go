package assertion

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// UnknownActions looks up the actions of the assertion. A deny block with an action that does not exist never fails,
// and so it promises nothing.
//
// An action is an error if the catalog does not have it and a known action of the same service differs by one typing
// error. Any other action that the catalog does not have is a warning, because AWS may have added it since. A pattern
// is never an error, since it may be meant for future actions.
//
// UnknownActions skips an empty text, which stands for a value that is not known yet, and a text that Validate refuses.
func (a Assertion) UnknownActions() (errors, warnings []Problem) {
	for i, b := range a.Blocks {
		for j, action := range b.Actions {
			if service, name, ok := strings.Cut(action, ":"); !ok || service == "" || name == "" {
				continue
			}
			found := catalog.Default().Find(action)
			if found.Status == catalog.Known {
				continue
			}
			p := Problem{Block: i, Element: "actions", Index: j, Message: unknownAction(action, found)}
			certain := found.Status == catalog.Missing && found.Typo
			if certain && !isPattern(action) {
				errors = append(errors, p)
			} else {
				warnings = append(warnings, p)
			}
		}
	}
	return errors, warnings
}

// unknownAction returns the sentence about an action that is not Known, without its full stop.
func unknownAction(action string, found catalog.Result) string {
	meant := ""
	if found.Similar != "" {
		meant = fmt.Sprintf("; perhaps %q was meant", found.Similar)
	}
	service, _, _ := strings.Cut(action, ":")
	switch {
	case isPattern(action) && found.Status != catalog.UnknownService:
		return fmt.Sprintf("%q matches no known action of the service %q", action, service)
	case found.Status == catalog.UnknownService:
		return fmt.Sprintf("%q is an action of the service %q, which is not known%s", action, service, meant)
	case !found.Typo:
		return fmt.Sprintf("%q is not an action of the service %q in the catalog of %s%s", action, service,
			catalog.Default().Date(), meant)
	}
	return fmt.Sprintf("%q is not an action of the service %q%s. If AWS has added it since, end it with a wildcard",
		action, service, meant)
}
