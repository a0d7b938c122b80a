package planaccount

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// This file finds planned changes that the account would refuse in apply. Terraform plans in no fixed order, so that a
// later change may create what an earlier one names, or reduce a number that exceeds a quota. A finding is therefore
// provisional, like a violation of an assertion, see [Account.decide].
//
// Most plans create what they name. The facts about the planned changes then suffice, and the account is not read.

// refusalCheck checks one planned resource.
type refusalCheck struct {
	key      string
	typeName string
	refs     []planned.Reference
	trust    string // a new trust policy, or one that stays
	keptTo   bool   // the trust policy stays
	role     string
	quotas   []quota
	password *plannedPassword
}

// plannedPassword is a configured password and the names that it must not contain.
type plannedPassword struct {
	attribute, password string
	names               []string
	live                func(context.Context) (credential.PasswordPolicy, error)
}

// quota is a number of an owner that a planned change increases.
type quota struct {
	of        quotaKind
	kind      account.Kind
	name      string
	attribute string
}

type quotaKind uint8

const (
	attachedQuota quotaKind = iota
	inlineQuota
	groupsQuota
	keysQuota
	accountQuota
)

// refusal is a change that the account would refuse. warning says that the account would accept it.
type refusal struct {
	attribute       string
	summary, detail string
	warning         bool
}

// entity is a user, group or role by its folded name, or a policy by its ARN.
type entity struct {
	kind account.Kind
	name string
}

func entityOf(kind account.Kind, name string) entity {
	if kind != account.PolicyKind {
		name = ascii.Fold(name)
	}
	return entity{kind, name}
}

// refusals has the state of the checks of one plan.
type refusals struct {
	checks   map[string]*refusalCheck
	byEntity map[entity]map[string]bool // the keys of the checks that name an entity
	present  map[entity]bool            // planned to exist
	gone     map[entity]bool            // planned to be removed or renamed
	created  map[entity]bool
	creates  map[account.Kind]int
	added    map[quota]int // an upper bound of what the plan adds
	keys     map[string]int
	removed  map[string]map[string]bool // the access keys of each user that the plan deletes
	reported map[string]bool
	rules    *credential.PasswordPolicy // the planned password policy
	live     *account.Plan              // the live account without edits; nil until it is needed

	liveCounts map[account.Kind]int
}

func newRefusals() *refusals {
	return &refusals{
		checks: map[string]*refusalCheck{}, byEntity: map[entity]map[string]bool{}, present: map[entity]bool{},
		gone: map[entity]bool{}, created: map[entity]bool{}, creates: map[account.Kind]int{}, added: map[quota]int{},
		liveCounts: map[account.Kind]int{}, keys: map[string]int{},
		removed: map[string]map[string]bool{}, reported: map[string]bool{},
	}
}

// PlannedChange is a planned change with its edits, see [planned.Edits]. The check of another change may call its
// functions, with the context of that call.
type PlannedChange struct {
	planned.Change
	Key   string
	Edits []account.Edit
	// AccessKey is the id of an access key that the change deletes.
	AccessKey string
	Limits    func(context.Context) (engine.Limits, error)
	// LiveKeys returns the ids of the access keys that a user has now.
	LiveKeys func(ctx context.Context, user string) ([]string, error)
}

// CheckChange reports whether the account would refuse a planned change, or an earlier one because of it. Call it after
// [Account.Put] or [Account.Remove].
func (p *Account) CheckChange(ctx context.Context, c PlannedChange) diag.Diagnostics {
	p.lock()
	if p.phase == applying {
		p.unlock()
		return nil
	}
	if p.refusals == nil {
		p.refusals = newRefusals()
	}
	p.limits, p.liveKeys = c.Limits, c.LiveKeys
	check, affected := p.refusals.add(c)
	p.unlock()
	return p.checkRefusals(ctx, check, affected)
}

// TrustChecks returns the checks on the planned account or, during apply, on the live account.
func (p *Account) TrustChecks(ctx context.Context) (engine.PlanChecks, error) {
	p.lock()
	defer p.unlock()
	if p.phase != planning {
		live, err := p.store.Live(ctx)
		if err != nil {
			return engine.PlanChecks{}, err
		}
		return engine.PlanChecks{Plan: account.NewPlan(live)}, nil
	}
	plan, err := p.currentPlan(ctx)
	return engine.PlanChecks{Plan: plan}, err
}

// CheckPassword reports whether the planned password policy, or the live one, refuses a configured password.
func (p *Account) CheckPassword(ctx context.Context, attribute, user, password string,
	live func(context.Context) (credential.PasswordPolicy, error)) diag.Diagnostics {
	names := []string{user}
	if id, err := p.store.AccountID(ctx); err == nil {
		names = append(names, id)
	}
	p.lock()
	if p.phase == applying {
		p.unlock()
		return nil
	}
	if p.refusals == nil {
		p.refusals = newRefusals()
	}
	check := &refusalCheck{key: "password of " + ascii.Fold(user), typeName: "iam_user_login_profile",
		password: &plannedPassword{attribute, password, names, live}}
	p.refusals.checks[check.key] = check
	p.unlock()
	return p.checkRefusals(ctx, check, nil)
}

// PlanPasswordPolicy records the planned password policy.
func (p *Account) PlanPasswordPolicy(ctx context.Context, rules credential.PasswordPolicy) diag.Diagnostics {
	p.lock()
	if p.phase == applying {
		p.unlock()
		return nil
	}
	if p.refusals == nil {
		p.refusals = newRefusals()
	}
	p.refusals.rules = &rules
	var affected []*refusalCheck
	for _, c := range p.refusals.checks {
		if c.password != nil {
			affected = append(affected, c)
		}
	}
	p.unlock()
	return p.checkRefusals(ctx, nil, affected)
}

// checkRefusals evaluates the check of a change and those that the change affects. It reports warnings at once, and
// errors after Terraform has planned everything else.
func (p *Account) checkRefusals(ctx context.Context, own *refusalCheck, affected []*refusalCheck) diag.Diagnostics {
	var diags diag.Diagnostics
	p.lock()
	var open []provisional
	var failure error
	if p.phase == planning {
		for _, c := range append(slices.Clone(affected), own) {
			if c == nil {
				continue
			}
			found, err := p.refusalsOf(ctx, c)
			if err != nil {
				failure = err
				break
			}
			if slices.ContainsFunc(found, func(r refusal) bool { return !r.warning && !p.refusals.reported[r.summary] }) {
				open = append(open, c)
			}
			p.addRefusals(found, c == own, true, &diags)
		}
	}
	p.unlock()
	if failure != nil {
		diags.AddError("Planned account cannot be evaluated", "Checking whether the account would refuse the planned "+
			"change: "+failure.Error()+".")
		return diags
	}
	diags.Append(p.decideAll(ctx, own, open)...)
	return diags
}

// add records the facts of a planned change and returns its check, which is nil if the change needs none, and the
// earlier checks that the change may affect.
func (r *refusals) add(c PlannedChange) (check *refusalCheck, affected []*refusalCheck) {
	lost := map[entity]bool{}
	for _, edit := range c.Edits {
		switch e := edit.(type) {
		case account.PlanIdentity:
			r.present[entityOf(e.Kind, e.Name)] = true
			if e.From == "" {
				r.created[entityOf(e.Kind, e.Name)] = true
			} else if !ascii.EqualFold(e.From, e.Name) {
				lost[entityOf(e.Kind, e.From)] = true
			}
		case account.PutPolicy:
			r.present[entityOf(account.PolicyKind, e.ARN)] = true
		case account.RemoveIdentity:
			lost[entityOf(e.Kind, e.Name)] = true
		case account.RemovePolicy:
			lost[entityOf(account.PolicyKind, e.ARN)] = true
		}
	}
	for e := range lost {
		r.gone[e] = true
		for key := range r.byEntity[e] {
			if other := r.checks[key]; other != nil && !slices.Contains(affected, other) {
				affected = append(affected, other)
			}
		}
	}
	key := c.Type + " " + c.Key
	destroyed := c.After.Kind == tree.Null
	if user := ascii.Fold(textOf(c.Before, "user")); c.AccessKey != "" && (destroyed || c.Replaced) {
		if r.removed[user] == nil {
			r.removed[user] = map[string]bool{}
		}
		r.removed[user][c.AccessKey] = true
	}
	if destroyed {
		delete(r.checks, key)
		return nil, affected
	}
	check = &refusalCheck{key: key, typeName: c.Type, refs: planned.References(c.Change)}
	if c.Key == "" { // the type makes no edits
		check.key = fmt.Sprintf("%s %v", c.Type, check.refs)
	}
	check.addQuotas(r, c)
	if len(check.refs) == 0 && len(check.quotas) == 0 && check.trust == "" {
		return nil, affected
	}
	r.checks[check.key] = check
	for _, ref := range check.refs {
		r.refer(check.key, entityOf(ref.Kind, ref.Name))
	}
	return check, affected
}

// textOf returns the text of an attribute, or "" if it is null or unknown.
func textOf(value tree.Node, attribute string) string {
	if n, ok := value.Member(attribute); ok && n.Kind == tree.String {
		return n.Text
	}
	return ""
}

func (r *refusals) refer(key string, e entity) {
	if r.byEntity[e] == nil {
		r.byEntity[e] = map[string]bool{}
	}
	r.byEntity[e][key] = true
}

// addQuotas adds the quotas of the numbers that the change increases, and the trust policy.
func (check *refusalCheck) addQuotas(r *refusals, c PlannedChange) {
	add := func(of quotaKind, kind account.Kind, name, attribute string, count int) {
		q := quota{of, kind, ascii.Fold(name), attribute}
		check.quotas = append(check.quotas, q)
		q.attribute = ""
		r.added[q] += count
	}
	ownerOf := func(kind account.Kind) string {
		for _, ref := range check.refs {
			if ref.Kind == kind {
				return ref.Attribute
			}
		}
		return ""
	}
	for _, edit := range c.Edits {
		switch e := edit.(type) {
		case account.PlanIdentity:
			if e.From == "" && !c.Replaced && e.Name != "" {
				r.creates[e.Kind]++
				add(accountQuota, e.Kind, "", "name", 0)
			}
			check.addTrust(r, c, e)
		case account.PutPolicy:
			if c.Before.Kind == tree.Null && e.ARN != "" {
				r.creates[account.PolicyKind]++
				add(accountQuota, account.PolicyKind, "", "name", 0)
			}
		case account.Attach:
			if !e.Kept && !e.UnknownName {
				add(attachedQuota, e.Kind, e.Name, ownerOf(e.Kind), len(e.ARNs))
			}
		case account.OnlyAttached:
			if !e.Kept {
				add(attachedQuota, e.Kind, e.Name, ownerOf(e.Kind), len(e.ARNs))
			}
		case account.PutInline:
			if text, known := e.Policy.Document.Text(); known && !e.Kept && !e.UnknownName {
				add(inlineQuota, e.Kind, e.Name, ownerOf(e.Kind), len(text))
			}
		case account.Join:
			if !e.Kept && !e.UnknownUser {
				add(groupsQuota, account.UserKind, e.User, ownerOf(account.UserKind), len(e.Groups))
			}
		case account.OnlyMembers:
			if !e.Kept {
				for _, user := range e.Users {
					add(groupsQuota, account.UserKind, user, ownerOf(account.UserKind), 1)
				}
			}
		}
	}
	if user := textOf(c.After, "user"); c.Type == "iam_access_key" && c.Before.Kind == tree.Null && user != "" {
		r.keys[ascii.Fold(user)]++
		check.quotas = append(check.quotas, quota{keysQuota, account.UserKind, ascii.Fold(user), "user"})
	}
}

// addTrust adds the trust policy of a role, with the users and roles that it names.
func (check *refusalCheck) addTrust(r *refusals, c PlannedChange, e account.PlanIdentity) {
	text, known := e.Trust.Text()
	if e.Kind != account.RoleKind || !known || text == "" {
		return
	}
	check.role, check.trust = e.Name, text
	check.keptTo = !c.Replaced && textOf(c.Before, "assume_role_policy") == text
	for _, name := range engine.TrustedNames(text) {
		r.refer(check.key, entityOf(account.UserKind, name))
		r.refer(check.key, entityOf(account.RoleKind, name))
	}
}

// isPresent reports whether the facts of the plan show that an entity exists.
func (r *refusals) isPresent(e entity) bool { return r.present[e] && !r.gone[e] }

// refusalsOf evaluates a check on the planned account.
func (p *Account) refusalsOf(ctx context.Context, c *refusalCheck) (found []refusal, err error) {
	r := p.refusals
	var checks engine.PlanChecks
	load := func() error {
		if checks.Plan != nil {
			return nil
		}
		if checks.Limits, err = p.limits(ctx); err != nil {
			return err
		}
		checks.Plan, err = p.currentPlan(ctx)
		return err
	}
	for _, ref := range c.refs {
		e := entityOf(ref.Kind, ref.Name)
		if r.isPresent(e) || ref.Kept && !r.gone[e] {
			continue
		}
		if err := load(); err != nil {
			return nil, err
		}
		if refused := missingReference(checks, c, ref); refused != nil {
			found = append(found, *refused)
		}
	}
	if c.trust != "" && len(engine.TrustedNames(c.trust)) > 0 {
		if err := load(); err != nil {
			return nil, err
		}
		found = append(found, missingPrincipals(checks, c)...)
	}
	for _, q := range c.quotas {
		within, err := p.withinQuota(ctx, q)
		if err != nil {
			return nil, err
		}
		if within {
			continue
		}
		if err := load(); err != nil {
			return nil, err
		}
		refused, err := p.exceededQuota(ctx, checks, c, q)
		if err != nil {
			return nil, err
		}
		if refused != nil {
			found = append(found, *refused)
		}
	}
	if c.password != nil {
		refused, err := p.refusedPassword(ctx, c)
		if err != nil {
			return nil, err
		}
		found = append(found, refused...)
	}
	return found, nil
}

// withinQuota reports whether the facts of the plan show that a number is within its quota.
func (p *Account) withinQuota(ctx context.Context, q quota) (bool, error) {
	r := p.refusals
	limits, err := p.limits(ctx)
	if err != nil {
		return false, err
	}
	if q.of == accountQuota {
		if r.live == nil {
			live, err := p.store.Live(ctx)
			if err != nil {
				return false, err
			}
			r.live = account.NewPlan(live)
		}
		count, ok := r.liveCounts[q.kind]
		if !ok {
			count, _ = r.live.Count(q.kind)
			r.liveCounts[q.kind] = count
		}
		return limits.AllowsCount(q.kind, count+r.creates[q.kind]), nil
	}
	owner := entityOf(q.kind, q.name)
	if !r.created[owner] || r.gone[owner] {
		return false, nil
	}
	if q.of == keysQuota {
		return r.keys[q.name] <= limits.AccessKeysPerUser, nil
	}
	limit := map[quotaKind]map[account.Kind]int{
		attachedQuota: {account.UserKind: limits.AttachedPerUser, account.GroupKind: limits.AttachedPerGroup,
			account.RoleKind: limits.AttachedPerRole},
		inlineQuota: {account.UserKind: limits.UserPolicySize, account.GroupKind: limits.GroupPolicySize,
			account.RoleKind: limits.RolePolicySize},
		groupsQuota: {account.UserKind: limits.GroupsPerUser},
	}[q.of][q.kind]
	q.attribute = ""
	return r.added[q] <= limit, nil
}

// missingReference returns the refusal of a reference to an entity that the planned account does not have.
func missingReference(checks engine.PlanChecks, c *refusalCheck, ref planned.Reference) *refusal {
	var err error
	var removed bool
	var renamedTo string
	if ref.Kind == account.PolicyKind {
		err = checks.Policy(ref.Name, ref.Attribute == planned.BoundaryAttribute)
		_, removed = checks.Plan.PolicyExists(ref.Name)
	} else {
		err = checks.Entity(ref.Kind, ref.Name)
		of := checks.Plan.Entity(ref.Kind, ref.Name)
		removed, renamedTo = of.Removed, of.RenamedTo
	}
	if err == nil {
		return nil
	}
	object := fmt.Sprintf("%s %q", ref.Kind, ref.Name)
	out := &refusal{attribute: ref.Attribute}
	names := fmt.Sprintf("The attribute %s of this %s names the %s", ref.Attribute, c.typeName, object)
	switch {
	case renamedTo != "":
		out.summary = fmt.Sprintf("This plan renames the %s, and an %s still names it", object, c.typeName)
		out.detail = fmt.Sprintf("%s, and the plan renames it to %q. Refer to the resource that manages it, "+
			"iam_%s.LABEL.name, so that the name follows, or use the new name.", names, renamedTo, ref.Kind)
	case removed:
		out.summary = fmt.Sprintf("This plan removes the %s, and an %s still names it", object, c.typeName)
		out.detail = fmt.Sprintf("%s, and the plan removes it. Drop the reference, or keep the %s in the configuration.",
			names, ref.Kind)
	default:
		out.summary = fmt.Sprintf("The %s that an %s names does not exist", object, c.typeName)
		out.detail = fmt.Sprintf("%s. Neither the account nor this plan has it, so the account would answer: %s\n\n"+
			"Correct it, or create the %[3]s with a resource iam_%[3]s and refer to that resource, so that Terraform plans "+
			"it first.", names, apierror.Text(err), ref.Kind)
	}
	return out
}

// missingPrincipals returns the refusals because of the principals of a trust policy. A trust policy that stays is not
// refused, but it trusts nobody under the name.
func missingPrincipals(checks engine.PlanChecks, c *refusalCheck) []refusal {
	var found []refusal
	for _, missing := range checks.MissingPrincipals(c.trust) {
		r := refusal{attribute: "assume_role_policy", warning: c.keptTo}
		switch {
		case c.keptTo && missing.Name != "" && checks.Plan.Entity(missing.Kind, missing.Name).Removed:
			r.summary = fmt.Sprintf("This plan removes the %s %q, which the trust policy of role %q names", missing.Kind,
				missing.Name, c.role)
		case c.keptTo:
			r.summary = fmt.Sprintf("The trust policy of role %q names %q, which does not exist", c.role, missing.Principal)
		default:
			r.summary = fmt.Sprintf("The principal %q of a trust policy does not exist", missing.Principal)
			r.detail = fmt.Sprintf("The trust policy of role %q names it. Neither the account nor this plan has it, so the "+
				"account would answer: %s\n\nCorrect the ARN, or create the user or role and refer to its resource in the "+
				"trust policy, so that Terraform plans it first.", c.role, apierror.Text(missing.Err))
		}
		if c.keptTo {
			r.detail = "The stored policy trusts the unique id of the removed principal, so it will not trust a new " +
				"principal with the same name until it is set again. Remove the principal from assume_role_policy. " +
				"Until then, the plan ignores this difference."
		}
		found = append(found, r)
	}
	return found
}

// exceededQuota returns the refusal of a number that exceeds its quota.
func (p *Account) exceededQuota(ctx context.Context, checks engine.PlanChecks, c *refusalCheck, q quota) (*refusal,
	error) {
	owner := checks.Plan.Entity(q.kind, q.name)
	var err error
	var what string
	switch q.of {
	case attachedQuota:
		err = checks.Attached(q.kind, q.name)
		what = fmt.Sprintf("would have %d attached managed policies: %s", len(owner.Attached),
			strings.Join(owner.Attached, ", "))
	case inlineQuota:
		err = checks.InlineSize(q.kind, q.name)
		var names []string
		for _, policy := range owner.Inline {
			names = append(names, policy.Name)
		}
		what = "would have too large inline policies in total: " + strings.Join(names, ", ")
	case groupsQuota:
		err = checks.Groups(q.name)
		what = fmt.Sprintf("would be in %d groups: %s", len(owner.Groups), strings.Join(owner.Groups, ", "))
	case keysQuota:
		count, failure := p.accessKeys(ctx, q.name, checks.Plan)
		if failure != nil {
			return nil, failure
		}
		err, what = checks.AccessKeys(count), fmt.Sprintf("would have %d access keys", count)
	case accountQuota:
		if err = checks.AccountCount(q.kind); err == nil {
			return nil, nil
		}
		_, count := checks.Plan.Count(q.kind)
		return &refusal{attribute: q.attribute,
			summary: fmt.Sprintf("The account would have too many objects of the kind %s: %d", q.kind, count),
			detail: fmt.Sprintf("The account would answer: %s\n\nRemove some of them, or raise the limit with iam limits.",
				apierror.Text(err))}, nil
	}
	if err == nil {
		return nil, nil
	}
	return &refusal{attribute: q.attribute,
		summary: fmt.Sprintf("The %s %q %s", q.kind, owner.Name, what),
		detail: fmt.Sprintf("The account would answer: %s\n\nRemove some of them, or raise the limit with iam limits.",
			apierror.Text(err))}, nil
}

// accessKeys returns the planned number of access keys of a user.
func (p *Account) accessKeys(ctx context.Context, user string, plan *account.Plan) (int, error) {
	count := p.refusals.keys[user]
	owner := entityOf(account.UserKind, user)
	if p.refusals.created[owner] || p.liveKeys == nil {
		return count, nil
	}
	if _, exists := plan.Live().User(user); !exists {
		return count, nil
	}
	live, err := p.liveKeys(ctx, user)
	for _, id := range live {
		if !p.refusals.removed[user][id] {
			count++
		}
	}
	return count, err
}

// refusedPassword checks a configured password. The result does not contain it.
func (p *Account) refusedPassword(ctx context.Context, c *refusalCheck) ([]refusal, error) {
	rules := p.refusals.rules
	of := "the planned password policy"
	if rules == nil {
		live, err := c.password.live(ctx)
		if err != nil {
			return nil, err
		}
		rules, of = &live, "the account's password policy"
	}
	violations := rules.Check(c.password.password, c.password.names...)
	if len(violations) == 0 {
		return nil, nil
	}
	return []refusal{{attribute: c.password.attribute,
		summary: fmt.Sprintf("The password of user %q violates %s", c.password.names[0], of),
		detail: fmt.Sprintf("%s.\n\nChoose another password and increase password_wo_version, or change the policy.",
			strings.Join(violations, "; "))}}, nil
}

// addRefusals adds the refusals that were not reported before. own says that the diagnostics belong to the resource of
// the check. onlyWarnings leaves errors out.
func (p *Account) addRefusals(found []refusal, own, onlyWarnings bool, diags *diag.Diagnostics) {
	for _, r := range found {
		if r.warning != onlyWarnings || p.refusals.reported[r.summary] {
			continue
		}
		p.refusals.reported[r.summary] = true
		switch {
		case r.warning && own:
			diags.AddAttributeWarning(path.Root(r.attribute), r.summary, r.detail)
		case r.warning:
			diags.AddWarning(r.summary, r.detail)
		case own:
			diags.AddAttributeError(path.Root(r.attribute), r.summary, r.detail)
		default:
			diags.AddError(r.summary, r.detail)
		}
	}
}
