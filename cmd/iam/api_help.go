package main

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/shapes"
)

// operationGroups assigns the operations to the groups of the help. An operation belongs to the first
// group with a word that its name contains.
var operationGroups = []struct {
	title string
	words []string
}{
	{"Questions", []string{"Simulate", "ContextKeys"}},
	{"Access keys", []string{"AccessKey"}},
	{"MFA devices", []string{"MFADevice"}},
	{"Passwords", []string{"Password", "LoginProfile"}},
	{"The account", []string{"Account", "CredentialReport", "LastAccessed"}},
	{"Instance profiles", []string{"InstanceProfile"}},
	{"Identity providers", []string{"OpenIDConnect", "SAML"}},
	{"Other credentials", []string{"SSHPublicKey", "SigningCertificate", "ServiceSpecific", "ServerCertificate"}},
	{"Groups", []string{"Group"}},
	{"Users", []string{"User"}},
	{"Roles", []string{"Role"}},
	{"Policies", []string{"Polic"}},
}

// sessionsGroup is the title of the group for the operations of STS.
const sessionsGroup = "Sessions (STS)"

// operationGroup returns the title of the group that an operation belongs to.
func operationGroup(op *model.Operation) string {
	if op.Service == "sts" {
		return sessionsGroup
	}
	for _, g := range operationGroups {
		for _, word := range g.words {
			if strings.Contains(op.Name, word) {
				return g.title
			}
		}
	}
	return ""
}

// listOperations writes all operations by group, each with its description.
func listOperations(w *writer) {
	byGroup := map[string][]*model.Operation{}
	var names []string
	for op := range apiOperations() {
		group := operationGroup(op.Model())
		byGroup[group] = append(byGroup[group], op.Model())
		names = append(names, op.Model().Name)
	}
	width := widest(names...)
	titles := []string{"Users", "Groups", "Roles", "Policies", "Access keys", "Passwords", "MFA devices", sessionsGroup,
		"Questions", "The account", "Instance profiles", "Identity providers", "Other credentials"}
	separator := ""
	for _, title := range titles {
		if len(byGroup[title]) == 0 {
			continue
		}
		w.printf("%s%s\n", separator, w.styled(bold, title))
		separator = "\n"
		for _, op := range byGroup[title] {
			w.printf("  %s  %s\n", padRight(op.Name, width), op.Doc)
		}
	}
}

// describeOperation writes the description of an operation and its parameters.
func describeOperation(w *writer, op *model.Operation) {
	w.printf("%s\n\n", op.Doc)
	w.printf("%s\n  iam api %s", w.styled(bold, "Usage:"), op.Name)
	optional := false
	for _, m := range op.Input.Members {
		if m.Required {
			w.printf(" %s=…", m.Wire)
		}
		optional = optional || !m.Required
	}
	if optional {
		w.printf(" [KEY=VALUE...]")
	}
	w.printf(" [-o json|table]\n")
	if len(op.Input.Members) > 0 {
		w.printf("\n%s\n", w.styled(bold, "Parameters:"))
		describeMembers(w, op.Input, "  ")
	}
	if op.Page != nil {
		w.printf("\niam prints the whole list unless you set %s or %s.\n", op.Page.InputToken, op.Page.LimitKey)
	}
	if len(op.Errors) > 0 {
		w.printf("\n%s\n  %s\n", w.styled(bold, "Errors:"), strings.Join(op.Errors, ", "))
	}
}

// describeMembers writes the members of a structure, and the members of inner structures with a larger indent.
func describeMembers(w *writer, shape *model.Shape, indent string) {
	for i := range shape.Members {
		m := &shape.Members[i]
		required := ""
		if m.Required {
			required = ", required"
		}
		w.printf("%s%s  %s%s\n", indent, w.styled(bold, m.Wire), shapes.TypeName(m.Shape)+constraints(m.Shape), required)
		if m.Doc != "" {
			w.printf("%s    %s\n", indent, m.Doc)
		}
		if m.Sensitive {
			w.printf("%s    Secret: write %s=@FILE, or %s=@- for standard input.\n", indent, m.Wire, m.Wire)
		}
		element := m.Shape
		for element.Type == model.List {
			element = element.Element
		}
		if element.Type == model.Structure {
			describeMembers(w, element, indent+"    ")
		}
	}
}

// constraints describes the valid values of a shape in words.
func constraints(shape *model.Shape) string {
	var out []string
	unit := map[model.Type]string{model.String: " characters", model.List: " elements"}[shape.Type]
	switch {
	case shape.HasMin && shape.HasMax:
		out = append(out, fmt.Sprintf("%d to %d%s", shape.Min, shape.Max, unit))
	case shape.HasMin && shape.Min > 0:
		out = append(out, fmt.Sprintf("at least %d%s", shape.Min, unit))
	case shape.HasMax:
		out = append(out, fmt.Sprintf("at most %d%s", shape.Max, unit))
	}
	if len(shape.Enum) > 0 {
		out = append(out, "one of "+strings.Join(shape.Enum, ", "))
	}
	if shape.Pattern != nil {
		out = append(out, "matching "+shape.Pattern.String())
	}
	if shape.Type == model.List {
		if inner := constraints(shape.Element); inner != "" {
			out = append(out, "each"+strings.TrimPrefix(inner, ","))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", " + strings.Join(out, ", ")
}
