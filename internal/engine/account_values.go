package engine

import (
	"errors"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// This file converts records of the store into values of package account. Lists have the order that
// package account uses, so that an updated account equals the same account read from the store.

// identityLinks has the policies and groups of an identity.
type identityLinks struct {
	inline   []account.InlinePolicy
	attached []string // ARNs of managed policies
	groups   []string // names
	boundary string   // the ARN of a managed policy
}

// identityValue returns a user, group or role as a value of package account.
func identityValue(i store.Identity, links identityLinks) account.Change {
	slices.Sort(links.attached)
	slices.Sort(links.groups)
	var tags []account.Tag
	for _, t := range i.Tags {
		tags = append(tags, account.Tag{Key: t.Key, Value: t.Value})
	}
	switch i.Kind {
	case store.Group:
		return account.Group{
			Name: i.Name, Path: i.Path, ID: i.ID, Created: i.Created, Inline: links.inline, Attached: links.attached,
		}
	case store.Role:
		return account.Role{
			Name: i.Name, Path: i.Path, ID: i.ID, Created: i.Created, Tags: tags,
			Description: i.Description, MaxSessionDuration: i.MaxSessionDuration, Trust: account.Stored(i.Trust),
			Inline: links.inline, Attached: links.attached, Boundary: links.boundary,
			LastUsed: i.LastUsed, LastUsedRegion: i.LastUsedRegion,
		}
	}
	return account.User{
		Name: i.Name, Path: i.Path, ID: i.ID, Created: i.Created, Tags: tags,
		Inline: links.inline, Attached: links.attached, Groups: links.groups, Boundary: links.boundary,
	}
}

// policyValue returns a managed policy with some of its versions. They must include the default version.
func policyValue(arn string, p store.Policy, versions ...store.PolicyVersion) account.Policy {
	value := account.Policy{
		ARN: arn, ID: p.ID, Description: p.Description, Created: p.Created, Updated: p.Updated,
		Default: versionID(p.DefaultVersion),
	}
	for _, t := range p.Tags {
		value.Tags = append(value.Tags, account.Tag{Key: t.Key, Value: t.Value})
	}
	for _, v := range versions {
		value.Versions = append(value.Versions,
			account.Version{ID: versionID(v.Number), Created: v.Created, Document: account.Stored(v.Document)})
	}
	return value
}

func inlineValue(p store.InlinePolicy) account.InlinePolicy {
	return account.InlinePolicy{Name: p.Name, Document: account.Stored(p.Document)}
}

// wholeAccount reads the whole account, with only the default version of each managed policy.
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
	all := make(map[string]identityLinks, len(identities))
	for p, err := range tx.EachInlinePolicy() {
		if err != nil {
			return nil, err
		}
		links := all[p.IdentityID]
		links.inline = append(links.inline, inlineValue(p))
		all[p.IdentityID] = links
	}
	for attachment, err := range tx.EachAttachment() {
		if err != nil {
			return nil, err
		}
		links := all[attachment.From]
		links.attached = mapIDs(attachment.To, arns)
		all[attachment.From] = links
	}
	for membership, err := range tx.EachMembership() {
		if err != nil {
			return nil, err
		}
		links := all[membership.From]
		links.groups = mapIDs(membership.To, groupNames)
		all[membership.From] = links
	}
	for _, i := range identities {
		links := all[i.ID]
		links.boundary = arns[i.Boundary]
		changes = append(changes, identityValue(withoutLastUse(i), links))
	}
	whole, err := e.snapshots.empty(e.account).With(changes...)
	if err != nil {
		return nil, err
	}
	return e.withAWSPolicies(tx, whole)
}

// mapIDs returns the name, or ARN, of each id.
func mapIDs(ids []string, names map[string]string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, names[id])
	}
	return out
}

// withoutLastUse clears the last use of a role. A use is not a change of the account, so the snapshots
// must not contain it.
func withoutLastUse(i store.Identity) store.Identity {
	i.LastUsed, i.LastUsedRegion = store.Identity{}.LastUsed, ""
	return i
}

// accountChange reads an identity or managed policy by its id. For a missing id, it returns the
// removal of the entity.
func (e *Engine) accountChange(tx store.Tx, id string) (account.Change, error) {
	i, err := tx.IdentityByID(id)
	if err == nil {
		return e.identityChange(tx, withoutLastUse(i))
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

// identityChange reads the policies and groups of an identity. It returns the change that adds the identity to an
// account.
func (e *Engine) identityChange(tx store.Tx, i store.Identity) (account.Change, error) {
	var links identityLinks
	inline, err := tx.InlinePolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range inline {
		links.inline = append(links.inline, inlineValue(p))
	}
	attached, err := tx.AttachedPolicies(i.ID, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range attached {
		links.attached = append(links.attached, e.policyARN(p))
	}
	if i.Kind == store.User {
		groups, err := tx.GroupsOf(i.ID, store.Page{})
		if err != nil {
			return nil, err
		}
		for _, group := range groups {
			links.groups = append(links.groups, group.Name)
		}
	}
	if i.Boundary != "" {
		p, err := tx.PolicyByID(i.Boundary)
		if err != nil {
			return nil, err
		}
		links.boundary = e.policyARN(p)
	}
	return identityValue(i, links), nil
}
