// Package catalog describes the services of AWS: their actions, the types of their resources, and their condition keys.
//
// [Default] returns the catalog in the program. It is a snapshot of the service authorization reference, in which AWS
// publishes what each service supports: [Catalog.Date] is its date. AWS adds actions almost daily. An action that a
// catalog does not have may therefore exist, and the callers warn about it with the date of the catalog, but never
// refuse it.
//
// A catalog never changes. [Catalog.Load] returns another one, from a newer file or with the services that a user has
// defined. The guide "Policy checks" describes the files.
//
// The actions of a catalog are numbered without gaps, in their order: [Catalog.Actions] returns them all, so that sets
// of actions can be bit sets. The numbers of two catalogs differ.
//
// tools/catalog generates the file in the program. Package awspolicies has AWS's managed policies.
package catalog

import (
	"sort"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// Catalog has the services of AWS. The zero Catalog has none. Its methods may be called concurrently. The caller must
// not change the values that they return.
type Catalog struct {
	date     string
	text     string // all lines that the catalog was read from
	services []*Service
	// actions are in the order of folded, which has their names in lower case.
	actions []Action
	folded  []string
	// table is a hash table of the actions. An entry is the number of an action plus one, or zero.
	table []int32
	// keys are the condition keys by their name in lower case, and templates are those with a placeholder.
	keys      map[string]*ConditionKey
	templates []template
	// forms has the types of resource by the service in their ARNs.
	forms map[string][]*ResourceType
	// ordered has the keys in the order of their names.
	ordered []*ConditionKey
}

// Service is a service of AWS.
type Service struct {
	// Prefix begins the names of the service's actions: s3.
	Prefix string
	// Name is the service's name in AWS's documentation: Amazon S3.
	Name string
	// Actions are the service's actions in their order.
	Actions []Action
	// ResourceTypes are the types of the service's resources, in the order of their names.
	ResourceTypes []*ResourceType
}

// Action is an action of a service.
type Action struct {
	// ID is the number of the action, which is its index in [Catalog.Actions].
	ID      int
	Service *Service
	// Name is the action's name without the prefix of its service: GetObject.
	Name        string
	AccessLevel AccessLevel
	// Resources are the types of resource that the action accepts. An action without resource types works on all
	// resources at once: a policy must allow it on "*".
	Resources []ResourceUse
	// ConditionKeys are the keys of the service, and those for tags, that a request may have whatever its resource is.
	// [Action.Supplies] also considers the keys of the resources and the global keys.
	ConditionKeys []*ConditionKey
	// DependentActions are the full names of other actions that the caller needs, too.
	DependentActions []string

	full string
}

// String returns the full name of the action: s3:GetObject.
func (a *Action) String() string { return a.full }

// ResourceUse is a type of resource that an action accepts.
type ResourceUse struct {
	Type *ResourceType
	// Required says that each request names a resource of the type. A request for an action with several required types,
	// such as ec2:RunInstances, is allowed only if the policies allow the action on each of the resources.
	Required bool
	// ConditionKeys and DependentActions are those that the action has for this type only.
	ConditionKeys    []*ConditionKey
	DependentActions []string
}

// AccessLevel is AWS's classification of an action.
type AccessLevel uint8

// The access levels.
const (
	List AccessLevel = iota
	Read
	Write
	PermissionsManagement
	Tagging
)

var levelNames = [...]string{"List", "Read", "Write", "Permissions management", "Tagging"}

// String returns the name of the access level in AWS's documentation.
func (l AccessLevel) String() string { return levelNames[l] }

// Date returns the date of the catalog, as in 2026-09-26.
func (c *Catalog) Date() string { return c.date }

// Service returns the service with this prefix, whatever its case, or nil.
func (c *Catalog) Service(prefix string) *Service {
	prefix = ascii.Fold(prefix)
	i := sort.Search(len(c.services), func(i int) bool { return c.services[i].Prefix >= prefix })
	if i < len(c.services) && c.services[i].Prefix == prefix {
		return c.services[i]
	}
	return nil
}

// Actions returns all actions, in the order of their full names in lower case. The index of an action is its ID.
func (c *Catalog) Actions() []Action { return c.actions }

// Action returns the action with this full name, whatever its case, or nil. It does not allocate.
func (c *Catalog) Action(name string) *Action {
	if len(c.table) == 0 {
		return nil
	}
	mask := uint32(len(c.table) - 1) //nolint:gosec // the table has at most 2^31 entries
	for at := hash(name) & mask; c.table[at] != 0; at = (at + 1) & mask {
		if i := c.table[at] - 1; ascii.EqualFold(c.folded[i], name) {
			return &c.actions[i]
		}
	}
	return nil
}

// hash returns a hash of a name that does not depend on the case of its letters (FNV-1a). It also maps some other
// characters to each other.
func hash(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i]|0x20)) * 16777619
	}
	return h
}

// fillTable makes the hash table of the actions. At most half of its entries are used.
func (c *Catalog) fillTable() {
	size := 1
	for size < 2*len(c.actions)+1 {
		size *= 2
	}
	c.table = make([]int32, size)
	mask := uint32(size - 1) //nolint:gosec // positive
	for i := range c.folded {
		at := hash(c.folded[i]) & mask
		for c.table[at] != 0 {
			at = (at + 1) & mask
		}
		c.table[at] = int32(i + 1)
	}
}

func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?") }
