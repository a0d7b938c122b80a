package planaccount

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// objects has the objects of the account that the resources of a plan stand for. It finds two kinds of overlap. Objects
// that the plan destroys at one address of the configuration and creates at another stay. Two resources that want
// different things of one object are an error.
//
// A provider does not learn the addresses of resources. objects therefore describes them by their type and content.
type objects struct {
	changes map[string][]planned.Change // every change that was planned, by type and objects
	holders map[planned.Object][]planned.Change
	owners  map[planned.Set]ownedSet
	dropped map[planned.Object]planned.Change
	configs map[int]tree.Node // by the number of the change
	// certain says that Terraform plans, and does not plan a change again to apply it: it has planned an unchanged
	// resource, or a destruction.
	certain bool
	// unrecorded has the objects that a resource gives up and no other one has, as long as it is not certain.
	unrecorded map[planned.Object]bool
}

// ownedSet is a set that one resource of the plan owns alone.
type ownedSet struct {
	set      planned.Set
	typeName string
	members  []planned.Object // sorted by name
	lists    map[planned.Object]bool
	complete bool // all members are known
}

// Overlaps is what [Account.PlanObjects] has found.
type Overlaps struct {
	// HandedOver has the objects that one resource of the plan gives up and another one has afterwards.
	HandedOver []planned.Object
	// Dropped has the objects that a resource gives up and no other one has, as far as the plan is known.
	Dropped []planned.Object
	// Created has the objects that the change creates.
	Created []planned.Object
	// Replaced has the objects that one resource destroys and creates again.
	Replaced []planned.Object
	// Conflicts describes the objects that two resources want differently.
	Conflicts []Conflict
}

// Conflict is an object, or a set of objects, that two resources want differently.
type Conflict struct{ Summary, Detail string }

// PlanObjects adds the objects of a planned change, and returns how they overlap with those of the other changes.
// config has the arguments in the configuration.
func (p *Account) PlanObjects(c planned.Change, config tree.Node) Overlaps {
	p.lock()
	defer p.unlock()
	if p.phase == applying {
		return Overlaps{}
	}
	found, newPlan := p.objects.put(c, config)
	if newPlan {
		p.answers = nil
		p.dangers.reset()
	}
	return found
}

// put adds the objects of a planned change. newPlan says that the change begins another plan.
func (o *objects) put(c planned.Change, config tree.Node) (found Overlaps, newPlan bool) {
	before, after := planned.Objects(c.Type, c.Before), planned.Objects(c.Type, c.After)
	key := fmt.Sprint(c.Type, before, after)
	if slices.ContainsFunc(o.changes[key], func(other planned.Change) bool { return equalChanges(c, other) }) ||
		o.changes == nil {
		// Terraform plans each resource once, so this is another plan of the same process, as in terraform test.
		newPlan = o.changes != nil
		*o = objects{changes: map[string][]planned.Change{}, holders: map[planned.Object][]planned.Change{},
			owners: map[planned.Set]ownedSet{}, dropped: map[planned.Object]planned.Change{},
			configs: map[int]tree.Node{}}
	}
	o.changes[key] = append(o.changes[key], c)
	o.certain = o.certain || c.After.Kind == tree.Null || equalNodes(c.Before, c.After)
	o.configs[c.Number] = config
	for _, object := range before {
		if slices.Contains(after, object) || !destroys(c, object) {
			continue
		}
		o.dropped[object] = c
		if len(o.holders[object]) > 0 {
			found.HandedOver = append(found.HandedOver, object)
		} else {
			found.Dropped = append(found.Dropped, object)
		}
	}
	for _, object := range after {
		if !slices.Contains(before, object) {
			found.Created = append(found.Created, object)
		}
		others := o.holders[object]
		if o.isDropped(object) {
			found.HandedOver = append(found.HandedOver, object)
		}
		switch replaced, conflict := o.overlap(c, object, others); {
		case conflict != nil:
			found.Conflicts = append(found.Conflicts, *conflict)
		case replaced:
			found.Replaced = append(found.Replaced, object)
		}
		o.holders[object] = append(others, c)
		if set, ok := planned.SetOf(object); ok {
			if owner, owned := o.owners[set]; owned {
				found.Conflicts = append(found.Conflicts, owner.disagreement(object, c.Type)...)
			}
		}
	}
	found.Conflicts = append(found.Conflicts, o.own(c)...)
	return found, newPlan
}

// WithHandovers calls record for each object, and tells it whether one resource of the plan gives the object up and
// another one has it afterwards. Calls of record do not overlap: the last one about an object knows all that was
// planned before it, so that the last record of the object agrees with the whole plan.
//
// Terraform plans a change again when it applies it, in another process that does not know the rest of the plan. What
// nobody has afterwards is therefore recorded only once it is certain that Terraform plans. Until then, the objects
// wait, and a later call records them.
func (p *Account) WithHandovers(objects []planned.Object, record func(object planned.Object, handedOver bool)) {
	p.recording.Lock()
	defer p.recording.Unlock()
	p.lock()
	certain := p.refreshed || p.objects.certain
	if certain {
		for object := range p.objects.unrecorded {
			objects = append(objects, object)
		}
		p.objects.unrecorded = nil
	}
	p.unlock()
	for _, object := range objects {
		p.lock()
		handedOver := p.objects.isDropped(object) && len(p.objects.holders[object]) > 0
		if !handedOver && !certain {
			if p.objects.unrecorded == nil {
				p.objects.unrecorded = map[planned.Object]bool{}
			}
			p.objects.unrecorded[object] = true
		}
		p.unlock()
		if handedOver || certain {
			record(object, handedOver)
		}
	}
}

// HasUnrecorded reports whether handovers wait that can be recorded now, see [Account.WithHandovers].
func (p *Account) HasUnrecorded() bool {
	p.lock()
	defer p.unlock()
	return (p.refreshed || p.objects.certain) && len(p.objects.unrecorded) > 0
}

// WillMake records that Terraform is about to create or change objects in an apply.
func (p *Account) WillMake(objects []planned.Object) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, object := range objects {
		p.made[object] = true
	}
}

// IsMade reports whether Terraform has created or changed an object in this apply, or is about to. Another resource
// that gives the object up must leave it.
func (p *Account) IsMade(object planned.Object) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made[object]
}

// isDropped reports whether the plan destroys an object at one address.
func (o *objects) isDropped(object planned.Object) bool {
	_, dropped := o.dropped[object]
	return dropped
}

// HandOver corrects the edits of users, groups and roles that the plan hands over: such an identity stays, and is not
// replaced. c is the change that completes the handover, and edits are its edits. HandOver corrects the edits of the
// other change itself.
func (p *Account) HandOver(ctx context.Context, handedOver []planned.Object, c planned.Change,
	edits []account.Edit) ([]account.Edit, error) {
	p.lock()
	defer p.unlock()
	for _, object := range handedOver {
		if object.Kind != planned.Identity || object.OwnerKind == account.PolicyKind {
			continue
		}
		other := p.objects.dropped[object]
		if c.After.Kind == tree.Null {
			holders := p.objects.holders[object]
			other = holders[len(holders)-1]
		}
		key, others, err := planned.Edits(other)
		if err == nil {
			_, err = p.addEdits(ctx, key, staying(object, others))
		}
		if err != nil {
			return nil, err
		}
		edits = staying(object, edits)
	}
	return edits, nil
}

// staying returns the edits without the removal of an identity, and with its creation as a change of the existing one.
func staying(object planned.Object, edits []account.Edit) (out []account.Edit) {
	for _, e := range edits {
		switch edit := e.(type) {
		case account.RemoveIdentity:
			if planned.IdentityObject(edit.Kind, edit.Name) == object {
				continue
			}
		case account.PlanIdentity:
			if edit.From == "" && planned.IdentityObject(edit.Kind, edit.Name) == object {
				edit.From = edit.Name
				e = edit
			}
		}
		out = append(out, e)
	}
	return out
}

// own adds the set that a change owns alone.
func (o *objects) own(c planned.Change) (conflicts []Conflict) {
	set, members, complete, ok := planned.Owned(c.Type, c.After)
	if !ok {
		return nil
	}
	owner := ownedSet{set: set, typeName: c.Type, members: members, complete: complete, lists: map[planned.Object]bool{}}
	for _, member := range members {
		owner.lists[member] = true
	}
	if other, owned := o.owners[set]; owned && !slices.Equal(members, other.members) {
		return []Conflict{{
			Summary: fmt.Sprintf("Two resources own the %s", set),
			Detail: fmt.Sprintf("This %s lists %s, and another %s of this configuration lists %s. Each removes what the other "+
				"adds, at every apply. Merge them into one resource.", c.Type, owner.describe(), other.typeName, other.describe()),
		}}
	}
	o.owners[set] = owner
	for object, holders := range o.holders {
		if s, ok := planned.SetOf(object); ok && s == set {
			conflicts = append(conflicts, owner.disagreement(object, holders[0].Type)...)
		}
	}
	slices.SortFunc(conflicts, func(a, b Conflict) int { return strings.Compare(a.Summary, b.Summary) })
	return conflicts
}

// destroys reports whether a change destroys an object that it had before. A changed name of a user or group renames
// it. A set that is destroyed may leave its members.
func destroys(c planned.Change, object planned.Object) bool {
	if c.After.Kind != tree.Null {
		renames := object.OwnerKind == account.UserKind || object.OwnerKind == account.GroupKind
		return object.Kind != planned.Identity || !renames
	}
	if _, _, _, owned := planned.Owned(c.Type, c.Before); !owned {
		return true
	}
	onDestroy, ok := c.Before.Member("on_destroy")
	return ok && onDestroy.Text == "remove"
}

// overlap compares a change with the other changes that have the same object afterwards. Several resources may stand
// for one membership or attachment. replaced says that the change is the second half of a replacement: Terraform plans
// it as a change without an earlier value, directly after the first half.
func (o *objects) overlap(c planned.Change, object planned.Object, others []planned.Change) (replaced bool,
	conflict *Conflict) {
	if object.Kind == planned.Member || object.Kind == planned.Attachment {
		return false, nil
	}
	for _, other := range others {
		same := sameArguments(o.configs[c.Number], o.configs[other.Number])
		switch {
		case c.Before.Kind == tree.Null && other.Before.Kind != tree.Null && same:
			replaced = true
		case same && c.Type == other.Type:
		default:
			return false, &Conflict{
				Summary: fmt.Sprintf("Two resources manage the same object: %s", object),
				Detail: fmt.Sprintf("This %s and another %s of this configuration have this name, with different arguments. Each "+
					"changes what the other sets, at every apply. Remove one of them, or give it another name. If this resource "+
					"replaces the other one, remove the other one in the same change.", c.Type, other.Type),
			}
		}
	}
	return replaced, nil
}

// disagreement returns the conflict with a resource that adds an object to the set. typeName is its type.
func (s ownedSet) disagreement(object planned.Object, typeName string) []Conflict {
	if !s.complete || s.lists[object] {
		return nil
	}
	return []Conflict{{
		Summary: fmt.Sprintf("Two resources disagree about the %s", object),
		Detail: fmt.Sprintf("An %s of this configuration adds it, and an %s lists all %s: %s. Each undoes the other at "+
			"every apply. Add it to the list, or remove the resource that adds it.", typeName, s.typeName, s.set, s.describe()),
	}}
}

// describe lists the members.
func (s ownedSet) describe() string {
	var names []string
	for _, m := range s.members {
		name := m.Name
		if s.set.Members == planned.Member {
			name = m.Owner
		}
		names = append(names, fmt.Sprintf("%q", name))
	}
	if !s.complete {
		names = append(names, "others that are known after apply")
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// sameArguments reports whether the configurations of two resources of one type have the same arguments. It ignores
// what is not known yet.
func sameArguments(a, b tree.Node) bool {
	for _, m := range a.Members {
		other, ok := b.Member(m.Name)
		if ok && m.Value.Kind != tree.Unknown && other.Kind != tree.Unknown && !equalNodes(m.Value, *other) {
			return false
		}
	}
	return true
}

func equalChanges(a, b planned.Change) bool {
	return equalNodes(a.Before, b.Before) && equalNodes(a.After, b.After)
}

func equalNodes(a, b tree.Node) bool {
	return a.Kind == b.Kind && a.Text == b.Text &&
		slices.EqualFunc(a.Elements, b.Elements, equalNodes) &&
		slices.EqualFunc(a.Members, b.Members, func(m, n tree.Member) bool {
			return m.Name == n.Name && equalNodes(m.Value, n.Value)
		})
}

// existingName is a planned creation of an object that exists already. It is provisional: Terraform may still plan to
// destroy the object at another address.
type existingName struct {
	object planned.Object
	// own says that this configuration made the object, so that its state may have it at another address.
	own             bool
	summary, detail string
}

func (*existingName) isProvisional() {}

// RefuseUnlessDropped adds an error, unless the plan destroys an existing object at one address. own says that this
// configuration made the object. RefuseUnlessDropped waits until Terraform has planned everything, see
// [Account.decide].
func (p *Account) RefuseUnlessDropped(ctx context.Context, object planned.Object, own bool, summary,
	detail string) diag.Diagnostics {
	p.lock()
	known := p.phase != planning || p.objects.isDropped(object)
	p.unlock()
	if known {
		return nil
	}
	return p.decideAll(ctx, nil, []provisional{&existingName{object, own, summary, detail}})
}

// takeExistingNames adds the errors about the found existing names and, if no other call waits, about all others. alone
// says that Terraform made no other call in the meantime. With -parallelism=1, it has no free slot for one, and may
// still plan to destroy the object: takeExistingNames then warns about an object that this configuration made. The
// caller holds the lock.
func (p *Account) takeExistingNames(found []provisional, alone bool, diags *diag.Diagnostics) {
	var refused []*existingName
	for c := range p.pending {
		if name, ok := c.(*existingName); ok && (p.waiting == 0 || slices.Contains(found, c)) {
			delete(p.pending, c)
			if p.phase == planning && !p.objects.isDropped(name.object) {
				refused = append(refused, name)
			}
		}
	}
	slices.SortFunc(refused, func(a, b *existingName) int { return strings.Compare(a.summary, b.summary) })
	for _, name := range refused {
		if alone && name.own && fewSlots() {
			diags.AddWarning(name.summary, "This configuration made it. If the plan destroys it at another address, it stays, "+
				"and this resource has it after the apply. Otherwise, the apply fails and changes nothing of it.\n\n"+name.detail)
		} else {
			diags.AddError(name.summary, name.detail)
		}
	}
}
