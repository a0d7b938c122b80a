package access

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// remaining is the set of the actions about which a comparison has not decided yet.
type remaining struct {
	catalog *catalog.Catalog
	// excluded are patterns of actions. Of services, all actions are excluded that the catalog does not have.
	excluded []string
	services []*catalog.Service
}

// exclude removes the class of an action, and returns the class.
func (r *remaining) exclude(action string) (service, level string) {
	service, _, _ = strings.Cut(action, ":")
	if known := r.catalog.Action(action); known != nil {
		for i := range known.Service.Actions {
			if other := &known.Service.Actions[i]; other.AccessLevel == known.AccessLevel {
				r.excluded = append(r.excluded, other.String())
			}
		}
		return service, known.AccessLevel.String()
	}
	if s := r.catalog.Service(service); s != nil {
		r.services = append(r.services, s)
	} else {
		r.excluded = append(r.excluded, service+":*")
	}
	return service, ""
}

// excludeUnlisted excludes the actions that the catalog does not have, of services of which a class is known to differ.
// That class says enough about them.
func (r *remaining) excludeUnlisted(found []Difference) {
	for _, d := range found {
		if s := r.catalog.Service(d.Service); s != nil && d.Level != "" && !slices.Contains(r.services, s) {
			r.services = append(r.services, s)
		}
	}
}

// layer returns a session policy that allows the remaining actions.
func (r *remaining) layer() *authz.Layer {
	not, only := &policy.List{}, &policy.List{}
	add := func(list *policy.List, action string) { list.Values = append(list.Values, policy.Text{Value: action}) }
	excluded := map[string]bool{}
	for _, action := range r.excluded {
		add(not, action)
		excluded[action] = true
	}
	for _, s := range r.services {
		add(not, s.Prefix+":*")
		for i := range s.Actions {
			if name := s.Actions[i].String(); !excluded[name] {
				add(only, name)
			}
		}
	}
	allow := policy.Text{Value: string(policy.Allow)}
	all := &policy.List{Values: []policy.Text{{Value: "*"}}, Single: true}
	doc := &policy.Document{Version: policy.Text{Value: policy.Version2012},
		Statements: []policy.Statement{{Effect: allow, NotAction: not, Resource: all}}}
	if len(only.Values) > 0 {
		doc.Statements = append(doc.Statements, policy.Statement{Effect: allow, Action: only, Resource: all})
	}
	l, err := authz.CompileLayer(authz.Session, []authz.Policy{{Name: "actions that remain to be compared",
		Document: doc}})
	if err != nil {
		panic("access: " + err.Error()) // the actions come from the catalog and from requests
	}
	return l
}
