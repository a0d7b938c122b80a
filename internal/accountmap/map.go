package accountmap

import (
	"cmp"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/graph"
)

// page is the data of the page.
type page struct {
	Account string `json:"account"`
	Made    string `json:"made"`
	// Administrator is [graph.Administrator].
	Administrator string       `json:"administrator"`
	Entities      []entity     `json:"entities"`
	Steps         []graph.Edge `json:"steps"`
	// Open has sentences about what could not be decided.
	Open []string `json:"open,omitempty"`
}

// entity is a user, group, role or managed policy.
type entity struct {
	Kind     string     `json:"kind"`
	Name     string     `json:"name"`
	ARN      string     `json:"arn"`
	About    string     `json:"about,omitempty"` // the description
	Created  string     `json:"created,omitempty"`
	Tags     []tag      `json:"tags,omitempty"`
	Groups   []string   `json:"groups,omitempty"`   // the ARNs of the groups of a user
	Attached []string   `json:"attached,omitempty"` // the ARNs of the attached policies
	Boundary string     `json:"boundary,omitempty"` // the ARN of the permissions boundary
	Inline   []document `json:"inline,omitempty"`
	Trust    string     `json:"trust,omitempty"`
	Document string     `json:"document,omitempty"` // the default version of a policy
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type document struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// entitiesOf returns the entities of an account: users, groups, roles and policies, each kind sorted by name.
func entitiesOf(of *account.Account) (out []entity) {
	used := map[string]bool{}
	add := func(kind account.Kind, path, name string, e entity) {
		e.Kind, e.Name, e.ARN = kind.String(), name, of.ARN(kind, path, name)
		slices.Sort(e.Attached)
		for _, arn := range append(e.Attached, e.Boundary) {
			used[arn] = true
		}
		out = append(out, e)
	}
	for _, u := range of.Users() {
		e := entity{Created: day(u.Created), Tags: tagsOf(u.Tags), Attached: slices.Clone(u.Attached), Boundary: u.Boundary,
			Inline: inlineOf(u.Inline)}
		for _, name := range u.Groups {
			if g, ok := of.Group(name); ok {
				e.Groups = append(e.Groups, of.ARN(account.GroupKind, g.Path, g.Name))
			}
		}
		slices.Sort(e.Groups)
		add(account.UserKind, u.Path, u.Name, e)
	}
	for _, g := range of.Groups() {
		add(account.GroupKind, g.Path, g.Name,
			entity{Created: day(g.Created), Attached: slices.Clone(g.Attached), Inline: inlineOf(g.Inline)})
	}
	for _, r := range of.Roles() {
		trust, _ := r.Trust.Text()
		add(account.RoleKind, r.Path, r.Name, entity{About: r.Description, Created: day(r.Created), Tags: tagsOf(r.Tags),
			Attached: slices.Clone(r.Attached), Boundary: r.Boundary, Inline: inlineOf(r.Inline), Trust: trust})
	}
	for _, p := range of.ManagedPolicies() {
		out = append(out, policyEntity(p))
		delete(used, p.ARN)
	}
	for arn := range used { // AWS's managed policies that are in use
		if p, ok := of.AWSPolicy(arn); ok {
			out = append(out, policyEntity(p))
		}
	}
	order := map[string]int{"user": 0, "group": 1, "role": 2, "policy": 3}
	slices.SortFunc(out, func(a, b entity) int {
		return cmp.Or(cmp.Compare(order[a.Kind], order[b.Kind]),
			cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ARN, b.ARN))
	})
	return out
}

func policyEntity(p account.Policy) entity {
	e := entity{Kind: account.PolicyKind.String(), Name: account.NameOf(p.ARN), ARN: p.ARN, About: p.Description,
		Created: day(p.Created), Tags: tagsOf(p.Tags)}
	for _, v := range p.Versions {
		if v.ID == p.Default {
			e.Document, _ = v.Document.Text()
		}
	}
	return e
}
