package policy

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// resourceUse reports the resources of a statement that none of its actions accepts, and the actions that accept none
// of its resources. Neither has an effect, in an Allow or in a Deny.
//
// A resource counts as accepted if it may name any ARN of the form that a resource type has in the catalog. A wildcard
// may therefore save an entry that has no effect, but no entry with an effect is reported.
//
// resourceUse skips the resources that have findings already. Their corrections may decide about the actions, too.
func (c *checker) resourceUse(s *Statement, k *knownActions, reported map[int]bool, at string) {
	if s.Resource == nil || s.Resource.Unknown || len(s.Resource.Values) == 0 || len(k.entries) == 0 {
		return
	}
	u := newUse(s.Resource, c.variables, c.catalog)
	if u.everything {
		return
	}
	actions := c.catalog.Actions()
	if !u.mark(k, actions, &c.comparisons) {
		return
	}
	idle := k.without(func(id int) bool { return u.actions[id] })
	starred, others := partition(idle, func(e knownAction) bool { return needsStar(e, actions) })
	if len(starred) > 0 {
		c.addActions(CodeStarOnlyAction, k, starred, "In the catalog of %[1]s, there is no type of resource for %[2]s, and "+
			"the resources of the statement do not include \"*\". Write a statement with the resource \"*\" for these "+
			"actions, because they have no effect here.")
	}
	if len(others) > 0 && !u.hasReported(reported) {
		c.addActions(CodeActionWithoutResource, k, others, "In the catalog of %[1]s, none of the resources of the statement "+
			"is of a type that is accepted by %[2]s. Add a resource for these actions, or remove them, because they have no "+
			"effect here.")
	}
	if k.open || len(idle) == len(k.entries) {
		return // nothing is certain, or a finding about the actions says the same
	}
	for _, r := range u.resources {
		if r.accepted || reported[r.index] {
			continue
		}
		v := s.Resource.Values[r.index]
		c.add(Warning, CodeResourceWithoutAction, s.Resource.ValuePath(at+".Resource", r.index), v.Pos, "In the catalog of "+
			"%s, no action of the statement accepts a resource such as %s, so it has no effect here. Add an action for it, or "+
			"correct the ARN.", c.catalog.Date(), Quote(v.Value))
	}
}

// addActions adds a finding about entries of an Action element. Its format has the date of the catalog and the entries.
func (c *checker) addActions(code Code, k *knownActions, entries []knownAction, format string) {
	first := entries[0].index
	c.add(Warning, code, k.list.ValuePath(k.path, first), k.list.Values[first].Pos, format, c.catalog.Date(),
		k.names(entries))
}

// partition splits entries into those with a property and the others.
func partition(entries []knownAction, has func(knownAction) bool) (with, without []knownAction) {
	for _, e := range entries {
		if has(e) {
			with = append(with, e)
		} else {
			without = append(without, e)
		}
	}
	return with, without
}

// needsStar reports whether no action of the entry has a resource type.
func needsStar(e knownAction, actions []catalog.Action) bool {
	return !slices.ContainsFunc(e.ids, func(id int) bool { return len(actions[id].Resources) > 0 })
}

// use is the Resource element of a statement, compared with the resource types of its actions.
type use struct {
	// everything says that a resource is "*", or is not known yet.
	everything bool
	resources  []usedResource
	// comparisons is the number to count for a comparison of all resources with a type.
	comparisons int
	// actions has the IDs of the statement's actions, and whether each accepts a resource. types has their resource types,
	// and whether a resource may be of the type.
	actions map[int]bool
	types   map[*catalog.ResourceType]bool
}

// usedResource is an entry of the Resource element.
type usedResource struct {
	index int // in the list
	arn   pattern.ARN
	// services have resource types with the service of the ARN.
	services []*catalog.Service
	// accepted says that an action accepts the resource.
	accepted bool
}

func newUse(l *List, variables bool, known *catalog.Catalog) *use {
	u := &use{actions: map[int]bool{}, types: map[*catalog.ResourceType]bool{}}
	for i, v := range l.Values {
		arn, err := ParseResource(v.Value, variables)
		if v.Unknown || err == nil && arn.Everything {
			u.everything = true
			return u
		}
		if err == nil { // Decode refuses other resources
			u.comparisons += comparisonsFor(len(v.Value))
			u.resources = append(u.resources, usedResource{index: i, arn: arn, services: servicesOf(&arn, known)})
		}
	}
	return u
}

// servicesOf returns the services that have resource types with the service of an ARN.
func servicesOf(arn *pattern.ARN, known *catalog.Catalog) []*catalog.Service {
	name, _ := arn.Fields[pattern.ServiceField].LiteralText()
	var out []*catalog.Service
	if s := known.Service(name); s != nil {
		out = append(out, s)
	}
	for _, t := range known.ResourceTypes(name) {
		if !slices.Contains(out, t.Service) {
			out = append(out, t.Service)
		}
	}
	return out
}

// hasReported reports whether a resource has a finding.
func (u *use) hasReported(reported map[int]bool) bool {
	return slices.ContainsFunc(u.resources, func(r usedResource) bool { return reported[r.index] })
}

// mark compares the resources with the resource types of the actions. It returns false if the comparisons run out.
func (u *use) mark(k *knownActions, actions []catalog.Action, comparisons *int) bool {
	for _, e := range k.entries {
		for _, id := range e.ids {
			if _, seen := u.actions[id]; seen {
				continue
			}
			a := &actions[id]
			if *comparisons -= len(u.resources)/32 + 1; *comparisons < 0 {
				return false
			}
			accepts := false
			for i := range u.resources {
				if r := &u.resources[i]; mayAccept(a, r) {
					r.accepted, accepts = true, true
				}
			}
			for i := range a.Resources {
				t := a.Resources[i].Type
				if _, seen := u.types[t]; !seen {
					if *comparisons -= u.comparisons; *comparisons < 0 {
						return false
					}
					u.types[t] = u.markType(t)
				}
				accepts = accepts || u.types[t]
			}
			u.actions[id] = accepts
		}
	}
	return true
}

// markType marks the resources that may be of a type, and reports whether there are any.
func (u *use) markType(t *catalog.ResourceType) bool {
	found := false
	forms := t.Patterns()
	for i := range u.resources {
		r := &u.resources[i]
		for j := range forms {
			if mayNameSame(&r.arn, &forms[j]) {
				r.accepted, found = true, true
				break
			}
		}
	}
	return found
}

// mayAccept reports whether an action may accept a resource that is of none of its types. AWS's reference does not list
// the type of resource that some actions create, such as eks:CreateCluster, nor all types of actions that write. Some
// actions without a resource type accept a pattern for all resources, such as s3:ListAllMyBuckets.
func mayAccept(a *catalog.Action, r *usedResource) bool {
	incomplete := strings.HasPrefix(a.Name, "Create") || len(a.Resources) == 0 && a.AccessLevel > catalog.Read
	return incomplete && slices.Contains(r.services, a.Service) ||
		len(a.Resources) == 0 && spansService(&r.arn, a.Service.Prefix)
}

// spansService reports whether a resource pattern may also stand for all resources of a service, or for all of a type,
// as in arn:aws:s3:::* and arn:aws:dynamodb:*:*:table/*. AWS compares such a pattern with an ARN of this form when it
// decides about some of the actions that have no resource types, such as s3:ListAllMyBuckets.
func spansService(arn *pattern.ARN, prefix string) bool {
	if !arn.Fields[pattern.ServiceField].Match(prefix) {
		return false
	}
	resource := &arn.Fields[pattern.ResourceField]
	if rest := resource.Rest(); !rest.IsEverything() {
		return false
	}
	kind := resource.Prefix()
	return kind == "" || strings.IndexAny(kind, "/:") == len(kind)-1
}
