package engine

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// The audit record of a change contains digests of the changed objects, from before and after the change. Most objects
// are one row of the store, so a record covers exactly what its call changed. This file describes the kinds of objects
// and their contents: all that the store has about them, except for last uses and counts. Failed sign-ins and the
// audit trail are no objects.

// objectKind is a kind of objects that audit records cover. A new kind needs an entry in objectKinds, and the methods
// of [changeTracker] that replace the store's methods for changing its objects.
type objectKind struct {
	name string
	// read returns an object by its id. The error for a missing object is store.ErrNotFound.
	read func(tx store.Tx, id string) (audit.Object, error)
	// each iterates over all objects of the kind. The loop must not use the transaction.
	each func(tx store.Tx) iter.Seq2[audit.Object, error]
	// describe describes an object by its id. nameOf returns the name of any object by its id.
	describe func(id string, nameOf func(id string) string) string
}

// newObjectKind returns a kind whose objects are the records of type R. find returns a record by the object's id, all
// iterates over the records, and convert returns the object of a record, without its kind.
func newObjectKind[R any](name string, find func(tx store.Tx, id string) (R, error),
	all func(tx store.Tx) iter.Seq2[R, error], convert func(R) audit.Object,
	describe func(id string, nameOf func(id string) string) string) *objectKind {
	object := func(record R, err error) (audit.Object, error) {
		if err != nil {
			return audit.Object{}, err
		}
		converted := convert(record)
		converted.Kind = name
		return converted, nil
	}
	return &objectKind{
		name: name,
		read: func(tx store.Tx, id string) (audit.Object, error) { return object(find(tx, id)) },
		each: func(tx store.Tx) iter.Seq2[audit.Object, error] {
			return func(yield func(audit.Object, error) bool) {
				for record, err := range all(tx) {
					if !yield(object(record, err)) || err != nil {
						return
					}
				}
			}
		},
		describe: describe,
	}
}

// objectKinds lists all kinds.
var objectKinds = []*objectKind{
	identityObject, policyObject, policyVersionObject, inlinePolicyObject, attachmentObject, membershipObject,
	accessKeyObject, loginProfileObject, mfaDeviceObject, settingObject, revocationObject, accessAssertionObject,
}

var identityObject = newObjectKind("identity", store.Tx.IdentityByID, store.Tx.EachIdentity,
	func(i store.Identity) audit.Object {
		return audit.Object{ID: i.ID, Name: fmt.Sprintf("%s %q", i.Kind, i.Name), Content: audit.Content(nil).
			With("kind", string(i.Kind)).With("name", i.Name).With("path", i.Path).With("created", seconds(i.Created)).
			With("tags", tagTexts(i.Tags)...).With("boundary", i.Boundary).With("trust", i.Trust).
			With("description", i.Description).With("max session duration", number(i.MaxSessionDuration))}
	}, describeByName)

var policyObject = newObjectKind("policy", store.Tx.PolicyByID, store.Tx.EachPolicy,
	func(p store.Policy) audit.Object {
		return audit.Object{ID: p.ID, Name: fmt.Sprintf("policy %q", p.Name), Content: audit.Content(nil).
			With("owner", p.Owner).With("name", p.Name).With("path", p.Path).With("description", p.Description).
			With("created", seconds(p.Created)).With("updated", seconds(p.Updated)).
			With("default version", number(p.DefaultVersion)).With("last version", number(p.LastVersion)).
			With("tags", tagTexts(p.Tags)...)}
	}, describeByName)

var policyVersionObject = newObjectKind("policy-version",
	func(tx store.Tx, id string) (store.PolicyVersion, error) {
		policyID, version := splitObjectID(id)
		return tx.PolicyVersion(policyID, versionNumber(version))
	},
	func(tx store.Tx) iter.Seq2[store.PolicyVersion, error] {
		return ofEach(tx.EachPolicy(), func(p store.Policy) ([]store.PolicyVersion, error) { return tx.PolicyVersions(p.ID) })
	},
	func(v store.PolicyVersion) audit.Object {
		return audit.Object{ID: objectID(v.PolicyID, versionID(v.Number)),
			Content: audit.Content(nil).With("document", v.Document).With("created", seconds(v.Created))}
	},
	func(id string, nameOf func(string) string) string {
		policyID, version := splitObjectID(id)
		return fmt.Sprintf("version %s of %s", version, nameOf(policyID))
	})

var inlinePolicyObject = newObjectKind("inline-policy",
	func(tx store.Tx, id string) (store.InlinePolicy, error) {
		identityID, name := splitObjectID(id)
		return tx.InlinePolicy(identityID, name)
	},
	store.Tx.EachInlinePolicy,
	func(p store.InlinePolicy) audit.Object {
		return audit.Object{ID: objectID(p.IdentityID, ascii.Fold(p.Name)), Name: fmt.Sprintf("inline policy %q", p.Name),
			Content: audit.Content(nil).With("name", p.Name).With("document", p.Document)}
	},
	func(id string, nameOf func(string) string) string {
		identityID, _ := splitObjectID(id)
		return fmt.Sprintf("%s of %s", nameOf(id), nameOf(identityID))
	})

// link is an attachment, from an identity to a policy, or a membership, from a user to a group.
type link struct{ from, to string }

func (l link) object() audit.Object { return audit.Object{ID: objectID(l.from, l.to)} }

var attachmentObject = newObjectKind("attachment",
	func(tx store.Tx, id string) (link, error) {
		identityID, policyID := splitObjectID(id)
		attached, err := tx.AttachedPolicies(identityID, store.Page{})
		found := slices.ContainsFunc(attached, func(p store.Policy) bool { return p.ID == policyID })
		return foundLink(link{identityID, policyID}, found, err)
	},
	func(tx store.Tx) iter.Seq2[link, error] { return eachLink(tx.EachAttachment()) }, link.object,
	func(id string, nameOf func(string) string) string {
		identityID, policyID := splitObjectID(id)
		return fmt.Sprintf("attachment of %s to %s", nameOf(policyID), nameOf(identityID))
	})

var membershipObject = newObjectKind("membership",
	func(tx store.Tx, id string) (link, error) {
		userID, groupID := splitObjectID(id)
		groups, err := tx.GroupsOf(userID, store.Page{})
		found := slices.ContainsFunc(groups, func(g store.Identity) bool { return g.ID == groupID })
		return foundLink(link{userID, groupID}, found, err)
	},
	func(tx store.Tx) iter.Seq2[link, error] { return eachLink(tx.EachMembership()) }, link.object,
	func(id string, nameOf func(string) string) string {
		userID, groupID := splitObjectID(id)
		return fmt.Sprintf("membership of %s in %s", nameOf(userID), nameOf(groupID))
	})

var accessKeyObject = newObjectKind("access-key", store.Tx.AccessKey, store.Tx.EachAccessKey,
	func(k store.AccessKey) audit.Object {
		return audit.Object{ID: k.ID, Content: audit.Content(nil).With("user", k.UserID).
			With("active", strconv.FormatBool(k.Active)).With("created", seconds(k.Created)).With("secret", k.Secret)}
	},
	func(id string, _ func(string) string) string { return "access key " + id })

// A login profile object consists of the user's password and of the earlier passwords, which outlive the password.
var loginProfileObject = newObjectKind("login-profile", passwordsOf,
	func(tx store.Tx) iter.Seq2[store.LoginProfile, error] {
		return ofEach(tx.EachIdentity(), func(i store.Identity) ([]store.LoginProfile, error) {
			p, err := passwordsOf(tx, i.ID)
			if errors.Is(err, store.ErrNotFound) {
				return nil, nil
			}
			return []store.LoginProfile{p}, err
		})
	},
	func(p store.LoginProfile) audit.Object {
		return audit.Object{ID: p.UserID, Content: audit.Content(nil).With("created", seconds(p.Created)).
			With("hash", p.Hash).With("changed", seconds(p.Changed)).
			With("reset required", strconv.FormatBool(p.ResetRequired)).With("history", p.History...)}
	},
	func(id string, nameOf func(string) string) string { return "login profile of " + nameOf(id) })

var mfaDeviceObject = newObjectKind("mfa-device", store.Tx.MFADevice,
	func(tx store.Tx) iter.Seq2[store.MFADevice, error] {
		return eachOf(tx.MFADevices(store.AnyDevice, store.Page{}))
	},
	func(d store.MFADevice) audit.Object {
		return audit.Object{ID: ascii.Fold(d.Name), Name: fmt.Sprintf("MFA device %q", d.Name),
			Content: audit.Content(nil).With("name", d.Name).With("path", d.Path).With("created", seconds(d.Created)).
				With("tags", tagTexts(d.Tags)...).With("seed", d.Seed).With("user", d.UserID).
				With("enabled", seconds(d.Enabled)).With("last step", number(d.LastStep)).
				With("drift", number(d.Drift/time.Second))}
	}, describeByName)

var accessAssertionObject = newObjectKind("access-assertion", store.Tx.AccessAssertionByID,
	func(tx store.Tx) iter.Seq2[store.AccessAssertion, error] {
		return eachOf(tx.AccessAssertions(store.Page{}))
	},
	func(a store.AccessAssertion) audit.Object {
		return audit.Object{ID: a.ID, Name: fmt.Sprintf("access assertion %q", a.Name), Content: audit.Content(nil).
			With("name", a.Name).With("document", a.Document).With("protected", strconv.FormatBool(a.Protected)).
			With("created", seconds(a.Created)).With("updated", seconds(a.Updated))}
	}, describeByName)

var settingObject = newObjectKind("setting",
	func(tx store.Tx, id string) (store.Setting, error) {
		value, err := tx.Setting(id)
		return store.Setting{Name: id, Value: value}, err
	},
	func(tx store.Tx) iter.Seq2[store.Setting, error] {
		settings, err := tx.Settings()
		return eachOf(slices.DeleteFunc(settings, func(s store.Setting) bool { return isKeySetting(s.Name) }), err)
	},
	func(s store.Setting) audit.Object {
		return audit.Object{ID: s.Name, Content: audit.Content(nil).With("value", string(s.Value))}
	},
	func(id string, _ func(string) string) string { return fmt.Sprintf("setting %q", id) })

// isKeySetting reports whether a setting belongs to the master keys. Such a setting is no object, because the engine
// cannot open the store or verify the audit trail if somebody changes it.
func isKeySetting(name string) bool { return name == masterKeySetting || name == auditKeysSetting }

var revocationObject = newObjectKind("revocation", store.Tx.Revocation,
	func(tx store.Tx) iter.Seq2[store.Revocation, error] { return eachOf(tx.Revocations()) },
	func(r store.Revocation) audit.Object {
		return audit.Object{ID: r.Subject, Content: audit.Content(nil).
			With("before", number(r.Before.UnixNano())).With("forget", number(r.Forget.UnixNano()))}
	},
	func(id string, nameOf func(string) string) string { return "session revocation of " + nameOf(id) })

// passwordsOf returns the login profile of a user with its history. Without a login profile, it returns the history
// alone.
func passwordsOf(tx store.Tx, userID string) (store.LoginProfile, error) {
	p, err := tx.LoginProfile(userID)
	if !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	history, historyErr := tx.PasswordHistory(userID)
	if historyErr != nil || len(history) == 0 {
		return p, errors.Join(historyErr, err)
	}
	return store.LoginProfile{UserID: userID, History: history}, nil
}

func describeByName(id string, nameOf func(id string) string) string { return nameOf(id) }

// objectID returns the id of an object that belongs to another one.
func objectID(owner, rest string) string { return owner + "/" + rest }

func splitObjectID(id string) (owner, rest string) {
	owner, rest, _ = strings.Cut(id, "/")
	return owner, rest
}

// foundLink returns the link, and store.ErrNotFound if it was not found.
func foundLink(l link, found bool, err error) (link, error) {
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return l, err
}

// eachLink iterates over single links.
func eachLink(all iter.Seq2[store.Links, error]) iter.Seq2[link, error] {
	return func(yield func(link, error) bool) {
		for links, err := range all {
			if err != nil {
				yield(link{}, err)
				return
			}
			for _, to := range links.To {
				if !yield(link{links.From, to}, nil) {
					return
				}
			}
		}
	}
}

// eachOf iterates over a list.
func eachOf[R any](records []R, err error) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		if err != nil {
			var none R
			yield(none, err)
			return
		}
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
	}
}

// ofEach iterates over the records that belong to owners. It reads all owners first, so find may use the transaction.
func ofEach[O, R any](owners iter.Seq2[O, error], find func(owner O) ([]R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var all []O
		for owner, err := range owners {
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			all = append(all, owner)
		}
		for _, owner := range all {
			for record, err := range eachOf(find(owner)) {
				if !yield(record, err) || err != nil {
					return
				}
			}
		}
	}
}

// number returns a number as text, and 0 as "".
func number[N ~int | ~int64](n N) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

// seconds returns a time in whole seconds as text, and the zero time as "".
func seconds(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// tagTexts returns the keys and values of tags in turn.
func tagTexts(tags []store.Tag) []string {
	texts := make([]string, 0, 2*len(tags))
	for _, t := range tags {
		texts = append(texts, t.Key, t.Value)
	}
	return texts
}

// storedAccount is the account as a transaction sees it. It implements [audit.Account].
type storedAccount struct{ tx store.Tx }

func (a storedAccount) Objects() iter.Seq2[audit.Object, error] {
	return func(yield func(audit.Object, error) bool) {
		for _, kind := range objectKinds {
			for object, err := range kind.each(a.tx) {
				if !yield(object, err) || err != nil {
					return
				}
			}
		}
	}
}

func (a storedAccount) Describe(kind, id string, nameOf func(id string) string) string {
	for _, k := range objectKinds {
		if k.name == kind {
			return k.describe(id, nameOf)
		}
	}
	return fmt.Sprintf("%s %q", kind, id) // a kind of a later version
}
