package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// Change is what changed about the access of one user or role.
type Change struct {
	Principal authz.Principal
	// Added and Removed say that only one of the accounts has the principal.
	Added, Removed bool
	Gained, Lost   []Difference
	// Open has the reasons why further differences are not known.
	Open []string
}

// Difference is a class of access that one account gives and the other one does not, at least in part. Request shows
// it.
type Difference struct {
	// Service and Level are the service and the access level of the class. Service is "*" for the actions of every
	// service, and Level is empty for actions that the catalog does not have.
	Service, Level string
	// Request is allowed by one account and not by the other one.
	Request authz.Request
	// Keys are the context keys of the request, and Condition is the condition of the statements that allow it.
	Keys       []authz.ContextKey
	Condition  string
	Statements []authz.StatementRef
}

// WhatChanged compares the access of each user and role in two accounts. It returns those whose access differs, and
// those of which this is not known. The differences of a principal cover all access that it gained or lost, in classes
// of a service and an access level.
//
// Access to roles of the account takes their trust policies into account. Access to the resources of other accounts,
// which their own policies must give, does not count.
func WhatChanged(ctx context.Context, before, after *account.Account, c *catalog.Catalog) ([]Change, error) {
	w := &comparison{catalog: c, sources: &authz.Sources{}, before: newFingerprints(before), after: newFingerprints(after)}
	trust, err := w.trustChanges(ctx)
	if err != nil {
		return nil, err
	}
	var out []Change
	for _, p := range w.principals() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		change := w.compare(p)
		if edges := trust[p.String()]; edges != nil {
			change.Gained = append(change.Gained, edges.Gained...)
			change.Lost = append(change.Lost, edges.Lost...)
			change.Open = append(change.Open, edges.Open...)
		}
		if change.Added || change.Removed || len(change.Gained)+len(change.Lost)+len(change.Open) > 0 {
			out = append(out, change)
		}
	}
	return out, nil
}

// comparison compares two accounts.
type comparison struct {
	catalog       *catalog.Catalog
	sources       *authz.Sources
	before, after *fingerprints
}

// principals returns the users and roles of both accounts: users first, each sorted by ARN.
func (w *comparison) principals() []authz.Principal {
	byARN := map[string]authz.Principal{}
	var arns []string
	for _, f := range []*fingerprints{w.after, w.before} {
		for p, err := range principals(f.account) {
			if _, known := byARN[p.String()]; err == nil && !known {
				byARN[p.String()] = p
				arns = append(arns, p.String())
			}
		}
	}
	slices.SortFunc(arns, func(a, b string) int {
		if c := int(byARN[a].Kind) - int(byARN[b].Kind); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	out := make([]authz.Principal, len(arns))
	for i, arn := range arns {
		out[i] = byARN[arn]
	}
	return out
}

// compare compares the access of a principal, apart from the roles that it may assume.
func (w *comparison) compare(p authz.Principal) Change {
	out := Change{Principal: p}
	first, known := w.before.of(p)
	second, alsoKnown := w.after.of(p)
	known = known && alsoKnown
	if known && ofValue(first) == ofValue(second) {
		return out
	}
	old, errOld := accessOf(w.before.account, p)
	updated, errNew := accessOf(w.after.account, p)
	out.Added, out.Removed = old == nil && errOld == nil, updated == nil && errNew == nil
	for _, err := range []error{errOld, errNew} {
		if err != nil {
			out.Open = append(out.Open, err.Error())
		}
	}
	if len(out.Open) > 0 {
		return out
	}
	gained, lost := everyStatement, everyStatement
	if known {
		gained, lost = w.changedStatements(p, &first, &second)
	}
	w.differences(p, updated, old, gained, &out.Gained, &out.Open)
	w.differences(p, old, updated, lost, &out.Lost, &out.Open)
	return out
}

// accessOf returns the access of a principal, and nil if the account does not have it.
func accessOf(acc *account.Account, p authz.Principal) (*account.Access, error) {
	here, err := acc.Principal(p.String())
	if err != nil {
		return nil, nil //nolint:nilerr // an account without the principal
	}
	return acc.Access(here, account.Credentials{})
}

// maxClasses limits the classes of a comparison.
const maxClasses = 40

// differences adds the classes of access that one side gives and the other one does not. which are the statements that
// can make a difference.
func (w *comparison) differences(p authz.Principal, a, b *account.Access, which selection, out *[]Difference,
	open *[]string) {
	if a == nil || which.nothing {
		return
	}
	one, other := analysis.Subject{Principal: p, Policies: a.Policies()}, analysis.Subject{Principal: p}
	if b != nil {
		other.Policies = b.Policies()
	}
	if d, ok := w.everything(a, &other.Policies); ok {
		*out = append(*out, d)
		return
	}
	// The trust policies of the roles decide about these actions.
	rest := remaining{catalog: w.catalog, excluded: []string{"sts:AssumeRole*", "sts:TagSession", "sts:SetSourceIdentity",
		"sts:GetCallerIdentity", "sts:GetSessionToken"}}
	if which.layer != nil {
		one.Policies.Identity, one.Policies.Group = which.layer, nil
	}
	found := w.samples(a, b)
	for _, d := range found {
		rest.exclude(d.Request.Action.String())
	}
	rest.excludeUnlisted(found)
	more, reasons := w.search(&one, &other, a, b, &rest)
	found = append(found, more...)
	for _, d := range found {
		// A class of the service says enough about actions that the catalog does not have.
		if d.Level != "" || !slices.ContainsFunc(found, func(other Difference) bool {
			return other.Service == d.Service && other.Level != ""
		}) {
			*out = append(*out, d)
		}
	}
	*open = append(*open, reasons...)
}

// search returns the classes of the remaining actions that package analysis finds. It has one of each.
func (w *comparison) search(one, other *analysis.Subject, a, b *account.Access, rest *remaining) (out []Difference,
	open []string) {
	for range maxClasses {
		one.Policies.Session = rest.layer()
		answer, err := analysis.Within(*one, *other, analysis.Options{})
		switch {
		case err != nil:
			return out, append(open, err.Error())
		case answer.Verdict == analysis.Pass:
			return out, open
		case answer.Verdict == analysis.Unknown:
			for _, o := range answer.Open {
				open = append(open, o.Reason)
			}
			return out, open
		}
		d := Difference{Request: answer.Witness.Request, Keys: answer.Witness.Keys, Condition: answer.Witness.Condition}
		policies := a.Policies()
		d.Statements = policies.Explain(&d.Request).Deciding
		d.Service, d.Level = rest.exclude(answer.Witness.Request.Action.String())
		if isAllowed(a, &d) && !isAllowed(b, &d) {
			out = append(out, d)
			continue
		}
		open = append(open, fmt.Sprintf("whether %s may perform actions of %s that it may not perform in the other account, "+
			"because conditions compare the tags of the principal", one.Principal, d.Service))
	}
	return out, append(open,
		fmt.Sprintf("further access, because more than %d classes of access differ", maxClasses))
}

// everything returns the difference if one side allows an action that no policy names and the other side does not.
func (w *comparison) everything(a *account.Access, other *authz.Policies) (Difference, bool) {
	r := authz.Request{Principal: a.Principal(), Action: authz.MustAction("any-service-a7x:AnyAction"),
		Resource: "arn:aws:any-service-a7x:::any-resource", Context: authz.NewContext()}
	a.SetPossibleKeys(r.Context)
	policies := a.Policies()
	keys, with, ok := policies.Witness(&r)
	if !ok || other.CouldAllow(&r) != authz.Never {
		return Difference{}, false
	}
	d := Difference{Service: "*", Request: with, Keys: keys}
	relevant := newRelevant(&policies, &r, w.sources)
	d.Condition, d.Statements = relevant.condition(), relevant.refs()
	return d, true
}

// isAllowed reports whether the request of a difference is allowed to the principal with its own tags. Package analysis
// does not know the tags.
func isAllowed(a *account.Access, d *Difference) bool {
	if a == nil {
		return false
	}
	own := d.Request
	own.Principal, own.Context = a.Principal(), authz.NewContext()
	for _, k := range d.Keys {
		if (Key{Name: k.Name}).followsFromPrincipal() && !ascii.EqualFold(k.Name, "aws:MultiFactorAuthPresent") &&
			!ascii.EqualFold(k.Name, "aws:MultiFactorAuthAge") && !ascii.EqualFold(k.Name, "aws:TokenIssueTime") {
			continue // it follows from the principal
		}
		if k.Multivalued {
			_ = own.Context.SetMulti(k.Name, k.Values)
		} else {
			_ = own.Context.Set(k.Name, k.Values[0])
		}
	}
	a.SetPossibleKeys(own.Context)
	own.Context.LimitChoice() // every other key is absent
	policies := a.Policies()
	return policies.CouldAllow(&own) == authz.Possible
}
