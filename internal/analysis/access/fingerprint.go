package access

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// fingerprints tells which principals have the same access in two accounts because everything that determines it is the
// same.
type fingerprints struct {
	account *account.Account
	// policies has the digests of the default versions of managed policies, and groups those of groups.
	policies, groups map[string]digest
}

type digest [sha256.Size]byte

func newFingerprints(acc *account.Account) *fingerprints {
	return &fingerprints{account: acc, policies: map[string]digest{}, groups: map[string]digest{}}
}

// identity is everything that determines the access of a user, role or group.
type identity struct {
	ARN      string
	ID       string
	Tags     []account.Tag
	Inline   []digest
	Attached []digest
	Groups   []digest
	Boundary digest
	Trust    digest
}

// of returns everything about a user or role. ok is false if something is not known, or if the account does not have
// it.
func (f *fingerprints) of(p authz.Principal) (i identity, ok bool) {
	i = identity{ARN: p.String()}
	if p.Kind == authz.User {
		u, found := f.account.User(p.Name())
		if !found || u.Unknown != (account.Unknown{}) || f.account.ARN(account.UserKind, u.Path, u.Name) != i.ARN {
			return i, false
		}
		i.ID, i.Tags = u.ID, u.Tags
		i.Inline, i.Attached, ok = f.lists(u.Inline, u.Attached)
		for _, name := range u.Groups {
			group, known := f.group(name)
			i.Groups, ok = append(i.Groups, group), ok && known
		}
		i.Boundary, ok = f.boundary(u.Boundary, ok)
	} else {
		r, found := f.account.Role(p.Name())
		if !found || r.Unknown != (account.Unknown{}) || f.account.ARN(account.RoleKind, r.Path, r.Name) != i.ARN {
			return i, false
		}
		i.ID, i.Tags = r.ID, r.Tags
		i.Inline, i.Attached, ok = f.lists(r.Inline, r.Attached)
		i.Boundary, ok = f.boundary(r.Boundary, ok)
		trust, known := ofDocument(r.Trust) // says whether sessions may have tags
		i.Trust, ok = trust, ok && known
	}
	return i, ok
}

func (f *fingerprints) lists(inline []account.InlinePolicy, attached []string) (in, at []digest, ok bool) {
	ok = true
	for _, p := range inline {
		d, known := ofDocument(p.Document)
		in, ok = append(in, d), ok && known
	}
	for _, arn := range attached {
		d, known := f.policy(arn)
		at, ok = append(at, d), ok && known
	}
	return in, at, ok
}

func (f *fingerprints) boundary(arn string, ok bool) (digest, bool) {
	if arn == "" {
		return digest{}, ok
	}
	d, known := f.policy(arn)
	return d, ok && known
}

// policy returns the digest of a managed policy. It is the zero digest, and ok is false, if it is not known.
func (f *fingerprints) policy(arn string) (d digest, ok bool) {
	if d, ok := f.policies[arn]; ok {
		return d, d != digest{}
	}
	if p, found := f.account.Policy(arn); found {
		for _, v := range p.Versions {
			if v.ID == p.Default {
				d, _ = ofDocument(v.Document)
			}
		}
	}
	f.policies[arn] = d
	return d, d != digest{}
}

func (f *fingerprints) group(name string) (d digest, ok bool) {
	if d, ok := f.groups[name]; ok {
		return d, d != digest{}
	}
	g, found := f.account.Group(name)
	if found && g.Unknown == (account.Unknown{}) {
		in, at, known := f.lists(g.Inline, g.Attached)
		if known {
			d = ofValue(identity{Inline: in, Attached: at})
		}
	}
	f.groups[name] = d
	return d, d != digest{}
}

// ofDocument returns the digest of a document. A document that was given as a tree has none.
func ofDocument(d account.Document) (digest, bool) {
	text, ok := d.Text()
	if !ok {
		return digest{}, false
	}
	return sha256.Sum256([]byte(text)), true
}

func ofValue(i identity) digest {
	text, err := json.Marshal(i)
	if err != nil {
		panic("access: " + err.Error()) // the type has no value that cannot be encoded
	}
	return sha256.Sum256(text)
}
