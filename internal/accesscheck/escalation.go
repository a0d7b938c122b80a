package accesscheck

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/escalation"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Administrator is the end of a path in [Step.To], if the actor itself becomes administrator.
const Administrator = "administrator"

// escalations finds the principals that become administrators, or that could rise to administrator.
func (c *comparison) escalations(ctx context.Context, paths, grants bool) error {
	after, err := escalation.Find(ctx, c.after, escalation.Options{})
	if err != nil {
		return err
	}
	// The search before the change is about the principals that the search after it found.
	found := slices.Clone(after.Already)
	for i := range after.Paths {
		found = append(found, after.Paths[i].From)
	}
	for _, o := range after.Open {
		found = append(found, o.From)
	}
	before, err := c.risenBefore(ctx, found)
	if err != nil {
		return err
	}
	for _, p := range after.Already {
		if grants && !before.already[p.String()] {
			c.adminGrant(p, before.open[p.String()])
		}
	}
	for i := range after.Paths {
		path := &after.Paths[i]
		if from := path.From.String(); paths && !before.already[from] && !before.path[from] {
			c.escalationPath(path, before.open[from])
		}
	}
	c.openEscalations(after, before, paths, grants)
	if !paths {
		return nil
	}
	c.openTrustHoles(found)
	decided := maps.Clone(before.already)
	maps.Copy(decided, before.path)
	for _, p := range found {
		decided[p.String()] = true // as a finding, or as an open question
	}
	return c.openHoles(decided)
}

// openEscalations adds the principals about which it is not known whether they could rise or are administrators.
func (c *comparison) openEscalations(after *escalation.Result, before *risen, paths, grants bool) {
	reasons := map[string][]string{}
	for _, o := range after.Open {
		reasons[o.From.String()] = append(reasons[o.From.String()], o.Reason)
	}
	for _, from := range keysOf(reasons, nil) {
		if before.already[from] {
			continue
		}
		p, err := c.after.Principal(from)
		if err != nil {
			continue // Find has answered about the principal
		}
		who, because := lowerFirst(describePrincipal(p)), joinReasons(reasons[from])
		if paths && !before.path[from] {
			c.open(PrivilegeEscalation, from, fmt.Sprintf("It is not known whether %s could rise to administrator: %s.", who,
				because))
		}
		if grants && c.mayBeAdministrator(p) {
			c.open(AdminGrant, from, fmt.Sprintf("It is not known whether %s is administrator: %s.", who, because))
		}
	}
}

// mayBeAdministrator reports whether it is possible that some statement allows a principal everything.
func (c *comparison) mayBeAdministrator(p authz.Principal) bool {
	access, err := c.after.Access(p, account.Credentials{})
	if err != nil {
		return true
	}
	policies, r := access.Policies(), anyRequest(access)
	return policies.CouldAllow(&r) != authz.Never
}

// anyRequest returns a request that no policy names. Only a statement about everything allows it.
func anyRequest(access *account.Access) authz.Request {
	r := authz.Request{Principal: access.Principal(), Action: authz.MustAction("any-service-a7x:AnyAction"),
		Resource: "arn:aws:any-service-a7x:::any-resource", Context: authz.NewContext()}
	access.SetPossibleKeys(r.Context)
	return r
}

// risen has the principals that are administrators, or could rise.
type risen struct {
	already, path map[string]bool
	open          map[string]string // reasons
}

// risenBefore searches the account before the change, from the principals that it has.
func (c *comparison) risenBefore(ctx context.Context, principals []authz.Principal) (*risen, error) {
	out := &risen{already: map[string]bool{}, path: map[string]bool{}, open: map[string]string{}}
	o := escalation.Options{}
	seen := map[string]bool{}
	for _, p := range principals {
		if here, err := c.before.Principal(p.String()); err == nil && !seen[p.String()] {
			seen[p.String()] = true
			o.From = append(o.From, here)
		}
	}
	if len(o.From) == 0 {
		return out, nil
	}
	result, err := escalation.Find(ctx, c.before, o)
	if err != nil {
		return nil, err
	}
	for _, p := range result.Already {
		out.already[p.String()] = true
	}
	for i := range result.Paths {
		out.path[result.Paths[i].From.String()] = true
	}
	for _, o := range result.Open {
		out.open[o.From.String()] = o.Reason
	}
	return out, nil
}

// adminGrant adds the finding about a principal that became administrator.
func (c *comparison) adminGrant(p authz.Principal, doubt string) {
	statements := c.adminStatements(p)
	var refs []authz.StatementRef
	var covered []coveredStatement
	var texts []string
	for _, s := range statements {
		refs = append(refs, s.ref)
		covered = append(covered, c.covered(s))
		texts = append(texts, describe(s.ref))
	}
	by := ""
	if len(texts) > 0 {
		by = ", by " + joinList(texts)
	}
	f := Finding{ID: identify(AdminGrant, p, sortedSet(covered)), Check: AdminGrant, Principal: p.String(),
		Summary:    fmt.Sprintf("%s becomes administrator%s.", describePrincipal(p), by),
		Statements: refs, Causes: c.causes(statements, p)}
	f.Details = append(f.Details, fmt.Sprintf("%s may do everything, and nothing denies it the actions that give access "+
		"to others.", p))
	f.addDoubt(doubt, "was administrator")
	c.result.Findings = append(c.result.Findings, f)
}

func (f *Finding) addDoubt(reason, what string) {
	if reason != "" {
		f.Details = append(f.Details, fmt.Sprintf("It is not known whether %s %s before: %s.", f.Principal, what,
			strings.TrimSuffix(reason, ".")))
	}
}

// adminStatements returns the statements that allow a principal everything, and all that allow it something if they
// allow everything only together.
func (c *comparison) adminStatements(p authz.Principal) (out []cited) {
	access, err := c.after.Access(p, account.Credentials{})
	if err != nil {
		return nil
	}
	policies, r := access.Policies(), anyRequest(access)
	if _, with, ok := policies.Witness(&r); ok {
		for _, ref := range policies.Explain(&with).Deciding {
			if ref.Layer == authz.Identity || ref.Layer == authz.Group {
				out = append(out, cited{by: p, ref: ref})
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	for view := range policies.Statements() {
		if view.Ref.Effect == policy.Allow && (view.Ref.Layer == authz.Identity || view.Ref.Layer == authz.Group) {
			out = append(out, cited{by: p, ref: view.Ref})
		}
	}
	return out
}

// coveredStep is a step of a path as an id covers it.
type coveredStep struct {
	Actor, Result string
	Requests      []coveredRequest
}

type coveredRequest struct {
	Action, Resource string
	Given, If        []string
	Statements       []coveredStatement
}

// escalationPath adds the finding about a path.
func (c *comparison) escalationPath(path *escalation.Path, doubt string) {
	f := Finding{Check: PrivilegeEscalation, Principal: path.From.String()}
	involved := []authz.Principal{path.From, path.Reaches}
	var statements []cited
	var covered []coveredStep
	var clauses []string
	for i := range path.Steps {
		step := &path.Steps[i]
		involved = append(involved, step.Actor)
		own := coveredStep{Actor: step.Actor.String(), Result: step.Result}
		for j := range step.Requests {
			request := &step.Requests[j]
			cites := c.cites(step.Actor, request)
			statements = append(statements, cites...)
			involved = append(involved, c.subjects(request)...)
			own.Requests = append(own.Requests, c.coveredRequest(request, cites))
			f.Statements = append(f.Statements, request.Statements...)
		}
		covered = append(covered, own)
		clauses = append(clauses, clauseOf(path.From, step))
		f.Details = append(f.Details, detailOf(i, step))
		f.Path = append(f.Path, graphStep(path, i))
	}
	f.ID = identify(PrivilegeEscalation, path.From, path.Reaches.String(), covered)
	f.Summary = fmt.Sprintf("%s can now become administrator: %s.", describePrincipal(path.From),
		strings.Join(clauses, "; then "))
	if path.Reaches.String() != path.From.String() {
		f.Details = append(f.Details, fmt.Sprintf("%s is administrator.", describePrincipal(path.Reaches)))
	}
	f.addDoubt(doubt, "could rise to administrator")
	f.Causes = c.causes(statements, involved...)
	c.result.Findings = append(c.result.Findings, f)
}

// cites returns the statements that allow a request.
func (c *comparison) cites(actor authz.Principal, r *escalation.Request) (out []cited) {
	for _, ref := range r.Statements {
		s := cited{by: actor, ref: ref}
		if ref.Layer == authz.ResourcePolicy {
			s.role = account.NameOf(r.Resource)
		}
		out = append(out, s)
	}
	return out
}

// subjects returns the users and roles that a request is about.
func (c *comparison) subjects(r *escalation.Request) (out []authz.Principal) {
	texts := []string{r.Resource}
	for _, k := range r.Given {
		texts = append(texts, k.Values...)
	}
	for _, text := range texts {
		if p, err := c.after.Principal(text); err == nil && (p.Kind == authz.User || p.Kind == authz.Role) &&
			strings.HasPrefix(text, "arn:") {
			out = append(out, p)
		}
	}
	return out
}

func (c *comparison) coveredRequest(r *escalation.Request, statements []cited) coveredRequest {
	out := coveredRequest{Action: r.Action.String(), Resource: r.Resource, Given: keyTexts(r.Given), If: keyTexts(r.If)}
	for _, s := range statements {
		out.Statements = append(out.Statements, c.covered(s))
	}
	out.Statements = sortedSet(out.Statements)
	return out
}

func keyTexts(keys []authz.ContextKey) (out []string) {
	for _, k := range keys {
		out = append(out, fmt.Sprintf("%s=%q", k.Name, k.Values))
	}
	slices.Sort(out)
	return out
}

// clauseOf describes a step for a summary, with the principal that starts as "it".
func clauseOf(from authz.Principal, step *escalation.Step) string {
	who := "it"
	if step.Actor.String() != from.String() {
		who = "as " + lowerFirst(describePrincipal(step.Actor)) + " it"
	}
	var by []string
	for _, r := range step.Requests {
		text := r.Action.String()
		for _, ref := range r.Statements {
			text += ", " + describe(ref)
		}
		by = append(by, text)
	}
	return fmt.Sprintf("%s %s (%s)", who, step.Result, strings.Join(by, "; "))
}

// detailOf describes a step with everything that it needs.
func detailOf(i int, step *escalation.Step) string {
	var requests []string
	for _, r := range step.Requests {
		text := fmt.Sprintf("%s on %q", r.Action, r.Resource)
		var keys []string
		for _, k := range slices.Concat(r.Given, r.If) {
			keys = append(keys, k.String())
		}
		if len(keys) > 0 {
			text += " if " + joinList(keys)
		}
		for n, ref := range r.Statements {
			if n == 0 {
				text += ", which is allowed by "
			} else {
				text += " and "
			}
			text += describe(ref)
		}
		requests = append(requests, text)
	}
	out := fmt.Sprintf("Step %d: %s %s with %s.", i+1, step.Actor, step.Result, strings.Join(requests, "; "))
	if step.Assumes != "" {
		out += " " + step.Assumes + "."
	}
	return out
}

// graphStep returns a step for a graph. It leads to the user, role or identity provider that makes the next step, or to
// the administrator.
func graphStep(path *escalation.Path, i int) Step {
	step := &path.Steps[i]
	var actions []string
	for _, r := range step.Requests {
		actions = append(actions, r.Action.String())
	}
	out := Step{From: step.Actor.String(), To: Administrator, Text: strings.Join(actions, ", ")}
	switch {
	case i+1 < len(path.Steps) && path.Steps[i+1].Actor.String() != step.Actor.String():
		out.To = path.Steps[i+1].Actor.String()
	case i+1 < len(path.Steps):
		out.To = step.Requests[len(step.Requests)-1].Resource
	case path.Reaches.String() != step.Actor.String():
		out.To = path.Reaches.String()
	}
	return out
}
