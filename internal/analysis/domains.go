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
	// formats are patterns for ARNs.
	formats []format
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
var anyResource = domain{star: true, formats: []format{{
	pattern: anyARN, usual: pattern.Glob("arn:aws:*:us-east-1:123456789012:*"),
}}}

// domains has the domains of the actions of the catalog.
type domains struct {
	byAction []*domain // by the action's ID
}

var catalogDomains = sync.OnceValue(func() *domains {
	actions := catalog.Default().Actions()
	d := &domains{byAction: make([]*domain, len(actions))}
	byTypes := map[string]*domain{}
	types := map[*catalog.ResourceType][]format{}
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
				t := a.Resources[j].Type
				if _, done := types[t]; !done {
					types[t] = formatsOf(t)
				}
				known.formats = append(known.formats, types[t]...)
			}
			byTypes[key.String()] = known
		}
		d.byAction[i] = known
	}
	return d
})

// formatsOf returns the forms of the ARNs of a type.
func formatsOf(t *catalog.ResourceType) (out []format) {
	for _, text := range t.ARNs {
		out = append(out, parseFormat(text)...)
	}
	return out
}

// fields are patterns for the first placeholders of an ARN. The empty field is for the ARNs of policies that leave out
// the region or the account, and "aws" for the resources of AWS itself.
var fields = [...]struct{ region, account string }{{"?*-*", "????????????"}, {"", "????????????"}, {"", ""}, {"", "aws"}}

// usualFields are the fields of ARNs that read well.
var usualFields = strings.NewReplacer("aws*", "aws", "?*-*", "us-east-1", "????????????", "123456789012")

// parseFormat reads a form of ARNs, such as arn:${Partition}:s3:::${BucketName}/${KeyName}. A placeholder has no colon, but
// the last one may have any text: many services have versions, aliases and parts of a resource, which no form of their
// own describes, as in function:NAME:ALIAS. If a colon of the form separates it from another placeholder, as in
// task-definition/${Family}:${Revision}, it has no colon either, and the identifiers of EC2 never have one.
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
		one := format{pattern: read(glob), usual: read(usualFields.Replace(glob))}
		if parts := strings.SplitN(glob, ":", 4); len(parts) == 4 && !strings.ContainsAny(parts[2], "*?") {
			one.service = parts[2]
		}
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

// choices returns one action for each domain among the actions of some classes. Known actions come first, and among them
// those that read.
func choicesOf(classes []*actionClass, usable func(name string) bool) (out []actionChoice) {
	seen := map[*domain]bool{}
	actions, all := catalog.Default().Actions(), catalogDomains()
	for _, reads := range [...]bool{true, false} {
		for _, class := range classes {
			for _, id := range class.known {
				a, d := &actions[id], all.byAction[id]
				if strings.HasPrefix(a.Name, "Get") == reads && !seen[d] && usable(a.String()) {
					seen[d] = true
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
