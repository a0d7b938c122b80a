package account

import (
	"encoding/json"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// identity is the record of a user, group or role.
type identity struct {
	name, path, id string
	created        int64 // seconds since 1970
	// references are the attached managed policies, followed by the groups. attached is the number of policies.
	references []slot
	boundary   slot // 0 for none
	attached   int32
	kind       Kind
	// extras is nil if all its fields are empty.
	extras *extras
}

// extras has the fields that most users, groups and roles do not need.
type extras struct {
	tags    []Tag
	inline  []inline
	unknown Unknown
	role    *role
}

// role has the fields that only roles have.
type role struct {
	description        string
	maxSessionDuration int
	lastUsed           int64
	lastUsedRegion     string
	instanceProfiles   []json.RawMessage
	trust              document
	// trustLayer is the trust policy as a resource policy for decisions.
	trustLayer authz.Layer
}

var noExtras extras

func (i *identity) extraFields() *extras {
	if i.extras == nil {
		return &noExtras
	}
	return i.extras
}

func (i *identity) policies() []slot { return i.references[:i.attached] }
func (i *identity) groups() []slot   { return i.references[i.attached:] }

// inline is the record of an inline policy.
type inline struct {
	name      string
	ownerKind Kind
	owner     string
	document  document
}

// String returns the name of the policy in decisions.
func (p *inline) String() string {
	return "inline policy " + p.name + " of " + p.ownerKind.String() + " " + p.owner
}

// managed is the record of a managed policy.
type managed struct {
	arn, id, description string
	created, updated     int64
	unattachable         bool
	tags                 []Tag
	current              int // index of the default version
	versions             []version
	compiled             *authz.Compiled
}

type version struct {
	id       string
	created  int64
	document Document
}

// String returns the name of the policy in decisions.
func (m *managed) String() string { return m.arn }

// pending is the record of a [Pending].
type pending struct {
	entry    Pending
	attached []slot
	groups   []slot
	inline   []inline
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func timeOf(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
