package account

import "slices"

// WithVersionsOf returns the account with the versions that its managed policies have in another account.
func (a *Account) WithVersionsOf(other *Account) (*Account, error) {
	var changes []Change
	for _, p := range a.ManagedPolicies() {
		full, _ := other.Policy(p.ARN)
		count := len(p.Versions)
		for _, version := range full.Versions {
			if !slices.ContainsFunc(p.Versions, func(v Version) bool { return v.ID == version.ID }) {
				p.Versions = append(slices.Clip(p.Versions), version)
			}
		}
		if len(p.Versions) > count {
			changes = append(changes, p)
		}
	}
	return a.With(changes...)
}
