package review

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// protectedResource is an AWS resource with a policy of its own, before and after the plan.
type protectedResource struct {
	resourceType, arn string
	change            *planfile.Change // the first changed resource of Terraform that configures the policy
	before, after     []authz.Policy
	documents         []tree.Node // the policies after the plan
	old               []tree.Node // the policies before the plan
	hadPolicy         bool
	failed            bool
	// configured says that a resource of Terraform has the policy in an attribute that no refresh reads. owner is the
	// first one that has the whole policy after the plan.
	configured bool
	owner      *planfile.Change
}

// policyKey identifies the resource with a policy.
func policyKey(c *planfile.Change, p *planned.ResourcePolicy) string {
	return p.ResourceType + " " + cmp.Or(p.Resource, c.Address)
}

// addResources adds the AWS resources whose own policies change, and the roles whose trust policies do.
func (r *review) addResources(ctx context.Context) error {
	for _, p := range r.protectedResources() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.change != nil && !p.failed {
			r.addResource(p)
		}
	}
	if err := r.addTrusts(ctx); err != nil {
		return err
	}
	slices.SortStableFunc(r.report.Resources, func(a, b Resource) int {
		score := func(x *Resource) int {
			return 4*map[bool]int{true: 1}[x.Public] + 2*min(1, len(x.Gained)) + min(1, len(x.Lost))
		}
		return cmp.Or(cmp.Compare(score(&b), score(&a)), strings.Compare(a.ARN, b.ARN))
	})
	return nil
}

// protectedResources returns the resources with policies, in the order of the plan. Several resources of Terraform may
// make up the policy of one.
func (r *review) protectedResources() []*protectedResource {
	var out []*protectedResource
	byKey := map[string]*protectedResource{}
	var computed []func()
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.IsData || isIAM(c.Type) {
			continue
		}
		place, _ := r.in.Plan.Place(c)
		after := c.After
		if c.Action == planfile.Forget {
			after = c.Before
		}
		for _, side := range []struct {
			value   tree.Node
			isAfter bool
		}{{c.Before, false}, {after, true}} {
			if side.value.Kind != tree.Object {
				continue
			}
			policies, ok, err := planned.ResourcePolicies(c.Type, side.value, place)
			if err != nil {
				r.notJudged(c, "Its policy cannot be read: "+err.Error()+".")
				continue
			}
			if !ok {
				if attribute, found := planned.UnknownPolicy(c.Type, side.value); found && c.Action != planfile.NoOp {
					r.notJudged(c, "The attribute "+attribute+" looks like a policy, and the effect of this type of resource "+
						"is not known.")
				}
				continue
			}
			for _, found := range policies {
				key := policyKey(c, &found)
				p := byKey[key]
				if p == nil {
					p = &protectedResource{resourceType: found.ResourceType, arn: found.Resource}
					byKey[key] = p
					out = append(out, p)
				}
				if found.Computed {
					computed = append(computed, func() { p.addComputed(r, c, &found, side.isAfter) })
					continue
				}
				p.configured = true
				p.noteChange(c)
				p.add(r, c, &found, side.isAfter)
			}
		}
	}
	for _, add := range computed {
		add()
	}
	return out
}

// noteOwner records the resource of Terraform that has the whole policy after the plan. If two have it, the one that
// Terraform applies last takes effect, so the policy is not judged.
func (p *protectedResource) noteOwner(r *review, c *planfile.Change) {
	switch {
	case p.owner == nil:
		p.owner = c
	case p.owner != c && (p.owner.Action != planfile.NoOp || c.Action != planfile.NoOp):
		p.failed = true
		for _, of := range []*planfile.Change{p.owner, c} {
			r.notJudged(of, fmt.Sprintf("The resources %s and %s of this plan set the same policy. The one that Terraform "+
				"applies last takes effect.", p.owner.Address, c.Address))
		}
	}
}

// noteChange records the first changed resource of Terraform.
func (p *protectedResource) noteChange(c *planfile.Change) {
	if p.change == nil && c.Action != planfile.NoOp && c.Action != planfile.Forget {
		p.change = c
	}
}

// addComputed adds a policy that a refresh has read. If another resource of Terraform has the policy, that one counts
// after the plan, and the refresh shows at most the policy before the plan.
func (p *protectedResource) addComputed(r *review, c *planfile.Change, found *planned.ResourcePolicy, isAfter bool) {
	if p.configured && (isAfter || p.hadPolicy) {
		return
	}
	p.noteChange(c)
	p.add(r, c, found, isAfter)
}

// add adds a policy of the resource before or after the plan.
func (p *protectedResource) add(r *review, c *planfile.Change, found *planned.ResourcePolicy, isAfter bool) {
	decoded, err := simulation.DecodePolicies("policy", authz.ResourcePolicy, found.Document)
	if err != nil {
		p.failed = true
		r.notJudged(c, "Its policy cannot be evaluated: "+oneLine(err.Error()))
		return
	}
	for i := range decoded {
		decoded[i].Name = "policy of " + c.Address
	}
	if isAfter && !found.Part {
		p.noteOwner(r, c)
	}
	if isAfter {
		p.after, p.documents = append(p.after, decoded...), append(p.documents, found.Document)
	} else {
		p.before, p.old, p.hadPolicy = append(p.before, decoded...), append(p.old, found.Document), true
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// maxExamples limits the examples of each resource, so that a policy for hundreds of actions stays readable.
const maxExamples = 8

// maxGrantees limits the principals that have an example.
const maxGrantees = 32

// addResource compares the policies of a resource.
func (r *review) addResource(p *protectedResource) {
	out := Resource{ARN: planned.ShowHoles(p.arn), Type: p.resourceType, Source: r.source(p.change),
		Added: !p.hadPolicy && len(p.after) > 0, Removed: p.hadPolicy && len(p.after) == 0}
	var open []string
	out.Gained, open = r.resourceAccess(p.before, p.after)
	out.Open = append(out.Open, open...)
	out.Lost, open = r.resourceAccess(p.after, p.before)
	out.Open = append(out.Open, open...)
	freed, open := r.freedAccess(p.before, p.after)
	out.Gained, out.Open = append(out.Gained, freed...), append(out.Open, open...)
	covered := p.documents
	if len(freed) > 0 { // an acceptance covers the loss of these denials only
		covered = slices.Concat(covered, p.old)
	}
	place, _ := r.in.Plan.Place(p.change)
	slices.SortStableFunc(out.Gained, func(a, b ResourceAccess) int {
		return cmp.Compare(nearness(&a, place.Account), nearness(&b, place.Account))
	})
	r.checkPublic(p, &out)
	if len(out.Gained)+len(out.Lost)+len(out.Open) == 0 && !out.Public {
		return
	}
	if !out.Public || r.in.Rules.severity(checkPublicAccess) == Off {
		r.checkGained(covered, &out)
	}
	for _, reason := range out.Open {
		r.notJudged(p.change, reason)
	}
	r.report.Resources = append(r.report.Resources, out)
}

// checkGained adds a finding if the policy of a resource allows more than before. covered are the documents that an
// acceptance covers.
func (r *review) checkGained(covered []tree.Node, out *Resource) {
	if len(out.Gained) == 0 {
		return
	}
	check, example, difference := checkResourceAccess, &out.Gained[0], "allows more"
	isCross := func(a ResourceAccess) bool { return a.CrossAccount }
	if i := slices.IndexFunc(out.Gained, isCross); i >= 0 && r.in.Rules.severity(checkCrossAccountAccess) != Off {
		check, example, difference = checkCrossAccountAccess, &out.Gained[i], "gives access to another account"
	}
	name := cmp.Or(out.ARN, out.Source.Address)
	r.addFinding(Finding{ID: check + "/" + name + "/" + digest(covered), Check: check, Summary: fmt.Sprintf(
		"The policy of %s %s: %s may call %s on %s.", name, difference, example.Principal, example.Action,
		example.Resource), Sources: []Source{out.Source}})
}

// isOtherAccount reports whether a principal is known to belong to another account than that of the review.
func (r *review) isOtherAccount(p authz.Principal) bool {
	return r.report.AccountID != "" && p.Account != "" && p.Account != r.report.AccountID
}

// resourceAccess returns examples of the access that policies give and others do not.
func (r *review) resourceAccess(existing, updated []authz.Policy) (out []ResourceAccess, open []string) {
	if len(updated) == 0 {
		return nil, nil
	}
	// Each principal has an example before any has a second one, so that one with much access hides no other.
	first, more := slices.Clone(updated), slices.Clone(updated)
	find := func(among []authz.Policy) (to grantee, action string, found bool) {
		answer, err := analysis.NoNewAccess(policy.Resource, existing, among, analysis.Options{})
		switch {
		case err != nil:
			open = append(open, "The policy cannot be analysed: "+err.Error())
			return to, "", false
		case answer.Verdict == analysis.Pass:
			return to, "", false
		case answer.Verdict == analysis.Unknown:
			for _, o := range answer.Open {
				open = append(open, o.Reason)
			}
			return to, "", false
		}
		w := answer.Witness
		context, holes := exampleContext(w.Keys)
		to = granteeOf(updated, w.Request.Principal)
		example := ResourceAccess{Principal: to.text, CrossAccount: r.isOtherAccount(w.Request.Principal),
			Action: w.Request.Action.String(), Resource: planned.ShowHoles(w.Request.Resource), Context: context,
			Condition:  planned.ShowHoles(w.Condition),
			Statements: r.resourceStatements(answer.Reasons)}
		if holes && resourceHasHole(updated) {
			example.Resource = "a resource with a name known only after apply"
		}
		out = append(out, example)
		return to, example.Action, true
	}
	exclude := func(from []authz.Policy, to grantee, action string) []authz.Policy {
		denial, err := deny(to, action)
		if err != nil { // without the denial, the search finds the same access again
			open = append(open, "The search for further access of "+to.text+" failed: "+oneLine(err.Error()))
		}
		return append(from, denial)
	}
	for len(open) == 0 {
		to, action, found := find(first)
		if !found {
			break
		}
		more = exclude(more, to, action)
		if to.element != `"*"` {
			action = "*"
		}
		if first = exclude(first, to, action); len(out) == maxGrantees {
			return out, append(open, fmt.Sprintf("More than %d principals gain or lose access, and not all are listed.",
				maxGrantees))
		}
	}
	for len(open) == 0 && len(out) > 0 && len(out) < maxExamples {
		to, action, found := find(more)
		if !found {
			break
		}
		more = exclude(more, to, action)
	}
	return out, open
}

// resourceHasHole reports whether a statement names a resource with a hole.
func resourceHasHole(policies []authz.Policy) bool {
	for _, p := range policies {
		for i := range p.Document.Statements {
			for _, list := range []*policy.List{p.Document.Statements[i].Resource, p.Document.Statements[i].NotResource} {
				if list != nil && slices.ContainsFunc(list.Values, func(v policy.Text) bool { return planned.HasHole(v.Value) }) {
					return true
				}
			}
		}
	}
	return false
}

// freedAccess returns an example of the access that a policy denied before, and that other policies may give.
func (r *review) freedAccess(before, after []authz.Policy) (out []ResourceAccess, open []string) {
	isDenied := func(p authz.Policy) bool {
		return slices.ContainsFunc(p.Document.Statements, func(s policy.Statement) bool {
			return s.Effect.Value != string(policy.Allow)
		})
	}
	if !slices.ContainsFunc(before, isDenied) {
		return nil, nil
	}
	allowed := authz.Policy{Name: "other policies", Document: anything}
	answer, err := analysis.NoNewAccess(policy.Resource, append(slices.Clone(before), allowed),
		append(slices.Clone(after), allowed), analysis.Options{})
	switch {
	case err != nil:
		return nil, []string{"The denials of the policy cannot be analysed: " + err.Error()}
	case answer.Verdict == analysis.Unknown:
		for _, o := range answer.Open {
			open = append(open, o.Reason)
		}
		return nil, open
	case answer.Verdict == analysis.Pass:
		return nil, nil
	}
	w := answer.Witness
	context, _ := exampleContext(w.Keys)
	return []ResourceAccess{{Principal: "every principal that another policy allows it",
		Action: w.Request.Action.String(), Resource: planned.ShowHoles(w.Request.Resource), Context: context}}, nil
}

// anything is a document that allows everything.
var anything = func() *policy.Document {
	doc, err := policy.Parse([]byte(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`))
	if err != nil {
		panic(err) // the text is fixed
	}
	return doc
}()

// nearness orders principals: everybody, other accounts and services, and then those of an account.
func nearness(a *ResourceAccess, accountID string) int {
	switch {
	case a.Principal == "anybody" || a.Principal == "any service":
		return 0
	case strings.Contains(a.Principal, accountID):
		return 2
	}
	return 1
}

// grantee is a principal to which the policy of a resource gives access, in the words of the policy.
type grantee struct {
	text    string // for people
	element string // a Principal element that covers it
}

// principalElement returns a Principal element with one name.
func principalElement(kind, name string) string {
	return fmt.Sprintf(`{%q:%s}`, kind, compact(name))
}

func ofAccount(id string) grantee {
	return grantee{"any principal of the account " + id, principalElement("AWS", id)}
}

func ofService(name string) grantee {
	return grantee{"the service " + name, principalElement("Service", name)}
}

// granteeOf returns a principal in the words of the policies: its ARN, its account, or everyone.
func granteeOf(policies []authz.Policy, p authz.Principal) grantee {
	everyone := grantee{"anybody", `"*"`}
	layer, err := authz.CompileLayer(authz.ResourcePolicy, policies)
	if err != nil {
		return everyone
	}
	names, _ := layer.Principals()
	var account, own bool
	for _, name := range names {
		account = account || name.Form == policy.AccountPrincipal && name.Account == p.Account && p.Account != ""
		own = own || name.Text == p.String()
	}
	switch {
	case own && p.Kind == authz.Service:
		return ofService(p.String())
	case own && (p.Kind == authz.User || p.Kind == authz.Role || p.Kind == authz.RoleSession):
		return grantee{planned.ShowHoles(p.String()), principalElement("AWS", p.String())}
	case account:
		return ofAccount(p.Account)
	case p.Kind == authz.Service:
		return grantee{"any service", `"*"`}
	}
	return everyone
}

// deny returns a policy that denies an action to a grantee. It makes the search go on with other access, also if the
// access is new because a denial is gone.
func deny(to grantee, action string) (authz.Policy, error) {
	doc, err := policy.Parse([]byte(fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":%s,"Action":%q,"Resource":"*"}]}`, to.element,
		action)))
	return authz.Policy{Name: "reported", Document: doc}, err
}

// resourceStatements returns statements of resource policies, whose names contain addresses.
func (r *review) resourceStatements(refs []authz.StatementRef) []Statement {
	out := make([]Statement, len(refs))
	for i, ref := range refs {
		address := strings.TrimPrefix(ref.Policy, "policy of ")
		out[i] = Statement{Policy: "its policy", Sid: ref.Sid, Index: ref.Index, Effect: string(ref.Effect),
			Source: r.sourceOf(address)}
	}
	return out
}

// checkPublic adds a finding if a policy gives public access and did not before.
func (r *review) checkPublic(p *protectedResource, out *Resource) {
	if len(p.after) == 0 {
		return
	}
	const open = "Whether the policy gives public access is not known: "
	fixed, wildcards := withoutHoles(p.after)
	after, err := analysis.NotPublicResource(p.resourceType, fixed, analysis.Options{})
	if err != nil {
		out.Open = append(out.Open, open+err.Error())
		return
	}
	if after.Verdict == analysis.Pass {
		if wildcards {
			out.Open = append(out.Open, open+"a condition compares with a value that is known only after apply and may have "+
				"wildcards.")
		}
		return
	}
	if len(p.before) > 0 {
		fixed, _ := withoutHoles(p.before)
		before, err := analysis.NotPublicResource(p.resourceType, fixed, analysis.Options{})
		if err == nil && before.Verdict == analysis.Fail && len(out.Gained) == 0 {
			return // it was public before
		}
	}
	if after.Verdict == analysis.Unknown {
		for _, o := range after.Open {
			out.Open = append(out.Open, open+o.Reason)
		}
		return
	}
	out.Public = true
	name := cmp.Or(out.ARN, out.Source.Address)
	r.addFinding(Finding{ID: checkPublicAccess + "/" + name + "/" + digest(p.documents), Check: checkPublicAccess,
		Summary: fmt.Sprintf("The policy of %s gives public access: %s may call %s on %s.", name,
			granteeOf(p.after, after.Witness.Request.Principal).text, after.Witness.Request.Action,
			planned.ShowHoles(after.Witness.Request.Resource)), Sources: []Source{out.Source}})
}

// withoutHoles returns policies with a fixed text for each hole in a condition, and reports whether a hole is compared
// with wildcards. A value that is known only after apply does not depend on the caller.
func withoutHoles(policies []authz.Policy) (out []authz.Policy, wildcards bool) {
	out = slices.Clone(policies)
	for i := range out {
		doc, compared := accesscheck.WithoutHoles(out[i].Document)
		out[i].Document, wildcards = doc, wildcards || compared
	}
	return out, wildcards
}

// addTrusts adds the roles that principals outside the account may assume after the plan and could not before, or the
// reverse.
func (r *review) addTrusts(ctx context.Context) error {
	before, after := r.accountsOf.before, r.accountsOf.after
	names := map[string]bool{}
	for _, of := range []*account.Account{before, after} {
		for _, role := range of.Roles() {
			names[role.Name] = true
		}
	}
	for _, name := range sortedKeys(names) {
		changed := r.index.changed[entityKey(account.RoleKind, name)]
		if len(changed) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		old, oldErr := trusting(before, name)
		updated, newErr := trusting(after, name)
		if oldErr != nil || newErr != nil {
			r.notJudged(changed[0], "The trust policy of the role "+name+" cannot be evaluated.")
			continue
		}
		out := Resource{ARN: planned.ShowHoles(r.roleARN(name)), Type: "AWS::IAM::Role", Source: r.source(changed[0]),
			Gained: r.trustAccess(updated, old), Lost: r.trustAccess(old, updated)}
		if len(out.Gained)+len(out.Lost) > 0 {
			r.report.Resources = append(r.report.Resources, out)
		}
	}
	return nil
}

func (r *review) roleARN(name string) string {
	for _, of := range []*account.Account{r.accountsOf.after, r.accountsOf.before} {
		if role, ok := of.Role(name); ok {
			return of.ARN(account.RoleKind, role.Path, role.Name)
		}
	}
	return name
}

// assumeActions are the actions by which principals outside the account assume a role.
var assumeActions = []string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"}

// trusted is a principal outside the account that may assume a role.
type trusted struct {
	action, role string
	access.Finding
}

// trusting returns the principals outside the account that may assume a role.
func trusting(of *account.Account, name string) (out []trusted, err error) {
	role, ok := of.Role(name)
	if !ok {
		return nil, nil
	}
	arn := of.ARN(account.RoleKind, role.Path, role.Name)
	for _, action := range assumeActions {
		found, err := access.Outsiders(of, access.Question{Action: authz.MustAction(action), Resource: arn})
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if f.Answer != access.No {
				out = append(out, trusted{action, arn, f})
			}
		}
	}
	return out, nil
}

// trustAccess returns the principals that may assume a role on one side and not, or not under the same condition, on
// the other.
func (r *review) trustAccess(here, there []trusted) (out []ResourceAccess) {
	for _, t := range here {
		if slices.ContainsFunc(there, func(other trusted) bool {
			return other.action == t.action && other.Name == t.Name && other.Condition == t.Condition
		}) {
			continue
		}
		context, _ := exampleContext(t.Example)
		out = append(out, ResourceAccess{Principal: planned.ShowHoles(t.Name), Action: t.action,
			Resource: planned.ShowHoles(t.role), Context: context, Condition: planned.ShowHoles(t.Condition),
			Statements: r.statementsOf(trustStatements(t.Statements))})
	}
	return out
}

// trustStatements returns the statements of trust policies. The others are those of an account that is assumed to allow
// everything.
func trustStatements(refs []authz.StatementRef) []authz.StatementRef {
	return slices.DeleteFunc(slices.Clone(refs), func(ref authz.StatementRef) bool {
		return ref.Layer != authz.ResourcePolicy
	})
}

// addInstanceProfiles adds the instance profiles that give their instances another role.
func (r *review) addInstanceProfiles() {
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.Type != "aws_iam_instance_profile" && c.Type != "iam_instance_profile" || c.IsData {
			continue
		}
		old, updated := textOf(&c.Before, "role"), textOf(&c.After, "role")
		if profile, _, err := planned.InstanceProfile(c.Type, c.After); (err != nil || profile.UnknownRole) &&
			c.Before.Kind == tree.Object {
			r.notJudged(c, "The role of its instances is known only after apply.")
			continue
		}
		if updated == "" || old == updated || c.Before.Kind != tree.Object {
			continue // a new profile has no instances yet
		}
		name := textOf(&c.After, "name")
		r.addFinding(Finding{ID: checkInstanceProfile + "/" + name + "/" + updated, Check: checkInstanceProfile,
			Summary: fmt.Sprintf("The instances with the instance profile %q get the role %q instead of %q.", name, updated,
				old),
			Sources: []Source{r.source(c)}})
	}
}

// digest returns a short text that is the same as long as the documents are.
func digest(documents []tree.Node) string {
	texts := make([]string, len(documents))
	for i := range documents {
		texts[i] = treeText(&documents[i])
	}
	return digestTexts(texts...)
}

// treeText returns a text of a value without its positions.
func treeText(n *tree.Node) string {
	out := fmt.Sprintf("%d%q", n.Kind, n.Text)
	for i := range n.Elements {
		out += "[" + treeText(&n.Elements[i]) + "]"
	}
	for i := range n.Members {
		out += fmt.Sprintf("{%q:%s}", n.Members[i].Name, treeText(&n.Members[i].Value))
	}
	return out
}

// digestTexts returns a short text that stands for some texts.
func digestTexts(texts ...string) string {
	hash := sha256.New()
	for _, text := range texts {
		_, _ = fmt.Fprintf(hash, "%q\n", text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:4])
}
