package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// text returns the lines of the catalog.
func (d *packageData) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "catalog %s\n", d.date)
	d.writeKeys(&out)
	for _, prefix := range slices.Sorted(maps.Keys(d.services)) {
		s := d.services[prefix]
		fmt.Fprintf(&out, "service %s %s\n", prefix, d.serviceNames[prefix])
		for _, name := range slices.Sorted(maps.Keys(s.resources)) {
			t := s.resources[name]
			fmt.Fprintf(&out, "resource %s:%s", prefix, resourceName(t.Key))
			for form := range strings.SplitSeq(t.ARN, ", ") {
				out.WriteString(" " + form)
			}
			writeList(&out, "keys", keyNames(t.ConditionKeys))
			out.WriteByte('\n')
		}
		for _, name := range slices.Sorted(maps.Keys(s.actions)) {
			a := s.actions[name]
			fmt.Fprintf(&out, "action %s:%s %s", prefix, a.Name, accessLevel(a.AccessLevel))
			writeList(&out, "keys", keyNames(a.ConditionKeys))
			writeList(&out, "needs", a.DependentActions)
			out.WriteByte('\n')
			for _, use := range a.uses(s, prefix, name) {
				out.WriteString("on " + resourceName(use.Name))
				if use.Required {
					out.WriteString(" required")
				}
				writeList(&out, "keys", keyNames(use.ConditionKeys))
				writeList(&out, "needs", use.DependentActions)
				out.WriteByte('\n')
			}
		}
	}
	return out.String()
}

// sharedActions lists actions that AWS describes on two pages, those of two versions of a service. The package has only
// one of the two descriptions.
var sharedActions = map[string][]string{
	"apigateway":           {"delete", "get", "patch", "post", "put"},
	"elasticloadbalancing": {"addtags", "removetags"},
}

// uses returns the resource types of an action. A shared action may accept every type of its service.
func (a *action) uses(s *service, prefix, name string) []resourceUse {
	if !slices.Contains(sharedActions[prefix], name) {
		return a.ResourceTypes
	}
	var all []resourceUse
	for _, name := range slices.Sorted(maps.Keys(s.resources)) {
		all = append(all, resourceUse{Name: s.resources[name].Key})
	}
	return all
}

// writeKeys writes the condition keys. A key that several services have has one line. A key of the list of global keys
// is global, except for the keys of tags, which the list of an action has if the action supports them.
func (d *packageData) writeKeys(out *strings.Builder) {
	lines := map[string]string{} // by name in lower case
	for _, prefix := range slices.Sorted(maps.Keys(d.services)) {
		for _, key := range d.services[prefix].keys {
			name := keyName(key.Key)
			lines[strings.ToLower(name)] = fmt.Sprintf("key %s %s\n", name, key.Type)
		}
	}
	for _, key := range d.globalKeys {
		name := keyName(key.name)
		folded := strings.ToLower(name)
		if _, ok := lines[folded]; !ok || !strings.HasPrefix(folded, "aws:") {
			lines[folded] = fmt.Sprintf("key %s %s global\n", name, key.kind)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		out.WriteString(lines[name])
	}
}

// writeList writes a field with a list, unless the list is empty.
func writeList(out *strings.Builder, field string, names []string) {
	if len(names) > 0 {
		out.WriteString(" " + field + "=" + strings.Join(names, ","))
	}
}

var angleBrackets = regexp.MustCompile(`<([^<>]*)>`)

// keyName returns the name of a condition key with its placeholder in the form ${TagKey}. The package also has the
// forms <key> and tag-key.
func keyName(name string) string {
	if tag, ok := strings.CutSuffix(name, "/tag-key"); ok {
		return tag + "/${TagKey}"
	}
	return angleBrackets.ReplaceAllString(name, "$${$1}")
}

func keyNames(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = keyName(name)
	}
	return out
}

// resourceName returns the name of a resource type without spaces.
func resourceName(name string) string { return strings.ReplaceAll(name, " ", "-") }

// accessLevel returns the access level of the package's text, such as "Tagging, Write". AWS counts every action that
// tags resources or manages permissions as one that writes, too.
func accessLevel(text string) string {
	return strings.ReplaceAll(strings.TrimSuffix(text, ", Write"), " ", "-")
}
