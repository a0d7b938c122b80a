package account

import "slices"

// Dependencies returns the unique ids of the users, groups, roles and policies that determine the access of a
// principal, in ascending order. The caller names the principal as in [Account.Principal]. The result is empty if the
// account does not have the principal.
//
// Dependencies does not follow trust policies: the roles that the principal may assume are not part of the result.
func (a *Account) Dependencies(principal string) []string {
	p, err := a.Principal(principal)
	if err != nil {
		return nil
	}
	i, err := a.find(p)
	if err != nil {
		return nil // the root user, whom no policy limits
	}
	ids := a.appendDependencies(nil, i)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// appendDependencies appends the ids of an identity, of its groups and of their policies.
func (a *Account) appendDependencies(ids []string, i *identity) []string {
	ids = append(ids, i.id)
	for _, s := range i.policies() {
		if m, _ := a.policies.at(s); m != nil {
			ids = append(ids, m.id)
		}
	}
	if i.boundary != 0 {
		if m, _ := a.policies.at(i.boundary); m != nil {
			ids = append(ids, m.id)
		}
	}
	for _, s := range i.groups() {
		if g, _ := a.groups.at(s); g != nil {
			ids = a.appendDependencies(ids, g)
		}
	}
	return ids
}
