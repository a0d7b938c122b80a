package engine

import (
	"errors"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// This file converts records of the store into values of package account. Lists are in the order of
// that package, so that an updated account equals one that was read again.

// attachmentsOf has what is attached to an identity.
type attachmentsOf struct {
	inline   []account.InlinePolicy
	attached []string // ARNs
	groups   []string // names
	boundary string   // ARN
}

func identityValue(i store.Identity, has attachmentsOf) account.Change {
	slices.Sort(has.attached)
	slices.Sort(has.groups)
	var tags []account.Tag
	for _, t := range i.Tags {
		tags = append(tags, account.Tag{Key: t.Key, Value: t.Value})
	}
	switch i.Kind {
	case store.Group:
		return account.Group{
			Name: i.Name, Path: i.Path, ID: i.ID, Created: i.Created, Inline: has.inline, Attached: has.attached,
		}
	case store.Role:
		return account.Role{
			Name: i.Name, Path: i.Path, ID: i.ID, Created: i.Created, Tags: tags,
			Description: i.Description, MaxSessionDuration: i.MaxSessionDuration, Trust: account.Text(i.Trust),
			Inline: has.inline, Attached: has.attached, Boundary: has.boundary,
			LastUsed: i.LastUsed, LastUsedRegion: i.LastUsedRegion,
		}
	}
	return account.User{
		Name: i.Name, Path: i.Path, ID: i.ID, Created: i.Created, Tags: tags,
		Inline: has.inline, Attached: has.attached, Groups: has.groups, Boundary: has.boundary,
	}
}

// policyValue returns a managed policy with the given versions, which include the default version.
func policyValue(arn string, p store.Policy, versions ...store.PolicyVersion) account.Policy {
	value := account.Policy{
		ARN: arn, ID: p.ID, Description: p.Description, Created: p.Created, Updated: p.Updated, Default: versionID(p.DefaultVersion),
	}
	for _, t := range p.Tags {
		value.Tags = append(value.Tags, account.Tag{Key: t.Key, Value: t.Value})
	}
	for _, v := range versions {
		value.Versions = append(value.Versions, account.Version{ID: versionID(v.Number), Created: v.Created, Document: account.Text(v.Document)})
	}
	return value
}

func inlineValue(p store.InlinePolicy) account.InlinePolicy {
	return account.InlinePolicy{Name: p.Name, Document: account.Text(p.Document)}
}

// wholeAccount reads the whole account. Of managed policies it has the default versions.
func (e *Engine) wholeAccount(tx store.Tx) (*account.Account, error) {
	var changes []account.Change
	documents, arns := map[string]store.PolicyVersion{}, map[string]string{}
	for version, err := range tx.EachDefaultDocument() {
		if err != nil {
			return nil, err
		}
		documents[version.PolicyID] = version
	}
	for p, err := range tx.EachPolicy() {
		if err != nil {
			return nil, err
		}
		arns[p.ID] = e.policyARN(p)
		changes = append(changes, policyValue(arns[p.ID], p, documents[p.ID]))
	}

	var identities []store.Identity
	groupNames := map[string]string{}
	for i, err := range tx.EachIdentity() {
		if err != nil {
			return nil, err
		}
		identities = append(identities, i)
		if i.Kind == store.Group {
			groupNames[i.ID] = i.Name
		}
	}
	all := make(map[string]attachmentsOf, len(identities))
	for p, err := range tx.EachInlinePolicy() {
		if err != nil {
			return nil, err
		}
		has := all[p.IdentityID]
		has.inline = append(has.inline, inlineValue(p))
		all[p.IdentityID] = has
	}
	for links, err := range tx.EachAttachment() {
		if err != nil {
			return nil, err
		}
		has := all[links.From]
		has.attached = namesOf(links.To, arns)
		all[links.From] = has
	}
	for links, err := range tx.EachMembership() {
		if err != nil {
			return nil, err
		}
		has := all[links.From]
		has.groups = namesOf(links.To, groupNames)
		all[links.From] = has
	}
	for _, i := range identities {
		has := all[i.ID]
		has.boundary = arns[i.Boundary]
		changes = append(changes, identityValue(withoutUse(i), has))
	}
	return e.snapshots.empty(e.account).With(changes...)
}

// namesOf returns names by id.
func namesOf(ids []string, names map[string]string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, names[id])
	}
	return out
}

// withoutUse clears the fields of a record whose changes do not count as changes of the account.
func withoutUse(i store.Identity) store.Identity {
	i.LastUsed, i.LastUsedRegion = store.Identity{}.LastUsed, ""
	return i
}

// accountChange reads the present state of an identity or policy by its id.
func (e *Engine) accountChange(tx store.Tx, id string) (account.Change, error) {
	i, err := tx.IdentityByID(id)
	if err == nil {
		return e.identityChange(tx, withoutUse(i))
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	p, err := tx.PolicyByID(id)
	if errors.Is(err, store.ErrNotFound) {
		return account.RemoveID(id), nil
	}
	if err != nil {
		return nil, err
	}
	version, err := tx.PolicyVersion(id, p.DefaultVersion)
	return policyValue(e.policyARN(p), p, version), err
}

func (e *Engine) identityChange(tx store.Tx, i store.Identity) (account.Change, error) {
	var has attachmentsOf
	inline, err := tx.InlinePolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range inline {
		has.inline = append(has.inline, inlineValue(p))
	}
	attached, err := tx.AttachedPolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range attached {
		has.attached = append(has.attached, e.policyARN(p))
	}
	if i.Kind == store.User {
		groups, err := tx.GroupsOf(i.ID, store.Page{})
		if err != nil {
			return nil, err
		}
		for _, group := range groups {
			has.groups = append(has.groups, group.Name)
		}
	}
	if i.Boundary != "" {
		p, err := tx.PolicyByID(i.Boundary)
		if err != nil {
			return nil, err
		}
		has.boundary = e.policyARN(p)
	}
	return identityValue(i, has), nil
}
