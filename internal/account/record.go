package account

import (
	"encoding/json"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// identity is a user, group or role as an account holds it.
type identity struct {
	name, path, id string
	created        int64 // seconds since 1970
	// references are the managed policies that are attached, then the groups.
	references []slot
	boundary   slot // 0 for none
	attached   int32
	kind       Kind
	// more is what many do not have; nil where there is none of it.
	more *more
}

type more struct {
	tags    []Tag
	inline  []inline
	unknown Unknown
	role    *role
}

// role is what only roles have.
type role struct {
	description        string
	maxSessionDuration int
	lastUsed           int64
	lastUsedRegion     string
	instanceProfiles   []json.RawMessage
	trust              document
	// trustLayer is the trust policy as the policy of a resource.
	trustLayer authz.Layer
}

var nothingMore more

func (i *identity) rest() *more {
	if i.more == nil {
		return &nothingMore
	}
	return i.more
}

func (i *identity) policies() []slot { return i.references[:i.attached] }
func (i *identity) groups() []slot   { return i.references[i.attached:] }

// inline is an inline policy. It is the name by which decisions cite it.
type inline struct {
	name     string
	of       Kind
	owner    string
	document document
}

// String is how decisions cite the policy.
func (p *inline) String() string {
	return "inline policy " + p.name + " of " + p.of.String() + " " + p.owner
}

// managed is a managed policy as an account holds it.
type managed struct {
	arn, id, description string
	created, updated     int64
	unattachable         bool
	tags                 []Tag
	current              int // the version in force
	versions             []version
	compiled             *authz.Compiled
}

type version struct {
	id       string
	created  int64
	document Document
}

// String is how decisions cite the policy.
func (m *managed) String() string { return m.arn }

// pending is a [Pending] as an account holds it.
type pending struct {
	given    Pending
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
