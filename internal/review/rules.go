package review

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation/casefile"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// The checks of a review, besides those of package accesscheck.
const (
	// checkPublicAccess finds resource policies that begin to give public access.
	checkPublicAccess = "public_access"
	// checkCrossAccountAccess finds resource policies that allow principals of other accounts requests that they did not
	// allow before.
	checkCrossAccountAccess = "cross_account_access"
	// checkResourceAccess finds resource policies that allow other requests that they did not allow before.
	checkResourceAccess = "resource_access"
	// checkAssertion finds access assertions that are removed or forbid less.
	checkAssertion = "assertion_weakened"
	// checkSettings finds provider blocks that switch checks off, and acceptances in them.
	checkSettings = "checks_weakened"
	// checkServiceRole finds code and instances that act with another role.
	checkServiceRole = "service_role"
	// checkNotJudged is about the parts of the plan that could not be judged.
	checkNotJudged = "not_judged"
	// checkAcceptance finds acceptances that have expired.
	checkAcceptance = "expired_acceptance"
)

// Off is the severity of checks that are switched off.
const Off Severity = "off"

// defaultRules has the severity of each check without a file of rules.
var defaultRules = map[string]Severity{
	string(accesscheck.PrivilegeEscalation): Error,
	string(accesscheck.AdminGrant):          Error,
	string(accesscheck.PublicTrust):         Error,
	string(accesscheck.CrossAccountTrust):   Warning,
	string(accesscheck.NewAccess):           Note,
	checkPublicAccess:                       Error,
	checkCrossAccountAccess:                 Warning,
	checkResourceAccess:                     Note,
	checkAssertion:                          Error,
	checkSettings:                           Error,
	checkServiceRole:                        Warning,
	checkNotJudged:                          Warning,
	checkAcceptance:                         Error,
}

// Rules decide how findings count. The zero value has the default severities and accepts nothing.
type Rules struct {
	severities map[string]Severity
	accepted   []Acceptance
}

// severity returns the severity of a check.
func (r *Rules) severity(check string) Severity {
	if s, ok := r.severities[check]; ok {
		return s
	}
	return defaultRules[check]
}

// CheckNames returns the names of all checks, in alphabetical order.
func CheckNames() []string { return slices.Sorted(maps.Keys(defaultRules)) }

// DefaultSeverity returns the severity of a check without a file of rules.
func DefaultSeverity(check string) Severity { return defaultRules[check] }

// ReadRules reads a file of rules, in YAML or JSON:
//
//	checks:
//	  new_access: warning        # error, warning, note or off
//	accept:
//	  - id: admin_grant/role/break-glass/1c9a07de
//	    reason: The role of the on-call engineers, approved in SEC-12.
//	    expires: 2027-01-31      # the last day on which it counts
func ReadRules(name string, text []byte) (Rules, error) {
	items := casefile.Read(name, text)
	if len(items) != 1 {
		return Rules{}, errors.New("expected one object with the fields checks and accept")
	}
	if items[0].Err != nil {
		return Rules{}, items[0].Err
	}
	out := Rules{severities: map[string]Severity{}}
	err := eachMember(&items[0].Node, "the rules", func(m *tree.Member) error {
		switch m.Name {
		case "checks":
			return out.readChecks(&m.Value)
		case "accept":
			return out.readAccepted(&m.Value)
		}
		return at(m.Pos, "unknown field %q; the fields are checks and accept", m.Name)
	})
	return out, err
}

func (r *Rules) readChecks(n *tree.Node) error {
	return eachMember(n, "checks", func(m *tree.Member) error {
		if _, ok := defaultRules[m.Name]; !ok {
			return at(m.Pos, "unknown check %q; the checks are %s", m.Name, strings.Join(CheckNames(), ", "))
		}
		switch s := Severity(m.Value.Text); {
		case m.Value.Kind == tree.String && (s == Error || s == Warning || s == Note || s == Off):
			r.severities[m.Name] = s
			return nil
		case m.Value.Kind == tree.Bool && m.Value.Text == "false": // off, as some readers of YAML understand it
			r.severities[m.Name] = Off
			return nil
		}
		return at(m.Value.Pos, "the severity of %s must be error, warning, note or off", m.Name)
	})
}

func (r *Rules) readAccepted(n *tree.Node) error {
	if n.Kind != tree.Array {
		return at(n.Pos, "accept: expected a list, found %s", n.Kind)
	}
	seen := map[string]bool{}
	for i := range n.Elements {
		var a Acceptance
		err := eachMember(&n.Elements[i], "an acceptance", func(m *tree.Member) error {
			field := map[string]*string{"id": &a.ID, "reason": &a.Reason, "expires": &a.Expires}[m.Name]
			switch {
			case field == nil:
				return at(m.Pos, "unknown field %q; an acceptance has id, reason and expires", m.Name)
			case m.Value.Kind != tree.String:
				return at(m.Value.Pos, "%s: expected a text, found %s", m.Name, m.Value.Kind)
			}
			*field = strings.TrimSpace(m.Value.Text)
			return nil
		})
		if err == nil {
			err = a.validate(n.Elements[i].Pos)
		}
		if err == nil && seen[a.ID] {
			err = at(n.Elements[i].Pos, "%q is accepted twice; keep one of the two", a.ID)
		}
		if err != nil {
			return err
		}
		seen[a.ID] = true
		r.accepted = append(r.accepted, a)
	}
	return nil
}

func (a *Acceptance) validate(pos tree.Pos) error {
	if a.ID == "" || a.Reason == "" || a.Expires == "" {
		return at(pos, "an acceptance needs an id, a reason and the date on which it expires")
	}
	if _, err := time.Parse(time.DateOnly, a.Expires); err != nil {
		return at(pos, "expires is %q; write a date such as 2027-01-31", a.Expires)
	}
	return nil
}

// expired reports whether the last day of an acceptance is over everywhere on Earth.
func (a *Acceptance) expired(now time.Time) bool {
	last, err := time.Parse(time.DateOnly, a.Expires)
	return err != nil || now.After(last.AddDate(0, 0, 1).Add(12*time.Hour))
}

// eachMember calls a function for each member of an object.
func eachMember(n *tree.Node, what string, each func(*tree.Member) error) error {
	if n.Kind != tree.Object {
		return at(n.Pos, "%s: expected an object, found %s", what, n.Kind)
	}
	for i := range n.Members {
		if err := each(&n.Members[i]); err != nil {
			return err
		}
	}
	return nil
}

func at(pos tree.Pos, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	if pos.Known() {
		message = pos.String() + ": " + message
	}
	return errors.New(message)
}
