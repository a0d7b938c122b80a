package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/shapes"
)

// table writes an answer for people: a list as a table, and any other member as a line with name and value.
func (w *writer) table(o shapes.Object) {
	var lists, others shapes.Object
	for _, m := range o {
		if _, ok := m.Value.([]any); ok {
			lists = append(lists, m)
		} else {
			others = append(others, m)
		}
	}
	flat := flatten("", others)
	names := make([]string, len(flat))
	for i, m := range flat {
		names[i] = m.Name
	}
	width := widest(names...)
	for _, m := range flat {
		w.printf("%s  %s\n", w.styled(bold, padRight(m.Name, width)), cell(m.Value))
	}
	for i, m := range lists {
		if len(flat) > 0 || i > 0 {
			w.printf("\n")
		}
		if len(flat) > 0 || len(lists) > 1 {
			w.printf("%s\n", m.Name)
		}
		w.rows(m.Name, m.Value.([]any))
	}
}

// rows writes a list as a table, with a column for each member of its elements.
func (w *writer) rows(name string, list []any) {
	var columns []string
	widths := map[string]int{}
	rows := make([]map[string]string, len(list))
	for i, element := range list {
		o, ok := element.(shapes.Object)
		if !ok {
			o = shapes.Object{{Name: name, Value: element}}
		}
		rows[i] = map[string]string{}
		for _, m := range flatten("", o) {
			if _, ok := widths[m.Name]; !ok {
				widths[m.Name] = len(m.Name)
				columns = append(columns, m.Name)
			}
			text := cell(m.Value)
			rows[i][m.Name] = text
			widths[m.Name] = max(widths[m.Name], widest(text))
		}
	}
	if len(list) == 0 {
		w.printf("none\n")
		return
	}
	line := func(style string, text func(name string) string) {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = w.styled(style, padRight(text(c), widths[c]))
		}
		w.printf("%s\n", strings.TrimRight(strings.Join(cells, "  "), " "))
	}
	line(bold, func(name string) string { return name })
	for _, row := range rows {
		line("", func(name string) string {
			if row[name] == "" {
				return "-"
			}
			return row[name]
		})
	}
}

// flatten replaces an inner structure by its members, with names such as RoleLastUsed.Region. If the
// structure is the only member, the names do not contain its name.
func flatten(prefix string, o shapes.Object) shapes.Object {
	if inner, ok := onlyStructure(o); ok && prefix == "" {
		return flatten("", inner)
	}
	var out shapes.Object
	for _, m := range o {
		if inner, ok := m.Value.(shapes.Object); ok {
			out = append(out, flatten(prefix+m.Name+".", inner)...)
			continue
		}
		out = append(out, shapes.Member{Name: prefix + m.Name, Value: m.Value})
	}
	return out
}

// onlyStructure returns the only member of a structure if it is a structure itself.
func onlyStructure(o shapes.Object) (shapes.Object, bool) {
	if len(o) != 1 {
		return nil, false
	}
	inner, ok := o[0].Value.(shapes.Object)
	return inner, ok
}

// cell returns a value as one line of text.
func cell(value any) string {
	switch v := value.(type) {
	case string:
		return printable(v)
	case json.RawMessage:
		var b bytes.Buffer
		if json.Compact(&b, v) == nil {
			return printable(b.String())
		}
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		text, err := json.Marshal(v)
		if err == nil {
			return printable(string(text))
		}
	}
	return printable(fmt.Sprint(value))
}
