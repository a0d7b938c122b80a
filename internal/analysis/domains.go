package analysis

import (
	"slices"
	"strings"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// domain is the set of resources that a request for an action may have.
type domain struct {
	id int // distinguishes domains in the memory of the solver
	// star is set if a request may have the resource "*".
	star bool
	// texts are the forms of the ARNs in the catalog, and services their third fields, empty for one with a placeholder.
	texts, services []string

	once   sync.Once
	parsed []format
}

// formats returns the forms of the ARNs.
func (d *domain) formats() []format {
	d.once.Do(func() {
		for _, text := range d.texts {
			d.parsed = append(d.parsed, parseFormat(text)...)
		}
	})
	return d.parsed
}

// mayMatch reports whether a resource of the domain may match a pattern of an element. It compares the services only.
func (d *domain) mayMatch(s *solver, e *element) bool {
	if d.star || e.every || e.not || len(d.services) == 0 {
		return true
	}
	for _, id := range e.patterns {
		for _, service := range d.services {
			if service == "" || mayBeOf(&s.patterns[id], service) {
				return true
			}
		}
	}
	return false
}

// format is a form of ARNs.
type format struct {
	pattern pattern.Pattern
	// usual matches the ARNs of the form that read well.
	usual pattern.Pattern
	// service is the third field, or empty if it is not fixed.
	service string
}

// anyResource has "*" and every text with the six fields of an ARN. It is the domain of the actions that the catalog
// does not know.
var anyResource = domain{star: true, parsed: []format{{
	pattern: anyARN, usual: func() pattern.Pattern {
		arn := pattern.CutARN(pattern.Glob("arn:aws:*:us-east-1:" + usualAccount + ":*"))
		return arn.Fieldwise()
	}(),
}}}

// domains has the domains of the actions of the catalog.
type domains struct {
	byAction []*domain // by the action's ID
	count    int
}

var catalogDomains = sync.OnceValue(func() *domains {
	actions := catalog.Default().Actions()
	d := &domains{byAction: make([]*domain, len(actions))}
	byTypes := map[string]*domain{}
	for i := range actions {
		a := &actions[i]
		var key strings.Builder
		star := true
		for j := range a.Resources {
			use := &a.Resources[j]
			star = star && !use.Required
			key.WriteString(use.Type.Service.Prefix + ":" + use.Type.Name + " ")
		}
		if star {
			key.WriteByte('*')
		}
		known := byTypes[key.String()]
		if known == nil {
			known = &domain{id: 1 + len(byTypes), star: star}
			for j := range a.Resources {
				for _, text := range a.Resources[j].Type.ARNs {
					known.texts = append(known.texts, text)
					known.services = append(known.services, serviceOf(text))
				}
			}
			byTypes[key.String()] = known
		}
		d.byAction[i] = known
	}
	d.count = len(byTypes)
	return d
})

// serviceOf returns the third field of an ARN, or "" if it is not fixed.
func serviceOf(arn string) string {
	parts := strings.SplitN(arn, ":", 4)
	if len(parts) < 4 || strings.ContainsAny(parts[2], "*?$") {
		return ""
	}
	return parts[2]
}

// fields are patterns for the first placeholders of an ARN. Some resources, such as multi-region access points, have no
// region. "aws" is the account of AWS's own managed policies.
var fields = [...]struct{ region, account string }{{"?*-*", "????????????"}, {"", "????????????"}, {"", "aws"}}

// usualFields are the fields of ARNs that read well.
var usualFields = strings.NewReplacer("aws*", "aws", "?*-*", "us-east-1", "????????????", usualAccount)

// parseFormat reads a form of ARNs, such as arn:${Partition}:s3:::${BucketName}/${KeyName}. A placeholder has no
// colon, but the last one may have any text: many services have versions, aliases and parts of a resource, which no
// form of their own describes, as in function:NAME:ALIAS. If a colon of the form separates it from another
// placeholder, as in task-definition/${Family}:${Revision}, it has no colon either, and the identifiers of EC2 never
// have one.
func parseFormat(text string) (out []format) {
	read := func(glob string) pattern.Pattern {
		arn := pattern.CutARN(pattern.Glob(glob))
		p := arn.Fieldwise()
		resource := arn.Fields[pattern.ResourceField].String()
		last := strings.LastIndexByte(resource, '*')
		service, _ := arn.Fields[pattern.ServiceField].LiteralText()
		if last < 0 || service == "ec2" || separated(resource[:last]) {
			return p.WithoutColons()
		}
		head := pattern.CutARN(pattern.Glob(strings.TrimSuffix(glob, resource[last:])))
		before := head.Fieldwise()
		return pattern.Join(before.WithoutColons(), pattern.Glob(resource[last:]))
	}
	seen := map[string]bool{}
	for _, f := range fields {
		glob := placeholders(text, map[string]string{"Partition": "aws*", "Region": f.region, "Account": f.account})
		if seen[glob] {
			continue
		}
		seen[glob] = true
		one := format{pattern: read(glob), usual: read(usualFields.Replace(glob)), service: serviceOf(glob)}
		if f.account == "aws" && one.service != "iam" {
			continue // only managed policies
		}
		out = append(out, one)
	}
	return out
}

// separated reports whether a colon stands after the first placeholder of a resource's part.
func separated(resource string) bool {
	_, after, found := strings.Cut(resource, "*")
	return found && strings.Contains(after, ":")
}

// placeholders returns a text with a pattern in place of each placeholder: a given one, or a star.
func placeholders(text string, patterns map[string]string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		name, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(before)
		if p, given := patterns[name]; given {
			out.WriteString(p)
		} else {
			out.WriteByte('*')
		}
		text = rest
	}
}

// choice of actions for requests that differ in their resources only.
type actionChoice struct {
	name   string
	domain *domain
}

// choices returns one action for each domain among the actions of some classes. Known actions come first, and among
// them those that read.
func choicesOf(classes []*actionClass, usable func(name string) bool) (out []actionChoice) {
	actions, all := catalog.Default().Actions(), catalogDomains()
	seen := newBits(all.count + 1)
	for _, reads := range [...]bool{true, false} {
		for _, class := range classes {
			for _, id := range class.known {
				a, d := &actions[id], all.byAction[id]
				if !seen.has(d.id) && strings.HasPrefix(a.Name, "Get") == reads && usable(a.String()) {
					seen.add(d.id)
					out = append(out, actionChoice{a.String(), d})
				}
			}
		}
	}
	for _, class := range classes {
		for _, name := range class.names {
			if usable(name) {
				return append(out, actionChoice{name, &anyResource})
			}
		}
	}
	return slices.Clip(out)
}
